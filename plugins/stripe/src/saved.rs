//! Cards that members save, and what is charged to them without them being there (*Checkout Sessions* in the mode `setup`,
//! *PaymentIntents* with `off_session`).

use crate::amount;
use crate::api::{self, Form, Trouble, id_of, text};
use crate::checkout::with_customer;
use crate::model::{Customer, Session};
use crate::reports::{self, INVOICE};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tsudoi_plugin::payments::{self, Outcome};
use tsudoi_plugin::{Charge, Checkout, Failure, Id, Job, Saving, Settlement, When, context, info, jobs, warn};

/// The key of the metadata that names who saves a card.
const MEMBER: &str = "tsudoi_member";

/// The payer wants to save a card: on a page of Stripe's.
pub fn save(wish: &Saving) -> Result<Checkout, Failure> {
    let customer = Customer::COLLECTION.get(&wish.payer)?.map(|customer| customer.body);
    let member = wish.payer.as_str();
    let form = Form::default()
        .with("mode", "setup")
        .with("currency", context::organisation()?.currency.to_ascii_lowercase())
        // What can be charged later without whoever it belongs to.
        .with("payment_method_types[0]", "card")
        .with(&format!("metadata[{MEMBER}]"), member)
        .with(&format!("setup_intent_data[metadata][{MEMBER}]"), member)
        .with("success_url", &wish.return_url)
        .with("cancel_url", &wish.return_url)
        .with("locale", if context::locale() == "ja" { "ja" } else { "en" });
    let (session, customer) = with_customer(&wish.payer, customer, |customer, again| {
        let key = format!("save-{}-{}{again}", wish.idempotency_key, context::locale());
        api::post("checkout/sessions", &form.clone().with("customer", customer), &key)
    })?;
    let url = text(&session, "url").ok_or_else(|| Failure::Unavailable("Stripe answered a session without an address".into()))?;
    if let Some(customer) = customer {
        Customer::COLLECTION.put(&wish.payer, &customer)?;
    }
    Ok(Checkout::Redirect(url.to_owned()))
}

#[derive(Debug, Serialize, Deserialize)]
struct NewCard {
    member: Id,
    setup_intent: String,
}

/// A session of the mode `setup` was completed; what card it is Stripe is asked for.
pub fn heard(session: &Value) -> Result<(), Failure> {
    let member = text(&session["metadata"], MEMBER).and_then(|member| Id::parse(member).ok());
    if let (Some(member), Some(setup_intent)) = (member, id_of(session, "setup_intent")) {
        let card = NewCard { member: member.clone(), setup_intent: setup_intent.to_owned() };
        jobs::enqueue("new-card", &card, When::now().keyed(member.as_str()))?;
    }
    Ok(())
}

/// Keeps the card that was saved, in the place of the one before.
pub fn new_card(job: &Job) -> Result<(), Failure> {
    let NewCard { member, setup_intent } = job.read()?;
    let Some(customer) = Customer::COLLECTION.get(&member)?.map(|customer| customer.body) else {
        info!("{setup_intent} is of no member here");
        return Ok(());
    };
    let form = Form::default().with("expand[]", "payment_method");
    let found = crate::looking::asked(&format!("setup_intents/{setup_intent}"), &form)?.unwrap_or_default();
    let method = &found["payment_method"];
    let Some(id) = text(method, "id").filter(|_| text(&found, "customer") == Some(&customer.customer)) else {
        warn!("{setup_intent} has no card of this member's");
        return Ok(());
    };
    let former = customer.method.clone().filter(|former| former != id);
    if let Some(former) = former {
        detach(&former, &job.idempotency_key)?;
    }
    payments::saved_method(&member, Some(&label(method)))?;
    Ok(Customer::COLLECTION.put(&member, &Customer { method: Some(id.to_owned()), ..customer })?)
}

/// `Visa •••• 4242`.
fn label(method: &Value) -> String {
    let card = &method["card"];
    let brand = text(card, "brand").unwrap_or("card");
    let name = match brand {
        "amex" => "American Express",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "mastercard" => "Mastercard",
        "unionpay" => "UnionPay",
        "visa" => "Visa",
        "discover" => "Discover",
        other => other,
    };
    format!("{name} •••• {}", text(card, "last4").unwrap_or("????"))
}

fn detach(method: &str, key: &str) -> Result<(), Failure> {
    match api::post(&format!("payment_methods/{method}/detach"), &Form::default(), &format!("detach-{method}-{key}")) {
        Ok(_) => Ok(()),
        // It is gone, or belongs to nobody, which is what was wanted.
        Err(Trouble::Refused(refusal)) if matches!(refusal.status, 400 | 404) => {
            info!("{method} was not there to be detached: {}", refusal.told());
            Ok(())
        }
        Err(trouble) => Err(trouble.into_failure("try-again")),
    }
}

fn settled(reference: &str, outcome: Outcome) -> Result<Settlement, Failure> {
    Ok(Settlement { reference: reference.to_owned(), outcome })
}

