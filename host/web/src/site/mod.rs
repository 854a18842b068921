//! The site's frame: name, logo, colour, contact, theme and menus, as draft and published.

mod frame;
mod menu;

use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::site::FrameDraft;
use uuid::Uuid;

type Answer = Result<Response, Problem>;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/site", get(frame::show).post(frame::save))
        .route("/admin/site/publish", post(publish))
        .route("/admin/site/undo", post(undo))
        .route("/admin/site/discard", post(discard))
        .route("/admin/site/restore", post(restore))
        .route("/admin/site/history", get(frame::history))
        .route("/admin/menu", get(menu::show).post(menu::save))
}

/// The revision that a form began with; none before the first was saved.
fn began_with(fields: &Fields) -> Result<Option<Uuid>, Problem> {
    match fields.get("revision") {
        "" => Ok(None),
        text => crate::pages::revision_id(text).map(Some),
    }
}

async fn publish(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    web.services.editor(&visiting.visit).publish_frame(crate::pages::revision_id(fields.get("revision"))?).await?;
    Ok(web.go("/admin/site", "flash-site-published"))
}

async fn undo(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    web.services.editor(&visiting.visit).undo_frame(crate::pages::revision_id(fields.get("published"))?).await?;
    Ok(web.go("/admin/site", "flash-site-undone"))
}

async fn discard(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    web.services.editor(&visiting.visit).discard_frame(crate::pages::revision_id(fields.get("revision"))?).await?;
    Ok(web.go("/admin/site", "flash-draft-discarded"))
}

async fn restore(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::SITE)?;
    let chosen = crate::pages::revision_id(fields.get("restore"))?;
    web.services.editor(&visiting.visit).restore_frame(began_with(&fields)?, chosen).await?;
    Ok(web.go("/admin/site", "flash-site-restored"))
}

/// Where the frame stands, for the forms of both pages.
fn facts(draft: &FrameDraft) -> Value {
    let text = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    json!({
        "revision": text(draft.site.head()),
        "published": text(draft.site.published),
        "has_draft": draft.site.draft.is_some(),
        "can_discard": draft.site.draft.is_some() && draft.site.published.is_some(),
        "can_undo": draft.can_undo,
        "saved": draft.revision.as_ref().map(|revision| revision.created),
        "by": draft.revision.as_ref().and_then(|revision| revision.by.clone()),
    })
}

impl Web {
    /// The forms of frame and menu share this: to whom a preview can be shown, and where the draft stands.
    async fn frame_context(&self, visiting: &Visiting, draft: &FrameDraft) -> Result<(Value, Value), Problem> {
        let audience = self.services.audience(&visiting.visit).await?;
        Ok((facts(draft), self.see_as_choices(visiting, &audience, "/")))
    }
}

#[cfg(test)]
mod tests;
