//! The commits in which an upgrade ends: over to the new version, back to the old one, or given up.

use super::{Upgrade, hold};
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::FromQueryResult;
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::{InstallationId, Timestamp};
use uuid::Uuid;

/// The installation that the current one replaced, and what going back to it would lose.
#[derive(Debug, Clone)]
pub struct FormerInstallation {
    pub installation: Installation,
    /// When it was replaced.
    pub since: Timestamp,
    /// Documents that were written since.
    pub written_since: u64,
}

#[derive(FromQueryResult)]
struct FormerRow {
    predecessor: Option<Uuid>,
    since: i64,
}

#[derive(FromQueryResult)]
struct CountRow {
    number: i64,
}

impl OrganisationStore {
    /// Where staff can go back to, while it is kept.
    pub async fn former_installation(&self, plugin: &str) -> Result<Option<FormerInstallation>, StoreError> {
        let sql = "SELECT i.predecessor, i.since FROM installations i JOIN installations f
                ON f.organisation_id = i.organisation_id AND f.id = i.predecessor AND f.state = 'former'
            WHERE i.organisation_id = $1 AND i.slot = $2";
        let row: Option<FormerRow> = self.store.read().one(sql, [self.id.0.into(), plugin.into()]).await?;
        let Some((row, id)) = row.and_then(|row| row.predecessor.map(|id| (row, id))) else { return Ok(None) };
        let Some(installation) = self.installation_by_id(InstallationId(id)).await? else { return Ok(None) };
        let count = "SELECT count(*) AS number FROM plugin_documents d JOIN installations i
                ON i.organisation_id = d.organisation_id AND i.id = d.installation_id
            WHERE i.organisation_id = $1 AND i.slot = $2 AND d.updated >= i.since";
        let written: Option<CountRow> = self.store.read().one(count, [self.id.0.into(), plugin.into()]).await?;
        let written_since = written.map_or(0, |row| row.number.unsigned_abs());
        Ok(Some(FormerInstallation { installation, since: Timestamp::from_millis(row.since), written_since }))
    }
}

impl ChangeTransaction {
    /// The new version takes the place of the old one. False where the upgrade is no longer ours.
    pub async fn switch_over(&mut self, upgrade: &Upgrade) -> Result<bool, StoreError> {
        if !hold(&self.sql(), upgrade, "updated = $5", [self.at().as_i64().into()]).await? {
            return Ok(false);
        }
        self.leave_slot(upgrade.installation, "former").await?;
        self.take_slot(upgrade.target, &upgrade.plugin).await?;
        self.hand_over_work(upgrade.installation, upgrade.target).await?;
        let done = "DELETE FROM plugin_upgrades WHERE organisation_id = $1 AND plugin_id = $2";
        self.sql().execute(done, [self.organisation().0.into(), upgrade.plugin.as_str().into()]).await?;
        Ok(true)
    }

    /// Gives an upgrade up: the old version goes on as it was, and the copy is going to be removed. With a claim only
    /// where it is still ours; without one, as when staff stop it, in any case. False where there was nothing to stop.
    pub async fn stop_upgrade(&mut self, upgrade: &Upgrade, problem: &str) -> Result<bool, StoreError> {
        let organisation = self.organisation().0;
        let stop =
            "UPDATE plugin_upgrades SET state = 'failed', phase = 'cleaning', problem = $4, claim = NULL, claimed_until = 0, updated = $5
            WHERE organisation_id = $1 AND plugin_id = $2 AND target_id = $3 AND state = 'running'";
        let values =
            [organisation.into(), upgrade.plugin.as_str().into(), upgrade.target.0.into(), problem.into(), self.at().as_i64().into()];
        if self.sql().execute(stop, values).await? != 1 {
            return Ok(false);
        }
        let resume = "UPDATE installations SET upgrading = FALSE WHERE organisation_id = $1 AND id = $2";
        self.sql().execute(resume, [organisation.into(), upgrade.installation.0.into()]).await?;
        self.leave_slot(upgrade.target, "erasing").await?;
        self.touch_installation(upgrade.installation);
        Ok(true)
    }

    /// Back to the installation that the current one replaced; what was written since goes with the newer one.
    pub async fn roll_back_plugin(&mut self, current: InstallationId, former: InstallationId, plugin: &str) -> Result<(), StoreError> {
        self.leave_slot(current, "erasing").await?;
        self.take_slot(former, plugin).await?;
        self.hand_over_work(current, former).await
    }

    /// Events that were not handled and jobs that were not run are those of the current installation from now on.
    async fn hand_over_work(&mut self, from: InstallationId, to: InstallationId) -> Result<(), StoreError> {
        for table in ["deliveries", "jobs"] {
            let sql = format!("UPDATE {table} SET installation_id = $3 WHERE organisation_id = $1 AND installation_id = $2");
            self.sql().execute(&sql, [self.organisation().0.into(), from.0.into(), to.0.into()]).await?;
        }
        Ok(())
    }

    /// No longer the current one.
    pub(crate) async fn leave_slot(&mut self, id: InstallationId, state: &str) -> Result<(), StoreError> {
        let leave = "UPDATE installations SET slot = $3, state = $4, enabled = FALSE, upgrading = FALSE, since = $5, updated = $5
            WHERE organisation_id = $1 AND id = $2";
        let values = [self.organisation().0.into(), id.0.into(), id.to_string().into(), state.into(), self.at().as_i64().into()];
        self.sql().execute(leave, values).await?;
        self.touch_installation(id);
        Ok(())
    }

    /// The current one from now on, and switched on. [`StoreError::Duplicate`] where there is another.
    pub(crate) async fn take_slot(&mut self, id: InstallationId, plugin: &str) -> Result<(), StoreError> {
        let take = "UPDATE installations SET slot = $3, state = 'current', enabled = TRUE, since = $4, updated = $4
            WHERE organisation_id = $1 AND id = $2";
        self.sql().execute(take, [self.organisation().0.into(), id.0.into(), plugin.into(), self.at().as_i64().into()]).await?;
        self.touch_installation(id);
        Ok(())
    }
}
