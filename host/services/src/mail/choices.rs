//! Which mails of plugins a member wants.

use crate::visits::Visit;
use crate::{ServiceError, Services};
use std::collections::BTreeSet;
use tsudoi_kernel::Locale;
use tsudoi_kernel::manifest::MailTo;

/// A mail that members may be sent: by a plugin which is switched on, or about a topic of the organisation's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailChoice {
    /// Empty for a topic.
    pub plugin: String,
    pub plugin_name: String,
    pub mail: String,
    /// When it is sent.
    pub label: String,
    pub wanted: bool,
}

impl Services {
    /// Topics, then mails by plugin, in the manifest's order. Nothing for visitors who are no members.
    pub async fn mail_choices(&self, visit: &Visit) -> Result<Vec<MailChoice>, ServiceError> {
        let Some(member) = &visit.visitor.member else { return Ok(Vec::new()) };
        let refused = self.of(visit).mail_refusals(member.id).await?;
        let mut choices = Vec::new();
        for topic in self.mail_topics(visit).await? {
            let mail = topic.id.to_string();
            let wanted = !refused.contains(&(String::new(), mail.clone()));
            if !topic.hidden {
                let label = topic.name.get(visit.locale).to_owned();
                choices.push(MailChoice { plugin: String::new(), plugin_name: String::new(), mail, label, wanted });
            }
        }
        for (installation, _) in self.installations(visit).await?.iter().filter(|(installation, _)| self.is_on(installation)) {
            let manifest = &installation.manifest;
            let granted = installation.may_use(&self.parts.settings.policy, "notify");
            for mail in manifest.mails.iter().filter(|mail| granted && mail.to == MailTo::Members) {
                choices.push(MailChoice {
                    plugin: manifest.id.clone(),
                    plugin_name: manifest.name.get(visit.locale).to_owned(),
                    mail: mail.name.clone(),
                    label: mail.label.get(visit.locale).to_owned(),
                    wanted: !refused.contains(&(manifest.id.clone(), mail.name.clone())),
                });
            }
        }
        Ok(choices)
    }

    /// Of those that there are to choose from, `wanted` (`<plugin>/<mail>`) and no others.
    pub async fn choose_mails(&self, visit: &Visit, wanted: &BTreeSet<String>) -> Result<(), ServiceError> {
        let member = visit.visitor.member.as_ref().ok_or(ServiceError::Forbidden)?;
        for choice in self.mail_choices(visit).await? {
            let wants = wanted.contains(&format!("{}/{}", choice.plugin, choice.mail));
            if wants != choice.wanted {
                self.of(visit).set_mail_refused(member.id, &choice.plugin, &choice.mail, !wants).await?;
            }
        }
        Ok(())
    }

    /// The language of a member's mails; the organisation's where they chose none.
    pub async fn own_mail_locale(&self, visit: &Visit) -> Result<Locale, ServiceError> {
        let chosen = match &visit.visitor.member {
            Some(member) => self.of(visit).mail_locale(member.id).await?,
            None => None,
        };
        Ok(chosen.unwrap_or(visit.organisation.locale))
    }

