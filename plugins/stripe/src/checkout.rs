//! Paying on Stripe's page: a Checkout Session for an invoice, used again while it can be paid.

use crate::amount;
use crate::api::{self, Form, Trouble, text};
use crate::model::{Customer, Session};
use crate::reports::{self, INVOICE};
use serde_json::Value;
use tsudoi_plugin::{Charge, Checkout, Failure, Id, context};

/// Where members find their invoices.
const INVOICES: &str = "/account/payments";
/// So long after a session was made somebody should have said what came of it.
pub const LOOK_AFTER_MILLIS: u64 = 60 * 60 * 1_000;
/// In characters.
const MOST_NAME: usize = 200;

pub fn begin(charge: &Charge) -> Result<Checkout, Failure> {
    let amount = amount::to_stripe(&charge.amount).map_err(|why| Failure::conflict(context::translate(why.message())))?;
    // All reading comes before the first request: after it the call can't be run again.
    let earlier = Session::COLLECTION.get(&charge.invoice)?.map(|earlier| earlier.body).filter(|earlier| earlier.look_at.is_some());
    let customer = Customer::COLLECTION.get(&charge.payer)?.map(|customer| customer.body);
    let form = session_form(charge, amount)?;
    if let Some(earlier) = earlier
        && let Some(checkout) = go_on(charge, &earlier, amount)?
    {
        return Ok(checkout);
    }
    let (session, customer) = with_customer(&charge.payer, customer, |customer, again| {
        let key = format!("{}-{amount}-{}{again}", charge.idempotency_key, context::locale());
        api::post("checkout/sessions", &form.clone().with("customer", customer), &key)
    })?;
    let (Some(id), Some(url)) = (text(&session, "id"), text(&session, "url")) else {
        return Err(Failure::Unavailable("Stripe answered a session without an address".into()));
    };
    if let Some(customer) = customer {
        Customer::COLLECTION.put(&charge.payer, &customer)?;
    }
    let now = context::now();
    let kept = Session {
        member: charge.payer.clone(),
        session: id.to_owned(),
        amount,
        livemode: session["livemode"] == Value::Bool(true),
        made_at: now,
        look_at: Some(now + LOOK_AFTER_MILLIS),
    };
    Session::COLLECTION.put(&charge.invoice, &kept)?;
    Ok(Checkout::Redirect(url.to_owned()))
}

fn session_form(charge: &Charge, amount: i64) -> Result<Form, Failure> {
    let (invoice, currency) = (charge.invoice.as_str(), charge.amount.currency.to_ascii_lowercase());
    let name: String = charge.description.chars().take(MOST_NAME).collect();
    let form = Form::default()
        .with("mode", "payment")
        .with("client_reference_id", invoice)
        .with(&format!("metadata[{INVOICE}]"), invoice)
        .with(&format!("payment_intent_data[metadata][{INVOICE}]"), invoice)
        .with("payment_intent_data[description]", &name)
        .with("line_items[0][quantity]", "1")
        .with("line_items[0][price_data][currency]", currency)
        .with("line_items[0][price_data][unit_amount]", amount.to_string())
        .with("line_items[0][price_data][product_data][name]", &name)
        // What is paid is what is due, in the currency of the books.
        .with("adaptive_pricing[enabled]", "false")
        .with("success_url", &charge.return_url)
        .with("cancel_url", &charge.return_url)
        .with("locale", if context::locale() == "ja" { "ja" } else { "en" });
    let descriptor: String = context::setting("descriptor")?;
    let descriptor = descriptor.trim();
    Ok(if descriptor.is_empty() { form } else { form.with("payment_intent_data[statement_descriptor_suffix]", descriptor) })
}

/// Where an invoice has a session already: how the payer goes on with it, or `None` where there is to be another one.
fn go_on(charge: &Charge, earlier: &Session, amount: i64) -> Result<Option<Checkout>, Failure> {
    let path = format!("checkout/sessions/{}", earlier.session);
    let session = match api::get(&path, &Form::default().with("expand[]", "payment_intent")) {
        Ok(session) => session,
        // It was made with another key.
        Err(Trouble::Refused(refusal)) if refusal.is_missing(None) => return Ok(None),
        Err(trouble) => return Err(trouble.into_failure("cannot-begin")),
    };
    match (text(&session, "status"), text(&session, "url")) {
        (Some("open"), Some(url)) if earlier.amount == amount => Ok(Some(Checkout::Redirect(url.to_owned()))),
        (Some("open"), _) => {
            // Something else was paid of the invoice meanwhile: nobody shall pay the old sum.
            let expired = api::post(&format!("{path}/expire"), &Form::default(), &format!("expire-{}", earlier.session));
            expired.map(|_| None).map_err(|trouble| trouble.into_failure("try-again"))
        }
        (Some("complete"), _) => match text(&session["payment_intent"], "status") {
            Some("processing") => Err(Failure::conflict(context::translate("under-way"))),
            Some("succeeded") => {
                // Its notice has not come yet.
                reports::intent(&charge.invoice, &session["payment_intent"])?;
                reports::is_over(&charge.invoice, &earlier.session)?;
                Ok(Some(Checkout::Redirect(INVOICES.into())))
            }
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

/// Asks for something as the member's customer, who is made where there is none, or where it is gone at Stripe. Answers the
/// customer where it is a new one. `ask` gets what distinguishes a second try's key from the first one's.
pub fn with_customer(
    member: &Id,
    known: Option<Customer>,
    ask: impl Fn(&str, &str) -> Result<Value, Trouble>,
) -> Result<(Value, Option<Customer>), Failure> {
    let make = |key: &str| {
        let form = Form::default().with("metadata[tsudoi_member]", member.as_str());
        let made = api::post("customers", &form, key).map_err(|trouble| trouble.into_failure("cannot-begin"))?;
        let id = text(&made, "id").ok_or_else(|| Failure::Unavailable("Stripe answered a customer without an id".into()))?;
        Ok::<_, Failure>(Customer { member: member.clone(), customer: id.to_owned(), method: None })
    };
    let failed = |trouble: Trouble| match &trouble {
        Trouble::Refused(refusal) if refusal.is("amount_too_small") => trouble.into_failure("amount-too-small"),
        Trouble::Refused(refusal) if refusal.is("amount_too_large") => trouble.into_failure("amount-too-large"),
        _ => trouble.into_failure("cannot-begin"),
    };
    let Some(known) = known else {
        let customer = make(&format!("customer-{member}"))?;
        return Ok((ask(&customer.customer, "").map_err(failed)?, Some(customer)));
    };
    match ask(&known.customer, "") {
        Ok(answer) => Ok((answer, None)),
        Err(Trouble::Refused(refusal)) if refusal.is_missing(Some("customer")) => {
            let customer = make(&format!("customer-{member}-after-{}", known.customer))?;
            Ok((ask(&customer.customer, "-again").map_err(failed)?, Some(customer)))
        }
        Err(trouble) => Err(failed(trouble)),
    }
}
