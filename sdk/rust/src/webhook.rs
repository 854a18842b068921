//! Calls from outside, with the raw body. Where the manifest names a signature, only calls that carry it arrive.

use crate::bindings::webhooks::exports::tsudoi::plugin::webhooks::{Guest, Request, Response};
use crate::exports::{Exported, tell_panics};
use crate::failure::{Error, Failure};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What other services send to `/hooks/<plugin id>/<name>`.
///
/// ```
/// use serde::Deserialize;
/// use tsudoi_plugin::{Failure, WebhookAnswer, WebhookRequest, Webhooks, export};
///
/// #[derive(Deserialize)]
/// struct Paid {
///     order: String,
/// }
///
/// struct Shop;
///
/// impl Webhooks for Shop {
///     fn receive(request: &WebhookRequest) -> Result<WebhookAnswer, Failure> {
///         let Paid { order } = request.json()?;
///         tsudoi_plugin::info!("{order} is paid");
///         Ok(WebhookAnswer::text(200, "ok"))
///     }
/// }
///
/// export!(Shop: webhooks);
/// # fn main() {}
/// ```
pub trait Webhooks {
    /// An action: it may use the network. An event that was heard before does not arrive a second time.
    fn receive(request: &WebhookRequest) -> Result<WebhookAnswer, Failure>;
}

#[derive(Debug, Clone, Default)]
pub struct WebhookRequest {
    /// The webhook's name in the manifest.
    pub route: String,
    /// Those that the host lets through, names in lower case.
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl WebhookRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// Plain text or JSON, with a status of 200 to 299 or 400 to 599.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAnswer {
    status: u16,
    text: String,
}

impl WebhookAnswer {
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }

    pub fn json(status: u16, value: &Value) -> Self {
        Self::text(status, value.to_string())
    }
}

impl<P: Webhooks> Guest for Exported<P> {
    fn receive(request: Request) -> Result<Response, Failure> {
        tell_panics();
        let request = WebhookRequest {
            route: request.route,
            headers: request.headers.into_iter().map(|header| (header.name, header.value)).collect(),
            query: request.query.into_iter().map(|parameter| (parameter.name, parameter.value)).collect(),
            body: request.body,
        };
        P::receive(&request).map(|answer| Response { status: answer.status, text: answer.text })
    }
}
