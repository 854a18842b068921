//! `members-write`: a member's tier and labels, of those that the organisation has, and the fields that the plugin added. They
//! change with the commit, and this call's own reads see them before.

use crate::bindings::members_write::Host;
use crate::bindings::types;
use crate::loggable;
use crate::state::{CallState, Refusal, answered, refusal};
use serde_json::Value;
use tsudoi_kernel::MemberId;
use tsudoi_kernel::changes::Read;
use tsudoi_kernel::effects::{Effect, MemberChange, MemberEdit};
use tsudoi_kernel::ids::fresh_uuid;
use tsudoi_kernel::ports::{MemberRecord, MemberValues};

const INTERFACE: &str = "members-write";

impl Host for CallState {
    async fn set_field(&mut self, member: String, field: String, value: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(member.len() + field.len() + value.len())?;
        answered(self.set_value(&member, field, &value).await)
    }

    async fn set_label(&mut self, member: String, label: String, present: bool) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(member.len() + label.len())?;
        answered(self.edit(&member, MemberEdit::Label { label, present }).await)
    }

    async fn set_tier(&mut self, member: String, tier: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(member.len() + tier.len())?;
        answered(self.edit(&member, MemberEdit::Tier { tier }).await)
    }
}

impl CallState {
    async fn set_value(&mut self, member: &str, field: String, value: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let installation = self.context.installation.clone();
        let Some(added) = installation.manifest.added_fields.get(&field) else {
            return Err(refusal("undeclared", format!("the manifest adds no field `{}`", loggable(&field, 80))));
        };
        let value = serde_json::from_str::<Value>(value).map_err(|_| refusal("malformed", "the value is no JSON"))?;
        if !value.is_null()
            && let Err(misfit) = added.value.check(&value)
        {
            return Err(refusal("malformed", format!("the field `{field}` can't hold this: {}", misfit.message().0)));
        }
        let member = self.known_member(member).await?;
        self.change(member, MemberEdit::Value { field, value })
    }

    fn change(&mut self, member: MemberId, edit: MemberEdit) -> Result<(), Refusal> {
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        let plugin = self.context.installation.manifest.id.clone();
        self.effect(Effect::ChangeMember(MemberChange { id, plugin, member, edit }))
    }

    async fn edit(&mut self, member: &str, edit: MemberEdit) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let organisation = self.context.organisation.id;
        let audience = self.ask(move |data| async move { data.audience_keys(organisation).await }).await?;
        let (fact, known) = match &edit {
            MemberEdit::Tier { tier } => ("tiers", audience.value.tiers.contains(tier)),
            MemberEdit::Label { label, .. } => ("labels", audience.value.labels.contains(label)),
            MemberEdit::Value { .. } => return Err(refusal("malformed", "a field is no tier and no label")),
        };
        self.read(Read::Fact(fact.to_owned()), audience.number);
        if !known {
            return Err(refusal("not-found", "the organisation has no tier or label of this name"));
        }
        let member = self.known_member(member).await?;
        self.change(member, edit)
    }

    /// What the fields that the plugin added hold for a member: what this call has set, what was stored as far as the
    /// declaration still permits it, and else the default.
    pub(super) fn values_after_edits(&self, member: MemberId, mut stored: MemberValues) -> MemberValues {
        for effect in &self.effects {
            if let Effect::ChangeMember(MemberChange { member: edited, edit: MemberEdit::Value { field, value }, .. }) = effect
                && *edited == member
            {
                stored.insert(field.clone(), value.clone());
            }
        }
        let manifest = &self.context.installation.manifest;
        let values = manifest.added_fields.iter().filter_map(|(name, added)| Some((name.clone(), added.held(stored.remove(name))?)));
        values.collect()
    }

    pub(super) fn with_own_edits(&self, mut record: MemberRecord) -> MemberRecord {
        for effect in &self.effects {
            let Effect::ChangeMember(MemberChange { member, edit, .. }) = effect else { continue };
            if *member != record.id {
                continue;
            }
            match edit {
                MemberEdit::Tier { tier } => record.tier = Some(tier.clone()),
                MemberEdit::Label { label, present } => {
                    record.labels.retain(|held| held != label);
                    if *present {
                        record.labels.push(label.clone());
                        record.labels.sort_unstable();
                    }
                }
                MemberEdit::Value { .. } => {}
            }
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::members_read;
    use crate::state::Kind;
    use crate::testing::Bench;
    use uuid::Uuid;

    fn bench() -> Bench {
        let bench = Bench::new().permit("members-write").member_fields(&["tier", "labels"]);
        bench.data.add_member(1, "花子", Some("silver"));
        bench
    }

    fn hanako() -> String {
        Uuid::from_u128(1).to_string()
    }

    async fn tier(state: &mut CallState, member: &str, tier: &str) -> Result<(), String> {
        Host::set_tier(state, member.into(), tier.into()).await.unwrap().map_err(|error| error.code)
    }

    #[tokio::test]
    async fn a_change_waits_for_the_commit_and_is_seen_by_its_own_call() {
        let mut state = bench().state(Kind::Command);
        tier(&mut state, &hanako(), "gold").await.unwrap();
        Host::set_label(&mut state, hanako(), "press".into(), true).await.unwrap().unwrap();
        assert_eq!(state.effects.len(), 2);
        let shown = members_read::Host::get(&mut state, vec![hanako()]).await.unwrap().unwrap().remove(0).unwrap();
        assert!(shown.contains(r#""tier":"gold""#) && shown.contains(r#""labels":["press"]"#), "{shown}");
        Host::set_label(&mut state, hanako(), "press".into(), false).await.unwrap().unwrap();
        let shown = members_read::Host::get(&mut state, vec![hanako()]).await.unwrap().unwrap().remove(0).unwrap();
        assert!(shown.contains(r#""labels":[]"#), "{shown}");
    }

    #[tokio::test]
    async fn only_what_there_is_can_be_given_and_only_to_members() {
        let mut state = bench().state(Kind::Command);
        assert_eq!(tier(&mut state, &hanako(), "platinum").await, Err("not-found".into()));
        assert_eq!(tier(&mut state, &Uuid::from_u128(9).to_string(), "gold").await, Err("not-found".into()));
        assert_eq!(tier(&mut state, "nobody", "gold").await, Err("not-found".into()));
        assert!(state.effects.is_empty());
        assert!(state.reads.iter().any(|(read, _)| *read == Read::Fact("tiers".into())), "a tier that comes makes it another answer");
    }

    #[tokio::test]
    async fn without_the_grant_and_in_a_query_nothing_changes() {
        let mut ungranted = Bench::new().grant(&["members-read"]).state(Kind::Command);
        assert_eq!(tier(&mut ungranted, &hanako(), "gold").await, Err("not-granted".into()));
        assert_eq!(tier(&mut bench().state(Kind::Query), &hanako(), "gold").await, Err("read-only".into()));
    }
}
