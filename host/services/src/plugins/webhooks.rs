//! Calls from outside: a plugin hears one only after the host has checked signature and time, and once.

use super::vault::Seal;
use super::{PluginVisit, is_sound};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tsudoi_kernel::Visitor;
use tsudoi_kernel::calls::{CallContext, CallError, CallId, Failure};
use tsudoi_kernel::manifest::outside::{Encoding, EventId, Signature, SignatureParts, WebhookDeclaration};
use tsudoi_kernel::ports::SecretValue;
use tsudoi_kernel::webhooks::{WebhookAnswer, WebhookCall};

/// A call as HTTP brought it, names of headers in lower case.
#[derive(Debug, Clone, Default)]
pub struct IncomingWebhook {
    pub route: String,
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookOutcome {
    /// Also for an event that was answered before.
    Answered(WebhookAnswer),
    /// There is no such webhook, or the plugin says so.
    NotFound,
    /// The signature is missing or wrong.
    Forged,
    /// Signed too long ago, or for later.
    Late,
    /// What should be in it is not, or the plugin refused it.
    Refused,
    Forbidden,
    Conflict(String),
    /// The sender may try again in a while.
    Busy,
    /// The cause is in the log and among the organisation's plugin failures.
    Failed,
}

/// Headers that a plugin may see, besides those that its manifest names: what the body is, and what senders made up.
const SHOWN: [&str; 2] = ["content-type", "user-agent"];
/// Made by proxies on the way: they tell about the network and not about the event.
const OF_PROXIES: [&str; 4] = ["x-forwarded", "x-real-ip", "x-original", "x-request-id"];
const MOST_HEADERS: usize = 64;
const MOST_HEADER_BYTES: usize = 16 << 10;
/// Of one call: an old secret's and a new one's, in a few schemes.
const MOST_SIGNATURES: usize = 8;

impl IncomingWebhook {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// What the plugin sees of the headers.
    fn shown(&self, webhook: &WebhookDeclaration) -> Vec<(String, String)> {
        let signature = webhook.signature.as_ref();
        let named = |name: &str| {
            signature.is_some_and(|signature| signature.header == name || signature.timestamp_header.as_deref() == Some(name))
                || webhook.event_id == Some(EventId::Header(name.to_owned()))
        };
        let made_up = |name: &str| name.starts_with("x-") && !OF_PROXIES.iter().any(|prefix| name.starts_with(prefix));
        let mut bytes = 0;
        let shown = self.headers.iter().filter(|(name, _)| SHOWN.contains(&name.as_str()) || named(name) || made_up(name));
        let fits = shown.take(MOST_HEADERS).take_while(|(name, value)| {
            bytes += name.len() + value.len();
            bytes <= MOST_HEADER_BYTES
        });
        fits.cloned().collect()
    }
}

impl Services {
    pub async fn take_webhook(
        &self,
        visit: &Visit,
        plugin: &str,
        request_id: Arc<str>,
        incoming: IncomingWebhook,
    ) -> Result<WebhookOutcome, ServiceError> {
        let Some(found) = self.visit_plugin(visit, plugin, request_id).await? else { return Ok(WebhookOutcome::NotFound) };
        if found.installation.paused_until(self.now()).is_some() {
            return Ok(WebhookOutcome::Busy);
        }
        let Some(webhook) = found.installation.manifest.webhook(&incoming.route).cloned() else { return Ok(WebhookOutcome::NotFound) };
        let mut keys = Vec::new();
        if let Some(signature) = &webhook.signature {
            match self.signed(visit, plugin, signature, &incoming).await? {
                Ok(digest) => keys.push(format!("{}:signed:{digest}", webhook.name)),
                Err(outcome) => {
                    tracing::info!(organisation = %visit.organisation.slug, plugin, webhook = webhook.name, ?outcome, "a webhook was turned away");
                    return Ok(outcome);
                }
            }
        }
        if let Some(declared) = &webhook.event_id {
            let Some(id) = event_id(declared, &incoming) else { return Ok(WebhookOutcome::Refused) };
            keys.insert(0, format!("{}:event:{}", webhook.name, hex(&Sha256::digest(id))));
        }
        if let Some(answer) = self.of(visit).webhook_answer(plugin, &keys).await? {
            return Ok(WebhookOutcome::Answered(answer));
        }
        let call_id = CallId(format!("webhook:{}", keys.first().cloned().unwrap_or_else(|| self.fresh_id().to_string())));
        let call =
            WebhookCall { headers: incoming.shown(&webhook), route: incoming.route, query: incoming.query, body: incoming.body, keys };
        let context = CallContext {
            organisation: visit.organisation.clone(),
            installation: found.installation.clone(),
            visitor: Arc::new(Visitor::system()),
            locale: visit.organisation.locale,
            number: visit.number,
            request_id: found.request_id.to_string(),
        };
        let outcome = self.parts.calls.webhook(context, call_id, call).await;
        if is_sound(&outcome) {
            self.note_success(&found.installation);
        }
        match outcome {
            Ok(answered) => Ok(WebhookOutcome::Answered(answered.value)),
            Err(error) => self.webhook_failed(visit, &found, &webhook.name, error).await,
        }
    }

