//! Where staff make segments. Conditions are added and removed by buttons that send the form, so it works without scripts.

mod form;
#[cfg(test)]
mod tests;

use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use form::{Form, Wrong};
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::ServiceError;
use tsudoi_services::segments::{MOST_SEGMENTS, Segment, SegmentChoices, SegmentPage, SegmentRule, SegmentUses};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/segments", get(list))
        .route("/admin/segments/new", get(blank).post(create))
        .route("/admin/segments/{key}", get(show).post(save))
        .route("/admin/segments/{key}/delete", post(delete))
}

type Answer = Result<Response, Problem>;

/// Members of a segment that are shown by name, and members who are looked at for it.
const SHOWN: usize = 50;
const LOOKED_AT: usize = 20_000;

async fn list(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let segments = web.services.segments(&visiting.visit).await?;
    let choices = web.services.segment_choices(&visiting.visit).await?;
    let line = |segment: &Segment| -> Value {
        json!({
            "key": segment.key,
            "name": segment.name.get(visiting.locale()),
            "words": web.segment_words(&visiting, &segment.rule, &choices),
        })
    };
    let own = json!({
        "segments": segments.iter().map(line).collect::<Vec<_>>(),
        "full": segments.len() >= MOST_SEGMENTS,
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "segments.html", "segments", own))
}

async fn blank(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let choices = web.services.segment_choices(&visiting.visit).await?;
    Ok(page(&web, &visiting, StatusCode::OK, &choices, Shown::new(Form::default())))
}

async fn create(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    send(&web, &visiting, None, &fields).await
}

async fn show(State(web): State<AppState>, visiting: Visiting, Path(key): Path<String>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let segments = web.services.segments(&visiting.visit).await?;
    let segment = segments.iter().find(|segment| segment.key == key).ok_or(Problem::NotFound)?;
    let choices = web.services.segment_choices(&visiting.visit).await?;
    let members = web.services.segment_page(&visiting.visit, &segment.rule, SHOWN, LOOKED_AT).await?;
    let mut form = Form::of(segment);
    form.state = web.services.segment_state(segment)?;
    let uses = web.services.segment_uses(&visiting.visit, &key).await?;
    let shown = Shown { key: Some(key), members: Some(members), uses, ..Shown::new(form) };
    Ok(page(&web, &visiting, StatusCode::OK, &choices, shown))
}

async fn save(State(web): State<AppState>, visiting: Visiting, Path(key): Path<String>, fields: Fields) -> Answer {
    send(&web, &visiting, Some(key), &fields).await
}

/// What a button of the form asks for: to add or remove a condition, to look who would be in it, or to save.
async fn send(web: &Web, visiting: &Visiting, key: Option<String>, fields: &Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let visit = &visiting.visit;
    let uses = match &key {
        Some(key) if web.services.segments(visit).await?.iter().all(|segment| segment.key != *key) => return Err(Problem::NotFound),
        Some(key) => web.services.segment_uses(visit, key).await?,
        None => SegmentUses::default(),
    };
    let choices = web.services.segment_choices(visit).await?;
    let mut shown = Shown { key: key.clone(), uses, ..Shown::new(Form::sent(fields)) };
    if shown.form.edit(fields.get("action")) {
        return Ok(page(web, visiting, StatusCode::OK, &choices, shown));
    }
    let rule = match shown.form.rule(&choices) {
        Ok(rule) => rule,
        Err(wrong) => {
            shown.wrong = wrong;
            return Ok(page(web, visiting, StatusCode::UNPROCESSABLE_ENTITY, &choices, shown));
        }
    };
    if fields.get("action") == "look" {
        shown.members = Some(web.services.segment_page(visit, &rule, SHOWN, LOOKED_AT).await?);
        return Ok(page(web, visiting, StatusCode::OK, &choices, shown));
    }
    let name = [shown.form.name_ja.as_str(), &shown.form.name_en];
    let saved = web.services.editor(visit).save_segment(visit, key.as_deref(), &shown.form.state, name, rule).await;
    match saved {
        Ok(key) => Ok(web.go(&format!("/admin/segments/{key}"), "flash-segment-saved")),
        Err(ServiceError::Invalid(errors)) => {
            shown.errors = web.messages(visiting, &errors);
            Ok(page(web, visiting, StatusCode::UNPROCESSABLE_ENTITY, &choices, shown))
        }
        Err(ServiceError::Changed) => {
            let segments = web.services.segments(visit).await?;
            let theirs = segments.iter().find(|segment| Some(&segment.key) == key.as_ref()).ok_or(Problem::NotFound)?;
            shown.form.state = web.services.segment_state(theirs)?;
            shown.theirs = Some(web.segment_words(visiting, &theirs.rule, &choices));
            Ok(page(web, visiting, StatusCode::CONFLICT, &choices, shown))
        }
        Err(error) => Err(error.into()),
    }
}

