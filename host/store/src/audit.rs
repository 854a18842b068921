//! Who did what: entries are added and never changed.

use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::{AccountId, Timestamp};
use uuid::Uuid;

/// Something that staff did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub id: Uuid,
    /// `None`: the system, or the command line.
    pub by: Option<AccountId>,
    /// `page-published`, `file-deleted`, …
    pub action: String,
    /// What it was done to, such as `page:<id>`.
    pub subject: String,
    /// For people: a title, a name.
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEntry {
    pub by: Option<String>,
    pub action: String,
    pub subject: String,
    pub detail: String,
    pub at: Timestamp,
}

#[derive(FromQueryResult)]
struct EntryRow {
    by_name: Option<String>,
    action: String,
    subject: String,
    detail: String,
    at: i64,
}

impl OrganisationStore {
    /// What people did, not the system: the latest first.
    pub async fn audit_entries(&self, limit: u32) -> Result<Vec<RecordedEntry>, StoreError> {
        self.entries("e.account_id IS NOT NULL", "", limit).await
    }

    /// Entries whose subject begins so, by people and by the system: the latest first.
    pub async fn audit_entries_about(&self, subject: &str, limit: u32) -> Result<Vec<RecordedEntry>, StoreError> {
        self.entries("1 = 1", subject, limit).await
    }

    async fn entries(&self, condition: &str, subject: &str, limit: u32) -> Result<Vec<RecordedEntry>, StoreError> {
        let rows: Vec<EntryRow> = self
            .store
            .read()
            .all(
                &format!(
                    "SELECT f.display_name AS by_name, e.action, e.subject, e.detail, e.at FROM audit_entries e
                     LEFT JOIN staff f ON f.organisation_id = e.organisation_id AND f.account_id = e.account_id
                     WHERE e.organisation_id = $1 AND {condition} AND substr(e.subject, 1, $3) = $2 ORDER BY e.id DESC LIMIT $4 + 0"
                ),
                [self.id.0.into(), subject.into(), (subject.chars().count() as i32).into(), i64::from(limit).into()],
            )
            .await?;
        let entry = |row: EntryRow| RecordedEntry {
            by: row.by_name,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
            at: Timestamp::from_millis(row.at),
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}

impl ChangeTransaction {
    /// Adds an entry that stands and falls with this transaction.
    pub async fn record(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "INSERT INTO audit_entries (organisation_id, id, account_id, action, subject, detail, at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [
                    self.organisation().0.into(),
                    entry.id.into(),
                    entry.by.map(|account| account.0).into(),
                    entry.action.as_str().into(),
                    entry.subject.as_str().into(),
                    entry.detail.as_str().into(),
                    self.at().as_i64().into(),
                ],
            )
            .await?;
        Ok(())
    }
}
