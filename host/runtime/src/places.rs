//! Places for calls, shared fairly between organisations: start-time fair queueing over the time that their calls kept
//! a place. Who has used least goes next, so an organisation whose calls never end delays its own; one that was away
//! gets no credit for that. No organisation has all places, and a queue that is too long is refused at once.

use crate::limits::Limits;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tsudoi_kernel::OrganisationId;
use tsudoi_kernel::calls::CallError;

/// Forgotten organisations are swept out when there are this many.
const SWEEP: usize = 1_024;
/// What a call is taken to use until it has ended, in microseconds: so that places that become free at the same time
/// don't all go to the same organisation.
const ADVANCE: u64 = 1_000;

#[derive(Clone)]
pub struct Places(Arc<Hall>);

struct Hall {
    queues: Mutex<Queues>,
    /// Of one organisation.
    at_once: u32,
    queued: usize,
    wait: Duration,
}

struct Queues {
    free: u32,
    /// What whoever was served last had used when its turn came, in microseconds.
    now: u64,
    lines: HashMap<OrganisationId, Line>,
}

/// One organisation's calls.
#[derive(Default)]
struct Line {
    running: u32,
    waiting: VecDeque<oneshot::Sender<Place>>,
    used: u64,
}

/// A place; dropping it lets somebody else in.
pub struct Place {
    hall: Arc<Hall>,
    organisation: OrganisationId,
    since: Instant,
}

impl Places {
    pub fn new(limits: &Limits) -> Self {
        let queues = Queues { free: limits.concurrent_calls.max(1), now: 0, lines: HashMap::new() };
        Self(Arc::new(Hall {
            queues: Mutex::new(queues),
            at_once: limits.organisation_calls.max(1),
            queued: limits.organisation_queue,
            wait: Duration::from_millis(limits.wait_ms),
        }))
    }

    /// Places for guest code that has run for long already: all guest threads but one, so that one is left for the many
    /// that are done in a moment.
    pub fn slow_lane(limits: &Limits) -> Self {
        let free = u32::try_from(limits.guest_threads.saturating_sub(1)).unwrap_or(u32::MAX).max(1);
        let queues = Queues { free, now: 0, lines: HashMap::new() };
        let (queued, wait) = (limits.concurrent_calls as usize, Duration::from_millis(limits.wall_ms));
        Self(Arc::new(Hall { queues: Mutex::new(queues), at_once: free, queued, wait }))
    }

    /// A place for a call of this organisation, once it is its turn. Busy where that takes too long, and at once where
    /// too many of its calls wait already.
    pub async fn acquire(&self, organisation: OrganisationId) -> Result<Place, CallError> {
        let turn = {
            let mut queues = self.0.queues();
            let Queues { free, now, lines } = &mut *queues;
            if lines.len() >= SWEEP {
                lines.retain(|_, line| !line.is_idle());
            }
            let line = lines.entry(organisation).or_default();
            if line.is_idle() {
                line.used = line.used.max(*now);
            }
            // Where a place is free, whoever else waits has as many as it may have.
            if *free > 0 && line.waiting.is_empty() && line.running < self.0.at_once {
                *now = (*now).max(line.used);
                *free -= 1;
                line.begin();
                return Ok(self.0.place(organisation));
            }
            if line.waiting.len() >= self.0.queued {
                line.waiting.retain(|turn| !turn.is_closed());
            }
            if line.waiting.len() >= self.0.queued {
                return Err(CallError::Busy);
            }
            let (sender, turn) = oneshot::channel();
            line.waiting.push_back(sender);
            turn
        };
        match tokio::time::timeout(self.0.wait, turn).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(CallError::Busy),
        }
    }
}

impl Hall {
    fn queues(&self) -> MutexGuard<'_, Queues> {
        // Nothing that could panic happens under the lock, so a poisoned one is as good as any.
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(self: &Arc<Self>, organisation: OrganisationId) -> Place {
        Place { hall: self.clone(), organisation, since: Instant::now() }
    }

    /// Takes a place back, and says who gets it.
    fn free(&self, organisation: OrganisationId, kept: Duration) -> Option<(OrganisationId, oneshot::Sender<Place>)> {
        let mut queues = self.queues();
        queues.free += 1;
        if let Some(line) = queues.lines.get_mut(&organisation) {
            line.running = line.running.saturating_sub(1);
            let kept = u64::try_from(kept.as_micros()).unwrap_or(u64::MAX);
            line.used = line.used.saturating_add(kept.saturating_sub(ADVANCE));
        }
        queues.next(self.at_once)
    }
}

