//! *PaymentIntents* and the charges that they make.

use crate::acts::Card;
use crate::answer::{Answer, Outcome, amount, currency, metadata, only, required, text};
use crate::state::State;
use serde_json::{Value, json};

/// What a new PaymentIntent is for.
pub struct Wish {
    pub amount: i64,
    pub currency: String,
    pub customer: Option<String>,
    pub description: Value,
    pub suffix: Value,
    pub metadata: Value,
}

impl State {
    pub fn make_intent(&mut self, wish: Wish) -> String {
        let id = self.make(
            "pi",
            "payment_intent",
            json!({
                "amount": wish.amount, "amount_received": 0, "currency": wish.currency, "customer": wish.customer, "description": wish.description,
                "latest_charge": null, "last_payment_error": null, "metadata": wish.metadata, "payment_method": null,
                "statement_descriptor_suffix": wish.suffix, "status": "requires_payment_method",
            }),
        );
        self.tell("payment_intent.created", &id, None);
        id
    }

    fn make_charge(&mut self, intent: &str, status: &str) -> String {
        let of = self.get(intent);
        let charge = self.make(
            "ch",
            "charge",
            json!({
                "amount": of["amount"], "amount_refunded": 0, "refunded": false, "currency": of["currency"], "customer": of["customer"],
                "disputed": false, "metadata": of["metadata"], "payment_intent": intent, "status": status, "paid": status == "succeeded",
                "payment_method": of["payment_method"], "description": of["description"],
            }),
        );
        self.set(intent, json!({ "latest_charge": charge }));
        charge
    }

    pub fn succeed(&mut self, intent: &str) {
        let charge = self.make_charge(intent, "succeeded");
        let amount = self.get(intent)["amount"].clone();
        self.set(intent, json!({ "status": "succeeded", "amount_received": amount, "last_payment_error": null }));
        self.tell("charge.succeeded", &charge, None);
        self.tell("payment_intent.succeeded", intent, None);
    }

    /// It is paid later: in a shop, by a transfer.
    pub fn process(&mut self, intent: &str) {
        self.set(intent, json!({ "status": "processing" }));
        self.tell("payment_intent.processing", intent, None);
    }

    pub fn decline(&mut self, intent: &str, code: &str, decline_code: Option<&str>) -> Answer {
        let charge = self.make_charge(intent, "failed");
        let message = if code == "authentication_required" {
            "Your card was declined. This transaction requires authentication."
        } else {
            "Your card was declined."
        };
        let error = json!({ "type": "card_error", "code": code, "decline_code": decline_code, "message": message, "charge": charge });
        self.set(intent, json!({ "status": "requires_payment_method", "payment_method": null, "last_payment_error": error }));
        self.tell("charge.failed", &charge, None);
        self.tell("payment_intent.payment_failed", intent, None);
        Answer::declined(code, decline_code, message, &self.get(intent))
    }

    /// Pays with a card: what its number stands for (Testing, *Cards by type of outcome*).
    pub fn confirm(&mut self, intent: &str, method: &str, is_payer_there: bool) -> Result<(), Answer> {
        let card = Card::of(&self.get(method));
        self.set(intent, json!({ "payment_method": method }));
        match card {
            Card::Declined | Card::DeclinedLater => Err(self.decline(intent, "card_declined", Some("generic_decline"))),
            Card::NeedsAuthentication if !is_payer_there => {
                Err(self.decline(intent, "authentication_required", Some("authentication_required")))
            }
            Card::Good | Card::NeedsAuthentication => {
                self.succeed(intent);
                Ok(())
            }
        }
    }

    pub fn create_intent(&mut self, given: &Value) -> Outcome {
        let known = ["amount", "currency", "customer", "payment_method", "off_session", "confirm", "description", "metadata"];
        only(given, &[&known[..], &["statement_descriptor_suffix", "payment_method_types"]].concat())?;
        let (amount, currency) = (amount(given, "amount")?, currency(given)?);
        let customer = text(given, "customer").map(str::to_owned);
        if let Some(customer) = &customer {
            self.find("customer", customer, Some("customer"))?;
        }
        let (confirms, off_session) = (given["confirm"] == "true", given["off_session"] == "true");
        if off_session && !confirms {
            return Err(Answer::refused(None, Some("off_session"), "off_session can only be used together with confirm."));
        }
        let method =
            if confirms { Some(required(given, "payment_method")?.to_owned()) } else { text(given, "payment_method").map(str::to_owned) };
        if let Some(method) = &method {
            let found = self.find("payment_method", method, Some("payment_method"))?;
            if found["customer"].as_str() != customer.as_deref() {
                let message = "The payment method does not belong to the customer that you provided.";
                return Err(Answer::refused(None, Some("payment_method"), message));
            }
        }
        let suffix = suffix(&given["statement_descriptor_suffix"])?;
        let wish = Wish { amount, currency, customer, description: given["description"].clone(), suffix, metadata: metadata(given)? };
        let id = self.make_intent(wish);
        match method {
            Some(method) if confirms => self.confirm(&id, &method, !off_session)?,
            Some(method) => self.set(&id, json!({ "payment_method": method, "status": "requires_confirmation" })),
            None => (),
        }
        Ok(self.get(&id))
    }

    pub fn cancel_intent(&mut self, id: &str, given: &Value) -> Outcome {
        only(given, &["cancellation_reason"])?;
        let intent = self.find("payment_intent", id, None)?;
        if matches!(intent["status"].as_str(), Some("succeeded" | "canceled" | "processing")) {
            let message = format!("You cannot cancel this PaymentIntent because it has a status of {}.", intent["status"]);
            return Err(Answer::refused(Some("payment_intent_unexpected_state"), None, message));
        }
        self.set(id, json!({ "status": "canceled" }));
        self.tell("payment_intent.canceled", id, None);
        Ok(self.get(id))
    }
}

/// At most 22 characters of Latin script, without `<>\'"*` (Statement descriptors).
pub fn suffix(given: &Value) -> Outcome {
    let Some(typed) = given.as_str() else { return Ok(Value::Null) };
    let is_right = (1..=22).contains(&typed.len()) && typed.is_ascii() && !typed.contains(['<', '>', '\\', '\'', '"', '*']);
    if is_right {
        Ok(given.clone())
    } else {
        Err(Answer::refused(None, Some("statement_descriptor_suffix"), "Invalid statement descriptor."))
    }
}
