//! Queries on their way through the cache.

use super::fingerprint::{Fingerprint, Key};
use super::flights::{Seat, landed};
use super::{Fresh, Look};
use crate::attempt::{Block, Ended, GuestCall, Rule, View};
use crate::call::{Ran, finish, unavailable};
use crate::engine::Inner;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tsudoi_kernel::calls::{Answered, CallContext, CallError, Failure, Rendering, Reply};

/// How often one waits for others who run the same call, before running it oneself.
const PATIENCE: u32 = 3;

/// A call whose answer can be kept.
pub trait Query: GuestCall<Answer: Clone + Send + Sync> {
    /// Puts the export and everything that goes into it into a key.
    fn add_to(&self, key: &mut Fingerprint);
    /// About how many bytes an answer takes.
    fn size(answer: &Self::Answer) -> usize;
}

impl Query for View {
    fn add_to(&self, key: &mut Fingerprint) {
        let request = &self.0;
        key.text("pages.view").text(&request.route).pairs(&request.parameters).pairs(&request.query).pairs(&request.form);
        key.text(&request.body.as_ref().map(Value::to_string).unwrap_or_default());
    }

    fn size(answer: &Reply) -> usize {
        match answer {
            Reply::View(rendering) => Block::size(rendering),
            Reply::Redirect(path) => path.len(),
            Reply::Json(value) => size_of(value),
            Reply::StoredFile(id) => size_of_val(id),
            Reply::Download { bytes, name, media_type } => bytes.len() + name.len() + media_type.len(),
        }
    }
}

impl Query for Block {
    fn add_to(&self, key: &mut Fingerprint) {
        key.text("blocks.render").text(&self.name).text(&self.parameters.to_string());
    }

    fn size(answer: &Rendering) -> usize {
        answer.template.len() + answer.title.as_ref().map_or(0, String::len) + size_of(&answer.data)
    }
}

impl Query for Rule {
    fn add_to(&self, key: &mut Fingerprint) {
        key.text("rules.evaluate").text(&self.name).text(&self.parameters.to_string()).number(self.members.len() as u64);
        for member in &self.members {
            key.bytes(member.0.as_bytes());
        }
    }

    fn size(answer: &Vec<bool>) -> usize {
        answer.len()
    }
}

/// In memory, about.
fn size_of(value: &Value) -> usize {
    const EACH: usize = 40;
    EACH + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(size_of).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| EACH + name.len() + size_of(value)).sum(),
    }
}

fn base_key(context: &CallContext, call: &impl Query) -> Key {
    let installation = &context.installation;
    let mut key = Fingerprint::of("base");
    key.bytes(context.organisation.id.0.as_bytes()).bytes(installation.id.0.as_bytes()).text(&installation.package_hash);
    key.number(installation.granted.len() as u64);
    for interface in &installation.granted {
        key.text(interface);
    }
    key.number(installation.member_fields.len() as u64);
    for field in &installation.member_fields {
        key.text(field);
    }
    call.add_to(&mut key);
    key.finish()
}

impl Inner {
    /// From memory where that is true at the visit's clock; else by a run, which is kept for the next one.
    pub async fn answer<C: Query>(&self, context: CallContext, call: C) -> Result<Answered<C::Answer>, CallError> {
        let base = self.cache.keeps_answers().then(|| base_key(&context, &call));
        let mut patience = PATIENCE;
        let _flight = loop {
            let Some(base) = base else { break None };
            match self.cache.look::<C::Answer>(base, &context, self.ports.clock.now()) {
                Look::Found(answer) => return *answer,
                Look::Behind(from) => self.catch_up(&context, from, context.number).await?,
                Look::Nothing(Some(key)) if patience > 0 => match self.cache.flights.board(key) {
                    Seat::Pilot(flight) => break Some(flight),
                    Seat::Passenger(landing) => {
                        patience -= 1;
                        let wait = Duration::from_millis(self.ports.limits.wait_ms);
                        tokio::time::timeout(wait, landed(landing)).await.map_err(|_| CallError::Busy)?;
                    }
                },
                Look::Nothing(_) => break None,
            }
        };
        let Ran { mut attempt, number, reruns } = self.query(&context, &Arc::new(call)).await?;
        let shared = std::mem::take(&mut attempt.shared);
        let visitor_reads = crate::facts::reads_of(&context.visitor, shared.facts.asked());
        let reads = Arc::new(shared.reads.unwrap_or_else(|| std::mem::take(&mut attempt.reads)));
        let of_member = shared.facts.are_of_member();
        let value = base.and_then(|base| match &attempt.ended {
            Ended::Answered(value) => Some((base, Ok(value.clone()), C::size(value))),
            // What is not there, or not for this visitor, stays so until something is changed, like any other answer.
            Ended::Declined(failure @ (Failure::NotFound | Failure::Forbidden)) => Some((base, Err(failure.clone()), 0)),
            _ => None,
        });
        let mut kept = None;
        if let (Some((base, value, size)), Some(facts)) = (value, shared.facts.all()) {
            let (until, host_calls) = (attempt.until, attempt.host_calls);
            // Where a change between the visit and the run can't be had now, the answer is given and not kept.
            if self.catch_up(&context, self.known_to(&context), number).await.is_ok() {
                let fresh = Fresh { value, facts, reads: reads.clone(), until, number, host_calls, size };
                kept = self.cache.keep(base, &context, self.ports.clock.now(), fresh);
            }
        }
        Ok(Answered { reads, visitor_reads, of_member, kept, ..finish(attempt, number, reruns)? })
    }

    fn known_to(&self, context: &CallContext) -> u64 {
        super::lock(&self.cache.log(context.organisation.id, context.number)).number()
    }

    /// Reads what the log lacks from the database. Of this process's own commits it was told already.
    async fn catch_up(&self, context: &CallContext, from: u64, to: u64) -> Result<(), CallError> {
        if from < to {
            let changes = self.ports.data.changes(context.organisation.id, from, to).await.map_err(unavailable)?;
            self.cache.caught_up(context.organisation.id, to, changes);
        }
        Ok(())
    }
}
