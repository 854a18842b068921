//! The promises of a commit, on both databases.

use crate::testing::{TestDatabase, each};
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_kernel::calls::CallId;
use tsudoi_kernel::changes::{Read, ReadSet};
use tsudoi_kernel::effects::{Effect, MemberChange, MemberEdit};
use tsudoi_kernel::files::StoredFile;
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::{Commit, Committed, IndexKey, PluginData, Quota, Scope, StoredDocument, Stretch, Write};
use tsudoi_kernel::{FileId, Gate, InstallationId, Locale, MemberId, Organisation, OrganisationId, Timestamp};
use uuid::Uuid;

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn manifest() -> Manifest {
    Manifest {
        id: "notes".into(),
        version: "1.0.0".into(),
        contract: "0.1".into(),
        name: Localised::default(),
        description: Localised::default(),
        permissions: vec![],
        member_fields: vec![],
        staff_permissions: vec![],
        collections: BTreeMap::new(),
        routes: vec![],
        added_fields: Default::default(),
        blocks: vec![],
        rules: vec![],
        menu: vec![],
        cards: vec![],
        settings: BTreeMap::new(),
        hosts: vec![],
        secrets: vec![],
        webhooks: vec![],
        topics: vec![],
        subscriptions: vec![],
        jobs: vec![],
        mails: vec![],
        gateway: None,
        forms: None,
    }
}

/// An organisation with one installation.
async fn installed(database: &TestDatabase, n: u128) -> Scope {
    let organisation = Organisation {
        id: OrganisationId(Uuid::from_u128(n)),
        slug: format!("club-{n}"),
        name: "Club".into(),
        locale: Locale::Ja,
        time_zone: "Asia/Tokyo".into(),
        currency: "JPY".into(),
        theme: "commons".into(),
    };
    let store = &database.store;
    store.create_organisation_all_organisations(&organisation, &[], AT).await.unwrap();
    store.add_package_all_organisations("hash", &manifest(), b"bytes", AT).await.unwrap();
    let mut transaction = store.organisation(organisation.id).begin_change(AT).await.unwrap();
    let fresh = InstallationId(Uuid::from_u128(n + 1000));
    let installation = transaction.enable_plugin(fresh, &manifest(), "hash", &BTreeSet::new()).await.unwrap();
    transaction.commit().await.unwrap();
    Scope { organisation: organisation.id, installation }
}

fn put(id: u128, body: &str, key: &[u8]) -> Write {
    let document = StoredDocument { id: Uuid::from_u128(id), revision: format!("r{id}"), body: body.into(), created: AT, updated: AT };
    Write::Put { collection: "notes".into(), document, keys: vec![IndexKey { index: "latest".into(), key: key.into() }] }
}

fn commit(scope: Scope, call_id: &str, reads: ReadSet, writes: Vec<Write>) -> Commit {
    let quota = Quota { documents: 10, bytes: 1000, mails_per_day: 20, ..Quota::default() };
    Commit { scope, call_id: CallId(call_id.into()), reads, writes, effects: Vec::new(), quota, answer: serde_json::json!(call_id), at: AT }
}

fn stretch(from: &[u8], to: &[u8]) -> Stretch {
    Stretch { collection: "notes".into(), index: "latest".into(), from: from.into(), to: to.into() }
}

async fn ids(database: &TestDatabase, scope: Scope, descending: bool, limit: u32) -> Vec<u128> {
    let found = database.store.scan(scope, stretch(b"", b"\xff"), descending, limit).await.unwrap();
    found.value.iter().map(|(_, document)| document.id.as_u128()).collect()
}

