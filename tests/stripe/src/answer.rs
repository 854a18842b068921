//! What a request gets: an object, or an error as the reference's section *Errors* shows it.

use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

pub type Outcome = Result<Value, Answer>;

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// `invalid_request_error`.
    pub fn refused(code: Option<&str>, parameter: Option<&str>, message: impl Into<String>) -> Self {
        let mut error = json!({ "type": "invalid_request_error", "message": message.into() });
        for (key, value) in [("code", code), ("param", parameter)] {
            if let Some(value) = value {
                error[key] = json!(value);
            }
        }
        Self { status: 400, body: json!({ "error": error }) }
    }

    pub fn missing(parameter: &str) -> Self {
        Self::refused(Some("parameter_missing"), Some(parameter), format!("Missing required param: {parameter}."))
    }

    /// There is no such object: 404 where its address was asked for, 400 where a parameter names it.
    pub fn no_such(kind: &str, id: &str, parameter: Option<&str>) -> Self {
        let answer = Self::refused(Some("resource_missing"), Some(parameter.unwrap_or("id")), format!("No such {kind}: '{id}'"));
        Self { status: if parameter.is_some() { 400 } else { 404 }, ..answer }
    }

    pub fn error(status: u16, kind: &str, code: Option<&str>, message: &str) -> Self {
        let mut error = json!({ "type": kind, "message": message });
        if let Some(code) = code {
            error["code"] = json!(code);
        }
        Self { status, body: json!({ "error": error }) }
    }

    /// A card was declined (402); `intent` is the PaymentIntent as it is now.
    pub fn declined(code: &str, decline_code: Option<&str>, message: &str, intent: &Value) -> Self {
        let mut error = json!({ "type": "card_error", "code": code, "message": message, "payment_intent": intent });
        if let Some(decline_code) = decline_code {
            error["decline_code"] = json!(decline_code);
        }
        Self { status: 402, body: json!({ "error": error }) }
    }
}

/// The text of a parameter.
pub fn text<'a>(parameters: &'a Value, key: &str) -> Option<&'a str> {
    parameters[key].as_str().filter(|text| !text.is_empty())
}

pub fn required<'a>(parameters: &'a Value, key: &str) -> Result<&'a str, Answer> {
    text(parameters, key).ok_or_else(|| Answer::missing(key))
}

/// A whole number of the currency's smallest unit.
pub fn amount(parameters: &Value, key: &str) -> Result<i64, Answer> {
    let typed = required(parameters, key)?;
    let number = typed
        .parse::<i64>()
        .map_err(|_| Answer::refused(Some("parameter_invalid_integer"), Some(key), format!("Invalid integer: {typed}")))?;
    if number < 1 {
        return Err(Answer::refused(Some("parameter_invalid_integer"), Some(key), "This value must be greater than or equal to 1."));
    }
    Ok(number)
}

pub fn currency(parameters: &Value) -> Result<String, Answer> {
    let code = required(parameters, "currency")?;
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase());
    // Three decimals, of which the last is 0 (Currencies, three-decimal currencies).
    if is_code { Ok(code.to_owned()) } else { Err(Answer::refused(None, Some("currency"), format!("Invalid currency: {code}."))) }
}

/// Refuses what is not among `known`.
pub fn only(parameters: &Value, known: &[&str]) -> Result<(), Answer> {
    let unknown = parameters.as_object().into_iter().flatten().find(|(key, _)| !known.contains(&key.as_str()) && *key != "expand");
    match unknown {
        Some((key, _)) => Err(Answer::refused(Some("parameter_unknown"), Some(key), format!("Received unknown parameter: {key}"))),
        None => Ok(()),
    }
}

/// At most 50 keys of at most 40 letters, values of at most 500 (*Metadata*).
pub fn metadata(parameters: &Value) -> Result<Value, Answer> {
    let Some(given) = parameters["metadata"].as_object() else { return Ok(json!({})) };
    let fits =
        |(key, value): (&String, &Value)| key.chars().count() <= 40 && value.as_str().is_some_and(|text| text.chars().count() <= 500);
    if given.len() > 50 || !given.iter().all(fits) {
        return Err(Answer::refused(None, Some("metadata"), "Metadata has at most 50 keys of 40 letters, and values of 500."));
    }
    Ok(Value::Object(given.clone()))
}
