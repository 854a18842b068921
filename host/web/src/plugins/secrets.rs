//! Secrets that staff entrust to the host for a plugin: the page says which are set, and never what they are.

use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::ServiceError;

type Answer = Result<Response, Problem>;

pub async fn list(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    page(&web, &visiting, StatusCode::OK, &plugin, "", "").await
}

pub async fn set(State(web): State<AppState>, visiting: Visiting, Path((plugin, name)): Path<(String, String)>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    match web.services.editor(&visiting.visit).set_plugin_secret(&plugin, &name, fields.raw("secret")).await {
        Ok(()) => Ok(web.go(&format!("/admin/plugins/{plugin}/secrets"), "flash-plugin-secret-set")),
        Err(ServiceError::Invalid(faults)) => {
            let key = faults.first().map_or("plugin-secret-invalid", |(_, key)| key);
            let message = web.look.message(visiting.locale(), key, &json!({}));
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, &plugin, &name, &message).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn remove(
    State(web): State<AppState>,
    visiting: Visiting,
    Path((plugin, name)): Path<(String, String)>,
    _fields: Fields,
) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    web.services.editor(&visiting.visit).remove_plugin_secret(&plugin, &name).await?;
    Ok(web.go(&format!("/admin/plugins/{plugin}/secrets"), "flash-plugin-secret-removed"))
}

/// `error` stands beside the field of the secret `name`.
async fn page(web: &Web, visiting: &Visiting, status: StatusCode, plugin: &str, name: &str, error: &str) -> Answer {
    let locale = visiting.locale();
    let secrets = web.services.editor(&visiting.visit).plugin_secrets(plugin).await?;
    let secrets: Vec<Value> = secrets
        .iter()
        .map(|secret| {
            let declaration = &secret.declaration;
            json!({
                "name": declaration.name,
                "label": declaration.label.get(locale),
                "hosts": declaration.hosts.iter().map(|host| host.authority()).collect::<Vec<_>>(),
                "set_at": secret.set_at,
                "error": if declaration.name == name { error } else { "" },
            })
        })
        .collect();
    let own = json!({ "plugin_id": plugin, "secrets": secrets });
    Ok(web.admin_page(visiting, status, "plugin-secrets.html", "plugins", own))
}
