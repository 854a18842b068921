//! Signing in by a mailed code: asking for it, typing it, or following the mail's link to a page with a button.

use super::{Fault, admit, agent, filled, form_page, query, redirect};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;
use tsudoi_kernel::Email;
use tsudoi_services::accounts::{AccountsError, NextPath};

pub async fn show(State(web): State<AppState>, visiting: Visiting) -> Response {
    let next = NextPath::parse(query(&visiting).get("next"));
    ask_page(&web, &visiting, "", &next, None)
}

pub async fn send(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Result<Response, Problem> {
    let next = NextPath::parse(fields.get("next"));
    let typed = fields.get("email");
    let Ok(email) = typed.parse::<Email>() else {
        let fault = Fault::new(&web, &visiting, "email", "error-email");
        return Ok(ask_page(&web, &visiting, typed, &next, Some(&fault)));
    };
    match web.services.send_code(&visiting.visit, &email, &next, &visiting.client).await {
        Ok(challenge) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("challenge", &challenge.to_string()).append_pair("next", next.as_str());
            Ok(redirect(&web, &format!("/sign-in/code/sent?{}", query.finish()), None))
        }
        Err(error) => {
            let fault = Fault::of(&web, &visiting, error.into())?;
            Ok(ask_page(&web, &visiting, typed, &next, Some(&fault)))
        }
    }
}

/// Where the code is typed.
pub async fn sent(State(web): State<AppState>, visiting: Visiting) -> Result<Response, Problem> {
    let query = query(&visiting);
    let (challenge, next) = (query.get("challenge"), NextPath::parse(query.get("next")));
    match web.services.code_address(&visiting.visit, challenge).await {
        Ok(email) => Ok(code_page(&web, &visiting, challenge, &email, "", &next, None)),
        Err(error) => over(&web, &visiting, error, "", &next, true),
    }
}

/// Where the mail's link leads: shows a button and changes nothing, whatever the code is.
pub async fn confirm(State(web): State<AppState>, visiting: Visiting) -> Result<Response, Problem> {
    let query = query(&visiting);
    let (challenge, next) = (query.get("challenge"), NextPath::parse(query.get("next")));
    match web.services.code_address(&visiting.visit, challenge).await {
        Ok(email) => {
            let own = json!({ "challenge": challenge, "code": query.get("code"), "next": next.as_str(), "email": email });
            Ok(web.site_page(&visiting, StatusCode::OK, "sign-in-confirm.html", own))
        }
        Err(error) => over(&web, &visiting, error, "", &next, true),
    }
}

pub async fn verify(State(web): State<AppState>, visiting: Visiting, headers: HeaderMap, fields: Fields) -> Result<Response, Problem> {
    let next = NextPath::parse(fields.get("next"));
    let (challenge, code) = (fields.get("challenge"), fields.get("code"));
    let answer = web.services.sign_in_by_code(&visiting.visit, challenge, code, &visiting.client, agent(&headers)).await;
    match answer {
        Ok(sign_in) => admit(&web, &visiting, sign_in, &next).await,
        Err(AccountsError::Over) => over(&web, &visiting, AccountsError::Over, fields.get("email"), &next, false),
        Err(error) => {
            let fault = Fault::of(&web, &visiting, error)?;
            match web.services.code_address(&visiting.visit, challenge).await {
                Ok(email) => Ok(code_page(&web, &visiting, challenge, &email, code, &next, Some(&fault))),
                Err(error) => over(&web, &visiting, error, fields.get("email"), &next, false),
            }
        }
    }
}

/// Back to asking for a code, with the reason.
fn over(web: &Web, visiting: &Visiting, error: AccountsError, email: &str, next: &NextPath, by_link: bool) -> Result<Response, Problem> {
    let fault = match error {
        AccountsError::Over => Fault::new(web, visiting, "form", "error-code-over"),
        other => Fault::of(web, visiting, other)?,
    };
    let fault = if by_link { fault.gone() } else { fault };
    Ok(ask_page(web, visiting, email, next, Some(&fault)))
}

fn ask_page(web: &Web, visiting: &Visiting, email: &str, next: &NextPath, fault: Option<&Fault>) -> Response {
    let form = filled(&["email", "next"], &[("email", email), ("next", next.as_str())], fault);
    form_page(web, visiting, "sign-in-code.html", fault, json!({ "form": form }))
}

fn code_page(web: &Web, visiting: &Visiting, challenge: &str, email: &str, code: &str, next: &NextPath, fault: Option<&Fault>) -> Response {
    let form = filled(&["email", "code", "next"], &[("email", email), ("code", code), ("next", next.as_str())], fault);
    form_page(web, visiting, "sign-in-code-sent.html", fault, json!({ "form": form, "challenge": challenge }))
}
