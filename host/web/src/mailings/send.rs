//! Before a mailing goes out: how it looks, how many it reaches, and when. And what can be done afterwards.

use super::{id_of, topic_name};
use crate::fields::Fields;
use crate::look::html;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::time::local_fields;
use tsudoi_kernel::{Locale, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::mail::WrittenMail;
use tsudoi_services::mailings::{MailingState, When};
use uuid::Uuid;

type Answer = Result<Response, Problem>;

/// How long from now the form proposes.
const PROPOSED_SECONDS: i64 = 60 * 60;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    lang: String,
}

/// The mail itself, for a frame within the page: it styles itself, as mails do, and can do nothing else.
pub async fn preview(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let record = web.services.mailing(&visiting.visit, id_of(&id)?).await?;
    let written = web.services.preview_mailing(&visiting.visit, &record.mailing).await?;
    let wanted = Locale::from_tag(&asked.lang);
    let mail = written.iter().find(|mail| Some(mail.locale) == wanted).or(written.first()).ok_or(Problem::NotFound)?;
    let mut response = html(StatusCode::OK, mail.html.clone());
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; sandbox";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok(response)
}

pub async fn ask(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    page(&web, &visiting, StatusCode::OK, id_of(&id)?, None).await
}

/// What was typed, and what is wrong with it.
struct Typed {
    when: String,
    date: String,
    time: String,
    error: String,
}

pub async fn schedule(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (id, visit) = (id_of(&id)?, &visiting.visit);
    web.services.mailing(visit, id).await?;
    let (date, time) = (fields.get("date").to_owned(), fields.get("time").to_owned());
    let when = if fields.get("when") == "now" { When::Now } else { When::At { date: date.clone(), time: time.clone() } };
    match web.services.editor(visit).schedule_mailing(visit, id, fields.raw("state"), &when).await {
        Ok(()) => {
            let flash = if when == When::Now { "flash-mailing-sending" } else { "flash-mailing-scheduled" };
            Ok(web.go(&format!("/admin/mailings/{id}"), flash))
        }
        Err(ServiceError::Invalid(errors)) => {
            let error = web.messages(&visiting, &errors).into_iter().next().map(|(_, message)| message).unwrap_or_default();
            let typed = Typed { when: fields.get("when").to_owned(), date, time, error };
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, id, Some(typed)).await
        }
        Err(ServiceError::Changed) => Ok(web.go(&format!("/admin/mailings/{id}"), "flash-warning-mailing-changed")),
        Err(error) => Err(error.into()),
    }
}

pub async fn test(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = id_of(&id)?;
    web.services.editor(&visiting.visit).test_mailing(&visiting.visit, id).await?;
    Ok(web.go(&format!("/admin/mailings/{id}/send"), "flash-mailing-tested"))
}

pub async fn cancel(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = id_of(&id)?;
    let done = web.services.editor(&visiting.visit).cancel_mailing(&visiting.visit, id).await;
    after(&web, id, done, "flash-mailing-cancelled")
}

pub async fn stop(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = id_of(&id)?;
    let done = web.services.editor(&visiting.visit).stop_mailing(&visiting.visit, id).await;
    after(&web, id, done, "flash-mailing-stopped")
}

fn after(web: &Web, id: Uuid, done: Result<(), ServiceError>, flash: &str) -> Answer {
    let here = format!("/admin/mailings/{id}");
    match done {
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-mailing-changed")),
        other => {
            other?;
            Ok(web.go(&here, flash))
        }
    }
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, id: Uuid, typed: Option<Typed>) -> Answer {
    let (visit, locale) = (&visiting.visit, visiting.locale());
    let record = web.services.mailing(visit, id).await?;
    if record.state != MailingState::Draft {
        return Ok(web.go(&format!("/admin/mailings/{id}"), "flash-warning-mailing-changed"));
    }
    let reach = web.services.mailing_reach(visit, &record.mailing).await?;
    let audience = web.services.audience(visit).await?;
    let topics = web.services.mail_topics(visit).await?;
    let written = web.services.preview_mailing(visit, &record.mailing).await?;
    let preview = |mail: &WrittenMail| -> Value {
        json!({
            "language": web.look.message(locale, &format!("forms-in-{}", mail.locale.tag()), &json!({})),
            "tag": mail.locale.tag(), "subject": mail.subject, "text": mail.text,
            "url": format!("/admin/mailings/{id}/preview?lang={}", mail.locale.tag()),
        })
    };
    let proposed = local_fields(web.services.now().plus_seconds(PROPOSED_SECONDS), &visit.organisation.time_zone);
    let typed = typed.unwrap_or(Typed { when: String::new(), date: proposed.0, time: proposed.1, error: String::new() });
    let left_out = reach.left_out.iter().map(|(reason, count)| {
        let label = web.look.message(locale, &format!("mailings-reason-{reason}"), &json!({}));
        json!({ "label": label, "count": count })
    });
    let own = json!({
        "id": id,
        "state": web.services.mailing_state(&record)?,
        "subject": record.mailing.subject.get(visit.organisation.locale),
        "gate": web.gate_words(locale, &record.mailing.gate, &audience),
        "topic": topic_name(&topics, record.mailing.topic, locale),
        "goes": reach.goes,
        "left_out": left_out.collect::<Vec<_>>(),
        "all_left_out": reach.all_left_out(),
        "looked_at": reach.looked_at,
        "more": reach.more,
        "previews": written.iter().map(preview).collect::<Vec<_>>(),
        "zone": visit.organisation.time_zone,
        "when": typed.when,
        "date": typed.date,
        "time": typed.time,
        "when_error": typed.error,
    });
    Ok(web.admin_page(visiting, status, "mailing-send.html", "mailings", own))
}
