//! One request to the API: who asks, was it asked before, and what for.

use crate::Asked;
use crate::answer::{Answer, Outcome, text};
use crate::server::Heard;
use crate::state::{Kept, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const MOST_KEY: usize = 255;

/// What came before the work itself.
pub enum Begun {
    Answered(Answer, bool),
    /// To be done, under this key.
    ToDo(Option<String>),
}

impl State {
    /// Who asks, and whether it was answered before.
    pub fn begin(&mut self, heard: &Heard, parameters: &Value) -> Begun {
        if let Err(refused) = self.let_in(heard) {
            return Begun::Answered(refused, false);
        }
        let key = heard.header("idempotency-key").filter(|_| heard.method == "POST").map(|key| format!("{}:{key}", self.livemode));
        let Some(key) = key else { return Begun::ToDo(None) };
        if key.len() > MOST_KEY {
            return Begun::Answered(Answer::refused(None, None, "Idempotency keys have at most 255 letters."), false);
        }
        let request = (format!("{} {}", heard.method, heard.path), parameters.clone());
        match self.kept.get(&key) {
            None => {
                self.kept.insert(key.clone(), Kept { request, answer: None });
                Begun::ToDo(Some(key))
            }
            Some(kept) if kept.request != request => {
                let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
                Begun::Answered(Answer::error(400, "idempotency_error", None, message), false)
            }
            Some(Kept { answer: Some(answer), .. }) => Begun::Answered(answer.clone(), true),
            Some(_) => {
                let message = "There is currently another in-progress request using this Idempotent Key. Please try again later.";
                Begun::Answered(Answer::error(409, "idempotency_error", Some("idempotency_key_in_use"), message), false)
            }
        }
    }

    /// Keeps what came of it: not where the request itself was refused, since then nothing was begun.
    pub fn finish(&mut self, key: Option<String>, answer: &Answer) {
        let Some(key) = key else { return };
        if matches!(answer.status, 200 | 402 | 500..) {
            if let Some(kept) = self.kept.get_mut(&key) {
                kept.answer = Some(answer.clone());
            }
        } else {
            self.kept.remove(&key);
        }
    }

    pub fn note(&mut self, heard: &Heard, parameters: &Value, status: u16) {
        self.asked.push(Asked {
            method: heard.method.clone(),
            path: heard.path.clone(),
            idempotency_key: heard.header("idempotency-key").map(str::to_owned),
            version: heard.header("stripe-version").map(str::to_owned),
            parameters: parameters.clone(),
            status,
        });
    }

    /// *Authentication*: the key as a bearer's, or as the name of basic authentication.
    fn let_in(&mut self, heard: &Heard) -> Result<(), Answer> {
        let given = heard.header("authorization").unwrap_or_default();
        let basic = |coded: &str| {
            let decoded = String::from_utf8(STANDARD.decode(coded).ok()?).ok()?;
            decoded.split(':').next().map(str::to_owned)
        };
        let key = match given.split_once(' ') {
            Some(("Bearer", key)) => Some(key.to_owned()),
            Some(("Basic", coded)) => basic(coded),
            _ => None,
        };
        self.livemode = match key.as_deref() {
            Some(crate::TEST_KEY) => false,
            Some(crate::LIVE_KEY) => true,
            _ => return Err(Answer::error(401, "invalid_request_error", None, "Invalid API Key provided.")),
        };
        let is_version = |version: &str| version.split(['-', '.']).count() >= 3 && version.starts_with("20");
        match heard.header("stripe-version") {
            Some(version) if !is_version(version) => Err(Answer::refused(None, None, format!("Invalid Stripe API version: {version}"))),
            _ => Ok(()),
        }
    }

    pub fn answer(&mut self, heard: &Heard, given: &Value) -> Answer {
        self.expire_old();
        match self.routed(heard, given) {
            Ok(object) => Answer::ok(self.expanded(object, given)),
            Err(answer) => answer,
        }
    }

    fn routed(&mut self, heard: &Heard, given: &Value) -> Outcome {
        let steps: Vec<&str> = heard.path.trim_start_matches("/v1/").split('/').collect();
        match (heard.method.as_str(), &steps[..]) {
            ("POST", ["customers"]) => self.create_customer(given),
            ("GET", ["customers", id]) => self.find("customer", id, None),
            ("DELETE", ["customers", id]) => self.delete_customer(id),
            ("GET", ["payment_methods", id]) => self.find("payment_method", id, None),
            ("POST", ["payment_methods", id, "attach"]) => self.attach(id, given),
            ("POST", ["payment_methods", id, "detach"]) => self.detach(id, given),
            ("GET", ["setup_intents", id]) => self.find("setup_intent", id, None),
            ("POST", ["payment_intents"]) => self.create_intent(given),
            ("GET", ["payment_intents", id]) => self.find("payment_intent", id, None),
            ("POST", ["payment_intents", id, "cancel"]) => self.cancel_intent(id, given),
            ("POST", ["refunds"]) => self.create_refund(given),
            ("GET", ["refunds", id]) => self.find("refund", id, None),
            ("GET", ["refunds"]) => self.of_intent("/v1/refunds", "refund", given),
            ("GET", ["disputes"]) => self.of_intent("/v1/disputes", "dispute", given),
            ("POST", ["checkout", "sessions"]) => self.create_session(given),
            ("GET", ["checkout", "sessions", id]) => self.find("checkout.session", id, None).map(|_| self.session(id)),
            ("POST", ["checkout", "sessions", id, "expire"]) => self.expire_session(id),
            _ => {
                let message = format!("Unrecognized request URL ({}: {}).", heard.method, heard.path);
                Err(Answer { status: 404, ..Answer::refused(None, None, message) })
            }
        }
    }

    fn of_intent(&self, path: &str, kind: &str, given: &Value) -> Outcome {
        let Some(intent) = text(given, "payment_intent") else { return Ok(self.list(path, kind, |_| true)) };
        self.find("payment_intent", intent, Some("payment_intent"))?;
        Ok(self.list(path, kind, |object| object["payment_intent"] == json!(intent)))
    }
}
