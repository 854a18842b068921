//! What a plugin asks of the world outside, in plain words.

use crate::Web;
use serde_json::json;
use std::collections::BTreeSet;
use tsudoi_kernel::Locale;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::manifest::outside::Origin;

/// The hosts as people write them; one without encryption says so by its `http://`.
pub fn hosts(manifest: &Manifest) -> Vec<String> {
    manifest.hosts.iter().filter_map(|host| host.origin().ok()).map(|origin| plain(&origin)).collect()
}

fn plain(origin: &Origin) -> String {
    origin.to_string().trim_start_matches("https://").to_owned()
}

/// A line for each secret, with where it goes.
pub fn secrets(web: &Web, locale: Locale, manifest: &Manifest) -> Vec<String> {
    let separator = web.look.message(locale, "list-separator", &json!({}));
    let line = |secret: &tsudoi_kernel::manifest::outside::SecretDeclaration| {
        let key = if secret.hosts.is_empty() { "plugins-secret-stays" } else { "plugins-secret-goes" };
        let hosts = secret.hosts.iter().map(plain).collect::<Vec<_>>().join(&separator);
        web.look.message(locale, key, &json!({ "label": secret.label.get(locale), "hosts": hosts }))
    };
    manifest.secrets.iter().map(line).collect()
}

/// Of what a version grants beyond another one: hosts, and ways of secrets.
pub fn new(grants: &BTreeSet<String>) -> (Vec<String>, Vec<String>) {
    let plain = |origin: &str| origin.trim_start_matches("https://").to_owned();
    let hosts = grants.iter().filter_map(|grant| grant.strip_prefix("host:")).map(plain);
    let ways = grants.iter().filter_map(|grant| grant.strip_prefix("secret:")?.split_once('@'));
    (hosts.collect(), ways.map(|(name, origin)| format!("{name} → {}", plain(origin))).collect())
}
