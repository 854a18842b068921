//! Documents of plugins without code, as their commands would have written them.

use super::TestServices;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use tsudoi_kernel::calls::{CallId, Installation};
use tsudoi_kernel::changes::{Read, ReadSet};
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::files::{OfferedFile, StoredFile};
use tsudoi_kernel::ports::{Commit, Committed, FileVault, PluginData, PluginUpgrades, Quota, Scope, StoredDocument, Stretch, Write};
use tsudoi_kernel::{FileId, Gate};
use uuid::Uuid;

fn scope(house: &TestServices, installation: &Installation) -> Scope {
    Scope { organisation: house.organisation.id, installation: installation.id }
}

/// Puts a document into `notes`, by a call that began when the installation was loaded. The error is a conflict.
pub async fn write(house: &TestServices, installation: &Installation, id: u128, body: Value) -> Result<(), Committed> {
    write_into(house, installation, "notes", id, body).await
}

pub async fn write_into(
    house: &TestServices,
    installation: &Installation,
    collection: &str,
    id: u128,
    body: Value,
) -> Result<(), Committed> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let (id, body, at) = (Uuid::from_u128(id), body.to_string(), house.services.now());
    let keys = super::Parrot::default().index_keys(&installation.manifest, collection, id, &body).expect("the document can be indexed");
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let document = StoredDocument { id, revision: call.to_string(), body, created: at, updated: at };
    let clock = house.services.store().organisation(house.organisation.id).clock().await.expect("the database answers");
    let mut reads = ReadSet::default();
    // A call that began while its installation was as it was given: before the last commit, where it is being upgraded.
    let began = clock - u64::from(is_upgrading(house, installation).await);
    reads.add(Read::installation(installation.id), began);
    let commit = Commit {
        scope: scope(house, installation),
        call_id: CallId(format!("test:{call}")),
        reads,
        writes: vec![Write::Put { collection: collection.into(), document, keys }],
        effects: Vec::new(),
        quota: Quota { documents: 10_000, bytes: 10_000_000, mails_per_day: 20, ..Quota::default() },
        answer: Value::Null,
        at,
    };
    match house.services.store().commit(commit).await.expect("the database answers") {
        Committed::Done(_) => Ok(()),
        other => Err(other),
    }
}

/// A file that the plugin keeps, for members, as its commands would have saved it.
pub async fn save_file(house: &TestServices, installation: &Installation, bytes: &[u8]) -> FileId {
    let id = FileId(house.services.fresh_id());
    let (name, media_type) = ("a.txt".to_owned(), "text/plain".to_owned());
    let offered = OfferedFile { id, name, media_type, gate: Gate::Members, bytes: bytes.to_vec() };
    let kept = house.services.plugin_files.keep(house.organisation.id, offered).await.expect("the disk takes it");
    commit_file(house, installation, &kept.file).await;
    kept.claim.stay();
    id
}

/// The row of a file whose bytes are there.
pub async fn commit_file(house: &TestServices, installation: &Installation, file: &StoredFile) {
    let commit = Commit {
        scope: scope(house, installation),
        call_id: CallId(format!("file:{}", file.id)),
        reads: ReadSet::default(),
        writes: Vec::new(),
        effects: vec![Effect::SaveFile(file.clone())],
        quota: Quota::default(),
        answer: Value::Null,
        at: house.services.now(),
    };
    let committed = house.services.store().commit(commit).await.expect("the database answers");
    assert!(matches!(committed, Committed::Done(_)), "{committed:?}");
}

async fn is_upgrading(house: &TestServices, installation: &Installation) -> bool {
    let store = house.services.store().organisation(house.organisation.id);
    store.installation_by_id(installation.id).await.expect("the database answers").is_some_and(|now| now.upgrading)
}

/// How many documents stand in an index.
pub async fn documents(house: &TestServices, installation: &Installation, collection: &str, index: &str) -> u32 {
    let stretch = Stretch { collection: collection.into(), index: index.into(), from: Vec::new(), to: vec![0xFF; 8] };
    let counts = house.services.store().counts(scope(house, installation), vec![stretch], 100_000).await;
    counts.expect("the database answers").value[0]
}

/// A document of `notes`.
pub async fn body(house: &TestServices, installation: &Installation, id: u128) -> Option<Value> {
    let found = house.services.store().documents(scope(house, installation), "notes".into(), vec![Uuid::from_u128(id)]).await;
    let document = found.expect("the database answers").value.remove(0)?;
    Some(serde_json::from_str(&document.body).expect("a document is JSON"))
}
