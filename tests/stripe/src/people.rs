//! *Customers*, *PaymentMethods* and *SetupIntents*.

use crate::acts::Card;
use crate::answer::{Outcome, metadata, only, required, text};
use crate::state::State;
use serde_json::{Value, json};

impl State {
    pub fn create_customer(&mut self, given: &Value) -> Outcome {
        only(given, &["name", "email", "description", "phone", "metadata", "preferred_locales"])?;
        let object = json!({
            "name": given["name"], "email": given["email"], "description": given["description"], "phone": given["phone"],
            "metadata": metadata(given)?, "preferred_locales": given["preferred_locales"].as_array().cloned().unwrap_or_default(),
        });
        let id = self.make("cus", "customer", object);
        self.tell("customer.created", &id, None);
        Ok(self.get(&id))
    }

    pub fn delete_customer(&mut self, id: &str) -> Outcome {
        self.find("customer", id, None)?;
        self.tell("customer.deleted", id, None);
        self.objects.remove(id);
        for method in self.methods_of(id) {
            self.set(&method, json!({ "customer": null }));
        }
        Ok(json!({ "id": id, "object": "customer", "deleted": true }))
    }

    pub fn methods_of(&self, customer: &str) -> Vec<String> {
        let of = |id: &&String| {
            self.objects.get(*id).is_some_and(|object| object["object"] == "payment_method" && object["customer"] == customer)
        };
        self.order.iter().filter(of).cloned().collect()
    }

    /// What a card's number makes on a page.
    pub fn make_method(&mut self, card: Card, customer: Option<&str>) -> String {
        let number = card.number();
        let shown = json!({
            "type": "card", "customer": customer, "metadata": {}, "billing_details": {},
            "card": { "brand": "visa", "last4": &number[12..], "exp_month": 12, "exp_year": 2034, "funding": "credit" },
        });
        let id = self.make("pm", "payment_method", shown);
        if customer.is_some() {
            self.tell("payment_method.attached", &id, None);
        }
        id
    }

    pub fn attach(&mut self, id: &str, given: &Value) -> Outcome {
        only(given, &["customer"])?;
        self.find("payment_method", id, None)?;
        let customer = required(given, "customer")?.to_owned();
        self.find("customer", &customer, Some("customer"))?;
        self.set(id, json!({ "customer": customer }));
        self.tell("payment_method.attached", id, None);
        Ok(self.get(id))
    }

    pub fn detach(&mut self, id: &str, given: &Value) -> Outcome {
        only(given, &[])?;
        let before = self.find("payment_method", id, None)?;
        if before["customer"].is_null() {
            let message = "The payment method you provided is not attached to a customer so detachment is impossible.";
            return Err(crate::answer::Answer::refused(None, None, message));
        }
        self.set(id, json!({ "customer": null }));
        self.tell("payment_method.detached", id, Some(json!({ "customer": before["customer"] })));
        Ok(self.get(id))
    }

    /// As Checkout does in its mode `setup`.
    pub fn make_setup(&mut self, customer: Option<&str>, metadata: &Value) -> String {
        let object = json!({
            "customer": customer, "payment_method": null, "status": "requires_payment_method", "usage": "off_session", "metadata": metadata,
        });
        self.make("seti", "setup_intent", object)
    }

    pub fn expanded(&self, mut object: Value, given: &Value) -> Value {
        for path in given["expand"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            self.expand(&mut object, path);
        }
        object
    }

    fn expand(&self, object: &mut Value, path: &str) {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        if let Some(inner) = text(object, first).and_then(|id| self.objects.get(id)) {
            object[first] = inner.clone();
        }
        if let Some(rest) = rest {
            self.expand(&mut object[first], rest);
        }
    }
}
