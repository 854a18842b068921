//! Secrets in a request: `{{secret:NAME}}` and `{{basic:USER:NAME}}` become values on the way out, and the values become
//! `[redacted]` in what comes back.

use crate::state::{CallState, Refusal, refusal};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::manifest::outside::{Origin, secret_grant};
use tsudoi_kernel::ports::SecretValue;

const REDACTED: &[u8] = b"[redacted]";

/// What a placeholder asks for.
#[derive(Debug, PartialEq, Eq)]
enum Placeholder<'a> {
    Secret(&'a str),
    /// `user:secret` in base64, as basic authentication has it.
    Basic {
        user: &'a str,
        secret: &'a str,
    },
}

/// The first placeholder of a text: what stands before it, what it is, and what follows.
fn placeholder(text: &str) -> Result<Option<(&str, Placeholder<'_>, &str)>, Refusal> {
    let Some((before, rest)) = text.split_once("{{") else { return Ok(None) };
    let wrong = || refusal("malformed", "a placeholder is {{secret:NAME}} or {{basic:USER:NAME}}");
    let (inside, after) = rest.split_once("}}").ok_or_else(wrong)?;
    let found = match inside.split_once(':') {
        Some(("secret", name)) => Placeholder::Secret(name),
        Some(("basic", rest)) => match rest.rsplit_once(':') {
            Some((user, secret)) => Placeholder::Basic { user, secret },
            None => return Err(wrong()),
        },
        _ => return Err(wrong()),
    };
    Ok(Some((before, found, after)))
}

pub fn has_placeholder(text: &str) -> bool {
    text.contains("{{")
}

