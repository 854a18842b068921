//! Events that Stripe sends (<https://docs.stripe.com/api/events/types>). They come in any order, and again. What an event says of a
//! payment is reported at once; of refunds and disputes it says a part only, so that Stripe is asked for the whole by a job.

use crate::api::{id_of, text};
use crate::looking::LookUp;
use crate::model::{Customer, Heard, MatterKind, Session, tell_staff};
use crate::reports::{self, intent_of, invoice_of};
use crate::saved;
use serde::Deserialize;
use serde_json::Value;
use tsudoi_plugin::payments::{self, Outcome};
use tsudoi_plugin::{Failure, Id, WebhookAnswer, WebhookRequest, When, context, jobs, warn};

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    livemode: bool,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

pub fn receive(request: &WebhookRequest) -> Result<WebhookAnswer, Failure> {
    let event: Event = request.json()?;
    let object = &event.data.object;
    let invoice = invoice_of(object);
    if let Some(invoice) = &invoice {
        same_mode(invoice, &event)?;
    }
    match (event.kind.as_str(), invoice) {
        ("checkout.session.completed", _) if text(object, "mode") == Some("setup") => saved::heard(object)?,
        (kind, invoice) if kind.starts_with("checkout.session.") => session(kind, invoice, object)?,
        ("payment_intent.succeeded" | "payment_intent.processing" | "payment_intent.canceled", Some(invoice)) => {
            reports::intent(&invoice, object)?;
        }
        ("payment_intent.payment_failed", Some(invoice)) => {
            if let (Some(id), Some(currency)) = (text(object, "id"), text(object, "currency")) {
                reports::say(&invoice, id, object["amount"].as_i64().unwrap_or_default(), currency, Outcome::Failed)?;
            }
        }
        ("charge.refunded" | "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated", _) => refund(object)?,
        ("charge.dispute.created" | "charge.dispute.closed", _) => dispute(object)?,
        ("payment_method.detached", _) => detached(object)?,
        ("customer.deleted", _) => customer_deleted(object)?,
        _ => (),
    }
    let heard = Heard { at: context::now(), kind: event.kind, livemode: event.livemode };
    Heard::COLLECTION.put(&Heard::place(), &heard)?;
    Ok(WebhookAnswer::text(200, "ok"))
}

/// An event of the other mode than that of the key which the invoice's session was made with is no event about this payment: nothing is
/// booked, and whoever looks at Stripe's list of deliveries sees why. It is not remembered, so that it counts once that is put right.
fn same_mode(invoice: &Id, event: &Event) -> Result<(), Failure> {
    let made = Session::COLLECTION.get(invoice)?.map(|session| session.body.livemode);
    if made.is_none_or(|livemode| livemode == event.livemode) {
        return Ok(());
    }
    let mode = |livemode| if livemode { "live" } else { "test" };
    let told = format!("{} is of {} mode, and the secret key is of {} mode", event.kind, mode(event.livemode), mode(!event.livemode));
    warn!("{told}");
    Err(Failure::conflict(told))
}

fn session(kind: &str, invoice: Option<Id>, object: &Value) -> Result<(), Failure> {
    let Some(invoice) = invoice else { return Ok(()) };
    let (Some(id), currency) = (text(object, "id"), text(object, "currency").unwrap_or_default()) else { return Ok(()) };
    let say = |outcome| match (intent_of(object), object["amount_total"].as_i64()) {
        (Some(intent), Some(amount)) => reports::say(&invoice, intent, amount, currency, outcome),
        _ => Ok(()),
    };
    let is_paid = text(object, "payment_status") == Some("paid");
    match kind {
        "checkout.session.completed" if !is_paid => say(Outcome::Pending)?,
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            say(Outcome::Paid)?;
            reports::is_over(&invoice, id)?;
        }
        "checkout.session.async_payment_failed" => {
            say(Outcome::Failed)?;
            reports::is_over(&invoice, id)?;
        }
        "checkout.session.expired" => reports::is_over(&invoice, id)?,
        _ => (),
    }
    Ok(())
}

/// A charge or a refund.
fn refund(object: &Value) -> Result<(), Failure> {
    if let (Some("refund"), Some("failed"), Some(id)) = (text(object, "object"), text(object, "status"), text(object, "id")) {
        warn!("the refund {id} has failed");
        tell_staff(MatterKind::RefundFailed, id)?;
    }
    look_up(object)
}

fn dispute(object: &Value) -> Result<(), Failure> {
    if let (Some(id), Some("won")) = (text(object, "id"), text(object, "status")) {
        tell_staff(MatterKind::DisputeWon, id)?;
    }
    look_up(object)
}

/// One job for each payment: it asks for all that is known by then.
fn look_up(object: &Value) -> Result<(), Failure> {
    if let Some(intent) = intent_of(object) {
        jobs::enqueue("look-up", &LookUp { intent: intent.to_owned() }, When::now().keyed(intent))?;
    }
    Ok(())
}

fn detached(object: &Value) -> Result<(), Failure> {
    let Some(method) = text(object, "id") else { return Ok(()) };
    for found in Customer::BY_METHOD.equal(method).page()?.documents {
        forget_card(&found.id, found.body)?;
    }
    Ok(())
}

/// The number stays: the one that is made after it has a key of its own by it.
fn customer_deleted(object: &Value) -> Result<(), Failure> {
    let Some(customer) = id_of(object, "id") else { return Ok(()) };
    for found in Customer::BY_CUSTOMER.equal(customer).page()?.documents {
        forget_card(&found.id, found.body)?;
    }
    Ok(())
}

/// The card is gone at Stripe.
fn forget_card(member: &Id, customer: Customer) -> Result<(), Failure> {
    payments::saved_method(member, None)?;
    Ok(Customer::COLLECTION.put(member, &Customer { method: None, ..customer })?)
}
