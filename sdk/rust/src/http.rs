//! The network, in a job or a webhook only, to the hosts that the manifest names and the organisation granted. Needs the
//! permission `http-client`.
//!
//! Once the first request has left, the call is not run again when others change what it read: do the reading first, and
//! send with a key by which the other side recognises a repeat.

use crate::bindings::imports::tsudoi::plugin::http_client;
use crate::failure::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A request in the making.
///
/// ```no_run
/// use serde_json::json;
/// use tsudoi_plugin::{Failure, http};
///
/// fn charge(order: &str) -> Result<String, Failure> {
///     let answer = http::Request::post("https://api.example.com/v1/charges")
///         .header("authorization", "Bearer {{secret:api-key}}")
///         .header("idempotency-key", order)
///         .json(&json!({ "order": order }))?
///         .send()?;
///     if !answer.is_success() {
///         return Err(Failure::Unavailable(format!("the service answered {}", answer.status)));
///     }
///     Ok(answer.json::<serde_json::Value>()?["id"].as_str().unwrap_or_default().to_owned())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Request(http_client::Outgoing);

impl Request {
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self(http_client::Outgoing { method: method.to_owned(), url: url.into(), headers: Vec::new(), body: None })
    }

    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    /// `{{secret:NAME}}` and `{{basic:USER:NAME}}` are filled in by the host, where this host is one of the secret's.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.headers.push(http_client::Header { name: name.to_owned(), value: value.into() });
        self
    }

    pub fn body(mut self, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.body = Some(bytes.into());
        self.header("content-type", media_type)
    }

    pub fn json(self, value: &impl Serialize) -> Result<Self, Error> {
        Ok(self.body("application/json", serde_json::to_vec(value)?))
    }

    /// Any answer is `Ok`, whatever its status; `Err` where there was none.
    pub fn send(self) -> Result<Answer, Error> {
        let answer = http_client::fetch(&self.0)?;
        let headers = answer.headers.into_iter().map(|header| (header.name, header.value)).collect();
        Ok(Answer { status: answer.status, headers, body: answer.body })
    }
}

/// What came back, with the secrets that went out made unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_put_together_and_an_answer_read() {
        let Request(request) = Request::post("https://api.example.com/").header("x-a", "1").json(&serde_json::json!({ "n": 1 })).unwrap();
        assert_eq!((request.method.as_str(), request.body.as_deref()), ("POST", Some(br#"{"n":1}"#.as_slice())));
        assert_eq!(request.headers[1].value, "application/json");
        let answer = Answer { status: 201, headers: vec![("x-a".into(), "1".into())], body: b"[1]".to_vec() };
        assert!(answer.is_success() && answer.header("X-A") == Some("1"));
        assert_eq!(answer.json::<Vec<u8>>().unwrap(), [1]);
    }
}
