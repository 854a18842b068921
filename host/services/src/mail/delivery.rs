//! Taking mails to the wire. Each is claimed in a commit of its own before a server hears of it, and tried again later
//! where the server says so. One whose worker died is in doubt: it is marked and not repeated.

use crate::{ServiceError, Services};
use tsudoi_kernel::ports::{MailError, Mailer, OutgoingMail};
use tsudoi_store::MailState;

/// Longer than any conversation with a server.
const LEASE_SECONDS: i64 = 10 * 60;

/// After how many seconds the next try is made; after the last one the mail is given up.
const WAITS: [i64; 5] = [60, 5 * 60, 15 * 60, 60 * 60, 4 * 60 * 60];

/// How long the record of a mail is kept.
const KEEP_SECONDS: i64 = 90 * 24 * 60 * 60;

/// Most mails in one go, so that a worker can also do something else.
const MOST_IN_ONE_GO: usize = 50;

impl Services {
    /// Sends what is due. Answers how many mails it took in hand; 0 in development, where mails stay in the inbox.
    pub async fn deliver_mails(&self, mailer: &dyn Mailer) -> Result<usize, ServiceError> {
        if self.settings().dev_inbox {
            return Ok(0);
        }
        let store = self.store();
        if !store.is_mail_due_all_organisations(self.now()).await? {
            return Ok(0);
        }
        let doubted = store.doubt_mails_all_organisations(self.now()).await?;
        if doubted > 0 {
            tracing::warn!(doubted, "mails may or may not have been sent when a process ended");
        }
        let mut taken = 0;
        while taken < MOST_IN_ONE_GO {
            let now = self.now();
            let Some(mail) = store.claim_mail_all_organisations(now, now.plus_seconds(LEASE_SECONDS)).await? else { break };
            taken += 1;
            let outgoing = OutgoingMail {
                from_name: mail.organisation_name.clone(),
                to: mail.recipient.clone(),
                subject: mail.subject.clone(),
                text: mail.body.clone(),
                id: mail.id,
            };
            let wait = usize::try_from(mail.attempts).ok().and_then(|attempts| WAITS.get(attempts.saturating_sub(1)));
            match (mailer.send(outgoing).await, wait) {
                (Ok(()), _) => store.finish_mail_all_organisations(&mail, MailState::Sent, None).await?,
                (Err(MailError::Temporary(problem)), Some(wait)) => {
                    tracing::info!(mail = %mail.id, problem, "a mail is tried again later");
                    store.postpone_mail_all_organisations(&mail, self.now().plus_seconds(*wait), &problem).await?;
                }
                (Err(MailError::Temporary(problem) | MailError::Permanent(problem)), _) => {
                    tracing::warn!(mail = %mail.id, problem, "a mail was given up");
                    store.finish_mail_all_organisations(&mail, MailState::Failed, Some(&problem)).await?;
                }
            }
        }
        Ok(taken)
    }

    /// Removes the records of mails from long ago. Called now and then by a background worker. Answers how many.
    pub async fn forget_old_mails(&self) -> Result<u64, ServiceError> {
        Ok(self.store().remove_old_mails_all_organisations(self.now().plus_seconds(-KEEP_SECONDS)).await?)
    }
}
