//! Events and jobs on both databases: what is told reaches whoever listens, once, and in the order of its key.

use super::{Due, WorkKey};
use crate::testing::{TestDatabase, each, organisation};
use crate::{OrganisationStore, Store};
use serde_json::json;
use std::collections::BTreeSet;
use tsudoi_kernel::background::{Emitted, Enqueued};
use tsudoi_kernel::calls::CallId;
use tsudoi_kernel::changes::ReadSet;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::{Commit, Committed, PluginData, Quota, Scope};
use tsudoi_kernel::{InstallationId, Timestamp};
use uuid::Uuid;

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn later(seconds: i64) -> Timestamp {
    AT.plus_seconds(seconds)
}

/// A plugin that hears of itself and of members who join.
fn manifest(id: &str) -> Manifest {
    let manifest = json!({
        "id": id, "version": "1.0.0", "contract": "0.1", "name": { "ja": id },
        "topics": [{ "name": "said", "label": { "ja": "発言" } }],
        "subscriptions": [{ "topic": format!("{id}.said") }, { "topic": "member.joined" }],
        "jobs": [{ "name": "nightly", "label": { "ja": "毎晩" }, "cron": "0 3 * * *" }],
    });
    serde_json::from_value(manifest).unwrap()
}

async fn install(club: &OrganisationStore, store: &Store, plugin: &str, granted: &[&str]) -> InstallationId {
    let manifest = manifest(plugin);
    store.add_package_all_organisations(plugin, &manifest, b"", AT).await.unwrap();
    let granted: BTreeSet<String> = granted.iter().map(|name| (*name).to_owned()).collect();
    let mut change = club.begin_change(AT).await.unwrap();
    let fresh = InstallationId(Uuid::from_u128(club.id().0.as_u128() * 1_000 + u128::from(plugin.as_bytes()[0])));
    let id = change.enable_plugin(fresh, &manifest, plugin, &granted).await.unwrap();
    change.commit().await.unwrap();
    id
}

/// An organisation whose plugin `echo` hears of itself.
async fn club(database: &TestDatabase, n: u128) -> (OrganisationStore, InstallationId) {
    let club = organisation(&database.store, n).await;
    let echo = install(&club, &database.store, "echo", &[]).await;
    (club, echo)
}

fn said(id: u128, key: &str) -> Emitted {
    Emitted { id: Uuid::from_u128(id), topic: "echo.said".into(), order_key: key.into(), payload: json!({ "n": id as u64 }), depth: 1 }
}

fn job(id: u128, key: Option<&str>) -> Enqueued {
    let key = key.map(str::to_owned);
    Enqueued { id: Uuid::from_u128(id), name: "nightly".into(), payload: json!({}), run_at: None, key, depth: 0 }
}

async fn committed(store: &Store, scope: Scope, call_id: &str, effects: Vec<Effect>) -> Committed {
    let quota = Quota { documents: 10, bytes: 1000, mails_per_day: 20, ..Quota::default() };
    let (reads, writes, answer) = (ReadSet::default(), Vec::new(), json!(null));
    store.commit(Commit { scope, call_id: CallId(call_id.into()), reads, writes, effects, quota, answer, at: AT }).await.unwrap()
}

async fn emit(club: &OrganisationStore, events: &[Emitted]) {
    let mut change = club.begin_change(AT).await.unwrap();
    for event in events {
        change.emit(None, event).await.unwrap();
    }
    change.commit().await.unwrap();
}

/// The events that can be claimed one after another, by number.
async fn claimable(club: &OrganisationStore, now: Timestamp) -> Vec<u128> {
    let mut found = Vec::new();
    while let Some(delivery) = club.claim_delivery(now, now.plus_seconds(60)).await.unwrap() {
        found.push(delivery.event.id.as_u128());
    }
    found
}

#[tokio::test]
async fn an_event_reaches_those_who_listen_and_may_hear_of_it() {
    for database in each().await {
        let (club, echo) = club(&database, 1).await;
        let allowed = install(&club, &database.store, "allowed", &["event:member.joined"]).await;
        install(&club, &database.store, "refused", &[]).await;
        let other = organisation(&database.store, 2).await;
        install(&other, &database.store, "allowed", &["event:member.joined"]).await;
        let joined = Emitted { topic: "member.joined".into(), ..said(7, "m") };
        emit(&club, &[said(6, "a"), joined]).await;
        let first = club.claim_delivery(AT, later(60)).await.unwrap().unwrap();
        assert_eq!((first.installation, first.event.payload, first.attempt), (echo, json!({ "n": 6 }), 1), "{}", database.name);
        let second = club.claim_delivery(AT, later(60)).await.unwrap().unwrap();
        assert_eq!((second.installation, second.event.topic.as_str()), (allowed, "member.joined"));
        assert_eq!(claimable(&club, AT).await, [] as [u128; 0]);
        assert_eq!(claimable(&other, AT).await, [] as [u128; 0], "another organisation hears nothing of it");
    }
}