/// The payer's card is to be charged while they are away.
pub fn charge(charge: &Charge) -> Result<Settlement, Failure> {
    let amount = amount::to_stripe(&charge.amount).map_err(|why| Failure::conflict(context::translate(why.message())))?;
    let customer = Customer::COLLECTION.get(&charge.payer)?.map(|customer| customer.body);
    let open = Session::COLLECTION.get(&charge.invoice)?.map(|session| session.body).filter(|session| session.look_at.is_some());
    let Some((customer, method)) = customer.and_then(|customer| Some((customer.clone(), customer.method?))) else {
        return Err(Failure::conflict("no-saved-method"));
    };
    if let Some(intent) = open.map(|open| close(&open)).transpose()?.flatten() {
        // The payer was quicker: what comes of that is reported.
        reports::intent(&charge.invoice, &intent)?;
        return settled(text(&intent, "id").unwrap_or(&charge.idempotency_key), Outcome::Pending);
    }
    let form = Form::default()
        .with("amount", amount.to_string())
        .with("currency", charge.amount.currency.to_ascii_lowercase())
        .with("customer", &customer.customer)
        .with("payment_method", &method)
        .with("off_session", "true")
        .with("confirm", "true")
        .with("description", charge.description.chars().take(200).collect::<String>())
        .with(&format!("metadata[{INVOICE}]"), charge.invoice.as_str());
    let descriptor: String = context::setting("descriptor")?;
    let descriptor = descriptor.trim();
    let form = if descriptor.is_empty() { form } else { form.with("statement_descriptor_suffix", descriptor) };
    match api::post("payment_intents", &form, &format!("charge-{}", charge.idempotency_key)) {
        Ok(intent) => {
            let id = text(&intent, "id").ok_or_else(|| Failure::Unavailable("Stripe answered a payment without an id".into()))?;
            match text(&intent, "status") {
                Some("succeeded") => settled(id, Outcome::Paid),
                Some("processing") => settled(id, Outcome::Pending),
                status => {
                    warn!("{id} can't be paid while the payer is away: {}", status.unwrap_or_default());
                    settled(id, Outcome::Failed)
                }
            }
        }
        Err(Trouble::Declined(refusal)) => {
            warn!("a saved card was declined: {}", refusal.told());
            let id = refusal.payment_intent.as_ref().and_then(|intent| text(intent, "id"));
            settled(id.unwrap_or(&charge.idempotency_key), Outcome::Failed)
        }
        // The card, or its customer, is gone at Stripe.
        Err(Trouble::Refused(refusal)) if refusal.is_missing(Some("payment_method")) || refusal.is_missing(Some("customer")) => {
            // No failure of the call, since the member is to see that there is none any more.
            warn!("a saved card is gone: {}", refusal.told());
            payments::saved_method(&charge.payer, None)?;
            Customer::COLLECTION.put(&charge.payer, &Customer { method: None, ..customer })?;
            settled(&charge.idempotency_key, Outcome::Failed)
        }
        Err(trouble) => Err(trouble.into_failure("cannot-begin")),
    }
}

/// So that nobody pays a second time on a page that is still open. Answers the payment where it was paid there, or is on its way.
fn close(session: &Session) -> Result<Option<Value>, Failure> {
    let failed = |trouble: Trouble| trouble.into_failure("try-again");
    let path = format!("checkout/sessions/{}", session.session);
    match api::post(&format!("{path}/expire"), &Form::default(), &format!("expire-{}", session.session)) {
        Ok(_) => Ok(None),
        Err(Trouble::Refused(refusal)) if refusal.is_missing(None) => Ok(None),
        Err(Trouble::Refused(_)) => {
            let mut found = api::get(&path, &Form::default().with("expand[]", "payment_intent")).map_err(failed)?;
            let intent = found["payment_intent"].take();
            Ok(Some(intent).filter(|intent| matches!(text(intent, "status"), Some("succeeded" | "processing"))))
        }
        Err(trouble) => Err(failed(trouble)),
    }
}

/// The payer does not want the card to be kept any more.
pub fn forget(payer: &Id, idempotency_key: &str) -> Result<(), Failure> {
    let Some(customer) = Customer::COLLECTION.get(payer)?.map(|customer| customer.body) else { return Ok(()) };
    if let Some(method) = &customer.method {
        detach(method, idempotency_key)?;
    }
    payments::saved_method(payer, None)?;
    Ok(Customer::COLLECTION.put(payer, &Customer { method: None, ..customer })?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_card_is_called_by_its_brand_and_last_digits() {
        let label = |brand: &str| label(&json!({ "card": { "brand": brand, "last4": "4242" } }));
        assert_eq!(label("visa"), "Visa •••• 4242");
        assert_eq!(label("jcb"), "JCB •••• 4242");
        assert_eq!(label("newcard"), "newcard •••• 4242");
    }
}
