//! One's own page: what the organisation knows, the password, and where one is signed in.

use super::{Fault, agent, filled, form_page, redirect};
use crate::fields::Fields;
use crate::members::{Typed, drawn};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::Locale;
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_kernel::manifest::CardPlace;
use tsudoi_services::accounts::AccountsError;
use tsudoi_services::pages::Audience;

pub async fn show(State(web): State<AppState>, visiting: Visiting) -> Result<Response, Problem> {
    page(&web, &visiting, None).await
}

pub async fn change_password(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Result<Response, Problem> {
    signed_in(&visiting)?;
    let changed = web.services.change_password(&visiting.visit, fields.raw("current_password"), fields.raw("password")).await;
    let fault = match changed {
        Ok(()) => return Ok(redirect(&web, "/account", Some("flash-password-changed"))),
        Err(AccountsError::WrongPassword) => Fault::new(&web, &visiting, "current_password", "error-current-password"),
        Err(error) => Fault::of(&web, &visiting, error)?,
    };
    page(&web, &visiting, Some(&fault)).await
}

pub async fn end_session(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Result<Response, Problem> {
    signed_in(&visiting)?;
    let id = parse_uuid(fields.get("id")).map_err(|_| Problem::NotFound)?;
    web.services.end_own_session(&visiting.visit, id).await?;
    Ok(redirect(&web, "/account", Some("flash-session-ended")))
}

pub async fn choose_mails(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Result<Response, Problem> {
    signed_in(&visiting)?;
    web.services.choose_mails(&visiting.visit, &fields.all("mail").map(str::to_owned).collect()).await?;
    if let Some(locale) = Locale::from_tag(fields.get("mail_language")) {
        web.services.choose_mail_locale(&visiting.visit, locale).await?;
    }
    Ok(redirect(&web, "/account", Some("flash-mails-chosen")))
}

fn signed_in(visiting: &Visiting) -> Result<(), Problem> {
    if visiting.visit.session.is_some() { Ok(()) } else { Err(Problem::SignIn) }
}

async fn page(web: &Web, visiting: &Visiting, fault: Option<&Fault>) -> Result<Response, Problem> {
    signed_in(visiting)?;
    let own = contents(web, visiting, fault, None).await?;
    Ok(form_page(web, visiting, "account.html", fault, own))
}

/// The page again, with what was typed into a plugin's fields.
pub(crate) async fn own_page(web: &Web, visiting: &Visiting, typed: Option<&Typed<'_>>) -> Result<Response, Problem> {
    signed_in(visiting)?;
    let own = contents(web, visiting, None, typed).await?;
    Ok(web.site_page(visiting, StatusCode::UNPROCESSABLE_ENTITY, "account.html", own))
}

async fn contents(web: &Web, visiting: &Visiting, fault: Option<&Fault>, typed: Option<&Typed<'_>>) -> Result<Value, Problem> {
    let account = web.services.account_page(&visiting.visit).await?;
    let current = visiting.visit.session.as_ref().map(|session| session.id);
    let sessions: Vec<Value> = web
        .services
        .own_sessions(&visiting.visit)
        .await?
        .iter()
        .map(|session| {
            json!({
                "id": session.id.to_string(),
                "created": session.created.as_i64(),
                "last_seen": session.last_seen.as_i64(),
                "agent": agent::name(web, visiting.locale(), &session.agent),
                "current": Some(session.id) == current,
            })
        })
        .collect();
    let mails: Vec<Value> = web
        .services
        .mail_choices(&visiting.visit)
        .await?
        .iter()
        .map(|choice| {
            let key = format!("{}/{}", choice.plugin, choice.mail);
            json!({ "key": key, "plugin": choice.plugin_name, "label": choice.label, "wanted": choice.wanted })
        })
        .collect();
    let mail_locale = web.services.own_mail_locale(&visiting.visit).await?;
    let cards = web.cards(visiting, CardPlace::MyPage).await?;
    let timeline: Vec<Value> = web
        .services
        .own_timeline(&visiting.visit)
        .await?
        .iter()
        .map(|line| json!({ "summary": line.summary, "url": line.url, "plugin": line.plugin, "at": line.at }))
        .collect();
    let values = web.services.own_values(&visiting.visit).await?;
    let audience = if values.is_empty() { Audience::default() } else { web.services.audience(&visiting.visit).await? };
    Ok(json!({
        "bills": web.own_bills(visiting).await?,
        "details": drawn(web, visiting, &values, &audience, typed),
        "cards": cards,
        "timeline": timeline,
        "mails": mails,
        "mail_languages": Locale::ALL.map(|locale| json!({ "tag": locale.tag(), "chosen": locale == mail_locale })),
        "account": {
            "name": account.name,
            "number": account.number,
            "email": account.email,
            "tier": account.tier,
            "joined_on": account.joined_on,
            "type": account.member_type,
            "status": account.status,
            "ends_on": account.ends_on,
            "has_password": account.has_password,
        },
        "sessions": sessions,
        "form": filled(&["current_password", "password"], &[], fault),
    }))
}