#[tokio::test]
async fn what_was_rolled_back_was_never_told() {
    for database in each().await {
        let (club, _) = club(&database, 1).await;
        let mut change = club.begin_change(AT).await.unwrap();
        change.emit(None, &said(1, "")).await.unwrap();
        change.roll_back().await.unwrap();
        assert_eq!(claimable(&club, AT).await, [] as [u128; 0], "{}", database.name);
    }
}

#[tokio::test]
async fn events_of_one_key_come_one_after_another_and_hold_nothing_else_up() {
    for database in each().await {
        let (club, echo) = club(&database, 1).await;
        emit(&club, &[said(1, "a"), said(2, "b")]).await;
        emit(&club, &[said(3, "a"), said(4, ""), said(5, "")]).await;
        assert_eq!(claimable(&club, AT).await, [1, 2, 4, 5], "{}: the second one of `a` waits", database.name);
        // The first one fails and waits: only its own key waits with it.
        club.postpone_work(WorkKey::delivery(Uuid::from_u128(1), echo), 1, later(30), true).await.unwrap();
        assert_eq!(claimable(&club, later(10)).await, [] as [u128; 0]);
        assert_eq!(claimable(&club, later(30)).await, [1]);
        // It is set aside: the next one's turn has come.
        club.set_work_aside(WorkKey::delivery(Uuid::from_u128(1), echo), 2, "trapped", "it trapped", later(31)).await.unwrap();
        assert_eq!(claimable(&club, later(32)).await, [3]);
    }
}

