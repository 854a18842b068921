//! What stands against a mail: the one place that says so, for planning a mailing, for notices of plugins, and once more when a
//! mail is claimed. Refusals by members, and addresses that no server takes any more.

use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::locale::Localised;
use tsudoi_kernel::{Locale, MemberId, Timestamp};
use uuid::Uuid;

/// SQL for what a mail is about.
pub(crate) struct Wish<'a> {
    pub organisation: &'a str,
    /// NULL where there is none.
    pub email: &'a str,
    pub member: &'a str,
    /// The plugin, or nothing for topics of the organisation's. NULL: nobody can refuse it.
    pub plugin: &'a str,
    pub topic: &'a str,
}

impl Wish<'_> {
    /// SQL for the reason why the mail stays here, a word of [`REASONS`]; NULL where it may go.
    pub(crate) fn barrier(&self) -> String {
        let Wish { organisation, email, member, plugin, topic } = self;
        format!(
            "CASE WHEN {email} IS NULL OR {email} = '' THEN 'no-address'
                  WHEN EXISTS (SELECT 1 FROM mail_refusals r WHERE r.organisation_id = {organisation} AND r.member_id = {member}
                      AND r.plugin_id = {plugin} AND r.mail = {topic}) THEN 'unsubscribed'
                  WHEN {topic} IS NOT NULL AND EXISTS (SELECT 1 FROM mail_suppressions s WHERE s.organisation_id = {organisation}
                      AND s.email = {email}) THEN 'suppressed' END"
        )
    }
}

/// Why a mail was left out.
pub const REASONS: [&str; 3] = ["no-address", "unsubscribed", "suppressed"];

/// What mails can be about, and members can refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicRecord {
    pub id: Uuid,
    pub name: Localised,
    /// Not offered for new mailings.
    pub hidden: bool,
}

/// An address that is not written to any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub email: String,
    /// What its server said.
    pub reason: String,
    pub created: Timestamp,
}

#[derive(FromQueryResult)]
struct TopicRow {
    id: Uuid,
    body: String,
    hidden: bool,
}

#[derive(FromQueryResult)]
struct SuppressionRow {
    email: String,
    reason: String,
    created: i64,
}

#[derive(FromQueryResult)]
struct LocaleRow {
    mail_locale: Option<String>,
}

#[derive(FromQueryResult)]
struct EmailRow {
    email: Option<String>,
}

impl OrganisationStore {
    /// Those that have a row, in the order in which they were made; the first topic before all others.
    pub async fn mail_topics(&self) -> Result<Vec<TopicRecord>, StoreError> {
        let select = "SELECT id, body, hidden FROM mail_topics WHERE organisation_id = $1 ORDER BY id";
        let rows: Vec<TopicRow> = self.store.read().all(select, [self.id.0.into()]).await?;
        let topic = |row: TopicRow| {
            let name: Localised = serde_json::from_str(&row.body)?;
            Ok(TopicRecord { id: row.id, name, hidden: row.hidden })
        };
        rows.into_iter().map(topic).collect()
    }

    /// The newest first, from before `before`.
    pub async fn mail_suppressions(&self, after: &str, limit: u32) -> Result<Vec<Suppression>, StoreError> {
        let select = format!(
            "SELECT email, reason, created FROM mail_suppressions WHERE organisation_id = $1 AND email > $2 ORDER BY email LIMIT {limit}"
        );
        let rows: Vec<SuppressionRow> = self.store.read().all(&select, [self.id.0.into(), after.into()]).await?;
        let suppression =
            |row: SuppressionRow| Suppression { email: row.email, reason: row.reason, created: Timestamp::from_millis(row.created) };
        Ok(rows.into_iter().map(suppression).collect())
    }

    /// Of one address, what its server said.
    pub async fn mail_suppression(&self, email: &str) -> Result<Option<Suppression>, StoreError> {
        let select = "SELECT email, reason, created FROM mail_suppressions WHERE organisation_id = $1 AND email = $2";
        let row: Option<SuppressionRow> = self.store.read().one(select, [self.id.0.into(), email.into()]).await?;
        Ok(row.map(|row| Suppression { email: row.email, reason: row.reason, created: Timestamp::from_millis(row.created) }))
    }

    /// The language that a member chose for mails.
    pub async fn mail_locale(&self, member: MemberId) -> Result<Option<Locale>, StoreError> {
        let select = "SELECT mail_locale FROM members WHERE organisation_id = $1 AND id = $2";
        let row: Option<LocaleRow> = self.store.read().one(select, [self.id.0.into(), member.0.into()]).await?;
        Ok(row.and_then(|row| row.mail_locale).and_then(|tag| Locale::from_tag(&tag)))
    }

    /// It takes no clock: no call can read it.
    pub async fn set_mail_locale(&self, member: MemberId, locale: Locale) -> Result<(), StoreError> {
        let update = "UPDATE members SET mail_locale = $3 WHERE organisation_id = $1 AND id = $2";
        self.store.write().execute(update, [self.id.0.into(), member.0.into(), locale.tag().into()]).await?;
        Ok(())
    }

    /// A member and all who share their address do not want, or want again, a kind of mail: whoever reads that mailbox said so.
    pub async fn set_mailbox_refused(&self, member: MemberId, plugin: &str, mail: &str, refused: bool) -> Result<(), StoreError> {
        let sql = if refused {
            "INSERT INTO mail_refusals (organisation_id, member_id, plugin_id, mail)
             SELECT organisation_id, id, $3, $4 FROM members WHERE organisation_id = $1
                 AND (id = $2 OR email = (SELECT m.email FROM members m WHERE m.organisation_id = $1 AND m.id = $2))
             ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM mail_refusals WHERE organisation_id = $1 AND plugin_id = $3 AND mail = $4 AND member_id IN
                 (SELECT id FROM members WHERE organisation_id = $1
                     AND (id = $2 OR email = (SELECT m.email FROM members m WHERE m.organisation_id = $1 AND m.id = $2)))"
        };
        self.store.write().execute(sql, [self.id.0.into(), member.0.into(), plugin.into(), mail.into()]).await?;
        Ok(())
    }

    /// The address that mail for a member goes to now, where there is such a member.
    pub async fn member_email(&self, member: MemberId) -> Result<Option<Option<String>>, StoreError> {
        let select = "SELECT email FROM members WHERE organisation_id = $1 AND id = $2";
        let row: Option<EmailRow> = self.store.read().one(select, [self.id.0.into(), member.0.into()]).await?;
        Ok(row.map(|row| row.email))
    }
}

impl ChangeTransaction {
    /// Makes it, or changes the one of its id.
    pub async fn set_mail_topic(&self, topic: &TopicRecord) -> Result<(), StoreError> {
        let upsert = "INSERT INTO mail_topics (organisation_id, id, body, hidden, created) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (organisation_id, id) DO UPDATE SET body = excluded.body, hidden = excluded.hidden";
        let body = serde_json::to_string(&topic.name)?;
        let values = [self.organisation().0.into(), topic.id.into(), body.into(), topic.hidden.into(), self.at().as_i64().into()];
        self.sql().execute(upsert, values).await?;
        Ok(())
    }

    /// Mail goes to the address again. Answers whether it had been stopped.
    pub async fn lift_suppression(&self, email: &str) -> Result<bool, StoreError> {
        let delete = "DELETE FROM mail_suppressions WHERE organisation_id = $1 AND email = $2";
        Ok(self.sql().execute(delete, [self.organisation().0.into(), email.into()]).await? == 1)
    }
}
