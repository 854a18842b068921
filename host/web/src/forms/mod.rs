//! Forms: on the site for those who answer, and in the staff area for those who make them and read the answers.

mod answers;
mod edit;
mod public;
#[cfg(test)]
mod tests;

use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tsudoi_kernel::Locale;
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_services::forms::plain;
use uuid::Uuid;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/forms/{address}", get(public::show).post(public::send))
        .route("/forms/{address}/sent", get(public::sent))
        .route("/admin/forms", get(edit::list))
        .route("/admin/forms/new", get(edit::blank).post(edit::create))
        .route("/admin/forms/{id}", get(edit::show).post(edit::save))
        .route("/admin/forms/{id}/delete", post(edit::delete))
        .route("/admin/forms/{id}/answers", get(answers::list))
        .route("/admin/forms/{id}/answers.csv", post(answers::export))
        .route("/admin/forms/{id}/answers/{answer}", get(answers::show).post(answers::act))
}

/// An id that can't be one is of something that isn't there.
fn id_of(text: &str) -> Result<Uuid, Problem> {
    parse_uuid(text).map_err(|_| Problem::NotFound)
}

impl Web {
    /// An answer's value in words.
    fn answer_words(&self, visiting: &Visiting, value: &Value) -> String {
        let own: Locale = visiting.organisation().locale;
        plain(value, own, &self.look.message(visiting.locale(), "parameter-yes", &json!({})))
    }
}
