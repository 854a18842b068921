//! Where staff write mailings.

use super::id_of;
use crate::fields::Fields;
use crate::pages::gate_input;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::{Locale, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::mail::TopicRecord;
use tsudoi_services::mailings::{Filler, MailingInput, MailingState};
use uuid::Uuid;

type Answer = Result<Response, Problem>;

pub async fn blank(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    page(&web, &visiting, StatusCode::OK, Shown::new(MailingInput::begun())).await
}

pub async fn create(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    sent(&web, &visiting, None, &fields).await
}

/// A draft in its form; what is scheduled or went out with what became of it.
pub async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let record = web.services.mailing(&visiting.visit, id_of(&id)?).await?;
    if record.state != MailingState::Draft {
        return super::report::page(&web, &visiting, record.id).await;
    }
    let state = web.services.mailing_state(&record)?;
    let shown = Shown { id: Some(record.id), state, ..Shown::new(MailingInput::of(&record.mailing)) };
    page(&web, &visiting, StatusCode::OK, shown).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    sent(&web, &visiting, Some(id_of(&id)?), &fields).await
}

pub async fn copy(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = web.services.editor(&visiting.visit).copy_mailing(&visiting.visit, id_of(&id)?).await?;
    Ok(web.go(&format!("/admin/mailings/{id}"), "flash-mailing-copied"))
}

pub async fn delete(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = id_of(&id)?;
    match web.services.editor(&visiting.visit).delete_mailing(&visiting.visit, id).await {
        Err(ServiceError::Changed) => Ok(web.go(&format!("/admin/mailings/{id}"), "flash-warning-mailing-changed")),
        other => {
            other?;
            Ok(web.go("/admin/mailings", "flash-mailing-deleted"))
        }
    }
}

/// Saves, and goes on to sending where that was asked for.
async fn sent(web: &Web, visiting: &Visiting, id: Option<Uuid>, fields: &Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let visit = &visiting.visit;
    if let Some(id) = id {
        web.services.mailing(visit, id).await?;
    }
    let both = |name: &str| Locale::ALL.map(|locale| fields.raw(&format!("{name}_{}", locale.tag())).to_owned());
    let input =
        MailingInput { subject: both("subject"), text: both("text"), gate: gate_input(fields, ""), topic: fields.get("topic").to_owned() };
    let mut shown = Shown { id, state: fields.raw("state").to_owned(), ..Shown::new(input) };
    match web.services.editor(visit).save_mailing(visit, id, &shown.state, &shown.input).await {
        Ok(id) if fields.get("action") == "send" => Ok(web.go(&format!("/admin/mailings/{id}/send"), "flash-mailing-saved")),
        Ok(id) => Ok(web.go(&format!("/admin/mailings/{id}"), "flash-mailing-saved")),
        Err(ServiceError::Invalid(errors)) => {
            shown.errors = web.messages(visiting, &errors);
            page(web, visiting, StatusCode::UNPROCESSABLE_ENTITY, shown).await
        }
        Err(ServiceError::Changed) => {
            let theirs = web.services.mailing(visit, id.ok_or(Problem::NotFound)?).await?;
            if theirs.state != MailingState::Draft {
                return Ok(web.go(&format!("/admin/mailings/{}", theirs.id), "flash-warning-mailing-changed"));
            }
            shown.state = web.services.mailing_state(&theirs)?;
            shown.theirs = Some(MailingInput::of(&theirs.mailing));
            page(web, visiting, StatusCode::CONFLICT, shown).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What the page of a draft shows.
struct Shown {
    id: Option<Uuid>,
    input: MailingInput,
    /// What it was when the page was made.
    state: String,
    errors: Vec<(String, String)>,
    /// What somebody else saved meanwhile.
    theirs: Option<MailingInput>,
}

impl Shown {
    fn new(input: MailingInput) -> Self {
        Self { id: None, input, state: String::new(), errors: Vec::new(), theirs: None }
    }
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, shown: Shown) -> Answer {
    let (locale, own) = (visiting.locale(), visiting.organisation().locale);
    let audience = web.services.audience(&visiting.visit).await?;
    let topics = web.services.mail_topics(&visiting.visit).await?;
    let error = |field: &str| shown.errors.iter().find(|(wrong, _)| wrong == field).map(|(_, message)| message.clone()).unwrap_or_default();
    let text = |name: &str, texts: &[String; 2], locale: Locale| {
        let field = format!("{name}_{}", locale.tag());
        let value = &texts[Locale::ALL.iter().position(|known| *known == locale).unwrap_or_default()];
        json!({ "name": field, "value": value, "error": error(&field) })
    };
    // The organisation's own language first.
    let mut languages = Locale::ALL;
    languages.sort_by_key(|locale| *locale != own);
    let input = &shown.input;
    let in_language = |language: Locale| -> Value {
        let (subject, body) = (text("subject", &input.subject, language), text("text", &input.text, language));
        let is_written = [&subject, &body].iter().any(|text| text["value"] != "" || text["error"] != "");
        json!({
            "language": web.look.message(locale, &format!("forms-in-{}", language.tag()), &json!({})),
            "required": language == own, "open": language == own || is_written, "subject": subject, "text": body,
        })
    };
    let topic = |topic: &TopicRecord| {
        let id = topic.id.to_string();
        json!({ "id": id, "name": topic.name.get(locale), "checked": id == input.topic })
    };
    let fillers = Filler::ALL.map(|filler| {
        let word = format!("{{{{{}}}}}", filler.as_str());
        json!({ "word": word, "label": web.look.message(locale, &format!("mailings-filler-{}", filler.as_str()), &json!({})) })
    });
    let mut gate = web.gate_choice(locale, "", &input.gate, &audience);
    gate["legend"] = web.look.message(locale, "mailings-to", &json!({})).into();
    gate["members_only"] = true.into();
    let theirs = shown.theirs.as_ref().map(|theirs| {
        let at = Locale::ALL.iter().position(|known| *known == own).unwrap_or_default();
        json!({ "subject": theirs.subject[at], "text": theirs.text[at] })
    });
    let values = json!({
        "id": shown.id,
        "state": shown.state,
        "words": languages.map(in_language),
        "topics": topics.iter().filter(|one| !one.hidden || one.id.to_string() == input.topic).map(topic).collect::<Vec<_>>(),
        "topic_error": error("topic"),
        "gate": gate,
        "gate_error": error("gate"),
        "fillers": fillers,
        "mistakes": shown.errors.len(),
        "theirs": theirs,
    });
    Ok(web.admin_page(visiting, status, "mailing-edit.html", "mailings", values))
}
