//! What exists only where the process was started as the demo: the bar that switches organisations and visitors and
//! puts everything back.

use crate::cookies::{self, Life};
use crate::fields::Fields;
use crate::visiting::{Visiting, append_cookie, is_secure};
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tsudoi_kernel::ports::Boxed;
use tsudoi_services::ServiceError;
use tsudoi_services::accounts::NextPath;
use tsudoi_services::visits::Visit;

/// The demo's own doings. The binary gives them; elsewhere there are none.
pub trait DemoActions: Send + Sync {
    /// Signs in the demo's `staff` or `member`: the session's token, or `None` for another word.
    fn sign_in(&self, visit: Visit, role: String, agent: String) -> Boxed<'_, Result<Option<String>, ServiceError>>;
    /// Makes all organisations of the demo anew from its files.
    fn reset(&self) -> Boxed<'_, Result<(), ServiceError>>;
}

pub fn routes() -> Router<AppState> {
    Router::new().route("/demo/role", post(role)).route("/demo/reset", post(reset))
}

const ROLES: [&str; 3] = ["staff", "member", "visitor"];

impl Web {
    /// `null` outside the demo.
    pub(crate) fn demo_bar(&self, visiting: &Visiting) -> Value {
        if self.demo.is_none() {
            return Value::Null;
        }
        let visit = &visiting.visit;
        let session = visit.session.as_ref();
        let current = match session {
            Some(session) if session.staff.is_some() => "staff",
            Some(_) => "member",
            None => "visitor",
        };
        let label = |role: &str| self.look.message(visiting.locale(), &format!("demo-role-{role}"), &json!({}));
        let places = visiting.places.iter();
        json!({
            "places": places.map(|(slug, name, url)| json!({ "label": name, "url": url, "current": *slug == visit.organisation.slug })).collect::<Vec<_>>(),
            "roles": ROLES.iter().map(|role| json!({ "key": role, "label": label(role), "current": *role == current })).collect::<Vec<_>>(),
            "action": "/demo/role",
            "reset_url": "/demo/reset",
        })
    }
}

async fn role(
    State(web): State<AppState>,
    visiting: Visiting,
    headers: axum::http::HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    let demo = web.demo.as_ref().ok_or(Problem::NotFound)?;
    let name = cookies::session_name(visiting.organisation());
    let secure = is_secure(&web.services);
    let mut response = Redirect::to(NextPath::parse(fields.get("next")).as_str()).into_response();
    if fields.get("role") == "visitor" {
        append_cookie(&mut response, cookies::set(&name, "", Life::Over, secure));
        return Ok(response);
    }
    let agent = headers.get(axum::http::header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let token = demo.sign_in((*visiting.visit).clone(), fields.get("role").to_owned(), agent).await?.ok_or(Problem::BadRequest)?;
    append_cookie(&mut response, cookies::set(&name, &token, Life::Seconds(24 * 60 * 60), secure));
    Ok(response)
}

async fn reset(State(web): State<AppState>, visiting: Visiting, _fields: Fields) -> Result<Response, Problem> {
    let demo = web.demo.as_ref().ok_or(Problem::NotFound)?;
    demo.reset().await?;
    let secure = is_secure(&web.services);
    let mut response = Redirect::to("/").into_response();
    append_cookie(&mut response, cookies::set(&cookies::session_name(visiting.organisation()), "", Life::Over, secure));
    append_cookie(&mut response, cookies::set(cookies::FLASH, "flash-demo-reset", Life::Seconds(60), secure));
    Ok(response)
}