impl CallState {
    /// A header's value with its placeholders filled in.
    pub(super) async fn filled(&mut self, text: &str, to: &Origin) -> Result<String, Refusal> {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, found, after)) = placeholder(rest)? {
            filled.push_str(before);
            match found {
                Placeholder::Secret(name) => filled.push_str(&self.secret_for(name, to).await?),
                Placeholder::Basic { user, secret } => {
                    let value = self.secret_for(secret, to).await?;
                    let encoded = STANDARD.encode(format!("{user}:{value}"));
                    filled.push_str(&encoded);
                    self.sent_secrets.push(encoded);
                }
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// A body with the placeholders of declared fields filled in: fields at the top of a JSON object, or of a form, whose
    /// whole value is one `{{secret:NAME}}`. Every other body goes out as it is.
    pub(super) async fn filled_body(&mut self, media_type: &str, body: Vec<u8>, to: &Origin) -> Result<Vec<u8>, Refusal> {
        let declared = self.context.installation.manifest.secrets.iter().any(|secret| !secret.body_fields.is_empty());
        if !declared {
            return Ok(body);
        }
        match media_type.split(';').next().unwrap_or_default().trim() {
            "application/json" => {
                let Ok(Value::Object(mut fields)) = serde_json::from_slice(&body) else { return Ok(body) };
                let mut changed = false;
                for (field, value) in &mut fields {
                    if let Value::String(text) = value
                        && let Some(secret) = self.secret_of_field(field, text)
                    {
                        *text = self.secret_for(&secret, to).await?;
                        changed = true;
                    }
                }
                Ok(if changed { Value::Object(fields).to_string().into_bytes() } else { body })
            }
            "application/x-www-form-urlencoded" => {
                let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
                let mut changed = false;
                for (field, value) in &mut fields {
                    if let Some(secret) = self.secret_of_field(field, value) {
                        *value = self.secret_for(&secret, to).await?;
                        changed = true;
                    }
                }
                let mut written = url::form_urlencoded::Serializer::new(String::new());
                Ok(if changed { written.extend_pairs(fields).finish().into_bytes() } else { body })
            }
            _ => Ok(body),
        }
    }

    fn secret_of_field(&self, field: &str, value: &str) -> Option<String> {
        let name = value.strip_prefix("{{secret:")?.strip_suffix("}}")?;
        let secret = self.context.installation.manifest.secret(name)?;
        secret.body_fields.iter().any(|declared| declared == field).then(|| name.to_owned())
    }

    /// The secret's value, where the manifest and the organisation let it go to `to`. Otherwise the call learns that it
    /// may not, and staff learn that it tried.
    async fn secret_for(&mut self, name: &str, to: &Origin) -> Result<String, Refusal> {
        let installation = self.context.installation.clone();
        let declared = installation.manifest.secret(name).ok_or_else(|| undeclared(name))?;
        if !declared.hosts.contains(to) || !installation.granted.contains(&secret_grant(name, to)) {
            if !std::mem::replace(&mut self.noted_refusal, true) {
                let (vault, organisation) = (self.ports.outside.vault.clone(), self.context.organisation.id);
                let (plugin, name, destination) = (installation.manifest.id.clone(), name.to_owned(), to.to_string());
                self.ask(move |_| async move { vault.note_refusal(organisation, plugin, name, destination).await }).await?;
            }
            return Err(refusal("not-granted", format!("this secret may not go to {to}")));
        }
        let SecretValue(value) = self.secret(name).await?;
        if !self.sent_secrets.contains(&value) {
            self.sent_secrets.push(value.clone());
        }
        Ok(value)
    }

    /// A declared secret that was set. What it is goes into the read set.
    pub(super) async fn secret(&mut self, name: &str) -> Result<SecretValue, Refusal> {
        let manifest = self.context.installation.manifest.clone();
        if manifest.secret(name).is_none() {
            return Err(undeclared(name));
        }
        let (vault, organisation) = (self.ports.outside.vault.clone(), self.context.organisation.id);
        let (plugin, wanted) = (manifest.id.clone(), name.to_owned());
        let found = self.ask(move |_| async move { vault.reveal(organisation, plugin, wanted).await }).await?;
        self.read(Read::Fact(format!("secret:{}:{name}", manifest.id)), found.number);
        found.value.ok_or_else(|| refusal("not-set", format!("the secret `{name}` was not set yet")))
    }

    /// `bytes` without any of the secrets that this call sent, in the spellings that an echo has them in.
    pub(super) fn redacted(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for secret in &self.sent_secrets {
            for spelling in spellings(secret) {
                bytes = without(&bytes, spelling.as_bytes());
            }
        }
        bytes
    }
}

fn undeclared(name: &str) -> Refusal {
    refusal("undeclared", format!("the manifest declares no secret `{}`", crate::loggable(name, 40)))
}

/// As it is, within JSON, within a form or an address, and in base64.
fn spellings(secret: &str) -> Vec<String> {
    let json = Value::String(secret.to_owned()).to_string();
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut found = vec![secret.to_owned(), json[1..json.len() - 1].to_owned(), form.replace('+', "%20"), form, STANDARD.encode(secret)];
    found.sort_unstable_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    found.dedup();
    found
}

fn without(bytes: &[u8], secret: &[u8]) -> Vec<u8> {
    let (mut clean, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while !secret.is_empty() && rest.len() >= secret.len() {
        match rest.windows(secret.len()).position(|window| window == secret) {
            Some(at) => {
                clean.extend_from_slice(&rest[..at]);
                clean.extend_from_slice(REDACTED);
                rest = &rest[at + secret.len()..];
            }
            None => break,
        }
    }
    clean.extend_from_slice(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_recognised_or_refused() {
        let found = |text: &'static str| placeholder(text).ok().flatten();
        assert_eq!(found("Bearer {{secret:api-key}}!"), Some(("Bearer ", Placeholder::Secret("api-key"), "!")));
        assert_eq!(found("Basic {{basic:shop:1:key}}"), Some(("Basic ", Placeholder::Basic { user: "shop:1", secret: "key" }, "")));
        assert_eq!(found("plain"), None);
        for wrong in ["{{secret:a", "{{}}", "{{other:a}}", "{{basic:a}}"] {
            assert!(placeholder(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_echo_is_redacted_however_it_is_spelt() {
        for spelling in spellings("a+b\"c/d e") {
            let clean = without(format!("<{spelling}|{spelling}>").as_bytes(), spelling.as_bytes());
            assert_eq!(String::from_utf8(clean).unwrap(), "<[redacted]|[redacted]>");
        }
        assert!(spellings("a+b").contains(&"YSti".to_owned()) && spellings("a+b").contains(&"a%2Bb".to_owned()));
    }
}
