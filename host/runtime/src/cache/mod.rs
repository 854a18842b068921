//! Answers of queries, kept until a change touches what they read, or their time is over.
//!
//! A key is made in two steps: what is called and with what gives the *base*; under it stands which questions about
//! the visitor a run has asked, and with this visitor's answers to them the base becomes the key. So an answer that
//! never asked who is looking is shared by all, and one that asked for the tier is kept for each tier.
//!
//! Each organisation has a log of its newest changes in memory. Keeping an answer and applying a change take the same
//! lock, so an answer that a newer change touches, or that is older than the log reaches, is never kept. Before an
//! answer is given the log catches up with the clock that the visit was loaded at: several processes work by that alone.

mod fingerprint;
mod flights;
mod index;
mod log;
mod serve;
#[cfg(test)]
mod tests;

pub use fingerprint::Fingerprint;
pub use serve::Query;

use crate::facts::{self, Fact};
use fingerprint::Key;
use flights::Flights;
use log::Log;
use moka::notification::RemovalCause;
use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, Failure};
use tsudoi_kernel::changes::{Change, Read, ReadSet};
use tsudoi_kernel::ports::Changes;
use tsudoi_kernel::{OrganisationId, Timestamp};

/// Sets of questions that are known for one base. The paths through a plugin that lead to different ones are few.
const MOST_SHAPES: usize = 8;
/// Bases that questions are known of.
const MOST_BASES: u64 = 100_000;
/// What an answer takes besides its own bytes.
const OVERHEAD: usize = 400;

pub struct Cache {
    organisations: RwLock<HashMap<OrganisationId, Arc<Mutex<Log>>>>,
    kept: moka::sync::Cache<Key, Arc<Kept>>,
    shapes: moka::sync::Cache<Key, Arc<Shapes>>,
    flights: Arc<Flights>,
    /// Made room for others: to be taken out of their logs' indexes.
    crowded_out: Arc<Mutex<Vec<(OrganisationId, Key, u64)>>>,
    names: AtomicU64,
    capacity: usize,
}

/// The questions that runs of one base have asked.
#[derive(Default, Clone)]
struct Shapes {
    lists: Vec<Arc<[Fact]>>,
    /// The last answer could not be kept, so nobody waits for the next one.
    fleeting: bool,
}

struct Kept {
    organisation: OrganisationId,
    /// Never used twice in this process.
    name: u64,
    /// `Result<Answer, Failure>`, the answer being that of the call.
    value: Box<dyn Any + Send + Sync>,
    reads: Arc<ReadSet>,
    until: Option<Timestamp>,
    host_calls: u32,
    of_member: bool,
    size: u32,
}

/// What became of a look.
enum Look<A> {
    Found(Box<Result<Answered<A>, CallError>>),
    /// The log has to catch up from this number first.
    Behind(u64),
    /// Nothing; the key is what others may wait for.
    Nothing(Option<Key>),
}

/// An answer that just came, with what it may be kept by.
struct Fresh<A> {
    value: Result<A, Failure>,
    facts: Vec<Fact>,
    reads: Arc<ReadSet>,
    until: Option<Timestamp>,
    number: u64,
    host_calls: u32,
    size: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that could panic happens under these locks, so a poisoned one is as good as any.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cache {
    /// Keeps at most about `capacity` bytes; nothing at all with 0.
    pub fn new(capacity: usize) -> Self {
        let crowded_out = Arc::new(Mutex::new(Vec::new()));
        let waiting = crowded_out.clone();
        let kept = moka::sync::Cache::builder()
            .max_capacity(capacity as u64)
            .weigher(|_: &Key, kept: &Arc<Kept>| kept.size)
            .eviction_listener(move |key: Arc<Key>, kept: Arc<Kept>, cause| {
                // Others were taken out of the index before they were removed here.
                if cause == RemovalCause::Size {
                    lock(&waiting).push((kept.organisation, *key, kept.name));
                }
            })
            .build();
        let shapes = moka::sync::Cache::new(MOST_BASES);
        let flights = Arc::default();
        Self { organisations: RwLock::default(), kept, shapes, flights, crowded_out, names: AtomicU64::new(1), capacity }
    }

    pub fn keeps_answers(&self) -> bool {
        self.capacity > 0
    }

    /// The organisation's log, which begins at `number` where there was none.
    fn log(&self, organisation: OrganisationId, number: u64) -> Arc<Mutex<Log>> {
        if let Some(log) = self.known_log(organisation) {
            return log;
        }
        let mut organisations = self.organisations.write().unwrap_or_else(PoisonError::into_inner);
        organisations.entry(organisation).or_insert_with(|| Arc::new(Mutex::new(Log::beginning(number)))).clone()
    }

    fn known_log(&self, organisation: OrganisationId) -> Option<Arc<Mutex<Log>>> {
        self.organisations.read().unwrap_or_else(PoisonError::into_inner).get(&organisation).cloned()
    }

    /// A commit of this process. Its touched answers are gone when this returns.
    pub fn committed(&self, organisation: OrganisationId, number: u64, change: &Arc<Change>) {
        // Where nothing was ever asked, nothing is kept.
        let Some(log) = self.known_log(organisation) else { return };
        let touched = &mut lock(&log);
        let keys = touched.told(number, change.clone());
        keys.iter().for_each(|key| self.kept.invalidate(key));
    }

    /// What a read of the log table brought: the changes above `from` up to `to`, `None` where it was trimmed.
    fn caught_up(&self, organisation: OrganisationId, to: u64, changes: Option<Changes>) {
        let log = self.log(organisation, to);
        let mut log = lock(&log);
        let keys = match changes {
            Some(changes) => changes.into_iter().flat_map(|(number, change)| log.told(number, Arc::new(change))).collect(),
            None if log.number() < to => log.begin_again(to),
            None => Vec::new(),
        };
        keys.iter().for_each(|key| self.kept.invalidate(key));
    }

    fn look<A: Clone + Send + Sync + 'static>(&self, base: Key, context: &CallContext, now: Timestamp) -> Look<A> {
        let shapes = self.shapes.get(&base).unwrap_or_default();
        let keys: Vec<Key> = shapes.lists.iter().map(|facts| full_key(base, facts, context)).collect();
        let log = self.log(context.organisation.id, context.number);
        let log = lock(&log);
        if log.number() < context.number {
            return Look::Behind(log.number());
        }
        for (key, facts) in keys.iter().zip(&shapes.lists) {
            let Some(kept) = self.kept.get(key) else { continue };
            if kept.until.is_some_and(|until| until <= now) {
                continue;
            }
            let visitor_reads = facts::reads_of(&context.visitor, facts);
            // What was loaded with the visit is older than the answer may be: then it must still be so.
            if !log.stands_since(context.number, &visitor_reads, context.installation.id) {
                return Look::Nothing(None);
            }
            if let Some(value) = kept.value.downcast_ref::<Result<A, Failure>>() {
                return Look::Found(Box::new(kept.give(value.clone(), log.number(), visitor_reads)));
            }
        }
        Look::Nothing((!shapes.fleeting).then(|| flight_key(base, &keys, context)))
    }

