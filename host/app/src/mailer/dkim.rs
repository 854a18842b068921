//! DKIM signatures (RFC 6376, and RFC 8463 for Ed25519), with the keys of `ring`, which is here for TLS anyway: it signs in constant
//! time, as the `rsa` crate that lettre would bring does not (RUSTSEC-2023-0071).

use crate::config::Dkim;
use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use tsudoi_kernel::Timestamp;

enum Key {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

/// Those that are signed, where a mail has them. Sender and subject are named once more than they are there, so that nobody can
/// add a second one; the two of RFC 8058 have to be signed.
const SIGNED: [&str; 13] = [
    "from",
    "from",
    "to",
    "reply-to",
    "subject",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-unsubscribe",
    "list-unsubscribe-post",
];

impl Signer {
    pub fn new(config: &Dkim) -> anyhow::Result<Self> {
        let path = config.key.display();
        let pem = std::fs::read(&config.key).with_context(|| format!("the key of mail.dkim, {path}, can't be read"))?;
        let key = parse(&pem).with_context(|| format!("the key of mail.dkim, {path}"))?;
        Ok(Self { domain: config.domain.clone(), selector: config.selector.clone(), key })
    }

    /// Where the record has to be, and what it says.
    pub fn record(&self) -> (String, String) {
        let name = format!("{}._domainkey.{}", self.selector, self.domain);
        let value = match &self.key {
            Key::Rsa(key) => format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(public_key_info(key.public_key().as_ref()))),
            Key::Ed25519(key) => format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(key.public_key().as_ref())),
        };
        (name, value)
    }

    /// The header that goes in front of a message, with the end of its line.
    pub fn sign(&self, message: &[u8], at: Timestamp) -> anyhow::Result<String> {
        let end = message.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("a message without a body")?;
        let (head, body) = (std::str::from_utf8(&message[..end + 2])?, &message[end + 4..]);
        let headers = unfolded(head);
        let named: Vec<&str> = SIGNED.into_iter().filter(|name| headers.iter().any(|(known, _)| known == name)).collect();
        let algorithm = match &self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let unsigned = format!(
            "v=1; a={algorithm}; c=relaxed/relaxed; d={}; s={};\r\n\tt={}; h={};\r\n\tbh={};\r\n\tb=",
            self.domain,
            self.selector,
            at.millis() / 1000,
            named.join(":"),
            STANDARD.encode(Sha256::digest(relaxed_body(body)))
        );
        let mut signed = String::new();
        let mut rest = headers;
        for name in named {
            // From the last one up, each once; one that is not there any more stands for itself.
            if let Some(at) = rest.iter().rposition(|(known, _)| known == name) {
                let (name, value) = rest.remove(at);
                signed.push_str(&format!("{name}:{value}\r\n"));
            }
        }
        signed.push_str(&format!("dkim-signature:{}", relaxed_value(&unsigned)));
        let signature = STANDARD.encode(self.signature(signed.as_bytes())?);
        let lines: Vec<&str> = signature.as_bytes().chunks(72).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        Ok(format!("DKIM-Signature: {unsigned}{}\r\n", lines.join("\r\n\t")))
    }

    fn signature(&self, signed: &[u8]) -> anyhow::Result<Vec<u8>> {
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let made = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed, &mut signature);
                made.map_err(|_| anyhow::anyhow!("the mail can't be signed"))?;
                Ok(signature)
            }
            // RFC 8463 signs the hash of what RSA would sign.
            Key::Ed25519(key) => Ok(key.sign(&Sha256::digest(signed)).as_ref().to_vec()),
        }
    }
}

fn parse(pem: &[u8]) -> anyhow::Result<Key> {
    let der = PrivateKeyDer::from_pem_slice(pem).map_err(|error| anyhow::anyhow!("it is not a private key in PEM: {error}"))?;
    match &der {
        PrivateKeyDer::Pkcs1(key) => Ok(Key::Rsa(RsaKeyPair::from_der(key.secret_pkcs1_der()).map_err(refused)?)),
        PrivateKeyDer::Pkcs8(key) => match Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.secret_pkcs8_der()) {
            Ok(key) => Ok(Key::Ed25519(key)),
            Err(_) => Ok(Key::Rsa(RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).map_err(refused)?)),
        },
        _ => bail!("it is neither an RSA nor an Ed25519 key"),
    }
}

fn refused(error: ring::error::KeyRejected) -> anyhow::Error {
    anyhow::anyhow!("it can't be used, an RSA key of 2048 to 4096 bits or an Ed25519 key is expected: {error}")
}

/// An RSA key as DNS has it: SubjectPublicKeyInfo (RFC 5280, section 4.1) around it.
fn public_key_info(key: &[u8]) -> Vec<u8> {
    // SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }
    const ALGORITHM: [u8; 15] = [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00];
    fn tagged(tag: u8, contents: &[u8]) -> Vec<u8> {
        let length = contents.len();
        let mut der = vec![tag];
        match length {
            0..=0x7F => der.push(length as u8),
            0x80..=0xFF => der.extend([0x81, length as u8]),
            _ => der.extend([0x82, (length >> 8) as u8, length as u8]),
        }
        der.extend_from_slice(contents);
        der
    }
    let bits = [&[0u8][..], key].concat();
    tagged(0x30, &[&ALGORITHM[..], &tagged(0x03, &bits)].concat())
}

/// Names in lower case with their values, white space made one (RFC 6376, section 3.4.2).
fn unfolded(head: &str) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n").filter(|line| !line.is_empty()) {
        match headers.last_mut() {
            Some((_, value)) if line.starts_with([' ', '\t']) => value.push_str(line),
            _ => {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                headers.push((name.trim_end().to_ascii_lowercase(), value.to_owned()));
            }
        }
    }
    headers.into_iter().map(|(name, value)| (name, relaxed_value(&value))).collect()
}

fn relaxed_value(value: &str) -> String {
    value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Without white space at the ends of lines and empty lines at the end (RFC 6376, section 3.4.4).
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len());
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let begun = relaxed.len();
        let mut words = line.split(|byte| matches!(byte, b' ' | b'\t')).peekable();
        let mut is_first = true;
        while let Some(word) = words.next() {
            // White space before a word is one space; at the end it is none.
            if word.is_empty() && words.peek().is_some() && !is_first {
                continue;
            }
            if !is_first && !word.is_empty() {
                relaxed.push(b' ');
            }
            relaxed.extend_from_slice(word);
            is_first = false;
        }
        debug_assert!(relaxed.len() >= begun);
        relaxed.extend_from_slice(b"\r\n");
    }
    while relaxed.ends_with(b"\r\n\r\n") {
        relaxed.truncate(relaxed.len() - 2);
    }
    if relaxed == b"\r\n" { Vec::new() } else { relaxed }
}

#[cfg(test)]
#[path = "dkim_tests.rs"]
mod tests;
