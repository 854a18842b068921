//! What a plugin says about the world outside: hosts that it talks to, secrets that the host keeps for it, and calls
//! that it takes from outside.

use super::Manifest;
use crate::locale::Localised;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Only where the operator allows it.
    Http,
    #[default]
    Https,
}

impl Scheme {
    pub fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// Scheme, host and port: what a grant of the network is about. Written `https://api.example.com`, with the port where
/// it is not the scheme's own. The host is a name in lower case, or an IPv4 address in its one usual spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    pub scheme: Scheme,
    pub host: String,
    pub port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host is written https://name or https://name:port, in lower case")]
pub struct NotAnOrigin;

impl Origin {
    pub fn new(scheme: Scheme, host: &str, port: Option<u16>) -> Result<Self, NotAnOrigin> {
        if !is_host(host) || port == Some(0) {
            return Err(NotAnOrigin);
        }
        Ok(Self { scheme, host: host.to_owned(), port: port.unwrap_or(scheme.port()) })
    }

    /// The host, with the port where it is not the scheme's own: as it stands in the header `Host`.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.port() { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
}

/// What ends in a number is an address for browsers and resolvers, so it must be one in full: `127.1`, `0x7f000001` and
/// `2130706433` are none.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    host.len() <= 253 && host.split('.').all(is_label) && (!numeric || host.parse::<std::net::Ipv4Addr>().is_ok())
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;
    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let (scheme, rest) = text.split_once("://").ok_or(NotAnOrigin)?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(NotAnOrigin),
        };
        let (host, port) = match rest.split_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| NotAnOrigin)?)),
            None => (rest, None),
        };
        Self::new(scheme, host, port)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A host that the plugin talks to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostDeclaration {
    pub host: String,
    #[serde(default)]
    pub scheme: Scheme,
    #[serde(default)]
    pub port: Option<u16>,
}

impl HostDeclaration {
    pub fn origin(&self) -> Result<Origin, NotAnOrigin> {
        Origin::new(self.scheme, &self.host, self.port)
    }
}

/// Something that staff give to the host for the plugin, and that the plugin never sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SecretDeclaration {
    pub name: String,
    pub label: Localised,
    /// Where it may be sent, each one of the manifest's hosts. Without any it is for signatures only.
    #[serde(default)]
    pub hosts: Vec<Origin>,
    /// Fields of a JSON or form body that it may be filled into.
    #[serde(default)]
    pub body_fields: Vec<String>,
}

/// A call from outside that the plugin takes, at `/hooks/<plugin id>/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WebhookDeclaration {
    pub name: String,
    /// Checked by the host before anything of the plugin runs.
    #[serde(default)]
    pub signature: Option<Signature>,
    /// By what a repeat is recognised.
    #[serde(default)]
    pub event_id: Option<EventId>,
}

/// HMAC-SHA256 with a secret, over the body, or over `<timestamp>.<body>` where a header, or a part of one, has the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Signature {
    /// The header that the signature is in.
    pub header: String,
    pub secret: String,
    #[serde(default)]
    pub encoding: Encoding,
    /// What stands before the signature, such as `sha256=`.
    #[serde(default)]
    pub prefix: String,
    /// The header with the time of sending, in seconds since 1970.
    #[serde(default)]
    pub timestamp_header: Option<String>,
    /// Where time and signatures stand together in `header`, as in `t=1795996800,v1=5f2b…,v1=0c9d…`: the names of its parts.
    #[serde(default)]
    pub parts: Option<SignatureParts>,
    /// How far that time may be from now.
    #[serde(default = "tolerance_seconds")]
    pub tolerance_seconds: u32,
}

/// Parts of a header, each `name=value`, with commas between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignatureParts {
    /// The time of sending, in seconds since 1970; there once.
    pub timestamp: String,
    /// A signature. There may be several, as while a secret is exchanged for a new one: one of them has to be right.
    pub signature: String,
}

