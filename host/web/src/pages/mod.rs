//! Pages of the site, and where staff change them.

mod edit;
mod history;
mod list;
mod prose;
mod public;
mod whole;

pub(crate) use prose::Rendered;
pub use public::show;
pub(crate) use public::{decoded, denied_page};
pub(crate) use whole::WholePages;

use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tsudoi_kernel::{Gate, Locale, PageId};
use tsudoi_services::pages::{Audience, GateInput, Named, PageRecord};
use uuid::Uuid;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/pages", get(list::list))
        .route("/admin/pages/new", get(edit::blank).post(edit::create))
        .route("/admin/pages/new/preview", post(edit::preview))
        .route("/admin/pages/{id}", get(edit::show).post(edit::save))
        .route("/admin/pages/{id}/preview", post(edit::preview_of))
        .route("/admin/pages/{id}/publish", post(history::publish))
        .route("/admin/pages/{id}/undo", post(history::undo))
        .route("/admin/pages/{id}/discard", post(history::discard))
        .route("/admin/pages/{id}/delete", post(history::delete))
        .route("/admin/pages/{id}/bring-back", post(history::bring_back))
        .route("/admin/pages/{id}/restore", post(history::restore))
        .route("/admin/pages/{id}/history", get(history::list))
        .route("/admin/pages/{id}/history/{revision}", get(history::show))
}

/// An id that can't be one is a page that isn't there.
fn page_id(text: &str) -> Result<PageId, Problem> {
    text.parse().map_err(|_| Problem::NotFound)
}

/// The revision that a form began with.
pub(crate) fn revision_id(text: &str) -> Result<Uuid, Problem> {
    tsudoi_kernel::ids::parse_uuid(text).map_err(|_| Problem::BadRequest)
}

/// `new` (never published), `changed` (published, with a newer draft) or `live`.
fn state(page: &PageRecord) -> &'static str {
    match (page.published, page.draft) {
        (None, _) => "new",
        (Some(_), Some(_)) => "changed",
        (Some(_), None) => "live",
    }
}

impl Web {
    /// A gate in a few words: 「会員限定」, "Silver, Gold".
    pub(crate) fn gate_words(&self, locale: Locale, gate: &Gate, audience: &Audience) -> String {
        let text = |key: &str, names: String| self.look.message(locale, key, &json!({ "names": names }));
        let separator = self.look.message(locale, "list-separator", &json!({}));
        match gate {
            Gate::Everyone => text("pages-gate-everyone", String::new()),
            Gate::Members => text("pages-gate-members", String::new()),
            Gate::Tiers { tiers } => {
                text("pages-gate-tiers", tiers.iter().map(|key| audience.tier(key, locale)).collect::<Vec<_>>().join(&separator))
            }
            Gate::Labels { labels } => {
                text("pages-gate-labels", labels.iter().map(|key| audience.label(key, locale)).collect::<Vec<_>>().join(&separator))
            }
            Gate::Segments { segments } => {
                text("pages-gate-segments", segments.iter().map(|key| audience.segment(key, locale)).collect::<Vec<_>>().join(&separator))
            }
            Gate::Staff => text("pages-gate-staff", String::new()),
        }
    }

    /// What the choice of a gate shows: `gate.html` is given it as `gate`. `prefix` stands before the names of its fields.
    pub(crate) fn gate_choice(&self, locale: Locale, prefix: &str, chosen: &GateInput, audience: &Audience) -> Value {
        let choices = |all: &[Named], chosen: &BTreeSet<String>| -> Vec<Value> {
            let choice =
                |named: &Named| json!({ "key": named.key, "name": named.name.get(locale), "checked": chosen.contains(&named.key) });
            all.iter().map(choice).collect()
        };
        json!({
            "prefix": prefix,
            "kind": chosen.kind,
            "tiers": choices(&audience.tiers, &chosen.tiers),
            "labels": choices(&audience.labels, &chosen.labels),
            "segments": choices(&audience.segments, &chosen.segments),
        })
    }

    /// Messages beside fields in the visitor's language.
    pub(crate) fn messages(&self, visiting: &Visiting, errors: &[(String, &'static str)]) -> Vec<(String, String)> {
        errors.iter().map(|(field, key)| (field.clone(), self.look.message(visiting.locale(), key, &json!({})))).collect()
    }
}

/// The gate that a form chose.
pub(crate) fn gate_input(fields: &crate::fields::Fields, prefix: &str) -> GateInput {
    let all = |name: &str| fields.all(&format!("{prefix}{name}")).map(str::to_owned).collect();
    GateInput {
        kind: fields.get(&format!("{prefix}gate")).to_owned(),
        tiers: all("tiers"),
        labels: all("labels"),
        segments: all("segments"),
    }
}

#[cfg(test)]
mod tests;
