//! One run of a call: a fresh store and instance, the guest's function, and what came of it. Runs on a guest thread;
//! whether its outcome counts is decided in [`call`](crate::call).

use crate::bindings::{blocks, events, jobs, pages, payment_gateway, rules, saved_methods, upgrade, webhooks};
use crate::convert;
use crate::facts::Facts;
use crate::loggable;
use crate::quick::Lap;
use crate::segments::KnownParts;
use crate::state::{CallState, Kind, Ports, Stop};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tsudoi_kernel::calls::{CallContext, Failure, PageRequest, Rendering, Reply};
use tsudoi_kernel::changes::ReadSet;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::files::{FileClaim, Uploaded};
use tsudoi_kernel::ports::{SegmentQuestion, Write};
use tsudoi_kernel::{MemberId, Timestamp};
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{PoolConcurrencyLimitError, Store, UpdateDeadline};

/// The longest text of a failure in the log.
const MAX_REASON: usize = 2_000;

/// A package, compiled and linked.
pub struct Prepared {
    pub pre: InstancePre<CallState>,
    pub pages: Option<pages::GuestIndices>,
    pub blocks: Option<blocks::GuestIndices>,
    pub rules: Option<rules::GuestIndices>,
    pub webhooks: Option<webhooks::GuestIndices>,
    pub events: Option<events::GuestIndices>,
    pub jobs: Option<jobs::GuestIndices>,
    pub payment_gateway: Option<payment_gateway::GuestIndices>,
    pub saved_methods: Option<saved_methods::GuestIndices>,
    pub upgrade: Option<upgrade::GuestIndices>,
}

/// A function that the guest exports, with its arguments. The outer error is the end of the run.
pub trait GuestCall: Send + Sync + 'static {
    const KIND: Kind;
    type Answer: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Whether it may ask who is in a segment.
    const ASKS_SEGMENTS: bool = true;

    /// How many events led to this call.
    fn depth(&self) -> u32 {
        0
    }

    /// What its commit marks as done.
    fn mark(&self) -> Option<Effect> {
        None
    }

    /// Files that came with it.
    fn uploads(&self) -> &[Uploaded] {
        &[]
    }

    /// Which of the things of its kind is called, such as a route's name.
    fn part(&self) -> &str {
        ""
    }

    fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> impl Future<Output = wasmtime::Result<Result<Self::Answer, Failure>>> + Send;
}

pub struct View(pub PageRequest);
pub struct Submit(pub PageRequest);
pub struct Block {
    pub name: String,
    pub parameters: Value,
}

/// Which of these members meet it.
pub struct Rule {
    pub name: String,
    pub parameters: Value,
    pub members: Vec<MemberId>,
}

/// One step of an upgrade: answers where to go on, or `None` once it is done.
pub struct Step {
    pub from_version: String,
    pub cursor: Option<String>,
}

pub fn missing(interface: &str) -> wasmtime::Error {
    wasmtime::Error::msg(format!("it does not export `{interface}`"))
}

impl GuestCall for View {
    const KIND: Kind = Kind::Query;
    type Answer = Reply;

