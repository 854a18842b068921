//! The sign-in page, the question who it is, and signing out.

use super::{Fault, admit, agent, begin, choose_page, filled, form_page, query, redirect, with_next};
use crate::cookies::{self, Life};
use crate::fields::Fields;
use crate::visiting::{Visiting, append_cookie, is_secure};
use crate::{AppState, Problem, Web};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;
use tsudoi_services::ServiceError;
use tsudoi_services::accounts::{AccountsError, Attempt, NextPath};

pub async fn show(State(web): State<AppState>, visiting: Visiting) -> Response {
    let next = NextPath::parse(query(&visiting).get("next"));
    page(&web, &visiting, "", &next, None)
}

pub async fn submit(State(web): State<AppState>, visiting: Visiting, headers: HeaderMap, fields: Fields) -> Result<Response, Problem> {
    let next = NextPath::parse(fields.get("next"));
    let (identifier, password) = (fields.get("identifier"), fields.raw("password"));
    for (field, value) in [("identifier", identifier), ("password", password)] {
        if value.is_empty() {
            let fault = Fault::new(&web, &visiting, field, "error-required");
            return Ok(page(&web, &visiting, identifier, &next, Some(&fault)));
        }
    }
    let attempt = Attempt { identifier, password, client: &visiting.client, agent: agent(&headers) };
    match web.services.sign_in(&visiting.visit, attempt).await {
        Ok(sign_in) => admit(&web, &visiting, sign_in, &next).await,
        Err(error) => {
            let fault = Fault::of(&web, &visiting, error)?;
            Ok(page(&web, &visiting, identifier, &next, Some(&fault)))
        }
    }
}

fn page(web: &Web, visiting: &Visiting, identifier: &str, next: &NextPath, fault: Option<&Fault>) -> Response {
    let values = [("identifier", identifier), ("next", next.as_str())];
    let own = json!({
        "form": filled(&["identifier", "password", "next"], &values, fault),
        "code_url": with_next("/sign-in/code", next),
        "forgotten_url": "/password/forgotten",
    });
    form_page(web, visiting, "sign-in.html", fault, own)
}

pub async fn choose(State(web): State<AppState>, visiting: Visiting, headers: HeaderMap, fields: Fields) -> Result<Response, Problem> {
    let next = NextPath::parse(fields.get("next"));
    let ticket = fields.get("challenge");
    let error = match web.services.choose(&visiting.visit, ticket, fields.get("member"), agent(&headers)).await {
        Ok(token) => return begin(&web, &visiting, &token, &next).await,
        Err(AccountsError::Service(ServiceError::NotFound)) => match web.services.choices(&visiting.visit, ticket).await {
            Ok(choices) => return Ok(choose_page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, ticket, &choices, &next)),
            Err(error) => error,
        },
        Err(error) => error,
    };
    let fault = match error {
        AccountsError::Over => Fault::new(&web, &visiting, "form", "error-choose-over"),
        other => Fault::of(&web, &visiting, other)?,
    };
    Ok(page(&web, &visiting, "", &next, Some(&fault)))
}

pub async fn sign_out(State(web): State<AppState>, visiting: Visiting, _fields: Fields) -> Result<Response, Problem> {
    web.services.sign_out(&visiting.visit).await?;
    Ok(out(&web, &visiting, "flash-signed-out"))
}

pub async fn sign_out_everywhere(State(web): State<AppState>, visiting: Visiting, _fields: Fields) -> Result<Response, Problem> {
    if visiting.visit.session.is_none() {
        return Err(Problem::SignIn);
    }
    web.services.sign_out_everywhere(&visiting.visit).await?;
    Ok(out(&web, &visiting, "flash-signed-out-everywhere"))
}

/// To the home page, without the session.
fn out(web: &Web, visiting: &Visiting, flash: &str) -> Response {
    let mut response = redirect(web, "/", Some(flash));
    let name = cookies::session_name(visiting.organisation());
    append_cookie(&mut response, cookies::set(&name, "", Life::Over, is_secure(&web.services)));
    response
}
