//! The admin's frame: its navigation, where staff arrive, and looking at the site as somebody else. Each feature has its
//! own pages.

mod overview;
mod see_as;

pub use see_as::look_only;

use crate::cookies::{self, Life};
use crate::visiting::{Visiting, append_cookie, is_secure};
use crate::{AppState, Web};
use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tsudoi_kernel::Permission;
use tsudoi_services::plugins::PluginMenuEntry;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin", get(overview::overview))
        .route("/admin/see-as", post(see_as::begin))
        .route("/admin/see-as/end", post(see_as::end))
}

/// Key, address, and the permission that it takes (empty: any member of staff).
const SECTIONS: [(&str, &str, &str); 11] = [
    ("overview", "/admin", ""),
    ("pages", "/admin/pages", Permission::SITE),
    ("files", "/admin/files", Permission::SITE),
    ("site", "/admin/site", Permission::SITE),
    ("members", "/admin/members", Permission::MEMBERS),
    ("segments", "/admin/segments", Permission::MEMBERS),
    ("forms", "/admin/forms", Permission::MEMBERS),
    ("mailings", "/admin/mailings", Permission::MEMBERS),
    ("invoices", "/admin/invoices", Permission::MONEY),
    ("plugins", "/admin/plugins", Permission::PLUGINS),
    ("staff", "/admin/staff", Permission::STAFF),
];

impl Web {
    /// After a form: on to `path`, where the message `flash` is shown once.
    pub(crate) fn go(&self, path: &str, flash: &str) -> Response {
        let mut response = Redirect::to(path).into_response();
        append_cookie(&mut response, cookies::set(cookies::FLASH, flash, Life::Seconds(60), is_secure(&self.services)));
        response
    }

    /// The entries that this visitor may open, with the current one marked.
    pub(crate) fn admin_navigation(&self, visiting: &Visiting, current: &str) -> Vec<Value> {
        let visitor = visiting.visitor();
        let open = SECTIONS.iter().filter(|(_, _, permission)| permission.is_empty() || visitor.may(permission));
        let entry = |(key, url, _): &(&str, &str, &str)| {
            let label = self.look.message(visiting.locale(), &format!("admin-nav-{key}"), &json!({}));
            json!({ "key": key, "label": label, "url": url, "current": *key == current })
        };
        // Of a plugin's entries the one that is nearest to the page.
        let leads_here = |entry: &&PluginMenuEntry| visiting.path.starts_with(entry.url.trim_end_matches('/'));
        let nearest = visiting.plugin_menu.iter().filter(leads_here).max_by_key(|entry| entry.url.len());
        let of_plugin = |entry: &PluginMenuEntry| {
            let key = format!("plugin:{}", entry.plugin);
            let is_current = key == current && nearest.is_none_or(|nearest| nearest.url == entry.url);
            json!({ "key": key, "label": entry.label, "url": entry.url, "current": is_current })
        };
        let mut entries: Vec<Value> = open.map(entry).collect();
        let own = entries.len();
        entries.extend(visiting.plugin_menu.iter().map(of_plugin));
        for (at, entry) in entries.iter_mut().enumerate() {
            entry["begins_plugins"] = json!(at == own);
        }
        entries
    }
}
