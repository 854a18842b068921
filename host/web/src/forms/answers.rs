//! Answers as staff read them: a list, one by one, and as a file for spreadsheets.

use super::id_of;
use crate::fields::Fields;
use crate::members::type_choices;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::{Locale, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::forms::{Answer as FormAnswer, AnswerState, Approval, Field, FieldKind, Purpose};
use tsudoi_services::members::Joining;
use uuid::Uuid;

type Answer = Result<Response, Problem>;

/// Fields that the list has room for.
const COLUMNS: usize = 3;
/// Characters of one value in the list.
const SHORT: usize = 60;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    before: String,
}

fn states(purpose: Purpose) -> &'static [AnswerState] {
    match purpose {
        Purpose::Answers | Purpose::Plugin => &[AnswerState::New, AnswerState::Done],
        Purpose::Join => &[AnswerState::New, AnswerState::Approved, AnswerState::Declined],
    }
}

fn shortened(text: &str) -> String {
    let line = text.replace('\n', " ");
    if line.chars().count() > SHORT { line.chars().take(SHORT).chain(['…']).collect() } else { line }
}

pub async fn list(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (locale, state) = (visiting.locale(), AnswerState::parse(&asked.state));
    let before = if asked.before.is_empty() { None } else { Some(id_of(&asked.before)?) };
    let reading = web.services.form_answers(&visiting.visit, id_of(&id)?, state, before).await?;
    let form = &reading.form.form;
    let columns: Vec<&Field> = form.asked().filter(|field| field.kind != FieldKind::Consent).take(COLUMNS).collect();
    let line = |answer: &FormAnswer| -> Value {
        let cell = |field: &&Field| answer.values.get(&field.key).map(|value| shortened(&web.answer_words(&visiting, value)));
        let cells: Vec<String> = columns.iter().map(|field| cell(field).unwrap_or_default()).collect();
        json!({ "id": answer.id, "at": answer.created, "cells": cells, "state": answer.state, "state_label": state_label(&web, locale, answer.state) })
    };
    let query = |state: &str, before: Option<Uuid>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("state", state.to_owned()), ("before", before.map(|id| id.to_string()).unwrap_or_default())] {
            if !value.is_empty() {
                query.append_pair(name, &value);
            }
        }
        format!("/admin/forms/{id}/answers?{}", query.finish())
    };
    let filters = states(form.purpose)
        .iter()
        .map(|one| json!({ "url": query(one.as_str(), None), "label": state_label(&web, locale, *one), "current": state == Some(*one) }));
    let own = json!({
        "id": reading.form.id,
        "name": form.name.get(locale),
        "address": reading.form.address,
        "columns": columns.iter().map(|field| field.label.get(locale)).collect::<Vec<_>>(),
        "answers": reading.answers.iter().map(line).collect::<Vec<_>>(),
        "all_url": format!("/admin/forms/{id}/answers"),
        "filters": filters.collect::<Vec<_>>(),
        "filtered": state.is_some(),
        "first": before.is_none(),
        "next": reading.next.map(|next| query(&asked.state, Some(next))),
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "form-answers.html", "forms", own))
}

fn state_label(web: &Web, locale: Locale, state: AnswerState) -> String {
    web.look.message(locale, &format!("forms-state-{}", state.as_str()), &json!({}))
}

