//! Files that staff upload: pictures and PDF documents, each with a gate. And those that plugins keep.

mod disk;
mod incoming;
mod kind;
mod library;
mod metadata;
mod plugins;

pub use disk::{place, plugin_place};
pub use incoming::{Incoming, Received};
pub use kind::FileKind;
pub use library::{FileDetails, FileDraft, OpenedFile, UPLOAD_FIELDS, alternative_text};
pub use plugins::PluginFiles;
pub(crate) use plugins::{UploadsWrong, most_megabytes};
pub use tsudoi_store::{FileRecord, FileUse};
