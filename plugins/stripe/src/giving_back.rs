//! Refunds that staff ask for (*Refunds*, create a refund).

use crate::amount;
use crate::api::{self, Form, Refusal, Trouble, text};
use crate::reports::INVOICE;
use serde_json::json;
use tsudoi_plugin::payments::Outcome;
use tsudoi_plugin::{Failure, GiveBack, Settlement, context, error};

pub fn refund(wish: &GiveBack) -> Result<Settlement, Failure> {
    let amount = amount::to_stripe(&wish.amount).map_err(|why| Failure::conflict(context::translate(why.message())))?;
    let form = Form::default()
        .with("payment_intent", &wish.reference)
        .with("amount", amount.to_string())
        .with(&format!("metadata[{INVOICE}]"), wish.invoice.as_str());
    match api::post("refunds", &form, &format!("refund-{}", wish.idempotency_key)) {
        Ok(refund) => Ok(Settlement { reference: wish.reference.clone(), outcome: outcome(text(&refund, "status")) }),
        Err(Trouble::Refused(refusal) | Trouble::Declined(refusal)) => Err(refused(&refusal)),
        Err(trouble) => Err(trouble.into_failure("refund-refused")),
    }
}

/// `pending` and `requires_action` end in a notice.
fn outcome(status: Option<&str>) -> Outcome {
    match status {
        Some("succeeded") => Outcome::Refunded,
        Some("failed" | "canceled") => Outcome::Failed,
        _ => Outcome::Pending,
    }
}

/// Staff read why.
fn refused(refusal: &Refusal) -> Failure {
    error!("Stripe refused a refund: {}", refusal.told());
    if matches!(refusal.status, 401 | 403) {
        return Failure::conflict(context::translate("key-refused"));
    }
    match refusal.code.as_deref() {
        Some("charge_already_refunded") => Failure::conflict(context::translate("refund-already")),
        Some("charge_disputed") => Failure::conflict(context::translate("refund-disputed")),
        _ => {
            let words = refusal.message.clone().or_else(|| refusal.code.clone()).unwrap_or_default();
            Failure::conflict(context::translate_with("refund-refused-because", &json!({ "words": words })))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_over_has_to_be_heard_of() {
        assert_eq!(outcome(Some("succeeded")), Outcome::Refunded);
        assert_eq!(outcome(Some("failed")), Outcome::Failed);
        assert_eq!(outcome(Some("canceled")), Outcome::Failed);
        for status in [Some("pending"), Some("requires_action"), Some("new"), None] {
            assert_eq!(outcome(status), Outcome::Pending, "{status:?}");
        }
    }
}
