//! Forgotten passwords, and the pages behind mailed links to set one.

use super::{Fault, filled, form_page, query, redirect};
use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use tsudoi_kernel::Email;
use tsudoi_services::accounts::{MailedLink, MailedPurpose};

pub async fn show_forgotten(State(web): State<AppState>, visiting: Visiting) -> Response {
    forgotten_page(&web, &visiting, "", None)
}

pub async fn send_reset(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Result<Response, Problem> {
    let typed = fields.get("email");
    let Ok(email) = typed.parse::<Email>() else {
        let fault = Fault::new(&web, &visiting, "email", "error-email");
        return Ok(forgotten_page(&web, &visiting, typed, Some(&fault)));
    };
    match web.services.send_reset(&visiting.visit, &email, &visiting.client).await {
        Ok(()) => Ok(web.site_page(&visiting, StatusCode::OK, "password-sent.html", json!({ "email": email.as_str() }))),
        Err(error) => {
            let fault = Fault::of(&web, &visiting, error.into())?;
            Ok(forgotten_page(&web, &visiting, typed, Some(&fault)))
        }
    }
}

/// Where a mailed link leads. Looking changes nothing.
pub async fn show_reset(State(web): State<AppState>, visiting: Visiting) -> Result<Response, Problem> {
    let query = query(&visiting);
    let (challenge, code) = (query.get("challenge"), query.get("code"));
    match web.services.mailed_link(&visiting.visit, challenge, code).await {
        Ok(link) => Ok(reset_page(&web, &visiting, challenge, code, &link, None)),
        Err(error) => {
            let fault = Fault::of(&web, &visiting, error)?.gone();
            Ok(forgotten_page(&web, &visiting, "", Some(&fault)))
        }
    }
}

pub async fn reset(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Result<Response, Problem> {
    let (challenge, code) = (fields.get("challenge"), fields.get("code"));
    let error = match web.services.set_password_by_link(&visiting.visit, challenge, code, fields.raw("password")).await {
        Ok(purpose) => {
            let (next, flash) = match purpose {
                MailedPurpose::Invite => ("/sign-in?next=%2Fadmin", "flash-invitation-accepted"),
                MailedPurpose::Reset => ("/sign-in", "flash-password-set"),
            };
            return Ok(redirect(&web, next, Some(flash)));
        }
        Err(error) => error,
    };
    let fault = Fault::of(&web, &visiting, error)?;
    match web.services.mailed_link(&visiting.visit, challenge, code).await {
        Ok(link) => Ok(reset_page(&web, &visiting, challenge, code, &link, Some(&fault))),
        Err(_) => Ok(forgotten_page(&web, &visiting, "", Some(&fault))),
    }
}

fn forgotten_page(web: &Web, visiting: &Visiting, email: &str, fault: Option<&Fault>) -> Response {
    let form = filled(&["email"], &[("email", email)], fault);
    form_page(web, visiting, "password-forgotten.html", fault, json!({ "form": form }))
}

fn reset_page(web: &Web, visiting: &Visiting, challenge: &str, code: &str, link: &MailedLink, fault: Option<&Fault>) -> Response {
    let own = json!({
        "form": filled(&["password"], &[], fault),
        "challenge": challenge,
        "code": code,
        "purpose": link.purpose.as_str(),
        "email": link.email,
    });
    form_page(web, visiting, "password-reset.html", fault, own)
}
