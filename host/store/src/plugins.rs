//! Plugin packages (of the whole process), installations (of one organisation) and what went wrong in calls.

use crate::{OrganisationStore, Store, StoreError};
use sea_orm::FromQueryResult;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tsudoi_kernel::calls::{Installation, Pause};
use tsudoi_kernel::manifest::Manifest;
use tsudoi_kernel::{InstallationId, Timestamp};
use uuid::Uuid;

/// A package that the operator installed, without its bytes.
#[derive(Debug, Clone)]
pub struct PackageSummary {
    pub hash: String,
    pub manifest: Arc<Manifest>,
    pub created: Timestamp,
}

/// A call that failed, as staff see it.
#[derive(Debug, Clone)]
pub struct PluginFailure {
    pub plugin: String,
    /// Such as `block latest-threads` or `route thread`.
    pub place: String,
    pub request_id: String,
    pub detail: String,
    pub at: Timestamp,
}

/// Failures that are kept for each organisation.
const MOST_FAILURES: u32 = 200;

/// How much an installation keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub documents: u64,
    pub bytes: u64,
}

/// What an installation causes, and has left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ongoing {
    pub mails: u64,
    pub jobs: u64,
    pub events: u64,
}

#[derive(FromQueryResult)]
struct OngoingRow {
    mails: i64,
    jobs: i64,
    events: i64,
}

#[derive(FromQueryResult)]
struct PackageRow {
    hash: String,
    manifest: String,
    created: i64,
}

#[derive(FromQueryResult)]
struct BytesRow {
    bytes: Vec<u8>,
}

#[derive(FromQueryResult)]
pub(crate) struct InstallationRow {
    id: Uuid,
    package_hash: String,
    manifest: String,
    granted: String,
    member_fields: Option<String>,
    settings: String,
    enabled: bool,
    upgrading: bool,
    paused_until: Option<i64>,
    pauses: i64,
    documents: i64,
    bytes: i64,
}

#[derive(FromQueryResult)]
struct FailureRow {
    plugin_id: String,
    place: String,
    request_id: String,
    detail: String,
    at: i64,
}

impl TryFrom<PackageRow> for PackageSummary {
    type Error = StoreError;
    fn try_from(row: PackageRow) -> Result<Self, StoreError> {
        let manifest = Arc::new(serde_json::from_str(&row.manifest)?);
        Ok(Self { hash: row.hash, manifest, created: Timestamp::from_millis(row.created) })
    }
}

impl InstallationRow {
    pub(crate) fn parse(self) -> Result<(Installation, Usage), StoreError> {
        let manifest: Manifest = serde_json::from_str(&self.manifest)?;
        // From before fields were granted one by one: all that the manifest names.
        let member_fields = match self.member_fields {
            Some(fields) => serde_json::from_str(&fields)?,
            None => manifest.member_fields.iter().cloned().collect(),
        };
        let installation = Installation {
            id: InstallationId(self.id),
            manifest: Arc::new(manifest),
            package_hash: self.package_hash,
            granted: serde_json::from_str::<BTreeSet<String>>(&self.granted)?,
            member_fields,
            enabled: self.enabled,
            upgrading: self.upgrading,
            pause: self
                .paused_until
                .map(|until| Pause { until: Timestamp::from_millis(until), times: u32::try_from(self.pauses).unwrap_or(u32::MAX) }),
            settings: serde_json::from_str::<BTreeMap<String, Value>>(&self.settings)?,
        };
        Ok((installation, Usage { documents: self.documents.unsigned_abs(), bytes: self.bytes.unsigned_abs() }))
    }
}

pub(crate) const INSTALLATION: &str =
    "i.id, i.package_hash, p.manifest, i.granted, i.member_fields, i.settings, i.enabled, i.upgrading, i.paused_until, i.pauses,
     i.documents, i.bytes";

