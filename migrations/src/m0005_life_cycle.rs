//! The life cycle of installations: one current installation of a plugin in an organisation, beside it those that it
//! replaced, those that are being made, and those that were kept when the plugin was uninstalled.
//!
//! `slot` carries the uniqueness: the current installation has the plugin's id there, every other one its own id.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE installations RENAME COLUMN plugin_id TO slot",
    "ALTER TABLE installations ADD COLUMN plugin_id TEXT NOT NULL DEFAULT ''",
    "UPDATE installations SET plugin_id = slot",
    // `current`, `upcoming`, `former`, `kept` or `erasing`.
    "ALTER TABLE installations ADD COLUMN state TEXT NOT NULL DEFAULT 'current'",
    // Commands wait while its documents are copied into a new version.
    "ALTER TABLE installations ADD COLUMN upgrading BOOLEAN NOT NULL DEFAULT FALSE",
    // NULL, from before this migration: all that the manifest names.
    "ALTER TABLE installations ADD COLUMN member_fields TEXT",
    "ALTER TABLE installations ADD COLUMN predecessor {id}",
    // When it got its state.
    "ALTER TABLE installations ADD COLUMN since {int} NOT NULL DEFAULT 0",
    "CREATE INDEX installations_by_plugin ON installations (organisation_id, plugin_id)",
    "CREATE INDEX activities_by_installation ON activities (organisation_id, installation_id)",
    // An upgrade under way, or one that failed, until staff try again. `installation_id` is what it upgrades.
    "CREATE TABLE plugin_upgrades (
        organisation_id {id} NOT NULL, plugin_id TEXT NOT NULL, installation_id {id} NOT NULL, target_id {id} NOT NULL,
        from_version TEXT NOT NULL, to_version TEXT NOT NULL, state TEXT NOT NULL, phase TEXT NOT NULL,
        collection TEXT NOT NULL, place {id}, answers_after TEXT NOT NULL, cursor TEXT, steps {int} NOT NULL,
        copied {int} NOT NULL, total {int} NOT NULL, unindexed {int} NOT NULL, tries {int} NOT NULL, problem TEXT,
        account_id {id}, claim {id}, claimed_until {int} NOT NULL, started {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, plugin_id),
        FOREIGN KEY (organisation_id, installation_id) REFERENCES installations (organisation_id, id) ON DELETE CASCADE)",
];