#[tokio::test]
async fn what_was_written_is_found_in_the_order_of_its_keys() {
    for database in each().await {
        let scope = installed(&database, 1).await;
        let writes = vec![put(1, "{}", b"\x80"), put(2, "{}", b"\x01"), put(3, "{}", b"\x7f\x00")];
        assert_eq!(database.store.commit(commit(scope, "a", ReadSet::default(), writes)).await.unwrap(), Committed::Done(2));
        assert_eq!(ids(&database, scope, false, 9).await, [2, 3, 1], "{}", database.name);
        assert_eq!(ids(&database, scope, true, 2).await, [1, 3]);
        let counts = database.store.counts(scope, vec![stretch(b"", b"\xff"), stretch(b"\x02", b"\x80")], 2).await.unwrap();
        assert_eq!((counts.number, counts.value), (2, vec![2, 1]));
        let documents = database.store.documents(scope, "notes".into(), vec![Uuid::from_u128(9), Uuid::from_u128(1)]).await.unwrap();
        assert_eq!(documents.value.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    }
}

#[tokio::test]
async fn a_commit_whose_read_was_overtaken_is_a_conflict_and_writes_nothing() {
    for database in each().await {
        let scope = installed(&database, 1).await;
        let mut reads = ReadSet::default();
        reads.add(
            Read::Stretch {
                installation: scope.installation,
                collection: "notes".into(),
                index: "latest".into(),
                from: b"a".to_vec(),
                to: b"c".to_vec(),
            },
            1,
        );
        // Somebody else's document comes into the stretch that was read at number 1.
        database.store.commit(commit(scope, "other", ReadSet::default(), vec![put(1, "{}", b"b")])).await.unwrap();
        let outcome = database.store.commit(commit(scope, "mine", reads.clone(), vec![put(2, "{}", b"x")])).await.unwrap();
        assert_eq!(outcome, Committed::Conflict, "{}", database.name);
        assert_eq!(ids(&database, scope, false, 9).await, [1]);
        assert_eq!(database.store.organisation(scope.organisation).clock().await.unwrap(), 2, "the clock went back too");
        // A change outside the stretch is none of its business.
        let mut later = ReadSet::default();
        reads.iter().for_each(|(read, _)| later.add(read.clone(), 2));
        database.store.commit(commit(scope, "elsewhere", ReadSet::default(), vec![put(3, "{}", b"z")])).await.unwrap();
        let outcome = database.store.commit(commit(scope, "mine", later, vec![put(2, "{}", b"x")])).await.unwrap();
        assert_eq!(outcome, Committed::Done(4));
    }
}

#[tokio::test]
async fn a_document_that_moves_away_touches_the_stretch_it_left() {
    for database in each().await {
        let scope = installed(&database, 1).await;
        database.store.commit(commit(scope, "a", ReadSet::default(), vec![put(1, "{}", b"b")])).await.unwrap();
        let mut reads = ReadSet::default();
        let read = Read::Stretch {
            installation: scope.installation,
            collection: "notes".into(),
            index: "latest".into(),
            from: b"a".to_vec(),
            to: b"c".to_vec(),
        };
        reads.add(read, 2);
        database.store.commit(commit(scope, "move", ReadSet::default(), vec![put(1, "{}", b"q")])).await.unwrap();
        let outcome = database.store.commit(commit(scope, "mine", reads, vec![put(2, "{}", b"x")])).await.unwrap();
        assert_eq!(outcome, Committed::Conflict, "{}", database.name);
    }
}

#[tokio::test]
async fn the_same_call_twice_writes_once_and_gets_the_first_answer() {
    for database in each().await {
        let scope = installed(&database, 1).await;
        database.store.commit(commit(scope, "once", ReadSet::default(), vec![put(1, "{}", b"a")])).await.unwrap();
        let again = database.store.commit(commit(scope, "once", ReadSet::default(), vec![put(2, "{}", b"b")])).await.unwrap();
        assert_eq!(again, Committed::Already(serde_json::json!("once")), "{}", database.name);
        assert_eq!(ids(&database, scope, false, 9).await, [1]);
    }
}

#[tokio::test]
async fn the_quota_is_kept_and_a_full_installation_can_still_shrink() {
    for database in each().await {
        let scope = installed(&database, 1).await;
        let many = (1..=10).map(|id| put(id, "{}", &[id as u8])).collect();
        database.store.commit(commit(scope, "fill", ReadSet::default(), many)).await.unwrap();
        let more = database.store.commit(commit(scope, "more", ReadSet::default(), vec![put(11, "{}", b"\x0b")])).await.unwrap();
        assert_eq!(more, Committed::OverQuota, "{}", database.name);
        let less = Write::Delete { collection: "notes".into(), id: Uuid::from_u128(1) };
        let outcome = database.store.commit(commit(scope, "less", ReadSet::default(), vec![less])).await.unwrap();
        assert!(matches!(outcome, Committed::Done(_)));
        assert_eq!(ids(&database, scope, false, 20).await, (2..=10).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn one_organisation_never_sees_the_documents_of_another() {
    for database in each().await {
        let (mine, theirs) = (installed(&database, 1).await, installed(&database, 2).await);
        database.store.commit(commit(theirs, "a", ReadSet::default(), vec![put(1, "{}", b"a")])).await.unwrap();
        assert!(ids(&database, mine, false, 9).await.is_empty(), "{}", database.name);
        // Not even with the other's installation id under one's own organisation.
        let forged = Scope { organisation: mine.organisation, installation: theirs.installation };
        let found = database.store.documents(forged, "notes".into(), vec![Uuid::from_u128(1)]).await.unwrap();
        assert_eq!(found.value, [None]);
    }
}

#[tokio::test]
async fn a_trimmed_log_counts_as_a_conflict() {
    for database in each().await {
        let scope = installed(&database, 1).await;
        let mut reads = ReadSet::default();
        reads.add(Read::Fact("setting".into()), 0);
        database.store.write().execute("DELETE FROM changes WHERE number = 1", []).await.unwrap();
        let outcome = database.store.commit(commit(scope, "a", reads, vec![])).await.unwrap();
        assert_eq!(outcome, Committed::Conflict, "{}", database.name);
    }
}

#[tokio::test]
async fn members_are_listed_page_by_page_and_only_those_of_the_organisation() {
    for database in each().await {
        let (one, other) = (installed(&database, 1).await, installed(&database, 2).await);
        for (scope, ids) in [(one, 1..=5_u128), (other, 11..=12)] {
            for id in ids {
                add_member(&database, scope, id).await;
            }
        }
        let page = async |after: Option<u128>, limit| {
            let after = after.map(|id| MemberId(Uuid::from_u128(id)));
            let found = database.store.member_ids(one.organisation, after, limit).await.unwrap();
            (found.value.iter().map(|id| id.0.as_u128()).collect::<Vec<_>>(), found.number)
        };
        let clock = database.store.organisation(one.organisation).clock().await.unwrap();
        assert_eq!(page(None, 3).await, (vec![1, 2, 3], clock), "{}", database.name);
        assert_eq!(page(Some(3), 3).await, (vec![4, 5], clock));
        assert_eq!(page(Some(5), 3).await, (vec![], clock));
    }
}

async fn add_member(database: &TestDatabase, scope: Scope, id: u128) -> MemberId {
    let draft = crate::MemberDraft {
        family_name: "青木".into(),
        given_name: "花子".into(),
        display_name: "はな".into(),
        ..crate::MemberDraft::new(MemberId(Uuid::from_u128(id)), id.to_string())
    };
    let mut change = database.store.organisation(scope.organisation).begin_change(AT).await.unwrap();
    change.add_member(&draft).await.unwrap();
    change.commit().await.unwrap();
    draft.id
}

#[tokio::test]
async fn a_members_tier_and_labels_change_with_the_commit_and_staff_can_read_of_it() {
    for database in each().await {
        let scope = installed(&database, 1).await;
        let club = database.store.organisation(scope.organisation);
        let member = add_member(&database, scope, 1).await;
        let named = |key: &str| crate::Named { key: key.into(), name: Localised::default() };
        let mut change = club.begin_change(AT).await.unwrap();
        change.set_tiers(&[named("gold")]).await.unwrap();
        change.set_labels(&[named("press"), named("board")]).await.unwrap();
        change.commit().await.unwrap();
        let keys = database.store.audience_keys(scope.organisation).await.unwrap();
        assert_eq!(
            (keys.number, keys.value.tiers.len(), keys.value.labels.len()),
            (club.clock().await.unwrap(), 1, 2),
            "{}",
            database.name
        );
        let edit = |n: u128, edit| Effect::ChangeMember(MemberChange { id: Uuid::from_u128(n), plugin: "notes".into(), member, edit });
        let label = |label: &str, present| MemberEdit::Label { label: label.into(), present };
        let mut first = commit(scope, "form:1", ReadSet::default(), vec![]);
        first.effects =
            vec![edit(1, MemberEdit::Tier { tier: "gold".into() }), edit(2, label("press", true)), edit(3, label("press", true))];
        let done = database.store.commit(first).await.unwrap();
        assert!(matches!(done, Committed::Done(_)), "{done:?}");
        let now = club.member(member).await.unwrap().unwrap();
        assert_eq!((now.tier.as_deref(), now.labels), (Some("gold"), BTreeSet::from(["press".to_owned()])));
        let Committed::Done(number) = done else { unreachable!() };
        let changes = database.store.changes(scope.organisation, number - 1, number).await.unwrap().unwrap();
        assert!(changes[0].1.touches(&Read::Member(member)), "whoever read the member's record hears of it");
        let mut second = commit(scope, "form:2", ReadSet::default(), vec![]);
        second.effects = vec![edit(4, label("press", false))];
        database.store.commit(second).await.unwrap();
        assert!(club.member(member).await.unwrap().unwrap().labels.is_empty());
        let entries = club.audit_entries_about("plugin:", 9).await.unwrap();
        assert_eq!(entries.len(), 4);
        assert!(entries.iter().any(|entry| entry.detail == "notes: -press"), "{entries:?}");
    }
}

fn file(id: u128, size: u64) -> StoredFile {
    let (name, media_type, sha256) = (format!("{id}.png"), "image/png".to_owned(), "ab".repeat(32));
    StoredFile { id: FileId(Uuid::from_u128(id)), name, media_type, size, sha256, gate: Gate::Members }
}

fn with_effects(scope: Scope, call_id: &str, effects: Vec<Effect>, file_bytes: u64) -> Commit {
    let plain = commit(scope, call_id, ReadSet::default(), vec![]);
    Commit { effects, quota: Quota { file_bytes, ..plain.quota }, ..plain }
}

#[tokio::test]
async fn a_file_is_there_with_the_commit_within_the_quota_and_for_its_installation_alone() {
    for database in each().await {
        let (mine, theirs) = (installed(&database, 1).await, installed(&database, 2).await);
        let save = |id, size| Effect::SaveFile(file(id, size));
        let three = with_effects(mine, "three", vec![save(1, 10), save(2, 10), save(3, 10)], 8 << 10);
        assert_eq!(database.store.commit(three).await.unwrap(), Committed::OverQuota, "{}: each counts as 4 KiB", database.name);
        let find = async |scope, id| database.store.file(scope, FileId(Uuid::from_u128(id))).await.unwrap().value;
        assert_eq!(find(mine, 1).await, None);
        let two = with_effects(mine, "two", vec![save(1, 10), save(2, 10)], 8 << 10);
        let Committed::Done(number) = database.store.commit(two).await.unwrap() else { panic!("{}", database.name) };
        assert_eq!(find(mine, 1).await, Some(file(1, 10)));
        assert_eq!(find(theirs, 1).await, None);
        let changes = database.store.changes(mine.organisation, number - 1, number).await.unwrap().unwrap();
        assert!(changes[0].1.touches(&Read::Fact(format!("file:{}", Uuid::from_u128(1)))), "whoever asked for it hears of it");
        // Deleting is never refused, and makes room.
        let delete = |id| Effect::DeleteFile(FileId(Uuid::from_u128(id)));
        let less = with_effects(mine, "less", vec![delete(1), save(4, 10)], 8 << 10);
        assert!(matches!(database.store.commit(less).await.unwrap(), Committed::Done(_)));
        let club = database.store.organisation(mine.organisation);
        let left = club.plugin_files_after(mine.installation, None, 9).await.unwrap();
        assert_eq!(left, [file(2, 10), file(4, 10)]);
        assert_eq!(club.plugin_files_after(mine.installation, Some(left[0].id), 9).await.unwrap(), [file(4, 10)]);
        let known = club.known_plugin_files(&[1, 2, 3].map(|id| FileId(Uuid::from_u128(id)))).await.unwrap();
        assert_eq!(known.into_iter().collect::<Vec<_>>(), [FileId(Uuid::from_u128(2))]);
    }
}
