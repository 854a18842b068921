//! The switchboard: which plugins there are, what each asks for in plain words, on and off.

use super::consent::describe;
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::plugins::{Consent, EnableError, Enabled, Upgrade};

type Answer = Result<Response, Problem>;

/// How many entries of the audit are shown.
const ENTRIES: u32 = 30;

pub async fn list(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let organisation = web.services.of(&visiting.visit);
    let summaries = web.services.plugin_switchboard(&organisation).await?;
    let plugins: Vec<Value> = summaries.iter().map(|summary| describe(&web, &visiting, summary)).collect();
    let name = |id: &str| {
        let found = summaries.iter().find(|summary| summary.manifest.id == id);
        found.map_or(id, |summary| summary.manifest.name.get(visiting.locale())).to_owned()
    };
    let aside = web.services.count_work_set_aside(&visiting.visit).await?;
    let failures: Vec<Value> = web
        .services
        .recent_plugin_failures(&visiting.visit)
        .await?
        .iter()
        .map(|failure| json!({ "plugin": name(&failure.plugin), "place": failure.place, "request_id": failure.request_id, "at": failure.at }))
        .collect();
    Ok(web.admin_page(
        &visiting,
        StatusCode::OK,
        "plugins.html",
        "plugins",
        json!({ "plugins": plugins, "failures": failures, "aside": aside }),
    ))
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    page(&web, &visiting, StatusCode::OK, &plugin, "").await
}

/// What staff did with plugins, the latest first.
pub async fn history(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let entries = web.services.plugin_audit(&visiting.visit, ENTRIES).await?;
    let line = |entry: &tsudoi_services::activity::RecordedEntry| -> Value {
        let text = web.look.message(visiting.locale(), &format!("activity-{}", entry.action), &json!({ "detail": entry.detail }));
        json!({ "text": text, "by": entry.by, "at": entry.at })
    };
    let own = json!({ "entries": entries.iter().map(line).collect::<Vec<_>>() });
    Ok(web.admin_page(&visiting, StatusCode::OK, "plugin-history.html", "plugins", own))
}

pub async fn enable(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let enabled = web.services.editor(&visiting.visit).enable_plugin(&plugin, &consent(&fields)).await;
    match enabled {
        Ok(Enabled::On) => Ok(web.go(&format!("/admin/plugins/{plugin}"), "flash-plugin-enabled")),
        Ok(Enabled::Upgrading) => Ok(web.go(&format!("/admin/plugins/{plugin}"), "flash-plugin-upgrading")),
        Err(error) => refused(&web, &visiting, &plugin, error).await,
    }
}

pub async fn change_grant(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    match web.services.editor(&visiting.visit).change_grant(&plugin, &consent(&fields)).await {
        Ok(()) => Ok(web.go(&format!("/admin/plugins/{plugin}"), "flash-plugin-grant-changed")),
        Err(error) => refused(&web, &visiting, &plugin, error).await,
    }
}

pub async fn disable(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    web.services.editor(&visiting.visit).disable_plugin(&plugin).await?;
    Ok(web.go("/admin/plugins", "flash-plugin-disabled"))
}

pub async fn resume(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    web.services.editor(&visiting.visit).resume_plugin(&plugin).await?;
    Ok(web.go(&format!("/admin/plugins/{plugin}"), "flash-plugin-resumed"))
}

/// What was ticked on the page that staff saw.
fn consent(fields: &Fields) -> Consent {
    Consent {
        package_hash: fields.get("package").to_owned(),
        interfaces: fields.all("interface").map(str::to_owned).collect(),
        member_fields: fields.all("field").map(str::to_owned).collect(),
        take_up: fields.get("take_up").parse().ok(),
    }
}

/// The page again as it is by now, with the reason.
pub(super) async fn refused(web: &Web, visiting: &Visiting, plugin: &str, error: EnableError) -> Answer {
    let (status, key) = match error {
        EnableError::Changed => (StatusCode::CONFLICT, "plugins-refused-changed"),
        EnableError::Downgrade { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "plugins-refused-downgrade"),
        EnableError::Needed(_) => (StatusCode::UNPROCESSABLE_ENTITY, "plugins-refused-needed"),
        EnableError::Forbidden => (StatusCode::FORBIDDEN, "plugins-refused-policy"),
        EnableError::Service(error) => return Err(error.into()),
    };
    let message = web.look.message(visiting.locale(), key, &json!({}));
    page(web, visiting, status, plugin, &message).await
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, plugin: &str, error: &str) -> Answer {
    let organisation = web.services.of(&visiting.visit);
    let summaries = web.services.plugin_switchboard(&organisation).await?;
    let summary = summaries.iter().find(|summary| summary.manifest.id == plugin).ok_or(Problem::NotFound)?;
    let running = summary.upgrade.as_ref().is_some_and(Upgrade::is_running);
    let life = super::life::describe(web, visiting, summary).await?;
    let own = json!({ "item": describe(web, visiting, summary), "life": life, "error": error });
    let mut response = web.admin_page(visiting, status, "plugin-consent.html", "plugins", own);
    if running {
        // The page shows how far it is; this needs no script.
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("3"));
    }
    Ok(response)
}