    fn part(&self) -> &str {
        &self.0.route
    }

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<Reply, Failure>> {
        let guest = prepared.pages.as_ref().ok_or_else(|| missing("pages"))?.load(&mut *store, instance)?;
        match guest.call_view(store, &convert::page_request(self.0.clone())).await? {
            Ok(reply) => convert::reply(reply).map(Ok),
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

impl GuestCall for Submit {
    const KIND: Kind = Kind::Command;
    type Answer = Reply;

    fn uploads(&self) -> &[Uploaded] {
        &self.0.uploads
    }

    fn part(&self) -> &str {
        &self.0.route
    }

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<Reply, Failure>> {
        let guest = prepared.pages.as_ref().ok_or_else(|| missing("pages"))?.load(&mut *store, instance)?;
        match guest.call_submit(store, &convert::page_request(self.0.clone())).await? {
            Ok(reply) => convert::reply(reply).map(Ok),
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

impl GuestCall for Block {
    const KIND: Kind = Kind::Query;
    type Answer = Rendering;

    fn part(&self) -> &str {
        &self.name
    }

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<Rendering, Failure>> {
        let guest = prepared.blocks.as_ref().ok_or_else(|| missing("blocks"))?.load(&mut *store, instance)?;
        match guest.call_render(store, &self.name, &self.parameters.to_string()).await? {
            Ok(rendering) => convert::rendering(rendering).map(Ok),
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

impl GuestCall for Rule {
    const KIND: Kind = Kind::Query;
    const ASKS_SEGMENTS: bool = false;
    type Answer = Vec<bool>;

    fn part(&self) -> &str {
        &self.name
    }

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<Vec<bool>, Failure>> {
        let guest = prepared.rules.as_ref().ok_or_else(|| missing("rules"))?.load(&mut *store, instance)?;
        let members: Vec<String> = self.members.iter().map(MemberId::to_string).collect();
        match guest.call_evaluate(store, &self.name, &self.parameters.to_string(), &members).await? {
            Ok(met) if met.len() == members.len() => Ok(Ok(met)),
            Ok(met) => Err(wasmtime::Error::msg(format!("it answered {} times about {} members", met.len(), members.len()))),
            Err(failure) => Ok(Err(convert::failure(failure))),
        }
    }
}

impl GuestCall for Step {
    const KIND: Kind = Kind::Command;
    type Answer = Option<String>;

    async fn run(
        &self,
        store: &mut Store<CallState>,
        instance: &Instance,
        prepared: &Prepared,
    ) -> wasmtime::Result<Result<Option<String>, Failure>> {
        let guest = prepared.upgrade.as_ref().ok_or_else(|| missing("upgrade"))?.load(&mut *store, instance)?;
        let next = guest.call_step(store, &self.from_version, self.cursor.as_deref()).await?;
        Ok(next.map_err(convert::failure))
    }
}

/// How a run ended.
#[derive(Debug, PartialEq)]
pub enum Ended<A> {
    Answered(A),
    Declined(Failure),
    Trapped(String),
    TimedOut,
    Unavailable(String),
    /// The pool had no place after all.
    Busy,
    /// It begins again once this is known.
    Wants(SegmentQuestion),
}

pub struct Attempt<A> {
    pub ended: Ended<A>,
    /// Everything that was read.
    pub reads: ReadSet,
    /// What the answer of a query may be kept by.
    pub shared: Shared,
    /// The clock's number of the last read.
    pub latest: u64,
    pub writes: Vec<Write>,
    /// How many these are, also when they have been taken out.
    pub written: u32,
    pub effects: Vec<Effect>,
    /// Of the files that it saved.
    pub claims: Vec<FileClaim>,
    /// It has sent something to the outside, which no rerun takes back.
    pub fetched: bool,
    /// How long the answer stays right, where it depends on time.
    pub until: Option<Timestamp>,
    pub host_calls: u32,
}

/// What a query's answer depends on, whoever looks, and what it asked about who does.
#[derive(Default)]
pub struct Shared {
    /// `None` where that is everything that was read.
    pub reads: Option<ReadSet>,
    pub facts: Facts,
}

/// Runs `call` once. Whatever happens, the store is dropped before this returns.
pub async fn run<C: GuestCall>(
    ports: Arc<Ports>,
    prepared: Arc<Prepared>,
    context: CallContext,
    call: Arc<C>,
    parts: KnownParts,
    lap: Lap,
) -> Attempt<C::Answer> {
    let limits = ports.limits.clone();
    let mut state = CallState::new(ports, context, C::KIND);
    state.parts = parts;
    state.may_ask_segments = C::ASKS_SEGMENTS;
    state.depth = call.depth();
    state.files.receive(call.uploads());
    let mut store = Store::new(prepared.pre.engine(), state);
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(limits.transfer_bytes);
    store.set_max_component_handles(limits.handles);
    count_ticks(&mut store, limits.guest_ticks(), lap);

    let running = async {
        let instance = prepared.pre.instantiate_async(&mut store).await?;
        call.run(&mut store, &instance, &prepared).await
    };
    let result = tokio::time::timeout(Duration::from_millis(limits.wall_ms), running).await;
    let mut state = store.into_data();
    let ended = match result {
        Err(_) => Ended::TimedOut,
        Ok(Ok(Ok(answer))) => Ended::Answered(answer),
        Ok(Ok(Err(failure))) => Ended::Declined(failure),
        Ok(Err(error)) => ended_by(&state, &error),
    };
    log_cost(&state, &ended);
    let writes = std::mem::take(&mut state.pending).into_writes();
    let written = writes.len() as u32;
    let apart = C::KIND == Kind::Query && !state.visitor_reads.is_empty();
    let shared = Shared { reads: apart.then(|| state.reads.clone()), facts: std::mem::take(&mut state.facts) };
    for (read, number) in state.visitor_reads.iter() {
        state.reads.add(read.clone(), number);
    }
    let (files, claims) = std::mem::take(&mut state.files).into_parts();
    state.effects.extend(files);
    state.effects.extend(call.mark());
    Attempt {
        ended,
        reads: state.reads,
        shared,
        latest: state.latest,
        writes,
        written,
        effects: state.effects,
        claims,
        fetched: state.usage.fetches > 0,
        until: state.until,
        host_calls: state.usage.host_calls,
    }
}

/// What the run cost, for operators who look for the expensive plugin.
fn log_cost<A>(state: &CallState, ended: &Ended<A>) {
    let how = match ended {
        Ended::Answered(_) => "answered",
        Ended::Declined(_) => "declined",
        Ended::Trapped(_) => "trapped",
        Ended::TimedOut => "timed out",
        Ended::Unavailable(_) => "unavailable",
        Ended::Busy => "busy",
        Ended::Wants(_) => "waits for a segment",
    };
    tracing::debug!(
        plugin = state.context.installation.manifest.id,
        organisation = state.context.organisation.slug,
        request = state.context.request_id,
        host_calls = state.usage.host_calls,
        documents_read = state.usage.documents_read,
        boundary_bytes = state.usage.boundary_bytes,
        guest_ticks = state.usage.ticks,
        reads = state.reads.len(),
        valid_until = state.until.map(Timestamp::millis),
        "a plugin's run {how}"
    );
}

/// At each tick that finds guest code running, the callback counts it, and lets others run too. Ticks that pass while
/// the guest waits for the host are found once, when it goes on, and count as one.
fn count_ticks(store: &mut Store<CallState>, budget: u64, lap: Lap) {
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |mut context| {
        lap.end();
        let state = context.data_mut();
        state.usage.ticks += 1;
        if state.usage.ticks > budget {
            Err(state.end(Stop::GuestTime))
        } else {
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(state.give_way())))
        }
    });
}

fn ended_by<A>(state: &CallState, error: &wasmtime::Error) -> Ended<A> {
    match &state.stop {
        Some(Stop::GuestTime) => return Ended::TimedOut,
        Some(Stop::Unavailable(reason)) => return Ended::Unavailable(reason.clone()),
        Some(Stop::Refused(reason)) => return Ended::Trapped(loggable(reason, MAX_REASON)),
        Some(Stop::Wants(question)) => return Ended::Wants(question.clone()),
        None => {}
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return Ended::Busy;
    }
    // A plugin that says why it stops says it better than a list of addresses.
    let text = match &state.last_words {
        Some(words) => format!("{words} ({})", error.root_cause()),
        None => format!("{error:#}"),
    };
    let text = loggable(&text, MAX_REASON);
    match state.memory.refused() {
        Some(what) => Ended::Trapped(format!("it wanted more {what} than it may have; {text}")),
        None => Ended::Trapped(text),
    }
}
