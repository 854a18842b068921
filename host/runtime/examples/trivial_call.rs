//! What a call costs: a GET that answers one kilobyte of JSON, through the engine and through bare wasmtime, each with
//! a fresh store and instance that are dropped afterwards. Both take turns in one run, on the same settings.
//!
//! The engine's figure holds what the engine adds: the way to a guest thread and back, the place, the limits, the read
//! set, and the check of the answer. `cargo xtask bench` runs it with optimisation; without, the figures mean little.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tsudoi_kernel::billing::{PluginInvoice, Receivable};
use tsudoi_kernel::calls::{CallContext, CallId, Installation, PageRequest};
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::files::StoredFile;
use tsudoi_kernel::form::PlacedForm;
use tsudoi_kernel::invoice::InvoiceSettings;
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::ports::*;
use tsudoi_kernel::time::NaiveDate;
use tsudoi_kernel::{Clock, FileId, InstallationId, Locale, MemberId, Organisation, OrganisationId, Random, Timestamp, Visitor};
use tsudoi_runtime::{Engine, EngineConfig, Limits, Translate, configuration, package};
use uuid::Uuid;
use wasmtime::Store;
use wasmtime::component::{Component, InstancePre, Linker};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

mod bindings {
    wasmtime::component::bindgen!({ path: "../../sdk/wit/0.1.0", world: "served", exports: { default: async } });
}
use bindings::exports::tsudoi::plugin::pages;

/// The one of the binary `tsudoi`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 40;
const CALLS: usize = 50;

