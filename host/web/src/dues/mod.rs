//! Dues for a term: what they are, what a run would do, and what has come of it. For staff who may see money.

mod edit;
#[cfg(test)]
mod tests;

use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tsudoi_kernel::Permission;
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_services::ServiceError;
use tsudoi_services::dues::{DuesRecord, DuesState, DuesSums, Share};
use uuid::Uuid;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/dues", get(list))
        .route("/admin/dues/new", get(edit::blank).post(edit::create))
        .route("/admin/dues/{id}", get(show).post(act))
        .route("/admin/dues/{id}/edit", get(edit::show).post(edit::save))
}

type Answer = Result<Response, Problem>;

/// An id that can't be one is of something that isn't there.
fn id_of(text: &str) -> Result<Uuid, Problem> {
    parse_uuid(text).map_err(|_| Problem::NotFound)
}

/// Names of the organisation's types and tiers, by their keys.
pub(super) struct Names {
    types: BTreeMap<String, String>,
    tiers: BTreeMap<String, String>,
}

impl Web {
    async fn dues_names(&self, visiting: &Visiting) -> Result<Names, Problem> {
        let (audience, locale) = (self.services.audience(&visiting.visit).await?, visiting.locale());
        Ok(Names {
            types: audience.types.iter().map(|known| (known.key.clone(), known.name.get(locale).to_owned())).collect(),
            tiers: audience.tiers.iter().map(|known| (known.key.clone(), known.name.get(locale).to_owned())).collect(),
        })
    }

    fn dues_line(&self, visiting: &Visiting, record: &DuesRecord, sums: &DuesSums) -> Result<Value, Problem> {
        Ok(json!({
            "id": record.id,
            "name": record.dues.name,
            "begins": record.dues.begins,
            "ends": record.dues.ends,
            "due_on": record.dues.due_on,
            "is_running": record.state == DuesState::Running,
            "invoices": sums.invoices,
            "settled": sums.settled,
            "waiting": sums.invoices - sums.settled,
            "free": sums.free,
            "total": self.money(visiting, sums.total)?,
            "paid": self.money(visiting, sums.paid)?,
            "open": self.money(visiting, sums.open)?,
        }))
    }
}

async fn list(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MONEY)?;
    let all = web.services.all_dues(&visiting.visit).await?;
    let own = json!({
        "pages": web.money_nav(&visiting, "dues"),
        "dues": all.iter().map(|(record, sums)| web.dues_line(&visiting, record, sums)).collect::<Result<Vec<_>, _>>()?,
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "dues-list.html", "invoices", own))
}

async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MONEY)?;
    let file = web.services.dues_file(&visiting.visit, id_of(&id)?).await?;
    let names = web.dues_names(&visiting).await?;
    let of = |names: &BTreeMap<String, String>, key: &Option<String>| key.as_ref().and_then(|key| names.get(key).cloned());
    let share = |share: &Share| -> Result<Value, Problem> {
        Ok(json!({
            "type": of(&names.types, &share.member_type), "tier": of(&names.tiers, &share.tier), "members": share.members,
            "price": web.money(&visiting, share.price)?, "sum": web.money(&visiting, share.price.saturating_mul(share.members as i64))?,
        }))
    };
    let forecast = &file.forecast;
    let member = |(id, number, name): &(tsudoi_kernel::MemberId, String, String)| json!({ "id": id, "number": number, "name": name });
    let own = json!({
        "pages": web.money_nav(&visiting, "dues"),
        "dues": web.dues_line(&visiting, &file.record, &file.sums)?,
        "state": file.state,
        "may_issue": file.may_issue,
        "with_lapsed": file.record.dues.with_lapsed,
        "by_mail": file.record.dues.by_mail,
        "charge_on": file.record.dues.charge_on,
        "charged": forecast.charged,
        "is_begun": file.sums.invoices + file.sums.free > 0,
        "shares": forecast.shares.iter().map(share).collect::<Result<Vec<_>, _>>()?,
        "to_issue": forecast.invoices,
        "to_free": forecast.free,
        "total": web.money(&visiting, forecast.total)?,
        "done": forecast.done,
        "covered": forecast.covered,
        "left_out": forecast.left_out,
        "unpriced": forecast.unpriced,
        "unpriced_members": forecast.unpriced_members.iter().map(member).collect::<Vec<_>>(),
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "dues.html", "invoices", own))
}

/// What a button asks for: `run`, `stop` or `delete`.
async fn act(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MONEY)?;
    let (editor, id) = (web.services.editor(&visiting.visit), id_of(&id)?);
    web.services.dues_input(&visiting.visit, id).await?;
    let here = format!("/admin/dues/{id}");
    let done = match fields.get("action") {
        "run" => editor.run_dues(id, fields.raw("state")).await.map(|()| (here.clone(), "flash-dues-running")),
        "stop" => editor.stop_dues(id).await.map(|()| (here.clone(), "flash-dues-stopped")),
        "delete" => editor.delete_dues(id).await.map(|()| ("/admin/dues".to_owned(), "flash-dues-deleted")),
        _ => return Err(Problem::BadRequest),
    };
    match done {
        Ok((next, flash)) => Ok(web.go(&next, flash)),
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-dues-changed")),
        Err(ServiceError::Invalid(_)) => Ok(web.go("/admin/invoices/settings", "flash-warning-no-issuer")),
        Err(other) => Err(other.into()),
    }
}
