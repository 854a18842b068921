//! What staff see of mailings: the list, and what became of one for each member.

use crate::accounts::name_in_order;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_kernel::MemberId;
use tsudoi_store::{MailCounts, MailingRecord, Recipient, Suppression};
use uuid::Uuid;

const LINES: u32 = 30;
const RECIPIENTS: u32 = 100;

/// A mailing with how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedMailing {
    pub record: MailingRecord,
    pub counts: MailCounts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientLine {
    pub member: MemberId,
    pub number: String,
    pub name: String,
    pub email: String,
    /// `waiting`, `sending`, `sent`, `failed`, `in-doubt`, `left-out` or `stopped`.
    pub state: String,
    pub problem: String,
    pub attempts: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientPage {
    pub lines: Vec<RecipientLine>,
    /// The member after whom the next page begins, where there is one.
    pub next: Option<MemberId>,
}

/// What the list of recipients can be narrowed to.
pub const STATES: [&str; 7] = ["waiting", "sending", "sent", "failed", "in-doubt", "left-out", "stopped"];

impl Services {
    async fn with_counts(&self, visit: &Visit, record: MailingRecord) -> Result<ListedMailing, ServiceError> {
        let counts = match &record.counts {
            Some(counts) => counts.clone(),
            None if record.started.is_some() => self.of(visit).mail_counts(record.id).await?,
            None => MailCounts::default(),
        };
        Ok(ListedMailing { record, counts })
    }

    /// The newest first, and where the next page begins.
    pub async fn mailings(&self, visit: &Visit, before: Option<Uuid>) -> Result<(Vec<ListedMailing>, Option<Uuid>), ServiceError> {
        let mut records = self.of(visit).mailings(before, LINES + 1).await?;
        let more = records.len() > LINES as usize;
        records.truncate(LINES as usize);
        let next = records.last().filter(|_| more).map(|record| record.id);
        let mut listed = Vec::with_capacity(records.len());
        for record in records {
            listed.push(self.with_counts(visit, record).await?);
        }
        Ok((listed, next))
    }

    pub async fn mailing_with_counts(&self, visit: &Visit, id: Uuid) -> Result<ListedMailing, ServiceError> {
        let record = self.mailing(visit, id).await?;
        self.with_counts(visit, record).await
    }

    pub async fn mailing_recipients(
        &self,
        visit: &Visit,
        id: Uuid,
        state: Option<&str>,
        after: Option<MemberId>,
    ) -> Result<RecipientPage, ServiceError> {
        self.mailing(visit, id).await?;
        let state = state.filter(|state| STATES.contains(state));
        let mut recipients = self.of(visit).recipients(id, state, after, RECIPIENTS + 1).await?;
        let more = recipients.len() > RECIPIENTS as usize;
        recipients.truncate(RECIPIENTS as usize);
        let next = recipients.last().filter(|_| more).map(|recipient| recipient.member);
        let line = |recipient: Recipient| RecipientLine {
            member: recipient.member,
            number: recipient.number,
            name: name_in_order(visit.organisation.locale, &recipient.family_name, &recipient.given_name).unwrap_or(recipient.display_name),
            email: recipient.email,
            state: recipient.state,
            problem: recipient.problem.unwrap_or_default(),
            attempts: recipient.attempts,
        };
        Ok(RecipientPage { lines: recipients.into_iter().map(line).collect(), next })
    }

    /// Addresses that are not written to any more, by address, and where the next page begins.
    pub async fn mail_suppressions(&self, visit: &Visit, after: &str) -> Result<(Vec<Suppression>, Option<String>), ServiceError> {
        let mut found = self.of(visit).mail_suppressions(after, RECIPIENTS + 1).await?;
        let more = found.len() > RECIPIENTS as usize;
        found.truncate(RECIPIENTS as usize);
        let next = found.last().filter(|_| more).map(|last| last.email.clone());
        Ok((found, next))
    }
}