    /// Keeps an answer where it still stands. Answers the name under which it is kept.
    fn keep<A: Send + Sync + 'static>(&self, base: Key, context: &CallContext, now: Timestamp, fresh: Fresh<A>) -> Option<u64> {
        self.make_room_in_indexes();
        let size = fresh.size + OVERHEAD + fresh.reads.iter().map(|(read, _)| size_of_read(read)).sum::<usize>();
        let lasts = fresh.until.is_none_or(|until| until > now) && size <= self.capacity / 4;
        self.note_shape(base, &fresh.facts, !lasts);
        if !lasts {
            return None;
        }
        let key = full_key(base, &fresh.facts, context);
        let organisation = context.organisation.id;
        let log = self.log(organisation, context.number);
        let mut log = lock(&log);
        if log.number() < fresh.number || !log.would_stand(&fresh.reads) {
            return None;
        }
        let name = self.names.fetch_add(1, Ordering::Relaxed);
        log.index().add(key, name, fresh.reads.clone());
        let kept = Kept {
            organisation,
            name,
            value: Box::new(fresh.value),
            reads: fresh.reads,
            until: fresh.until,
            host_calls: fresh.host_calls,
            of_member: fresh.facts.contains(&Fact::Member),
            size: u32::try_from(size).unwrap_or(u32::MAX),
        };
        self.kept.insert(key, Arc::new(kept));
        Some(name)
    }

    fn note_shape(&self, base: Key, facts: &[Fact], fleeting: bool) {
        let known = self.shapes.get(&base).unwrap_or_default();
        let has = known.lists.iter().any(|list| **list == *facts);
        if has && known.fleeting == fleeting {
            return;
        }
        let mut shapes = Shapes { fleeting, ..(*known).clone() };
        if !has {
            if shapes.lists.len() >= MOST_SHAPES {
                shapes.lists.remove(0);
            }
            shapes.lists.push(facts.into());
        }
        self.shapes.insert(base, Arc::new(shapes));
    }

    fn make_room_in_indexes(&self) {
        let crowded_out = std::mem::take(&mut *lock(&self.crowded_out));
        for (organisation, key, name) in crowded_out {
            if let Some(log) = self.known_log(organisation) {
                lock(&log).index().remove(key, name);
            }
        }
    }
}

impl Kept {
    fn give<A>(&self, value: Result<A, Failure>, number: u64, visitor_reads: Vec<Read>) -> Result<Answered<A>, CallError> {
        let value = value.map_err(CallError::Declined)?;
        let Self { reads, until, host_calls, of_member, name, .. } = self;
        Ok(Answered {
            reads: reads.clone(),
            until: *until,
            visitor_reads,
            of_member: *of_member,
            cached: true,
            kept: Some(*name),
            host_calls: *host_calls,
            ..Answered::of(value, number)
        })
    }
}

fn full_key(base: Key, facts: &[Fact], context: &CallContext) -> Key {
    let mut key = Fingerprint::of("answer");
    key.bytes(&base.0);
    facts.iter().for_each(|fact| fact.add_to(context, &mut key));
    key.finish()
}

/// Whoever would get the same answer, as far as that is known before a run.
fn flight_key(base: Key, keys: &[Key], context: &CallContext) -> Key {
    let mut key = Fingerprint::of("flight");
    key.bytes(&base.0);
    if keys.is_empty() {
        key.text(context.locale.tag()).text(&format!("{:?}", context.visitor));
    }
    for known in keys {
        key.bytes(&known.0);
    }
    key.finish()
}

fn size_of_read(read: &Read) -> usize {
    let texts = match read {
        Read::Document { collection, .. } => collection.len(),
        Read::Stretch { collection, index, from, to, .. } => collection.len() + index.len() + from.len() + to.len(),
        Read::Member(_) | Read::Members => 0,
        Read::Fact(name) => name.len(),
    };
    // Once in the read set and once in the index.
    2 * (texts + 64)
}
