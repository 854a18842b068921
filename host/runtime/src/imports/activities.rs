//! `activities`: one line on a member's timeline, with a path of the plugin that opens it.

use crate::bindings::activities::Host;
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered, refusal};
use serde_json::Value;
use tsudoi_kernel::MemberId;
use tsudoi_kernel::calls::plugin_path;
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::effects::{Activity, Effect};
use tsudoi_kernel::ids::fresh_uuid;
use tsudoi_kernel::manifest::{Area, plugin_requests::redirect_path};

const INTERFACE: &str = "activities";
const MAX_KIND: usize = 64;
const MAX_SUMMARY: usize = 500;
const MAX_DATA: usize = 4 << 10;

impl Host for CallState {
    async fn record_activity(
        &mut self,
        member: String,
        kind: String,
        summary: String,
        path: Option<String>,
        data: String,
    ) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(member.len() + kind.len() + summary.len() + path.as_ref().map_or(0, String::len) + data.len())?;
        answered(self.recorded(&member, kind, summary, path, &data).await)
    }
}

impl CallState {
    async fn recorded(&mut self, member: &str, kind: String, summary: String, path: Option<String>, data: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let malformed = |detail: &str| refusal("malformed", detail);
        let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if kind.is_empty() || kind.len() > MAX_KIND || !is_word(&kind) {
            return Err(malformed("a kind is a word of a-z, 0-9 and -"));
        }
        let summary = summary.trim().to_owned();
        if summary.is_empty() || summary.chars().count() > MAX_SUMMARY || summary.chars().any(char::is_control) {
            return Err(malformed("a summary is one line of at most 500 characters"));
        }
        let plugin = &self.context.installation.manifest.id;
        // One of its own in full means the same.
        let prefix = plugin_path(Area::Site, plugin, "/");
        let path = path.map(|path| path.strip_prefix(&prefix).map(str::to_owned).unwrap_or(path));
        if path.as_deref().is_some_and(|path| path.starts_with('/') || redirect_path(Area::Site, plugin, path).is_none()) {
            return Err(malformed("a path is one below the plugin's own"));
        }
        if data.len() > MAX_DATA {
            return Err(refusal("too-large", format!("the data of an activity has at most {MAX_DATA} bytes")));
        }
        let data: Value = serde_json::from_str(data).map_err(|error| refusal("malformed", format!("the data is not JSON: {error}")))?;
        let member = self.known_member(member).await?;
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        self.effect(Effect::RecordActivity(Activity { id, member, kind, summary, path, data }))
    }

    /// The member with this id; `not-found` where there is none. That it was asked goes into the read set.
    pub(super) async fn known_member(&mut self, id: &str) -> Result<MemberId, Refusal> {
        let unknown = || refusal("not-found", "no such member");
        let id = id.parse::<MemberId>().map_err(|_| unknown())?;
        let organisation = self.context.organisation.id;
        let found = self.ask(move |data| async move { data.members(organisation, vec![id]).await }).await?;
        self.read(Read::Member(id), found.number);
        if found.value.iter().flatten().any(|record| record.id == id) { Ok(id) } else { Err(unknown()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;
    use uuid::Uuid;

    async fn record(state: &mut CallState, member: u128, path: Option<&str>) -> Result<(), String> {
        let member = Uuid::from_u128(member).to_string();
        let answer = Host::record_activity(state, member, "post".into(), "投稿しました".into(), path.map(Into::into), "{}".into());
        answer.await.unwrap().map_err(|error| error.code)
    }

    #[tokio::test]
    async fn a_line_waits_for_the_commit_and_is_about_a_member_that_there_is() {
        let bench = Bench::new().permit("activities");
        bench.data.add_member(1, "花子", None);
        let mut state = bench.state(Kind::Command);
        assert_eq!(record(&mut state, 1, Some("threads/1")).await, Ok(()));
        assert_eq!(record(&mut state, 2, None).await, Err("not-found".into()));
        assert_eq!(record(&mut state, 1, Some("//evil.example")).await, Err("malformed".into()));
        assert!(matches!(&state.effects[..], [Effect::RecordActivity(activity)] if activity.summary == "投稿しました"));
    }

    #[tokio::test]
    async fn a_query_and_a_plugin_without_the_grant_record_nothing() {
        let bench = Bench::new().permit("activities");
        bench.data.add_member(1, "花子", None);
        assert_eq!(record(&mut bench.state(Kind::Query), 1, None).await, Err("read-only".into()));
        assert_eq!(record(&mut bench.grant(&["store"]).state(Kind::Command), 1, None).await, Err("not-granted".into()));
    }
}