    async fn webhook_failed(
        &self,
        visit: &Visit,
        found: &PluginVisit,
        name: &str,
        error: CallError,
    ) -> Result<WebhookOutcome, ServiceError> {
        Ok(match error {
            CallError::Declined(Failure::NotFound) => WebhookOutcome::NotFound,
            CallError::Declined(Failure::Forbidden) => WebhookOutcome::Forbidden,
            CallError::Declined(Failure::Invalid(_)) => WebhookOutcome::Refused,
            CallError::Declined(Failure::Conflict(message)) => WebhookOutcome::Conflict(message),
            CallError::Declined(Failure::Unavailable(_)) | CallError::Busy | CallError::Unavailable(_) => WebhookOutcome::Busy,
            other => {
                let plugin = &found.installation.manifest.id;
                self.note_failure(visit, plugin, &format!("webhook {name}"), &found.request_id, &other.to_string()).await?;
                WebhookOutcome::Failed
            }
        })
    }

    /// A digest of what was signed, where the signature is right and the time is near.
    async fn signed(
        &self,
        visit: &Visit,
        plugin: &str,
        signature: &Signature,
        incoming: &IncomingWebhook,
    ) -> Result<Result<String, WebhookOutcome>, ServiceError> {
        let kept = self.of(visit).plugin_secret(plugin, &signature.secret).await?.value;
        let open = |secret| Seal::new(&self.parts.key).open(visit.organisation.id, plugin, &signature.secret, &secret);
        // Without the secret nobody can say yet whether it is right: the sender tries again.
        let Some(SecretValue(secret)) = kept.and_then(open) else { return Ok(Err(WebhookOutcome::Busy)) };
        let Some(Given { time, signatures }) = Given::of(signature, incoming) else { return Ok(Err(WebhookOutcome::Forged)) };
        let mut signed = Vec::new();
        if let Some(time) = time {
            signed.extend_from_slice(time.as_bytes());
            signed.push(b'.');
        }
        signed.extend_from_slice(&incoming.body);
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { unreachable!("HMAC takes any key length") };
        mac.update(&signed);
        // In constant time.
        if !signatures.iter().any(|given| mac.clone().verify_slice(given).is_ok()) {
            return Ok(Err(WebhookOutcome::Forged));
        }
        if let Some(time) = time {
            let now = self.now().millis() / 1_000;
            let sent = time.trim().parse::<u64>().ok();
            if sent.is_none_or(|sent| sent.abs_diff(now) > u64::from(signature.tolerance_seconds)) {
                return Ok(Err(WebhookOutcome::Late));
            }
        }
        Ok(Ok(hex(&Sha256::digest(&signed))))
    }
}

/// What a call brings to prove its sender.
struct Given<'a> {
    /// As it was signed.
    time: Option<&'a str>,
    signatures: Vec<Vec<u8>>,
}

impl<'a> Given<'a> {
    /// `None` where a part is missing.
    fn of(declared: &'a Signature, incoming: &'a IncomingWebhook) -> Option<Self> {
        let header = incoming.header(&declared.header)?;
        if let Some(parts) = &declared.parts {
            let mut times = SignatureParts::named(header, &parts.timestamp);
            let (Some(time), None) = (times.next(), times.next()) else { return None };
            let signatures = SignatureParts::named(header, &parts.signature).take(MOST_SIGNATURES);
            let signatures = signatures.filter_map(|value| decoded(value, declared.encoding)).collect();
            return Some(Self { time: Some(time), signatures });
        }
        let time = match &declared.timestamp_header {
            Some(name) => Some(incoming.header(name)?),
            None => None,
        };
        let signature = decoded(header.trim().strip_prefix(&declared.prefix)?, declared.encoding)?;
        Some(Self { time, signatures: vec![signature] })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn decoded(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Hex if text.len().is_multiple_of(2) && text.is_ascii() => {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
        }
        Encoding::Hex => None,
    }
}

/// The provider's id of the event: not empty.
fn event_id(declared: &EventId, incoming: &IncomingWebhook) -> Option<String> {
    let id = match declared {
        EventId::Header(name) => incoming.header(name)?.to_owned(),
        EventId::Pointer(pointer) => match serde_json::from_slice::<serde_json::Value>(&incoming.body).ok()?.pointer(pointer)? {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Number(number) => number.to_string(),
            _ => return None,
        },
    };
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
#[path = "webhooks_tests.rs"]
mod tests;
