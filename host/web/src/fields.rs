//! Forms: the fields as they came, after the CSRF token was checked, and how they go back into the page with messages.

use crate::visiting::Visiting;
use crate::{AppState, Problem};
use axum::extract::{FromRequest, Request};
use futures::StreamExt;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The fields of a host form whose CSRF token was right. Staff who look as somebody else may not send forms, but for
/// the one that ends it.
pub struct Fields {
    pairs: Vec<(String, String)>,
}

impl Fields {
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self { pairs }
    }

    /// The first value of a field, without white space around it; empty where it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// As typed: for passwords and long texts.
    pub fn raw(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// As typed, where the form has this field.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a field: check boxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(key, _)| key == name)
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

/// Most bytes of a form without files.
pub const FORM_LIMIT: usize = 1024 * 1024;

/// How much of a body that is too large is still read, so that the browser gets to hear so: one whose connection is
/// closed while it sends shows an error of its own.
const HEARD_OUT: usize = 16 * FORM_LIMIT;

/// The body of a form without files.
pub async fn body(request: Request) -> Result<Vec<u8>, Problem> {
    let mut chunks = request.into_body().into_data_stream();
    let (mut bytes, mut total) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::BadRequest)?;
        total += chunk.len();
        if total <= FORM_LIMIT {
            bytes.extend_from_slice(&chunk);
        } else if total > HEARD_OUT {
            break;
        }
    }
    if total > FORM_LIMIT { Err(Problem::TooLarge) } else { Ok(bytes) }
}

/// A null character, for which PostgreSQL has no place in a text, becomes the sign for what could not be read.
pub(crate) fn readable(text: Cow<'_, str>) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text.into_owned() }
}

/// Decodes `application/x-www-form-urlencoded`.
pub fn decode(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).map(|(name, value)| (readable(name), readable(value))).collect()
}

impl FromRequest<AppState> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &AppState) -> Result<Self, Problem> {
        let visiting = request.extensions().get::<Visiting>().cloned();
        let Some(visiting) = visiting else { return Err(Problem::Broken("a form outside `enter`".into())) };
        let bytes = body(request).await?;
        let fields = Self::new(decode(&bytes));
        if !visiting.is_csrf(&web.services, "host", fields.raw("_csrf")) {
            return Err(Problem::StaleForm);
        }
        Ok(fields)
    }
}

/// The message beside a field.
pub(crate) fn error_of(errors: &[(String, String)], field: &str) -> String {
    errors.iter().find(|(wrong, _)| wrong == field).map(|(_, message)| message.clone()).unwrap_or_default()
}

/// `form` for a template: every field of `names` with its value and its message, empty where there is none.
pub fn form(names: &[&str], values: &Fields, errors: &[(&str, String)]) -> Value {
    let value = |name: &&str| ((*name).to_owned(), Value::String(values.raw(name).to_owned()));
    let error = |name: &&str| {
        let message = errors.iter().find(|(field, _)| field == name).map(|(_, message)| message.clone());
        ((*name).to_owned(), Value::String(message.unwrap_or_default()))
    };
    let with_form = names.iter().chain(std::iter::once(&"form"));
    json!({
        "values": names.iter().map(value).collect::<Map<_, _>>(),
        "errors": with_form.map(error).collect::<Map<_, _>>(),
    })
}

/// The same for a form that nobody has filled in yet.
pub fn empty_form(names: &[&str], values: &[(&str, &str)]) -> Value {
    let pairs = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    form(names, &Fields::new(pairs), &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_database_can_hold_does_not_come_in() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(decode(b"a=1%002&b%00=%E4%BC%9A"), [pair("a", "1\u{FFFD}2"), pair("b\u{FFFD}", "会")]);
    }
}
