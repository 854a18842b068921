//! Looking at the site as somebody else: to begin, to end, and what is not open meanwhile.

use crate::fields::Fields;
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::pages::{Audience, Named, PagePath};
use tsudoi_services::visits::NotSeen;

pub async fn begin(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Result<Response, Problem> {
    visiting.require_staff(Permission::SITE)?;
    let next = fields.get("next");
    let next = crate::pages::decoded(next).and_then(|path| PagePath::parse(&path).ok()).unwrap_or_else(PagePath::home);
    match web.services.begin_see_as(&visiting.visit, fields.get("as"), fields.get("number")).await {
        Ok(()) => Ok(Redirect::to(&next.encoded()).into_response()),
        Err(NotSeen::NoMember) => Ok(web.go("/admin/pages", "flash-warning-no-such-member")),
        Err(NotSeen::NoTier) => Err(Problem::BadRequest),
        Err(NotSeen::Forbidden) => Err(Problem::Forbidden),
        Err(NotSeen::Service(error)) => Err(error.into()),
    }
}

pub async fn end(State(web): State<AppState>, visiting: Visiting, _fields: Fields) -> Result<Response, Problem> {
    web.services.end_see_as(&visiting.visit).await?;
    Ok(Redirect::to("/admin").into_response())
}

/// Who looks as somebody else may look and nothing else: a form would be sent in the wrong name. The way out is open,
/// and so are the language and the demo's bar.
pub async fn look_only(visiting: Visiting, request: Request, next: Next) -> Response {
    if visiting.visit.see_as.is_none() {
        return next.run(request).await;
    }
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let way_out = ["/admin/see-as/end", "/sign-out", "/sign-out/everywhere", "/language"].contains(&path) || path.starts_with("/demo/");
    let staff_area = path == "/admin" || path.starts_with("/admin/");
    if way_out || (reads && !staff_area) { next.run(request).await } else { Problem::LookingOnly.into_response() }
}

impl Web {
    /// As whom the site can be looked at: `see-as.html` is given it as `see_as`. `next` is the page to begin with.
    pub(crate) fn see_as_choices(&self, visiting: &Visiting, audience: &Audience, next: &str) -> Value {
        let choices = |all: &[Named]| -> Vec<Value> {
            all.iter().map(|named| json!({ "key": named.key, "name": named.name.get(visiting.locale()) })).collect()
        };
        json!({
            "tiers": choices(&audience.tiers),
            "segments": choices(&audience.segments),
            "members": visiting.visitor().may(Permission::MEMBERS),
            "next": next,
        })
    }
}
