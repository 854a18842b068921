//! A template of the plugin's with data that a test has made up.

use super::Stage;
use super::script::Render;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use tsudoi_kernel::calls::plugin_path;
use tsudoi_kernel::manifest::Area;

/// Where a message was formatted without one of its arguments, Fluent leaves its name.
const MISSING_ARGUMENT: &str = "{$";

/// What the host gives to every template stands behind the data, so that a sample can have it otherwise.
pub async fn render(stage: &Stage, wanted: Render) -> anyhow::Result<String> {
    let services = &stage.house.services;
    let package = services.newest_package(&stage.plugin).await?.context("the plugin is gone")?;
    let loaded = services.loaded_plugin(&package.hash).await?;
    let manifest = &package.manifest;
    let mut data = json!({
        "plugin": {
            "id": manifest.id,
            "name": manifest.name.get(wanted.locale),
            "base": plugin_path(Area::Site, &manifest.id, ""),
            "admin_base": plugin_path(Area::Admin, &manifest.id, ""),
            "assets": format!("/p-assets/{}/stage/", manifest.id),
        },
        "locale": wanted.locale.tag(),
        "visitor": { "kind": "member", "is_member": true, "is_staff": false },
        "organisation": { "name": stage.organisation.name },
        "form": { "values": {}, "errors": {} },
    });
    for (name, value) in wanted.data {
        data[name] = value;
    }
    let zone = stage.organisation.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let told = |data: &Value| format!("{} with {data:#}", wanted.template);
    let html = loaded.templates.templates().render(&wanted.template, wanted.locale, zone, &data).with_context(|| told(&data))?;
    match html.split_once(MISSING_ARGUMENT) {
        Some((_, rest)) => bail!("a message lacks its argument {}; {}", rest.split('}').next().unwrap_or_default(), told(&data)),
        None => Ok(html),
    }
}
