//! Handlers and jobs: real components on the real engine, data in memory.

use crate::engine::{Engine, EngineConfig};
use crate::package;
use crate::testing::guests::{self, INSERT_AND_TELL, TRAP};
use crate::testing::{Bench, Counting, Echo, main_runtime};
use serde_json::json;
use std::sync::Arc;
use tsudoi_kernel::background::{Delivery, Emitted, Job, PluginWork};
use tsudoi_kernel::calls::{CallContext, CallError, Failure};
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ports::{PluginPackages, Quota};
use tsudoi_kernel::{InstallationId, OrganisationId, Timestamp};
use uuid::Uuid;

struct Site {
    bench: Bench,
    engine: Engine,
    context: CallContext,
    _dir: tempfile::TempDir,
}

async fn site(handle: &str, run: &str) -> Site {
    let bench = Bench::new().permit("events-emit").background();
    let dir = tempfile::tempdir().unwrap();
    let quota = Quota { documents: 5, bytes: 1 << 20, mails_per_day: 20, ..Quota::default() };
    let (limits, policy) = (bench.limits.clone(), bench.policy.clone());
    let config =
        EngineConfig { limits, artefact_dir: dir.path().to_owned(), key: [1; 32], quota, policy, compiler: Arc::new(crate::InProcess) };
    let (random, translate) = (Arc::new(Counting::default()), Arc::new(Echo));
    let engine = Engine::new(config, bench.data.clone(), bench.clock.clone(), random, translate, main_runtime()).unwrap();
    let component = guests::worker(handle, run);
    let hash = package::hash_of(&component);
    engine.prepare(hash.clone(), component).await.unwrap();
    let context = bench.context(&hash);
    Site { bench, engine, context, _dir: dir }
}

fn delivery(id: u128, depth: u32) -> Delivery {
    Delivery {
        organisation: OrganisationId(Uuid::from_u128(0xA)),
        installation: InstallationId(Uuid::from_u128(0xF00)),
        event: Emitted { id: Uuid::from_u128(id), topic: "sample.posted".into(), order_key: String::new(), payload: json!({}), depth },
        occurred: Timestamp::from_millis(1),
        attempt: 1,
    }
}

fn job(id: u128, attempt: u32) -> Job {
    let Delivery { organisation, installation, .. } = delivery(1, 0);
    Job { organisation, installation, id: Uuid::from_u128(id), name: "nightly".into(), payload: json!({}), depth: 0, attempt }
}

#[tokio::test]
async fn an_event_is_handled_once_however_often_it_comes() {
    let site = site(INSERT_AND_TELL, TRAP).await;
    for _ in 0..3 {
        site.engine.handle(site.context.clone(), delivery(7, 1)).await.unwrap();
    }
    let effects = site.bench.data.effects();
    let [Effect::Emit(told), Effect::Handled(handled)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((told.topic.as_str(), told.depth, *handled), ("sample.posted", 2, Uuid::from_u128(7)));
    assert_eq!(site.bench.data.number(), 1, "one commit holds the document, what was told and the mark");
}

#[tokio::test]
async fn a_handler_that_fails_leaves_neither_changes_nor_mark() {
    let site = site(TRAP, INSERT_AND_TELL).await;
    assert!(matches!(site.engine.handle(site.context.clone(), delivery(7, 1)).await, Err(CallError::Trapped(_))));
    assert_eq!((site.bench.data.number(), site.bench.data.effects()), (0, vec![]));
}

#[tokio::test]
async fn events_that_go_round_in_a_circle_come_to_an_end() {
    let site = site(INSERT_AND_TELL, TRAP).await;
    site.engine.handle(site.context.clone(), delivery(7, 7)).await.unwrap();
    let last = site.engine.handle(site.context.clone(), delivery(8, 8)).await;
    assert!(matches!(&last, Err(CallError::Declined(Failure::Other { code, .. })) if code == "too-deep"), "{last:?}");
}

#[tokio::test]
async fn a_job_is_done_once_under_the_same_key_in_every_try() {
    let site = site(TRAP, INSERT_AND_TELL).await;
    site.engine.run_job(site.context.clone(), job(9, 1)).await.unwrap();
    site.engine.run_job(site.context.clone(), job(9, 2)).await.unwrap();
    let effects = site.bench.data.effects();
    assert!(matches!(&effects[..], [Effect::Emit(told), Effect::Done(_)] if told.depth == 1), "{effects:?}");
}
