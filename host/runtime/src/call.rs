//! The life of a call, as docs/contract.md promises it: run, see whether what was read still stands, and either answer,
//! commit, or throw everything away and run again.

use crate::attempt::{Attempt, Ended, GuestCall, Prepared, run};
use crate::engine::Inner;
use crate::quick::{Function, Lap, OneLap, OneLapEnded};
use crate::segments::KnownParts;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;
use tsudoi_kernel::calls::{Answered, CallContext, CallError, CallId, Failure};
use tsudoi_kernel::changes::{Change, Read, ReadSet};
use tsudoi_kernel::files::FileClaim;
use tsudoi_kernel::ports::{Commit, Committed, DataError, Scope};

/// From this rerun on a call takes its turn alone.
const TURN_FROM: u32 = 2;

/// Whether the outcome of a run counts.
enum Standing {
    /// Everything that was read held at this number of the clock.
    At(u64),
    /// Others changed something in between.
    Torn,
    /// Visitor, installation or organisation have changed since the caller loaded them: running again with the same
    /// ones can't help, the caller has to begin anew.
    Outdated,
}

/// A query's run that counts, with the number of the clock that it is true for.
pub struct Ran<A> {
    pub attempt: Attempt<A>,
    pub number: u64,
    pub reruns: u32,
}

