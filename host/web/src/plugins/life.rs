//! The life of a plugin in an organisation: how far an update is, back to the version before, the data in a file, and
//! uninstalling.

use super::switchboard::refused;
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_kernel::calls::Installation;
use tsudoi_services::plugins::{EnableError, FORMER_FOR, InstallationSummary, Phase, Upgrade, Usage};

type Answer = Result<Response, Problem>;

pub async fn stop(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    web.services.editor(&visiting.visit).stop_upgrade(&plugin).await?;
    Ok(web.go(&format!("/admin/plugins/{plugin}"), "flash-plugin-upgrade-stopped"))
}

pub async fn roll_back(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let Ok(from) = fields.get("from").parse() else { return refused(&web, &visiting, &plugin, EnableError::Changed).await };
    web.services.editor(&visiting.visit).roll_back_plugin(&plugin, from).await?;
    Ok(web.go(&format!("/admin/plugins/{plugin}"), "flash-plugin-rolled-back"))
}

/// All documents as one file, sent as they are read.
pub async fn export(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let editor = web.services.editor(&visiting.visit);
    let installation = editor.exportable(&plugin).await?;
    editor.note_export(&installation).await?;
    let documents = web.services.export_documents(visiting.organisation().id, &installation).await?;
    let name = format!("attachment; filename=\"{plugin}-{}.ndjson\"", installation.manifest.version);
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, Body::from_stream(documents)).into_response())
}

pub async fn uninstall(State(web): State<AppState>, visiting: Visiting, Path(plugin): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::PLUGINS)?;
    let editor = web.services.editor(&visiting.visit);
    match fields.get("data") {
        "keep" => editor.uninstall_and_keep(&plugin).await?,
        "erase" => editor.uninstall_and_erase(&plugin).await?,
        _ => return Err(Problem::BadRequest),
    }
    let flash = if fields.get("data") == "keep" { "flash-plugin-kept" } else { "flash-plugin-erased" };
    Ok(web.go(&format!("/admin/plugins/{plugin}"), flash))
}

/// How far an update is, where staff can go back to, and what was kept.
pub async fn describe(web: &Web, visiting: &Visiting, summary: &InstallationSummary) -> Result<Value, Problem> {
    let editor = web.services.editor(&visiting.visit);
    let plugin = &summary.manifest.id;
    let kept = match &summary.installed {
        Some(_) => None,
        None => editor.kept_installation(plugin).await?,
    };
    let kept = kept.map(
        |kept| json!({ "id": kept.installation.id, "version": kept.installation.manifest.version, "documents": kept.usage.documents }),
    );
    let former = match &summary.installed {
        Some((installation, _)) if !installation.upgrading => editor.former_version(plugin).await?.map(|former| (installation.id, former)),
        _ => None,
    };
    let former = former.map(|(from, former)| {
        json!({
            "from": from,
            "version": former.installation.manifest.version,
            "written": former.written_since,
            "until": former.since.plus_seconds(FORMER_FOR),
        })
    });
    let limits = match &summary.installed {
        Some((installation, usage)) => limits(web, visiting, installation, *usage).await?,
        None => Vec::new(),
    };
    Ok(
        json!({ "limits": limits, "upgrade": summary.upgrade.as_ref().map(|upgrade| progress(web, visiting, upgrade)), "kept": kept, "former": former }),
    )
}

/// Each limit in words, with how much of it is used.
async fn limits(web: &Web, visiting: &Visiting, installation: &Installation, usage: Usage) -> Result<Vec<Value>, Problem> {
    let limits = web.services.limits_in_use(&visiting.visit, installation, usage).await?;
    let line = |(name, used, most): (&str, u64, u64)| {
        let is_bytes = matches!(name, "bytes" | "files");
        let in_unit = |n: u64| if is_bytes { n.div_ceil(1 << 20) } else { n };
        let words = web.look.message(visiting.locale(), &format!("plugins-limit-{name}"), &json!({}));
        let amount = json!({ "used": in_unit(used), "most": in_unit(most) });
        // Most of it is gone: staff should know before writing fails.
        json!({
            "words": words,
            "amount": web.look.message(visiting.locale(), if is_bytes { "plugins-limit-megabytes" } else { "plugins-limit-amount" }, &amount),
            "used": used, "most": most, "tight": used.saturating_mul(5) >= most.saturating_mul(4),
        })
    };
    Ok(limits.into_iter().map(line).collect())
}

fn progress(web: &Web, visiting: &Visiting, upgrade: &Upgrade) -> Value {
    let text = |key: String, args: Value| web.look.message(visiting.locale(), &key, &args);
    if upgrade.is_running() {
        let args = json!({ "copied": upgrade.copied, "total": upgrade.total, "steps": upgrade.steps + 1 });
        let doing = text(format!("plugins-upgrade-doing-{}", upgrade.phase.key()), args);
        // A progress of nothing has no end to be shown.
        let total = upgrade.total.max(1);
        let copied = if upgrade.phase == Phase::Documents { upgrade.copied } else { total };
        return json!({ "running": true, "version": upgrade.to_version, "doing": doing, "copied": copied, "total": total });
    }
    let problem = upgrade.problem.as_deref().unwrap_or_default();
    let (word, detail) = problem.split_once(':').unwrap_or((problem, ""));
    let reason = text(format!("plugins-upgrade-problem-{word}"), json!({}));
    json!({ "running": false, "version": upgrade.to_version, "reason": reason, "detail": detail.trim() })
}