    pub async fn choose_mail_locale(&self, visit: &Visit, locale: Locale) -> Result<(), ServiceError> {
        let member = visit.visitor.member.as_ref().ok_or(ServiceError::Forbidden)?;
        Ok(self.of(visit).set_mail_locale(member.id, locale).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::Consent;
    use crate::testing::services_on_each;
    use serde_json::json;
    use std::sync::Arc;
    use tsudoi_kernel::MemberId;
    use tsudoi_kernel::calls::{CallId, Installation};
    use tsudoi_kernel::changes::ReadSet;
    use tsudoi_kernel::effects::{Addressees, Effect, Notice};
    use tsudoi_kernel::ports::{Commit, Committed, PluginData, Quota, Scope};
    use tsudoi_kernel::visitor::{MemberFacts, Visitor};
    use tsudoi_store::Usage;
    use uuid::Uuid;

    fn notice(n: u128, to: Addressees) -> Notice {
        Notice {
            id: Uuid::from_u128(n << 32),
            plugin: "parrot".into(),
            mail: "replied".into(),
            to,
            subject: "返信".into(),
            text: "本文".into(),
        }
    }

    async fn commit(house: &crate::testing::TestServices, installation: &Installation, n: u128, to: Addressees) -> Committed {
        let commit = Commit {
            scope: Scope { organisation: house.organisation.id, installation: installation.id },
            call_id: CallId(format!("test:{n}")),
            reads: ReadSet::default(),
            writes: Vec::new(),
            effects: vec![Effect::Notify(notice(n, to))],
            quota: Quota { documents: 10, bytes: 1_000, mails_per_day: 3, ..Quota::default() },
            answer: json!(null),
            at: house.services.now(),
        };
        house.services.store().commit(commit).await.unwrap()
    }

    async fn recipients(house: &crate::testing::TestServices) -> Vec<String> {
        let mails = house.services.store().organisation(house.organisation.id).latest_mails(100).await.unwrap();
        let mut recipients: Vec<String> = mails.into_iter().map(|mail| mail.recipient).collect();
        recipients.sort();
        recipients
    }

    #[tokio::test]
    async fn a_mail_goes_to_members_who_want_it_once_to_each_address_and_to_no_more_than_a_day_allows() {
        for house in services_on_each().await {
            let mails = json!([{ "name": "replied", "to": "members", "label": { "ja": "返信があったとき", "en": "On a reply" } }]);
            let why = json!({ "ja": "返信を知らせるため" });
            let asked = json!({ "mails": mails, "permissions": [{ "interface": "notify", "why": why }] });
            let package = house.parrot_package("parrot", "1.0.0", asked).await;
            let editor = house.editor_of(house.organisation.id, None);
            editor.enable_plugin("parrot", &Consent::to_all(&package)).await.unwrap();
            let installation = editor.installed("parrot").await.unwrap();
            let mother = house.member("7001", Some("family@example.jp"), None).await;
            let child = house.member("7002", Some("family@example.jp"), None).await;
            let hanako = house.member("7003", Some("hanako@example.jp"), None).await;
            let silent = house.member("7004", None, None).await;
            let all = || Addressees::Members(vec![mother, child, hanako, silent, MemberId(Uuid::from_u128(1))]);
            assert!(matches!(commit(&house, &installation, 1, all()).await, Committed::Done(_)));
            assert_eq!(recipients(&house).await, ["family@example.jp", "hanako@example.jp"], "{}", house.database.name);

            let facts = MemberFacts {
                id: hanako,
                display_name: "はな".into(),
                member_type: None,
                status: Default::default(),
                tier: None,
                labels: BTreeSet::new(),
            };
            let visitor = Visitor { member: Some(facts), ..Visitor::default() };
            let visit = Visit { visitor: Arc::new(visitor), ..house.anonymous().await };
            let [topic, choice] = &house.mail_choices(&visit).await.unwrap()[..] else { panic!("a topic and one mail to choose") };
            assert!(choice.wanted && choice.label == "返信があったとき" && topic.wanted && topic.label == "お知らせ");
            house.choose_mails(&visit, &BTreeSet::new()).await.unwrap();
            assert!(house.mail_choices(&visit).await.unwrap().iter().all(|choice| !choice.wanted));
            assert!(matches!(commit(&house, &installation, 2, all()).await, Committed::Done(_)));
            assert_eq!(recipients(&house).await, ["family@example.jp", "family@example.jp", "hanako@example.jp"]);
            // The fourth within a day is too many: nothing of that call takes effect.
            assert_eq!(commit(&house, &installation, 3, all()).await, Committed::OverQuota);
            let of_day = |house: &crate::testing::TestServices| {
                let (services, installation) = (house.services.clone(), installation.clone());
                let visit = visit.clone();
                async move { services.limits_in_use(&visit, &installation, Usage { documents: 0, bytes: 0 }).await.unwrap()[3] }
            };
            assert_eq!(of_day(&house).await, ("mails", 3, 10_000));
            house.clock.pass(25 * 60 * 60);
            assert_eq!(of_day(&house).await, ("mails", 0, 10_000));
            assert!(matches!(commit(&house, &installation, 4, all()).await, Committed::Done(_)));
            // Wanted again.
            house.choose_mails(&visit, &BTreeSet::from(["parrot/replied".to_owned()])).await.unwrap();
            assert!(house.mail_choices(&visit).await.unwrap()[1].wanted);
        }
    }
}
