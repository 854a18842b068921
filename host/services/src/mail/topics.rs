//! What an organisation's mailings are about: members say which of these they want.

use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::json;
use tsudoi_kernel::Locale;
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::mailing::FIRST_TOPIC;
use tsudoi_store::TopicRecord;
use uuid::Uuid;

pub const MOST_TOPICS: usize = 20;
const LONGEST_NAME: usize = 40;

impl Services {
    /// The first topic before the others, which are in the order in which they were made.
    pub async fn mail_topics(&self, visit: &Visit) -> Result<Vec<TopicRecord>, ServiceError> {
        let mut topics = self.of(visit).mail_topics().await?;
        if !topics.iter().any(|topic| topic.id == FIRST_TOPIC) {
            let name = |locale| (locale, self.parts.texts.message(locale, "mail-topic-first", &json!({})).unwrap_or_default());
            topics.insert(0, TopicRecord { id: FIRST_TOPIC, name: Localised(Locale::ALL.map(name).into()), hidden: false });
        }
        Ok(topics)
    }
}

impl Editor {
    /// Makes a topic, or changes the one of `id`. The name in the organisation's language must be there: `name_ja`, `name_en`.
    pub async fn save_mail_topic(&self, visit: &Visit, id: Option<Uuid>, name: [&str; 2], hidden: bool) -> Result<(), ServiceError> {
        let topics = self.services.mail_topics(visit).await?;
        if id.is_some_and(|id| !topics.iter().any(|topic| topic.id == id)) {
            return Err(ServiceError::NotFound);
        }
        let (mut errors, mut names) = (Vec::new(), Localised::default());
        for (locale, text) in Locale::ALL.into_iter().zip(name.map(str::trim)) {
            let field = format!("name_{}", locale.tag());
            if text.is_empty() && locale == visit.organisation.locale {
                errors.push((field, "error-required"));
            } else if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
                errors.push((field, "mailings-topic-too-long"));
            } else if !text.is_empty() {
                names.0.insert(locale, text.to_owned());
            }
        }
        if id.is_none() && topics.len() >= MOST_TOPICS {
            errors.push((format!("name_{}", visit.organisation.locale.tag()), "mailings-topics-too-many"));
        }
        let is_last_shown = !topics.iter().any(|topic| !topic.hidden && Some(topic.id) != id);
        if hidden && is_last_shown {
            errors.push(("hidden".to_owned(), "mailings-topics-none"));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let action = if id.is_some() { "mail-topic-changed" } else { "mail-topic-made" };
        let topic = TopicRecord { id: id.unwrap_or_else(|| self.services.fresh_id()), name: names, hidden };
        let transaction = self.begin().await?;
        transaction.set_mail_topic(&topic).await?;
        let own = topic.name.get(visit.organisation.locale).to_owned();
        self.record(&transaction, action, format!("mail-topic:{}", topic.id), &own).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Mail may go to an address again whose server had refused it for good.
    pub async fn lift_suppression(&self, email: &str) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        if !transaction.lift_suppression(email).await? {
            return Err(ServiceError::NotFound);
        }
        self.record(&transaction, "mail-suppression-lifted", "mail-suppression".to_owned(), email).await?;
        transaction.commit().await?;
        Ok(())
    }
}
