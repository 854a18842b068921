//! `members-read`: members' records with the fields that the manifest names, the organisation granted and the operator's
//! policy permits.

use crate::bindings::members_read::{Host, MemberPage};
use crate::bindings::types;
use crate::segments::MOST_QUESTIONS;
use crate::state::{CallState, Refusal, Stop, answered, refusal};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use tsudoi_kernel::MemberId;
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::ports::{MemberRecord, MemberValues, SegmentQuestion, Stretch};
use uuid::Uuid;

const INTERFACE: &str = "members-read";
const MAX_IDS: usize = 1_000;

impl Host for CallState {
    async fn get(&mut self, ids: Vec<String>) -> wasmtime::Result<Result<Vec<Option<String>>, types::Error>> {
        self.enter(ids.iter().map(String::len).sum())?;
        answered(self.members(ids).await)
    }

    async fn in_segment(
        &mut self,
        segment: Option<String>,
        limit: u32,
        cursor: Option<String>,
    ) -> wasmtime::Result<Result<MemberPage, types::Error>> {
        self.enter(segment.as_ref().map_or(0, String::len) + cursor.as_ref().map_or(0, String::len))?;
        answered(self.members_of(segment.as_deref(), limit, cursor.as_deref()).await)
    }
}

/// What cursors of the list of all members, or of a segment's, are sealed for: no collection has this name.
fn list_of(segment: Option<&str>) -> Stretch {
    Stretch { collection: "\0members".into(), index: segment.unwrap_or_default().to_owned(), from: Vec::new(), to: Vec::new() }
}

impl CallState {
    /// A page of all members, or of a segment's.
    async fn members_of(&mut self, segment: Option<&str>, limit: u32, cursor: Option<&str>) -> Result<MemberPage, Refusal> {
        self.may_use(INTERFACE)?;
        if limit == 0 {
            return Err(refusal("malformed", "a limit of 0 shows nothing"));
        }
        let most = limit.min(MAX_IDS as u32);
        let scope = self.scope();
        let malformed = || refusal("malformed", "the cursor is not one of this list");
        let opened = cursor.map(|cursor| self.ports.cursors.open(scope, &list_of(segment), false, cursor)).transpose();
        let after =
            opened.map_err(|_| malformed())?.map(|last| Uuid::from_slice(&last).map(MemberId)).transpose().map_err(|_| malformed())?;
        let (ids, next) = match segment {
            None => self.some_of_all(after, most).await?,
            Some(segment) => self.some_of_segment(segment, after, most)?,
        };
        let next = next.map(|last| self.ports.cursors.seal(scope, &list_of(segment), false, last.0.as_bytes()));
        let shown = self.members(ids.iter().map(MemberId::to_string).collect()).await?;
        Ok(MemberPage { members: shown.into_iter().flatten().collect(), next })
    }

    /// Members by id, and the last of them where there are more.
    async fn some_of_all(&mut self, after: Option<MemberId>, most: u32) -> Result<(Vec<MemberId>, Option<MemberId>), Refusal> {
        let organisation = self.context.organisation.id;
        // One more than is shown tells whether there is a next page.
        let found = self.ask(move |data| async move { data.member_ids(organisation, after, most + 1).await }).await?;
        self.read(Read::Members, found.number);
        let mut ids = found.value;
        let more = ids.len() > most as usize;
        ids.truncate(most as usize);
        let next = ids.last().copied().filter(|_| more);
        Ok((ids, next))
    }

    /// As it was looked up before this run; where it was not, the run ends here and another one has it.
    fn some_of_segment(&mut self, segment: &str, after: Option<MemberId>, most: u32) -> Result<(Vec<MemberId>, Option<MemberId>), Refusal> {
        if !self.may_ask_segments {
            return Err(refusal("not-now", "a rule can't ask who is in a segment"));
        }
        let question = SegmentQuestion { segment: segment.to_owned(), after, most: most as usize };
        let Some(part) = self.parts.get(&question) else {
            if self.usage.fetches > 0 {
                return Err(refusal("not-now", "ask who is in a segment before anything is sent to the outside"));
            }
            if self.parts.are_all() {
                return Err(refusal("too-large", format!("at most {MOST_QUESTIONS} pages of segments in one call")));
            }
            return Err(self.end(Stop::Wants(question)).into());
        };
        for (read, number) in part.reads.iter() {
            self.read(read.clone(), number);
        }
        part.until.into_iter().for_each(|until| self.valid_until(until));
        let members = part.members.clone().ok_or_else(|| refusal("not-found", "no such segment"))?;
        Ok((members, part.next))
    }

