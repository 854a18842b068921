//! A mailing's words: rendered once for each language, filled in for each member.

use super::MailStop;
use crate::accounts::name_in_order;
use crate::pages::Audience;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tsudoi_kernel::mailing::{Filler, Mailing, filled};
use tsudoi_kernel::{Locale, Organisation};
use tsudoi_render::{html, mail};
use tsudoi_store::Reader;

/// A mailing as one member gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenMail {
    pub locale: Locale,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// In one language, with words that are filled in.
struct Draft {
    subject: String,
    text: String,
    html: String,
}

/// A mailing in every language that it was written in.
pub(crate) struct Words {
    mailing: Mailing,
    pub(crate) organisation: Arc<Organisation>,
    /// Where answers go.
    pub(crate) reply_to: Option<String>,
    audience: Audience,
    drafts: BTreeMap<Locale, Draft>,
}

/// Stands for the link that ends such mails: characters that nobody types.
const STOP: &str = "\u{E000}stop\u{E000}";

impl Services {
    pub(crate) async fn words_of(&self, visit: &Visit, mailing: &Mailing) -> Result<Words, ServiceError> {
        let topics = self.mail_topics(visit).await?;
        let topic = topics.iter().find(|topic| topic.id == mailing.topic).map(|topic| &topic.name);
        let own = visit.organisation.locale;
        let mut drafts = BTreeMap::new();
        for locale in Locale::ALL.into_iter().filter(|locale| *locale == own || mailing.language(Some(*locale), own) == *locale) {
            let topic = topic.map(|name| name.get(locale)).unwrap_or_default();
            drafts.insert(locale, self.draft(visit, mailing, locale, topic)?);
        }
        Ok(Words {
            mailing: mailing.clone(),
            organisation: visit.organisation.clone(),
            reply_to: Some(visit.frame.contact_email.clone()).filter(|email| !email.is_empty()),
            audience: self.of(visit).audience().await?,
            drafts,
        })
    }

    fn draft(&self, visit: &Visit, mailing: &Mailing, locale: Locale, topic: &str) -> Result<Draft, ServiceError> {
        let (organisation, frame) = (&*visit.organisation, &*visit.frame);
        let site = self.public_url(organisation);
        let sender = if frame.name.is_empty() { &organisation.name } else { &frame.name };
        let arguments = json!({ "organisation": sender, "topic": topic });
        let word = |key: &str| self.parts.texts.message(locale, key, &arguments).unwrap_or_else(|| key.to_owned());
        let (why, stop_label, contact_label) = (word("mail-mailing-why"), word("mail-mailing-stop"), word("mail-mailing-contact"));
        let subject = mailing.subject.get(locale).to_owned();
        let body = mail::body(mailing.text.get(locale), &site);
        let contact = &frame.contact_email;
        let reach = if contact.is_empty() { String::new() } else { format!("{contact_label} {contact}\n") };
        let text = format!("{}\n-- \n{sender}\n{reach}{site}\n\n{why}\n{stop_label}:\n{STOP}\n", body.text);
        let context: Value = json!({
            "locale": locale.tag(), "subject": subject, "accent": frame.accent, "sender": sender, "body": body.html, "lines": [sender],
            "contact": contact, "contact_label": contact_label, "site": site, "stop": STOP, "stop_label": stop_label, "why": why,
        });
        let html = mail::framed(&context).map_err(|error| ServiceError::Broken(format!("the frame of mails: {error}")))?;
        Ok(Draft { subject, text, html })
    }
}

impl Words {
    pub(crate) fn topic(&self) -> String {
        self.mailing.topic.to_string()
    }

    /// For one member; `stop` is the link that ends such mails.
    pub(crate) fn for_reader(&self, reader: &Reader, stop: &str) -> WrittenMail {
        let own = self.organisation.locale;
        self.in_language(self.mailing.language(reader.locale, own), reader, stop)
    }

    pub(crate) fn in_language(&self, locale: Locale, reader: &Reader, stop: &str) -> WrittenMail {
        let own = self.organisation.locale;
        let (locale, draft) = match self.drafts.get(&locale) {
            Some(draft) => (locale, draft),
            None => (own, &self.drafts[&own]),
        };
        let value = |filler: Filler| match filler {
            Filler::Name => name_in_order(own, &reader.family_name, &reader.given_name).unwrap_or_else(|| reader.display_name.clone()),
            Filler::DisplayName => reader.display_name.clone(),
            Filler::Number => reader.number.clone(),
            Filler::Tier => reader.tier.as_deref().map(|tier| self.audience.tier(tier, locale).to_owned()).unwrap_or_default(),
            Filler::Organisation => self.organisation.name.clone(),
        };
        let text = mail::wrapped(&filled(&draft.text, value)).replace(STOP, stop);
        let html = filled(&draft.html, |filler| html::escape(&value(filler))).replace(STOP, &html::escape(stop));
        // A header has one line, whatever a member is called.
        let subject = filled(&draft.subject, value).replace(['\r', '\n'], " ");
        WrittenMail { locale, subject, text, html }
    }

    /// The link that ends mailings about the same for a member; where there is none, as in a test, the page where one chooses.
    pub(crate) fn stop_link(&self, services: &Services, member: Option<tsudoi_kernel::MemberId>) -> String {
        match member {
            Some(member) => services.stop_link(
                self.organisation.id,
                &self.organisation.slug,
                &MailStop { member, plugin: String::new(), mail: self.topic() },
            ),
            None => format!("{}/account#mails", services.public_url(&self.organisation)),
        }
    }
}
