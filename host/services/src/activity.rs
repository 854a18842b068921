//! What staff did, for staff to see.

use crate::visits::Visit;
use crate::{ServiceError, Services};
pub use tsudoi_store::RecordedEntry;

impl Services {
    /// The latest first.
    pub async fn recent_activity(&self, visit: &Visit, limit: u32) -> Result<Vec<RecordedEntry>, ServiceError> {
        Ok(self.of(visit).audit_entries(limit).await?)
    }

    /// What was done with plugins and their data, by people and by the system: the latest first.
    pub async fn plugin_audit(&self, visit: &Visit, limit: u32) -> Result<Vec<RecordedEntry>, ServiceError> {
        Ok(self.of(visit).audit_entries_about("plugin:", limit).await?)
    }
}
