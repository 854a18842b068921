//! Ending mails of a kind without signing in: an address in each mail, signed for one member and one kind (RFC 8058). Whoever holds it
//! may end that kind and take it back, and nothing else.

use super::public_url;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_kernel::{MemberId, OrganisationId};

/// What such an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailStop {
    pub member: MemberId,
    /// The plugin; empty for topics of the organisation's.
    pub plugin: String,
    /// The plugin's name for the mail, or the topic's id.
    pub mail: String,
}

/// What its page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopPage {
    /// The kind of mail, in the visitor's language.
    pub label: String,
    /// The mailbox, for the most part hidden: the page may be seen by whom a mail was passed on to.
    pub mailbox: String,
    pub stopped: bool,
}

const PURPOSE: &str = "mail-stop";

/// `h…@example.jp`
fn hidden(email: &str) -> String {
    match email.split_once('@') {
        Some((local, domain)) => format!("{}…@{domain}", local.chars().next().unwrap_or_default()),
        None => String::new(),
    }
}

impl Services {
    pub(crate) fn stop_link(&self, organisation: OrganisationId, slug: &str, stop: &MailStop) -> String {
        let member = stop.member.to_string();
        let sign = self.sign(PURPOSE, &[&organisation.to_string(), &member, &stop.plugin, &stop.mail]);
        let query = [("member", member.as_str()), ("plugin", &stop.plugin), ("mail", &stop.mail), ("sign", &sign)];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("{}/mail/stop?{query}", public_url(&self.settings().public_url, slug))
    }

    /// What an address names, where it is one that this installation made for this organisation.
    pub fn mail_stop(&self, visit: &Visit, member: &str, plugin: &str, mail: &str, sign: &str) -> Option<MailStop> {
        let is_ours = self.is_signed(PURPOSE, &[&visit.organisation.id.to_string(), member, plugin, mail], sign);
        let member = parse_uuid(member).ok().filter(|_| is_ours)?;
        Some(MailStop { member: MemberId(member), plugin: plugin.to_owned(), mail: mail.to_owned() })
    }

    /// Nothing where the member has left.
    pub async fn stop_page(&self, visit: &Visit, stop: &MailStop) -> Result<Option<StopPage>, ServiceError> {
        let store = self.of(visit);
        let Some(email) = store.member_email(stop.member).await? else { return Ok(None) };
        let stopped = store.mail_refusals(stop.member).await?.contains(&(stop.plugin.clone(), stop.mail.clone()));
        let label = self.mail_label(visit, &stop.plugin, &stop.mail).await?;
        Ok(Some(StopPage { label, mailbox: hidden(&email.unwrap_or_default()), stopped }))
    }

    /// Ends mails of a kind for everybody who shares the member's address, or takes that back.
    pub async fn stop_mails(&self, visit: &Visit, stop: &MailStop, stopped: bool) -> Result<(), ServiceError> {
        self.of(visit).set_mailbox_refused(stop.member, &stop.plugin, &stop.mail, stopped).await?;
        Ok(())
    }

    /// What a kind of mail is called; nothing where its plugin is gone.
    async fn mail_label(&self, visit: &Visit, plugin: &str, mail: &str) -> Result<String, ServiceError> {
        if plugin.is_empty() {
            let topics = self.mail_topics(visit).await?;
            let topic = topics.iter().find(|topic| topic.id.to_string() == mail);
            return Ok(topic.map(|topic| topic.name.get(visit.locale).to_owned()).unwrap_or_default());
        }
        let installations = self.installations(visit).await?;
        let manifest = installations.iter().map(|(installation, _)| &installation.manifest).find(|manifest| manifest.id == plugin);
        let declared = manifest.and_then(|manifest| manifest.mails.iter().find(|declared| declared.name == mail));
        Ok(declared.map(|declared| declared.label.get(visit.locale).to_owned()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::services;
    use tsudoi_kernel::mailing::FIRST_TOPIC;

    #[tokio::test]
    async fn an_address_opens_what_it_was_signed_for_and_nothing_else() {
        let house = services().await;
        let hanako = house.member("H-1", Some("hanako@example.jp"), None).await;
        let visit = house.anonymous().await;
        let stop = MailStop { member: hanako, plugin: String::new(), mail: FIRST_TOPIC.to_string() };
        let link = house.stop_link(visit.organisation.id, &visit.organisation.slug, &stop);
        assert!(link.starts_with("https://club.example/mail/stop?member="), "{link}");
        let sign = link.rsplit("sign=").next().unwrap();
        let of = |visit: &Visit, plugin: &str| house.mail_stop(visit, &hanako.to_string(), plugin, &stop.mail, sign);
        assert_eq!(of(&visit, ""), Some(stop.clone()));
        assert_eq!(of(&visit, "parrot"), None);
        house.add_organisation("other").await;
        assert_eq!(of(&house.anonymous_at("other").await, ""), None, "signed for one organisation");
        let page = house.stop_page(&visit, &stop).await.unwrap().unwrap();
        assert_eq!((page.label.as_str(), page.mailbox.as_str(), page.stopped), ("お知らせ", "h…@example.jp", false));
        house.stop_mails(&visit, &stop, true).await.unwrap();
        assert!(house.stop_page(&visit, &stop).await.unwrap().unwrap().stopped);
        house.stop_mails(&visit, &stop, false).await.unwrap();
        assert!(!house.stop_page(&visit, &stop).await.unwrap().unwrap().stopped);
    }
}
