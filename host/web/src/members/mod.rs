//! Members as staff find, see and change them, and the fields that plugins added to their records.

mod edit;
mod kinds;
mod periods;
#[cfg(test)]
mod tests;
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
use tsudoi_kernel::{Locale, MemberId, Permission};
use tsudoi_services::members::{Contact, EraseError, FormAnswer, MembershipStatus, PostalAddress, ValuesError};
use tsudoi_services::pages::{Audience, Named};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/members", get(list))
        .route("/admin/members/new", get(edit::blank).post(edit::create))
        .route("/admin/members/kinds", get(kinds::show))
        .route("/admin/members/kinds/{list}", post(kinds::save))
        .route("/admin/members/{id}", get(show))
        .route("/admin/members/{id}/edit", get(edit::show).post(edit::save))
        .route("/admin/members/{id}/periods", post(periods::act))
        .route("/admin/members/{id}/periods/{period}", get(periods::show).post(periods::save))
        .route("/admin/members/{id}/erase", get(erase_asked).post(erase))
        .route("/admin/members/{id}/values", post(save))
        .route("/admin/members/{id}/export", post(export))
        .route("/account/details", post(save_own))
}

type Answer = Result<Response, Problem>;

/// The message beside a field; empty where nothing is wrong with it.
fn errors_in(errors: &[(String, String)]) -> impl Fn(&str) -> String {
    |field| errors.iter().find(|(wrong, _)| wrong == field).map(|(_, message)| message.clone()).unwrap_or_default()
}

/// The organisation's types of membership, for a field that chooses one.
pub(crate) fn type_choices(audience: &Audience, locale: Locale, chosen: &str) -> Vec<Value> {
    let choice = |named: &Named| json!({ "key": named.key, "name": named.name.get(locale), "chosen": named.key == chosen });
    audience.types.iter().map(choice).collect()
}

impl Web {
    /// A status of membership in words.
    pub(crate) fn status_words(&self, locale: Locale, status: MembershipStatus) -> String {
        self.look.message(locale, &format!("members-status-{}", status.as_str()), &json!({}))
    }
}

/// An id that can't be one is a member who isn't there.
fn member_id(text: &str) -> Result<MemberId, Problem> {
    text.parse().map_err(|_| Problem::NotFound)
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
    /// A status of membership, or nothing.
    #[serde(default)]
    status: String,
    /// The number after which this page begins.
    #[serde(default)]
    after: String,
}

async fn list(State(web): State<AppState>, visiting: Visiting, Query(search): Query<Search>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let typed: String = search.q.chars().filter(|c| !c.is_control()).take(100).collect();
    let (locale, status) = (visiting.locale(), search.status.parse::<MembershipStatus>().ok());
    let found = web.services.member_list(&visiting.visit, &typed, status, &search.after).await?;
    let lines: Vec<Value> = found
        .members
        .iter()
        .map(|member| {
            json!({
                "id": member.id, "number": member.number, "name": member.name, "display_name": member.display_name,
                "email": member.email, "tier": member.tier, "type": member.member_type, "status": member.status,
                "status_label": web.status_words(locale, member.status),
            })
        })
        .collect();
    let next = found.next.map(|after| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &typed).append_pair("status", status.map_or("", MembershipStatus::as_str)).append_pair("after", &after);
        format!("/admin/members?{}", query.finish())
    });
    let choice = |known: MembershipStatus| {
        let count = found.counts.get(&known).copied().unwrap_or_default();
        let is_shown = count > 0 || Some(known) == status;
        is_shown.then(
            || json!({ "key": known.as_str(), "label": web.status_words(locale, known), "count": count, "chosen": Some(known) == status }),
        )
    };
    let all: u64 = found.counts.values().sum();
    let own = json!({
        "members": lines, "typed": typed, "all": all, "next": next, "first": search.after.is_empty(),
        "status": status.map(MembershipStatus::as_str), "statuses": MembershipStatus::ALL.into_iter().filter_map(choice).collect::<Vec<_>>(),
    });
    Ok(web.admin_page(&visiting, StatusCode::OK, "members.html", "members", own))
}

async fn show(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    page(&web, &visiting, StatusCode::OK, member_id(&id)?, None, None).await
}

