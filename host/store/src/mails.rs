//! Mails that are to go out. A row is written in the transaction that causes the mail; a worker claims it by committing
//! the state `sending` before it speaks to a server (`mail_claims.rs`), so a crash leaves at most that one in doubt and never
//! sends twice. The states: `waiting`, `sending`, `sent`, `failed` (given up), `in-doubt` (it may or may not have gone out, and is not
//! sent again); and of mailings `left-out` and `stopped`.

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
struct SummaryRow {
    id: Uuid,
    recipient: String,
    subject: String,
    body: String,
    created: i64,
}

/// A mail that members can refuse.
pub(crate) struct Refusable<'a> {
    pub installation: InstallationId,
    /// Who says whether it is wanted.
    pub member: Option<Uuid>,
    pub plugin: &'a str,
    pub mail: &'a str,
}

/// What somebody waits for: a code, an answer, an invitation.
pub(crate) async fn insert_mail<C: sea_orm::ConnectionTrait>(
    sql: &Sql<'_, C>,
    organisation: OrganisationId,
    mail: &MailDraft,
) -> Result<(), StoreError> {
    insert(sql, organisation, mail, None).await
}

/// `about`: what members can refuse goes out after what nobody can.
pub(crate) async fn insert<C: sea_orm::ConnectionTrait>(
    sql: &Sql<'_, C>,
    organisation: OrganisationId,
    mail: &MailDraft,
    about: Option<&Refusable<'_>>,
) -> Result<(), StoreError> {
    let of_member = about.filter(|about| about.member.is_some());
    sql.execute(
        "INSERT INTO mails (organisation_id, id, recipient, subject, body, state, next_attempt, created, installation_id, priority,
             member_id, topic_plugin, topic)
         VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6, $7, $8, $9, $10, $11)",
        [
            organisation.0.into(),
            mail.id.into(),
            mail.recipient.as_str().into(),
            mail.subject.as_str().into(),
            mail.body.as_str().into(),
            mail.at.as_i64().into(),
            about.map(|about| about.installation.0).into(),
            i64::from(about.is_some()).into(),
            of_member.and_then(|about| about.member).into(),
            of_member.map(|about| about.plugin.to_owned()).into(),
            of_member.map(|about| about.mail.to_owned()).into(),
        ],
    )
    .await?;
    Ok(())
}

impl ChangeTransaction {
    pub async fn add_mail(&self, mail: &MailDraft) -> Result<(), StoreError> {
        insert_mail(&self.sql(), self.organisation(), mail).await
    }
}

impl OrganisationStore {
    /// A mailing as it would come, for whoever wrote it. Its words are with the mailing.
    pub async fn add_mailing_test(&self, id: Uuid, mailing: Uuid, recipient: &str, at: Timestamp) -> Result<(), StoreError> {
        let insert = "INSERT INTO mails (organisation_id, id, recipient, subject, body, state, next_attempt, created, priority, mailing_id)
             VALUES ($1, $2, $3, '', '', 'waiting', $4, $4, 1, $5)";
        self.store.write().execute(insert, [self.id.0.into(), id.into(), recipient.into(), at.as_i64().into(), mailing.into()]).await?;
        Ok(())
    }

    /// A mail that no challenge comes with.
    pub async fn add_mail(&self, mail: &MailDraft) -> Result<(), StoreError> {
        insert_mail(&self.store.write(), self.id, mail).await
    }

    /// The newest first.
    pub async fn latest_mails(&self, limit: u32) -> Result<Vec<MailSummary>, StoreError> {
        let sql = "SELECT id, recipient, subject, body, created FROM mails WHERE organisation_id = $1
              AND (mailing_id IS NULL OR body <> '')
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
    /// Removes mails from before `before`, whatever became of them. Answers how many.
    pub async fn remove_old_mails_all_organisations(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write().execute("DELETE FROM mails WHERE created < $1 AND state <> 'sending'", [before.as_i64().into()]).await
    }
}
