//! The engine: set up once, shared by all calls.

use crate::artefact::Artefacts;
use crate::attempt::{Block, GuestCall, Prepared, Rule, Submit, View};
use crate::bindings::{PACKAGE, Served, VERSION, blocks, events, jobs, pages, payment_gateway, rules, saved_methods, upgrade, webhooks};
use crate::cache::Cache;
use crate::compiler::{Compiler, Target, refused};
use crate::gateway::{Begin, ChargeSaved, Forget, GiveBack, Save};
use crate::limits::Limits;
use crate::outside::{Outside, Traffic};
use crate::package;
use crate::places::Places;
use crate::quick::Quick;
use crate::ranges::Cursors;
use crate::segments::Answerer;
use crate::state::{CallState, Ports, Translate};
use crate::threads::Threads;
use crate::turns::Turns;
use crate::webhook::Webhook;
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::runtime::Handle;
use tsudoi_kernel::billing::{Charge, Checkout, GivingBack, Saving, Settlement};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId, PageRequest, Rendering, Reply};
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::policy::Policy;
use tsudoi_kernel::ports::{
    Boxed, CommitObserver, InspectedPackage, PackageRefused, PluginCalls, PluginData, PluginPackages, Quota, SegmentParts,
};
use tsudoi_kernel::webhooks::{WebhookAnswer, WebhookCall};
use tsudoi_kernel::{Clock, MemberId, OrganisationId, Random};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig, WasmFeatures};

pub struct EngineConfig {
    pub limits: Limits,
    /// Where compiled packages are kept.
    pub artefact_dir: PathBuf,
    /// Authenticates compiled packages and seals cursors. The same in every process of a site, and kept secret.
    pub key: [u8; 32],
    /// How much each installation may keep.
    pub quota: Quota,
    /// What the operator lets plugins do.
    pub policy: Policy,
    pub compiler: Arc<dyn Compiler>,
}

/// Why the engine can't start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the plugin engine can't start: {0}")]
    Setup(String),
    #[error("the directory for compiled plugins can't be used: {path}: {source}")]
    Directory { path: PathBuf, source: std::io::Error },
    #[error("the threads for plugins can't start: {0}")]
    Threads(std::io::Error),
}

/// Runs plugins. Cheap to share behind an `Arc`; dropping it stops its threads without waiting for them.
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
    _threads: Threads,
}

/// What calls need while they run.
pub(crate) struct Inner {
    wasmtime: wasmtime::Engine,
    linker: Linker<CallState>,
    artefacts: Artefacts,
    compiler: Arc<dyn Compiler>,
    /// Whether memory is reserved in advance.
    pooled: bool,
    prepared: RwLock<HashMap<String, Arc<Prepared>>>,
    /// One compilation at a time, so that a start with many plugins does not starve everything else.
    compiling: tokio::sync::Mutex<()>,
    pub ports: Arc<Ports>,
    pub guests: Handle,
    pub places: Places,
    pub turns: Turns,
    pub cache: Cache,
    pub quick: Quick,
    pub quota: Quota,
}

impl Engine {
    pub fn new(
        config: EngineConfig,
        data: Arc<dyn PluginData>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        translate: Arc<dyn Translate>,
        main: Handle,
    ) -> Result<Self, EngineError> {
        Self::with_outside(config, data, clock, random, translate, main, Outside::closed())
    }

    /// With a way to the network and to secrets; [`Engine::new`] has neither.
    pub fn with_outside(
        config: EngineConfig,
        data: Arc<dyn PluginData>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        translate: Arc<dyn Translate>,
        main: Handle,
        outside: Outside,
    ) -> Result<Self, EngineError> {
        let setup = |error: wasmtime::Error| EngineError::Setup(format!("{error:#}"));
        let limits = config.limits;
        let (wasmtime, pooled) = match wasmtime::Engine::new(&configuration(&limits, true)) {
            Ok(engine) => (engine, true),
            Err(error) => {
                // Containers and `ulimit -v` may forbid reserving the address space: slower without, but it works.
                tracing::warn!("memory for plugins can't be reserved in advance ({error:#}): allocating it for each call");
                (wasmtime::Engine::new(&configuration(&limits, false)).map_err(setup)?, false)
            }
        };
        let mut linker = Linker::new(&wasmtime);
        Served::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut CallState| state).map_err(setup)?;
        let artefacts = Artefacts::new(&config.artefact_dir, &config.key, &wasmtime)
            .map_err(|source| EngineError::Directory { path: config.artefact_dir.clone(), source })?;
        let threads = Threads::start(&wasmtime, &limits).map_err(EngineError::Threads)?;
        let places = Places::new(&limits);
        let cursors = Cursors::new(&config.key);
        let cache = Cache::new(limits.cache_bytes);
        let traffic = Traffic::default();
        let slow_lane = Places::slow_lane(&limits);
        let inner = Inner {
            wasmtime,
            linker,
            artefacts,
            compiler: config.compiler,
            pooled,
            prepared: RwLock::default(),
            compiling: tokio::sync::Mutex::default(),
            ports: Arc::new(Ports {
                data,
                clock,
                random,
                translate,
                main,
                cursors,
                limits,
                policy: config.policy,
                outside,
                traffic,
                slow_lane,
                segments: Answerer::new(),
            }),
            guests: threads.guests().clone(),
            places,
            turns: Turns::default(),
            cache,
            quick: Quick::default(),
            quota: config.quota,
        };
        Ok(Self { inner: Arc::new(inner), _threads: threads })
    }

    /// From now on `answerer` says who is in a segment. It asks rules of this engine's plugins, so it comes later; only the first
    /// one counts.
    pub fn ask_for_segments(&self, answerer: Arc<dyn SegmentParts>) {
        let _ = self.inner.ports.segments.set(answerer);
    }
}

