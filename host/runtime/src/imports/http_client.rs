//! `http-client`: requests to hosts that the manifest names and the organisation granted, from actions only. What a
//! request looks like on the wire is the host's: the plugin gives method, address, headers of its own and a body. Which
//! machine an address leads to is checked where the connection is made, behind the port.

use super::fill::has_placeholder;
use crate::bindings::http_client::{Header, Host, Incoming, Outgoing};
use crate::bindings::types;
use crate::outside::TooMuch;
use crate::state::{CallState, Kind, Refusal, Stop, answered, refusal};
use std::time::Duration;
use tsudoi_kernel::manifest::outside::{Origin, Scheme, host_grant};
use tsudoi_kernel::ports::{self, EgressError};
use url::Url;

const INTERFACE: &str = "http-client";
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const MOST_REDIRECTS: u32 = 5;
const MOST_HEADERS: usize = 64;
const MOST_HEADER_BYTES: usize = 16 << 10;
const MOST_URL: usize = 4 << 10;
/// Headers about the connection or about how a body is sent: the host's own.
const HOSTS_OWN: [&str; 16] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "expect",
    "accept-encoding",
    "content-encoding",
    "via",
    "forwarded",
    "user-agent",
];
/// What is not taken along to another origin, besides headers that a secret was filled into.
const CREDENTIALS: [&str; 2] = ["authorization", "cookie"];

/// Where a request goes: the origin, and path with query.
type Destination = (Origin, String);

impl Host for CallState {
    async fn fetch(&mut self, request: Outgoing) -> wasmtime::Result<Result<Incoming, types::Error>> {
        let headers: usize = request.headers.iter().map(|header| header.name.len() + header.value.len()).sum();
        self.enter(request.method.len() + request.url.len() + headers + request.body.as_ref().map_or(0, Vec::len))?;
        let answer = self.fetched(request).await;
        if let Ok(answer) = &answer {
            let headers: usize = answer.headers.iter().map(|header| header.name.len() + header.value.len()).sum();
            self.carry(headers + answer.body.len())?;
        }
        answered(answer)
    }
}

impl CallState {
    async fn fetched(&mut self, request: Outgoing) -> Result<Incoming, Refusal> {
        self.may_use(INTERFACE)?;
        if self.kind != Kind::Action {
            return Err(refusal("action-only", "only a job or a webhook may use the network"));
        }
        let Outgoing { mut method, url, headers, body } = request;
        if !METHODS.contains(&method.as_str()) {
            return Err(refusal("malformed", format!("a method is one of {}", METHODS.join(", "))));
        }
        let mut headers = checked_headers(headers)?;
        let mut body = body.unwrap_or_default();
        if body.len() > self.ports.limits.request_bytes {
            return Err(refusal("too-large", format!("a body has at most {} bytes", self.ports.limits.request_bytes)));
        }
        let mut url = parsed(&url)?;
        let mut destination = self.granted_destination(&url)?;
        for redirects in 0.. {
            let answer = self.exchanged(&destination, &method, &headers, body.clone()).await?;
            let Some(next) = redirect(&method, &answer, &url) else { return Ok(self.shown(answer)) };
            if redirects == MOST_REDIRECTS {
                return Err(refusal("unavailable", format!("more than {MOST_REDIRECTS} redirects")));
            }
            let next = next?;
            let to = self.granted_destination(&next)?;
            if destination.0.scheme == Scheme::Https && to.0.scheme == Scheme::Http {
                return Err(refusal("not-granted", "a redirect leads from https to http"));
            }
            if to.0 != destination.0 {
                headers.retain(|(name, value)| !CREDENTIALS.contains(&name.as_str()) && !has_placeholder(value));
            }
            if method != "HEAD" {
                "GET".clone_into(&mut method);
            }
            body.clear();
            headers.retain(|(name, _)| name != "content-type");
            (url, destination) = (next, to);
        }
        Err(refusal("unavailable", "too many redirects"))
    }

    /// The destination of an address, where manifest and grant name its origin.
    fn granted_destination(&self, url: &Url) -> Result<Destination, Refusal> {
        let malformed = |detail: &str| refusal("malformed", detail);
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(malformed("an address begins with https://")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(malformed("an address has no user and no password"));
        }
        let not_granted = || refusal("not-granted", "this host was not granted");
        let origin = Origin::new(scheme, url.host_str().unwrap_or_default(), url.port()).map_err(|_| not_granted())?;
        let installation = &self.context.installation;
        let declared = installation.manifest.hosts.iter().any(|host| host.origin().as_ref() == Ok(&origin));
        if !declared || !installation.granted.contains(&host_grant(&origin)) {
            return Err(not_granted());
        }
        let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        Ok((origin, target))
    }

