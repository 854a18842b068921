//! Claims, batches, the switch and what is left after erasing, on both databases.

use super::copy::IndexedDocument;
use super::*;
use crate::testing::{TestDatabase, each, organisation};
use std::collections::BTreeMap;
use tsudoi_kernel::calls::CallId;
use tsudoi_kernel::changes::ReadSet;
use tsudoi_kernel::effects::{Activity, Effect};
use tsudoi_kernel::ports::{Commit, Committed, IndexKey, PluginData, Quota, Scope, StoredDocument, Write};
use tsudoi_kernel::{Email, MemberId};

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(AT.as_i64() + seconds * 1000)
}

fn manifest(version: &str) -> Manifest {
    let manifest = serde_json::json!({
        "id": "notes", "version": version, "contract": "0.1", "name": { "ja": "メモ" },
        "collections": { "notes": { "indexes": { "latest": { "fields": ["at"] } } } },
    });
    serde_json::from_value(manifest).unwrap()
}

fn put(id: u128, at: Timestamp) -> Write {
    let document =
        StoredDocument { id: Uuid::from_u128(id), revision: format!("r{id}"), body: format!("{{\"at\":{id}}}"), created: at, updated: at };
    Write::Put { collection: "notes".into(), document, keys: vec![IndexKey { index: "latest".into(), key: vec![id as u8] }] }
}

fn commit(scope: Scope, call_id: &str, reads: ReadSet, writes: Vec<Write>, at: Timestamp) -> Commit {
    let quota = Quota { documents: 1000, bytes: 100_000, mails_per_day: 20, ..Quota::default() };
    Commit { scope, call_id: CallId(call_id.into()), reads, writes, effects: Vec::new(), quota, answer: serde_json::json!(call_id), at }
}

/// An installation of version 1 with three documents, and version 2 beside it.
async fn installed(database: &TestDatabase) -> (OrganisationStore, Installation) {
    let store = &database.store;
    let club = organisation(store, 1).await;
    for version in ["1.0.0", "2.0.0"] {
        store.add_package_all_organisations(version, &manifest(version), b"bytes", AT).await.unwrap();
    }
    let mut transaction = club.begin_change(AT).await.unwrap();
    let fresh = InstallationId(Uuid::from_u128(100));
    transaction.enable_plugin(fresh, &manifest("1.0.0"), "1.0.0", &BTreeSet::new()).await.unwrap();
    transaction.commit().await.unwrap();
    let scope = Scope { organisation: club.id(), installation: fresh };
    let writes = vec![put(1, AT), put(2, AT), put(3, AT)];
    store.commit(commit(scope, "form:1", ReadSet::default(), writes, AT)).await.unwrap();
    let installation = club.installation("notes").await.unwrap().unwrap();
    (club, installation)
}

async fn begin(club: &OrganisationStore, current: &Installation, target: u128) -> bool {
    let manifest = manifest("2.0.0");
    let none = BTreeSet::new();
    let draft = UpgradeDraft {
        target: InstallationId(Uuid::from_u128(target)),
        manifest: &manifest,
        package_hash: "2.0.0",
        interfaces: &none,
        member_fields: &none,
        by: None,
    };
    let mut transaction = club.begin_change(at(1)).await.unwrap();
    let begun = transaction.begin_upgrade(current, &draft).await.unwrap();
    transaction.commit().await.unwrap();
    begun
}

/// Copies everything and switches over.
async fn upgraded(database: &TestDatabase, club: &OrganisationStore) {
    let store = &database.store;
    let claim = Uuid::from_u128(7);
    let mut upgrade = store.claim_upgrade_all_organisations(claim, at(2), at(30)).await.unwrap().unwrap();
    let documents = club.documents_after(upgrade.installation, "notes", None, 100).await.unwrap();
    let indexed = |document: StoredDocument| IndexedDocument {
        keys: vec![IndexKey { index: "latest".into(), key: vec![document.id.as_u128() as u8] }],
        document,
        complete: true,
    };
    let batch: Vec<_> = documents.into_iter().map(indexed).collect();
    assert!(club.copy_documents(&upgrade, "notes", &batch, at(30)).await.unwrap());
    for phase in [Phase::Answers, Phase::Switch] {
        assert!(club.enter_phase(&upgrade, phase, at(3)).await.unwrap());
        upgrade.phase = phase;
        if phase == Phase::Answers {
            assert!(club.copy_answers(&upgrade, at(30)).await.unwrap().is_some());
        }
    }
    let mut transaction = club.begin_change(at(4)).await.unwrap();
    assert!(transaction.switch_over(&upgrade).await.unwrap());
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_command_that_began_before_an_upgrade_is_refused_by_its_commit() {
    for database in each().await {
        let (club, current) = installed(&database).await;
        let mut reads = ReadSet::default();
        reads.add(tsudoi_kernel::changes::Read::installation(current.id), club.clock().await.unwrap());
        assert!(begin(&club, &current, 200).await);
        let scope = Scope { organisation: club.id(), installation: current.id };
        let late = commit(scope, "form:2", reads, vec![put(4, at(1))], at(1));
        assert_eq!(database.store.commit(late).await.unwrap(), Committed::Conflict, "{}", database.name);
        assert!(club.installation("notes").await.unwrap().unwrap().upgrading);
        assert!(!begin(&club, &current, 201).await, "one upgrade at a time");
    }
}

#[tokio::test]
async fn one_installation_is_current_before_and_after_the_switch_and_after_going_back() {
    for database in each().await {
        let (club, current) = installed(&database).await;
        begin(&club, &current, 200).await;
        assert_eq!(club.installations().await.unwrap().len(), 1);
        upgraded(&database, &club).await;
        let now = club.installation("notes").await.unwrap().unwrap();
        assert_eq!((now.manifest.version.as_str(), now.enabled, now.upgrading), ("2.0.0", true, false), "{}", database.name);
        assert_eq!(club.installations().await.unwrap()[0].1, crate::Usage { documents: 3, bytes: 24 });
        let scope = Scope { organisation: club.id(), installation: now.id };
        // A form that was sent before is known to the new version too.
        let again = commit(scope, "form:1", ReadSet::default(), vec![put(9, at(5))], at(5));
        assert_eq!(database.store.commit(again).await.unwrap(), Committed::Already("form:1".into()));
        database.store.commit(commit(scope, "form:3", ReadSet::default(), vec![put(5, at(5))], at(5))).await.unwrap();
        let former = club.former_installation("notes").await.unwrap().unwrap();
        assert_eq!((former.installation.id, former.written_since), (current.id, 1));
        let mut transaction = club.begin_change(at(6)).await.unwrap();
        transaction.roll_back_plugin(now.id, current.id, "notes").await.unwrap();
        transaction.commit().await.unwrap();
        let back = club.installation("notes").await.unwrap().unwrap();
        assert_eq!((back.id, back.enabled), (current.id, true));
        let scope = Scope { organisation: club.id(), installation: current.id };
        let found = database.store.documents(scope, "notes".into(), vec![Uuid::from_u128(1), Uuid::from_u128(5)]).await.unwrap();
        assert_eq!(found.value.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false], "what was written since is gone");
    }
}