impl Store {
    /// [`StoreError::Duplicate`] where this version of the plugin is there with other bytes. The same bytes again are
    /// no change.
    pub async fn add_package_all_organisations(
        &self,
        hash: &str,
        manifest: &Manifest,
        bytes: &[u8],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write()
            .execute(
                "INSERT INTO plugin_packages (hash, plugin_id, version, manifest, bytes, created) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (hash) DO NOTHING",
                [
                    hash.into(),
                    manifest.id.as_str().into(),
                    manifest.version.as_str().into(),
                    serde_json::to_string(manifest)?.into(),
                    bytes.to_vec().into(),
                    at.as_i64().into(),
                ],
            )
            .await?;
        Ok(())
    }

    /// The newest first.
    pub async fn packages_all_organisations(&self) -> Result<Vec<PackageSummary>, StoreError> {
        let sql = "SELECT hash, manifest, created FROM plugin_packages ORDER BY created DESC, plugin_id, version";
        self.read().all::<PackageRow>(sql, []).await?.into_iter().map(TryInto::try_into).collect()
    }

    /// Answers to calls that nobody will send a second time any more. Answers how many.
    pub async fn remove_old_answers_all_organisations(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.write().execute("DELETE FROM command_calls WHERE at < $1", [before.as_i64().into()]).await
    }

    /// Those that no organisation has installed.
    pub async fn delete_packages_all_organisations(&self) -> Result<(), StoreError> {
        self.write().execute("DELETE FROM plugin_packages WHERE hash NOT IN (SELECT package_hash FROM installations)", []).await?;
        Ok(())
    }

    /// One that no organisation has installed; others stay.
    pub async fn delete_package_all_organisations(&self, hash: &str) -> Result<(), StoreError> {
        let delete = "DELETE FROM plugin_packages WHERE hash = $1 AND hash NOT IN (SELECT package_hash FROM installations)";
        self.write().execute(delete, [hash.into()]).await?;
        Ok(())
    }

    pub async fn package_bytes_all_organisations(&self, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<BytesRow> = self.read().one("SELECT bytes FROM plugin_packages WHERE hash = $1", [hash.into()]).await?;
        Ok(row.map(|row| row.bytes))
    }
}

impl OrganisationStore {
    /// The organisation's current installations, one for each plugin, by plugin id.
    pub async fn installations(&self) -> Result<Vec<(Installation, Usage)>, StoreError> {
        let sql = format!(
            "SELECT {INSTALLATION} FROM installations i JOIN plugin_packages p ON p.hash = i.package_hash
             WHERE i.organisation_id = $1 AND i.state = 'current' ORDER BY i.plugin_id"
        );
        let rows: Vec<InstallationRow> = self.store.read().all(&sql, [self.id.0.into()]).await?;
        rows.into_iter().map(InstallationRow::parse).collect()
    }

    /// What an installation has going on: mails since `since`, and jobs and events that somebody still has to see to.
    pub async fn ongoing(&self, id: InstallationId, since: Timestamp) -> Result<Ongoing, StoreError> {
        let of = |table: &str| format!("(SELECT COUNT(*) FROM {table} WHERE organisation_id = $1 AND installation_id = $2");
        let sql = format!("SELECT {} AND created > $3) AS mails, {}) AS jobs, {}) AS events", of("mails"), of("jobs"), of("events"));
        let row: Option<OngoingRow> = self.store.read().one(&sql, [self.id.0.into(), id.0.into(), since.as_i64().into()]).await?;
        let row = row.ok_or_else(|| StoreError::Broken("a count without a row".to_owned()))?;
        Ok(Ongoing { mails: row.mails.unsigned_abs(), jobs: row.jobs.unsigned_abs(), events: row.events.unsigned_abs() })
    }

