//! Files that plugins keep. Bytes lie outside the database: they are there before a row names them, and whatever no row
//! came to name goes away again.

use crate::gate::Gate;
use crate::ids::FileId;
use serde::{Deserialize, Serialize};

/// What is known of a file of a plugin's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StoredFile {
    pub id: FileId,
    /// As it is called where somebody saves it.
    pub name: String,
    /// As its content says.
    pub media_type: String,
    pub size: u64,
    /// Lower-case hexadecimal; names the bytes.
    pub sha256: String,
    /// Who may get it, whatever else the plugin asks.
    pub gate: Gate,
}

/// A file that a visitor sent with a form, and the form's field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    pub field: String,
    pub file: StoredFile,
}

/// A file that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedFile {
    pub id: FileId,
    pub name: String,
    /// What it is said to be. Believed of plain text only, which has no mark that tells.
    pub media_type: String,
    pub gate: Gate,
    pub bytes: Vec<u8>,
}

/// A file whose bytes are on the disk, and which no row names yet.
#[derive(Debug)]
pub struct KeptFile {
    pub file: StoredFile,
    pub claim: FileClaim,
}

/// Bytes without a row: they go away with this, unless it was said that they [stay](Self::stay).
pub struct FileClaim(Option<Box<dyn FnOnce() + Send + Sync>>);

impl FileClaim {
    pub fn new(give_up: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(give_up)))
    }

    /// A row names them now, or may: then whoever sweeps looks again later.
    pub fn stay(mut self) {
        self.0 = None;
    }
}

impl Drop for FileClaim {
    fn drop(&mut self) {
        if let Some(give_up) = self.0.take() {
            give_up();
        }
    }
}

impl std::fmt::Debug for FileClaim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileClaim(…)")
    }
}

/// Why a file is not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// Its content is none that is kept; a message of the host's locale files says why.
    #[error("{0}")]
    Content(&'static str),
    /// The disk did not take it.
    #[error("{0}")]
    Unavailable(String),
}