/// Stops a run whose caller has gone.
struct StopOnDrop(AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn host_failed() -> CallError {
    CallError::Trapped("the host failed while it served this plugin".to_owned())
}

pub fn unavailable(error: DataError) -> CallError {
    CallError::Unavailable(error.to_string())
}

fn scope_of(context: &CallContext) -> Scope {
    Scope { organisation: context.organisation.id, installation: context.installation.id }
}

impl Inner {
    /// A query: reads, and answers what held at one moment.
    pub async fn query<C: GuestCall>(&self, context: &CallContext, call: &Arc<C>) -> Result<Ran<C::Answer>, CallError> {
        let prepared = self.prepared(&context.installation.package_hash).await?;
        for rerun in 0..=self.ports.limits.reruns {
            let _alone = match rerun >= TURN_FROM {
                true => Some(self.turns.alone(scope_of(context), self.wall()).await?),
                false => None,
            };
            let attempt = self.attempt(&prepared, context, call).await?;
            match self.standing(context, &attempt).await? {
                Standing::At(number) => return Ok(Ran { attempt, number, reruns: rerun }),
                Standing::Torn => {}
                Standing::Outdated => return Err(CallError::Busy),
            }
        }
        Err(CallError::Busy)
    }

    /// A command: reads and writes, and answers once everything is committed.
    pub async fn command<C: GuestCall>(&self, context: CallContext, call_id: CallId, call: C) -> Result<Answered<C::Answer>, CallError> {
        let scope = scope_of(&context);
        // Its documents are being copied into the next version: what was written now would be lost with the old one. A
        // command that began before is refused by its commit, since the installation that it read has changed.
        if context.installation.upgrading {
            return Err(CallError::Busy);
        }
        if let Some(answer) = self.ports.data.answer_of(scope, call_id.clone()).await.map_err(unavailable)? {
            return first_answer(answer, &context, 0);
        }
        let prepared = self.prepared(&context.installation.package_hash).await?;
        let call = Arc::new(call);
        for rerun in 0..=self.ports.limits.reruns {
            let alone = match rerun >= TURN_FROM {
                true => Some(self.turns.alone(scope, self.wall()).await?),
                false => None,
            };
            let mut attempt = self.attempt(&prepared, &context, &call).await?;
            // An answer is checked by its commit. After a conflict it is checked here too, which tells a conflict with
            // what the caller gave from one that another run can mend.
            if rerun > 0 || !matches!(attempt.ended, Ended::Answered(_)) {
                match self.standing(&context, &attempt).await? {
                    Standing::At(_) => {}
                    Standing::Torn if attempt.fetched => return Err(CallError::Busy),
                    Standing::Torn => continue,
                    Standing::Outdated => return Err(CallError::Busy),
                }
            }
            let Ended::Answered(value) = &attempt.ended else {
                let number = attempt.latest;
                return finish(attempt, number, rerun);
            };
            let answer = serde_json::to_value(value).map_err(|error| CallError::Trapped(error.to_string()))?;
            let commit = Commit {
                scope,
                call_id: call_id.clone(),
                reads: attempt.reads.clone(),
                writes: std::mem::take(&mut attempt.writes),
                effects: std::mem::take(&mut attempt.effects),
                quota: self.quota,
                answer,
                at: self.ports.clock.now(),
            };
            let _shared = match alone.is_none() {
                true => Some(self.turns.share(scope, self.wall()).await?),
                false => None,
            };
            match self.ports.data.commit(commit).await {
                Ok(Committed::Done(number)) => {
                    attempt.claims.drain(..).for_each(FileClaim::stay);
                    return finish(attempt, number, rerun);
                }
                Ok(Committed::Already(answer)) => return first_answer(answer, &context, rerun),
                Ok(Committed::OverQuota) => {
                    let detail = "the plugin's storage for this organisation is full".to_owned();
                    return Err(CallError::Declined(Failure::Other { code: "quota".to_owned(), detail }));
                }
                // With nothing read but what the caller gave, the conflict lies there.
                Ok(Committed::Conflict) if given(&context, &attempt.reads).len() == attempt.reads.len() => return Err(CallError::Busy),
                // What went out can't be taken back: whoever asked for the action asks again, with the same id.
                Ok(Committed::Conflict) if attempt.fetched => return Err(CallError::Busy),
                Ok(Committed::Conflict) => {}
                // Whether the commit took effect is not known: the connection may have broken after it.
                Err(error) => {
                    attempt.claims.drain(..).for_each(FileClaim::stay);
                    return match self.ports.data.answer_of(scope, call_id.clone()).await {
                        Ok(Some(answer)) => first_answer(answer, &context, rerun),
                        Ok(None) | Err(_) => Err(unavailable(error)),
                    };
                }
            }
        }
        Err(CallError::Busy)
    }

    fn wall(&self) -> Duration {
        Duration::from_millis(self.ports.limits.wall_ms)
    }

    /// A run that comes to its end: one that asks who is in a segment is begun again with the answer.
    async fn attempt<C: GuestCall>(
        &self,
        prepared: &Arc<Prepared>,
        context: &CallContext,
        call: &Arc<C>,
    ) -> Result<Attempt<C::Answer>, CallError> {
        let mut parts = KnownParts::default();
        let mut attempt = self.attempt_with(prepared, context, call, &parts).await?;
        if !matches!(attempt.ended, Ended::Wants(_)) {
            return Ok(attempt);
        }
        let answers = async {
            while let Ended::Wants(question) = attempt.ended {
                let part = self.part_of_segment(context, question.clone()).await?;
                parts.add(question, part);
                attempt = self.attempt_with(prepared, context, call, &parts).await?;
            }
            Ok(attempt)
        };
        // All of it together may take as long as two calls: whoever waits for it has waited long enough then.
        tokio::time::timeout(2 * self.wall(), answers).await.map_err(|_| CallError::Busy)?
    }

    /// One run, once there is a place for it.
    async fn attempt_with<C: GuestCall>(
        &self,
        prepared: &Arc<Prepared>,
        context: &CallContext,
        call: &Arc<C>,
        parts: &KnownParts,
    ) -> Result<Attempt<C::Answer>, CallError> {
        let place = self.places.acquire(context.organisation.id).await?;
        let function = Function::of(context.installation.id, call.as_ref());
        let lap = Lap::default();
        let (ports, prepared, context, call) = (self.ports.clone(), prepared.clone(), context.clone(), call.clone());
        let (parts, its_lap) = (parts.clone(), lap.clone());
        let running = Box::pin(async move {
            // Held until the store is gone, also where the caller has stopped waiting.
            let _place = place;
            run(ports, prepared, context, call, parts, its_lap).await
        });
        let attempt = self.run_where_it_belongs(function, lap.clone(), running).await?;
        self.quick.note(function, !lap.is_over());
        match attempt {
            Attempt { ended: Ended::Busy, .. } => Err(CallError::Busy),
            Attempt { ended: Ended::Unavailable(reason), .. } => Err(CallError::Unavailable(reason)),
            attempt => Ok(attempt),
        }
    }

    /// On a guest thread; or, where the function has been quick of late, here for as long as its lap is not over.
    async fn run_where_it_belongs<A: Send + 'static>(
        &self,
        function: Function,
        lap: Lap,
        mut running: Pin<Box<impl Future<Output = Attempt<A>> + Send + 'static>>,
    ) -> Result<Attempt<A>, CallError> {
        if self.quick.may_begin_here(function) {
            match (OneLap { running: &mut running, lap }).await {
                OneLapEnded::Done(attempt) => return Ok(attempt),
                OneLapEnded::Panicked => return Err(host_failed()),
                OneLapEnded::Over => {}
            }
        }
        let task = self.guests.spawn(running);
        let _stop = StopOnDrop(task.abort_handle());
        match task.await {
            Ok(attempt) => Ok(attempt),
            Err(error) if error.is_panic() => Err(host_failed()),
            Err(_) => Err(CallError::Unavailable("the engine is shutting down".to_owned())),
        }
    }

    /// Reads of one number agree with each other. Where the numbers differ, what was read earlier is checked up to the
    /// last one: so nothing torn is ever shown, or held against the plugin.
    async fn standing<A>(&self, context: &CallContext, attempt: &Attempt<A>) -> Result<Standing, CallError> {
        let (reads, latest) = (&attempt.reads, attempt.latest);
        let earliest = reads.numbers().map_or(latest, |(earliest, _)| earliest);
        if earliest == latest {
            return Ok(Standing::At(latest));
        }
        let changes = self.ports.data.changes(context.organisation.id, earliest, latest).await.map_err(unavailable)?;
        Ok(match changes {
            // The log does not reach back to when the caller loaded the context: nor will it the next time.
            None => Standing::Outdated,
            Some(changes) if !touched(reads, &changes) => Standing::At(latest),
            Some(changes) if touched(&given(context, reads), &changes) => Standing::Outdated,
            Some(_) => Standing::Torn,
        })
    }
}

