//! The manifest's hosts, secrets and webhooks: references from one to another, and names that make sense.

use super::checks::{asks_for, localised, word};
use super::manifest::{Source, steps};
use std::collections::BTreeSet;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::manifest::outside::{EventId, Signature, SignatureParts};
use tsudoi_kernel::ports::PackageRefused;

/// How far a webhook's time may be from now at the most.
const MOST_TOLERANCE: u32 = 60 * 60;
/// Headers with a meaning of their own, or that the plugin is never shown.
const NO_WEBHOOK_HEADERS: [&str; 5] = ["cookie", "authorization", "host", "content-length", "transfer-encoding"];

pub fn check(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    hosts(source, manifest)?;
    secrets(source, manifest)?;
    webhooks(source, manifest)
}

fn hosts(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    let mut seen = BTreeSet::new();
    for (number, host) in manifest.hosts.iter().enumerate() {
        let place = steps!["hosts", number, "host"];
        let origin = host.origin().map_err(|_| source.refuse(place, "a host is a name in lower case, without path and port"))?;
        if !seen.insert(origin) {
            return Err(source.refuse(place, "this host is named twice"));
        }
    }
    match (manifest.hosts.is_empty(), asks_for(manifest, "http-client")) {
        (false, false) => Err(source.refuse(steps!["hosts"], "hosts need the permission `http-client`")),
        (true, true) => Err(source.refuse(steps!["permissions"], "`http-client` needs [[hosts]] to talk to")),
        _ => Ok(()),
    }
}

fn secrets(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    let hosts: Vec<_> = manifest.hosts.iter().filter_map(|host| host.origin().ok()).collect();
    let mut seen = BTreeSet::new();
    for (number, secret) in manifest.secrets.iter().enumerate() {
        word(source, steps!["secrets", number, "name"], &secret.name)?;
        localised(source, steps!["secrets", number, "label"], &secret.label)?;
        if !seen.insert(&secret.name) {
            return Err(source.refuse(steps!["secrets", number, "name"], format!("two secrets are called `{}`", secret.name)));
        }
        if let Some(other) = secret.hosts.iter().find(|host| !hosts.contains(host)) {
            return Err(source.refuse(steps!["secrets", number, "hosts"], format!("{other} is none of the manifest's hosts")));
        }
        if secret.hosts.is_empty() && !secret.body_fields.is_empty() {
            return Err(source.refuse(steps!["secrets", number, "body-fields"], "a secret without hosts goes into no body"));
        }
    }
    Ok(())
}

fn webhooks(source: &Source<'_>, manifest: &Manifest) -> Result<(), PackageRefused> {
    let mut seen = BTreeSet::new();
    for (number, webhook) in manifest.webhooks.iter().enumerate() {
        word(source, steps!["webhooks", number, "name"], &webhook.name)?;
        if !seen.insert(&webhook.name) {
            return Err(source.refuse(steps!["webhooks", number, "name"], format!("two webhooks are called `{}`", webhook.name)));
        }
        if let Some(signature) = &webhook.signature
            && let Err((key, reason)) = check_signature(manifest, signature)
        {
            return Err(source.refuse(steps!["webhooks", number, "signature", key], reason));
        }
        let reason = match &webhook.event_id {
            Some(EventId::Header(name)) if !is_header(name) => Some("a header is named in lower case, by letters, digits and hyphens"),
            Some(EventId::Pointer(pointer)) if !pointer.starts_with('/') => Some("a JSON pointer begins with /"),
            _ => None,
        };
        if let Some(reason) = reason {
            return Err(source.refuse(steps!["webhooks", number, "event-id"], reason));
        }
    }
    Ok(())
}

