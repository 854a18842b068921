//! What becomes of an installation that is no longer used: kept for later, or erased, with every row in any table that
//! names it. Erasing goes in batches and is taken up again after a stop, since the installation's own row goes last.

use crate::plugins::{INSTALLATION, InstallationRow};
use crate::{ChangeTransaction, OrganisationStore, Store, StoreError, Usage};
use sea_orm::{FromQueryResult, Value};
use tsudoi_kernel::calls::Installation;
use tsudoi_kernel::{InstallationId, OrganisationId, Timestamp};
use uuid::Uuid;

/// Rows of one table that are removed in one statement.
const BATCH: i64 = 500;

#[derive(FromQueryResult)]
struct TableRow {
    name: String,
}

#[derive(FromQueryResult)]
struct PlaceRow {
    organisation_id: Uuid,
    id: Uuid,
}

impl From<PlaceRow> for (OrganisationId, InstallationId) {
    fn from(row: PlaceRow) -> Self {
        (OrganisationId(row.organisation_id), InstallationId(row.id))
    }
}

impl Store {
    /// Tables whose rows belong to one installation, by the schema itself: a table that is added later is among them.
    pub async fn tables_of_installations_all_organisations(&self) -> Result<Vec<String>, StoreError> {
        let sql = if self.is_sqlite() {
            "SELECT m.name AS name FROM sqlite_master m WHERE m.type = 'table' AND EXISTS (
                 SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'installation_id') ORDER BY m.name"
        } else {
            "SELECT table_name::text AS name FROM information_schema.columns
             WHERE table_schema = current_schema() AND column_name = 'installation_id' ORDER BY table_name"
        };
        Ok(self.read().all::<TableRow>(sql, []).await?.into_iter().map(|row| row.name).collect())
    }

    /// Installations that are being erased.
    pub async fn erasing_all_organisations(&self) -> Result<Vec<(OrganisationId, InstallationId)>, StoreError> {
        let sql = "SELECT organisation_id, id FROM installations WHERE state = 'erasing' ORDER BY since";
        Ok(self.read().all::<PlaceRow>(sql, []).await?.into_iter().map(Into::into).collect())
    }

    /// Installations that were replaced before `before` are no longer kept: they are going to be erased. Lines that they
    /// wrote on members' timelines go over to the current one. Answers how many.
    pub async fn retire_former_all_organisations(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.retire("f.since < $1", vec![before.as_i64().into()]).await
    }

    /// Those of the former installations `f` that `which` names.
    async fn retire(&self, which: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        let sql = crate::sql::Sql::on(&transaction);
        let lines = format!(
            "UPDATE activities SET installation_id = (
                SELECT c.id FROM installations f JOIN installations c ON c.organisation_id = f.organisation_id AND c.slot = f.plugin_id
                WHERE f.organisation_id = activities.organisation_id AND f.id = activities.installation_id)
            WHERE EXISTS (
                SELECT 1 FROM installations f JOIN installations c ON c.organisation_id = f.organisation_id AND c.slot = f.plugin_id
                WHERE f.organisation_id = activities.organisation_id AND f.id = activities.installation_id
                      AND f.state = 'former' AND {which})"
        );
        sql.execute(&lines, values.clone()).await?;
        let retire = format!("UPDATE installations AS f SET state = 'erasing' WHERE f.state = 'former' AND {which}");
        let count = sql.execute(&retire, values).await?;
        transaction.commit().await?;
        Ok(count)
    }
}

/// An installation that was kept when its plugin was uninstalled.
#[derive(Debug, Clone)]
pub struct KeptInstallation {
    pub installation: Installation,
    pub usage: Usage,
    pub since: Timestamp,
}

impl OrganisationStore {
    /// A former installation that nobody wants to go back to any more: it is going to be erased.
    pub async fn retire_former(&self, id: InstallationId) -> Result<(), StoreError> {
        self.store.retire("f.organisation_id = $1 AND f.id = $2", vec![self.id.0.into(), id.0.into()]).await?;
        Ok(())
    }