impl Queues {
    /// Whose turn it is: of those who wait and have fewer places than they may, the one that used least.
    fn next(&mut self, at_once: u32) -> Option<(OrganisationId, oneshot::Sender<Place>)> {
        while self.free > 0 {
            let waiting = self.lines.iter_mut().filter(|(_, line)| !line.waiting.is_empty() && line.running < at_once);
            let (organisation, line) = waiting.min_by_key(|(_, line)| line.used)?;
            // Those who have stopped waiting are passed over.
            let Some(turn) = line.waiting.pop_front().filter(|turn| !turn.is_closed()) else { continue };
            self.now = self.now.max(line.used);
            self.free -= 1;
            line.begin();
            return Some((*organisation, turn));
        }
        None
    }
}

impl Line {
    fn is_idle(&self) -> bool {
        self.running == 0 && self.waiting.is_empty()
    }

    fn begin(&mut self) {
        self.running += 1;
        self.used = self.used.saturating_add(ADVANCE);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((organisation, turn)) = self.hall.free(self.organisation, self.since.elapsed()) {
            // Whoever has stopped waiting in this moment gives its place back by dropping it.
            drop(turn.send(self.hall.place(organisation)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use uuid::Uuid;

    impl Place {
        /// As if it had been taken so much earlier.
        fn kept(&mut self, so_long: Duration) {
            self.since = self.since.checked_sub(so_long).unwrap();
        }
    }

    fn club(n: u128) -> OrganisationId {
        OrganisationId(Uuid::from_u128(n))
    }

    fn places(all: u32, of_one: u32, queue: usize) -> Places {
        let limits = Limits { concurrent_calls: all, organisation_calls: of_one, organisation_queue: queue, ..Limits::default() };
        Places::new(&limits)
    }

    #[tokio::test]
    async fn one_organisation_never_has_all_places() {
        let places = places(4, 2, 64);
        let (_one, _two) = (places.acquire(club(1)).await.unwrap(), places.acquire(club(1)).await.unwrap());
        let mut third = Box::pin(places.acquire(club(1)));
        assert!((&mut third).now_or_never().is_none(), "it waits, though places are free");
        let other = places.acquire(club(2)).now_or_never();
        assert!(other.is_some_and(|place| place.is_ok()), "another organisation does not wait");
    }

    #[tokio::test]
    async fn a_queue_that_is_too_long_is_refused_and_costs_nobody_else() {
        let places = places(4, 1, 2);
        let _running = places.acquire(club(1)).await.unwrap();
        let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(places.acquire(club(1)))).collect();
        assert!(waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
        assert_eq!(places.acquire(club(1)).now_or_never().map(|place| place.err()), Some(Some(CallError::Busy)));
        assert!(places.acquire(club(2)).now_or_never().is_some_and(|place| place.is_ok()));
        // Those who went away are not counted.
        drop(waiting);
        assert!(Box::pin(places.acquire(club(1))).now_or_never().is_none());
    }

    #[tokio::test]
    async fn who_has_used_least_goes_next() {
        let places = places(1, 1, 64);
        let mut greedy = places.acquire(club(1)).await.unwrap();
        let mut greedy_again = Box::pin(places.acquire(club(1)));
        assert!((&mut greedy_again).now_or_never().is_none());
        let mut modest = Box::pin(places.acquire(club(2)));
        assert!((&mut modest).now_or_never().is_none());
        greedy.kept(Duration::from_secs(1));
        drop(greedy);
        assert!((&mut greedy_again).now_or_never().is_none(), "it came first, and has used a second");
        let first = (&mut modest).now_or_never().expect("its turn").unwrap();
        // It stays ahead until it has used as much.
        let mut modest_again = Box::pin(places.acquire(club(2)));
        assert!((&mut modest_again).now_or_never().is_none());
        drop(first);
        let mut second = (&mut modest_again).now_or_never().expect("its turn again").unwrap();
        let mut modest_late = Box::pin(places.acquire(club(2)));
        assert!((&mut modest_late).now_or_never().is_none());
        second.kept(Duration::from_secs(2));
        drop(second);
        assert!((&mut greedy_again).now_or_never().expect("its turn at last").is_ok());
    }

    #[tokio::test]
    async fn whoever_stops_waiting_leaves_its_turn_to_others() {
        let places = places(1, 1, 64);
        let running = places.acquire(club(1)).await.unwrap();
        let mut gone = Box::pin(places.acquire(club(2)));
        assert!((&mut gone).now_or_never().is_none());
        let mut patient = Box::pin(places.acquire(club(3)));
        assert!((&mut patient).now_or_never().is_none());
        drop(gone);
        drop(running);
        let place = (&mut patient).now_or_never().expect("its turn").unwrap();
        drop(place);
        assert!(places.acquire(club(1)).now_or_never().is_some_and(|place| place.is_ok()), "the place is free again");
    }
}