async fn delete(State(web): State<AppState>, visiting: Visiting, Path(key): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    match web.services.editor(&visiting.visit).delete_segment(&visiting.visit, &key).await {
        Ok(()) => Ok(web.go("/admin/segments", "flash-segment-deleted")),
        // The page says what names it.
        Err(ServiceError::Invalid(_)) => Ok(web.go(&format!("/admin/segments/{key}"), "flash-warning-segment-in-use")),
        Err(error) => Err(error.into()),
    }
}

/// What the page of one segment shows.
struct Shown {
    key: Option<String>,
    form: Form,
    /// Beside names and above the conditions.
    errors: Vec<(String, String)>,
    wrong: Wrong,
    members: Option<SegmentPage>,
    uses: SegmentUses,
    /// What somebody else saved meanwhile, in words.
    theirs: Option<Vec<String>>,
}

impl Shown {
    fn new(form: Form) -> Self {
        let (errors, wrong) = (Vec::new(), Wrong::default());
        Self { key: None, form, errors, wrong, members: None, uses: SegmentUses::default(), theirs: None }
    }
}

fn page(web: &Web, visiting: &Visiting, status: StatusCode, choices: &SegmentChoices, shown: Shown) -> Response {
    let locale = visiting.locale();
    let error = |field: &str| shown.errors.iter().find(|(wrong, _)| wrong == field).map(|(_, message)| message.clone()).unwrap_or_default();
    let members = shown.members.as_ref().map(|members| {
        let names: Vec<&str> = members.members.iter().map(|member| member.display_name.as_str()).collect();
        json!({
            "count": members.count, "names": names, "more_names": members.count > names.len(),
            "looked_at": members.looked_at, "more": members.more,
        })
    });
    // The organisation's own language first.
    let own_language = visiting.organisation().locale;
    let mut names = [("ja", &shown.form.name_ja), ("en", &shown.form.name_en)].map(|(tag, name)| {
        let (field, required) = (format!("name_{tag}"), tag == own_language.tag());
        let label = web.look.message(locale, &format!("segments-name-{tag}"), &json!({}));
        json!({ "field": field, "label": label, "value": name, "error": error(&field), "required": required })
    });
    if names[1]["required"] == true {
        names.reverse();
    }
    let own = json!({
        "key": shown.key,
        "state": shown.form.state,
        "names": names,
        "conditions_error": error("conditions"),
        "meets": if shown.form.meets_any { "any" } else { "all" },
        "conditions": form::drawn(web, locale, &shown.form, choices, &shown.wrong),
        "kinds": form::kinds(web, locale, choices),
        "full": shown.form.conditions.len() >= SegmentRule::MOST_CONDITIONS,
        "members": members,
        "uses": { "pages": shown.uses.pages, "files": shown.uses.files, "forms": shown.uses.forms, "mailings": shown.uses.mailings, "any": !shown.uses.is_empty() },
        "theirs": shown.theirs,
    });
    web.admin_page(visiting, status, "segment.html", "segments", own)
}
