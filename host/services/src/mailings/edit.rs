//! Writing mailings. One can be changed while it is a draft.

use crate::editor::Editor;
use crate::pages::{Audience, GateInput};
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::Gate;
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_kernel::locale::{Locale, Localised};
use tsudoi_kernel::mailing::{FIRST_TOPIC, Mailing, MailingState, unknown_filler};
use tsudoi_store::{MailingRecord, TopicRecord};
use uuid::Uuid;

const LONGEST_SUBJECT: usize = 120;
const LONGEST_TEXT: usize = 20_000;

/// A mailing as staff typed it. Texts are in Japanese and English.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailingInput {
    pub subject: [String; 2],
    pub text: [String; 2],
    pub gate: GateInput,
    /// A topic's id.
    pub topic: String,
}

impl MailingInput {
    pub fn of(mailing: &Mailing) -> Self {
        let both = |text: &Localised| Locale::ALL.map(|locale| text.0.get(&locale).cloned().unwrap_or_default());
        Self {
            subject: both(&mailing.subject),
            text: both(&mailing.text),
            gate: GateInput::from(&mailing.gate),
            topic: mailing.topic.to_string(),
        }
    }

    /// What a new one begins with.
    pub fn begun() -> Self {
        Self { gate: GateInput { kind: "members".into(), ..GateInput::default() }, topic: FIRST_TOPIC.to_string(), ..Self::default() }
    }

    /// [`ServiceError::Invalid`] with every message at once: `subject_ja`, `text_ja` and so on, `gate`, `topic`.
    pub fn check(&self, own: Locale, audience: &Audience, topics: &[TopicRecord]) -> Result<Mailing, ServiceError> {
        let mut errors: Vec<(String, &'static str)> = Vec::new();
        let mut text = |field: &str, typed: &[String; 2], longest: usize, is_line: bool| {
            let mut texts = Localised::default();
            for (locale, typed) in Locale::ALL.into_iter().zip(typed) {
                let name = format!("{field}_{}", locale.tag());
                let typed = typed.replace("\r\n", "\n").trim().to_owned();
                let is_odd = |c: char| c.is_control() && (is_line || !matches!(c, '\n' | '\t'));
                if typed.chars().count() > longest || typed.chars().any(is_odd) {
                    errors.push((name, "forms-text-too-long"));
                } else if unknown_filler(&typed).is_some() {
                    errors.push((name, "mailings-filler-unknown"));
                } else if typed.is_empty() && locale == own {
                    errors.push((name, "error-required"));
                }
                if !typed.is_empty() {
                    texts.0.insert(locale, typed);
                }
            }
            texts
        };
        let (subject, text) = (text("subject", &self.subject, LONGEST_SUBJECT, true), text("text", &self.text, LONGEST_TEXT, false));
        // A language needs both, or its members would get half of it in another.
        for locale in Locale::ALL.into_iter().filter(|locale| *locale != own) {
            let missing = match (subject.0.contains_key(&locale), text.0.contains_key(&locale)) {
                (true, false) => "text",
                (false, true) => "subject",
                _ => continue,
            };
            let field = format!("{missing}_{}", locale.tag());
            if !errors.iter().any(|(wrong, _)| *wrong == field) {
                errors.push((field, "mailings-half"));
            }
        }
        let gate = match self.gate.check(audience) {
            Ok(gate @ (Gate::Members | Gate::Tiers { .. } | Gate::Labels { .. } | Gate::Segments { .. })) => gate,
            Ok(Gate::Everyone | Gate::Staff) => {
                errors.push(("gate".to_owned(), "mailings-gate-missing"));
                Gate::Staff
            }
            Err(message) => {
                errors.push(("gate".to_owned(), message));
                Gate::Staff
            }
        };
        let topic = parse_uuid(&self.topic).ok().filter(|id| topics.iter().any(|topic| topic.id == *id));
        if topic.is_none() {
            errors.push(("topic".to_owned(), "mailings-topic-missing"));
        }
        match topic {
            Some(topic) if errors.is_empty() => Ok(Mailing { subject, text, gate, topic }),
            _ => Err(ServiceError::Invalid(errors)),
        }
    }
}

impl Services {
    /// Names what a mailing is now: the editor says which state it began with.
    pub fn mailing_state(&self, record: &MailingRecord) -> Result<String, ServiceError> {
        let scheduled = record.scheduled.map(|at| at.as_i64().to_string()).unwrap_or_default();
        let parts = [record.id.to_string(), serde_json::to_string(&record.mailing)?, record.state.as_str().to_owned(), scheduled];
        Ok(self.sign("mailing-state", &parts.each_ref().map(String::as_str)))
    }

