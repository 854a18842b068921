//! The routes of plugin.toml.

use tsudoi_plugin::{Id, Routes};

#[derive(Routes)]
#[routes(GET)]
pub enum Show {
    Connection,
}

#[derive(Routes)]
#[routes(POST)]
pub enum Change {
    Settle { matter: Id },
}