#[tokio::test]
async fn whoever_lost_the_claim_changes_nothing() {
    for database in each().await {
        let store = &database.store;
        let (club, current) = installed(&database).await;
        begin(&club, &current, 200).await;
        let first = store.claim_upgrade_all_organisations(Uuid::from_u128(7), at(2), at(30)).await.unwrap().unwrap();
        assert_eq!(store.claim_upgrade_all_organisations(Uuid::from_u128(8), at(3), at(31)).await.unwrap(), None, "{}", database.name);
        let second = store.claim_upgrade_all_organisations(Uuid::from_u128(8), at(30), at(60)).await.unwrap().unwrap();
        let documents = club.documents_after(current.id, "notes", None, 2).await.unwrap();
        let batch: Vec<_> = documents.into_iter().map(|document| IndexedDocument { document, keys: vec![], complete: true }).collect();
        assert!(!club.copy_documents(&first, "notes", &batch, at(31)).await.unwrap());
        assert!(club.copy_documents(&second, "notes", &batch, at(61)).await.unwrap());
        let now = club.upgrade("notes").await.unwrap().unwrap();
        assert_eq!((now.copied, now.total, now.place), (2, 3, Some(Uuid::from_u128(2))));
    }
}

#[tokio::test]
async fn nothing_is_left_after_erasing_in_any_table_that_names_an_installation() {
    for database in each().await {
        let store = &database.store;
        let (club, current) = installed(&database).await;
        let member = MemberId(Uuid::from_u128(3));
        let draft = crate::MemberDraft {
            family_name: "青木".into(),
            given_name: "花子".into(),
            display_name: "はな".into(),
            email: None::<Email>,
            ..crate::MemberDraft::new(member, "1")
        };
        let mut transaction = club.begin_change(AT).await.unwrap();
        transaction.add_member(&draft).await.unwrap();
        transaction.commit().await.unwrap();
        let activity = Activity {
            id: Uuid::from_u128(50),
            member,
            kind: "post".into(),
            summary: "投稿".into(),
            path: None,
            data: serde_json::json!({}),
        };
        let scope = Scope { organisation: club.id(), installation: current.id };
        let mut with_line = commit(scope, "form:9", ReadSet::default(), vec![], AT);
        with_line.effects.push(Effect::RecordActivity(activity));
        store.commit(with_line).await.unwrap();
        begin(&club, &current, 200).await;
        upgraded(&database, &club).await;
        assert!(rows(&database).await.values().sum::<i64>() >= 9, "{:?}", rows(&database).await);
        let mut transaction = club.begin_change(at(9)).await.unwrap();
        transaction.erase_uninstalled("notes").await.unwrap();
        transaction.commit().await.unwrap();
        assert!(club.installation("notes").await.unwrap().is_none(), "it is gone at once");
        for (organisation, id) in store.erasing_all_organisations().await.unwrap() {
            while store.organisation(organisation).erase_batch(id).await.unwrap() {}
        }
        let left = rows(&database).await;
        assert!(left.len() >= 6 && left.values().all(|count| *count == 0), "{}: {left:?}", database.name);
    }
}

/// How many rows there are in each table that belongs to installations, and of installations.
async fn rows(database: &TestDatabase) -> BTreeMap<String, i64> {
    #[derive(FromQueryResult)]
    struct CountRow {
        number: i64,
    }
    let mut found = BTreeMap::new();
    for table in database.store.tables_of_installations_all_organisations().await.unwrap().into_iter().chain(["installations".to_owned()]) {
        let row: Option<CountRow> = database.store.read().one(&format!("SELECT count(*) AS number FROM {table}"), []).await.unwrap();
        found.insert(table, row.unwrap().number);
    }
    found
}
