//! Live regions: the blocks of a page and the view of a plugin's page are wrapped in an element that names them, and a
//! stream tells the browser when one of them looks different.
//!
//! Nothing is remembered between looks but what the browser has. Each look begins like a request: session, member, page and
//! gate are asked again, and the answers of plugins come from memory unless a change touched what they read.

mod places;
mod regions;
mod stream;
#[cfg(test)]
mod tests;

pub use places::Live;
pub(crate) use regions::{VIEW, block_name, plugin_address};

use crate::AppState;
use axum::Router;
use axum::routing::get;

pub fn routes() -> Router<AppState> {
    Router::new().route("/live", get(stream::open))
}
