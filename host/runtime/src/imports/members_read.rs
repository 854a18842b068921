//! `members-read`: members' records with the fields that the manifest names, the organisation granted and the operator's
//! policy permits.

use crate::bindings::members_read::{Host, MemberPage};
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered, refusal};
use serde_json::{Map, Value, json};
use tsudoi_kernel::MemberId;
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::ports::MemberRecord;

const INTERFACE: &str = "members-read";
const MAX_IDS: usize = 1_000;

impl Host for CallState {
    async fn get(&mut self, ids: Vec<String>) -> wasmtime::Result<Result<Vec<Option<String>>, types::Error>> {
        self.enter(ids.iter().map(String::len).sum())?;
        answered(self.members(ids).await)
    }

    async fn in_segment(
        &mut self,
        _segment: Option<String>,
        _limit: u32,
        _cursor: Option<String>,
    ) -> wasmtime::Result<Result<MemberPage, types::Error>> {
        self.enter(0)?;
        let denied = self.may_use(INTERFACE);
        answered(denied.and(Err(refusal("not-served", "this version of the host does not list members yet"))))
    }
}

impl CallState {
    async fn members(&mut self, ids: Vec<String>) -> Result<Vec<Option<String>>, Refusal> {
        self.may_use(INTERFACE)?;
        if ids.len() > MAX_IDS {
            return Err(refusal("too-large", format!("at most {MAX_IDS} ids at once")));
        }
        // What is not an id has no member.
        let known = ids.iter().filter_map(|id| id.parse::<MemberId>().ok()).collect::<Vec<_>>();
        if known.is_empty() {
            return Ok(vec![None; ids.len()]);
        }
        self.count_read(known.len())?;
        let organisation = self.context.organisation.id;
        let asked = known.clone();
        let found = self.ask(move |data| async move { data.members(organisation, asked).await }).await?;
        for id in &known {
            self.read(Read::Member(*id), found.number);
        }
        let records = found.value.into_iter().flatten().collect::<Vec<_>>();
        let fields = self.context.installation.shown_member_fields(&self.ports.policy).cloned().collect::<Vec<_>>();
        let mut shown = Vec::with_capacity(ids.len());
        for id in &ids {
            let record = id.parse::<MemberId>().ok().and_then(|id| records.iter().find(|record| record.id == id));
            let record = record.map(|record| shown_fields(record, &fields).to_string());
            self.carry(record.as_ref().map_or(0, String::len))?;
            shown.push(record);
        }
        Ok(shown)
    }
}

fn shown_fields(record: &MemberRecord, fields: &[String]) -> Value {
    let mut shown = Map::from_iter([("id".to_owned(), json!(record.id))]);
    for field in fields {
        let value = match field.as_str() {
            "display-name" => json!(record.display_name),
            "tier" => json!(record.tier),
            "labels" => json!(record.labels),
            "joined-on" => json!(record.joined_on),
            // The manifest was checked: there are no others.
            _ => continue,
        };
        shown.insert(field.clone(), value);
    }
    Value::Object(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;
    use tsudoi_kernel::policy::Policy;
    use uuid::Uuid;

    #[tokio::test]
    async fn without_the_grant_no_member_is_shown() {
        let mut state = Bench::new().grant(&["store"]).state(Kind::Query);
        let denied = Host::get(&mut state, vec![Uuid::from_u128(1).to_string()]).await.unwrap().unwrap_err();
        assert_eq!(denied.code, "not-granted");
        let denied = Host::in_segment(&mut state, None, 10, None).await.unwrap().unwrap_err();
        assert_eq!(denied.code, "not-granted");
    }

    #[tokio::test]
    async fn a_field_that_was_not_granted_or_that_the_operator_forbids_is_not_shown() {
        let shown = async |bench: Bench| {
            bench.data.add_member(1, "花子", Some("gold"));
            let mut state = bench.state(Kind::Query);
            Host::get(&mut state, vec![Uuid::from_u128(1).to_string()]).await.unwrap().unwrap().remove(0).unwrap()
        };
        let bench = || Bench::new().member_fields(&["display-name", "tier"]);
        let everything = shown(bench()).await;
        assert!(everything.contains("花子") && everything.contains("gold"), "{everything}");
        let narrower = shown(bench().grant_member_fields(&["tier", "joined-on"])).await;
        assert_eq!(narrower, r#"{"id":"00000000-0000-0000-0000-000000000001","tier":"gold"}"#);
        let policy = Policy { forbid_member_fields: vec!["tier".into()], ..Policy::default() };
        assert!(!shown(bench().policy(policy)).await.contains("gold"));
    }

    #[tokio::test]
    async fn the_operators_policy_stands_above_every_grant() {
        for policy in [
            Policy { forbid_permissions: vec!["members-read".into()], ..Policy::default() },
            Policy { forbid_permissions: vec!["sample:members-read".into()], ..Policy::default() },
            Policy { allow: vec!["another".into()], ..Policy::default() },
        ] {
            let bench = Bench::new().policy(policy);
            bench.data.add_member(1, "花子", None);
            let denied = Host::get(&mut bench.state(Kind::Query), vec![Uuid::from_u128(1).to_string()]).await.unwrap().unwrap_err();
            assert_eq!(denied.code, "not-granted");
        }
    }

    #[tokio::test]
    async fn only_the_fields_that_were_asked_for_are_shown() {
        let bench = Bench::new().member_fields(&["display-name"]);
        bench.data.add_member(1, "花子", Some("gold"));
        let mut state = bench.state(Kind::Query);
        let ids = vec![Uuid::from_u128(1).to_string(), Uuid::from_u128(2).to_string(), "nobody".to_owned()];
        let shown = Host::get(&mut state, ids).await.unwrap().unwrap();
        assert_eq!(shown, [Some(r#"{"id":"00000000-0000-0000-0000-000000000001","display-name":"花子"}"#.to_owned()), None, None]);
        let members = state.reads.iter().filter(|(read, _)| matches!(read, Read::Member(_))).count();
        assert_eq!(members, 2, "that there is no such member was learned too");
    }
}