/// How wasmtime is set up, with memory reserved in advance (`pooled`) or not. Public so that a benchmark can compare
/// the engine with bare wasmtime on equal terms.
pub fn configuration(limits: &Limits, pooled: bool) -> Config {
    let mut config = Config::new();
    // Exactly what a package may use: no garbage collection, exceptions, threads, 64-bit memories or async components.
    config.wasm_features(WasmFeatures::all().difference(package::FEATURES), false);
    config.wasm_features(package::FEATURES, true);
    config.concurrency_support(false);
    config.epoch_interruption(true);
    if pooled {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    }
    config
}

/// Places for as many calls as may run at once. Most components have one memory and a few tables; one that has more
/// takes the places of others, and a call that finds none left is refused as busy.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let calls = limits.concurrent_calls.max(1);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .max_core_instances_per_component(count(limits.instances))
        .total_core_instances(calls.saturating_mul(8).max(count(limits.instances)))
        .max_memories_per_component(count(limits.memories))
        .total_memories(calls.saturating_mul(2).max(count(limits.memories)))
        .max_memory_size(limits.memory_bytes)
        .max_tables_per_component(count(limits.tables))
        .total_tables(calls.saturating_mul(4).max(count(limits.tables)))
        .table_elements(limits.table_elements)
        .total_stacks(calls)
        // Keeping what a small call touches spares it the page faults of the next one.
        .linear_memory_keep_resident(256 << 10)
        .table_keep_resident(16 << 10)
        .max_unused_warm_slots(calls);
    pool
}

impl Inner {
    /// The package, from memory or from disk; it is compiled elsewhere, never for a call that waits.
    pub async fn prepared(&self, hash: &str) -> Result<Arc<Prepared>, CallError> {
        if let Some(prepared) = self.known(hash) {
            return Ok(prepared);
        }
        let _one = self.compiling.lock().await;
        if let Some(prepared) = self.known(hash) {
            return Ok(prepared);
        }
        let component = self.artefacts.load(&self.wasmtime, hash);
        let component = component.ok_or_else(|| CallError::NotLoadable("it was not compiled on this machine".to_owned()))?;
        self.link(hash, &component).map_err(|refused| CallError::NotLoadable(refused.to_string()))
    }

