//! When scheduled jobs run next. The rows follow from what is installed: whatever switches a plugin on, changes its
//! version or moves the organisation to another zone, the next look finds what is missing and makes it.

use crate::{OrganisationStore, Store, StoreError};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::{InstallationId, OrganisationId, Timestamp};
use uuid::Uuid;

/// A scheduled job whose next run is not known yet, or is that of another schedule or zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmadeSchedule {
    pub organisation: OrganisationId,
    pub installation: InstallationId,
    pub job: String,
    pub cron: String,
    pub zone: String,
    /// When it was to run next: `None` where it has no row yet.
    pub due: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct MissingRow {
    organisation_id: Uuid,
    id: Uuid,
    time_zone: String,
}

#[derive(FromQueryResult)]
struct DueRow {
    organisation_id: Uuid,
    installation_id: Uuid,
    package_hash: String,
    job: String,
    cron: String,
    zone: String,
    next_run: i64,
}

impl Store {
    /// Scheduled jobs of plugins that are switched on and that have no next run yet.
    pub async fn unmade_schedules_all_organisations(&self) -> Result<Vec<UnmadeSchedule>, StoreError> {
        let mut unmade = Vec::new();
        for hash in self.enabled_packages_all_organisations().await? {
            let habits = self.habits(&self.read(), &hash).await?;
            for (job, cron) in habits.0.jobs.iter().filter_map(|job| Some((&job.name, job.cron.as_ref()?))) {
                let sql =
                    "SELECT i.organisation_id, i.id, o.time_zone FROM installations i JOIN organisations o ON o.id = i.organisation_id
                    WHERE i.enabled AND i.state = 'current' AND i.package_hash = $1 AND NOT EXISTS (
                        SELECT 1 FROM schedules s WHERE s.organisation_id = i.organisation_id AND s.installation_id = i.id
                        AND s.job = $2 AND s.cron = $3 AND s.zone = o.time_zone)";
                let rows: Vec<MissingRow> = self.read().all(sql, [hash.as_str().into(), job.as_str().into(), cron.as_str().into()]).await?;
                unmade.extend(rows.into_iter().map(|row| UnmadeSchedule {
                    organisation: OrganisationId(row.organisation_id),
                    installation: InstallationId(row.id),
                    job: job.clone(),
                    cron: cron.clone(),
                    zone: row.time_zone,
                    due: None,
                }));
            }
        }
        Ok(unmade)
    }

    /// Those whose time has come, of plugins that are switched on. One that its plugin no longer declares is removed.
    pub async fn due_schedules_all_organisations(&self, now: Timestamp) -> Result<Vec<UnmadeSchedule>, StoreError> {
        let sql = "SELECT s.organisation_id, s.installation_id, i.package_hash, s.job, s.cron, s.zone, s.next_run FROM schedules s
            JOIN installations i ON i.organisation_id = s.organisation_id AND i.id = s.installation_id AND i.enabled AND i.state = 'current'
            WHERE s.next_run <= $1 ORDER BY s.next_run LIMIT 200";
        let rows: Vec<DueRow> = self.read().all(sql, [now.as_i64().into()]).await?;
        let mut due = Vec::new();
        for row in rows {
            let habits = self.habits(&self.read(), &row.package_hash).await?;
            if habits.0.job(&row.job).is_none_or(|job| job.cron.is_none()) {
                let delete = "DELETE FROM schedules WHERE organisation_id = $1 AND installation_id = $2 AND job = $3";
                let values: [Value; 3] = [row.organisation_id.into(), row.installation_id.into(), row.job.into()];
                self.write().execute(delete, values).await?;
                continue;
            }
            due.push(UnmadeSchedule {
                organisation: OrganisationId(row.organisation_id),
                installation: InstallationId(row.installation_id),
                job: row.job,
                cron: row.cron,
                zone: row.zone,
                due: Some(Timestamp::from_millis(row.next_run)),
            });
        }
        Ok(due)
    }
}

impl OrganisationStore {
    /// From now on it runs at `next` first.
    pub async fn set_schedule(&self, schedule: &UnmadeSchedule, next: Timestamp) -> Result<(), StoreError> {
        let insert = "INSERT INTO schedules (organisation_id, installation_id, job, cron, zone, next_run) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (organisation_id, installation_id, job)
            DO UPDATE SET cron = excluded.cron, zone = excluded.zone, next_run = excluded.next_run";
        let values: [Value; 6] = [
            self.id.0.into(),
            schedule.installation.0.into(),
            schedule.job.as_str().into(),
            schedule.cron.as_str().into(),
            schedule.zone.as_str().into(),
            next.as_i64().into(),
        ];
        self.store.write().execute(insert, values).await?;
        Ok(())
    }

    /// Makes the job of a schedule whose time has come, under the id `job`, and notes the next time. Of several processes
    /// one does; where the run before is not done yet, this one is left out. Answers whether a job was made.
    pub async fn run_schedule(&self, schedule: &UnmadeSchedule, job: Uuid, next: Timestamp, at: Timestamp) -> Result<bool, StoreError> {
        let Some(due) = schedule.due else { return Ok(false) };
        let transaction = self.store.begin().await?;
        let sql = crate::sql::Sql::on(&transaction);
        let update =
            "UPDATE schedules SET next_run = $5 WHERE organisation_id = $1 AND installation_id = $2 AND job = $3 AND next_run = $4";
        let of = [self.id.0.into(), schedule.installation.0.into(), schedule.job.as_str().into()];
        let taken = sql.execute(update, of.clone().into_iter().chain([due.as_i64().into(), next.as_i64().into()])).await?;
        let insert =
            "INSERT INTO jobs (organisation_id, id, installation_id, name, scheduled, payload, depth, state, next_attempt, updated)
            SELECT organisation_id, $4, installation_id, job, TRUE, '{}', 0, 'waiting', $5, $5 FROM schedules
            WHERE organisation_id = $1 AND installation_id = $2 AND job = $3 AND NOT EXISTS (
                SELECT 1 FROM jobs WHERE organisation_id = $1 AND installation_id = $2 AND name = $3 AND scheduled AND state <> 'failed')";
        let made = match taken {
            0 => 0,
            _ => sql.execute(insert, of.into_iter().chain([job.into(), at.as_i64().into()])).await?,
        };
        transaction.commit().await?;
        Ok(made > 0)
    }
}