fn check_signature(manifest: &Manifest, signature: &Signature) -> Result<(), (&'static str, &'static str)> {
    let header = "a header is named in lower case, by letters, digits and hyphens";
    if !is_header(&signature.header) {
        return Err(("header", header));
    }
    if signature.timestamp_header.as_ref().is_some_and(|name| !is_header(name)) {
        return Err(("timestamp-header", header));
    }
    if let Some(SignatureParts { timestamp, signature: signed }) = &signature.parts {
        if !is_part(timestamp) || !is_part(signed) || timestamp == signed {
            return Err(("parts", "the parts have names of their own, of 1 to 16 letters, digits, hyphens and underscores"));
        }
        if signature.timestamp_header.is_some() || !signature.prefix.is_empty() {
            return Err(("parts", "with parts there is neither timestamp-header nor prefix"));
        }
    }
    if manifest.secret(&signature.secret).is_none() {
        return Err(("secret", "no such secret under [[secrets]]"));
    }
    if !(1..=MOST_TOLERANCE).contains(&signature.tolerance_seconds) {
        return Err(("tolerance-seconds", "the tolerance is 1 second to 1 hour"));
    }
    Ok(())
}

fn is_part(name: &str) -> bool {
    (1..=16).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_header(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !NO_WEBHOOK_HEADERS.contains(&name)
}

#[cfg(test)]
mod tests {
    use crate::package::inspect;
    use crate::testing::packages;

    const OUTSIDE: &str = r#"[[permissions]]
interface = "http-client"
why = { ja = "支払い", en = "To take payments" }
[[hosts]]
host = "api.example.com"
[[secrets]]
name = "key"
label = { ja = "鍵", en = "Key" }
hosts = ["https://api.example.com"]
[[webhooks]]
name = "paid"
signature = { header = "x-signature", secret = "key", timestamp-header = "x-time" }
event-id = { header = "x-id" }
[settings.open]"#;

    /// What is said of the good package's manifest with all of this in it, after a replacement.
    fn said(from: &str, to: &str) -> Result<(), String> {
        let package = packages::good().edit_manifest("[settings.open]", &OUTSIDE.replacen(from, to, 1));
        let package = package.import("tsudoi:plugin/http-client@0.1.0").export("tsudoi:plugin/webhooks@0.1.0");
        inspect(&package.bytes(), 16 << 20).map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn hosts_secrets_and_webhooks_refer_to_each_other() {
        assert_eq!(said("", ""), Ok(()));
        let parts = "parts = { timestamp = \"t\", signature = \"v1\" }";
        assert_eq!(said("timestamp-header = \"x-time\"", parts), Ok(()));
        for (from, to, expected) in [
            ("host = \"api.example.com\"", "host = \"API.example.com\"", "a host is a name in lower case"),
            ("host = \"api.example.com\"", "host = \"0x7f.1\"", "a host is a name in lower case"),
            ("host = \"api.example.com\"", "host = \"api.example.com\"\nscheme = \"ftp\"", "unknown variant `ftp`"),
            ("[[hosts]]\nhost = \"api.example.com\"", "", "`http-client` needs [[hosts]]"),
            ("hosts = [\"https://api", "hosts = [\"https://evil", "https://evil.example.com is none of the manifest's hosts"),
            ("hosts = [\"https://api", "hosts = [\"api", "a host is written https://name"),
            ("secret = \"key\"", "secret = \"other\"", "no such secret under [[secrets]]"),
            ("header = \"x-signature\"", "header = \"Cookie\"", "a header is named in lower case"),
            ("header = \"x-id\"", "header = \"cookie\"", "a header is named in lower case"),
            ("header = \"x-id\"", "pointer = \"id\"", "a JSON pointer begins with /"),
            ("timestamp-header = \"x-time\"", "tolerance-seconds = 0", "the tolerance is 1 second to 1 hour"),
            ("timestamp-header = \"x-time\"", &parts.replace("v1", "t"), "the parts have names of their own"),
            ("timestamp-header = \"x-time\"", &parts.replace("v1", "v=1"), "the parts have names of their own"),
            ("secret = \"key\"", &format!("secret = \"key\", {parts}"), "with parts there is neither timestamp-header nor prefix"),
        ] {
            let found = said(from, to).unwrap_err();
            assert!(found.starts_with("plugin.toml:") && found.contains(expected), "{to}: {found}");
        }
    }
}
