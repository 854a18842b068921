//! What became of a page: its revisions, and the buttons that publish, take back, restore and delete.

use super::edit::{address, undo_key};
use super::{page_id, revision_id};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::ServiceError;
use tsudoi_services::pages::{PageBody, PageUndo, RevisionSummary};

type Answer = Result<Response, Problem>;

const AT_ONCE: u32 = 30;

#[derive(Deserialize, Default)]
pub struct Before {
    before: Option<String>,
}

pub async fn list(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, Query(query): Query<Before>) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let id = page_id(&id)?;
    let draft = web.services.page_draft(&visiting.visit, id).await?;
    let before = query.before.as_deref().map(revision_id).transpose()?;
    let mut revisions = web.services.page_history(&visiting.visit, id, before, AT_ONCE + 1).await?;
    let more = revisions.len() > AT_ONCE as usize;
    revisions.truncate(AT_ONCE as usize);
    let row = |entry: &RevisionSummary<PageBody>| -> Value {
        let revision = &entry.revision;
        json!({
            "id": revision.id,
            "title": entry.body.title,
            "created": revision.created,
            "by": revision.by,
            "published": revision.published,
            "is_live": draft.page.published == Some(revision.id),
            "is_draft": draft.page.draft == Some(revision.id),
        })
    };
    let own = json!({
        "page": {
            "id": id, "title": draft.body.title, "head": draft.revision.id, "undo": undo_key(draft.undo),
            "published": draft.page.published.map(|id| id.to_string()).unwrap_or_default(),
        },
        "revisions": revisions.iter().map(row).collect::<Vec<_>>(),
        "older_url": revisions.last().filter(|_| more).map(|last| format!("/admin/pages/{id}/history?before={}", last.revision.id)).unwrap_or_default(),
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "page-history.html", "pages", own))
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path((id, revision)): Path<(String, String)>) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let id = page_id(&id)?;
    let draft = web.services.page_draft(&visiting.visit, id).await?;
    let revision = revision_id(&revision).map_err(|_| Problem::NotFound)?;
    let old = web.services.page_revision(&visiting.visit, id, revision).await?;
    let audience = web.services.audience(&visiting.visit).await?;
    let own = json!({
        "page": { "id": id, "head": draft.revision.id },
        "revision": {
            "id": revision,
            "title": old.body.title,
            "path": old.body.path,
            "gate": web.gate_words(visiting.locale(), &old.body.gate, &audience),
            "html": web.revision_html(&visiting, revision, &old.body.text).await?.html,
            "text": old.body.text,
            "created": old.revision.created,
            "by": old.revision.by,
            "is_head": draft.revision.id == revision,
        },
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "page-revision.html", "pages", own))
}

pub async fn publish(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let id = page_id(&id)?;
    web.services.editor(&visiting.visit).publish_page(id, revision_id(fields.get("revision"))?).await?;
    Ok(web.go(&address(id), "flash-page-published"))
}

pub async fn undo(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let id = page_id(&id)?;
    let outcome = web.services.editor(&visiting.visit).undo_page(id, revision_id(fields.get("published"))?).await;
    let flash = match outcome {
        Ok(PageUndo::Replaced) => "flash-page-undone",
        Ok(PageUndo::Unpublished) => "flash-page-unpublished",
        Err(ServiceError::Invalid(_)) => "flash-warning-path-taken",
        Err(error) => return Err(error.into()),
    };
    Ok(web.go(&address(id), flash))
}

pub async fn discard(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let id = page_id(&id)?;
    web.services.editor(&visiting.visit).discard_draft(id, revision_id(fields.get("revision"))?).await?;
    Ok(web.go(&address(id), "flash-draft-discarded"))
}

pub async fn restore(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let id = page_id(&id)?;
    let (head, chosen) = (revision_id(fields.get("revision"))?, revision_id(fields.get("restore"))?);
    let flash = match web.services.editor(&visiting.visit).restore_page(id, head, chosen).await {
        Ok(()) => "flash-page-restored",
        Err(ServiceError::Invalid(_)) => "flash-warning-path-taken",
        Err(error) => return Err(error.into()),
    };
    Ok(web.go(&address(id), flash))
}

pub async fn delete(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    web.services.editor(&visiting.visit).delete_page(page_id(&id)?, revision_id(fields.get("revision"))?).await?;
    Ok(web.go("/admin/pages", "flash-page-deleted"))
}

pub async fn bring_back(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let id = page_id(&id)?;
    match web.services.editor(&visiting.visit).bring_page_back(id).await {
        Ok(()) => Ok(web.go(&address(id), "flash-page-brought-back")),
        Err(ServiceError::Invalid(_)) => Ok(web.go("/admin/pages", "flash-warning-path-taken")),
        Err(error) => Err(error.into()),
    }
}
