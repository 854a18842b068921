//! Members as staff find and see them, and the fields that plugins added to their records.

mod values;

pub(crate) use values::{Typed, drawn};

use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tsudoi_kernel::{MemberId, Permission};
use tsudoi_services::members::{FormAnswer, ValuesError};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/members", get(list))
        .route("/admin/members/{id}", get(show))
        .route("/admin/members/{id}/values", post(save))
        .route("/admin/members/{id}/export", post(export))
        .route("/account/details", post(save_own))
}

type Answer = Result<Response, Problem>;

/// An id that can't be one is a member who isn't there.
fn member_id(text: &str) -> Result<MemberId, Problem> {
    text.parse().map_err(|_| Problem::NotFound)
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
    /// The number after which this page begins.
    #[serde(default)]
    after: String,
}

async fn list(State(web): State<AppState>, visiting: Visiting, Query(search): Query<Search>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let typed: String = search.q.chars().filter(|c| !c.is_control()).take(100).collect();
    let found = web.services.member_list(&visiting.visit, &typed, &search.after).await?;
    let lines: Vec<Value> = found
        .members
        .iter()
        .map(|member| {
            json!({
                "id": member.id, "number": member.number, "name": member.name, "display_name": member.display_name,
                "email": member.email, "tier": member.tier,
            })
        })
        .collect();
    let next = found.next.map(|after| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", &typed).append_pair("after", &after).finish();
        format!("/admin/members?{query}")
    });
    let own = json!({ "members": lines, "typed": typed, "all": found.all, "next": next, "first": search.after.is_empty() });
    Ok(web.admin_page(&visiting, StatusCode::OK, "members.html", "members", own))
}

async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    page(&web, &visiting, StatusCode::OK, member_id(&id)?, None).await
}

async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = member_id(&id)?;
    let editor = web.services.editor(&visiting.visit);
    match editor.set_member_values(&visiting.visit, id, fields.get("plugin"), |value| values::sent(value, &fields)).await {
        Ok(changed) => Ok(web.go(&format!("/admin/members/{id}"), if changed { "flash-values-saved" } else { "flash-values-same" })),
        Err(ValuesError::Invalid(wrong)) => {
            let typed = Typed { fields: &fields, wrong: &wrong };
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, id, Some(&typed)).await
        }
        Err(ValuesError::Service(error)) => Err(error.into()),
    }
}

/// Everything that is kept about somebody, for whoever asks for it.
async fn export(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let data = web.services.editor(&visiting.visit).export_member_data(member_id(&id)?).await?;
    let text = serde_json::to_string_pretty(&data).map_err(|error| Problem::Broken(error.to_string()))?;
    let name = format!("attachment; filename=\"member-{id}.json\"");
    Ok(([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], text).into_response())
}

/// A member changes what is theirs to change.
async fn save_own(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    if visiting.visit.session.is_none() {
        return Err(Problem::SignIn);
    }
    match web.services.set_own_values(&visiting.visit, fields.get("plugin"), |value| values::sent(value, &fields)).await {
        Ok(changed) => Ok(web.go("/account", if changed { "flash-details-saved" } else { "flash-values-same" })),
        Err(ValuesError::Invalid(wrong)) => {
            let typed = Typed { fields: &fields, wrong: &wrong };
            crate::accounts::own_page(&web, &visiting, Some(&typed)).await
        }
        Err(ValuesError::Service(error)) => Err(error.into()),
    }
}

async fn page(web: &Web, visiting: &Visiting, status: StatusCode, id: MemberId, typed: Option<&Typed<'_>>) -> Answer {
    let file = web.services.member_file(&visiting.visit, id).await?;
    let audience = web.services.audience(&visiting.visit).await?;
    let line = |line: &tsudoi_services::accounts::TimelineLine| -> Value {
        json!({ "summary": line.summary, "url": line.url, "plugin": line.plugin, "at": line.at })
    };
    let answer = |answer: &FormAnswer| -> Value {
        let url = format!("/admin/forms/{}/answers/{}", answer.form, answer.id);
        json!({ "url": url, "name": answer.name, "at": answer.at })
    };
    // Whoever may not see money sees no invoices here either.
    let sees_money = visiting.visitor().may(Permission::MONEY);
    let invoices = if sees_money { web.invoices_of(visiting, id).await? } else { Vec::new() };
    let member = &file.member;
    let kana = format!("{} {}", member.family_kana, member.given_kana);
    let own = json!({
        "id": member.id,
        "name": file.name,
        "number": member.number,
        "kana": kana.trim(),
        "display_name": member.display_name,
        "email": member.email,
        "tier": file.tier,
        "labels": file.labels,
        "segments": file.segments,
        "joined_on": member.joined_on,
        "has_account": member.account.is_some(),
        "groups": drawn(web, visiting, &file.values, &audience, typed),
        "sees_money": sees_money,
        "invoices": invoices,
        "answers": file.answers.iter().map(answer).collect::<Vec<_>>(),
        "timeline": file.timeline.iter().map(line).collect::<Vec<_>>(),
    });
    Ok(web.admin_page(visiting, status, "member.html", "members", own))
}
