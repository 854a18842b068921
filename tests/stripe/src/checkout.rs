//! *Checkout Sessions*, with a page that Stripe hosts.

use crate::acts::{Card, Paid};
use crate::answer::{Answer, Outcome, amount, currency, metadata, only, required, text};
use crate::intents::{Wish, suffix};
use crate::state::State;
use serde_json::{Value, json};

/// Without `expires_at` a session can be paid for 24 hours.
const DAY: u64 = 24 * 60 * 60;
const KNOWN: [&str; 16] = [
    "mode",
    "line_items",
    "customer",
    "customer_creation",
    "client_reference_id",
    "metadata",
    "payment_intent_data",
    "setup_intent_data",
    "success_url",
    "cancel_url",
    "locale",
    "expires_at",
    "currency",
    "payment_method_types",
    "adaptive_pricing",
    "submit_type",
];

impl State {
    pub fn create_session(&mut self, given: &Value) -> Outcome {
        only(given, &KNOWN)?;
        let mode = required(given, "mode")?;
        required(given, "success_url")?;
        for address in ["success_url", "cancel_url"].iter().filter_map(|key| text(given, key)) {
            if url::Url::parse(address).is_err() {
                return Err(Answer::refused(Some("url_invalid"), Some("success_url"), "Not a valid URL"));
            }
        }
        if let Some(customer) = text(given, "customer") {
            self.find("customer", customer, Some("customer"))?;
        }
        if text(given, "locale").is_some_and(|locale| !["auto", "ja", "en"].contains(&locale)) {
            return Err(Answer::refused(None, Some("locale"), "Invalid locale"));
        }
        let expires = match text(given, "expires_at").map(str::parse::<u64>) {
            None => self.now + DAY,
            Some(Ok(at)) if (self.now + 30 * 60..=self.now + DAY).contains(&at) => at,
            Some(_) => return Err(Answer::refused(None, Some("expires_at"), "The timestamp must be 30 minutes to 24 hours from now.")),
        };
        let (total, currency) = match mode {
            "payment" => line_items(&given["line_items"])?,
            "setup" => (0, currency(given)?),
            _ => return Err(Answer::refused(None, Some("mode"), format!("Invalid mode: {mode}"))),
        };
        suffix(&given["payment_intent_data"]["statement_descriptor_suffix"])?;
        metadata(&given["payment_intent_data"])?;
        let is_setup = mode == "setup";
        let setup = is_setup.then(|| self.make_setup(text(given, "customer"), &metadata(&given["setup_intent_data"]).unwrap_or_default()));
        let id = self.make(
            "cs",
            "checkout.session",
            json!({
                "mode": mode, "status": "open", "payment_status": if is_setup { "no_payment_required" } else { "unpaid" },
                "amount_total": if is_setup { Value::Null } else { json!(total) }, "currency": currency, "customer": given["customer"],
                "client_reference_id": given["client_reference_id"], "metadata": metadata(given)?, "expires_at": expires,
                "success_url": given["success_url"], "cancel_url": given["cancel_url"], "locale": given["locale"],
                "payment_intent": null, "setup_intent": setup, "wish": given["payment_intent_data"],
                "name": given["line_items"][0]["price_data"]["product_data"]["name"],
            }),
        );
        let url = format!("{}/c/pay/{id}", self.pages);
        self.set(&id, json!({ "url": url }));
        Ok(self.session(&id))
    }

    /// A session as it is shown: without what only this server keeps in it.
    pub fn session(&self, id: &str) -> Value {
        let mut session = self.get(id);
        if let Value::Object(fields) = &mut session {
            fields.remove("wish");
            fields.remove("name");
        }
        session
    }

    pub fn expire_session(&mut self, id: &str) -> Outcome {
        let session = self.find("checkout.session", id, None)?;
        if session["status"] != "open" {
            let message = format!(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. This session has a status of {}.",
                session["status"]
            );
            return Err(Answer::refused(None, None, message));
        }
        self.set(id, json!({ "status": "expired", "url": null }));
        self.tell_session("checkout.session.expired", id);
        Ok(self.session(id))
    }

