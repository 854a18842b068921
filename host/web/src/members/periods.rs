//! A member's periods of membership, on their page and each on one of its own where it is put right.

use super::{Answer, errors_in, member_id, type_choices};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tsudoi_kernel::{MemberId, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::members::{Joining, PeriodEntry, PeriodInput};
use uuid::Uuid;

/// What was typed into one of the forms of periods, and what was wrong with it.
#[derive(Default)]
pub struct Typed {
    pub add: PeriodInput,
    /// Last day and note.
    pub leave: (String, String),
    pub errors: Vec<(String, String)>,
    /// `add` or `leave`.
    pub form: String,
}

/// What a button asks for: `add` or `leave`.
pub async fn act(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (id, visit) = (member_id(&id)?, &visiting.visit);
    web.services.edited_member(visit, id).await?;
    let editor = web.services.editor(visit);
    let (add, leave) = (sent(&fields), (fields.get("last_day").to_owned(), fields.get("leave_note").to_owned()));
    let (done, flash) = match fields.get("action") {
        "add" => (editor.add_period(visit, id, &add).await, "flash-period-added"),
        "leave" => (editor.end_membership(visit, id, &leave.0, &leave.1).await, "flash-membership-ended"),
        _ => return Err(Problem::BadRequest),
    };
    match done {
        Ok(()) => Ok(web.go(&format!("/admin/members/{id}"), flash)),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            let typed = Typed { add, leave, errors, form: fields.get("action").to_owned() };
            super::page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, id, None, Some(&typed)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn sent(fields: &Fields) -> PeriodInput {
    let field = |name: &str| fields.get(name).to_owned();
    let joining = Joining { member_type: field("member_type"), begins: field("begins"), ends: field("ends") };
    PeriodInput { joining, left: fields.has("left"), note: field("note") }
}

/// One that stands.
async fn found(web: &Web, visiting: &Visiting, member: MemberId, id: &str) -> Result<PeriodEntry, Problem> {
    let id: Uuid = id.parse().map_err(|_| Problem::NotFound)?;
    let entries = web.services.period_entries(&visiting.visit, member).await?;
    entries.into_iter().find(|entry| entry.period.id == id && entry.replaced.is_none()).ok_or(Problem::NotFound)
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path((member, id)): Path<(String, String)>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let member = member_id(&member)?;
    let entry = found(&web, &visiting, member, &id).await?;
    page(&web, &visiting, StatusCode::OK, member, &entry, &PeriodInput::of(&entry), &[]).await
}

/// What a button asks for: `save` or `withdraw`.
pub async fn save(State(web): State<AppState>, visiting: Visiting, Path((member, id)): Path<(String, String)>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (member, visit) = (member_id(&member)?, &visiting.visit);
    web.services.edited_member(visit, member).await?;
    let here = format!("/admin/members/{member}");
    let Ok(entry) = found(&web, &visiting, member, &id).await else { return Ok(web.go(&here, "flash-warning-period-changed")) };
    let editor = web.services.editor(visit);
    let input = sent(&fields);
    let (done, flash) = match fields.get("action") {
        "withdraw" => (editor.withdraw_period(visit, member, entry.period.id).await, "flash-period-withdrawn"),
        _ => (editor.correct_period(visit, member, entry.period.id, &input).await, "flash-period-corrected"),
    };
    match done {
        Ok(()) => Ok(web.go(&here, flash)),
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-period-changed")),
        Err(ServiceError::Invalid(errors)) => {
            let errors = web.messages(&visiting, &errors);
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, member, &entry, &input, &errors).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    member: MemberId,
    entry: &PeriodEntry,
    input: &PeriodInput,
    errors: &[(String, String)],
) -> Answer {
    let audience = web.services.audience(&visiting.visit).await?;
    let name = web.services.edited_member(&visiting.visit, member).await?.name;
    let own = json!({
        "member": member, "id": entry.period.id, "name": name,
        "form": form(input, errors, &type_choices(&audience, visiting.locale(), &input.joining.member_type)),
    });
    Ok(web.admin_page(visiting, status, "member-period.html", "members", own))
}

/// The fields of a period as `member-period-fields.html` draws them.
pub(super) fn form(input: &PeriodInput, errors: &[(String, String)], types: &[Value]) -> Value {
    let error = errors_in(errors);
    json!({
        "types": types, "type_error": error("member_type"),
        "begins": input.joining.begins, "begins_error": error("begins"),
        "ends": input.joining.ends, "ends_error": error("ends"),
        "left": input.left, "note": input.note, "note_error": error("note"),
    })
}

/// All entries, those that stand first.
pub(super) fn drawn(
    web: &Web,
    visiting: &Visiting,
    entries: &[PeriodEntry],
    audience: &tsudoi_services::pages::Audience,
) -> [Vec<Value>; 2] {
    let locale = visiting.locale();
    let line = |entry: &PeriodEntry| -> Value {
        let period = &entry.period;
        let became = match (entry.replaced.is_some(), entry.has_successor) {
            (false, _) => String::new(),
            (true, true) => web.look.message(locale, "members-period-was-corrected", &json!({})),
            (true, false) => web.look.message(locale, "members-period-was-withdrawn", &json!({})),
        };
        json!({
            "id": period.id, "begins": period.begins.to_string(), "ends": period.ends.map(|ends| ends.to_string()), "left": period.left,
            "type": period.member_type.as_ref().map(|key| audience.member_type(key, locale)), "note": entry.note, "by": entry.by,
            "created": entry.created, "replaced": entry.replaced, "became": became,
        })
    };
    let of = |standing: bool| entries.iter().filter(|entry| entry.replaced.is_none() == standing).map(line).collect();
    [of(true), of(false)]
}
