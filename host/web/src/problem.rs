//! Errors: a themed page for people, `application/problem+json` (RFC 9457) for programs. The cause goes to the log with
//! the request's id; the visitor sees the id and what to do.

use crate::visiting::Visiting;
use crate::{AppState, look};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};
use tsudoi_kernel::calls::CallError;
use tsudoi_services::ServiceError;

/// Why a handler did not answer as asked.
#[derive(Debug, Clone)]
pub enum Problem {
    NotFound,
    Forbidden,
    /// Staff look as somebody else, and wanted to do more than look.
    LookingOnly,
    /// Nobody is signed in: people are led to the sign-in page and back.
    SignIn,
    /// The form's token is missing or old: the page was open for long, or the form is not ours.
    StaleForm,
    /// The address or the form is not what this route takes.
    BadRequest,
    MethodNotAllowed,
    TooLarge,
    /// Somebody changed it meanwhile; with a text for the person.
    Conflict(Option<String>),
    TooMany {
        retry_after: u64,
    },
    /// The plugin kept failing, and rests.
    PluginPaused,
    Unavailable(String),
    Broken(String),
}

impl Problem {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::LookingOnly | Self::StaleForm => StatusCode::FORBIDDEN,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::PluginPaused | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Stable, for programs; the messages for people are `problem-<code>-title` and `problem-<code>-text`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::LookingOnly => "looking-only",
            Self::SignIn => "sign-in",
            Self::StaleForm => "stale-form",
            Self::BadRequest => "bad-request",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::TooLarge => "too-large",
            Self::Conflict(_) => "conflict",
            Self::TooMany { .. } => "too-many",
            Self::PluginPaused => "plugin-paused",
            Self::Unavailable(_) => "unavailable",
            Self::Broken(_) => "broken",
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany { retry_after } => Some(*retry_after),
            Self::PluginPaused => Some(60),
            Self::Unavailable(_) => Some(5),
            _ => None,
        }
    }

    /// From what axum's own extractors answered.
    pub fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::NOT_FOUND => Self::NotFound,
            status if status.is_client_error() => Self::BadRequest,
            other => Self::Broken(format!("answered {other}")),
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        headers
    }

    fn log(&self, request_id: &str) {
        match self {
            Self::Broken(cause) => tracing::error!(request_id, cause, "request failed"),
            Self::Unavailable(cause) => tracing::warn!(request_id, cause, "database away"),
            _ => {}
        }
    }

    fn json(&self, request_id: &str) -> Value {
        let status = self.status();
        json!({ "type": "about:blank", "title": status.canonical_reason().unwrap_or_default(), "status": status.as_u16(), "code": self.code(), "request_id": request_id })
    }

    /// Without a theme: for when not even the organisation is known.
    pub fn plain(&self, request_id: &str) -> Response {
        self.log(request_id);
        let status = self.status();
        let text = format!("{} {}\n{request_id}\n", status.as_u16(), status.canonical_reason().unwrap_or_default());
        (status, self.headers(), text).into_response()
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NotFound => Self::NotFound,
            ServiceError::Forbidden => Self::Forbidden,
            ServiceError::Invalid(_) => Self::BadRequest,
            ServiceError::Changed => Self::Conflict(None),
            ServiceError::TooMany { retry_after } => Self::TooMany { retry_after },
            ServiceError::Unavailable(cause) => Self::Unavailable(cause),
            ServiceError::Broken(cause) => Self::Broken(cause),
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Busy => Self::Unavailable("too many plugin calls".into()),
            CallError::Unavailable(cause) => Self::Unavailable(cause),
            other => Self::Broken(other.to_string()),
        }
    }
}

/// Carries itself to [`present`], which knows theme and language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns a handler's problem into a page or into JSON, whichever the request asked for.
pub async fn present(State(web): State<AppState>, request: Request, next: Next) -> Response {
    let visiting = request.extensions().get::<Visiting>().cloned();
    let json = wants_json(request.headers());
    let response = next.run(request).await;
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        // What axum answers by itself: no such method, or a body that an extractor refused.
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => Problem::MethodNotAllowed,
        None if response.status() == StatusCode::PAYLOAD_TOO_LARGE && !is_page(&response) => Problem::TooLarge,
        None => return response,
    };
    let Some(visiting) = visiting else { return problem.plain("") };
    if json {
        problem.log(&visiting.request_id);
        let media_type = [(header::CONTENT_TYPE, "application/problem+json")];
        return (problem.status(), problem.headers(), media_type, Json(problem.json(&visiting.request_id))).into_response();
    }
    if matches!(problem, Problem::SignIn) {
        return Redirect::to(&sign_in_url(&visiting.target)).into_response();
    }
    problem.log(&visiting.request_id);
    let mut page = page(&web, &visiting, &problem);
    page.headers_mut().extend(problem.headers());
    page
}

/// The sign-in page that leads back to `target`.
pub fn sign_in_url(target: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", target).finish();
    format!("/sign-in?{query}")
}

fn page(web: &AppState, visiting: &Visiting, problem: &Problem) -> Response {
    let status = problem.status();
    if matches!(problem, Problem::NotFound) {
        return web.site_page(visiting, status, "not-found.html", json!({}));
    }
    let text = |part: &str| web.look.message(visiting.locale(), &format!("problem-{}-{part}", problem.code()), &json!({}));
    let message = match problem {
        Problem::Conflict(Some(message)) => message.clone(),
        _ => text("text"),
    };
    let retry = problem.retry_after().is_some();
    let context = json!({ "status": status.as_u16(), "title": text("title"), "message": message, "retry": retry });
    web.site_page(visiting, status, "error.html", context)
}

/// A handler showed its form again, with what is wrong.
fn is_page(response: &Response) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|value| value.starts_with("text/html"))
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

/// A handler panicked: the process goes on, the visitor gets a plain page, the log has the text.
pub fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    look::plain(StatusCode::INTERNAL_SERVER_ERROR, "500\n")
}