pub async fn export(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = id_of(&id)?;
    let form = web.services.form(&visiting.visit, id).await?;
    let bytes = web.services.editor(&visiting.visit).export_answers(&visiting.visit, id).await?;
    let name = format!("attachment; filename=\"{}.csv\"", form.address);
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

pub async fn show(State(web): State<AppState>, visiting: Visiting, Path((form, id)): Path<(String, String)>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    page(&web, &visiting, StatusCode::OK, id_of(&form)?, id_of(&id)?, None, &[]).await
}

/// What a button asks for: `done`, `new`, `declined`, `approve`, `note` or `delete`.
pub async fn act(State(web): State<AppState>, visiting: Visiting, Path((form, id)): Path<(String, String)>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (visit, editor) = (&visiting.visit, web.services.editor(&visiting.visit));
    let (form, id) = (id_of(&form)?, id_of(&id)?);
    web.services.form_answer(visit, form, id).await?;
    let here = format!("/admin/forms/{form}/answers/{id}");
    let from = AnswerState::parse(fields.get("state")).unwrap_or(AnswerState::New);
    let done = match fields.get("action") {
        "note" => editor.note_on_answer(form, id, fields.raw("note")).await.map(|()| (here.clone(), "flash-answer-noted")),
        "delete" => {
            let list = format!("/admin/forms/{form}/answers");
            editor.delete_answer(visit, form, id).await.map(|()| (list, "flash-answer-deleted"))
        }
        "approve" => {
            let field = |name: &str| fields.get(name).to_owned();
            let typed = Approval {
                number: field("number"),
                display_name: field("display_name"),
                tier: field("tier"),
                joining: Joining { member_type: field("member_type"), begins: field("begins"), ends: field("ends") },
            };
            match editor.approve_answer(visit, form, id, &typed).await {
                Ok(member) => Ok((format!("/admin/members/{member}"), "flash-answer-approved")),
                Err(ServiceError::Invalid(errors)) => {
                    let errors = web.messages(&visiting, &errors);
                    return page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, form, id, Some(typed), &errors).await;
                }
                Err(error) => Err(error),
            }
        }
        other => {
            let to = AnswerState::parse(other).ok_or(Problem::BadRequest)?;
            editor.mark_answer(visit, form, id, from, to).await.map(|()| (here.clone(), "flash-answer-marked"))
        }
    };
    match done {
        Ok((next, flash)) => Ok(web.go(&next, flash)),
        // The page shows what somebody else decided.
        Err(ServiceError::Changed) => Ok(web.go(&here, "flash-warning-answer-changed")),
        Err(ServiceError::Invalid(_)) => Ok(web.go(&here, "flash-warning-answer-note-too-long")),
        Err(error) => Err(error.into()),
    }
}

async fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    form: Uuid,
    id: Uuid,
    typed: Option<Approval>,
    errors: &[(String, String)],
) -> Answer {
    let read = web.services.form_answer(&visiting.visit, form, id).await?;
    let audience = web.services.audience(&visiting.visit).await?;
    let locale = visiting.locale();
    let (answer, form) = (&read.answer, &read.form.form);
    // Of a field that is no longer asked, only what was answered.
    let shown = form.fields.iter().filter(|field| !field.retired || answer.values.contains_key(&field.key));
    let line = |field: &Field| -> Value {
        let value = answer.values.get(&field.key).map(|value| web.answer_words(visiting, value)).unwrap_or_default();
        json!({ "label": field.label.get(locale), "value": value, "kind": field.kind.as_str(), "retired": field.retired })
    };
    let error = |field: &str| errors.iter().find(|(wrong, _)| wrong == field).map(|(_, message)| message.clone()).unwrap_or_default();
    let approval = read.approval.as_ref().map(|suggested| {
        let approval = typed.as_ref().unwrap_or(suggested);
        let tier = |named: &tsudoi_services::pages::Named| {
            json!({ "key": named.key, "name": named.name.get(locale), "chosen": named.key == approval.tier })
        };
        json!({
            "number": approval.number, "number_error": error("number"),
            "display_name": approval.display_name, "display_name_error": error("display_name"),
            "begins": approval.joining.begins, "begins_error": error("begins"),
            "ends": approval.joining.ends, "ends_error": error("ends"),
            "types": type_choices(&audience, locale, &approval.joining.member_type), "type_error": error("member_type"),
            "tiers": audience.tiers.iter().map(tier).collect::<Vec<_>>(), "tier_error": error("tier"),
        })
    });
    let own = json!({
        "form_id": read.form.id,
        "id": answer.id,
        "name": form.name.get(locale),
        "at": answer.created,
        "state": answer.state,
        "state_label": state_label(web, locale, answer.state),
        "joins": form.purpose == Purpose::Join,
        "led_by": read.led_by.as_ref().map(|(name, page)| json!({ "name": name, "page": page })),
        "lines": shown.map(line).collect::<Vec<_>>(),
        "note": answer.note,
        "email": form.email_in(&answer.values).map(|email| email.as_str().to_owned()).unwrap_or_default(),
        "member": read.member.as_ref().map(|(id, number, name)| json!({ "id": id, "number": number, "name": name })),
        "alike": read.alike.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect::<Vec<_>>(),
        "approval": approval,
    });
    Ok(web.admin_page(visiting, status, "form-answer.html", "forms", own))
}
