//! Where staff arrive: what waits to be published, what went wrong, and what to do first on a new site.

use crate::visiting::Visiting;
use crate::{AppState, Problem};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_kernel::manifest::CardPlace;
use tsudoi_services::pages::PageSummary;

/// How many drafts and entries are shown.
const SHOWN: usize = 8;
/// Entries of the record among which those are looked for that whoever asks may see.
const LOOKED_AT: u32 = 100;

pub async fn overview(State(web): State<AppState>, visiting: Visiting) -> Result<Response, Problem> {
    visiting.require_any_staff()?;
    let visitor = visiting.visitor();
    let (may_edit, may_plugins) = (visitor.may(Permission::SITE), visitor.may(Permission::PLUGINS));
    let locale = visiting.locale();
    let mut own = json!({
        "may_edit": may_edit, "may_plugins": may_plugins, "drafts": [], "site_draft": false, "page_count": 0, "steps": [],
        "activity": [], "failures": [], "see_as": null, "new_answers": 0,
    });
    if visitor.may(Permission::MEMBERS) {
        own["new_answers"] = web.services.new_answers(&visiting.visit).await?.into();
    }
    if may_edit {
        let pages = web.services.pages(&visiting.visit).await?;
        let living: Vec<&PageSummary> = pages.iter().filter(|page| page.page.deleted.is_none()).collect();
        let frame = web.services.frame_draft(&visiting.visit).await?;
        let draft = |page: &&&PageSummary| -> Value {
            json!({
                "id": page.page.id, "title": page.body.title, "path": page.body.path, "saved": page.saved, "by": page.by,
                "is_new": page.page.published.is_none(),
            })
        };
        let drafts: Vec<_> = living.iter().filter(|page| page.page.draft.is_some()).collect();
        own["drafts"] = drafts.iter().take(SHOWN).map(draft).collect();
        own["site_draft"] = frame.site.draft.is_some().into();
        own["page_count"] = living.iter().filter(|page| page.page.published.is_some()).count().into();
        own["steps"] = steps(&living, frame.site.published.is_some(), frame.frame.menu.is_empty());
        // What was done with money is for whoever may see money.
        let sees_money = visiting.visitor().may(Permission::MONEY);
        let is_money = |subject: &str| ["invoice", "payment:", "ledger"].iter().any(|about| subject.starts_with(about));
        let mut activity = web.services.recent_activity(&visiting.visit, LOOKED_AT).await?;
        activity.retain(|entry| sees_money || !is_money(&entry.subject));
        activity.truncate(SHOWN);
        let line = |entry: &tsudoi_services::activity::RecordedEntry| -> Value {
            let action = web.look.message(locale, &format!("activity-{}", entry.action), &json!({ "detail": entry.detail }));
            json!({ "text": action, "by": entry.by, "at": entry.at })
        };
        own["activity"] = activity.iter().map(line).collect();
        let audience = web.services.audience(&visiting.visit).await?;
        own["see_as"] = web.see_as_choices(&visiting, &audience, "/");
    }
    if may_plugins {
        let failures = web.services.recent_plugin_failures(&visiting.visit).await?;
        let failure = |failure: &_| -> Value {
            let failure: &tsudoi_services::plugins::PluginFailure = failure;
            json!({ "plugin": failure.plugin, "place": failure.place, "request_id": failure.request_id, "at": failure.at })
        };
        own["failures"] = failures.iter().take(SHOWN).map(failure).collect();
    }
    own["cards"] = web.cards(&visiting, CardPlace::Dashboard).await?.into();
    Ok(web.admin_page(&visiting, StatusCode::OK, "overview.html", "overview", own))
}

/// What a new site lacks; empty once everything is there. Each has texts `admin-step-<key>` and an address.
fn steps(pages: &[&PageSummary], frame_published: bool, menu_empty: bool) -> Value {
    let has = |path: &str| pages.iter().any(|page| page.body.path.as_str() == path && page.page.published.is_some());
    let steps = [
        ("name", "/admin/site", frame_published),
        ("home", "/admin/pages/new?path=/", has("/")),
        ("contact", "/admin/pages/new?path=/contact", has("/contact")),
        ("privacy", "/admin/pages/new?path=/privacy", has("/privacy")),
        ("menu", "/admin/menu", !menu_empty),
    ];
    if steps.iter().all(|(_, _, done)| *done) {
        return json!([]);
    }
    steps.iter().map(|(key, url, done)| json!({ "key": key, "url": url, "done": done })).collect()
}
