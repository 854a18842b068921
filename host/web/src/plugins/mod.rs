//! Plugins on the web: their pages, their assets, their blocks inside pages, and the switchboard for staff.

mod aside;
mod blocks;
mod consent;
mod costs;
mod hooks;
mod life;
mod outside;
mod pages;
mod rendered;
mod secrets;
mod settings;
mod switchboard;
#[cfg(test)]
mod tests;

use crate::{AppState, Web, look};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;
use tsudoi_kernel::calls::plugin_path;
use tsudoi_kernel::manifest::{Area, Manifest};
use tsudoi_render::html::SafeHtml;
use tsudoi_render::themes::Theme;
use tsudoi_services::plugins::LoadedPlugin;

use crate::visiting::Visiting;

pub(crate) use blocks::{Composed, Lasts};
pub(crate) use pages::{find, respond, view_again};
pub(crate) use rendered::RenderedAnswers;

pub fn routes() -> Router<AppState> {
    // Their bodies are read piece by piece, with limits of their own.
    let pages = Router::new()
        .route("/p/{plugin}", get(pages::site_get_root).post(pages::site_post_root))
        .route("/p/{plugin}/", get(pages::site_get_root).post(pages::site_post_root))
        .route("/p/{plugin}/{*path}", get(pages::site_get).post(pages::site_post))
        .route("/admin/p/{plugin}", get(pages::admin_get_root).post(pages::admin_post_root))
        .route("/admin/p/{plugin}/", get(pages::admin_get_root).post(pages::admin_post_root))
        .route("/admin/p/{plugin}/{*path}", get(pages::admin_get).post(pages::admin_post))
        .layer(DefaultBodyLimit::disable());
    Router::new()
        .merge(pages)
        .route("/hooks/{plugin}/{route}", post(hooks::receive))
        .route("/p-assets/{plugin}/{hash}/{*path}", get(pages::asset))
        .route("/admin/undelivered", get(aside::list))
        .route("/admin/undelivered/{action}", post(aside::act))
        .route("/admin/plugins", get(switchboard::list))
        .route("/admin/plugin-history", get(switchboard::history))
        .route("/admin/plugins/{plugin}", get(switchboard::show))
        .route("/admin/plugins/{plugin}/enable", post(switchboard::enable))
        .route("/admin/plugins/{plugin}/grant", post(switchboard::change_grant))
        .route("/admin/plugins/{plugin}/stop", post(life::stop))
        .route("/admin/plugins/{plugin}/rollback", post(life::roll_back))
        .route("/admin/plugins/{plugin}/export", post(life::export))
        .route("/admin/plugins/{plugin}/uninstall", post(life::uninstall))
        .route("/admin/plugins/{plugin}/disable", post(switchboard::disable))
        .route("/admin/plugins/{plugin}/resume", post(switchboard::resume))
        .route("/admin/plugins/{plugin}/settings", get(settings::show).post(settings::save))
        .route("/admin/plugins/{plugin}/secrets", get(secrets::list))
        .route("/admin/plugins/{plugin}/secrets/{name}", post(secrets::set))
        .route("/admin/plugins/{plugin}/secrets/{name}/remove", post(secrets::remove))
}

impl Web {
    /// Renders a plugin's template away from the threads that serve requests: it may take its whole budget.
    async fn rendered(
        &self,
        visiting: &Visiting,
        theme: Arc<Theme>,
        plugin: Arc<LoadedPlugin>,
        template: String,
        data: Value,
    ) -> Result<SafeHtml, String> {
        let (locale, zone) = (visiting.locale(), look::zone(visiting));
        let work = move || tsudoi_render::plugins::render(&theme, &plugin.templates, &template, locale, zone, &data);
        match tokio::task::spawn_blocking(work).await {
            Ok(rendered) => rendered.map_err(|error| error.to_string()),
            Err(panic) => Err(panic.to_string()),
        }
    }
}

/// What every plugin template is given beside the plugin's own data.
fn template_data(visiting: &Visiting, manifest: &Manifest, hash: &str, data: &Value, form: Value) -> Value {
    let mut data = match data {
        Value::Object(data) => data.clone(),
        other => serde_json::Map::from_iter([("data".to_owned(), other.clone())]),
    };
    let visitor = visiting.visitor();
    let short = hash.get(..8).unwrap_or(hash);
    data.insert("form".into(), form);
    data.insert(
        "plugin".into(),
        json!({
            "id": manifest.id,
            "name": manifest.name.get(visiting.locale()),
            "base": plugin_path(Area::Site, &manifest.id, ""),
            "admin_base": plugin_path(Area::Admin, &manifest.id, ""),
            "assets": format!("/p-assets/{}/{short}/", manifest.id),
        }),
    );
    data.insert("locale".into(), json!(visiting.locale().tag()));
    data.insert("visitor".into(), json!({ "kind": visitor.kind(), "is_member": visitor.member.is_some(), "is_staff": visitor.is_staff() }));
    data.insert("organisation".into(), json!({ "name": visiting.visit.frame.name }));
    Value::Object(data)
}
