//! What a plugin asks for and would change, in plain words: never the names that programs use.

use crate::Web;
use crate::visiting::Visiting;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tsudoi_kernel::Locale;
use tsudoi_kernel::background::permission_words;
use tsudoi_kernel::calls::{Installation, plugin_path};
use tsudoi_kernel::manifest::{Area, Manifest};
use tsudoi_services::plugins::{Difference, DryRun, InstallationSummary};

/// A plugin in the words of the switchboard. `package` is the newest version; `used` is the one that runs, where there
/// is one.
pub fn describe(web: &Web, visiting: &Visiting, summary: &InstallationSummary) -> Value {
    let locale = visiting.locale();
    let manifest = &summary.manifest;
    let installed = summary.installed.as_ref().map(|(installation, _)| installation);
    let enabled = installed.is_some_and(|installation| installation.enabled);
    let newer = installed.is_some_and(|installation| installation.package_hash != summary.package_hash);
    let shown = installed.filter(|installation| installation.enabled).map_or(&**manifest, |installation| &*installation.manifest);
    let pages: Vec<Value> = shown
        .menu
        .iter()
        .map(|entry| json!({ "label": entry.label.get(locale), "url": plugin_path(entry.area, &shown.id, &entry.path), "admin": entry.area == Area::Admin }))
        .collect();
    let report = DryRun::of(summary, locale);
    json!({
        "id": manifest.id,
        "name": manifest.name.get(locale),
        "description": manifest.description.get(locale),
        "version": manifest.version,
        "used_version": installed.map(|installation| installation.manifest.version.clone()),
        "package": summary.package_hash,
        "used_package": installed.map(|installation| installation.package_hash.clone()),
        "permitted": web.services.is_permitted(manifest),
        "asks": asks(web, visiting, manifest, installed, &report),
        "grant": installed.map(|installation| asks(web, visiting, &installation.manifest, Some(installation), &DryRun::default())),
        "report": described(web, visiting, manifest, &report),
        "pages": pages,
        "talks": !manifest.hosts.is_empty(),
        "webhooks": manifest.webhooks.iter().map(|webhook| format!("/hooks/{}/{}", manifest.id, webhook.name)).collect::<Vec<_>>(),
        "has_settings": installed.is_some_and(|installation| !installation.manifest.settings.is_empty()),
        "has_secrets": installed.is_some_and(|installation| !installation.manifest.secrets.is_empty()),
        "enabled": enabled,
        "installed": installed.is_some(),
        "newer": newer,
        "paused_until": installed.filter(|_| enabled).and_then(|installation| installation.paused_until(web.services.now())),
        "upgrading": installed.is_some_and(|installation| installation.upgrading),
        "wider": !report.wider.is_empty(),
    })
}

/// What an interface lets a plugin do; of a topic, what it hears of.
fn power(web: &Web, locale: Locale, interface: &str) -> String {
    let (key, plugin) = permission_words(interface);
    web.look.message(locale, &key, &json!({ "plugin": plugin }))
}

/// What a version asks for, each with whether it is granted now and whether it is new.
fn asks(web: &Web, visiting: &Visiting, manifest: &Manifest, installed: Option<&Installation>, report: &DryRun) -> Value {
    let locale = visiting.locale();
    let text = |key: String| web.look.message(locale, &key, &json!({}));
    let policy = &web.services.settings().policy;
    // Before anything was granted everything is ticked; what is new in a version is ticked too, and marked.
    let ticked = |granted: &dyn Fn(&Installation) -> bool, new: bool| new || installed.is_none_or(granted);
    let permissions: Vec<Value> = manifest
        .permissions
        .iter()
        .map(|request| {
            let new = report.wider.interfaces.contains(&request.interface);
            json!({
                "key": request.interface,
                "power": power(web, locale, &request.interface),
                "why": request.why.get(locale),
                "optional": request.optional,
                "new": new,
                "permitted": policy.permits(&manifest.id, &request.interface),
                "ticked": ticked(&|installation| installation.granted.contains(&request.interface), new),
                "fields": request.interface == "members-read",
                "hosts": if request.interface == "http-client" { super::outside::hosts(manifest) } else { Vec::new() },
            })
        })
        .collect();
    let fields: Vec<Value> = manifest
        .member_fields
        .iter()
        .map(|field| {
            let new = report.wider.member_fields.contains(field);
            json!({
                "key": field,
                "label": text(format!("member-field-{field}")),
                "new": new,
                "permitted": policy.permits_member_field(&manifest.id, field),
                "ticked": ticked(&|installation| installation.member_fields.contains(field), new),
            })
        })
        .collect();
    json!({ "permissions": permissions, "fields": fields, "secrets": super::outside::secrets(web, locale, manifest) })
}

/// What would change, as lines for people.
fn described(web: &Web, visiting: &Visiting, manifest: &Manifest, report: &DryRun) -> Value {
    let locale = visiting.locale();
    let separator = web.look.message(locale, "list-separator", &json!({}));
    let mut lines = Vec::new();
    let mut say = |key: &str, names: &[String]| {
        if !names.is_empty() {
            lines.push(web.look.message(locale, key, &json!({ "names": names.join(&separator), "count": names.len() })));
        }
    };
    let mut differ = |what: &str, difference: &Difference| {
        say(&format!("plugins-run-{what}-added"), &difference.added);
        say(&format!("plugins-run-{what}-removed"), &difference.removed);
    };
    differ("menu", &report.menu);
    differ("pages", &report.pages);
    differ("blocks", &report.blocks);
    differ("rules", &report.rules);
    differ("fields", &report.fields);
    let label = |name: &String| {
        let found = manifest.staff_permissions.iter().find(|permission| permission.name == *name);
        found.map_or_else(|| name.clone(), |permission| permission.label.get(locale).to_owned())
    };
    let new: BTreeSet<String> = report.wider.staff_permissions.iter().map(label).collect();
    say("plugins-run-staff", &new.into_iter().collect::<Vec<_>>());
    let (hosts, ways) = super::outside::new(&report.wider.hosts);
    say("plugins-run-hosts", &hosts);
    say("plugins-run-ways", &ways);
    say("plugins-run-opened", &report.wider.opened.iter().cloned().collect::<Vec<_>>());
    if report.documents > 0 {
        lines.push(web.look.message(locale, "plugins-run-documents", &json!({ "documents": report.documents })));
    }
    if report.indexes > 0 {
        lines.push(web.look.message(locale, "plugins-run-indexes", &json!({ "count": report.indexes })));
    }
    json!(lines)
}
