//! Requests to Stripe, with the organisation's key, and what comes of them (<https://docs.stripe.com/api>, *Authentication*, *Errors*,
//! *Idempotent requests*, *Versioning*).

use serde::Deserialize;
use serde_json::Value;
use tsudoi_plugin::http::Request;
use tsudoi_plugin::{Error, Failure, context, error};

const BASE: &str = "https://api.stripe.com/v1/";
/// What this plugin was written for; Stripe goes on to answer it.
const VERSION: &str = "2025-09-30.clover";

/// The host says so until staff have entered a secret.
const NOT_SET: &str = "not-set";

/// Parameters, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct Form(String);

impl Form {
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        escape(name, &mut self.0);
        self.0.push('=');
        escape(value.as_ref(), &mut self.0);
        self
    }
}

/// Percent-encoding of everything but letters, digits and `-._~` (RFC 3986).
fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// Why Stripe did not do what it was asked for.
#[derive(Debug)]
pub enum Trouble {
    /// It may do it later: it does not answer, is busy, or is at work on the same request.
    Later(String),
    /// Staff have not entered the key.
    NotSetUp,
    /// A bank did not let the card pay.
    Declined(Box<Refusal>),
    /// It will never do it.
    Refused(Box<Refusal>),
    /// The host does not let the request out.
    Host(Error),
}

/// What Stripe says in an error.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Refusal {
    #[serde(skip)]
    pub status: u16,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub param: Option<String>,
    pub message: Option<String>,
    pub payment_intent: Option<Value>,
}

impl Refusal {
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// What it is about is not there for this key.
    pub fn is_missing(&self, parameter: Option<&str>) -> bool {
        self.is("resource_missing") && (parameter.is_none() || self.param.as_deref() == parameter)
    }

    /// For the log: nothing in it is about a person.
    pub fn told(&self) -> String {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        format!("{} {} {} {}", self.status, word(&self.code), word(&self.decline_code), word(&self.message))
    }
}

/// Every request that changes something has a key, by which Stripe recognises a repeat.
pub fn post(path: &str, form: &Form, key: &str) -> Result<Value, Trouble> {
    let request = Request::post(format!("{BASE}{path}")).header("idempotency-key", key);
    sent(request.body("application/x-www-form-urlencoded", form.0.clone()))
}

pub fn get(path: &str, form: &Form) -> Result<Value, Trouble> {
    let query = if form.0.is_empty() { String::new() } else { format!("?{}", form.0) };
    sent(Request::get(format!("{BASE}{path}{query}")))
}

fn sent(request: Request) -> Result<Value, Trouble> {
    let request = request.header("authorization", "Bearer {{secret:secret-key}}").header("stripe-version", VERSION);
    let answer = request.send().map_err(|error| match error.code.as_str() {
        NOT_SET => Trouble::NotSetUp,
        "unavailable" | "quota" => Trouble::Later(format!("{}: {}", error.code, error.detail)),
        _ => Trouble::Host(error),
    })?;
    read(answer.status, &answer.body)
}

fn read(status: u16, body: &[u8]) -> Result<Value, Trouble> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        error: Refusal,
    }
    let unreadable = || Trouble::Later(format!("Stripe answered {status} with what can't be read"));
    match status {
        200..=299 => serde_json::from_slice(body).map_err(|_| unreadable()),
        409 | 429 | 500.. => Err(Trouble::Later(format!("Stripe answered {status}"))),
        _ => {
            let Body { error } = serde_json::from_slice(body).map_err(|_| unreadable())?;
            let refusal = Box::new(Refusal { status, ..error });
            Err(if status == 402 { Trouble::Declined(refusal) } else { Trouble::Refused(refusal) })
        }
    }
}

impl Trouble {
    /// How a call ends that can't go on without it; `message` is what a person is told where Stripe said no.
    pub fn into_failure(self, message: &str) -> Failure {
        match self {
            Self::Later(why) => Failure::Unavailable(why),
            Self::NotSetUp => Failure::conflict(context::translate("not-set-up")),
            Self::Declined(refusal) | Self::Refused(refusal) => {
                error!("Stripe refused: {}", refusal.told());
                Failure::conflict(context::translate(message))
            }
            Self::Host(error) => Failure::Other(error),
        }
    }
}

/// The text of a field.
pub fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object[key].as_str().filter(|text| !text.is_empty())
}

/// The id of what a field names, whether it is there in full or by its id alone.
pub fn id_of<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    text(object, key).or_else(|| text(&object[key], "id"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_are_escaped() {
        let form = Form::default().with("metadata[a b]", "会費 & 1=2").with("x", "-._~");
        assert_eq!(form.0, "metadata%5Ba%20b%5D=%E4%BC%9A%E8%B2%BB%20%26%201%3D2&x=-._~");
    }

    #[test]
    fn what_may_work_later_is_told_from_what_never_will() {
        let error = |code: &str| json!({ "error": { "type": "x", "code": code, "param": "customer" } }).to_string();
        let kind = |status, body: &str| match read(status, body.as_bytes()) {
            Ok(_) => "done",
            Err(Trouble::Later(_)) => "later",
            Err(Trouble::Declined(_)) => "declined",
            Err(Trouble::Refused(_)) => "refused",
            Err(_) => "other",
        };
        assert_eq!(kind(200, "{}"), "done");
        assert_eq!(kind(200, "<html>"), "later");
        for status in [409, 429, 500, 502, 503] {
            assert_eq!(kind(status, &error("x")), "later", "{status}");
        }
        assert_eq!(kind(402, &error("card_declined")), "declined");
        for status in [400, 401, 403, 404] {
            assert_eq!(kind(status, &error("x")), "refused", "{status}");
        }
        let Err(Trouble::Refused(refusal)) = read(400, error("resource_missing").as_bytes()) else { panic!("it is refused") };
        assert!(refusal.is_missing(Some("customer")) && !refusal.is_missing(Some("payment_method")));
    }

    #[test]
    fn an_object_is_named_in_full_or_by_its_id() {
        let object = json!({ "a": "pi_1", "b": { "id": "pi_2" }, "c": null });
        assert_eq!((id_of(&object, "a"), id_of(&object, "b"), id_of(&object, "c")), (Some("pi_1"), Some("pi_2"), None));
    }
}
