//! How events are signed and sent (*Webhooks*, verify signatures manually).

use crate::Stripe;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::io::{Read, Write};
use std::net::TcpStream;

/// An event as it goes over the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed {
    /// The header `Stripe-Signature`.
    pub signature: String,
    pub body: String,
}

/// `t=<time>,v1=<HMAC-SHA256 of "<time>.<body>", hexadecimal>`, with a `v1` for each secret, as while one is rolled over.
pub fn sign(secrets: &[&str], time: u64, body: &str) -> String {
    let signature = |secret: &&str| {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { unreachable!("HMAC takes any key length") };
        mac.update(format!("{time}.{body}").as_bytes());
        let tag: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!(",v1={tag}")
    };
    format!("t={time}{}", secrets.iter().map(signature).collect::<String>())
}

impl Stripe {
    /// An event, signed now.
    pub fn signed(&self, event: &Value, secrets: &[&str]) -> Signed {
        let body = event.to_string();
        Signed { signature: sign(secrets, self.state().now, &body), body }
    }

    /// Sends an event to a site: `http://hoshizora.localhost:8080/hooks/stripe/events`. Answers the status.
    ///
    /// # Errors
    /// Where nobody answers there.
    pub fn deliver(&self, event: &Value, to: &str, secrets: &[&str]) -> std::io::Result<u16> {
        let wrong = |what: &str| std::io::Error::other(format!("{to}: {what}"));
        let url = url::Url::parse(to).map_err(|_| wrong("no address"))?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Err(wrong("no host")) };
        let Signed { signature, body } = self.signed(event, secrets);
        // Names under `localhost` are this machine (RFC 6761).
        let machine = if host.ends_with("localhost") { "127.0.0.1" } else { host };
        let mut stream = TcpStream::connect((machine, port))?;
        write!(
            stream,
            "POST {} HTTP/1.1\r\nhost: {host}:{port}\r\nuser-agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n\
             content-type: application/json; charset=utf-8\r\nstripe-signature: {signature}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            url.path(),
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| wrong("no answer"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_time_and_body() {
        // Made by `printf '1795996800.{}' | openssl dgst -sha256 -hmac whsec_test`.
        let expected = "t=1795996800,v1=b276aa68d63d6e283e774c98bc1993ffa009bed492eba1b8d851031dd8138893";
        assert_eq!(sign(&["whsec_test"], 1_795_996_800, "{}"), expected);
        assert_eq!(sign(&["a", "b"], 1, "{}").matches(",v1=").count(), 2);
    }
}
