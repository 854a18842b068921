//! `/hooks/<plugin>/<name>`: calls from outside. No form, so no token: what proves the sender is the signature that the
//! manifest names. Answers are text or JSON, and nothing that a browser would run.

use crate::fields::{self, decode};
use crate::visiting::Visiting;
use crate::{AppState, Problem};
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tsudoi_kernel::organisation::is_slug;
use tsudoi_kernel::webhooks::WebhookAnswer;
use tsudoi_services::plugins::{IncomingWebhook, WebhookOutcome};

pub async fn receive(
    State(web): State<AppState>,
    visiting: Visiting,
    Path((plugin, route)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    if !is_slug(&plugin) {
        return answer(StatusCode::NOT_FOUND, "not found");
    }
    let text = |(name, value): (&header::HeaderName, &HeaderValue)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()));
    let headers = request.headers().iter().filter_map(text).collect();
    let body = match fields::body(request).await {
        Ok(body) => body,
        Err(Problem::TooLarge) => return answer(StatusCode::PAYLOAD_TOO_LARGE, "too large"),
        Err(_) => return answer(StatusCode::BAD_REQUEST, "bad request"),
    };
    let incoming = IncomingWebhook { route, headers, query: decode(query.unwrap_or_default().as_bytes()), body };
    match web.services.take_webhook(&visiting.visit, &plugin, visiting.request_id.clone(), incoming).await {
        Ok(outcome) => responded(outcome),
        Err(error) => {
            tracing::error!(request = %visiting.request_id, %error, "a webhook was not taken");
            answer(StatusCode::SERVICE_UNAVAILABLE, "try again")
        }
    }
}

fn responded(outcome: WebhookOutcome) -> Response {
    match outcome {
        WebhookOutcome::Answered(WebhookAnswer { status, text }) => answer(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), &text),
        WebhookOutcome::NotFound => answer(StatusCode::NOT_FOUND, "not found"),
        WebhookOutcome::Forged => answer(StatusCode::UNAUTHORIZED, "the signature is not right"),
        WebhookOutcome::Late => answer(StatusCode::BAD_REQUEST, "the time of sending is too far from now"),
        WebhookOutcome::Refused => answer(StatusCode::UNPROCESSABLE_ENTITY, "refused"),
        WebhookOutcome::Forbidden => answer(StatusCode::FORBIDDEN, "forbidden"),
        WebhookOutcome::Conflict(message) => answer(StatusCode::CONFLICT, &message),
        WebhookOutcome::Busy => answer(StatusCode::SERVICE_UNAVAILABLE, "try again"),
        WebhookOutcome::Failed => answer(StatusCode::INTERNAL_SERVER_ERROR, "failed"),
    }
}

fn answer(status: StatusCode, text: &str) -> Response {
    let mut headers = HeaderMap::new();
    let is_json = text.starts_with(['{', '[']) && serde_json::from_str::<serde_json::Value>(text).is_ok();
    let media_type = if is_json { "application/json" } else { "text/plain; charset=utf-8" };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    (status, headers, text.to_owned()).into_response()
}
