//! Mails that are to go out. A row is written in the transaction that causes the mail; a worker claims it by committing
//! the state `sending` before it speaks to a server, so a crash leaves at most that one in doubt and never sends twice.

use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::{InstallationId, OrganisationId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailDraft {
    pub id: Uuid,
    pub recipient: String,
    pub subject: String,
    /// Plain text.
    pub body: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    Waiting,
    /// Claimed by a worker.
    Sending,
    Sent,
    /// Given up.
    Failed,
    /// The process ended while this one was on the wire: nobody knows, and it is not sent again.
    InDoubt,
}

impl MailState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::InDoubt => "in-doubt",
        }
    }
}

/// A mail that was claimed for sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMail {
    pub organisation: OrganisationId,
    pub organisation_name: String,
    pub id: Uuid,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    /// How many times it was tried, with this one.
    pub attempts: u32,
}

/// A mail as the inbox of development shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSummary {
    pub id: Uuid,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    pub created: Timestamp,
}

#[derive(FromQueryResult)]
struct ClaimedRow {
    organisation_id: Uuid,
    organisation_name: String,
    id: Uuid,
    recipient: String,
    subject: String,
    body: String,
    attempts: i64,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

#[derive(FromQueryResult)]
struct SummaryRow {
    id: Uuid,
    recipient: String,
    subject: String,
    body: String,
    created: i64,
}

/// `installation`: `None` for the host's own mail.
pub(crate) async fn insert_mail<C: sea_orm::ConnectionTrait>(
    sql: &Sql<'_, C>,
    organisation: OrganisationId,
    installation: Option<InstallationId>,
    mail: &MailDraft,
) -> Result<(), StoreError> {
    sql.execute(
        "INSERT INTO mails (organisation_id, id, recipient, subject, body, state, next_attempt, created, installation_id)
         VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6, $7)",
        [
            organisation.0.into(),
            mail.id.into(),
            mail.recipient.as_str().into(),
            mail.subject.as_str().into(),
            mail.body.as_str().into(),
            mail.at.as_i64().into(),
            installation.map(|installation| installation.0).into(),
        ],
    )
    .await?;
    Ok(())
}

impl ChangeTransaction {
    pub async fn add_mail(&self, mail: &MailDraft) -> Result<(), StoreError> {
        insert_mail(&self.sql(), self.organisation(), None, mail).await
    }
}

impl OrganisationStore {
    /// A mail that no challenge comes with.
    pub async fn add_mail(&self, mail: &MailDraft) -> Result<(), StoreError> {
        insert_mail(&self.store.write(), self.id, None, mail).await
    }

    /// The newest first.
    pub async fn latest_mails(&self, limit: u32) -> Result<Vec<MailSummary>, StoreError> {
        let sql = "SELECT id, recipient, subject, body, created FROM mails WHERE organisation_id = $1
            ORDER BY created DESC, id DESC LIMIT $2 + 0";
        let rows: Vec<SummaryRow> = self.store.read().all(sql, [self.id.0.into(), i64::from(limit).into()]).await?;
        let summary = |row: SummaryRow| MailSummary {
            id: row.id,
            recipient: row.recipient,
            subject: row.subject,
            body: row.body,
            created: Timestamp::from_millis(row.created),
        };
        Ok(rows.into_iter().map(summary).collect())
    }
}

impl Store {
    /// Whether a worker has anything to do. A look that locks nothing, since it is taken every few seconds.
    pub async fn is_mail_due_all_organisations(&self, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) AS count FROM (
                SELECT id FROM mails WHERE state IN ('waiting', 'sending') AND next_attempt <= $1 LIMIT 1) AS due";
        let row: Option<CountRow> = self.read().one(sql, [now.as_i64().into()]).await?;
        Ok(row.is_some_and(|row| row.count > 0))
    }

    /// Claims the mail that is due longest, and commits that. If this process ends before it says how the mail fared,
    /// the mail counts as in doubt from `lease` on.
    pub async fn claim_mail_all_organisations(&self, now: Timestamp, lease: Timestamp) -> Result<Option<ClaimedMail>, StoreError> {
        // SQLite has one writer, so nobody else can be claiming the same row.
        let skip = if self.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" };
        let sql = format!(
            "WITH due AS MATERIALIZED (
                SELECT organisation_id, id FROM mails WHERE state = 'waiting' AND next_attempt <= $1
                ORDER BY next_attempt, id LIMIT 1 {skip})
             UPDATE mails SET state = 'sending', attempts = attempts + 1, next_attempt = $2
             WHERE (organisation_id, id) IN (SELECT organisation_id, id FROM due)
             RETURNING organisation_id, id, recipient, subject, body, attempts,
                (SELECT o.name FROM organisations o WHERE o.id = mails.organisation_id) AS organisation_name"
        );
        let row: Option<ClaimedRow> = self.write().one(&sql, [now.as_i64().into(), lease.as_i64().into()]).await?;
        Ok(row.map(|row| ClaimedMail {
            organisation: OrganisationId(row.organisation_id),
            organisation_name: row.organisation_name,
            id: row.id,
            recipient: row.recipient,
            subject: row.subject,
            body: row.body,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        }))
    }

    /// The mail is out, or given up: its text, which may hold a code, is not kept.
    pub async fn finish_mail_all_organisations(
        &self,
        mail: &ClaimedMail,
        state: MailState,
        problem: Option<&str>,
    ) -> Result<(), StoreError> {
        let update = "UPDATE mails SET state = $3, problem = $4, body = '' WHERE organisation_id = $1 AND id = $2 AND state = 'sending'";
        let problem = problem.map(str::to_owned);
        let values = [mail.organisation.0.into(), mail.id.into(), state.as_str().into(), problem.into()];
        self.write().execute(update, values).await?;
        Ok(())
    }

    /// It did not go out now, and is tried again at `next`.
    pub async fn postpone_mail_all_organisations(&self, mail: &ClaimedMail, next: Timestamp, problem: &str) -> Result<(), StoreError> {
        let update = "UPDATE mails SET state = 'waiting', next_attempt = $3, problem = $4
            WHERE organisation_id = $1 AND id = $2 AND state = 'sending'";
        let values = [mail.organisation.0.into(), mail.id.into(), next.as_i64().into(), problem.into()];
        self.write().execute(update, values).await?;
        Ok(())
    }

    /// Marks those whose worker never said how they fared. Answers how many.
    pub async fn doubt_mails_all_organisations(&self, now: Timestamp) -> Result<u64, StoreError> {
        let update = "UPDATE mails SET state = 'in-doubt', body = '' WHERE state = 'sending' AND next_attempt <= $1";
        self.write().execute(update, [now.as_i64().into()]).await
    }

    /// Removes mails from before `before`, whatever became of them. Answers how many.
    pub async fn remove_old_mails_all_organisations(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write().execute("DELETE FROM mails WHERE created < $1 AND state <> 'sending'", [before.as_i64().into()]).await
    }
}