fn touched(reads: &ReadSet, changes: &[(u64, Change)]) -> bool {
    changes.iter().any(|(number, change)| reads.is_touched_by(*number, change))
}

/// The part of the reads that came with the context.
fn given(context: &CallContext, reads: &ReadSet) -> ReadSet {
    let visitor = context.visitor.member.as_ref().map(|member| member.id);
    let mut given = ReadSet::default();
    for (read, number) in reads.iter() {
        let came_along = match read {
            Read::Fact(_) => true,
            Read::Member(id) => Some(*id) == visitor,
            Read::Document { .. } | Read::Stretch { .. } | Read::Members => false,
        };
        if (came_along && number == context.number) || context.visitor.segments.depend_on(read, number) {
            given.add(read.clone(), number);
        }
    }
    given
}

pub fn finish<A>(attempt: Attempt<A>, number: u64, reruns: u32) -> Result<Answered<A>, CallError> {
    let Attempt { ended, reads, until, host_calls, written, .. } = attempt;
    match ended {
        Ended::Answered(value) => {
            Ok(Answered { reads: Arc::new(reads), until, reruns, host_calls, written, ..Answered::of(value, number) })
        }
        Ended::Declined(failure) => Err(CallError::Declined(failure)),
        Ended::Trapped(reason) => Err(CallError::Trapped(reason)),
        Ended::TimedOut => Err(CallError::TimedOut),
        Ended::Unavailable(reason) => Err(CallError::Unavailable(reason)),
        Ended::Busy | Ended::Wants(_) => Err(CallError::Busy),
    }
}

/// What was answered when this call was committed before.
fn first_answer<A: serde::de::DeserializeOwned>(
    answer: serde_json::Value,
    context: &CallContext,
    reruns: u32,
) -> Result<Answered<A>, CallError> {
    let value =
        serde_json::from_value(answer).map_err(|error| CallError::Unavailable(format!("the kept answer can't be read: {error}")))?;
    Ok(Answered { reruns, ..Answered::of(value, context.number) })
}

#[cfg(test)]
pub(crate) mod tests;
