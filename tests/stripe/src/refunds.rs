//! *Refunds* and *Disputes*.

use crate::answer::{Answer, Outcome, amount, metadata, only, required};
use crate::state::State;
use serde_json::{Value, json};

impl State {
    pub fn create_refund(&mut self, given: &Value) -> Outcome {
        only(given, &["payment_intent", "amount", "metadata", "reason"])?;
        let intent = self.find("payment_intent", required(given, "payment_intent")?, Some("payment_intent"))?;
        let charge = self.objects.get(intent["latest_charge"].as_str().unwrap_or_default()).cloned().unwrap_or_default();
        if charge["status"] != "succeeded" {
            let message = format!("This PaymentIntent ({}) does not have a successful charge to refund.", intent["id"]);
            return Err(Answer::refused(Some("payment_intent_unexpected_state"), Some("payment_intent"), message));
        }
        let id = charge["id"].as_str().unwrap_or_default().to_owned();
        if charge["refunded"] == true {
            return Err(Answer::refused(Some("charge_already_refunded"), None, format!("Charge {id} has already been refunded.")));
        }
        if charge["disputed"] == true {
            return Err(Answer::refused(
                Some("charge_disputed"),
                None,
                format!("Charge {id} has been charged back; cannot issue a refund."),
            ));
        }
        let number = |value: &Value| value.as_i64().unwrap_or_default();
        let left = number(&charge["amount"]) - number(&charge["amount_refunded"]);
        let wanted = if given["amount"].is_null() { left } else { amount(given, "amount")? };
        if wanted > left {
            let message = format!("Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})");
            return Err(Answer::refused(None, Some("amount"), message));
        }
        let status = self.refunds_begin.clone();
        let refund = json!({
            "amount": wanted, "currency": charge["currency"], "charge": id, "payment_intent": intent["id"], "metadata": metadata(given)?,
            "reason": given["reason"], "status": status, "failure_reason": (status == "failed").then_some("declined"),
        });
        let refund = self.make("re", "refund", refund);
        self.tell("refund.created", &refund, None);
        if status != "failed" {
            let refunded = number(&charge["amount_refunded"]) + wanted;
            self.set(&id, json!({ "amount_refunded": refunded, "refunded": refunded == number(&charge["amount"]) }));
            self.tell("charge.refunded", &id, None);
        } else {
            self.tell("refund.failed", &refund, None);
        }
        Ok(self.get(&refund))
    }

    /// A refund that was on its way has arrived, or has come back.
    pub fn finish_refund(&mut self, id: &str, status: &str) {
        let refund = self.get(id);
        self.set(id, json!({ "status": status }));
        self.tell("refund.updated", id, Some(json!({ "status": refund["status"] })));
        if status == "failed" {
            let charge = refund["charge"].as_str().unwrap_or_default();
            let back = self.get(charge)["amount_refunded"].as_i64().unwrap_or_default() - refund["amount"].as_i64().unwrap_or_default();
            self.set(charge, json!({ "amount_refunded": back, "refunded": false }));
            self.set(id, json!({ "failure_reason": "unknown" }));
            self.tell("refund.failed", id, None);
        }
    }

    /// The payer's bank asks for the money back.
    pub fn open_dispute(&mut self, intent: &str) -> String {
        let of = self.get(intent);
        let charge = of["latest_charge"].as_str().unwrap_or_default().to_owned();
        self.set(&charge, json!({ "disputed": true }));
        let dispute = json!({
            "amount": of["amount_received"], "currency": of["currency"], "charge": charge, "payment_intent": intent, "metadata": {},
            "reason": "fraudulent", "status": "needs_response",
        });
        let id = self.make("du", "dispute", dispute);
        self.tell("charge.dispute.created", &id, None);
        id
    }

    pub fn close_dispute(&mut self, id: &str, is_won: bool) {
        self.set(id, json!({ "status": if is_won { "won" } else { "lost" } }));
        self.tell("charge.dispute.closed", id, None);
    }
}
