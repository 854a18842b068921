//! Handlers and jobs without code: each is written down, and ends as the test says; where it succeeds its mark is
//! committed, as the runtime does.

use super::HeldClock;
use serde_json::json;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tsudoi_kernel::Clock;
use tsudoi_kernel::background::{Delivery, Job, PluginWork};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId};
use tsudoi_kernel::changes::ReadSet;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ports::{Boxed, Commit, PluginData, Quota, Scope};
use tsudoi_store::Store;

#[derive(Default)]
struct Inside {
    /// `<organisation's slug> <topic or job> <what it carries>`, in the order in which they ran.
    done: Vec<String>,
    /// By topic or job: how the next ones end. Without one they succeed.
    failing: HashMap<String, VecDeque<CallError>>,
}

/// Stands in for the runtime.
pub struct Worklog {
    store: Store,
    clock: Arc<HeldClock>,
    inside: Mutex<Inside>,
}

impl Worklog {
    pub(super) fn new(store: Store, clock: Arc<HeldClock>) -> Self {
        Self { store, clock, inside: Mutex::default() }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next `times` of this topic or job end so.
    pub fn fail(&self, name: &str, error: &CallError, times: usize) {
        self.inside().failing.entry(name.to_owned()).or_default().extend(std::iter::repeat_n(error.clone(), times));
    }

    /// What ran since this was asked last.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.inside().done)
    }

    async fn ran(
        &self,
        context: CallContext,
        name: &str,
        carried: String,
        call_id: String,
        mark: Effect,
    ) -> Result<Answered<()>, CallError> {
        let fails = {
            let mut inside = self.inside();
            inside.done.push(format!("{} {name} {carried}", context.organisation.slug));
            inside.failing.get_mut(name).and_then(VecDeque::pop_front)
        };
        if let Some(error) = fails {
            return Err(error);
        }
        let commit = Commit {
            scope: Scope { organisation: context.organisation.id, installation: context.installation.id },
            call_id: CallId(call_id),
            reads: ReadSet::default(),
            writes: Vec::new(),
            effects: vec![mark],
            quota: Quota { documents: 10, bytes: 1_000, mails_per_day: 20, ..Quota::default() },
            answer: json!(null),
            at: self.clock.now(),
        };
        let number = context.number;
        let committed = self.store.commit(commit).await;
        committed.map(|_| Answered::of((), number)).map_err(|error| CallError::Unavailable(error.to_string()))
    }
}

impl PluginWork for Worklog {
    fn handle(&self, context: CallContext, delivery: Delivery) -> Boxed<'_, Result<Answered<()>, CallError>> {
        Box::pin(async move {
            let event = delivery.event;
            let carried = event.payload.to_string();
            self.ran(context, &event.topic, carried, format!("event:{}", event.id), Effect::Handled(event.id)).await
        })
    }

    fn run_job(&self, context: CallContext, job: Job) -> Boxed<'_, Result<Answered<()>, CallError>> {
        Box::pin(
            async move { self.ran(context, &job.name, job.payload.to_string(), format!("job:{}", job.id), Effect::Done(job.id)).await },
        )
    }
}
