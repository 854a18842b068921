//! `jobs-enqueue`: running a declared job now or later, and not running it after all, with the commit.

use crate::bindings::jobs_enqueue::Host;
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered, refusal};
use tsudoi_kernel::Timestamp;
use tsudoi_kernel::background::Enqueued;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ids::fresh_uuid;

const INTERFACE: &str = "jobs-enqueue";
/// The contract's own bound for instants.
const LATEST: u64 = 1 << 53;

impl Host for CallState {
    fn enqueue(
        &mut self,
        job: String,
        payload: String,
        run_at: Option<u64>,
        key: Option<String>,
    ) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(job.len() + payload.len() + key.as_ref().map_or(0, String::len))?;
        answered(self.enqueued(job, &payload, run_at, key))
    }

    fn cancel(&mut self, job: String, key: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(job.len() + key.len())?;
        answered(self.cancelled(job, key))
    }
}

impl CallState {
    fn enqueued(&mut self, name: String, payload: &str, run_at: Option<u64>, key: Option<String>) -> Result<(), Refusal> {
        self.may_schedule(&name)?;
        let run_at = match run_at {
            Some(instant) if instant >= LATEST => return Err(refusal("malformed", "an instant is below 2^53")),
            other => other.map(|instant| Timestamp::from_millis(instant as i64)),
        };
        let key = key.map(|key| self.key(key)).transpose()?;
        let payload = self.payload(payload)?;
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        self.effect(Effect::Enqueue(Enqueued { id, name, payload, run_at, key, depth: self.depth }))
    }

    fn cancelled(&mut self, job: String, key: String) -> Result<(), Refusal> {
        self.may_schedule(&job)?;
        let key = self.key(key)?;
        self.effect(Effect::Cancel { job, key })
    }

    fn may_schedule(&self, job: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        match self.context.installation.manifest.job(job) {
            Some(_) => Ok(()),
            None => Err(refusal("undeclared", "the manifest declares no job of this name")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;

    fn enqueue(state: &mut CallState, job: &str, run_at: Option<u64>) -> Result<(), String> {
        Host::enqueue(state, job.into(), "{}".into(), run_at, Some("k".into())).unwrap().map_err(|error| error.code)
    }

    fn bench() -> Bench {
        Bench::new().permit("jobs-enqueue").background()
    }

    #[test]
    fn a_job_waits_for_the_commit_and_can_be_taken_back() {
        let mut state = bench().state(Kind::Command);
        state.depth = 3;
        assert_eq!(enqueue(&mut state, "nightly", Some(5)), Ok(()));
        assert_eq!(Host::cancel(&mut state, "nightly".into(), "k".into()).unwrap().map_err(|error| error.code), Ok(()));
        let [Effect::Enqueue(job), Effect::Cancel { .. }] = &state.effects[..] else { panic!("two effects wait") };
        assert_eq!((job.run_at, job.key.as_deref(), job.depth), (Some(Timestamp::from_millis(5)), Some("k"), 3));
        assert_eq!(enqueue(&mut state, "hourly", None), Err("undeclared".into()));
        assert_eq!(enqueue(&mut state, "nightly", Some(u64::MAX)), Err("malformed".into()));
    }

    #[test]
    fn a_query_and_a_plugin_without_the_grant_enqueue_nothing() {
        assert_eq!(enqueue(&mut bench().state(Kind::Query), "nightly", None), Err("read-only".into()));
        assert_eq!(enqueue(&mut bench().grant(&["store"]).state(Kind::Command), "nightly", None), Err("not-granted".into()));
    }
}
