//! Adding, changing, deleting and reading files. The gate is asked in one place, [`Services::open_file`].

use super::disk;
use super::kind::{FileKind, file_name};
use super::metadata::without_metadata;
use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::{FileId, Gate, Locale, OrganisationId};
use tsudoi_store::{FileRecord, FileUse};

/// What a file is to be called and who may see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileDetails {
    pub alt_ja: String,
    pub alt_en: String,
    pub gate: Gate,
}

/// An upload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileDraft {
    /// As the person's machine calls it.
    pub name: String,
    pub bytes: Vec<u8>,
    pub details: FileDetails,
}

/// A file that the visitor may see, with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedFile {
    pub record: FileRecord,
    pub bytes: Vec<u8>,
}

/// The fields that messages of [`ServiceError::Invalid`] are beside.
pub const UPLOAD_FIELDS: [&str; 4] = ["file", "alt_ja", "alt_en", "gate"];

const LONGEST_ALT: usize = 300;

impl FileDetails {
    /// A picture says what it shows, at least in the organisation's language.
    fn check(&self, kind: FileKind, locale: Locale) -> Result<(), ServiceError> {
        let mut errors = Vec::new();
        for (field, of, text) in [("alt_ja", Locale::Ja, &self.alt_ja), ("alt_en", Locale::En, &self.alt_en)] {
            if text.chars().count() > LONGEST_ALT || text.chars().any(char::is_control) {
                errors.push((field.to_owned(), "files-alt-too-long"));
            } else if kind.is_picture() && of == locale && text.trim().is_empty() {
                errors.push((field.to_owned(), "files-alt-missing"));
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(errors)) }
    }
}

/// What a file says in `locale`, else in the other language.
pub fn alternative_text(record: &FileRecord, locale: Locale) -> &str {
    let (first, second) = match locale {
        Locale::Ja => (&record.alt_ja, &record.alt_en),
        Locale::En => (&record.alt_en, &record.alt_ja),
    };
    if first.is_empty() { second } else { first }
}

impl Services {
    /// The file where it is there and this visitor may see it; the two look alike.
    pub async fn open_file(&self, visit: &Visit, id: FileId) -> Result<Option<OpenedFile>, ServiceError> {
        let Some(record) = self.of(visit).file(id).await?.filter(|record| record.gate.admits(&visit.visitor)) else { return Ok(None) };
        match tokio::fs::read(self.file_place(visit.organisation.id, &record)).await {
            Ok(bytes) => Ok(Some(OpenedFile { record, bytes })),
            Err(error) => Err(ServiceError::Broken(format!("the bytes of file {id} can't be read: {error}"))),
        }
    }

    /// Whether the visitor may see it, and which bytes it has: for answering that nothing has changed.
    pub async fn file_seen(&self, visit: &Visit, id: FileId) -> Result<Option<FileRecord>, ServiceError> {
        Ok(self.of(visit).file(id).await?.filter(|record| record.gate.admits(&visit.visitor)))
    }

    /// For staff: the latest first, at most `limit`, those before the file `before`.
    pub async fn files(&self, visit: &Visit, pictures: bool, before: Option<FileId>, limit: u32) -> Result<Vec<FileRecord>, ServiceError> {
        Ok(self.of(visit).files(pictures, before, limit).await?)
    }

    /// For staff: a file and the pages that name it.
    pub async fn file_with_uses(&self, visit: &Visit, id: FileId) -> Result<(FileRecord, Vec<FileUse>), ServiceError> {
        let store = self.of(visit);
        let record = store.file(id).await?.ok_or(ServiceError::NotFound)?;
        let uses = store.uses_of_file(id).await?;
        Ok((record, uses))
    }

    fn file_place(&self, organisation: OrganisationId, record: &FileRecord) -> PathBuf {
        disk::place(&self.parts.files, organisation, record.id, &record.sha256)
    }
}