    /// Sessions whose time is over.
    pub fn expire_old(&mut self) {
        let now = self.now;
        let is_old = |object: &Value| {
            object["object"] == "checkout.session" && object["status"] == "open" && object["expires_at"].as_u64() <= Some(now)
        };
        let old: Vec<String> = self.order.iter().filter(|id| self.objects.get(*id).is_some_and(is_old)).cloned().collect();
        let asked_in = self.livemode;
        for id in old {
            self.livemode = self.get(&id)["livemode"] == true;
            let _ = self.expire_session(&id);
        }
        self.livemode = asked_in;
    }

    fn tell_session(&mut self, kind: &str, id: &str) {
        let shown = self.session(id);
        self.tell(kind, id, None);
        if let Some(event) = self.events.last_mut() {
            event["data"]["object"] = shown;
        }
    }

    /// Whoever looks at the page pays, or saves the card.
    pub fn fill_in(&mut self, id: &str, card: Card, how: Paid) -> Result<(), Answer> {
        let session = self.find("checkout.session", id, None)?;
        if session["status"] != "open" {
            return Err(Answer::refused(None, None, "This session is over."));
        }
        let customer = text(&session, "customer").map(str::to_owned);
        if let Some(setup) = text(&session, "setup_intent").map(str::to_owned) {
            let method = self.make_method(card, customer.as_deref());
            self.set(&setup, json!({ "payment_method": method, "status": "succeeded" }));
            self.tell("setup_intent.succeeded", &setup, None);
            self.set(id, json!({ "status": "complete", "url": null }));
            self.tell_session("checkout.session.completed", id);
            return Ok(());
        }
        let intent = match text(&session, "payment_intent") {
            Some(intent) => intent.to_owned(),
            None => {
                let wish = &session["wish"];
                let intent = self.make_intent(Wish {
                    amount: session["amount_total"].as_i64().unwrap_or_default(),
                    currency: session["currency"].as_str().unwrap_or_default().to_owned(),
                    customer,
                    description: wish["description"].clone(),
                    suffix: wish["statement_descriptor_suffix"].clone(),
                    metadata: metadata(wish)?,
                });
                self.set(id, json!({ "payment_intent": intent }));
                intent
            }
        };
        let status = match how {
            Paid::Now => {
                let method = self.make_method(card, None);
                self.confirm(&intent, &method, true)?;
                "paid"
            }
            Paid::Later => {
                self.process(&intent);
                "unpaid"
            }
        };
        self.set(id, json!({ "status": "complete", "payment_status": status, "url": null }));
        self.tell_session("checkout.session.completed", id);
        Ok(())
    }

    /// What was to be paid later has been paid, or has not.
    pub fn settle_later(&mut self, id: &str, is_paid: bool) {
        let Some(intent) = text(&self.get(id), "payment_intent").map(str::to_owned) else { return };
        if is_paid {
            self.succeed(&intent);
            self.set(id, json!({ "payment_status": "paid" }));
            self.tell_session("checkout.session.async_payment_succeeded", id);
        } else {
            self.decline(&intent, "payment_intent_payment_attempt_expired", None);
            self.tell_session("checkout.session.async_payment_failed", id);
        }
    }
}

/// The sum of the lines, and their currency.
fn line_items(items: &Value) -> Result<(i64, String), Answer> {
    let items = items.as_array().filter(|items| !items.is_empty()).ok_or_else(|| Answer::missing("line_items"))?;
    let mut sum = (0, String::new());
    for item in items {
        let price = &item["price_data"];
        required(&price["product_data"], "name")?;
        let (quantity, code) = (amount(item, "quantity")?, currency(price)?);
        if !sum.1.is_empty() && sum.1 != code {
            return Err(Answer::refused(None, Some("line_items"), "All prices must have the same currency."));
        }
        sum = (sum.0 + amount(price, "unit_amount")? * quantity, code);
    }
    Ok(sum)
}
