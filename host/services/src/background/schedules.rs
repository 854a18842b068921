//! Jobs that run by themselves. When the process was down, or the plugin off, what was missed is made up for by one run.

use crate::{ServiceError, Services};
use tsudoi_kernel::{Schedule, Timestamp};
use tsudoi_store::UnmadeSchedule;

impl Services {
    /// Makes the jobs whose time has come. Answers how many.
    pub async fn make_scheduled_jobs(&self) -> Result<usize, ServiceError> {
        let now = self.now();
        for schedule in self.store().unmade_schedules_all_organisations().await? {
            if let Some(next) = next_run(&schedule, now) {
                self.store().organisation(schedule.organisation).set_schedule(&schedule, next).await?;
            }
        }
        let mut made = 0;
        for schedule in self.store().due_schedules_all_organisations(now).await? {
            let Some(next) = next_run(&schedule, now) else { continue };
            let store = self.store().organisation(schedule.organisation);
            made += usize::from(store.run_schedule(&schedule, self.fresh_id(), next, now).await?);
        }
        Ok(made)
    }
}

/// `None` where the text is no schedule, which installing has refused.
fn next_run(schedule: &UnmadeSchedule, now: Timestamp) -> Option<Timestamp> {
    Schedule::parse(&schedule.cron).ok()?.next_after(now, &schedule.zone)
}
