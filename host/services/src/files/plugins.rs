//! Files that plugins keep: what comes in with their forms or from their own hands, and how it goes out. Bytes are written
//! before the call's commit and taken back where it comes to nothing; what slipped through is swept out later.

use super::library::{examine, off_the_request, sha256};
use super::{FileKind, Received, disk, incoming};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Semaphore;
use tsudoi_kernel::calls::{CallError, Installation};
use tsudoi_kernel::files::{FileClaim, FileRefused, KeptFile, OfferedFile, StoredFile, Uploaded};
use tsudoi_kernel::manifest::{Area, Route, UploadKind, Uploads};
use tsudoi_kernel::ports::{Boxed, DataError, FileVault};
use tsudoi_kernel::{FileId, Gate, OrganisationId};

/// Media types that are believed: no mark in the bytes tells them apart, and no browser runs them.
const TEXTS: [&str; 4] = ["text/plain", "text/csv", "text/calendar", "application/json"];

/// Files that are looked through and written at the same time: each is in memory for that.
const AT_ONCE: usize = 4;

/// Bytes that no row names may be those of a call that is under way, for this long.
const GRACE: Duration = Duration::from_secs(60 * 60);

/// Files that are looked up at a time.
const BATCH: usize = 500;

/// The port over the disk.
#[derive(Clone)]
pub struct PluginFiles {
    root: PathBuf,
    permits: Arc<Semaphore>,
}

impl PluginFiles {
    /// `root`: the folder of all files.
    pub fn new(root: PathBuf) -> Self {
        Self { root, permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    async fn put(&self, organisation: OrganisationId, offered: OfferedFile) -> Result<KeptFile, FileRefused> {
        let unavailable = |error: &dyn std::fmt::Display| FileRefused::Unavailable(error.to_string());
        let place = disk::plugin_place(&self.root, organisation, offered.id);
        let _permit = self.permits.acquire().await.map_err(|error| unavailable(&error))?;
        let work = move || {
            let OfferedFile { id, name, media_type, gate, bytes } = offered;
            let (name, media_type, bytes) = recognised(name, media_type, bytes).map_err(FileRefused::Content)?;
            disk::keep(&place, &bytes).map_err(|error| FileRefused::Unavailable(error.to_string()))?;
            let file = StoredFile { id, name, media_type, size: bytes.len() as u64, sha256: sha256(&bytes), gate };
            Ok(KeptFile { file, claim: FileClaim::new(move || disk::forget(&place, false)) })
        };
        off_the_request(work).await.map_err(|error| unavailable(&error))?
    }
}

/// What a file is called, what it is, and its bytes as they are kept; else a message of the locale files.
fn recognised(name: String, media_type: String, bytes: Vec<u8>) -> Result<(String, String, Vec<u8>), &'static str> {
    let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'));
    if !bytes.is_empty() && TEXTS.contains(&media_type.as_str()) && is_text(&bytes) {
        return Ok((name, media_type, bytes));
    }
    let (kind, bytes) = examine(bytes)?;
    Ok((super::kind::file_name(&name, kind), kind.media_type().to_owned(), bytes))
}

impl FileVault for PluginFiles {
    fn keep(&self, organisation: OrganisationId, offered: OfferedFile) -> Boxed<'_, Result<KeptFile, FileRefused>> {
        Box::pin(self.put(organisation, offered))
    }

    fn bytes(&self, organisation: OrganisationId, id: FileId) -> Boxed<'_, Result<Vec<u8>, DataError>> {
        let place = disk::plugin_place(&self.root, organisation, id);
        Box::pin(async move {
            let read = off_the_request(move || std::fs::read(place)).await;
            let broken = |error: &dyn std::fmt::Display| DataError::Broken(format!("the bytes of file {id} can't be read: {error}"));
            read.map_err(|error| broken(&error))?.map_err(|error| broken(&error))
        })
    }
}

/// Beside which field, and a message of the host's locale files with the megabytes that it may mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UploadsWrong(pub Vec<(String, &'static str)>, pub u64);

