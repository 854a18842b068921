//! What is said of payments. A payment's reference is that of its PaymentIntent, `pi_…`; its metadata name the invoice.

use crate::amount;
use crate::api::{id_of, text};
use crate::model::{MatterKind, Session, tell_staff};
use serde_json::Value;
use tsudoi_plugin::payments::{self, Outcome};
use tsudoi_plugin::{Error, Failure, Id, info, warn};

/// The key of the metadata that names the invoice.
pub const INVOICE: &str = "tsudoi_invoice";

/// The invoice that an object's metadata name; nothing where it is not one of ours.
pub fn invoice_of(object: &Value) -> Option<Id> {
    Id::parse(text(&object["metadata"], INVOICE)?).ok()
}

/// Says what became of a payment, in Stripe's amount and currency.
pub fn say(invoice: &Id, reference: &str, stripe: i64, currency: &str, outcome: Outcome) -> Result<(), Failure> {
    let Some(money) = amount::from_stripe(stripe, currency) else {
        warn!("{reference}: {stripe} is no amount in {currency}");
        return Ok(tell_staff(MatterKind::OtherCurrency, reference)?);
    };
    match payments::report(invoice, reference, money, outcome) {
        Ok(()) => Ok(()),
        // Another organisation's, where two share an account at Stripe.
        Err(error) if error.is(Error::NOT_FOUND) => {
            info!("{reference} is of no invoice here");
            Ok(())
        }
        Err(error) if error.is(Error::MALFORMED) => {
            warn!("{reference}: {}", error.detail);
            Ok(tell_staff(MatterKind::OtherCurrency, reference)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Says how a PaymentIntent stands.
pub fn intent(invoice: &Id, intent: &Value) -> Result<(), Failure> {
    let (Some(id), Some(currency)) = (text(intent, "id"), text(intent, "currency")) else { return Ok(()) };
    let asked = intent["amount"].as_i64().unwrap_or_default();
    let (amount, outcome) = match text(intent, "status") {
        Some("succeeded") => (intent["amount_received"].as_i64().unwrap_or(asked), Outcome::Paid),
        Some("processing") => (asked, Outcome::Pending),
        Some("canceled") => (asked, Outcome::Failed),
        Some("requires_payment_method" | "requires_action") if intent["last_payment_error"].is_object() => (asked, Outcome::Failed),
        _ => return Ok(()),
    };
    say(invoice, id, amount, currency, outcome)
}

/// Of `refunds`, a list of Stripe's: the sum of what has been given back. What is on its way is not, and what failed never was.
pub fn given_back(refunds: &Value) -> i64 {
    let all = refunds["data"].as_array().into_iter().flatten();
    all.filter(|refund| refund["status"] == "succeeded").filter_map(|refund| refund["amount"].as_i64()).sum()
}

/// Of `disputes`: the sum of what payers got back through their banks.
pub fn lost(disputes: &Value) -> i64 {
    let all = disputes["data"].as_array().into_iter().flatten();
    all.filter(|dispute| dispute["status"] == "lost").filter_map(|dispute| dispute["amount"].as_i64()).sum()
}

/// Nothing more is to be heard of an invoice's session.
pub fn is_over(invoice: &Id, session: &str) -> Result<(), Failure> {
    let Some(kept) = Session::COLLECTION.get(invoice)? else { return Ok(()) };
    if kept.body.session == session && kept.body.look_at.is_some() {
        Session::COLLECTION.put(invoice, &Session { look_at: None, ..kept.body })?;
    }
    Ok(())
}

/// The PaymentIntent that an object belongs to.
pub fn intent_of(object: &Value) -> Option<&str> {
    id_of(object, "payment_intent")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_on_its_way_back_does_not_count() {
        let refund = |status: &str, amount: i64| json!({ "status": status, "amount": amount });
        let refunds = json!({ "data": [refund("succeeded", 300), refund("pending", 50), refund("failed", 20), refund("succeeded", 1)] });
        assert_eq!(given_back(&refunds), 301);
        assert_eq!(given_back(&json!({})), 0);
        assert_eq!(lost(&json!({ "data": [refund("won", 5), refund("lost", 7), refund("needs_response", 9)] })), 7);
    }

    #[test]
    fn only_our_metadata_name_an_invoice() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(invoice_of(&json!({ "metadata": { INVOICE: id } })).map(|id| id.to_string()), Some(id.to_owned()));
        for other in [json!({}), json!({ "metadata": { "invoice": id } }), json!({ "metadata": { INVOICE: "../1" } })] {
            assert_eq!(invoice_of(&other), None, "{other}");
        }
    }
}
