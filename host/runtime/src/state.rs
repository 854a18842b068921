//! What the host keeps of one run of a call: for whom it is, what it has read and wants to write, what it has used, and
//! why it was stopped. It lives in the store and goes with it.

use crate::bindings::types;
use crate::facts::{Fact, Facts};
use crate::imports::PendingFiles;
use crate::limits::Limits;
use crate::memory::MemoryLimiter;
use crate::outside::{Outside, Traffic};
use crate::pending::Pending;
use crate::places::{Place, Places};
use crate::ranges::Cursors;
use crate::segments::{Answerer, KnownParts};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tsudoi_kernel::calls::{CallContext, Installation};
use tsudoi_kernel::changes::{Read, ReadSet};
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::locale::Locale;
use tsudoi_kernel::manifest::MailDeclaration;
use tsudoi_kernel::organisation::Organisation;
use tsudoi_kernel::policy::Policy;
use tsudoi_kernel::ports::{DataError, PluginData, Scope, SegmentQuestion};
use tsudoi_kernel::{Clock, Random, Timestamp};

/// Messages of a plugin's locale files. Given by `app`, which knows the packages' files.
pub trait Translate: Send + Sync {
    /// The message `key` of the package in `locale`; `args` is an object. A missing message answers its key.
    fn translate(&self, package_hash: &str, locale: Locale, key: &str, args: &serde_json::Value) -> String;

    /// A mail's words in the organisation's language; `data` is an object.
    fn letter(&self, organisation: &Organisation, installation: &Installation, mail: &MailDeclaration, data: serde_json::Value) -> Letter {
        let text = |key: &str| self.translate(&installation.package_hash, organisation.locale, key, &data);
        Letter { subject: text(&mail.subject_key()), text: text(&mail.text_key()) }
    }
}

/// A mail with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
}

/// What every call shares: the ports, the limits and the seal of cursors.
pub struct Ports {
    pub data: Arc<dyn PluginData>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub translate: Arc<dyn Translate>,
    /// Where the ports' futures run: a database driver never runs on a guest's thread.
    pub main: tokio::runtime::Handle,
    pub cursors: Cursors,
    pub limits: Limits,
    /// What the operator lets plugins do.
    pub policy: Policy,
    /// The network and the secrets.
    pub outside: Outside,
    pub traffic: Traffic,
    /// For guest code that has run for long already.
    pub slow_lane: Places,
    pub segments: Answerer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// May not write, nor ask for ids or random bytes: its answer depends on what it read and on nothing else.
    Query,
    Command,
    /// A command that may also use the network.
    Action,
}

/// Why the host ended a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// A limit was reached, or a function was used where it has no place.
    Refused(String),
    /// Guest code ran longer than it may.
    GuestTime,
    /// A port did not answer.
    Unavailable(String),
    /// It goes on in another run, once this is known.
    Wants(SegmentQuestion),
}

/// What a run has used so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub host_calls: u32,
    pub boundary_bytes: usize,
    pub documents_read: u32,
    pub documents_written: u32,
    pub log_lines: u32,
    /// Requests to the outside.
    pub fetches: u32,
    /// Of the guests' clock.
    pub ticks: u64,
}

pub struct CallState {
    pub ports: Arc<Ports>,
    pub context: CallContext,
    pub kind: Kind,
    /// How many events led to this call: 0 where a person or a schedule began it.
    pub depth: u32,
    /// The same throughout the run.
    pub now: Timestamp,
    pub reads: ReadSet,
    /// The records of the visitor, once it was asked who is looking. Apart from `reads`, since an answer is kept for
    /// all who have the same answers to `facts`.
    pub visitor_reads: ReadSet,
    /// What was asked about the visitor.
    pub facts: Facts,
    /// The latest number of the clock that anything was read at. The read set keeps the earliest for each thing, so a
    /// thing that was read twice would hide it.
    pub latest: u64,
    pub pending: Pending,
    pub files: PendingFiles,
    /// What happens with the commit, besides the writes.
    pub effects: Vec<Effect>,
    /// How long the answer stays right, where it depends on time.
    pub until: Option<Timestamp>,
    /// Values that went out with a request and that no answer may bring back.
    pub sent_secrets: Vec<String>,
    /// Staff were told that a secret was refused: once in a run is enough.
    pub noted_refusal: bool,
    /// Parts of segments that were looked up for this call.
    pub parts: KnownParts,
    /// A rule may not ask who is in a segment: that may be for rules to say.
    pub may_ask_segments: bool,
    /// The last line that it wrote as an error: what it says of its own end.
    pub last_words: Option<String>,
    pub usage: Usage,
    pub memory: MemoryLimiter,
    pub stop: Option<Stop>,
    /// Its place in the slow lane, while it has one.
    lane: Lane,
}

