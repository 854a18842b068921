//! The world outside as a test has it: canned answers, hosts that a server of the test's stands in for, and a list of what was asked.

use crate::egress::{HttpEgress, SystemResolver};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tsudoi_kernel::manifest::outside::Origin;
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

impl Canned {
    fn fits(&self, request: &Outgoing) -> bool {
        self.method == request.method && self.url == url(request)
    }
}

fn url(request: &Outgoing) -> String {
    format!("{}{}", request.origin, request.target)
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
    /// Servers of the test's, by the hosts that they stand in for.
    stand_ins: BTreeMap<Origin, Arc<HttpEgress>>,
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

    /// Requests to `origin` go to a server at `at`, an IP address with a port, from now on: over the network, without TLS.
    pub fn leads(&self, origin: &Origin, at: SocketAddr) -> anyhow::Result<()> {
        let stand_in = BTreeMap::from([(format!("{}:{}", origin.host, origin.port), at.to_string())]);
        let way = HttpEgress::new(Arc::new(SystemResolver), Vec::new(), stand_in)?;
        self.inside().stand_ins.insert(origin.clone(), Arc::new(way));
        Ok(())
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.inside().sent.clone()
    }

    /// Puts a request on the list. Answers what stands in for its host, unless the test has an answer of its own for it.
    fn noted(&self, request: &Outgoing) -> Option<Arc<HttpEgress>> {
        let mut inside = self.inside();
        inside.sent.push(Sent {
            method: request.method.clone(),
            url: url(request),
            headers: request.headers.clone(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
        });
        if inside.canned.iter().any(|canned| canned.fits(request)) {
            return None;
        }
        inside.stand_ins.get(&request.origin).cloned()
    }

    fn answered(&self, request: &Outgoing) -> Result<Incoming, EgressError> {
        let mut inside = self.inside();
        let fits = |canned: &Canned| canned.fits(request);
        let Some(first) = inside.canned.iter().position(fits) else {
            return Err(EgressError::Unreachable(format!("the test has no answer for {} {}", request.method, url(request))));
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
        match self.noted(&request) {
            Some(way) => Box::pin(async move { way.exchange(request).await }),
            None => {
                let answer = self.answered(&request);
                Box::pin(async move { answer })
            }
        }
    }
}
