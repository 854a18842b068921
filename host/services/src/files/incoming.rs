//! Files while they come in: written to the disk piece by piece, so that however many are sent at once, none of them is held
//! in memory.

use super::library::off_the_request;
use crate::{ServiceError, Services};
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// Below the folder of files. What a process left behind when it died is swept out.
pub(super) const INCOMING: &str = "incoming";

/// A file that is being sent. Its bytes go away with this.
pub struct Incoming {
    file: tokio::fs::File,
    place: Unfinished,
    sha256: Sha256,
}

/// A file that has come in whole. Its bytes go away with this.
#[derive(Debug, PartialEq, Eq)]
pub struct Received {
    /// The form's.
    pub field: String,
    /// As the person's machine calls it.
    pub name: String,
    /// Also where that was too much, and the bytes were not kept.
    pub size: u64,
    /// Of the bytes as they came.
    pub sha256: String,
    place: Unfinished,
}

#[derive(Debug, PartialEq, Eq)]
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Where it can't be removed now, whoever sweeps does it.
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(super) fn folder(root: &Path) -> PathBuf {
    root.join(INCOMING)
}

impl Services {
    pub async fn incoming(&self) -> Result<Incoming, ServiceError> {
        let folder = folder(&self.parts.files);
        tokio::fs::create_dir_all(&folder).await?;
        // The ending says that it is no part of a backup.
        let mut name = [0; 16];
        self.random().fill(&mut name);
        let place = Unfinished(folder.join(format!("{}.part", Uuid::from_bytes(name))));
        let file = tokio::fs::OpenOptions::new().write(true).create_new(true).open(&place.0).await?;
        Ok(Incoming { file, place, sha256: Sha256::new() })
    }
}

impl Incoming {
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sha256.update(bytes);
        self.file.write_all(bytes).await
    }

    /// `size`: how much was sent.
    pub async fn finish(mut self, field: String, name: String, size: u64) -> io::Result<Received> {
        self.file.flush().await?;
        let sha256 = self.sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Received { field, name, size, sha256, place: self.place })
    }
}

impl Received {
    pub(super) async fn bytes(&self) -> Result<Vec<u8>, ServiceError> {
        let place = self.place.0.clone();
        Ok(off_the_request(move || std::fs::read(place)).await??)
    }
}
