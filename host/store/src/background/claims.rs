//! Workers take what is due. A claim is one statement: on PostgreSQL rows that somebody else is just claiming are
//! skipped, on SQLite there is one writer. Whoever claims has a lease; after it the next one may try, so a process that
//! dies holds nothing up for long. Two that run the same thing do no harm: its mark is in the commit of one of them.

use super::WorkKey;
use crate::{OrganisationStore, Store, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::background::{Delivery, Emitted, Job};
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::{InstallationId, Organisation, OrganisationId, Timestamp};
use uuid::Uuid;

/// Something that was claimed.
#[derive(Debug, Clone, PartialEq)]
pub enum Due {
    Delivery(Delivery),
    Job(Job),
}

impl Due {
    pub fn key(&self) -> WorkKey {
        match self {
            Self::Delivery(delivery) => WorkKey::delivery(delivery.event.id, delivery.installation),
            Self::Job(job) => WorkKey::job(job.id, job.installation),
        }
    }

    pub fn attempt(&self) -> u32 {
        match self {
            Self::Delivery(delivery) => delivery.attempt,
            Self::Job(job) => job.attempt,
        }
    }
}

/// An installation that does something: what is left of a version before, or waits for its upgrade, does not.
const ON: &str = "i.enabled AND i.state = 'current' AND NOT i.upgrading";

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct DeliveryRow {
    event_id: Uuid,
    installation_id: Uuid,
    order_key: String,
    attempts: i64,
    topic: String,
    payload: String,
    depth: i64,
    occurred: i64,
}

#[derive(FromQueryResult)]
struct JobRow {
    id: Uuid,
    installation_id: Uuid,
    name: String,
    payload: String,
    depth: i64,
    attempts: i64,
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Store {
    /// The organisations for which something may be due, by id.
    pub async fn organisations_with_work_all_organisations(&self, now: Timestamp) -> Result<Vec<OrganisationId>, StoreError> {
        let sql = "SELECT organisation_id AS id FROM deliveries WHERE state IN ('waiting', 'running') AND next_attempt <= $1
            UNION SELECT organisation_id FROM jobs WHERE state IN ('waiting', 'running') AND next_attempt <= $1 ORDER BY id";
        let rows: Vec<IdRow> = self.read().all(sql, [now.as_i64().into()]).await?;
        Ok(rows.into_iter().map(|row| OrganisationId(row.id)).collect())
    }

    /// On SQLite, where one process has the database: what it was running when it ended is free again.
    pub async fn release_work_all_organisations(&self, now: Timestamp) -> Result<(), StoreError> {
        if self.is_sqlite() {
            for table in ["deliveries", "jobs"] {
                let update = format!("UPDATE {table} SET next_attempt = $1 WHERE state = 'running' AND next_attempt > $1");
                self.write().execute(&update, [now.as_i64().into()]).await?;
            }
        }
        Ok(())
    }

    /// When the next event, job or schedule after `now` is due.
    pub async fn next_work_all_organisations(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        #[derive(FromQueryResult)]
        struct NextRow {
            next: Option<i64>,
        }
        let sql = "SELECT MIN(next) AS next FROM (
            SELECT MIN(next_attempt) AS next FROM deliveries WHERE state = 'waiting' AND next_attempt > $1
            UNION ALL SELECT MIN(next_attempt) FROM jobs WHERE state = 'waiting' AND next_attempt > $1
            UNION ALL SELECT MIN(next_run) FROM schedules WHERE next_run > $1) AS waiting";
        let row: Option<NextRow> = self.read().one(sql, [now.as_i64().into()]).await?;
        Ok(row.and_then(|row| row.next).map(Timestamp::from_millis))
    }
}

impl OrganisationStore {
    /// For the rows of `table` in a statement that claims some of them.
    fn lock(&self, table: &str) -> String {
        if self.store.is_sqlite() { String::new() } else { format!("FOR UPDATE OF {table} SKIP LOCKED") }
    }

    /// The earliest event that is due for an installation that is switched on, and that no earlier one of its key holds
    /// up. Nobody else gets it before `lease`.
    pub async fn claim_delivery(&self, now: Timestamp, lease: Timestamp) -> Result<Option<Delivery>, StoreError> {
        let lock = self.lock("d");
        let sql = format!(
            "WITH due AS MATERIALIZED (
                SELECT d.event_id, d.installation_id FROM deliveries d
                JOIN installations i ON i.organisation_id = d.organisation_id AND i.id = d.installation_id AND {ON}
                WHERE d.organisation_id = $1 AND d.state IN ('waiting', 'running') AND d.next_attempt <= $2
                  AND (d.order_key = '' OR NOT EXISTS (
                    SELECT 1 FROM deliveries e
                    WHERE e.organisation_id = d.organisation_id AND e.installation_id = d.installation_id
                      AND e.order_key = d.order_key AND e.state IN ('waiting', 'running')
                      AND (e.number < d.number OR (e.number = d.number AND e.position < d.position))))
                ORDER BY d.number, d.position LIMIT 1 {lock})
             UPDATE deliveries SET state = 'running', attempts = attempts + 1, next_attempt = $3
             WHERE organisation_id = $1 AND (event_id, installation_id) IN (SELECT event_id, installation_id FROM due)
             RETURNING event_id, installation_id, order_key, attempts,
                (SELECT e.topic FROM events e WHERE e.organisation_id = $1 AND e.id = deliveries.event_id) AS topic,
                (SELECT e.payload FROM events e WHERE e.organisation_id = $1 AND e.id = deliveries.event_id) AS payload,
                (SELECT e.depth FROM events e WHERE e.organisation_id = $1 AND e.id = deliveries.event_id) AS depth,
                (SELECT e.occurred FROM events e WHERE e.organisation_id = $1 AND e.id = deliveries.event_id) AS occurred"
        );
        let row: Option<DeliveryRow> = self.store.write().one(&sql, [self.id.0.into(), now.as_i64().into(), lease.as_i64().into()]).await?;
        let Some(row) = row else { return Ok(None) };
        let (payload, depth) = (serde_json::from_str(&row.payload)?, small(row.depth));
        Ok(Some(Delivery {
            organisation: self.id,
            installation: InstallationId(row.installation_id),
            event: Emitted { id: row.event_id, topic: row.topic, order_key: row.order_key, payload, depth },
            occurred: Timestamp::from_millis(row.occurred),
            attempt: small(row.attempts),
        }))
    }

    /// The job that is due longest. Two of the same key don't run at the same time.
    pub async fn claim_job(&self, now: Timestamp, lease: Timestamp) -> Result<Option<Job>, StoreError> {
        let lock = self.lock("j");
        let sql = format!(
            "WITH due AS MATERIALIZED (
                SELECT j.id FROM jobs j
                JOIN installations i ON i.organisation_id = j.organisation_id AND i.id = j.installation_id AND {ON}
                WHERE j.organisation_id = $1 AND j.state IN ('waiting', 'running') AND j.next_attempt <= $2
                  AND (j.key IS NULL OR NOT EXISTS (
                    SELECT 1 FROM jobs r
                    WHERE r.organisation_id = j.organisation_id AND r.installation_id = j.installation_id AND r.name = j.name
                      AND r.key = j.key AND r.id <> j.id AND r.state = 'running'))
                ORDER BY j.next_attempt, j.id LIMIT 1 {lock})
             UPDATE jobs SET state = 'running', attempts = attempts + 1, next_attempt = $3
             WHERE organisation_id = $1 AND id IN (SELECT id FROM due)
             RETURNING id, installation_id, name, payload, depth, attempts"
        );
        let row: Option<JobRow> = self.store.write().one(&sql, [self.id.0.into(), now.as_i64().into(), lease.as_i64().into()]).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Job {
            organisation: self.id,
            installation: InstallationId(row.installation_id),
            id: row.id,
            name: row.name,
            payload: serde_json::from_str(&row.payload)?,
            depth: small(row.depth),
            attempt: small(row.attempts),
        }))
    }

    /// Whoever claimed it is still at it.
    pub async fn renew_lease(&self, key: WorkKey, attempt: u32, lease: Timestamp) -> Result<(), StoreError> {
        let update =
            format!("UPDATE {} SET next_attempt = $5 WHERE {} AND state = 'running' AND attempts = $4", key.table(), key.condition());
        let values = key.values(self.id).into_iter().chain([i64::from(attempt).into(), lease.as_i64().into()]);
        self.store.write().execute(&update, values).await?;
        Ok(())
    }

    /// It is tried again at `next`. Where `counts` is false the try was no fault of the plugin's and is forgotten.
    pub async fn postpone_work(&self, key: WorkKey, attempt: u32, next: Timestamp, counts: bool) -> Result<(), StoreError> {
        let update = format!(
            "UPDATE {} SET state = 'waiting', next_attempt = $5, attempts = $6 WHERE {} AND state = 'running' AND attempts = $4",
            key.table(),
            key.condition()
        );
        let left = if counts { attempt } else { attempt.saturating_sub(1) };
        let values = key.values(self.id).into_iter().chain([i64::from(attempt).into(), next.as_i64().into(), i64::from(left).into()]);
        self.store.write().execute(&update, values).await?;
        Ok(())
    }

    /// What a call needs to know: the organisation and its clock, and the installation where it is still there.
    pub async fn background_context(&self, installation: InstallationId) -> Result<Option<(Organisation, u64, Installation)>, StoreError> {
        // The clock before the installation: a change in between is found by the call's own check.
        let Some((organisation, clock)) = self.store.organisation_with_clock(self.id).await? else { return Ok(None) };
        Ok(self.installation_by_id(installation).await?.map(|installation| (organisation, clock, installation)))
    }
}
