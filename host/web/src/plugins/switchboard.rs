//! The switchboard: which plugins there are, what each asks for in plain words, on and off.

use crate::cookies::{self, Life};
use crate::fields::Fields;
use crate::visiting::{Visiting, append_cookie, is_secure};
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tsudoi_kernel::Permission;
use tsudoi_kernel::calls::plugin_path;
use tsudoi_kernel::manifest::Area;
use tsudoi_services::ServiceError;
use tsudoi_services::plugins::{InstallationSummary, requested};

type Answer = Result<Response, Problem>;

pub async fn list(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let organisation = web.services.of(&visiting.visit);
    let plugins: Vec<Value> =
        web.services.plugin_switchboard(&organisation).await?.iter().map(|summary| describe(&web, &visiting, summary)).collect();
    let failures: Vec<Value> = web
        .services
        .recent_plugin_failures(&visiting.visit)
        .await?
        .iter()
        .map(|failure| json!({ "plugin": failure.plugin, "place": failure.place, "request_id": failure.request_id, "at": failure.at }))
        .collect();
    Ok(web.admin_page(&visiting, StatusCode::OK, "plugins.html", "plugins", json!({ "plugins": plugins, "failures": failures })))
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let organisation = web.services.of(&visiting.visit);
    let summaries = web.services.plugin_switchboard(&organisation).await?;
    let summary = summaries.iter().find(|summary| summary.manifest.id == plugin).ok_or(Problem::NotFound)?;
    Ok(web.admin_page(&visiting, StatusCode::OK, "plugin-consent.html", "plugins", json!({ "item": describe(&web, &visiting, summary) })))
}

pub async fn enable(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let consented: BTreeSet<String> = fields.all("interface").map(str::to_owned).collect();
    match web.services.enable_plugin(&web.services.of(&visiting.visit), &plugin, &consented).await {
        Ok(_) => Ok(back(&web, "flash-plugin-enabled")),
        Err(ServiceError::Invalid(_)) => Ok(back(&web, "flash-warning-plugin-indexes")),
        Err(error) => Err(error.into()),
    }
}

pub async fn disable(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    web.services.disable_plugin(&web.services.of(&visiting.visit), &plugin).await?;
    Ok(back(&web, "flash-plugin-disabled"))
}

fn back(web: &Web, flash: &str) -> Response {
    let mut response = Redirect::to("/admin/plugins").into_response();
    append_cookie(&mut response, cookies::set(cookies::FLASH, flash, Life::Seconds(60), is_secure(&web.services)));
    response
}

/// A plugin in the words of the switchboard.
fn describe(web: &Web, visiting: &Visiting, summary: &InstallationSummary) -> Value {
    let locale = visiting.locale();
    let manifest = &summary.manifest;
    let power = |interface: &str| web.look.message(locale, &format!("plugin-power-{interface}"), &json!({}));
    let permissions: Vec<Value> = manifest
        .permissions
        .iter()
        .map(|request| json!({ "interface": request.interface, "power": power(&request.interface), "why": request.why.get(locale) }))
        .collect();
    let fields: Vec<String> =
        manifest.member_fields.iter().map(|field| web.look.message(locale, &format!("member-field-{field}"), &json!({}))).collect();
    let pages: Vec<Value> = manifest
        .menu
        .iter()
        .map(|entry| json!({ "label": entry.label.get(locale), "url": plugin_path(entry.area, &manifest.id, &entry.path), "admin": entry.area == Area::Admin }))
        .collect();
    let blocks: Vec<Value> = manifest.blocks.iter().map(|block| json!({ "label": block.label.get(locale), "name": block.name })).collect();
    let enabled = summary.installed.as_ref().is_some_and(|(installation, _)| installation.enabled);
    let usage = summary.installed.as_ref().map(|(_, usage)| json!({ "documents": usage.documents, "bytes": usage.bytes }));
    let newer = summary.installed.as_ref().is_some_and(|(installation, _)| installation.package_hash != summary.package_hash);
    json!({
        "id": manifest.id,
        "name": manifest.name.get(locale),
        "description": manifest.description.get(locale),
        "version": manifest.version,
        "permissions": permissions,
        "interfaces": requested(manifest),
        "member_fields": fields,
        "pages": pages,
        "blocks": blocks,
        "enabled": enabled,
        "installed": summary.installed.is_some(),
        "newer": newer,
        "usage": usage,
    })
}
