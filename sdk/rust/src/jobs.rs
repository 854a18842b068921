//! Jobs: work that nobody waits for. The manifest declares them; those with a `cron` line run by themselves. Asking for
//! one needs the permission `jobs-enqueue`.

use crate::Timestamp;
use crate::bindings::imports::tsudoi::plugin::jobs_enqueue;
use crate::bindings::jobs::exports::tsudoi::plugin::jobs;
use crate::failure::{Error, Failure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// When a job runs, and which one it takes the place of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    at: Option<Timestamp>,
    key: Option<String>,
}

impl When {
    pub fn now() -> Self {
        Self::default()
    }

    pub fn at(instant: Timestamp) -> Self {
        Self { at: Some(instant), key: None }
    }

    /// One job with this key waits at most: a later one takes its place, unless it is running already.
    pub fn keyed(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}

/// Runs a job that the manifest declares, once this call has succeeded.
///
/// ```no_run
/// use tsudoi_plugin::{Error, Id, Timestamp, When, jobs};
///
/// fn remind(event: &Id, at: Timestamp) -> Result<(), Error> {
///     jobs::enqueue("remind", &serde_json::json!({ "event": event }), When::at(at).keyed(event.as_str()))
/// }
/// ```
pub fn enqueue(job: &str, payload: &impl Serialize, when: When) -> Result<(), Error> {
    jobs_enqueue::enqueue(job, &serde_json::to_string(payload)?, when.at, when.key.as_deref())
}

/// A job with this key does not run after all, unless it is running already.
pub fn cancel(job: &str, key: &str) -> Result<(), Error> {
    jobs_enqueue::cancel(job, key)
}

/// A job that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub name: String,
    /// `{}` for a scheduled one.
    pub payload: Value,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// The same in every try: for services outside that can tell a repetition by it.
    pub idempotency_key: String,
}

impl Job {
    pub(crate) fn from_contract(job: jobs::Job) -> Result<Self, Failure> {
        let payload = serde_json::from_str(&job.payload)?;
        Ok(Self { name: job.name, payload, attempt: job.attempt, idempotency_key: job.idempotency_key })
    }

    /// What it carries.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        Ok(serde_json::from_value(self.payload.clone())?)
    }
}