#[tokio::test]
async fn an_event_is_handled_in_the_commit_that_says_so_and_in_no_second_one() {
    for database in each().await {
        let (club, echo) = club(&database, 1).await;
        let scope = Scope { organisation: club.id(), installation: echo };
        emit(&club, &[said(1, "a")]).await;
        club.claim_delivery(AT, later(60)).await.unwrap().unwrap();
        // The worker died before it committed: the lease ends, and somebody else has it.
        assert_eq!(claimable(&club, later(59)).await, [] as [u128; 0]);
        let again = club.claim_delivery(later(61), later(120)).await.unwrap().unwrap();
        assert_eq!(again.attempt, 2, "{}", database.name);
        let handled = || vec![Effect::Enqueue(job(50, None)), Effect::Handled(Uuid::from_u128(1))];
        assert!(matches!(committed(&database.store, scope, "event:1", handled()).await, Committed::Done(_)));
        // The one that was thought dead comes late. Even under another name its effects are not applied.
        assert_eq!(committed(&database.store, scope, "event:1", handled()).await, Committed::Already(json!(null)));
        let twice = vec![Effect::Enqueue(job(51, None)), Effect::Handled(Uuid::from_u128(1))];
        assert_eq!(committed(&database.store, scope, "event:1b", twice).await, Committed::Already(json!(null)));
        assert_eq!(claimable(&club, later(999)).await, [] as [u128; 0]);
        assert_eq!(club.claim_job(later(999), later(1_100)).await.unwrap().map(|job| job.id.as_u128()), Some(50));
        assert_eq!(club.claim_job(later(999), later(1_100)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn two_workers_never_hold_the_same_event() {
    for database in each().await {
        let (club, _) = club(&database, 1).await;
        for n in 0..30 {
            emit(&club, &[said(100 + n, ""), said(200 + n, if n % 2 == 0 { "even" } else { "odd" })]).await;
        }
        let workers = (0..4).map(|_| async {
            let mut found = Vec::new();
            while let Some(delivery) = club.claim_delivery(AT, later(60)).await.unwrap() {
                found.push(delivery.event.id);
            }
            found
        });
        let found = futures::future::join_all(workers).await.concat();
        let distinct: BTreeSet<Uuid> = found.iter().copied().collect();
        assert_eq!(distinct.len(), found.len(), "{}", database.name);
        assert_eq!(found.iter().filter(|id| id.as_u128() >= 200).count(), 2, "one for each key");
    }
}

#[tokio::test]
async fn a_job_with_a_key_takes_the_place_of_one_that_has_not_begun() {
    for database in each().await {
        let (club, echo) = club(&database, 1).await;
        let scope = Scope { organisation: club.id(), installation: echo };
        let enqueue = |id, key| vec![Effect::Enqueue(job(id, key))];
        committed(&database.store, scope, "a", enqueue(1, Some("digest"))).await;
        committed(&database.store, scope, "b", enqueue(2, Some("digest"))).await;
        let running = club.claim_job(AT, later(60)).await.unwrap().unwrap();
        assert_eq!(running.id.as_u128(), 2, "{}", database.name);
        // One that is running is left alone; the new one waits for it.
        committed(&database.store, scope, "c", enqueue(3, Some("digest"))).await;
        assert_eq!(club.claim_job(AT, later(60)).await.unwrap(), None);
        committed(&database.store, scope, "job:2", vec![Effect::Done(Uuid::from_u128(2))]).await;
        committed(&database.store, scope, "d", enqueue(4, None)).await;
        let cancel = Effect::Cancel { job: "nightly".into(), key: "digest".into() };
        committed(&database.store, scope, "e", vec![cancel]).await;
        assert_eq!(club.claim_job(AT, later(60)).await.unwrap().map(|job| job.id.as_u128()), Some(4));
    }
}

#[tokio::test]
async fn a_queue_has_an_end() {
    for database in each().await {
        let (club, echo) = club(&database, 1).await;
        let scope = Scope { organisation: club.id(), installation: echo };
        let jobs = (1..=u128::from(Quota::default().jobs)).map(|id| Effect::Enqueue(job(id, None))).collect();
        assert!(matches!(committed(&database.store, scope, "a", jobs).await, Committed::Done(_)), "{}", database.name);
        assert_eq!(committed(&database.store, scope, "b", vec![Effect::Enqueue(job(5_000, None))]).await, Committed::OverQuota);
    }
}

#[tokio::test]
async fn what_a_disabled_plugin_has_to_do_waits_for_it() {
    for database in each().await {
        let (club, echo) = club(&database, 1).await;
        emit(&club, &[said(1, "a")]).await;
        let mut change = club.begin_change(AT).await.unwrap();
        change.disable_plugin("echo").await.unwrap();
        change.commit().await.unwrap();
        emit(&club, &[said(2, "a")]).await;
        assert_eq!(claimable(&club, AT).await, [] as [u128; 0], "{}", database.name);
        assert_eq!(install(&club, &database.store, "echo", &[]).await, echo);
        assert_eq!(claimable(&club, AT).await, [1], "what happened while it was off was not for it");
    }
}

#[tokio::test]
async fn staff_try_again_or_discard_what_was_set_aside() {
    for database in each().await {
        let (club, echo) = club(&database, 1).await;
        emit(&club, &[said(1, "a"), said(2, "b")]).await;
        assert_eq!(claimable(&club, AT).await, [1, 2]);
        for id in [1, 2] {
            club.set_work_aside(WorkKey::delivery(Uuid::from_u128(id), echo), 1, "trapped", "x", later(1)).await.unwrap();
        }
        let aside = club.work_set_aside(10).await.unwrap();
        assert_eq!(aside.iter().map(|item| (item.plugin.as_str(), item.name.as_str())).collect::<Vec<_>>(), [("echo", "echo.said"); 2]);
        let (one, two) = (WorkKey::delivery(Uuid::from_u128(1), echo), WorkKey::delivery(Uuid::from_u128(2), echo));
        let mut change = club.begin_change(later(2)).await.unwrap();
        assert!(change.retry_work(one).await.unwrap() && change.discard_work(two).await.unwrap(), "{}", database.name);
        assert!(!change.discard_work(one).await.unwrap(), "it is not set aside any more");
        change.commit().await.unwrap();
        let again = club.claim_delivery(later(2), later(60)).await.unwrap().unwrap();
        assert_eq!((again.event.id.as_u128(), again.attempt), (1, 1));
        assert_eq!(club.count_work_set_aside().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_schedule_makes_one_job_however_many_processes_look() {
    for database in each().await {
        let (club, echo) = club(&database, 1).await;
        let store = &database.store;
        let [unmade] = &store.unmade_schedules_all_organisations().await.unwrap()[..] else { panic!("one schedule is missing") };
        assert_eq!((unmade.cron.as_str(), unmade.zone.as_str()), ("0 3 * * *", "Asia/Tokyo"));
        club.set_schedule(unmade, later(100)).await.unwrap();
        assert_eq!(store.unmade_schedules_all_organisations().await.unwrap(), []);
        assert_eq!(store.due_schedules_all_organisations(later(99)).await.unwrap(), []);
        let due = store.due_schedules_all_organisations(later(500)).await.unwrap().remove(0);
        let run = |id: u128| club.run_schedule(&due, Uuid::from_u128(id), later(600), later(500));
        let (one, two) = tokio::join!(run(1), run(2));
        assert!(one.unwrap() ^ two.unwrap(), "{}: exactly one of two makes the job", database.name);
        // The run before is not done: the next one is left out.
        let due = store.due_schedules_all_organisations(later(600)).await.unwrap().remove(0);
        assert!(!club.run_schedule(&due, Uuid::from_u128(3), later(700), later(600)).await.unwrap());
        let job = club.claim_job(later(600), later(660)).await.unwrap().unwrap();
        assert_eq!((job.installation, job.name.as_str()), (echo, "nightly"));
        assert_eq!(Due::Job(job).attempt(), 1);
    }
}
