//! What `tsudoi doctor` asks of the database.

use crate::{Store, StoreError};
use sea_orm::FromQueryResult;

/// An organisation's installation of a plugin whose package is gone.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct OrphanedInstallation {
    pub slug: String,
    pub plugin_id: String,
}

#[derive(FromQueryResult)]
struct ReportRow {
    quick_check: String,
}

impl Store {
    /// What SQLite finds wrong with its file; `None` where all is well, and on PostgreSQL, which watches over itself.
    pub async fn damage_all_organisations(&self) -> Result<Option<String>, StoreError> {
        if !self.is_sqlite() {
            return Ok(None);
        }
        let row: Option<ReportRow> = self.read().one("PRAGMA quick_check(1)", []).await?;
        Ok(row.map(|row| row.quick_check).filter(|report| report != "ok"))
    }

    /// The foreign keys forbid them; who edits a database by hand may still make some.
    pub async fn orphaned_installations_all_organisations(&self) -> Result<Vec<OrphanedInstallation>, StoreError> {
        let sql = "SELECT o.slug, i.plugin_id FROM installations i JOIN organisations o ON o.id = i.organisation_id
            LEFT JOIN plugin_packages p ON p.hash = i.package_hash WHERE p.hash IS NULL ORDER BY o.slug, i.plugin_id";
        self.read().all(sql, []).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{each, sqlite};

    #[tokio::test]
    async fn a_sound_database_has_nothing_to_report() {
        for database in each().await {
            assert_eq!(database.store.damage_all_organisations().await.unwrap(), None, "{}", database.name);
            assert_eq!(database.store.orphaned_installations_all_organisations().await.unwrap(), []);
        }
    }

    #[tokio::test]
    async fn an_installation_without_its_package_is_found() {
        let database = sqlite().await;
        let writer = sea_orm::ConnectionTrait::execute_unprepared;
        let connection = database.store.writer();
        for sql in [
            "PRAGMA foreign_keys = OFF",
            "INSERT INTO organisations (id, slug, name, locale, time_zone, currency, theme, created)
             VALUES (x'01', 'club', '星空会', 'ja', 'Asia/Tokyo', 'JPY', 'commons', 1)",
            "INSERT INTO installations (organisation_id, id, slot, plugin_id, package_hash, granted, settings, enabled, created, updated)
             VALUES (x'01', x'02', 'fan-board', 'fan-board', 'gone', '[]', '{}', TRUE, 1, 1)",
        ] {
            writer(connection, sql).await.unwrap();
        }
        let orphan = OrphanedInstallation { slug: "club".into(), plugin_id: "fan-board".into() };
        assert_eq!(database.store.orphaned_installations_all_organisations().await.unwrap(), [orphan]);
    }
}