/// Files of a form whose bytes wait for the call to succeed.
#[derive(Default)]
pub(crate) struct Waiting {
    pub uploads: Vec<Uploaded>,
    claims: Vec<(FileId, FileClaim)>,
}

/// The megabytes that a file on a route may have, here: what the plugin asks for, and no more than the operator permits.
pub(crate) fn most_megabytes(uploads: &Uploads, upload_limit: u64) -> u64 {
    uploads.megabytes.min(upload_limit >> 20).max(1)
}

impl Services {
    /// Looks through what came with a form, and puts it on the disk. Nobody but those who may come to the route gets it.
    pub(crate) async fn keep_uploads(
        &self,
        visit: &Visit,
        route: &Route,
        received: &[Arc<Received>],
    ) -> Result<Result<Waiting, UploadsWrong>, ServiceError> {
        let mut waiting = Waiting::default();
        let Some(rules) = &route.uploads else { return Ok(Ok(waiting)) };
        let megabytes = most_megabytes(rules, self.settings().upload_limit);
        let of_route = || if route.area == Area::Admin { Gate::Staff } else { route.gate.clone() };
        let gate = rules.gate.clone().unwrap_or_else(of_route);
        let mut wrong = Vec::new();
        for (number, file) in received.iter().enumerate() {
            let mut refuse = |message| wrong.push((file.field.clone(), message));
            if number >= rules.most {
                refuse("files-too-many");
                break;
            }
            if file.size > megabytes << 20 {
                refuse("files-too-large");
                continue;
            }
            let bytes = file.bytes().await?;
            match FileKind::of(&bytes) {
                Ok(kind) if !rules.kinds.contains(&if kind.is_picture() { UploadKind::Picture } else { UploadKind::Pdf }) => {
                    refuse(if kind.is_picture() { "files-no-picture" } else { "files-no-pdf" });
                    continue;
                }
                Ok(_) => {}
                Err(message) => {
                    refuse(message);
                    continue;
                }
            }
            let id = FileId(self.fresh_id());
            let offered = OfferedFile { id, name: file.name.clone(), media_type: String::new(), gate: gate.clone(), bytes };
            match self.plugin_files.keep(visit.organisation.id, offered).await {
                Ok(kept) => {
                    waiting.uploads.push(Uploaded { field: file.field.clone(), file: kept.file });
                    waiting.claims.push((id, kept.claim));
                }
                Err(FileRefused::Content(message)) => refuse(message),
                Err(FileRefused::Unavailable(reason)) => return Err(ServiceError::Unavailable(reason)),
            }
        }
        Ok(if wrong.is_empty() { Ok(waiting) } else { Err(UploadsWrong(wrong, megabytes)) })
    }

    /// After the call: the bytes of those stay that have a row. A call that was made before has rows for others, and a plugin
    /// may have thrown some away.
    pub(crate) async fn settle_uploads<T>(
        &self,
        organisation: OrganisationId,
        installation: &Installation,
        waiting: Waiting,
        outcome: &Result<T, CallError>,
    ) {
        for (id, claim) in waiting.claims {
            let stays = match outcome {
                // Whether it was committed is not known: the row may come yet.
                Err(CallError::Unavailable(_)) => true,
                Err(_) => false,
                Ok(_) => !matches!(self.store().organisation(organisation).plugin_file(installation.id, id).await, Ok(None)),
            };
            if stays {
                claim.stay();
            }
        }
    }

    /// The file where the plugin has it and this visitor passes its gate; the two look alike.
    pub(crate) async fn plugin_file(
        &self,
        visit: &Visit,
        installation: &Installation,
        id: FileId,
    ) -> Result<Option<StoredFile>, ServiceError> {
        if !installation.may_use(&self.settings().policy, "files") {
            return Ok(None);
        }
        Ok(self.of(visit).plugin_file(installation.id, id).await?.filter(|file| file.gate.admits(&visit.visitor)))
    }