/// Shared with the future in which a call waits for its next turn.
type Lane = Arc<Mutex<Option<Place>>>;

/// How a host function ends early: with an error that the guest sees, or with the end of the run.
pub enum Refusal {
    Guest(types::Error),
    End(wasmtime::Error),
}

impl From<wasmtime::Error> for Refusal {
    fn from(error: wasmtime::Error) -> Self {
        Self::End(error)
    }
}

/// An error that the guest sees.
pub fn refusal(code: &str, detail: impl Into<String>) -> Refusal {
    Refusal::Guest(types::Error { code: code.to_owned(), detail: detail.into() })
}

/// Into the shape that the bindings want.
pub fn answered<T>(result: Result<T, Refusal>) -> wasmtime::Result<Result<T, types::Error>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Refusal::Guest(error)) => Ok(Err(error)),
        Err(Refusal::End(error)) => Err(error),
    }
}

impl CallState {
    pub fn new(ports: Arc<Ports>, context: CallContext, kind: Kind) -> Self {
        let mut reads = ReadSet::default();
        // Enablement, version and grant: every answer depends on them.
        reads.add(Read::installation(context.installation.id), context.number);
        Self {
            kind,
            depth: 0,
            now: ports.clock.now(),
            reads,
            visitor_reads: ReadSet::default(),
            facts: Facts::default(),
            latest: context.number,
            pending: Pending::default(),
            files: PendingFiles::default(),
            effects: Vec::new(),
            until: None,
            sent_secrets: Vec::new(),
            noted_refusal: false,
            parts: KnownParts::default(),
            may_ask_segments: true,
            last_words: None,
            usage: Usage::default(),
            memory: MemoryLimiter::new(&ports.limits),
            stop: None,
            lane: Lane::default(),
            ports,
            context,
        }
    }

    pub fn scope(&self) -> Scope {
        Scope { organisation: self.context.organisation.id, installation: self.context.installation.id }
    }

    /// Ends the run. The reason is kept here, since a trap's own text is the engine's.
    pub fn end(&mut self, stop: Stop) -> wasmtime::Error {
        let text = match &stop {
            Stop::Refused(reason) | Stop::Unavailable(reason) => reason.clone(),
            Stop::GuestTime => "guest time is used up".to_owned(),
            Stop::Wants(question) => format!("the segment {} has to be looked up", question.segment),
        };
        self.stop = Some(stop);
        wasmtime::Error::msg(text)
    }

    pub fn refuse(&mut self, reason: impl Into<String>) -> wasmtime::Error {
        self.end(Stop::Refused(reason.into()))
    }

    /// Every host function begins with this: counts the call and the bytes that came with it.
    pub fn enter(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.usage.host_calls += 1;
        if self.usage.host_calls > self.ports.limits.host_calls {
            return Err(self.refuse(format!("more than {} host calls", self.ports.limits.host_calls)));
        }
        self.carry(bytes)
    }

    /// Counts bytes over the boundary.
    pub fn carry(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.usage.boundary_bytes = self.usage.boundary_bytes.saturating_add(bytes);
        if self.usage.boundary_bytes > self.ports.limits.boundary_bytes {
            return Err(self.refuse(format!("more than {} bytes over the boundary", self.ports.limits.boundary_bytes)));
        }
        Ok(())
    }

    pub fn count_read(&mut self, documents: usize) -> wasmtime::Result<()> {
        self.usage.documents_read = self.usage.documents_read.saturating_add(u32::try_from(documents).unwrap_or(u32::MAX));
        if self.usage.documents_read > self.ports.limits.documents_read {
            return Err(self.refuse(format!("more than {} documents read", self.ports.limits.documents_read)));
        }
        Ok(())
    }

    pub fn count_written(&mut self) -> wasmtime::Result<()> {
        self.usage.documents_written += 1;
        if self.usage.documents_written > self.ports.limits.documents_written {
            return Err(self.refuse(format!("more than {} documents written", self.ports.limits.documents_written)));
        }
        Ok(())
    }