    pub async fn mailing(&self, visit: &Visit, id: Uuid) -> Result<MailingRecord, ServiceError> {
        self.of(visit).mailing(id).await?.ok_or(ServiceError::NotFound)
    }

    /// What staff typed as a mailing.
    pub async fn checked_mailing(&self, visit: &Visit, input: &MailingInput) -> Result<Mailing, ServiceError> {
        let audience = self.of(visit).audience().await?;
        input.check(visit.organisation.locale, &audience, &self.mail_topics(visit).await?)
    }
}

impl Editor {
    /// Makes a draft, or changes the one of `id` where it is as it was when `seen` was made. Answers its id.
    pub async fn save_mailing(&self, visit: &Visit, id: Option<Uuid>, seen: &str, input: &MailingInput) -> Result<Uuid, ServiceError> {
        let mailing = self.services.checked_mailing(visit, input).await?;
        let transaction = self.begin().await?;
        let at = transaction.at();
        let (record, action) = match id {
            Some(id) => {
                let current = transaction.current_mailing(id).await?.ok_or(ServiceError::NotFound)?;
                if current.state != MailingState::Draft || self.services.mailing_state(&current)? != seen {
                    return Err(ServiceError::Changed);
                }
                (MailingRecord { mailing, by: self.by, ..current }, "mailing-changed")
            }
            None => {
                let record = MailingRecord {
                    id: self.services.fresh_id(),
                    mailing,
                    state: MailingState::Draft,
                    cursor: Uuid::nil(),
                    counts: None,
                    scheduled: None,
                    started: None,
                    ended: None,
                    by: self.by,
                    created: at,
                    updated: at,
                };
                (record, "mailing-made")
            }
        };
        transaction.set_mailing(&record).await?;
        let subject = record.mailing.subject.get(visit.organisation.locale).to_owned();
        self.record(&transaction, action, format!("mailing:{}", record.id), &subject).await?;
        transaction.commit().await?;
        Ok(record.id)
    }

    /// A new draft with the same texts.
    pub async fn copy_mailing(&self, visit: &Visit, id: Uuid) -> Result<Uuid, ServiceError> {
        let record = self.services.mailing(visit, id).await?;
        let mut input = MailingInput::of(&record.mailing);
        // What it was for may be gone.
        if matches!(self.services.checked_mailing(visit, &input).await, Err(ServiceError::Invalid(_))) {
            let begun = MailingInput::begun();
            (input.gate, input.topic) = (begun.gate, begun.topic);
        }
        self.save_mailing(visit, None, "", &input).await
    }

    /// A draft that nobody needs. What was sent stays on record.
    pub async fn delete_mailing(&self, visit: &Visit, id: Uuid) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        let current = transaction.current_mailing(id).await?.ok_or(ServiceError::NotFound)?;
        if current.state != MailingState::Draft {
            return Err(ServiceError::Changed);
        }
        transaction.delete_mailing(id).await?;
        let subject = current.mailing.subject.get(visit.organisation.locale).to_owned();
        self.record(&transaction, "mailing-deleted", format!("mailing:{id}"), &subject).await?;
        transaction.commit().await?;
        Ok(())
    }
}
