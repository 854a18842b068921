//! Mailings in the staff area: writing them, sending them, and what became of them. And the page that ends mails of a kind.

mod edit;
mod report;
mod send;
mod stop;
#[cfg(test)]
mod tests;
mod topics;

use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tsudoi_kernel::Locale;
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_services::mail::TopicRecord;
use tsudoi_services::mailings::{MailCounts, MailingState};
use uuid::Uuid;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/mailings", get(report::list))
        .route("/admin/mailings/new", get(edit::blank).post(edit::create))
        .route("/admin/mailings/topics", get(topics::list).post(topics::create))
        .route("/admin/mailings/topics/{id}", post(topics::save))
        .route("/admin/mailings/addresses", get(topics::addresses))
        .route("/admin/mailings/addresses/lift", post(topics::lift))
        .route("/admin/mailings/{id}", get(edit::show).post(edit::save))
        .route("/admin/mailings/{id}/copy", post(edit::copy))
        .route("/admin/mailings/{id}/delete", post(edit::delete))
        .route("/admin/mailings/{id}/preview", get(send::preview))
        .route("/admin/mailings/{id}/send", get(send::ask).post(send::schedule))
        .route("/admin/mailings/{id}/test", post(send::test))
        .route("/admin/mailings/{id}/cancel", post(send::cancel))
        .route("/admin/mailings/{id}/stop", post(send::stop))
        .route("/mail/stop", get(stop::show).post(stop::act))
}

/// An id that can't be one is of something that isn't there.
fn id_of(text: &str) -> Result<Uuid, Problem> {
    parse_uuid(text).map_err(|_| Problem::NotFound)
}

impl Web {
    fn mailing_state_words(&self, locale: Locale, state: MailingState) -> String {
        self.look.message(locale, &format!("mailings-state-{}", state.as_str()), &json!({}))
    }

    /// How many of each outcome, in words, without those of which there are none; the reasons of those left out below.
    fn count_words(&self, visiting: &Visiting, counts: &MailCounts) -> Vec<Value> {
        let word = |(name, count): (&String, &u64)| {
            let key = match name.strip_prefix("left-out ") {
                Some(reason) => format!("mailings-reason-{reason}"),
                None => format!("mailings-mail-{name}"),
            };
            json!({ "name": name, "label": self.look.message(visiting.locale(), &key, &json!({})), "count": count })
        };
        counts.iter().filter(|(_, count)| **count > 0).map(word).collect()
    }
}

fn topic_name(topics: &[TopicRecord], id: Uuid, locale: Locale) -> &str {
    topics.iter().find(|topic| topic.id == id).map_or("", |topic| topic.name.get(locale))
}
