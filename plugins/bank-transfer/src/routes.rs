//! The routes of plugin.toml.

use tsudoi_plugin::{Id, Routes};

#[derive(Routes)]
#[routes(GET)]
pub enum Show {
    Transfer { invoice: Id },
    Lines,
    Line { line: Id },
    Imports,
    Imported { import: Id },
}

#[derive(Routes)]
#[routes(POST)]
pub enum Change {
    Book { line: Id },
    SetAside { line: Id },
    TakeBack { line: Id },
    Import,
}
