//! Plugins as an organisation has them: packages that the operator installed, installations with what staff granted,
//! and calls of their pages and blocks.

mod calls;
mod packages;
mod shelf;
mod switchboard;

pub use calls::{BlockOutcome, PluginAnswer, PluginPage, PluginVisit};
pub use packages::InstallError;
pub use shelf::{LoadedPlugin, PluginShelf};
pub use switchboard::{BlockChoice, InstallationSummary, PluginMenuEntry, requested};
pub use tsudoi_store::PluginFailure;