    /// The current one.
    pub async fn installation(&self, plugin: &str) -> Result<Option<Installation>, StoreError> {
        let sql = format!(
            "SELECT {INSTALLATION} FROM installations i JOIN plugin_packages p ON p.hash = i.package_hash
             WHERE i.organisation_id = $1 AND i.slot = $2"
        );
        let row: Option<InstallationRow> = self.store.read().one(&sql, [self.id.0.into(), plugin.into()]).await?;
        row.map(|row| row.parse().map(|(installation, _)| installation)).transpose()
    }

    pub async fn installation_by_id(&self, id: InstallationId) -> Result<Option<Installation>, StoreError> {
        let sql = format!(
            "SELECT {INSTALLATION} FROM installations i JOIN plugin_packages p ON p.hash = i.package_hash
             WHERE i.organisation_id = $1 AND i.id = $2"
        );
        let row: Option<InstallationRow> = self.store.read().one(&sql, [self.id.0.into(), id.0.into()]).await?;
        row.map(|row| row.parse().map(|(installation, _)| installation)).transpose()
    }

    /// Of the oldest ones so many are forgotten that [`MOST_FAILURES`] are left: anybody who looks at a page that fails
    /// makes one.
    pub async fn record_plugin_failure(&self, id: Uuid, failure: &PluginFailure) -> Result<(), StoreError> {
        self.store
            .write()
            .execute(
                "INSERT INTO plugin_failures (organisation_id, id, plugin_id, place, request_id, detail, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [
                    self.id.0.into(),
                    id.into(),
                    failure.plugin.as_str().into(),
                    failure.place.as_str().into(),
                    failure.request_id.as_str().into(),
                    failure.detail.as_str().into(),
                    failure.at.as_i64().into(),
                ],
            )
            .await?;
        let forget = "DELETE FROM plugin_failures WHERE organisation_id = $1 AND id NOT IN (
                SELECT id FROM plugin_failures WHERE organisation_id = $1 ORDER BY at DESC, id DESC LIMIT $2 + 0)";
        self.store.write().execute(forget, [self.id.0.into(), i64::from(MOST_FAILURES).into()]).await?;
        Ok(())
    }

    /// The newest first.
    pub async fn recent_plugin_failures(&self, limit: u32) -> Result<Vec<PluginFailure>, StoreError> {
        let rows: Vec<FailureRow> = self
            .store
            .read()
            .all(
                "SELECT plugin_id, place, request_id, detail, at FROM plugin_failures WHERE organisation_id = $1
                 ORDER BY at DESC, id DESC LIMIT $2 + 0",
                [self.id.0.into(), i64::from(limit).into()],
            )
            .await?;
        let failure = |row: FailureRow| PluginFailure {
            plugin: row.plugin_id,
            place: row.place,
            request_id: row.request_id,
            detail: row.detail,
            at: Timestamp::from_millis(row.at),
        };
        Ok(rows.into_iter().map(failure).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{each, organisation};

    #[tokio::test]
    async fn of_many_failures_the_newest_are_kept() {
        for database in each().await {
            let (club, other) = (organisation(&database.store, 1).await, organisation(&database.store, 2).await);
            let failure = |n: u128| PluginFailure {
                plugin: "notes".into(),
                place: "route home".into(),
                request_id: n.to_string(),
                detail: "it trapped".into(),
                at: Timestamp::from_millis(n as i64),
            };
            other.record_plugin_failure(Uuid::from_u128(1_000), &failure(0)).await.unwrap();
            for n in 1..=203 {
                club.record_plugin_failure(Uuid::from_u128(n), &failure(n)).await.unwrap();
            }
            let kept = club.recent_plugin_failures(1_000).await.unwrap();
            let ends = [kept.first(), kept.last()].map(|failure| failure.unwrap().request_id.clone());
            assert_eq!((kept.len(), ends), (200, ["203".to_owned(), "4".to_owned()]), "{}", database.name);
            assert_eq!(other.recent_plugin_failures(9).await.unwrap().len(), 1);
        }
    }
}
