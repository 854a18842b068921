//! Pages: what visitors are shown, and how staff change it: draft, publish, undo, history.

mod body;
mod edit;
mod path;
mod show;

pub use body::{GateInput, PageBody, PageInput};
pub use edit::PageUndo;
pub use path::{NotAPath, PagePath};
pub use show::{OpenedPage, PageDraft, PageSummary, PageView, RevisionSummary};
pub use tsudoi_store::{Audience, Named, PageRecord, Revision};
