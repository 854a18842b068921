//! From a draft to the wire: at once or at a time, taken back, stopped, and tried on oneself before.

use crate::editor::Editor;
use crate::mail::WrittenMail;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::json;
use tsudoi_kernel::mailing::{Mailing, MailingState};
use tsudoi_kernel::time::local_instant;
use tsudoi_kernel::{Locale, MemberId, Timestamp};
use tsudoi_store::{MailingRecord, Reader};
use uuid::Uuid;

/// Nobody plans further ahead than that.
const FURTHEST_SECONDS: i64 = 366 * 24 * 60 * 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    Now,
    /// A date and a time on the organisation's clocks, as a form sends them.
    At {
        date: String,
        time: String,
    },
}

impl When {
    fn instant(&self, zone: &str, now: Timestamp) -> Result<Timestamp, ServiceError> {
        let wrong = |message| ServiceError::Invalid(vec![("when".to_owned(), message)]);
        match self {
            Self::Now => Ok(now),
            Self::At { date, time } => {
                let at = local_instant(date.trim(), time.trim(), zone).ok_or_else(|| wrong("mailings-when-wrong"))?;
                if at <= now {
                    Err(wrong("mailings-when-past"))
                } else if at > now.plus_seconds(FURTHEST_SECONDS) {
                    Err(wrong("mailings-when-far"))
                } else {
                    Ok(at)
                }
            }
        }
    }
}

impl Services {
    /// For looking at a mailing before anybody gets it.
    pub(crate) fn sample_reader(&self, own: Locale) -> Reader {
        let word = |key: &str| self.parts.texts.message(own, key, &json!({})).unwrap_or_default();
        Reader {
            id: MemberId(Uuid::nil()),
            number: "0001".into(),
            family_name: word("mail-sample-family"),
            given_name: word("mail-sample-given"),
            display_name: word("mail-sample-display"),
            tier: None,
            locale: None,
        }
    }

    /// As a member would get it, in each language that it is written in, the organisation's first.
    pub async fn preview_mailing(&self, visit: &Visit, mailing: &Mailing) -> Result<Vec<WrittenMail>, ServiceError> {
        let words = self.words_of(visit, mailing).await?;
        let own = visit.organisation.locale;
        let sample = self.sample_reader(own);
        let stop = words.stop_link(self, None);
        let mut languages: Vec<Locale> = Locale::ALL.into_iter().filter(|locale| mailing.language(Some(*locale), own) == *locale).collect();
        languages.sort_by_key(|locale| *locale != own);
        Ok(languages.into_iter().map(|locale| words.in_language(locale, &sample, &stop)).collect())
    }
}

impl Editor {
    /// The mailing goes out at its time. `seen`: what it was when the page that asks was made.
    pub async fn schedule_mailing(&self, visit: &Visit, id: Uuid, seen: &str, when: &When) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        let at = when.instant(&visit.organisation.time_zone, transaction.at())?;
        let current = transaction.current_mailing(id).await?.ok_or(ServiceError::NotFound)?;
        if current.state != MailingState::Draft || self.services.mailing_state(&current)? != seen {
            return Err(ServiceError::Changed);
        }
        let subject = current.mailing.subject.get(visit.organisation.locale).to_owned();
        let record = MailingRecord { state: MailingState::Scheduled, scheduled: Some(at), by: self.by, ..current };
        transaction.set_mailing(&record).await?;
        self.record(&transaction, "mailing-scheduled", format!("mailing:{id}"), &subject).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Back to a draft, as long as it has not begun.
    pub async fn cancel_mailing(&self, visit: &Visit, id: Uuid) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        let current = transaction.current_mailing(id).await?.ok_or(ServiceError::NotFound)?;
        if current.state != MailingState::Scheduled {
            return Err(ServiceError::Changed);
        }
        let subject = current.mailing.subject.get(visit.organisation.locale).to_owned();
        let record = MailingRecord { state: MailingState::Draft, scheduled: None, by: self.by, ..current };
        transaction.set_mailing(&record).await?;
        self.record(&transaction, "mailing-cancelled", format!("mailing:{id}"), &subject).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Those who have it have it; nobody else gets it.
    pub async fn stop_mailing(&self, visit: &Visit, id: Uuid) -> Result<(), ServiceError> {
        let transaction = self.begin().await?;
        let current = transaction.current_mailing(id).await?.ok_or(ServiceError::NotFound)?;
        if !transaction.stop_mailing(id).await? {
            return Err(ServiceError::Changed);
        }
        let subject = current.mailing.subject.get(visit.organisation.locale).to_owned();
        self.record(&transaction, "mailing-stopped", format!("mailing:{id}"), &subject).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// To whoever asks for it, at their own address as staff. Answers the address.
    pub async fn test_mailing(&self, visit: &Visit, id: Uuid) -> Result<String, ServiceError> {
        self.services.mailing(visit, id).await?;
        let staff = self.store.staff().await?;
        let own = staff.into_iter().find(|staff| Some(staff.account) == self.by).ok_or(ServiceError::Forbidden)?;
        self.store.add_mailing_test(self.services.fresh_id(), id, &own.email, self.services.now()).await?;
        Ok(own.email)
    }
}
