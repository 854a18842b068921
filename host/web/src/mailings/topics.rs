//! What mailings can be about, and addresses that are not written to any more.

use super::id_of;
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::{Locale, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::mail::{Suppression, TopicRecord};
use uuid::Uuid;

type Answer = Result<Response, Problem>;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    after: String,
}

/// What was typed into the form of one topic, or of a new one.
struct Typed<'a> {
    id: Option<Uuid>,
    fields: &'a Fields,
    errors: Vec<(String, String)>,
}

pub async fn list(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    page(&web, &visiting, StatusCode::OK, None).await
}

pub async fn create(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    set(&web, &visiting, None, &fields).await
}

pub async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    set(&web, &visiting, Some(id_of(&id)?), &fields).await
}

async fn set(web: &Web, visiting: &Visiting, id: Option<Uuid>, fields: &Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let name = Locale::ALL.map(|locale| format!("name_{}", locale.tag()));
    let name = name.each_ref().map(|field| fields.raw(field));
    match web.services.editor(&visiting.visit).save_mail_topic(&visiting.visit, id, name, fields.has("hidden")).await {
        Ok(()) => Ok(web.go("/admin/mailings/topics", "flash-mail-topic-saved")),
        Err(ServiceError::Invalid(errors)) => {
            let typed = Typed { id, fields, errors: web.messages(visiting, &errors) };
            page(web, visiting, StatusCode::UNPROCESSABLE_ENTITY, Some(typed)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, typed: Option<Typed<'_>>) -> Answer {
    let (locale, own) = (visiting.locale(), visiting.organisation().locale);
    let mut languages = Locale::ALL;
    languages.sort_by_key(|locale| *locale != own);
    let form = |topic: Option<&TopicRecord>| -> Value {
        let typed = typed.as_ref().filter(|typed| typed.id == topic.map(|topic| topic.id));
        let error = |field: &str| {
            let found = typed.and_then(|typed| typed.errors.iter().find(|(wrong, _)| wrong == field));
            found.map(|(_, message)| message.clone()).unwrap_or_default()
        };
        let names = languages.map(|language| {
            let field = format!("name_{}", language.tag());
            let kept = topic.and_then(|topic| topic.name.0.get(&language)).map(String::as_str).unwrap_or_default();
            let value = typed.map_or(kept, |typed| typed.fields.raw(&field));
            let label = web.look.message(locale, &format!("mailings-topic-name-{}", language.tag()), &json!({}));
            json!({ "name": field, "label": label, "value": value, "error": error(&field), "required": language == own })
        });
        json!({
            "id": topic.map(|topic| topic.id), "title": topic.map(|topic| topic.name.get(locale)), "names": names,
            "hidden": typed.map_or(topic.is_some_and(|topic| topic.hidden), |typed| typed.fields.has("hidden")),
            "hidden_error": error("hidden"), "open": typed.is_some(),
        })
    };
    let topics = web.services.mail_topics(&visiting.visit).await?;
    let values = json!({ "topics": topics.iter().map(|topic| form(Some(topic))).collect::<Vec<_>>(), "new": form(None) });
    Ok(web.admin_page(visiting, status, "mailing-topics.html", "mailings", values))
}

pub async fn addresses(State(web): State<AppState>, visiting: Visiting, Query(asked): Query<Asked>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (found, next) = web.services.mail_suppressions(&visiting.visit, &asked.after).await?;
    let line = |one: &Suppression| json!({ "email": one.email, "reason": one.reason, "at": one.created });
    let next = next.map(|after| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("after", &after).finish();
        format!("/admin/mailings/addresses?{query}")
    });
    let own = json!({ "addresses": found.iter().map(line).collect::<Vec<_>>(), "first": asked.after.is_empty(), "next": next });
    Ok(web.admin_page(&visiting, StatusCode::OK, "mailing-addresses.html", "mailings", own))
}

pub async fn lift(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    web.services.editor(&visiting.visit).lift_suppression(fields.get("email")).await?;
    Ok(web.go("/admin/mailings/addresses", "flash-mail-address-lifted"))
}
