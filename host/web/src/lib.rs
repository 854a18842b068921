//! Routes, forms and responses. One folder for each feature, named as in `services`; what they share is here:
//! [`visiting`] (organisation, session, language and CSRF of a request), [`problem`] (errors as pages and as
//! `application/problem+json`), [`fields`] (forms), [`look`] (themes and the host's own templates) and [`cookies`].

mod accounts;
mod admin;
mod assets;
pub mod cookies;
mod demo;
mod dues;
pub mod fields;
mod files;
mod forms;
mod framed;
mod imports;
mod inbox;
mod invoices;
mod live;
pub mod look;
mod mailings;
mod members;
mod multipart;
mod pages;
mod parameters;
mod plugins;
pub mod problem;
mod segments;
mod site;
mod staff;
#[cfg(test)]
mod testing;
pub mod texts;
mod upload;
pub mod visiting;

pub use demo::DemoActions;
pub use live::Live;
pub use look::Look;
pub use problem::Problem;
pub use visiting::Visiting;

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use std::sync::Arc;
use tsudoi_services::Services;
use tsudoi_services::visits::OrganisationKey;

/// What handlers share.
pub struct Web {
    pub services: Services,
    pub look: Look,
    /// Themes are read again on change, mail can be read at `/inbox`, answers say how many statements they took.
    pub dev: bool,
    /// Proxies whose word about the visitor's address is taken.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// What the demo's bar does; `None` outside the demo.
    pub demo: Option<Arc<dyn DemoActions>>,
    /// The streams of live regions.
    pub live: Live,
}

pub type AppState = Arc<Web>;

/// One address that is listened on. In the demo each organisation has a port of its own.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    /// Serves this organisation whatever the Host header says.
    pub organisation: Option<OrganisationKey>,
    /// The addresses of the organisations in this process, for the demo's bar: (slug, name, URL).
    pub places: Arc<Vec<(String, String, String)>>,
}

/// Everything that is served on one listener.
pub fn router(web: AppState, listener: Listener) -> Router {
    let organisation = Router::new()
        .merge(accounts::routes())
        .merge(assets::routes())
        .merge(inbox::routes())
        .merge(live::routes())
        .merge(staff::routes())
        .merge(plugins::routes())
        .merge(demo::routes())
        .merge(admin::routes())
        .merge(pages::routes())
        .merge(files::routes())
        .merge(forms::routes())
        .merge(imports::routes())
        .merge(mailings::routes())
        .merge(invoices::routes())
        .merge(dues::routes())
        .merge(site::routes())
        .merge(segments::routes())
        .merge(members::routes())
        .fallback(pages::show);
    organisation
        .layer(DefaultBodyLimit::max(fields::FORM_LIMIT))
        .layer(middleware::from_fn(admin::look_only))
        .layer(middleware::from_fn_with_state(web.clone(), problem::present))
        .layer(middleware::from_fn_with_state((web.clone(), listener), visiting::enter))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(problem::panicked))
        .with_state(web)
}
