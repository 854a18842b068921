//! Revisions: each state that a page, or the site's frame, was saved in. None is ever changed; a page or the
//! organisation names the one that is the draft and the one that is published.

use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult};
use tsudoi_kernel::{AccountId, OrganisationId, PageId, Timestamp};
use uuid::Uuid;

/// What a revision is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Page(PageId),
    /// Name, logo, colour and menus.
    Site,
}

impl Subject {
    fn key(self) -> String {
        match self {
            Self::Page(id) => format!("page:{id}"),
            Self::Site => "site".to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    pub id: Uuid,
    /// JSON.
    pub body: String,
    /// Who saved it; `None` for the system, and for staff who have left.
    pub by: Option<String>,
    pub created: Timestamp,
    /// When it was last published.
    pub published: Option<Timestamp>,
    /// What was published before it, where it was published: what an undo goes back to.
    pub replaced: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct RevisionRow {
    id: Uuid,
    body: String,
    by_name: Option<String>,
    created: i64,
    published: Option<i64>,
    replaced: Option<Uuid>,
}

impl From<RevisionRow> for Revision {
    fn from(row: RevisionRow) -> Self {
        Self {
            id: row.id,
            body: row.body,
            by: row.by_name,
            created: Timestamp::from_millis(row.created),
            published: row.published.map(Timestamp::from_millis),
            replaced: row.replaced,
        }
    }
}

const SELECT: &str = "SELECT r.id, r.body, f.display_name AS by_name, r.created, r.published, r.replaced
     FROM revisions r LEFT JOIN staff f ON f.organisation_id = r.organisation_id AND f.account_id = r.account_id";

async fn revision(
    sql: Sql<'_, impl ConnectionTrait>,
    organisation: OrganisationId,
    subject: Subject,
    id: Uuid,
) -> Result<Option<Revision>, StoreError> {
    let text = format!("{SELECT} WHERE r.organisation_id = $1 AND r.id = $2 AND r.subject = $3");
    let row = sql.one::<RevisionRow>(&text, [organisation.0.into(), id.into(), subject.key().into()]).await?;
    Ok(row.map(Into::into))
}

impl OrganisationStore {
    pub async fn revision(&self, subject: Subject, id: Uuid) -> Result<Option<Revision>, StoreError> {
        revision(self.store.read(), self.id, subject, id).await
    }

    /// The latest first, at most `limit`, those before the revision `before`.
    pub async fn revisions(&self, subject: Subject, before: Option<Uuid>, limit: u32) -> Result<Vec<Revision>, StoreError> {
        let mut values = vec![self.id.0.into(), subject.key().into(), i64::from(limit).into()];
        let mut text = format!("{SELECT} WHERE r.organisation_id = $1 AND r.subject = $2");
        if let Some(before) = before {
            // Ids begin with the time at which they were made.
            text.push_str(" AND r.id < $4");
            values.push(before.into());
        }
        text.push_str(" ORDER BY r.id DESC LIMIT $3 + 0");
        Ok(self.store.read().all::<RevisionRow>(&text, values).await?.into_iter().map(Into::into).collect())
    }
}

impl ChangeTransaction {
    pub async fn revision(&self, subject: Subject, id: Uuid) -> Result<Option<Revision>, StoreError> {
        revision(self.sql(), self.organisation(), subject, id).await
    }

    pub async fn insert_revision(&self, subject: Subject, id: Uuid, body: &str, by: Option<AccountId>) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "INSERT INTO revisions (organisation_id, id, subject, body, account_id, created) VALUES ($1, $2, $3, $4, $5, $6)",
                [
                    self.organisation().0.into(),
                    id.into(),
                    subject.key().into(),
                    body.into(),
                    by.map(|account| account.0).into(),
                    self.at().as_i64().into(),
                ],
            )
            .await?;
        Ok(())
    }

    /// Notes that a revision is published now, in place of `replaced`.
    pub async fn mark_published(&self, id: Uuid, replaced: Option<Uuid>) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "UPDATE revisions SET published = $3, replaced = $4 WHERE organisation_id = $1 AND id = $2",
                [self.organisation().0.into(), id.into(), self.at().as_i64().into(), replaced.into()],
            )
            .await?;
        Ok(())
    }
}