    /// Removes a part of one that is being erased. False once nothing is left, its own row included.
    pub async fn erase_batch(&self, id: InstallationId) -> Result<bool, StoreError> {
        let row = if self.store.is_sqlite() { "rowid" } else { "ctid" };
        for table in self.store.tables_of_installations_all_organisations().await? {
            let sql = format!(
                "DELETE FROM {table} WHERE {row} IN (
                     SELECT {row} FROM {table} WHERE organisation_id = $1 AND installation_id = $2 LIMIT {BATCH})"
            );
            if self.store.write().execute(&sql, [self.id.0.into(), id.0.into()]).await? > 0 {
                return Ok(true);
            }
        }
        let own = "DELETE FROM installations WHERE organisation_id = $1 AND id = $2 AND state = 'erasing'";
        self.store.write().execute(own, [self.id.0.into(), id.0.into()]).await?;
        Ok(false)
    }

    /// The newest one that was kept of this plugin.
    pub async fn kept_installation(&self, plugin: &str) -> Result<Option<KeptInstallation>, StoreError> {
        #[derive(FromQueryResult)]
        struct SinceRow {
            since: i64,
        }
        let kept = "i.organisation_id = $1 AND i.plugin_id = $2 AND i.state = 'kept' ORDER BY i.since DESC, i.id DESC LIMIT 1";
        let sql = format!("SELECT {INSTALLATION} FROM installations i JOIN plugin_packages p ON p.hash = i.package_hash WHERE {kept}");
        let row: Option<InstallationRow> = self.store.read().one(&sql, [self.id.0.into(), plugin.into()]).await?;
        let Some(row) = row else { return Ok(None) };
        let since = format!("SELECT i.since FROM installations i WHERE {kept}");
        let since: Option<SinceRow> = self.store.read().one(&since, [self.id.0.into(), plugin.into()]).await?;
        let (installation, usage) = row.parse()?;
        Ok(Some(KeptInstallation { installation, usage, since: Timestamp::from_millis(since.map_or(0, |row| row.since)) }))
    }

    /// Every installation that holds members' data, whatever its state: current, kept, replaced, being made.
    pub async fn installations_of_any_state(&self) -> Result<Vec<(String, Installation)>, StoreError> {
        #[derive(FromQueryResult)]
        struct StateRow {
            id: Uuid,
            state: String,
        }
        let sql = "SELECT id, state FROM installations WHERE organisation_id = $1 AND state <> 'erasing' ORDER BY plugin_id, since, id";
        let mut found = Vec::new();
        for row in self.store.read().all::<StateRow>(sql, [self.id.0.into()]).await? {
            if let Some(installation) = self.installation_by_id(InstallationId(row.id)).await? {
                found.push((row.state, installation));
            }
        }
        Ok(found)
    }
}

impl ChangeTransaction {
    /// The current installation leaves, with those that it replaced; its documents stay, for whoever installs it again.
    pub async fn keep_uninstalled(&mut self, current: InstallationId, plugin: &str) -> Result<(), StoreError> {
        let lines = "UPDATE activities SET installation_id = $3 WHERE organisation_id = $1 AND installation_id IN (
            SELECT id FROM installations WHERE organisation_id = $1 AND plugin_id = $2 AND state = 'former')";
        let values = [self.organisation().0.into(), plugin.into(), current.0.into()];
        self.sql().execute(lines, values).await?;
        let former = "UPDATE installations SET state = 'erasing' WHERE organisation_id = $1 AND plugin_id = $2 AND state = 'former'";
        self.sql().execute(former, [self.organisation().0.into(), plugin.into()]).await?;
        self.leave_slot(current, "kept").await
    }

    /// All installations of the plugin here are going to be erased: the current one, those that it replaced and those
    /// that were kept. Secrets and what the log says about failures go at once.
    pub async fn erase_uninstalled(&mut self, plugin: &str) -> Result<(), StoreError> {
        let all = "SELECT organisation_id, id FROM installations WHERE organisation_id = $1 AND plugin_id = $2 AND state <> 'erasing'";
        let rows: Vec<PlaceRow> = self.sql().all(all, [self.organisation().0.into(), plugin.into()]).await?;
        for row in rows {
            self.leave_slot(InstallationId(row.id), "erasing").await?;
        }
        // What belongs to the plugin and not to one of its installations.
        for table in ["plugin_failures", "plugin_secrets", "webhook_events", "member_values"] {
            let sql = format!("DELETE FROM {table} WHERE organisation_id = $1 AND plugin_id = $2");
            self.sql().execute(&sql, [self.organisation().0.into(), plugin.into()]).await?;
        }
        Ok(())
    }

    /// What was kept is the current installation again, and switched on.
    pub async fn take_up_kept(&mut self, kept: InstallationId, plugin: &str) -> Result<(), StoreError> {
        self.take_slot(kept, plugin).await
    }
}
