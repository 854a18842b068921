//! Values of the fields that plugins add to members' records.

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
    // They belong to the plugin, whichever version of it is used. `value`: JSON.
    "CREATE TABLE member_values (
        organisation_id {id} NOT NULL, member_id {id} NOT NULL, plugin_id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL,
        updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, member_id, plugin_id, field),
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX member_values_by_plugin ON member_values (organisation_id, plugin_id)",
];
