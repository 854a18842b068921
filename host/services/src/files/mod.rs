//! Files that staff upload: pictures and PDF documents, each with a gate.

mod disk;
mod kind;
mod library;

pub use disk::place;
pub use kind::FileKind;
pub use library::{FileDetails, FileDraft, OpenedFile, UPLOAD_FIELDS, alternative_text};
pub use tsudoi_store::{FileRecord, FileUse};