impl SignatureParts {
    /// What each part with this name holds.
    pub fn named<'a>(header: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
        header.split(',').filter_map(|part| part.trim().split_once('=')).filter(move |(key, _)| *key == name).map(|(_, value)| value)
    }
}

fn tolerance_seconds() -> u32 {
    300
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventId {
    /// A header, by name.
    Header(String),
    /// A text or number in the JSON body, by JSON pointer (RFC 6901).
    Pointer(String),
}

/// How a host stands in a grant.
pub fn host_grant(origin: &Origin) -> String {
    format!("host:{origin}")
}

/// How the way of a secret to a host stands in a grant.
pub fn secret_grant(secret: &str, origin: &Origin) -> String {
    format!("secret:{secret}@{origin}")
}

impl Manifest {
    /// What a consent to `interfaces` grants: these, and with `http-client` the hosts of this version and the ways of its
    /// secrets to them.
    pub fn granted_by(&self, interfaces: &BTreeSet<String>) -> BTreeSet<String> {
        let mut granted = interfaces.clone();
        if interfaces.contains("http-client") {
            granted.extend(self.hosts.iter().filter_map(|host| host.origin().ok()).map(|origin| host_grant(&origin)));
            let ways = self.secrets.iter().flat_map(|secret| secret.hosts.iter().map(|origin| secret_grant(&secret.name, origin)));
            granted.extend(ways);
        }
        granted
    }

    pub fn secret(&self, name: &str) -> Option<&SecretDeclaration> {
        self.secrets.iter().find(|secret| secret.name == name)
    }

    pub fn webhook(&self, name: &str) -> Option<&WebhookDeclaration> {
        self.webhooks.iter().find(|webhook| webhook.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_to_the_network_is_consent_to_the_hosts_that_were_shown() {
        let manifest: Manifest = serde_json::from_value(serde_json::json!({
            "id": "shop", "version": "1.0.0", "contract": "0.1", "name": { "ja": "店" },
            "hosts": [{ "host": "api.example.com" }],
            "secrets": [{ "name": "key", "label": { "ja": "鍵" }, "hosts": ["https://api.example.com"] }],
        }))
        .unwrap();
        let granted = |interfaces: &[&str]| {
            let interfaces = interfaces.iter().map(|name| (*name).to_owned()).collect();
            manifest.granted_by(&interfaces).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(granted(&["store"]), ["store"]);
        assert_eq!(granted(&["http-client"]), ["host:https://api.example.com", "http-client", "secret:key@https://api.example.com"]);
    }

    #[test]
    fn a_header_has_parts_by_name() {
        let named = |name| SignatureParts::named("t=17, v1=aa==,v0=bb,v1=cc,v1,=dd", name).collect::<Vec<_>>();
        assert_eq!(named("t"), ["17"]);
        assert_eq!(named("v1"), ["aa==", "cc"], "what has no value is none, and values may have the sign");
        assert!(named("v2").is_empty());
    }

    #[test]
    fn an_origin_has_one_spelling() {
        for text in ["https://api.example.com", "https://api.example.com:8443", "http://127.0.0.1:9", "https://xn--fiq.example"] {
            assert_eq!(text.parse::<Origin>().map(|origin| origin.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("https://api.example.com:443".parse::<Origin>().map(|origin| origin.to_string()), Ok("https://api.example.com".into()));
        for wrong in [
            "api.example.com",
            "ftp://api.example.com",
            "https://API.example.com",
            "https://api.example.com/",
            "https://user@api.example.com",
            "https://api.example.com.",
            "https://a b",
            "https://-a.example",
            "https://",
            "https://2130706433",
            "https://0x7f.0.0.1",
            "https://127.1",
            "https://0177.0.0.1",
            "https://[::1]",
            "https://a.example:0",
            "https://a.example:65536",
        ] {
            assert_eq!(wrong.parse::<Origin>(), Err(NotAnOrigin), "{wrong}");
        }
    }
}
