//! What the component imports and exports, against what the host serves and what the manifest asks for.

use super::manifest::{Source, steps};
use super::refused;
use super::sections::Sections;
use crate::bindings::{PACKAGE, VERSION};
use tsudoi_kernel::background::EVENT_PERMISSION;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::PackageRefused;

/// Interfaces that need no permission.
pub const FREE: [&str; 2] = ["context", "log"];
/// Interfaces that an organisation grants.
pub const GRANTED: &[&str] = &[
    "store",
    "members-read",
    "members-write",
    "activities",
    "events-emit",
    "jobs-enqueue",
    "http-client",
    "secrets",
    "notify",
    "files",
    "invoices",
    "payments",
    "receivables",
    "forms",
];
/// Interfaces of types only: no power comes with them.
const TYPES: [&str; 3] = ["types", "replies", "charges"];
const EXPORTS: &[&str] = &["pages", "blocks", "rules", "events", "jobs", "webhooks", "payment-gateway", "saved-methods", "upgrade"];
/// Of the contract, and not served yet.
const LATER_EXPORTS: &[&str] = &["notification-channel"];

/// The names without package and version, sorted, without those that hold types only.
pub fn interfaces(names: &[&str]) -> Vec<String> {
    let mut found = names.iter().filter_map(|name| interface(name).ok()).filter(|name| !TYPES.contains(name)).collect::<Vec<_>>();
    found.sort_unstable();
    found.into_iter().map(str::to_owned).collect()
}

fn interface(name: &str) -> Result<&str, &'static str> {
    let (package, rest) = name.split_once('/').unwrap_or((name, ""));
    if package == "wasi" || package.starts_with("wasi:") {
        return Err("WASI is not served; build without it, or stub it in the component");
    }
    match rest.split_once('@') {
        Some((interface, VERSION)) if package == PACKAGE => Ok(interface),
        _ if package == PACKAGE => Err("the host serves version 0.1.0 of the contract"),
        _ => Err("the contract has no such interface"),
    }
}

pub fn check(source: &Source<'_>, manifest: &Manifest, sections: &Sections<'_>) -> Result<(), PackageRefused> {
    let asked = |interface: &str| manifest.permissions.iter().any(|permission| permission.interface == interface);
    for name in &sections.imports {
        let place = || format!("import {}", name.escape_default());
        let interface = interface(name).map_err(|reason| refused(place(), reason))?;
        if GRANTED.contains(&interface) && !asked(interface) {
            return Err(refused(format!("import {PACKAGE}/{interface}"), "the manifest does not ask for this permission"));
        }
        if ![&FREE[..], GRANTED, &TYPES].iter().any(|known| known.contains(&interface)) {
            return Err(refused(place(), "the contract has no such interface"));
        }
    }
    for name in &sections.exports {
        let place = || format!("export {}", name.escape_default());
        let interface = interface(name).map_err(|reason| refused(place(), reason))?;
        if LATER_EXPORTS.contains(&interface) {
            return Err(refused(place(), "this version of the host does not serve it yet"));
        }
        if !EXPORTS.contains(&interface) && !TYPES.contains(&interface) {
            return Err(refused(place(), "the contract has no such interface"));
        }
    }
    let (imports, exports) = (interfaces(&sections.imports), interfaces(&sections.exports));
    // What the host does for the manifest is use as well.
    let has_files = manifest.routes.iter().any(|route| route.uploads.is_some())
        || manifest.collections.values().filter_map(|collection| collection.member.as_ref()).any(|link| !link.files.is_empty());
    for (number, permission) in manifest.permissions.iter().enumerate() {
        let interface = permission.interface.as_str();
        let is_used = imports.contains(&permission.interface) || (interface == "files" && has_files);
        if !is_used && !interface.starts_with(EVENT_PERMISSION) {
            let reason = format!("the component does not import `{}`: ask only for what is used", permission.interface);
            return Err(source.refuse(steps!["permissions", number, "interface"], reason));
        }
    }
    for (what, wanted, interface) in [
        ("routes", !manifest.routes.is_empty(), "pages"),
        ("blocks", !manifest.blocks.is_empty(), "blocks"),
        ("rules", !manifest.rules.is_empty(), "rules"),
        ("webhooks", !manifest.webhooks.is_empty(), "webhooks"),
        ("subscriptions", !manifest.subscriptions.is_empty(), "events"),
        ("jobs", !manifest.jobs.is_empty(), "jobs"),
        ("a gateway", manifest.gateway.is_some(), "payment-gateway"),
        ("saved-methods", manifest.gateway.as_ref().is_some_and(|gateway| gateway.saved_methods), "saved-methods"),
    ] {
        if wanted && !exports.iter().any(|export| export == interface) {
            let reason = format!("the manifest has {what}, but the component does not export `{interface}`");
            return Err(refused(format!("export {interface}"), reason));
        }
    }
    Ok(())
}
