//! Calls that nobody waits for: a handler of events is a command, a job an action. Each carries the mark that it is done
//! in its own commit, and its call id is the event's or the job's, so that a second run changes nothing.

use crate::attempt::{GuestCall, Prepared, missing};
use crate::bindings::{events, jobs};
use crate::convert;
use crate::engine::Engine;
use crate::state::{CallState, Kind};
use tsudoi_kernel::background::{Delivery, Job, PluginWork};
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId, Failure};
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ports::Boxed;
use wasmtime::Store;
use wasmtime::component::Instance;

struct Handle(Delivery);
struct Run(Job);

impl GuestCall for Handle {
    const KIND: Kind = Kind::Command;
    type Answer = ();

    fn depth(&self) -> u32 {
        self.0.event.depth
    }

    fn mark(&self) -> Option<Effect> {
        Some(Effect::Handled(self.0.event.id))
    }

    async fn run(&self, store: &mut Store<CallState>, instance: &Instance, prepared: &Prepared) -> wasmtime::Result<Result<(), Failure>> {
        let guest = prepared.events.as_ref().ok_or_else(|| missing("events"))?.load(&mut *store, instance)?;
        let event = events::Event {
            id: self.0.event.id.hyphenated().to_string(),
            topic: self.0.event.topic.clone(),
            occurred: self.0.occurred.millis(),
            payload: self.0.event.payload.to_string(),
        };
        Ok(guest.call_handle(store, &event).await?.map_err(convert::failure))
    }
}

impl GuestCall for Run {
    const KIND: Kind = Kind::Action;
    type Answer = ();

    fn depth(&self) -> u32 {
        self.0.depth
    }

    fn mark(&self) -> Option<Effect> {
        Some(Effect::Done(self.0.id))
    }

    async fn run(&self, store: &mut Store<CallState>, instance: &Instance, prepared: &Prepared) -> wasmtime::Result<Result<(), Failure>> {
        let guest = prepared.jobs.as_ref().ok_or_else(|| missing("jobs"))?.load(&mut *store, instance)?;
        let job = jobs::Job {
            name: self.0.name.clone(),
            payload: self.0.payload.to_string(),
            attempt: self.0.attempt,
            idempotency_key: self.0.id.hyphenated().to_string(),
        };
        Ok(guest.call_run(store, &job).await?.map_err(convert::failure))
    }
}

impl PluginWork for Engine {
    fn handle(&self, context: CallContext, delivery: Delivery) -> Boxed<'_, Result<Answered<()>, CallError>> {
        let call_id = CallId(format!("event:{}", delivery.event.id));
        Box::pin(self.to_its_end(context, call_id, Handle(delivery)))
    }

    fn run_job(&self, context: CallContext, job: Job) -> Boxed<'_, Result<Answered<()>, CallError>> {
        let call_id = CallId(format!("job:{}", job.id));
        Box::pin(self.to_its_end(context, call_id, Run(job)))
    }
}

#[cfg(test)]
mod tests;