impl Editor {
    /// [`ServiceError::Invalid`] beside [`UPLOAD_FIELDS`]. `locale`: the organisation's, in which a picture has to say
    /// what it shows.
    pub async fn add_file(&self, draft: FileDraft, locale: Locale) -> Result<FileId, ServiceError> {
        let (kind, bytes) = self.examined(draft.bytes).await?;
        draft.details.check(kind, locale)?;
        let FileDetails { alt_ja, alt_en, gate } = draft.details;
        let record = FileRecord {
            id: FileId(self.services.fresh_id()),
            name: file_name(&draft.name, kind),
            media_type: kind.media_type().to_owned(),
            size: bytes.len() as u64,
            sha256: sha256(&bytes),
            alt_ja: alt_ja.trim().to_owned(),
            alt_en: alt_en.trim().to_owned(),
            gate,
            created: self.services.now(),
        };
        self.keep(&record, bytes).await?;
        let mut transaction = self.begin().await?;
        transaction.insert_file(&record).await?;
        transaction.touch(Change::fact("files"));
        self.record(&transaction, "file-added", format!("file:{}", record.id), &record.name).await?;
        transaction.commit().await?;
        Ok(record.id)
    }

    /// Changes what a file says and who may see it; with `bytes`, also what it is: every page that shows it shows the
    /// new picture at once.
    pub async fn change_file(&self, id: FileId, details: FileDetails, bytes: Option<Vec<u8>>, locale: Locale) -> Result<(), ServiceError> {
        let before = self.store.file(id).await?.ok_or(ServiceError::NotFound)?;
        let mut record = before.clone();
        let mut kind = FileKind::Pdf;
        if before.media_type.starts_with("image/") {
            kind = FileKind::Png;
        }
        if let Some(bytes) = bytes {
            let (new, bytes) = self.examined(bytes).await?;
            if new.is_picture() != kind.is_picture() {
                return Err(ServiceError::Invalid(vec![("file".to_owned(), "files-other-kind")]));
            }
            record.name = file_name(&before.name, new);
            record.media_type = new.media_type().to_owned();
            record.size = bytes.len() as u64;
            record.sha256 = sha256(&bytes);
            details.check(kind, locale)?;
            self.keep(&record, bytes).await?;
        } else {
            details.check(kind, locale)?;
        }
        record.alt_ja = details.alt_ja.trim().to_owned();
        record.alt_en = details.alt_en.trim().to_owned();
        record.gate = details.gate;
        let mut transaction = self.begin().await?;
        transaction.file(id).await?.ok_or(ServiceError::NotFound)?;
        transaction.update_file(&record).await?;
        transaction.touch(Change::fact("files"));
        self.record(&transaction, "file-changed", format!("file:{id}"), &record.name).await?;
        transaction.commit().await?;
        if record.sha256 != before.sha256 {
            self.forget(before, false).await;
        }
        Ok(())
    }

    /// For good.
    pub async fn delete_file(&self, id: FileId) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        let record = transaction.file(id).await?.ok_or(ServiceError::NotFound)?;
        transaction.delete_file(id).await?;
        transaction.touch(Change::fact("files"));
        self.record(&transaction, "file-deleted", format!("file:{id}"), &record.name).await?;
        transaction.commit().await?;
        self.forget(record, true).await;
        Ok(())
    }

    /// What an upload is, and its bytes as they are kept.
    async fn examined(&self, bytes: Vec<u8>) -> Result<(FileKind, Vec<u8>), ServiceError> {
        let wrong = |message| ServiceError::Invalid(vec![("file".to_owned(), message)]);
        if bytes.len() as u64 > self.services.settings().upload_limit {
            return Err(wrong("files-too-large"));
        }
        off_the_request(move || examine(bytes)).await?.map_err(wrong)
    }

    async fn keep(&self, record: &FileRecord, bytes: Vec<u8>) -> Result<(), ServiceError> {
        let place = self.services.file_place(self.store.id(), record);
        Ok(off_the_request(move || disk::keep(&place, &bytes)).await??)
    }

    async fn forget(&self, record: FileRecord, whole: bool) {
        let place = self.services.file_place(self.store.id(), &record);
        // Nothing to answer about it: the row is gone already.
        let _ = off_the_request(move || disk::forget(&place, whole)).await;
    }
}

/// What a file is, and what of it is kept; else a message of the locale files.
pub(super) fn examine(bytes: Vec<u8>) -> Result<(FileKind, Vec<u8>), &'static str> {
    let kind = FileKind::of(&bytes)?;
    if !kind.is_whole(&bytes) {
        return Err("files-cut-off");
    }
    Ok((kind, without_metadata(kind, bytes)?))
}

/// Disks are slow: not on a thread that serves requests.
pub(super) async fn off_the_request<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ServiceError::Broken(error.to_string()))
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "library_tests.rs"]
mod tests;