    /// Of the fields that the plugin added, where it did.
    async fn added_values(&mut self, members: Vec<MemberId>) -> Result<HashMap<MemberId, MemberValues>, Refusal> {
        if self.context.installation.manifest.added_fields.is_empty() {
            return Ok(HashMap::new());
        }
        let (organisation, plugin) = (self.context.organisation.id, self.context.installation.manifest.id.clone());
        let asked = members.clone();
        let found = self.ask(move |data| async move { data.member_values(organisation, plugin, asked).await }).await?;
        for member in &members {
            self.read(Read::Member(*member), found.number);
        }
        Ok(members.into_iter().zip(found.value).collect())
    }

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
        let mut values = self.added_values(known).await?;
        let fields = self.context.installation.shown_member_fields(&self.ports.policy).cloned().collect::<Vec<_>>();
        let mut shown = Vec::with_capacity(ids.len());
        for id in &ids {
            let record = id.parse::<MemberId>().ok().and_then(|id| records.iter().find(|record| record.id == id));
            let record = record.map(|record| {
                let mut shown = shown_fields(&self.with_own_edits(record.clone()), &fields);
                if let Some(stored) = values.remove(&record.id) {
                    shown["added"] = json!(self.values_after_edits(record.id, stored));
                }
                shown.to_string()
            });
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
            "type" => json!(record.member_type),
            "status" => json!(record.status),
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
    use tsudoi_kernel::Timestamp;
    use tsudoi_kernel::policy::Policy;
    use tsudoi_kernel::ports::SegmentPart;

    #[tokio::test]
    async fn without_the_grant_no_member_is_shown() {
        let mut state = Bench::new().grant(&["store"]).state(Kind::Query);
        let denied = Host::get(&mut state, vec![Uuid::from_u128(1).to_string()]).await.unwrap().unwrap_err();
        assert_eq!(denied.code, "not-granted");
        let denied = Host::in_segment(&mut state, None, 10, None).await.unwrap().unwrap_err();
        assert_eq!(denied.code, "not-granted");
    }

    #[tokio::test]
    async fn all_members_come_page_by_page_and_who_joins_makes_the_list_another() {
        let bench = Bench::new().member_fields(&["display-name"]);
        for n in 1..=5 {
            bench.data.add_member(n, &format!("会員{n}"), None);
        }
        let mut state = bench.state(Kind::Query);
        let (mut names, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = Host::in_segment(&mut state, None, 2, cursor).await.unwrap().unwrap();
            names.extend(page.members.iter().filter_map(|json| json.split('員').nth(1)?.chars().next()));
            pages += 1;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!((names.iter().collect::<String>().as_str(), pages), ("12345", 3));
        assert!(state.reads.iter().any(|(read, _)| *read == Read::Members), "it depends on who there is");
        let refused = async |state: &mut CallState, segment: Option<&str>, limit, cursor: Option<&str>| {
            Host::in_segment(state, segment.map(Into::into), limit, cursor.map(Into::into)).await.unwrap().unwrap_err().code
        };
        assert_eq!(refused(&mut state, None, 0, None).await, "malformed");
        assert_eq!(refused(&mut state, None, 2, Some("AAAA")).await, "malformed");
    }

    #[tokio::test]
    async fn a_segment_is_looked_up_between_two_runs_and_what_that_depends_on_is_read() {
        let bench = Bench::new().member_fields(&["display-name"]);
        bench.data.add_member(1, "花子", None);
        let question = SegmentQuestion { segment: "list-1".into(), after: None, most: 5 };
        let mut state = bench.state(Kind::Query);
        Host::in_segment(&mut state, Some("list-1".into()), 5, None).await.unwrap_err();
        assert_eq!(state.stop, Some(Stop::Wants(question.clone())), "this run is over");

        let hanako = MemberId(Uuid::from_u128(1));
        let mut part = SegmentPart { members: Some(vec![hanako]), next: Some(hanako), ..SegmentPart::default() };
        part.reads.add(Read::Fact("what a rule read".into()), bench.data.number());
        part.until = Some(Timestamp::from_millis(7));
        let mut state = bench.state(Kind::Query);
        state.parts.add(question, part);
        state.parts.add(SegmentQuestion { segment: "gone".into(), after: None, most: 5 }, SegmentPart::default());
        let page = Host::in_segment(&mut state, Some("list-1".into()), 5, None).await.unwrap().unwrap();
        assert!(page.members.len() == 1 && page.members[0].contains("花子"), "{:?}", page.members);
        assert!(state.reads.iter().any(|(read, _)| *read == Read::Fact("what a rule read".into())));
        assert_eq!(state.until, Some(Timestamp::from_millis(7)));
        // The cursor is of this segment and no other list.
        let refused = Host::in_segment(&mut state, None, 5, page.next.clone()).await.unwrap().unwrap_err();
        assert_eq!(refused.code, "malformed");
        let gone = Host::in_segment(&mut state, Some("gone".into()), 5, None).await.unwrap().unwrap_err();
        assert_eq!(gone.code, "not-found");
        Host::in_segment(&mut state, Some("list-1".into()), 5, page.next).await.unwrap_err();
        assert_eq!(state.stop, Some(Stop::Wants(SegmentQuestion { segment: "list-1".into(), after: Some(hanako), most: 5 })));
    }

    #[tokio::test]
    async fn a_segment_is_not_looked_up_for_a_rule_nor_after_a_request_nor_without_end() {
        let refused =
            async |mut state: CallState| Host::in_segment(&mut state, Some("list-1".into()), 5, None).await.unwrap().unwrap_err().code;
        let bench = Bench::new().member_fields(&["display-name"]);
        let mut rule = bench.state(Kind::Query);
        rule.may_ask_segments = false;
        assert_eq!(refused(rule).await, "not-now");
        let mut sent = bench.state(Kind::Action);
        sent.usage.fetches = 1;
        assert_eq!(refused(sent).await, "not-now");
        let mut many = bench.state(Kind::Query);
        for most in 10..10 + MOST_QUESTIONS {
            many.parts.add(SegmentQuestion { segment: "list-1".into(), after: None, most }, SegmentPart::default());
        }
        assert_eq!(refused(many).await, "too-large");
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
