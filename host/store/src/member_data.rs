//! What the database holds about one member, and how it is taken out: documents of plugins by the links that their
//! manifests declare, and the host's own rows.

use crate::plugin_data::write_documents;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::ports::{Scope, StoredDocument, Write};
use tsudoi_kernel::{InstallationId, MemberId, Timestamp};
use uuid::Uuid;

/// A line of a member's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    pub installation: InstallationId,
    pub kind: String,
    pub summary: String,
    /// A path of the plugin that opens it.
    pub path: Option<String>,
    /// JSON.
    pub data: String,
    pub at: Timestamp,
}

#[derive(FromQueryResult)]
struct EntryRow {
    installation_id: Uuid,
    kind: String,
    summary: String,
    path: Option<String>,
    data: String,
    at: i64,
}

#[derive(FromQueryResult)]
struct PersonRow {
    account_id: Option<Uuid>,
    email: Option<String>,
}

#[derive(FromQueryResult)]
struct BodyRow {
    id: Uuid,
    revision: String,
    body: String,
    created: i64,
    updated: i64,
}

impl OrganisationStore {
    /// The newest first, at most `limit` where one is given.
    pub async fn timeline(&self, member: MemberId, limit: Option<u32>) -> Result<Vec<TimelineEntry>, StoreError> {
        let sql = "SELECT installation_id, kind, summary, path, data, at FROM activities
            WHERE organisation_id = $1 AND member_id = $2 ORDER BY at DESC, id DESC LIMIT $3 + 0";
        let limit = limit.map_or(i64::MAX, i64::from);
        let rows: Vec<EntryRow> = self.store.read().all(sql, [self.id.0.into(), member.0.into(), limit.into()]).await?;
        let entry = |row: EntryRow| TimelineEntry {
            installation: InstallationId(row.installation_id),
            kind: row.kind,
            summary: row.summary,
            path: row.path,
            data: row.data,
            at: Timestamp::from_millis(row.at),
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}

impl ChangeTransaction {
    /// Documents as they are now, under the clock: nothing changes them before this commit.
    pub async fn documents_now(
        &self,
        installation: InstallationId,
        collection: &str,
        ids: &[Uuid],
    ) -> Result<Vec<StoredDocument>, StoreError> {
        let sql = format!(
            "SELECT id, revision, body, created, updated FROM plugin_documents
             WHERE organisation_id = $1 AND installation_id = $2 AND collection = $3 AND id IN ({})",
            crate::sql::placeholders(3, ids.len())
        );
        let values = [self.organisation().0.into(), installation.0.into(), collection.into()];
        let rows: Vec<BodyRow> = self.sql().all(&sql, values.into_iter().chain(ids.iter().map(|id| (*id).into()))).await?;
        let document = |row: BodyRow| StoredDocument {
            id: row.id,
            revision: row.revision,
            body: row.body,
            created: Timestamp::from_millis(row.created),
            updated: Timestamp::from_millis(row.updated),
        };
        Ok(rows.into_iter().map(document).collect())
    }

    /// Writes to an installation's documents, its indexes and counters, as a command's commit does.
    pub async fn write_documents(&mut self, installation: InstallationId, writes: &[Write]) -> Result<(), StoreError> {
        let scope = Scope { organisation: self.organisation(), installation };
        let documents = write_documents(&self.sql(), scope, writes).await?;
        self.touch(Change { documents, ..Change::default() });
        Ok(())
    }

    /// Removes the member's own rows: the record with labels and timeline, sessions, mails and codes to the address where
    /// nobody else here has it, and the account where it opens nothing else.
    pub async fn erase_member(&mut self, member: MemberId) -> Result<(), StoreError> {
        let (organisation, id) = (self.organisation().0, member.0);
        let person: Option<PersonRow> = self
            .sql()
            .one("SELECT account_id, email FROM members WHERE organisation_id = $1 AND id = $2", [organisation.into(), id.into()])
            .await?;
        self.forget_told_answers(member).await?;
        for table in ["activities", "sessions", "mails"] {
            let sql = format!("DELETE FROM {table} WHERE organisation_id = $1 AND member_id = $2");
            self.sql().execute(&sql, [organisation.into(), id.into()]).await?;
        }
        // Documents with a number stay, by law, and no longer say whose they were but by their own words.
        let drafts = "DELETE FROM invoices WHERE organisation_id = $1 AND member_id = $2 AND number IS NULL";
        self.sql().execute(drafts, [organisation.into(), id.into()]).await?;
        for table in ["invoices", "payments"] {
            let sql = format!("UPDATE {table} SET member_id = NULL WHERE organisation_id = $1 AND member_id = $2");
            self.sql().execute(&sql, [organisation.into(), id.into()]).await?;
        }
        self.sql().execute("DELETE FROM members WHERE organisation_id = $1 AND id = $2", [organisation.into(), id.into()]).await?;
        if let Some(email) = person.as_ref().and_then(|person| person.email.clone()) {
            for (table, column) in [("mails", "recipient"), ("challenges", "email")] {
                let sql = format!(
                    "DELETE FROM {table} WHERE organisation_id = $1 AND {column} = $2
                     AND NOT EXISTS (SELECT 1 FROM members WHERE organisation_id = $1 AND email = $2)
                     AND NOT EXISTS (SELECT 1 FROM staff WHERE organisation_id = $1 AND email = $2)"
                );
                self.sql().execute(&sql, [organisation.into(), email.as_str().into()]).await?;
            }
        }
        if let Some(account) = person.and_then(|person| person.account_id) {
            let unused = "DELETE FROM accounts WHERE id = $1 AND id NOT IN (SELECT account_id FROM members WHERE account_id IS NOT NULL)
                AND id NOT IN (SELECT account_id FROM staff)";
            self.sql().execute(unused, [account.into()]).await?;
        }
        self.touch(Change::member(member));
        Ok(())
    }
}