    /// Lets other guests run, at a tick that found this one running. One that has run for longer than a tick goes on in the
    /// slow lane, in turn with others of its kind: so however many run for long, one thread is left for those that
    /// are done in a moment.
    pub fn give_way(&self) -> impl Future<Output = ()> + Send + 'static {
        let (lane, lanes, organisation) = (self.lane.clone(), self.ports.slow_lane.clone(), self.context.organisation.id);
        let is_slow = self.usage.ticks > 1;
        self.leave_slow_lane();
        async move {
            tokio::task::yield_now().await;
            if is_slow {
                // Where its turn does not come, its wall time is over too.
                let place = lanes.acquire(organisation).await.ok();
                *lane.lock().unwrap_or_else(PoisonError::into_inner) = place;
            }
        }
    }

    /// Before the host is waited for: nobody else shall wait for that.
    pub fn leave_slow_lane(&self) {
        drop(self.lane.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Whether the manifest asks for `interface`, the organisation granted it and the operator's policy permits it. Asked
    /// at each call, since linking says nothing: all interfaces are linked.
    pub fn may_use(&self, interface: &str) -> Result<(), Refusal> {
        if self.context.installation.may_use(&self.ports.policy, interface) {
            Ok(())
        } else {
            Err(refusal("not-granted", format!("`{interface}` was not granted")))
        }
    }

    /// What every function that changes something begins with, after `may_use`.
    pub fn may_change(&self) -> Result<(), Refusal> {
        if self.kind == Kind::Query { Err(refusal("read-only", "a query can't write")) } else { Ok(()) }
    }

    /// Keeps what is to happen with the commit. It counts as a write.
    pub fn effect(&mut self, effect: Effect) -> Result<(), Refusal> {
        self.count_written()?;
        self.effects.push(effect);
        Ok(())
    }

    /// Adds to the read set what a port answered at `number`.
    pub fn read(&mut self, read: Read, number: u64) {
        self.latest = self.latest.max(number);
        self.reads.add(read, number);
    }

    /// Something that was known when the call began.
    pub fn read_fact(&mut self, read: Read) {
        self.read(read, self.context.number);
    }

    /// Something about who is looking, as it was when the call began.
    pub fn ask_visitor(&mut self, fact: Fact) {
        for read in crate::facts::records(&self.context.visitor) {
            self.visitor_reads.add(read, self.context.number);
        }
        for (read, number) in fact.segment_reads(&self.context.visitor) {
            self.latest = self.latest.max(number);
            self.visitor_reads.add(read.clone(), number);
        }
        self.facts.add(fact);
    }

    /// The answer stays right until `instant` at the longest.
    pub fn valid_until(&mut self, instant: Timestamp) {
        self.until = Some(self.until.map_or(instant, |until| until.min(instant)));
    }

    /// Asks a port, on the main runtime.
    pub async fn ask<T, F, Q>(&mut self, question: Q) -> wasmtime::Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, DataError>> + Send,
        Q: FnOnce(Arc<dyn PluginData>) -> F + Send + 'static,
    {
        self.leave_slow_lane();
        let data = self.ports.data.clone();
        let asked = self.ports.main.spawn(async move { question(data).await });
        match asked.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.end(Stop::Unavailable(error.to_string()))),
            Err(_) => Err(self.end(Stop::Unavailable("the port failed or is shutting down".to_owned()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use std::time::Duration;

    #[tokio::test]
    async fn guests_that_run_for_long_take_turns_and_quick_ones_do_not_wait_for_them() {
        let mut one = Bench::new().limits(Limits { guest_threads: 2, ..Limits::default() }).state(Kind::Command);
        let mut other = CallState::new(one.ports.clone(), one.context.clone(), Kind::Command);
        let quick = CallState::new(one.ports.clone(), one.context.clone(), Kind::Command);
        (one.usage.ticks, other.usage.ticks) = (2, 2);
        one.give_way().await;
        let turn = tokio::spawn(other.give_way());
        quick.give_way().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!turn.is_finished(), "all threads but one are taken");
        one.leave_slow_lane();
        turn.await.unwrap();
        // At each tick a turn is given away, and comes back once the others have had theirs.
        let again = tokio::spawn(one.give_way());
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!again.is_finished());
        other.leave_slow_lane();
        again.await.unwrap();
    }
}
