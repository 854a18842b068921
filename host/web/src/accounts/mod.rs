//! Signing in and out, passwords, one's own page and the language. What a form gets wrong comes back beside its field
//! (422), too many tries as 429 with Retry-After, both with the form still filled in.

mod agent;
mod code;
mod language;
mod own;
mod password;
mod sign_in;
#[cfg(test)]
mod tests;

pub(crate) use own::own_page;

use crate::cookies::{self, Life};
use crate::fields::{Fields, decode, form};
use crate::visiting::{Visiting, append_cookie, is_secure};
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tsudoi_services::ServiceError;
use tsudoi_services::accounts::{AccountsError, Choice, NextPath, SignIn};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-in/choose", post(sign_in::choose))
        .route("/sign-in/code", get(code::show).post(code::send))
        .route("/sign-in/code/sent", get(code::sent))
        .route("/sign-in/code/confirm", get(code::confirm))
        .route("/sign-in/code/verify", post(code::verify))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/sign-out/everywhere", post(sign_in::sign_out_everywhere))
        .route("/password/forgotten", get(password::show_forgotten).post(password::send_reset))
        .route("/password/reset", get(password::show_reset).post(password::reset))
        .route("/account", get(own::show))
        .route("/account/mails", post(own::choose_mails))
        .route("/account/password", post(own::change_password))
        .route("/account/sessions/end", post(own::end_session))
        .route("/language", post(language::choose))
}

/// Longer than any browser keeps a cookie; how long a session lasts is the server's to say.
const COOKIE_SECONDS: u64 = 400 * 24 * 60 * 60;

/// What a form says about something that its sender can mend.
struct Fault {
    status: StatusCode,
    /// A field's name, or `form`.
    field: &'static str,
    message: String,
    retry_after: Option<u64>,
}

impl Fault {
    fn new(web: &Web, visiting: &Visiting, field: &'static str, key: &str) -> Self {
        let message = web.look.message(visiting.locale(), key, &json!({}));
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, field, message, retry_after: None }
    }

    /// The sender's own mistakes and impatience; anything else is a problem.
    fn of(web: &Web, visiting: &Visiting, error: AccountsError) -> Result<Self, Problem> {
        let new = |field, key| Ok(Self::new(web, visiting, field, key));
        match error {
            AccountsError::WrongPassword => new("form", "error-wrong-password"),
            AccountsError::WrongCode => new("code", "error-wrong-code"),
            AccountsError::Over => new("form", "error-link-over"),
            AccountsError::Password(fault) => new("password", fault.key()),
            AccountsError::ByMailOnly => new("password", "error-password-by-mail"),
            AccountsError::Service(ServiceError::TooMany { retry_after }) => {
                let minutes = json!({ "minutes": retry_after.div_ceil(60) });
                let message = web.look.message(visiting.locale(), "error-too-many", &minutes);
                Ok(Self { status: StatusCode::TOO_MANY_REQUESTS, field: "form", message, retry_after: Some(retry_after) })
            }
            AccountsError::Service(other) => Err(other.into()),
        }
    }

    /// A link that was followed too late.
    fn gone(mut self) -> Self {
        self.status = StatusCode::GONE;
        self
    }

    fn errors(&self) -> Vec<(&str, String)> {
        vec![(self.field, self.message.clone())]
    }

    fn finish(&self, mut response: Response) -> Response {
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// `form` for a template: all fields, of which only `values` are filled in again (a password never is).
fn filled(names: &[&str], values: &[(&str, &str)], fault: Option<&Fault>) -> Value {
    let pairs = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    form(names, &Fields::new(pairs), &fault.map(Fault::errors).unwrap_or_default())
}

/// The page of a form that was not taken, or of one that nobody has filled in yet.
fn form_page(web: &Web, visiting: &Visiting, template: &str, fault: Option<&Fault>, own: Value) -> Response {
    let status = fault.map_or(StatusCode::OK, |fault| fault.status);
    let page = web.site_page(visiting, status, template, own);
    match fault {
        Some(fault) => fault.finish(page),
        None => page,
    }
}

/// The values of the query.
fn query(visiting: &Visiting) -> Fields {
    let query = visiting.target.split_once('?').map_or("", |(_, query)| query);
    Fields::new(decode(query.as_bytes()))
}

/// What the browser calls itself.
fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}

/// Away from a form that was taken, with a message to show once.
fn redirect(web: &Web, to: &str, flash: Option<&str>) -> Response {
    match flash {
        Some(flash) => web.go(to, flash),
        None => Redirect::to(to).into_response(),
    }
}

/// A proof was accepted: in, or to the question who it is.
async fn admit(web: &Web, visiting: &Visiting, sign_in: SignIn, next: &NextPath) -> Result<Response, Problem> {
    match sign_in {
        SignIn::Done(token) => begin(web, visiting, &token, next).await,
        SignIn::Choose { ticket, choices } => Ok(choose_page(web, visiting, StatusCode::OK, &ticket, &choices, next)),
    }
}

/// Gives the browser its new session, and ends the one that it had.
async fn begin(web: &Web, visiting: &Visiting, token: &str, next: &NextPath) -> Result<Response, Problem> {
    web.services.sign_out(&visiting.visit).await?;
    let mut response = Redirect::to(next.as_str()).into_response();
    let name = cookies::session_name(visiting.organisation());
    append_cookie(&mut response, cookies::set(&name, token, Life::Seconds(COOKIE_SECONDS), is_secure(&web.services)));
    Ok(response)
}

fn choose_page(web: &Web, visiting: &Visiting, status: StatusCode, ticket: &str, choices: &[Choice], next: &NextPath) -> Response {
    let member = |choice: &Choice| json!({ "id": choice.id(), "name": choice.name, "number": choice.number });
    let members: Vec<Value> = choices.iter().map(member).collect();
    web.site_page(visiting, status, "sign-in-choose.html", json!({ "challenge": ticket, "members": members, "next": next.as_str() }))
}

/// The address of a page with `next` in its query, left out where it is the home page.
fn with_next(path: &str, next: &NextPath) -> String {
    if next.is_home() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next.as_str()).finish();
    format!("{path}?{query}")
}
