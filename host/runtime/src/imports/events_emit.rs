//! `events-emit`: telling every subscriber, with the commit. The topic becomes `<plugin id>.<name>`.

use crate::bindings::events_emit::Host;
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered, refusal};
use serde_json::Value;
use tsudoi_kernel::background::Emitted;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ids::fresh_uuid;

const INTERFACE: &str = "events-emit";
/// Bytes of an order key, and of a job's key.
pub(super) const MAX_KEY: usize = 200;

impl Host for CallState {
    fn emit(&mut self, name: String, order_key: String, payload: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(name.len() + order_key.len() + payload.len())?;
        answered(self.emitted(&name, order_key, &payload))
    }
}

impl CallState {
    fn emitted(&mut self, name: &str, order_key: String, payload: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let manifest = &self.context.installation.manifest;
        if !manifest.topics.iter().any(|topic| topic.name == name) {
            return Err(refusal("undeclared", "the manifest declares no topic of this name"));
        }
        let depth = self.depth + 1;
        if depth > self.ports.limits.event_depth {
            let most = self.ports.limits.event_depth;
            return Err(refusal("too-deep", format!("{most} events have led to this one already: they may go round in a circle")));
        }
        let topic = format!("{}.{name}", manifest.id);
        let order_key = self.key(order_key)?;
        let payload = self.payload(payload)?;
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        self.effect(Effect::Emit(Emitted { id, topic, order_key, payload, depth }))
    }

    pub(super) fn key(&self, key: String) -> Result<String, Refusal> {
        if key.len() > MAX_KEY {
            return Err(refusal("too-large", format!("a key has at most {MAX_KEY} bytes")));
        }
        if key.chars().any(char::is_control) { Err(refusal("malformed", "a key has no control characters")) } else { Ok(key) }
    }

    pub(super) fn payload(&self, payload: &str) -> Result<Value, Refusal> {
        let most = self.ports.limits.payload_bytes;
        if payload.len() > most {
            return Err(refusal("too-large", format!("what is carried has at most {most} bytes")));
        }
        let payload: Value =
            serde_json::from_str(payload).map_err(|error| refusal("malformed", format!("what is carried is not JSON: {error}")))?;
        // PostgreSQL's text has no such character.
        if payload.to_string().contains("\\u0000") {
            Err(refusal("malformed", "what is carried has a zero character"))
        } else {
            Ok(payload)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;

    fn emit(state: &mut CallState, name: &str, payload: &str) -> Result<(), String> {
        Host::emit(state, name.into(), "thread-1".into(), payload.into()).unwrap().map_err(|error| error.code)
    }

    fn bench() -> Bench {
        Bench::new().permit("events-emit").background()
    }

    #[test]
    fn an_event_waits_for_the_commit_under_the_plugins_own_name() {
        let mut state = bench().state(Kind::Command);
        assert_eq!(emit(&mut state, "posted", r#"{"post":1}"#), Ok(()));
        let [Effect::Emit(event)] = &state.effects[..] else { panic!("one event waits") };
        assert_eq!((event.topic.as_str(), event.order_key.as_str(), event.depth), ("sample.posted", "thread-1", 1));
        assert_eq!(emit(&mut state, "other", "{}"), Err("undeclared".into()));
        assert_eq!(emit(&mut state, "posted", "{"), Err("malformed".into()));
        assert_eq!(emit(&mut state, "posted", &format!("\"{}\"", "x".repeat(70_000))), Err("too-large".into()));
    }

    #[test]
    fn a_chain_of_events_comes_to_an_end() {
        let mut state = bench().state(Kind::Command);
        state.depth = 7;
        assert_eq!(emit(&mut state, "posted", "{}"), Ok(()));
        state.depth = 8;
        assert_eq!(emit(&mut state, "posted", "{}"), Err("too-deep".into()));
    }

    #[test]
    fn a_query_and_a_plugin_without_the_grant_tell_nothing() {
        assert_eq!(emit(&mut bench().state(Kind::Query), "posted", "{}"), Err("read-only".into()));
        assert_eq!(emit(&mut bench().grant(&["store"]).state(Kind::Command), "posted", "{}"), Err("not-granted".into()));
    }
}
