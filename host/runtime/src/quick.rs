//! Where a run begins. The way to a guest thread and back costs several times what a small call does, so a function
//! that has been quick of late begins where it was called, and stays there for one lap: until the first tick of the
//! guests' clock that finds its code running. Then it moves to a guest thread. So a thread that serves requests is never
//! held longer than one tick, and not again by a function that ran into it.

use crate::attempt::GuestCall;
use std::collections::HashMap;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use tsudoi_kernel::InstallationId;

/// Quick runs that it takes, and how many of them one that was not quick uses up.
const ENOUGH: u8 = 8;
const MOST: u8 = 2 * ENOUGH;
/// Functions that are remembered; beyond that it is begun anew.
const REMEMBERED: usize = 10_000;

/// What is called: a route, a block, of one installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Function(u64);

impl Function {
    pub fn of<C: GuestCall>(installation: InstallationId, call: &C) -> Self {
        let mut hasher = DefaultHasher::new();
        (installation, std::any::type_name::<C>(), call.part()).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// How quick functions have been.
#[derive(Default)]
pub struct Quick(RwLock<HashMap<Function, AtomicU8>>);

impl Quick {
    pub fn may_begin_here(&self, function: Function) -> bool {
        let scores = self.0.read().unwrap_or_else(PoisonError::into_inner);
        scores.get(&function).is_some_and(|score| score.load(Ordering::Relaxed) >= ENOUGH)
    }

    /// After each run.
    pub fn note(&self, function: Function, was_quick: bool) {
        let scores = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(score) = scores.get(&function) {
            let before = score.load(Ordering::Relaxed);
            let after = if was_quick { (before + 1).min(MOST) } else { before.saturating_sub(ENOUGH) };
            if after != before {
                score.store(after, Ordering::Relaxed);
            }
            return;
        }
        drop(scores);
        let mut scores = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if scores.len() >= REMEMBERED {
            scores.clear();
        }
        scores.entry(function).or_insert(AtomicU8::new(u8::from(was_quick)));
    }
}

/// One lap of a run: over once a tick has found its code running.
#[derive(Debug, Clone, Default)]
pub struct Lap(Arc<AtomicBool>);

impl Lap {
    pub fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Polls a run until it is done or its lap is over. Waiting for the host does not end the lap.
pub struct OneLap<'a, F> {
    pub running: &'a mut Pin<Box<F>>,
    pub lap: Lap,
}

pub enum OneLapEnded<T> {
    Done(T),
    Over,
    /// The host's own fault: caught here as a task of its own would catch it.
    Panicked,
}

impl<F: Future> Future for OneLap<'_, F> {
    type Output = OneLapEnded<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match catch_unwind(AssertUnwindSafe(|| this.running.as_mut().poll(context))) {
            Ok(Poll::Ready(done)) => Poll::Ready(OneLapEnded::Done(done)),
            Ok(Poll::Pending) if this.lap.is_over() => Poll::Ready(OneLapEnded::Over),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(OneLapEnded::Panicked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_begins_here_once_it_was_quick_several_times_and_not_after_it_was_not() {
        let (quick, function) = (Quick::default(), Function(1));
        for _ in 0..ENOUGH {
            assert!(!quick.may_begin_here(function));
            quick.note(function, true);
        }
        assert!(quick.may_begin_here(function) && !quick.may_begin_here(Function(2)));
        quick.note(function, false);
        assert!(!quick.may_begin_here(function));
    }

    #[tokio::test]
    async fn a_run_that_is_slow_is_left_after_one_lap_and_goes_on_elsewhere() {
        let lap = Lap::default();
        let ending = lap.clone();
        let mut running = Box::pin(async move {
            ending.end();
            tokio::task::yield_now().await;
            7
        });
        assert!(matches!(OneLap { running: &mut running, lap }.await, OneLapEnded::Over));
        assert_eq!(tokio::spawn(running).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn waiting_for_the_host_ends_no_lap_and_a_panic_stays_here() {
        let mut running = Box::pin(async {
            tokio::task::yield_now().await;
            7
        });
        assert!(matches!(OneLap { running: &mut running, lap: Lap::default() }.await, OneLapEnded::Done(7)));
        let mut failing = Box::pin(async {
            assert!(lap_of_nobody().is_over(), "the host's fault");
        });
        assert!(matches!(OneLap { running: &mut failing, lap: Lap::default() }.await, OneLapEnded::Panicked));
    }

    fn lap_of_nobody() -> Lap {
        Lap::default()
    }
}
