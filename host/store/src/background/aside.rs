//! What kept failing: set aside for staff, who try it again or discard it. Whatever waits behind it goes on.

use super::{WorkKey, WorkKind};
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::{InstallationId, Timestamp};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    pub key: WorkKey,
    pub plugin: String,
    /// The topic, or the job's name.
    pub name: String,
    /// A word of the host's, such as `trapped`.
    pub reason: String,
    /// For whoever looks into it.
    pub detail: String,
    pub attempts: u32,
    pub at: Timestamp,
}

#[derive(FromQueryResult)]
struct AsideRow {
    kind: String,
    id: Uuid,
    installation_id: Uuid,
    plugin_id: String,
    name: String,
    reason: String,
    detail: String,
    attempts: i64,
    updated: i64,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

impl Store {
    /// What was set aside before `before` and nobody cared for, and events that nobody is left to handle. Answers how many.
    pub async fn remove_old_work_all_organisations(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut removed = 0;
        for table in ["deliveries", "jobs"] {
            let delete = format!("DELETE FROM {table} WHERE state = 'failed' AND updated < $1");
            removed += self.write().execute(&delete, [before.as_i64().into()]).await?;
        }
        let orphans = "DELETE FROM events WHERE NOT EXISTS (
            SELECT 1 FROM deliveries d WHERE d.organisation_id = events.organisation_id AND d.event_id = events.id)";
        self.write().execute(orphans, []).await?;
        Ok(removed)
    }
}

impl OrganisationStore {
    /// It is not tried any more until staff say so.
    pub async fn set_work_aside(&self, key: WorkKey, attempt: u32, reason: &str, detail: &str, at: Timestamp) -> Result<(), StoreError> {
        let update = format!(
            "UPDATE {} SET state = 'failed', reason = $5, detail = $6, updated = $7 WHERE {} AND state = 'running' AND attempts = $4",
            key.table(),
            key.condition()
        );
        let values = key.values(self.id).into_iter().chain([i64::from(attempt).into(), reason.into(), detail.into(), at.as_i64().into()]);
        self.store.write().execute(&update, values).await?;
        Ok(())
    }

    /// The newest first.
    pub async fn work_set_aside(&self, limit: u32) -> Result<Vec<SetAside>, StoreError> {
        let sql = "SELECT 'delivery' AS kind, d.event_id AS id, d.installation_id, i.plugin_id, e.topic AS name, d.reason, d.detail,
                d.attempts, d.updated AS updated
            FROM deliveries d JOIN events e ON e.organisation_id = d.organisation_id AND e.id = d.event_id
            JOIN installations i ON i.organisation_id = d.organisation_id AND i.id = d.installation_id
            WHERE d.organisation_id = $1 AND d.state = 'failed'
            UNION ALL
            SELECT 'job', j.id, j.installation_id, i.plugin_id, j.name, j.reason, j.detail, j.attempts, j.updated
            FROM jobs j JOIN installations i ON i.organisation_id = j.organisation_id AND i.id = j.installation_id
            WHERE j.organisation_id = $1 AND j.state = 'failed'
            ORDER BY updated DESC, id LIMIT $2 + 0";
        let rows: Vec<AsideRow> = self.store.read().all(sql, [self.id.0.into(), i64::from(limit).into()]).await?;
        let parse = |row: AsideRow| SetAside {
            key: WorkKey {
                kind: if row.kind == "job" { WorkKind::Job } else { WorkKind::Delivery },
                id: row.id,
                installation: InstallationId(row.installation_id),
            },
            plugin: row.plugin_id,
            name: row.name,
            reason: row.reason,
            detail: row.detail,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            at: Timestamp::from_millis(row.updated),
        };
        Ok(rows.into_iter().map(parse).collect())
    }

    pub async fn count_work_set_aside(&self) -> Result<u64, StoreError> {
        let sql = "SELECT (SELECT COUNT(*) FROM deliveries WHERE organisation_id = $1 AND state = 'failed')
            + (SELECT COUNT(*) FROM jobs WHERE organisation_id = $1 AND state = 'failed') AS count";
        let row: Option<CountRow> = self.store.read().one(sql, [self.id.0.into()]).await?;
        Ok(row.map_or(0, |row| row.count.unsigned_abs()))
    }
}

impl ChangeTransaction {
    /// It is tried anew, at once. `false` where it is not set aside any more.
    pub async fn retry_work(&mut self, key: WorkKey) -> Result<bool, StoreError> {
        let update = format!(
            "UPDATE {} SET state = 'waiting', attempts = 0, next_attempt = $4, updated = $4 WHERE {} AND state = 'failed'",
            key.table(),
            key.condition()
        );
        let values = key.values(self.organisation()).into_iter().chain([self.at().as_i64().into()]);
        let found = self.sql().execute(&update, values).await? > 0;
        self.touch(Change { leaves_work: found, ..Change::default() });
        Ok(found)
    }

    /// It is gone. `false` where it is not set aside any more.
    pub async fn discard_work(&mut self, key: WorkKey) -> Result<bool, StoreError> {
        let delete = format!("DELETE FROM {} WHERE {} AND state = 'failed'", key.table(), key.condition());
        Ok(self.sql().execute(&delete, key.values(self.organisation())).await? > 0)
    }
}