    fn known(&self, hash: &str) -> Option<Arc<Prepared>> {
        // Nothing that could panic happens under the lock, so a poisoned one is as good as any.
        self.prepared.read().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    fn link(&self, hash: &str, component: &Component) -> Result<Arc<Prepared>, PackageRefused> {
        let refused =
            |error: wasmtime::Error| PackageRefused { place: "linking".to_owned(), reason: crate::loggable(&format!("{error:#}"), 400) };
        let pre = self.linker.instantiate_pre(component).map_err(refused)?;
        let exports = |interface: &str| component.get_export_index(None, format!("{PACKAGE}/{interface}@{VERSION}")).is_some();
        let pages = exports("pages").then(|| pages::GuestIndices::new(&pre)).transpose().map_err(refused)?;
        let blocks = exports("blocks").then(|| blocks::GuestIndices::new(&pre)).transpose().map_err(refused)?;
        let rules = exports("rules").then(|| rules::GuestIndices::new(&pre)).transpose().map_err(refused)?;
        let webhooks = exports("webhooks").then(|| webhooks::GuestIndices::new(&pre)).transpose().map_err(refused)?;
        let events = exports("events").then(|| events::GuestIndices::new(&pre)).transpose().map_err(refused)?;
        let jobs = exports("jobs").then(|| jobs::GuestIndices::new(&pre)).transpose().map_err(refused)?;
        let payment_gateway = exports("payment-gateway").then(|| payment_gateway::GuestIndices::new(&pre)).transpose().map_err(refused)?;
        let saved_methods = exports("saved-methods").then(|| saved_methods::GuestIndices::new(&pre)).transpose().map_err(refused)?;
        let upgrade = exports("upgrade").then(|| upgrade::GuestIndices::new(&pre)).transpose().map_err(refused)?;
        let prepared = Arc::new(Prepared { pre, pages, blocks, rules, webhooks, events, jobs, payment_gateway, saved_methods, upgrade });
        self.prepared.write().unwrap_or_else(PoisonError::into_inner).insert(hash.to_owned(), prepared.clone());
        Ok(prepared)
    }

    async fn prepare(self: Arc<Self>, hash: String, bytes: Vec<u8>) -> Result<(), PackageRefused> {
        if self.known(&hash).is_some() {
            return Ok(());
        }
        let _one = self.compiling.lock().await;
        let inner = self.clone();
        let work = move || {
            if package::hash_of(&bytes) != hash {
                return Err(PackageRefused {
                    place: "package".to_owned(),
                    reason: "its bytes do not have the hash that was given".to_owned(),
                });
            }
            let component = match inner.artefacts.load(&inner.wasmtime, &hash) {
                Some(component) => component,
                None => {
                    let target = Target { limits: inner.ports.limits.clone(), pooled: inner.pooled };
                    let code = inner.compiler.compile(&target, &bytes)?;
                    inner.artefacts.keep(&inner.wasmtime, &hash, &code, inner.ports.random.as_ref())?
                }
            };
            inner.link(&hash, &component).map(|_| ())
        };
        let stopped = |_| refused("the compiler failed");
        self.ports.main.spawn_blocking(work).await.map_err(stopped)?
    }
}

impl Engine {
    /// A command runs to its end, also where whoever asked has gone: its commit is never cut off in the middle.
    pub(crate) async fn to_its_end<C: GuestCall>(
        &self,
        context: CallContext,
        call_id: CallId,
        call: C,
    ) -> Result<Answered<C::Answer>, CallError> {
        let inner = self.inner.clone();
        let command = self.inner.ports.main.spawn(async move { inner.command(context, call_id, call).await });
        command.await.unwrap_or_else(|_| Err(CallError::Unavailable("the call was cut off".to_owned())))
    }
}

impl PluginPackages for Engine {
    fn inspect(&self, bytes: &[u8]) -> Result<InspectedPackage, PackageRefused> {
        package::inspect(bytes, self.inner.ports.limits.package_bytes)
    }

    fn prepare(&self, hash: String, bytes: Vec<u8>) -> Boxed<'_, Result<(), PackageRefused>> {
        Box::pin(self.inner.clone().prepare(hash, bytes))
    }
}

impl CommitObserver for Engine {
    fn committed(&self, organisation: OrganisationId, number: u64, change: &Arc<Change>) {
        self.inner.cache.committed(organisation, number, change);
    }
}

impl PluginCalls for Engine {
    fn view(&self, context: CallContext, request: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>> {
        Box::pin(self.inner.answer(context, View(request)))
    }

    fn submit(&self, context: CallContext, call_id: CallId, request: PageRequest) -> Boxed<'_, Result<Answered<Reply>, CallError>> {
        Box::pin(self.to_its_end(context, call_id, Submit(request)))
    }

    fn block(&self, context: CallContext, name: String, parameters: Value) -> Boxed<'_, Result<Answered<Rendering>, CallError>> {
        Box::pin(self.inner.answer(context, Block { name, parameters }))
    }

    fn rule(
        &self,
        context: CallContext,
        name: String,
        parameters: Value,
        members: Vec<MemberId>,
    ) -> Boxed<'_, Result<Answered<Vec<bool>>, CallError>> {
        Box::pin(self.inner.answer(context, Rule { name, parameters, members }))
    }

    fn begin_payment(&self, context: CallContext, call_id: CallId, charge: Charge) -> Boxed<'_, Result<Answered<Checkout>, CallError>> {
        Box::pin(self.to_its_end(context, call_id, Begin(charge)))
    }

    fn give_back(&self, context: CallContext, call_id: CallId, wish: GivingBack) -> Boxed<'_, Result<Answered<Settlement>, CallError>> {
        Box::pin(self.to_its_end(context, call_id, GiveBack(wish)))
    }

    fn save_method(&self, context: CallContext, call_id: CallId, wish: Saving) -> Boxed<'_, Result<Answered<Checkout>, CallError>> {
        Box::pin(self.to_its_end(context, call_id, Save(wish)))
    }

    fn charge_saved(&self, context: CallContext, call_id: CallId, charge: Charge) -> Boxed<'_, Result<Answered<Settlement>, CallError>> {
        Box::pin(self.to_its_end(context, call_id, ChargeSaved(charge)))
    }

    fn forget_method(
        &self,
        context: CallContext,
        call_id: CallId,
        payer: MemberId,
        key: String,
    ) -> Boxed<'_, Result<Answered<()>, CallError>> {
        Box::pin(self.to_its_end(context, call_id, Forget { payer, key }))
    }

    fn webhook(&self, context: CallContext, call_id: CallId, call: WebhookCall) -> Boxed<'_, Result<Answered<WebhookAnswer>, CallError>> {
        Box::pin(self.to_its_end(context, call_id, Webhook(call)))
    }
}