    /// Of a file that the visitor may have.
    pub async fn bytes_of_plugin_file(&self, organisation: OrganisationId, file: &StoredFile) -> Result<Vec<u8>, ServiceError> {
        self.plugin_files.bytes(organisation, file.id).await.map_err(|error| ServiceError::Broken(error.to_string()))
    }

    /// A file as it is written out: what is known of it, and its bytes in base64.
    pub(crate) async fn written_out(&self, organisation: OrganisationId, file: &StoredFile) -> Result<Value, ServiceError> {
        let bytes = self.bytes_of_plugin_file(organisation, file).await?;
        let StoredFile { id, name, media_type, size, sha256, .. } = file;
        Ok(json!({ "id": id, "name": name, "media-type": media_type, "size": size, "sha256": sha256, "base64": STANDARD.encode(bytes) }))
    }

    /// Removes the bytes of those of the files that no row names any more.
    pub(crate) async fn forget_unnamed_files(&self, organisation: OrganisationId, ids: &[FileId]) -> Result<(), ServiceError> {
        for batch in ids.chunks(BATCH) {
            let known = self.store().organisation(organisation).known_plugin_files(batch).await?;
            let unnamed = batch.iter().filter(|id| !known.contains(id));
            let places: Vec<PathBuf> = unnamed.map(|id| disk::plugin_place(&self.parts.files, organisation, *id)).collect();
            let forget = move || places.iter().filter(|place| place.exists()).for_each(|place| disk::forget(place, false));
            off_the_request(forget).await?;
        }
        Ok(())
    }

    /// Removes bytes that no row names, once they are so old that no call can be about to name them: of all organisations that
    /// have a folder. Answers how many.
    pub async fn sweep_files(&self) -> Result<usize, ServiceError> {
        let root = self.parts.files.clone();
        let folders = off_the_request(move || -> std::io::Result<_> {
            for place in old_files(&incoming::folder(&root))? {
                let _ = std::fs::remove_file(place);
            }
            let names = names_in(&root)?;
            Ok(names.into_iter().filter_map(|name| name.parse::<OrganisationId>().ok()).collect::<Vec<_>>())
        });
        let mut swept = 0;
        for organisation in folders.await?? {
            swept += self.sweep_files_of(organisation).await?;
        }
        Ok(swept)
    }

    async fn sweep_files_of(&self, organisation: OrganisationId) -> Result<usize, ServiceError> {
        let folder = disk::plugins_folder(&self.parts.files, organisation);
        let places = off_the_request(move || -> std::io::Result<Vec<PathBuf>> {
            let mut places = Vec::new();
            for part in names_in(&folder)? {
                places.extend(old_files(&folder.join(part))?);
            }
            Ok(places)
        });
        let mut swept = 0;
        for batch in places.await??.chunks(BATCH) {
            let id = |place: &PathBuf| place.file_name()?.to_str()?.parse::<FileId>().ok();
            let ids: Vec<FileId> = batch.iter().filter_map(id).collect();
            let known = self.store().organisation(organisation).known_plugin_files(&ids).await?;
            let unnamed: Vec<PathBuf> = batch.iter().filter(|place| id(place).is_none_or(|id| !known.contains(&id))).cloned().collect();
            swept += unnamed.len();
            off_the_request(move || unnamed.iter().for_each(|place| disk::forget(place, false))).await?;
        }
        Ok(swept)
    }
}

fn names_in(folder: &Path) -> std::io::Result<Vec<String>> {
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect(),
    }
}

/// Those that were written before the grace began, by the disk's own clock.
fn old_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut old = Vec::new();
    for name in names_in(folder)? {
        let place = folder.join(name);
        // It may have gone meanwhile.
        let Ok(written) = place.metadata().and_then(|metadata| metadata.modified()) else { continue };
        if age(written) > GRACE {
            old.push(place);
        }
    }
    Ok(old)
}

#[expect(clippy::disallowed_methods, reason = "the times of files are the disk's, not those of the organisation's clock")]
fn age(written: SystemTime) -> Duration {
    SystemTime::now().duration_since(written).unwrap_or_default()
}

#[cfg(test)]
#[path = "plugins_tests.rs"]
mod tests;
