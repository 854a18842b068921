//! Mail that the product sends: writing it in the reader's language, and taking it to the wire.

mod choices;
mod compose;
mod courier;
mod plugins;
mod stop;
#[cfg(test)]
pub(crate) mod tests;
mod topics;

pub use choices::MailChoice;
pub use compose::WrittenMail;
pub use courier::{Courier, MailPace, MailRetries, Outlet};
pub use plugins::PluginWords;
pub use stop::{MailStop, StopPage};
pub use tsudoi_store::{Suppression, TopicRecord};

use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::{Map, Value};
use tsudoi_kernel::{Email, Locale, Organisation};
use tsudoi_store::{MailDraft, MailSummary};

/// A mail before it has words: its texts are `mail-<kind>-subject` and `mail-<kind>-text`.
pub(crate) struct Letter<'a> {
    pub kind: &'static str,
    pub to: &'a Email,
    /// An object: the arguments of the texts, beside `organisation`.
    pub arguments: Value,
}

/// How long the record of a mail is kept.
const KEEP_SECONDS: i64 = 90 * 24 * 60 * 60;

fn public_url(pattern: &str, slug: &str) -> String {
    pattern.replace("{slug}", slug).trim_end_matches('/').to_owned()
}

/// Plain text with a signature below.
fn footed(text: &str, footer: &str) -> String {
    format!("{text}\n\n-- \n{footer}\n")
}

impl Services {
    /// Plain text, with a footer that says who sent it and why.
    pub(crate) fn write_letter(&self, organisation: &Organisation, locale: Locale, letter: Letter<'_>) -> MailDraft {
        let mut arguments = match letter.arguments {
            Value::Object(arguments) => arguments,
            _ => Map::new(),
        };
        arguments.insert("organisation".into(), organisation.name.as_str().into());
        arguments.insert("site".into(), self.public_url(organisation).into());
        let arguments = Value::Object(arguments);
        let text = |key: &str| self.parts.texts.message(locale, key, &arguments).unwrap_or_else(|| key.to_owned());
        let body = footed(&text(&format!("mail-{}-text", letter.kind)), &text("mail-footer"));
        // A header has one line, whatever the organisation is called.
        let subject = text(&format!("mail-{}-subject", letter.kind)).replace(['\r', '\n'], " ");
        MailDraft { id: self.fresh_id(), recipient: letter.to.to_string(), subject, body, at: self.now() }
    }

    /// How addresses of the organisation's site begin, without a slash at the end. From the settings, never from a request.
    pub fn public_url(&self, organisation: &Organisation) -> String {
        public_url(&self.settings().public_url, &organisation.slug)
    }

    /// The address of a path of the organisation's site.
    pub(crate) fn link(&self, organisation: &Organisation, path: &str, query: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("{}{path}?{query}", self.public_url(organisation))
    }

    /// The latest mails of the organisation, newest first. [`ServiceError::NotFound`] unless mail stays on this machine.
    pub async fn inbox(&self, visit: &Visit) -> Result<Vec<MailSummary>, ServiceError> {
        if !self.settings().dev_inbox {
            return Err(ServiceError::NotFound);
        }
        Ok(self.of(visit).latest_mails(100).await?)
    }

    /// Sends everything that is due. Answers how many mails it took in hand.
    pub async fn deliver_mails(&self, outlet: Outlet, pace: MailPace) -> Result<usize, ServiceError> {
        let mut courier = Courier::new(self.clone(), outlet, pace);
        let mut taken = 0;
        loop {
            let round = courier.round().await?;
            taken += round;
            if !courier.one_ended().await && round == 0 {
                return Ok(taken);
            }
        }
    }

    /// For the start of a process: what another was sending when it ended may or may not have gone out. On SQLite, which one process
    /// has at a time, that is known at once, elsewhere when the leases have ended. Answers how many.
    pub async fn doubt_interrupted_mails(&self) -> Result<u64, ServiceError> {
        let doubted = self.store().doubt_interrupted_mails_all_organisations().await?;
        if doubted > 0 {
            tracing::warn!(doubted, "mails may or may not have been sent when the last process ended");
        }
        Ok(doubted)
    }

    /// Removes the records of mails from long ago. Called now and then by a background worker. Answers how many.
    pub async fn forget_old_mails(&self) -> Result<u64, ServiceError> {
        Ok(self.store().remove_old_mails_all_organisations(self.now().plus_seconds(-KEEP_SECONDS)).await?)
    }
}
