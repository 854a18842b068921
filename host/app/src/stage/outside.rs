//! The world outside as a test has it: canned answers, and a list of what was asked.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tsudoi_kernel::ports::{Boxed, Egress, EgressError, Incoming, Outgoing};

/// What one address answers, once or for good.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canned {
    pub method: String,
    /// With scheme, host, path and query.
    pub url: String,
    pub status: u16,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    pub body: String,
}

/// What the plugin sent, with its secrets filled in.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

#[derive(Default)]
struct Inside {
    canned: VecDeque<Canned>,
    sent: Vec<Sent>,
}

#[derive(Default)]
pub struct CannedEgress(Mutex<Inside>);

impl CannedEgress {
    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next request there gets this; the last answer for an address stays.
    pub fn answer(&self, canned: Canned) {
        self.inside().canned.push_back(canned);
    }

    /// No answer comes from there any more.
    pub fn forget(&self, method: &str, url: &str) {
        self.inside().canned.retain(|canned| canned.method != method || canned.url != url);
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.inside().sent.clone()
    }

    fn exchanged(&self, request: &Outgoing) -> Result<Incoming, EgressError> {
        let url = format!("{}{}", request.origin, request.target);
        let mut inside = self.inside();
        inside.sent.push(Sent {
            method: request.method.clone(),
            url: url.clone(),
            headers: request.headers.clone(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
        });
        let fits = |canned: &Canned| canned.method == request.method && canned.url == url;
        let Some(first) = inside.canned.iter().position(fits) else {
            return Err(EgressError::Unreachable(format!("the test has no answer for {} {url}", request.method)));
        };
        let is_last = inside.canned.iter().filter(|canned| fits(canned)).count() == 1;
        let canned = if is_last { inside.canned.get(first).cloned() } else { inside.canned.remove(first) };
        let Some(Canned { status, headers, body, .. }) = canned else { return Err(EgressError::TimedOut) };
        let body = body.into_bytes();
        if body.len() > request.most_bytes {
            return Err(EgressError::TooLarge(format!("{} bytes", request.most_bytes)));
        }
        Ok(Incoming { status, headers: headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(), body })
    }
}

impl Egress for CannedEgress {
    fn exchange(&self, request: Outgoing) -> Boxed<'_, Result<Incoming, EgressError>> {
        let answer = self.exchanged(&request);
        Box::pin(async move { answer })
    }
}