async fn save(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = member_id(&id)?;
    let editor = web.services.editor(&visiting.visit);
    match editor.set_member_values(&visiting.visit, id, fields.get("plugin"), |value| values::sent(value, &fields)).await {
        Ok(changed) => Ok(web.go(&format!("/admin/members/{id}"), if changed { "flash-values-saved" } else { "flash-values-same" })),
        Err(ValuesError::Invalid(wrong)) => {
            let typed = Typed { fields: &fields, wrong: &wrong };
            page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, id, Some(&typed), None).await
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

/// What erasing takes away, and the member's number to be typed: it can't be undone.
async fn erase_asked(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    erase_page(&web, &visiting, StatusCode::OK, member_id(&id)?, "", "").await
}

async fn erase(State(web): State<AppState>, visiting: Visiting, Path(id): Path<String>, fields: Fields) -> Answer {
    visiting.require_staff(Permission::MEMBERS)?;
    let id = member_id(&id)?;
    let member = web.services.edited_member(&visiting.visit, id).await?;
    if fields.get("number") != member.input.number {
        let message = "members-erase-number-wrong";
        return erase_page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, id, fields.get("number"), message).await;
    }
    match web.services.editor(&visiting.visit).erase_member_data(id).await {
        Ok(_) => Ok(web.go("/admin/members", "flash-member-erased")),
        Err(EraseError::Service(error)) => Err(error.into()),
        Err(EraseError::Upgrading | EraseError::Restless) => {
            erase_page(&web, &visiting, StatusCode::CONFLICT, id, &member.input.number, "members-erase-later").await
        }
        Err(error @ EraseError::Unindexed { .. }) => Err(Problem::Broken(error.to_string())),
    }
}

async fn erase_page(web: &Web, visiting: &Visiting, status: StatusCode, id: MemberId, typed: &str, message: &str) -> Answer {
    let member = web.services.edited_member(&visiting.visit, id).await?;
    let error = if message.is_empty() { String::new() } else { web.look.message(visiting.locale(), message, &json!({})) };
    let own = json!({ "id": id, "name": member.name, "number": member.input.number, "typed": typed, "error": error });
    Ok(web.admin_page(visiting, status, "member-erase.html", "members", own))
}

async fn page(
    web: &Web,
    visiting: &Visiting,
    status: StatusCode,
    id: MemberId,
    typed: Option<&Typed<'_>>,
    period: Option<&periods::Typed>,
) -> Answer {
    let file = web.services.member_file(&visiting.visit, id).await?;
    let audience = web.services.audience(&visiting.visit).await?;
    let line = |line: &tsudoi_services::accounts::TimelineLine| -> Value {
        json!({ "summary": line.summary, "url": line.url, "plugin": line.plugin, "at": line.at })
    };
    let answer = |answer: &FormAnswer| -> Value {
        let url = format!("/admin/forms/{}/answers/{}", answer.form, answer.id);
        json!({ "url": url, "name": answer.name, "at": answer.at })
    };
    let (member, locale, own) = (&file.member, visiting.locale(), visiting.organisation().locale);
    let message = |key: &str| web.look.message(locale, key, &json!({}));
    let contact = |contact: &Contact| -> Value {
        let label = message(&format!("members-{}-{}", contact.kind.as_str(), contact.place.as_str()));
        json!({ "label": label, "value": contact.value, "kind": contact.kind.as_str() })
    };
    let address = |address: &PostalAddress| -> Value {
        let label = message(&format!("members-postal-{}", address.place.as_str()));
        json!({ "label": label, "value": edit::address_words(own, address) })
    };
    let [standing, replaced] = periods::drawn(web, visiting, &file.periods, &audience);
    let (blank, no_errors) = (periods::Typed::default(), Vec::new());
    let period = period.unwrap_or(&blank);
    let in_form = |form: &str| if period.form == form { &period.errors } else { &no_errors };
    let error = errors_in(in_form("leave"));
    let types = type_choices(&audience, locale, &period.add.joining.member_type);
    // Whoever may not see money sees no invoices here either.
    let sees_money = visiting.visitor().may(Permission::MONEY);
    let invoices = if sees_money { web.invoices_of(visiting, id).await? } else { Vec::new() };
    let kana = format!("{} {}", member.family_kana, member.given_kana);
    let shown = json!({
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
        "born_on": member.born_on,
        "note": member.note,
        "type": file.member_type,
        "status": member.status,
        "status_label": web.status_words(locale, member.status),
        "contacts": file.contacts.contacts.iter().map(contact).collect::<Vec<_>>(),
        "addresses": file.contacts.addresses.iter().map(address).collect::<Vec<_>>(),
        "periods": standing,
        "replaced": replaced,
        "open_form": period.form,
        "period_form": periods::form(&period.add, in_form("add"), &types),
        "leave": {
            "last_day": period.leave.0, "last_day_error": error("last_day"),
            "note": period.leave.1, "note_error": error("leave_note"),
        },
        "has_account": member.account.is_some(),
        "groups": drawn(web, visiting, &file.values, &audience, typed),
        "sees_money": sees_money,
        "invoices": invoices,
        "answers": file.answers.iter().map(answer).collect::<Vec<_>>(),
        "timeline": file.timeline.iter().map(line).collect::<Vec<_>>(),
    });
    Ok(web.admin_page(visiting, status, "member.html", "members", shown))
}
