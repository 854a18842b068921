//! `notify`: mails from the plugin's own texts, to members who want them or to the staff who look after something. They
//! are written with the commit, to the addresses that there are then; a plugin never sees an address.

use crate::bindings::notify::Host;
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered, refusal};
use serde_json::Value;
use tsudoi_kernel::effects::{Addressees, Effect, Notice};
use tsudoi_kernel::ids::fresh_uuid;
use tsudoi_kernel::manifest::MailTo;
use tsudoi_kernel::{MemberId, Permission};

const INTERFACE: &str = "notify";
const MAX_MEMBERS: usize = 1_000;
/// In characters.
const MAX_SUBJECT: usize = 200;
const MAX_TEXT: usize = 20_000;

impl Host for CallState {
    fn members(&mut self, members: Vec<String>, template: String, data: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(members.iter().map(String::len).sum::<usize>() + template.len() + data.len())?;
        answered(self.notify_members(&members, &template, &data))
    }

    fn staff(&mut self, permission: String, template: String, data: String) -> wasmtime::Result<Result<(), types::Error>> {
        self.enter(permission.len() + template.len() + data.len())?;
        answered(self.notify_staff(&permission, &template, &data))
    }
}

impl CallState {
    fn notify_members(&mut self, members: &[String], mail: &str, data: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        if members.len() > MAX_MEMBERS {
            return Err(refusal("too-large", format!("at most {MAX_MEMBERS} members at once")));
        }
        // What is no id has no member, and whoever has left gets none.
        let members: Vec<MemberId> = members.iter().filter_map(|id| id.parse().ok()).collect();
        self.notice(mail, MailTo::Members, Addressees::Members(members), data)
    }

    fn notify_staff(&mut self, permission: &str, mail: &str, data: &str) -> Result<(), Refusal> {
        self.may_use(INTERFACE)?;
        self.may_change()?;
        let manifest = &self.context.installation.manifest;
        if !manifest.staff_permissions.iter().any(|declared| declared.name == permission) {
            return Err(refusal("undeclared", "the manifest declares no staff permission of this name"));
        }
        let permission = Permission::of_plugin(&manifest.id, permission);
        self.notice(mail, MailTo::Staff, Addressees::Staff(permission), data)
    }

    fn notice(&mut self, mail: &str, to: MailTo, addressees: Addressees, data: &str) -> Result<(), Refusal> {
        let installation = self.context.installation.clone();
        let manifest = &installation.manifest;
        let declared = manifest.mails.iter().find(|declared| declared.name == mail && declared.to == to);
        let declared = declared.ok_or_else(|| refusal("undeclared", "the manifest declares no mail of this name to these people"))?;
        let data = match self.payload(data)? {
            Value::Object(data) => Value::Object(data),
            _ => return Err(refusal("malformed", "the data of a mail is a JSON object")),
        };
        let words = self.ports.translate.letter(&self.context.organisation, &installation, declared, data);
        let subject: String = words.subject.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let text: String = words.text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
        if subject.chars().count() > MAX_SUBJECT || text.chars().count() > MAX_TEXT {
            return Err(refusal(
                "too-large",
                format!("a mail has at most {MAX_SUBJECT} letters in its subject and {MAX_TEXT} in its text"),
            ));
        }
        let id = fresh_uuid(self.now, self.ports.random.as_ref());
        self.effect(Effect::Notify(Notice { id, plugin: manifest.id.clone(), mail: mail.to_owned(), to: addressees, subject, text }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;
    use uuid::Uuid;

    fn bench() -> Bench {
        Bench::new().permit("notify").mails()
    }

    fn members(state: &mut CallState, count: u128, mail: &str, data: &str) -> Result<(), String> {
        let ids = (1..=count).map(|n| Uuid::from_u128(n).to_string()).collect();
        Host::members(state, ids, mail.into(), data.into()).unwrap().map_err(|error| error.code)
    }

    fn staff(state: &mut CallState, permission: &str, mail: &str) -> Result<(), String> {
        Host::staff(state, permission.into(), mail.into(), "{}".into()).unwrap().map_err(|error| error.code)
    }

    #[test]
    fn a_mail_waits_for_the_commit_with_its_words() {
        let mut state = bench().state(Kind::Command);
        members(&mut state, 2, "replied", r#"{"title":"七夕\r\nBcc: evil"}"#).unwrap();
        let [Effect::Notify(notice)] = &state.effects[..] else { panic!("{:?}", state.effects) };
        assert_eq!(notice.to, Addressees::Members(vec![MemberId(Uuid::from_u128(1)), MemberId(Uuid::from_u128(2))]));
        assert_eq!((notice.plugin.as_str(), notice.mail.as_str()), ("sample", "replied"));
        assert!(!notice.subject.contains(['\r', '\n']), "{}", notice.subject);
    }

    #[test]
    fn only_declared_mails_go_to_those_whom_they_are_for() {
        let mut state = bench().state(Kind::Command);
        assert_eq!(members(&mut state, 1, "other", "{}"), Err("undeclared".into()));
        assert_eq!(members(&mut state, 1, "reported", "{}"), Err("undeclared".into()), "it is for staff");
        assert_eq!(staff(&mut state, "moderate", "replied"), Err("undeclared".into()), "it is for members");
        assert_eq!(staff(&mut state, "rule", "reported"), Err("undeclared".into()));
        assert_eq!(staff(&mut state, "moderate", "reported"), Ok(()));
        let [Effect::Notify(notice)] = &state.effects[..] else { panic!("{:?}", state.effects) };
        assert_eq!(notice.to, Addressees::Staff(Permission::of_plugin("sample", "moderate")));
    }

    #[test]
    fn without_the_grant_in_a_query_or_to_too_many_there_is_no_mail() {
        let mut ungranted = Bench::new().grant(&["store"]).mails().state(Kind::Command);
        assert_eq!(members(&mut ungranted, 1, "replied", "{}"), Err("not-granted".into()));
        assert_eq!(members(&mut bench().state(Kind::Query), 1, "replied", "{}"), Err("read-only".into()));
        let mut state = bench().state(Kind::Command);
        assert_eq!(members(&mut state, 1_001, "replied", "{}"), Err("too-large".into()));
        assert_eq!(members(&mut state, 1, "replied", "[]"), Err("malformed".into()));
        let long = serde_json::json!({ "title": "長".repeat(MAX_TEXT) }).to_string();
        assert_eq!(members(&mut state, 1, "replied", &long), Err("too-large".into()));
        assert!(state.effects.is_empty());
    }
}
