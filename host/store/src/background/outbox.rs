//! What a transaction leaves for the workers: it is there when, and only when, the transaction is.

use super::{Subscriber, WorkKey, WorkKind};
use crate::{ChangeTransaction, StoreError};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::InstallationId;
use tsudoi_kernel::background::{Emitted, Enqueued};
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::effects::Effect;
use tsudoi_kernel::ports::Quota;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct EnabledRow {
    id: Uuid,
    package_hash: String,
    granted: String,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

impl ChangeTransaction {
    /// Tells every installation that is switched on and may hear of it; where there is none, nothing is kept. `emitter`:
    /// `None` where the host tells.
    pub async fn emit(&mut self, emitter: Option<InstallationId>, event: &Emitted) -> Result<(), StoreError> {
        self.load_subscribers().await?;
        let all = self.subscribers.iter().flatten();
        let listening = all.filter(|subscriber| subscriber.habits.0.hears(&event.topic, &subscriber.granted));
        let listening: Vec<InstallationId> = listening.map(|subscriber| subscriber.installation).collect();
        self.deliver(emitter, event, &listening).await
    }

    /// Tells one plugin alone. `false` where it is not switched on or may not hear of it: then nothing is kept.
    pub async fn emit_to(&mut self, plugin: &str, event: &Emitted) -> Result<bool, StoreError> {
        self.load_subscribers().await?;
        let mut all = self.subscribers.iter().flatten().filter(|subscriber| subscriber.habits.0.id == plugin);
        let hears = |subscriber: &&Subscriber| subscriber.habits.0.hears(&event.topic, &subscriber.granted);
        let Some(installation) = all.find(hears).map(|subscriber| subscriber.installation) else { return Ok(false) };
        self.deliver(None, event, &[installation]).await?;
        Ok(true)
    }

    async fn deliver(&mut self, emitter: Option<InstallationId>, event: &Emitted, listening: &[InstallationId]) -> Result<(), StoreError> {
        if listening.is_empty() {
            return Ok(());
        }
        self.emitted += 1;
        let (organisation, number, position, at) =
            (self.organisation().0, self.number() as i64, i64::from(self.emitted), self.at().as_i64());
        let insert =
            "INSERT INTO events (organisation_id, id, installation_id, number, position, topic, order_key, payload, depth, occurred)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let values: [Value; 10] = [
            organisation.into(),
            event.id.into(),
            emitter.map(|emitter| emitter.0).into(),
            number.into(),
            position.into(),
            event.topic.as_str().into(),
            event.order_key.as_str().into(),
            serde_json::to_string(&event.payload)?.into(),
            i64::from(event.depth).into(),
            at.into(),
        ];
        self.sql().execute(insert, values).await?;
        for installation in listening {
            let insert = "INSERT INTO deliveries (organisation_id, event_id, installation_id, number, position, order_key, state,
                    next_attempt, updated)
                VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7)";
            let values: [Value; 7] = [
                organisation.into(),
                event.id.into(),
                installation.0.into(),
                number.into(),
                position.into(),
                event.order_key.as_str().into(),
                at.into(),
            ];
            self.sql().execute(insert, values).await?;
        }
        self.touch(Change { leaves_work: true, ..Change::default() });
        Ok(())
    }

    async fn load_subscribers(&mut self) -> Result<(), StoreError> {
        if self.subscribers.is_some() {
            return Ok(());
        }
        let enabled = "SELECT id, package_hash, granted FROM installations WHERE organisation_id = $1 AND enabled AND state = 'current' ORDER BY plugin_id";
        let rows: Vec<EnabledRow> = self.sql().all(enabled, [self.organisation().0.into()]).await?;
        let mut subscribers = Vec::new();
        for row in rows {
            let habits = self.store.habits(&self.sql(), &row.package_hash).await?;
            let granted = serde_json::from_str(&row.granted)?;
            subscribers.push(Subscriber { installation: InstallationId(row.id), habits, granted });
        }
        self.subscribers = Some(subscribers);
        Ok(())
    }

    /// One with the same key that is not running goes.
    pub async fn enqueue(&mut self, installation: InstallationId, job: &Enqueued) -> Result<(), StoreError> {
        if let Some(key) = &job.key {
            self.cancel_job(installation, &job.name, key).await?;
        }
        let insert = "INSERT INTO jobs (organisation_id, id, installation_id, name, key, payload, depth, state, next_attempt, updated)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9)";
        let values: [Value; 9] = [
            self.organisation().0.into(),
            job.id.into(),
            installation.0.into(),
            job.name.as_str().into(),
            job.key.clone().into(),
            serde_json::to_string(&job.payload)?.into(),
            i64::from(job.depth).into(),
            job.run_at.unwrap_or(self.at()).as_i64().into(),
            self.at().as_i64().into(),
        ];
        self.sql().execute(insert, values).await?;
        self.touch(Change { leaves_work: true, ..Change::default() });
        Ok(())
    }

    pub async fn cancel_job(&mut self, installation: InstallationId, name: &str, key: &str) -> Result<(), StoreError> {
        let delete =
            "DELETE FROM jobs WHERE organisation_id = $1 AND installation_id = $2 AND name = $3 AND key = $4 AND state <> 'running'";
        self.sql().execute(delete, [self.organisation().0.into(), installation.0.into(), name.into(), key.into()]).await?;
        Ok(())
    }

    /// It is done, with this transaction. `false` where it was not there any more. An event that everybody has handled
    /// goes too.
    pub(crate) async fn finish(&mut self, key: WorkKey) -> Result<bool, StoreError> {
        let delete = format!("DELETE FROM {} WHERE {}", key.table(), key.condition());
        let done = self.sql().execute(&delete, key.values(self.organisation())).await? > 0;
        if done && key.kind == WorkKind::Delivery {
            let delete = "DELETE FROM events WHERE organisation_id = $1 AND id = $2
                AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.organisation_id = $1 AND d.event_id = $2)";
            self.sql().execute(delete, [self.organisation().0.into(), key.id.into()]).await?;
        }
        // The next one under its key may be handled now.
        self.touch(Change { leaves_work: done, ..Change::default() });
        Ok(done)
    }

    /// Whether what an installation has told or asked for, and what nobody has done yet, is no more than it may be.
    pub(crate) async fn is_queue_within_quota(
        &self,
        installation: InstallationId,
        effects: &[Effect],
        quota: Quota,
    ) -> Result<bool, StoreError> {
        for (table, most, adds) in [
            ("jobs", quota.jobs, effects.iter().any(|effect| matches!(effect, Effect::Enqueue(_)))),
            ("events", quota.events, effects.iter().any(|effect| matches!(effect, Effect::Emit(_)))),
        ] {
            if !adds {
                continue;
            }
            let sql = format!(
                "SELECT COUNT(*) AS count FROM (
                    SELECT 1 AS one FROM {table} WHERE organisation_id = $1 AND installation_id = $2 LIMIT {}) AS counted",
                u64::from(most) + 1
            );
            let row: Option<CountRow> = self.sql().one(&sql, [self.organisation().0.into(), installation.0.into()]).await?;
            if row.is_some_and(|row| row.count > i64::from(most)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
