//! What could not be done, as staff see it: they try it again once its cause is gone, or discard it.

use crate::editor::Editor;
use crate::visits::Visit;
use crate::{ServiceError, Services};
use tsudoi_store::{SetAside, WorkKey, WorkKind};

/// How many are shown; the rest follows when these are done with.
const MOST_SHOWN: u32 = 100;

/// How long staff have to care for it.
const KEEP_SECONDS: i64 = 90 * 24 * 60 * 60;

/// One of them, with names for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    pub item: SetAside,
    pub plugin_name: String,
    /// The job's label, or the topic.
    pub what: String,
}

impl Services {
    /// The newest first.
    pub async fn work_set_aside(&self, visit: &Visit) -> Result<Vec<Aside>, ServiceError> {
        let store = self.of(visit);
        let items = store.work_set_aside(MOST_SHOWN).await?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let installations = store.installations().await?;
        let named = |item: SetAside| {
            let manifest = installations.iter().map(|(installation, _)| &installation.manifest).find(|manifest| manifest.id == item.plugin);
            let plugin_name = manifest.map_or_else(|| item.plugin.clone(), |manifest| manifest.name.get(visit.locale).to_owned());
            let job = manifest.and_then(|manifest| manifest.job(&item.name)).filter(|_| item.key.kind == WorkKind::Job);
            let what = job.map_or_else(|| item.name.clone(), |job| job.label.get(visit.locale).to_owned());
            Aside { item, plugin_name, what }
        };
        Ok(items.into_iter().map(named).collect())
    }

    pub async fn count_work_set_aside(&self, visit: &Visit) -> Result<u64, ServiceError> {
        Ok(self.of(visit).count_work_set_aside().await?)
    }

    /// Removes what nobody cared for in three months. Answers how many.
    pub async fn forget_old_work(&self) -> Result<u64, ServiceError> {
        Ok(self.store().remove_old_work_all_organisations(self.now().plus_seconds(-KEEP_SECONDS)).await?)
    }
}

impl Editor {
    /// [`ServiceError::NotFound`] where it is not set aside any more.
    pub async fn retry_work(&self, key: WorkKey) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        if !transaction.retry_work(key).await? {
            return Err(ServiceError::NotFound);
        }
        self.record(&transaction, "work-retried", format!("work:{}", key.id), "").await?;
        transaction.commit().await?;
        Ok(())
    }

    pub async fn discard_work(&self, key: WorkKey) -> Result<(), ServiceError> {
        let mut transaction = self.begin().await?;
        if !transaction.discard_work(key).await? {
            return Err(ServiceError::NotFound);
        }
        self.record(&transaction, "work-discarded", format!("work:{}", key.id), "").await?;
        transaction.commit().await?;
        Ok(())
    }
}
