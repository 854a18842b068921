//! Events and jobs: written in the transaction that causes them ([`outbox`]), claimed by workers ([`claims`]), made by
//! schedules ([`schedules`]), and set aside for staff where they keep failing ([`aside`]). None of this can be read by
//! plugins, so claims and failures don't take the organisation's clock; what does one is a commit like any other.

mod aside;
mod claims;
mod outbox;
mod schedules;
#[cfg(test)]
mod tests;

pub use aside::SetAside;
pub use claims::Due;
pub use schedules::UnmadeSchedule;

use crate::{Store, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::sync::{Arc, PoisonError};
use tsudoi_kernel::InstallationId;
use tsudoi_kernel::manifest::Manifest;
use uuid::Uuid;

use crate::sql::Sql;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    Delivery,
    Job,
}

/// An event for one installation, or a job of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkKey {
    pub kind: WorkKind,
    /// The event's, or the job's.
    pub id: Uuid,
    pub installation: InstallationId,
}

impl WorkKey {
    pub fn delivery(event: Uuid, installation: InstallationId) -> Self {
        Self { kind: WorkKind::Delivery, id: event, installation }
    }

    pub fn job(id: Uuid, installation: InstallationId) -> Self {
        Self { kind: WorkKind::Job, id, installation }
    }

    const fn table(self) -> &'static str {
        match self.kind {
            WorkKind::Delivery => "deliveries",
            WorkKind::Job => "jobs",
        }
    }

    /// With the organisation as `$1` and [`WorkKey::values`] after it.
    const fn condition(self) -> &'static str {
        match self.kind {
            WorkKind::Delivery => "organisation_id = $1 AND event_id = $2 AND installation_id = $3",
            WorkKind::Job => "organisation_id = $1 AND id = $2 AND installation_id = $3",
        }
    }

    fn values(self, organisation: tsudoi_kernel::OrganisationId) -> [Value; 3] {
        [organisation.0.into(), self.id.into(), self.installation.0.into()]
    }
}

/// An installation that is switched on, with what its package does by itself.
pub(crate) struct Subscriber {
    pub installation: InstallationId,
    pub habits: Arc<Habits>,
    pub granted: std::collections::BTreeSet<String>,
}

/// What a package listens to and runs by itself.
pub(crate) struct Habits(pub Manifest);

impl Store {
    /// Packages never change under their hash, so each manifest is read once.
    pub(crate) async fn habits<C: ConnectionTrait>(&self, sql: &Sql<'_, C>, hash: &str) -> Result<Arc<Habits>, StoreError> {
        #[derive(FromQueryResult)]
        struct ManifestRow {
            manifest: String,
        }
        if let Some(habits) = self.inner.habits.read().unwrap_or_else(PoisonError::into_inner).get(hash) {
            return Ok(habits.clone());
        }
        let row: Option<ManifestRow> = sql.one("SELECT manifest FROM plugin_packages WHERE hash = $1", [hash.into()]).await?;
        let row = row.ok_or_else(|| StoreError::Broken(format!("the package {hash} is gone")))?;
        let habits = Arc::new(Habits(serde_json::from_str(&row.manifest)?));
        self.inner.habits.write().unwrap_or_else(PoisonError::into_inner).insert(hash.to_owned(), habits.clone());
        Ok(habits)
    }
}
