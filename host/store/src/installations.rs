//! Which installation of a plugin is the current one, what it was granted, on and off.

use crate::plugins::{INSTALLATION, InstallationRow};
use crate::{ChangeTransaction, StoreError};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_kernel::calls::{Installation, Pause};
use tsudoi_kernel::changes::{Change, installation_fact};
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::{InstallationId, Timestamp};
use uuid::Uuid;

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

impl ChangeTransaction {
    /// Enables a package in this organisation with the interfaces that staff granted and all fields of members that the
    /// manifest names; [`ChangeTransaction::set_grant`] narrows them. Where this package is installed already, the
    /// installation keeps its documents and takes the grant.
    pub async fn enable_plugin(
        &mut self,
        fresh: InstallationId,
        manifest: &Manifest,
        package_hash: &str,
        granted: &BTreeSet<String>,
    ) -> Result<InstallationId, StoreError> {
        self.sql()
            .execute(
                "INSERT INTO installations (organisation_id, id, slot, plugin_id, package_hash, granted, member_fields, settings, enabled,
                     state, since, created, updated)
                 VALUES ($1, $2, $3, $3, $4, $5, $6, '{}', TRUE, 'current', $7, $7, $7)
                 ON CONFLICT (organisation_id, slot)
                 DO UPDATE SET package_hash = excluded.package_hash, granted = excluded.granted, enabled = TRUE,
                     member_fields = excluded.member_fields, updated = excluded.updated",
                [
                    self.organisation().0.into(),
                    fresh.0.into(),
                    manifest.id.as_str().into(),
                    package_hash.into(),
                    serde_json::to_string(granted)?.into(),
                    serde_json::to_string(&manifest.member_fields)?.into(),
                    self.at().as_i64().into(),
                ],
            )
            .await?;
        self.touch_current(&manifest.id).await
    }

    /// What the plugin may do from this commit on.
    pub async fn set_grant(
        &mut self,
        installation: InstallationId,
        interfaces: &BTreeSet<String>,
        member_fields: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "UPDATE installations SET granted = $3, member_fields = $4, updated = $5 WHERE organisation_id = $1 AND id = $2",
                [
                    self.organisation().0.into(),
                    installation.0.into(),
                    serde_json::to_string(interfaces)?.into(),
                    serde_json::to_string(member_fields)?.into(),
                    self.at().as_i64().into(),
                ],
            )
            .await?;
        self.touch_installation(installation);
        Ok(())
    }

    /// What the organisation chose, where it isn't the default; `changed` are the keys whose value is another now.
    pub async fn set_plugin_settings(
        &mut self,
        installation: InstallationId,
        chosen: &BTreeMap<String, Value>,
        changed: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "UPDATE installations SET settings = $3, updated = $4 WHERE organisation_id = $1 AND id = $2",
                [self.organisation().0.into(), installation.0.into(), serde_json::to_string(chosen)?.into(), self.at().as_i64().into()],
            )
            .await?;
        for key in changed {
            self.touch(Change::fact(format!("setting:{installation}:{key}")));
        }
        Ok(())
    }

    /// Nothing of it is run for a while.
    pub async fn pause_plugin(&mut self, plugin: &str, pause: Pause) -> Result<(), StoreError> {
        self.set_pause(plugin, Some(pause.until), pause.times).await
    }

    /// As if it had never been paused.
    pub async fn resume_plugin(&mut self, plugin: &str) -> Result<(), StoreError> {
        self.set_pause(plugin, None, 0).await
    }

    async fn set_pause(&mut self, plugin: &str, until: Option<Timestamp>, times: u32) -> Result<(), StoreError> {
        self.sql()
            .execute(
                "UPDATE installations SET paused_until = $3, pauses = $4 WHERE organisation_id = $1 AND slot = $2",
                [self.organisation().0.into(), plugin.into(), until.map(Timestamp::as_i64).into(), i64::from(times).into()],
            )
            .await?;
        self.touch_current(plugin).await.map(|_| ())
    }

    /// The installation of a plugin, as it is while this transaction holds the organisation's clock.
    pub async fn current_installation(&self, plugin: &str) -> Result<Option<Installation>, StoreError> {
        let sql = format!(
            "SELECT {INSTALLATION} FROM installations i JOIN plugin_packages p ON p.hash = i.package_hash
             WHERE i.organisation_id = $1 AND i.slot = $2"
        );
        let row: Option<InstallationRow> = self.sql().one(&sql, [self.organisation().0.into(), plugin.into()]).await?;
        row.map(|row| row.parse().map(|(installation, _)| installation)).transpose()
    }

    /// Its pages and blocks are gone at once; its documents stay.
    pub async fn disable_plugin(&mut self, plugin: &str) -> Result<InstallationId, StoreError> {
        self.sql()
            .execute(
                "UPDATE installations SET enabled = FALSE, updated = $3 WHERE organisation_id = $1 AND slot = $2",
                [self.organisation().0.into(), plugin.into(), self.at().as_i64().into()],
            )
            .await?;
        self.touch_current(plugin).await
    }

    async fn touch_current(&mut self, plugin: &str) -> Result<InstallationId, StoreError> {
        let row: Option<IdRow> = self
            .sql()
            .one("SELECT id FROM installations WHERE organisation_id = $1 AND slot = $2", [self.organisation().0.into(), plugin.into()])
            .await?;
        let id = InstallationId(row.ok_or_else(|| StoreError::Broken(format!("{plugin} is not installed")))?.id);
        self.touch_installation(id);
        Ok(id)
    }

    /// Enablement, version and grant are in every read set, as `installation:<id>`.
    pub(crate) fn touch_installation(&mut self, id: InstallationId) {
        self.touch(Change::fact(installation_fact(id)));
    }
}
