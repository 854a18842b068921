//! The list of mailings, and what became of one for each member.

use super::{id_of, topic_name};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::{MemberId, Permission};
use tsudoi_services::mailings::{ListedMailing, MailingState, RECIPIENT_STATES, RecipientLine};
use uuid::Uuid;

type Answer = Result<Response, Problem>;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    before: String,
}

pub async fn list(State(web): State<AppState>, visiting: Visiting, Query(asked): Query<Asked>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let (visit, locale) = (&visiting.visit, visiting.locale());
    let before = if asked.before.is_empty() { None } else { Some(id_of(&asked.before)?) };
    let (mailings, next) = web.services.mailings(visit, before).await?;
    let audience = web.services.audience(visit).await?;
    let topics = web.services.mail_topics(visit).await?;
    let line = |listed: &ListedMailing| -> Value {
        let record = &listed.record;
        let count = |name: &str| listed.counts.get(name).copied().unwrap_or_default();
        let all: u64 = listed.counts.values().sum();
        let left_out: u64 = listed.counts.iter().filter(|(name, _)| name.starts_with("left-out")).map(|(_, count)| count).sum();
        json!({
            "id": record.id,
            "subject": record.mailing.subject.get(visit.organisation.locale),
            "state": record.state.as_str(),
            "state_label": web.mailing_state_words(locale, record.state),
            "gate": web.gate_words(locale, &record.mailing.gate, &audience),
            "topic": topic_name(&topics, record.mailing.topic, locale),
            "at": record.started.or(record.scheduled),
            "updated": record.updated,
            "begun": record.started.is_some(),
            "sent": count("sent"),
            "of": all - left_out,
            "failed": count("failed") + count("in-doubt"),
        })
    };
    let own = json!({
        "mailings": mailings.iter().map(line).collect::<Vec<_>>(),
        "first": before.is_none(),
        "next": next.map(|next| format!("/admin/mailings?before={next}")),
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "mailings.html", "mailings", own))
}

/// Of a mailing that is scheduled, under way or over.
pub async fn page(web: &Web, visiting: &Visiting, id: Uuid) -> Answer {
    let (visit, locale) = (&visiting.visit, visiting.locale());
    let query = visiting.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let asked =
        |name: &str| url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let state = asked("state").filter(|state| RECIPIENT_STATES.contains(&state.as_str()));
    let after: Option<MemberId> = match asked("after") {
        Some(after) => Some(after.parse().map_err(|_| Problem::NotFound)?),
        None => None,
    };
    let ListedMailing { record, counts } = web.services.mailing_with_counts(visit, id).await?;
    let found = web.services.mailing_recipients(visit, id, state.as_deref(), after).await?;
    let audience = web.services.audience(visit).await?;
    let topics = web.services.mail_topics(visit).await?;
    let url = |state: Option<&str>, after: Option<MemberId>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(state) = state {
            query.append_pair("state", state);
        }
        if let Some(after) = after {
            query.append_pair("after", &after.to_string());
        }
        let query = query.finish();
        if query.is_empty() { format!("/admin/mailings/{id}") } else { format!("/admin/mailings/{id}?{query}") }
    };
    let message = |key: String| web.look.message(locale, &key, &json!({}));
    let line = |line: &RecipientLine| -> Value {
        let reason = if line.state == "left-out" { message(format!("mailings-reason-{}", line.problem)) } else { line.problem.clone() };
        json!({
            "url": format!("/admin/members/{}", line.member), "name": line.name, "number": line.number, "email": line.email,
            "state": line.state, "state_label": message(format!("mailings-mail-{}", line.state)), "reason": reason,
            "attempts": line.attempts,
        })
    };
    let filters = RECIPIENT_STATES.iter().filter(|name| counts.keys().any(|key| key.split(' ').next() == Some(**name))).map(|name| {
        let label = message(format!("mailings-mail-{name}"));
        json!({ "url": url(Some(name), None), "label": label, "current": state.as_deref() == Some(*name) })
    });
    let own = json!({
        "id": id,
        "subject": record.mailing.subject.get(visit.organisation.locale),
        "state": record.state.as_str(),
        "state_label": web.mailing_state_words(locale, record.state),
        "gate": web.gate_words(locale, &record.mailing.gate, &audience),
        "topic": topic_name(&topics, record.mailing.topic, locale),
        "scheduled": record.scheduled,
        "started": record.started,
        "ended": record.ended,
        "waits": record.state == MailingState::Scheduled,
        "under_way": record.state.is_under_way(),
        "counts": web.count_words(visiting, &counts),
        "recipients": found.lines.iter().map(line).collect::<Vec<_>>(),
        "filters": filters.collect::<Vec<_>>(),
        "filtered": state.is_some(),
        "all_url": url(None, None),
        "first": after.is_none(),
        "first_url": url(state.as_deref(), None),
        "next": found.next.map(|next| url(state.as_deref(), Some(next))),
        "preview": format!("/admin/mailings/{id}/preview"),
    });
    Ok(web.admin_page(visiting, StatusCode::OK, "mailing.html", "mailings", own))
}