/// A guest that answers `ok(json(…))` with a kilobyte, and has the imports and exports that any guest has.
fn guest() -> Result<Vec<u8>, Box<dyn Error>> {
    let request = "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)";
    let json = format!("{{\\\"text\\\":\\\"{}\\\"}}", "x".repeat(1_000));
    let text = format!(
        r#"(module
            (memory (export "memory") 1)
            (global $next (mut i32) (i32.const 8192))
            (data (i32.const 1024) "{json}")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
              (local $at i32)
              (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
              (global.set $next (i32.add (local.get $at) (local.get 3)))
              (local.get $at))
            (func $answer (result i32)
              (i32.store (i32.const 64) (i32.const 0))
              (i32.store (i32.const 68) (i32.const 2))
              (i32.store (i32.const 72) (i32.const 1024))
              (i32.store (i32.const 76) (i32.const 1011))
              (i32.const 64))
            (func (export "tsudoi:plugin/pages@0.1.0#view") {request} (call $answer))
            (func (export "tsudoi:plugin/pages@0.1.0#submit") {request} (unreachable))
            (func (export "tsudoi:plugin/blocks@0.1.0#render") (param i32 i32 i32 i32) (result i32) (unreachable)))"#
    );
    let mut module = wat::parse_str(text)?;
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/wit/0.1.0"))?;
    let guest = "package tsudoi:guest; world guest { export tsudoi:plugin/pages@0.1.0; export tsudoi:plugin/blocks@0.1.0; }";
    let package = resolve.push_str("guest.wit", guest)?;
    let world = resolve.select_world(&[package], Some("guest"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(ComponentEncoder::default().validate(true).module(&module)?.encode()?)
}

/// Fresh store, instance, call, drop: nothing else.
struct Bare {
    pre: InstancePre<()>,
    pages: pages::GuestIndices,
}

impl Bare {
    fn new(component: &[u8]) -> wasmtime::Result<Self> {
        let engine = wasmtime::Engine::new(&configuration(&Limits::default(), true))?;
        let pre = Linker::new(&engine).instantiate_pre(&Component::from_binary(&engine, component)?)?;
        Ok(Self { pages: pages::GuestIndices::new(&pre)?, pre })
    }

    async fn view(&self, request: pages::Request) -> wasmtime::Result<()> {
        let mut store = Store::new(self.pre.engine(), ());
        store.set_epoch_deadline(u64::MAX / 2);
        let instance = self.pre.instantiate_async(&mut store).await?;
        let guest = self.pages.load(&mut store, &instance)?;
        let reply = guest.call_view(&mut store, &request).await?;
        assert!(matches!(reply, Ok(pages::Reply::Json(json)) if json.len() == 1_011));
        Ok(())
    }
}

fn bare_request() -> pages::Request {
    pages::Request { route: "home".into(), parameters: vec![], query: vec![], form: vec![], uploads: vec![], body: None }
}

fn context(hash: String) -> Result<CallContext, Box<dyn Error>> {
    let manifest: Manifest = toml::from_str("id = 'trivial'\nversion = '0.1.0'\ncontract = '0.1'\nname = { ja = '例', en = 'Example' }")?;
    Ok(CallContext {
        organisation: Arc::new(Organisation {
            id: OrganisationId(Uuid::nil()),
            slug: "example".into(),
            name: "例".into(),
            locale: Locale::Ja,
            time_zone: "Asia/Tokyo".into(),
            currency: "JPY".into(),
            theme: "commons".into(),
        }),
        installation: Arc::new(Installation {
            id: InstallationId(Uuid::nil()),
            manifest: Arc::new(manifest),
            package_hash: hash,
            granted: Default::default(),
            member_fields: Default::default(),
            enabled: true,
            upgrading: false,
            pause: None,
            settings: BTreeMap::new(),
        }),
        visitor: Arc::new(Visitor::anonymous()),
        locale: Locale::Ja,
        number: 1,
        request_id: "bench".into(),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let main = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let dir = tempfile::tempdir()?;
    let config = |cache_bytes: usize| EngineConfig {
        limits: Limits { cache_bytes, ..Limits::default() },
        artefact_dir: dir.path().to_owned(),
        key: [0; 32],
        quota: Quota { documents: 0, bytes: 0, mails_per_day: 20, ..Quota::default() },
        policy: Default::default(),
        compiler: Arc::new(tsudoi_runtime::InProcess),
    };
    let nothing = Arc::new(Nothing);
    let engine = |cache_bytes: usize| {
        let nothing = nothing.clone();
        Engine::new(config(cache_bytes), nothing.clone(), nothing.clone(), nothing.clone(), nothing, main.handle().clone())
    };
    // One that runs every call, and one that keeps the answer.
    let (engine, keeping) = (engine(0)?, engine(1 << 20)?);
    let component = guest()?;
    let hash = package::hash_of(&component);
    let bare = Bare::new(&component)?;
    main.block_on(engine.prepare(hash.clone(), component.clone()))?;
    main.block_on(keeping.prepare(hash.clone(), component))?;
    let context = context(hash)?;
    let request = PageRequest { route: "home".into(), ..PageRequest::default() };

    let (mut through_engine, mut through_bare, mut from_memory) = (Vec::new(), Vec::new(), Vec::new());
    // On a worker of the main runtime, as a request handler is.
    let measured = main.spawn(async move {
        for round in 0..=ROUNDS {
            for _ in 0..CALLS {
                let (context, request) = (context.clone(), request.clone());
                let start = Instant::now();
                engine.view(context, request).await.map_err(|error| error.to_string())?;
                // The first round warms up.
                if round > 0 {
                    through_engine.push(start.elapsed());
                }
            }
            for _ in 0..CALLS {
                let request = bare_request();
                let start = Instant::now();
                bare.view(request).await.map_err(|error| error.to_string())?;
                if round > 0 {
                    through_bare.push(start.elapsed());
                }
            }
            for _ in 0..CALLS {
                let (context, request) = (context.clone(), request.clone());
                let start = Instant::now();
                let answer = keeping.view(context, request).await.map_err(|error| error.to_string())?;
                if round > 0 {
                    assert!(answer.cached);
                    from_memory.push(start.elapsed());
                }
            }
        }
        Ok::<_, String>((median(through_engine), median(through_bare), median(from_memory)))
    });
    let (engine, bare, memory) = main.block_on(measured)??;
    println!("trivial call, medians of {} each", ROUNDS * CALLS);
    println!("  bare wasmtime  {:8.1} µs", micros(bare));
    println!("  engine         {:8.1} µs", micros(engine));
    println!("  from memory    {:8.1} µs", micros(memory));
    println!("  ratio          {:8.2}  (at most 1.5)", engine.as_secs_f64() / bare.as_secs_f64());
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Ports of a guest that asks for nothing.
struct Nothing;

fn never<T>() -> Boxed<'static, Result<T, DataError>>
where
    T: Send + 'static,
{
    Box::pin(async { Err(DataError::Broken("the benchmark has no data".into())) })
}

impl PluginData for Nothing {
    fn documents(&self, _: Scope, _: String, _: Vec<Uuid>) -> Boxed<'_, Result<At<Vec<Option<StoredDocument>>>, DataError>> {
        never()
    }
    fn scan(&self, _: Scope, _: Stretch, _: bool, _: u32) -> Boxed<'_, Result<At<Vec<(Vec<u8>, StoredDocument)>>, DataError>> {
        never()
    }
    fn counts(&self, _: Scope, _: Vec<Stretch>, _: u32) -> Boxed<'_, Result<At<Vec<u32>>, DataError>> {
        never()
    }
    fn members(&self, _: OrganisationId, _: Vec<MemberId>) -> Boxed<'_, Result<At<Vec<Option<MemberRecord>>>, DataError>> {
        never()
    }
    fn member_values(&self, _: OrganisationId, _: String, _: Vec<MemberId>) -> Boxed<'_, Result<At<Vec<MemberValues>>, DataError>> {
        never()
    }
    fn member_ids(&self, _: OrganisationId, _: Option<MemberId>, _: u32) -> Boxed<'_, Result<At<Vec<MemberId>>, DataError>> {
        never()
    }
    fn audience_keys(&self, _: OrganisationId) -> Boxed<'_, Result<At<AudienceKeys>, DataError>> {
        never()
    }
    fn file(&self, _: Scope, _: FileId) -> Boxed<'_, Result<At<Option<StoredFile>>, DataError>> {
        never()
    }
    fn receivables(
        &self,
        _: OrganisationId,
        _: String,
        _: Option<(NaiveDate, Uuid)>,
        _: u32,
    ) -> Boxed<'_, Result<At<Vec<Receivable>>, DataError>> {
        never()
    }
    fn invoice(&self, _: OrganisationId, _: String, _: Uuid, _: bool) -> Boxed<'_, Result<At<Option<PluginInvoice>>, DataError>> {
        never()
    }
    fn forms(&self, _: OrganisationId) -> Boxed<'_, Result<At<Vec<PlacedForm>>, DataError>> {
        never()
    }
    fn invoice_settings(&self, _: OrganisationId) -> Boxed<'_, Result<At<Option<InvoiceSettings>>, DataError>> {
        never()
    }
    fn changes(&self, _: OrganisationId, _: u64, _: u64) -> Boxed<'_, Result<Option<Vec<(u64, Change)>>, DataError>> {
        never()
    }
    fn commit(&self, _: Commit) -> Boxed<'_, Result<Committed, DataError>> {
        never()
    }
    fn answer_of(&self, _: Scope, _: CallId) -> Boxed<'_, Result<Option<serde_json::Value>, DataError>> {
        never()
    }
}

impl Clock for Nothing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_763_000_000_000)
    }
}

impl Random for Nothing {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

impl Translate for Nothing {
    fn translate(&self, _: &str, _: Locale, key: &str, _: &serde_json::Value) -> String {
        key.to_owned()
    }
}
