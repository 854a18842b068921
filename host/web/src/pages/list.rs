//! The list of pages.

use super::state;
use crate::visiting::Visiting;
use crate::{AppState, Problem};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::pages::PageSummary;

pub async fn list(State(web): State<AppState>, visiting: Visiting) -> Result<Response, Problem> {
    visiting.require_staff(Permission::SITE)?;
    let locale = visiting.locale();
    let audience = web.services.audience(&visiting.visit).await?;
    let (pages, deleted): (Vec<_>, Vec<_>) =
        web.services.pages(&visiting.visit).await?.into_iter().partition(|page| page.page.deleted.is_none());
    let row = |summary: &PageSummary| -> Value {
        json!({
            "id": summary.page.id,
            "title": summary.body.title,
            "path": summary.body.path,
            "url": summary.body.path.encoded(),
            "gate": web.gate_words(locale, &summary.body.gate, &audience),
            "state": state(&summary.page),
            "saved": summary.saved,
            "by": summary.by,
            "deleted": summary.page.deleted,
        })
    };
    let own = json!({
        "pages": pages.iter().map(row).collect::<Vec<_>>(),
        "deleted": deleted.iter().map(row).collect::<Vec<_>>(),
        "see_as": web.see_as_choices(&visiting, &audience, "/"),
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "pages.html", "pages", own))
}