    /// One request and its answer, without following anything.
    async fn exchanged(
        &mut self,
        (origin, target): &Destination,
        method: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Result<ports::Incoming, Refusal> {
        let mut filled = Vec::with_capacity(headers.len());
        for (name, value) in headers {
            let value = if has_placeholder(value) { self.filled(value, origin).await? } else { value.clone() };
            filled.push((name.clone(), value));
        }
        let media_type = headers.iter().find(|(name, _)| name == "content-type").map_or("", |(_, value)| value);
        let body = self.filled_body(media_type, body, origin).await?;
        if self.usage.fetches == 0 {
            self.stands_before_the_first_fetch().await?;
        }
        self.usage.fetches += 1;
        let limits = self.ports.limits.clone();
        if self.usage.fetches > limits.fetches {
            return Err(self.refuse(format!("more than {} requests to the outside", limits.fetches)).into());
        }
        let now = self.ports.clock.now();
        let begun = self.ports.traffic.begin(self.context.installation.id, now, limits.fetches_per_minute, limits.concurrent_fetches);
        let under_way = begun.map_err(|much| match much {
            TooMuch::InMinute => refusal("quota", format!("more than {} requests in a minute", limits.fetches_per_minute)),
            TooMuch::UnderWay => refusal("quota", format!("more than {} requests at the same time", limits.concurrent_fetches)),
        })?;
        let request = ports::Outgoing {
            method: method.to_owned(),
            origin: origin.clone(),
            target: target.clone(),
            headers: filled,
            body,
            most_bytes: limits.response_bytes,
            most_ms: limits.fetch_ms,
        };
        let egress = self.ports.outside.egress.clone();
        let most = Duration::from_millis(limits.fetch_ms);
        self.leave_slow_lane();
        let mut task = self.ports.main.spawn(async move {
            let _under_way = under_way;
            tokio::time::timeout(most, egress.exchange(request)).await.unwrap_or(Err(EgressError::TimedOut))
        });
        let _stop = StopOnDrop(task.abort_handle());
        match (&mut task).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(refusal(code(&error), error.to_string())),
            Err(_) => Err(self.end(Stop::Unavailable("the way out failed or is shutting down".to_owned())).into()),
        }
    }

    /// Until the first request leaves, an action is run again when others change what it read. So whether all of it
    /// still stands is asked as late as can be; afterwards nothing can be taken back.
    async fn stands_before_the_first_fetch(&mut self) -> Result<(), Refusal> {
        let organisation = self.context.organisation.id;
        let now = self.ask(move |data| async move { data.members(organisation, Vec::new()).await }).await?.number;
        let Some((earliest, _)) = self.reads.numbers() else { return Ok(()) };
        let changes = self.ask(move |data| async move { data.changes(organisation, earliest, now).await }).await?;
        let touched = |changes: ports::Changes| changes.iter().any(|(number, change)| self.reads.is_touched_by(*number, change));
        if changes.is_none_or(touched) {
            // Found to be torn after its end, and so run again.
            self.latest = self.latest.max(now);
            return Err(self.refuse("what it read was changed before its first request to the outside").into());
        }
        Ok(())
    }

    /// What the plugin sees of an answer: without the secrets that went out, and without headers about the connection.
    fn shown(&self, answer: ports::Incoming) -> Incoming {
        let text = |value: String| String::from_utf8_lossy(&self.redacted(value.into_bytes())).into_owned();
        let headers = answer.headers.into_iter().filter(|(name, _)| !HOSTS_OWN.contains(&name.as_str()));
        Incoming {
            status: answer.status,
            headers: headers.map(|(name, value)| Header { name, value: text(value) }).collect(),
            body: self.redacted(answer.body),
        }
    }
}

/// Stops a request whose call has ended.
struct StopOnDrop(tokio::task::AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn code(error: &EgressError) -> &'static str {
    match error {
        EgressError::Forbidden(_) => "not-granted",
        EgressError::TooLarge(_) => "too-large",
        EgressError::Unreachable(_) | EgressError::TimedOut | EgressError::Malformed(_) => "unavailable",
    }
}

fn parsed(url: &str) -> Result<Url, Refusal> {
    if url.len() > MOST_URL {
        return Err(refusal("too-large", format!("an address has at most {MOST_URL} bytes")));
    }
    // The parser is forgiving: it drops line ends and tabs, which could hide what an address is.
    if url.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err(refusal("malformed", "an address has no spaces and no control characters"));
    }
    Url::parse(url).map_err(|error| refusal("malformed", format!("not an address: {error}")))
}

/// Where an answer sends the request on to. A request with a body goes on by 303 only, as a GET; what else it is
/// answered, the plugin sees.
fn redirect(method: &str, answer: &ports::Incoming, from: &Url) -> Option<Result<Url, Refusal>> {
    let follows = match answer.status {
        301 | 302 | 307 | 308 => matches!(method, "GET" | "HEAD"),
        303 => true,
        _ => false,
    };
    let (_, location) = answer.headers.iter().find(|(name, _)| follows && name == "location")?;
    Some(from.join(location).map_err(|_| refusal("unavailable", "a redirect leads nowhere")))
}

/// Names in lower case. What could end a line, or belongs to the host, is refused.
fn checked_headers(headers: Vec<Header>) -> Result<Vec<(String, String)>, Refusal> {
    let bytes: usize = headers.iter().map(|header| header.name.len() + header.value.len()).sum();
    if headers.len() > MOST_HEADERS || bytes > MOST_HEADER_BYTES {
        return Err(refusal("too-large", format!("there are at most {MOST_HEADERS} headers, {MOST_HEADER_BYTES} bytes together")));
    }
    let checked = |Header { name, value }| {
        // RFC 9110, section 5.6.2: tokens; values are of printable ASCII here.
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(refusal("malformed", "a header's name is of letters, digits and hyphens"));
        }
        if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(refusal("malformed", "a header's value is one line of ASCII"));
        }
        let name = name.to_ascii_lowercase();
        if HOSTS_OWN.contains(&name.as_str()) {
            return Err(refusal("malformed", format!("the header `{name}` is the host's")));
        }
        Ok((name, value.trim().to_owned()))
    };
    headers.into_iter().map(checked).collect()
}

#[cfg(test)]
mod tests;
