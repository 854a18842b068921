//! Processes of one site: each with an engine, a cache and connections of its own, on one database.

use crate::model::Step;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tsudoi_kernel::calls::{CallContext, CallError, CallId, Installation, PageRequest, Reply};
use tsudoi_kernel::policy::Policy;
use tsudoi_kernel::ports::{PluginCalls, PluginPackages, Quota};
use tsudoi_kernel::{Clock, InstallationId, Locale, Organisation, OrganisationId, Random, Timestamp, Visitor};
use tsudoi_runtime::{Engine, EngineConfig, Limits, Translate};
use tsudoi_store::testing::TestDatabase;
use tsudoi_store::{OrganisationKey, Store};

const SLUG: &str = "club";

/// Each question is a millisecond later.
#[derive(Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Bytes that look random, others in each process.
struct Seeded {
    process: usize,
    count: AtomicU64,
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let count = self.count.fetch_add(1, Ordering::Relaxed);
            chunk.copy_from_slice(&Sha256::digest(format!("{} {count}", self.process))[..chunk.len()]);
        }
    }
}

struct Echo;

impl Translate for Echo {
    fn translate(&self, _: &str, _: Locale, key: &str, _: &Value) -> String {
        key.to_owned()
    }
}

/// How calls went, to see that there was something to get wrong.
#[derive(Debug, Default)]
pub struct Tally {
    pub calls: AtomicU64,
    pub from_memory: AtomicU64,
    pub run_again: AtomicU64,
    /// Others were faster for too long.
    pub given_up: AtomicU64,
}

pub struct Process {
    pub tally: Tally,
    engine: Arc<Engine>,
    store: Store,
    name: usize,
}

/// The processes, with the ledger switched on in one organisation.
pub async fn processes(database: &TestDatabase, folder: &Path, number: usize) -> Vec<Process> {
    let mut processes = Vec::new();
    for name in 0..number {
        let store = if name == 0 { database.store.clone() } else { database.from_elsewhere().await };
        let config = EngineConfig {
            limits: Limits::default(),
            artefact_dir: folder.to_owned(),
            key: [7; 32],
            quota: Quota { documents: 1_000, bytes: 1 << 20, mails_per_day: 20, ..Quota::default() },
            policy: Policy::default(),
            compiler: Arc::new(tsudoi_runtime::InProcess),
        };
        let random = Arc::new(Seeded { process: name, count: AtomicU64::default() });
        let clock = Arc::new(Ticking::default());
        let main = tokio::runtime::Handle::current();
        let engine = Engine::new(config, Arc::new(store.clone()), clock, random, Arc::new(Echo), main).expect("the engine starts");
        let engine = Arc::new(engine);
        store.observe(engine.clone());
        processes.push(Process { tally: Tally::default(), engine, store, name });
    }
    switch_on(&processes[0]).await;
    processes
}

async fn switch_on(process: &Process) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-plugins/ledger.wasm");
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}: `cargo xtask plugins` builds it", file.display()));
    let package = process.engine.inspect(&bytes).expect("a package");
    process.engine.prepare(package.hash.clone(), bytes.clone()).await.expect("it compiles");
    let now = Timestamp::from_millis(1_800_000_000_000);
    let organisation = Organisation {
        id: OrganisationId(uuid::Uuid::from_u128(1)),
        slug: SLUG.into(),
        name: "星空会".into(),
        locale: Locale::Ja,
        time_zone: "Asia/Tokyo".into(),
        currency: "JPY".into(),
        theme: "commons".into(),
    };
    let store = &process.store;
    store.create_organisation_all_organisations(&organisation, &[], now).await.expect("an organisation");
    store.add_package_all_organisations(&package.hash, &package.manifest, &bytes, now).await.expect("a package");
    let mut change = store.organisation(organisation.id).begin_change(now).await.expect("a transaction");
    let granted: BTreeSet<String> = package.manifest.permissions.iter().map(|request| request.interface.clone()).collect();
    let fresh = InstallationId(uuid::Uuid::from_u128(2));
    change.enable_plugin(fresh, &package.manifest, &package.hash, &granted).await.expect("it is switched on");
    change.commit().await.expect("a commit");
}

/// What became of a call.
pub struct Outcome {
    /// `None` where others were faster for too long: nothing happened.
    pub answers: Option<Vec<Value>>,
    /// The clock that the answer is true for; of a command that wrote, the number of its commit.
    pub number: u64,
    /// The clock before the call was made, and after it was answered.
    pub seen: (u64, u64),
}

impl Process {
    /// The beginning of a request: whom it is for, and the organisation's clock.
    async fn visit(&self) -> (Organisation, Installation, u64) {
        let key = OrganisationKey::Slug(SLUG.into());
        let found = self.store.visit_all_organisations(&key).await.expect("the database").expect("the organisation");
        let installations = self.store.organisation(found.organisation.id).installations().await.expect("the database");
        let (installation, _) = installations.into_iter().next().expect("an installation");
        (found.organisation, installation, found.number)
    }

    async fn clock(&self) -> u64 {
        self.visit().await.2
    }

    pub async fn call(&self, is_command: bool, steps: &[Step]) -> Outcome {
        let (organisation, installation, number) = self.visit().await;
        let context = CallContext {
            organisation: Arc::new(organisation),
            installation: Arc::new(installation),
            visitor: Arc::new(Visitor::anonymous()),
            locale: Locale::Ja,
            number,
            request_id: String::new(),
        };
        let steps = json!(steps).to_string();
        let calls = self.tally.calls.fetch_add(1, Ordering::Relaxed);
        let answered = if is_command {
            let call = CallId(format!("{}-{calls}", self.name));
            let request = PageRequest { route: "take".into(), form: vec![("steps".into(), steps)], ..PageRequest::default() };
            self.engine.submit(context, call, request).await
        } else {
            let request = PageRequest { route: "look".into(), query: vec![("steps".into(), steps)], ..PageRequest::default() };
            self.engine.view(context, request).await
        };
        let (answers, answered) = match answered {
            Ok(answered) => {
                self.tally.from_memory.fetch_add(u64::from(answered.cached), Ordering::Relaxed);
                self.tally.run_again.fetch_add(u64::from(answered.reruns > 0), Ordering::Relaxed);
                match answered.value {
                    Reply::Json(Value::Array(answers)) => (Some(answers), answered.number),
                    other => panic!("not an answer of the ledger's: {other:?}"),
                }
            }
            Err(CallError::Busy) => {
                self.tally.given_up.fetch_add(1, Ordering::Relaxed);
                (None, 0)
            }
            Err(error) => panic!("the call failed: {error}"),
        };
        Outcome { answers, number: answered, seen: (number, self.clock().await) }
    }
}
