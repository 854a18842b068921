//! One file: what it says, who may see it, another picture in its place, and away with it.

use super::file_id;
use super::library::{FIELDS, describe};
use crate::fields::{Fields, form};
use crate::pages::gate_input;
use crate::upload::Upload;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::{FileId, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::files::{FileDetails, FileUse};
use tsudoi_services::pages::GateInput;

type Answer = Result<Response, Problem>;

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    page(&web, &visiting, StatusCode::OK, file_id(&id)?, None, &[]).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, upload: Upload) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let id = file_id(&id)?;
    let fields = &upload.fields;
    let again = async |status, errors: Vec<(String, &'static str)>| {
        page(&web, &visiting, status, id, Some(fields), &web.file_messages(&visiting, &errors)).await
    };
    if upload.too_large {
        return again(StatusCode::PAYLOAD_TOO_LARGE, vec![("file".to_owned(), "files-too-large")]).await;
    }
    let audience = web.services.audience(&visiting.visit).await?;
    let gate = match gate_input(fields, "").check(&audience) {
        Ok(gate) => gate,
        Err(message) => return again(StatusCode::UNPROCESSABLE_ENTITY, vec![("gate".to_owned(), message)]).await,
    };
    let details = FileDetails { alt_ja: fields.get("alt_ja").to_owned(), alt_en: fields.get("alt_en").to_owned(), gate };
    let bytes = upload.file.map(|file| file.bytes);
    match web.services.editor(&visiting.visit).change_file(id, details, bytes, visiting.organisation().locale).await {
        Ok(()) => Ok(web.go(&format!("/admin/files/{id}"), "flash-file-changed")),
        Err(ServiceError::Invalid(errors)) => again(StatusCode::UNPROCESSABLE_ENTITY, errors).await,
        Err(error) => Err(error.into()),
    }
}

pub async fn delete(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    web.services.editor(&visiting.visit).delete_file(file_id(&id)?).await?;
    Ok(web.go("/admin/files", "flash-file-deleted"))
}

/// With what was typed, or with what is stored.
async fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    id: FileId,
    typed: Option<&Fields>,
    errors: &[(String, String)],
) -> Answer {
    let (file, uses) = web.services.file_with_uses(&visiting.visit, id).await?;
    let audience = web.services.audience(&visiting.visit).await?;
    let stored = Fields::new(vec![("alt_ja".to_owned(), file.alt_ja.clone()), ("alt_en".to_owned(), file.alt_en.clone())]);
    let gate = typed.map_or_else(|| GateInput::from(&file.gate), |typed| gate_input(typed, ""));
    let errors: Vec<(&str, String)> = errors.iter().map(|(field, message)| (field.as_str(), message.clone())).collect();
    let used = |used: &FileUse| -> Value { json!({ "path": used.path, "url": format!("/admin/pages/{}", used.page) }) };
    let frame = web.services.frame_draft(&visiting.visit).await?.frame;
    let own = json!({
        "file": describe(web, visiting, &file, &audience),
        "form": form(&FIELDS, typed.unwrap_or(&stored), &errors),
        "gate": web.gate_choice(visiting.locale(), "", &gate, &audience),
        "uses": uses.iter().map(used).collect::<Vec<_>>(),
        "is_logo": visiting.visit.frame.logo == Some(id) || frame.logo == Some(id),
        "limit": web.upload_megabytes(),
        "organisation_locale": visiting.organisation().locale.tag(),
    });
    Ok(web.admin_page(visiting, status, "file-edit.html", "files", own))
}
