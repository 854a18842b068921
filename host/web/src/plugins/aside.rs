//! What could not be handled: staff see why, and try it again or discard it.

use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_kernel::{InstallationId, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::background::{Aside, WorkKey, WorkKind};

type Answer = Result<Response, Problem>;

pub async fn list(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let items: Vec<Value> = web.services.work_set_aside(&visiting.visit).await?.iter().map(shown).collect();
    Ok(web.admin_page(&visiting, StatusCode::OK, "undelivered.html", "plugins", json!({ "items": items })))
}

fn shown(aside: &Aside) -> Value {
    let item = &aside.item;
    json!({
        "kind": kind_word(item.key.kind),
        "id": item.key.id.to_string(),
        "installation": item.key.installation.to_string(),
        "plugin": aside.plugin_name,
        "what": aside.what,
        "reason": item.reason,
        "detail": item.detail,
        "attempts": item.attempts,
        "at": item.at.as_i64(),
    })
}

const fn kind_word(kind: WorkKind) -> &'static str {
    match kind {
        WorkKind::Delivery => "event",
        WorkKind::Job => "job",
    }
}

/// `retry` or `discard`.
pub async fn act(State(web): State<AppState>, visiting: Visiting, Path(action): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let kind = [WorkKind::Delivery, WorkKind::Job].into_iter().find(|kind| kind_word(*kind) == fields.raw("kind"));
    let id = |name: &str| parse_uuid(fields.raw(name)).map_err(|_| Problem::NotFound);
    let key = WorkKey { kind: kind.ok_or(Problem::NotFound)?, id: id("id")?, installation: InstallationId(id("installation")?) };
    let editor = web.services.editor(&visiting.visit);
    let (outcome, flash) = match action.as_str() {
        "retry" => (editor.retry_work(key).await, "flash-undelivered-retried"),
        "discard" => (editor.discard_work(key).await, "flash-undelivered-discarded"),
        _ => return Err(Problem::NotFound),
    };
    match outcome {
        Ok(()) => Ok(web.go("/admin/undelivered", flash)),
        // A second click, or somebody else was faster.
        Err(ServiceError::NotFound) => Ok(web.go("/admin/undelivered", "flash-undelivered-gone")),
        Err(error) => Err(error.into()),
    }
}
