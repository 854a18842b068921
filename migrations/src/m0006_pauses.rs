//! A plugin that keeps failing is paused for an organisation.

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
    // NULL: it was never paused, or staff resumed it.
    "ALTER TABLE installations ADD COLUMN paused_until {int}",
    // How often in a row: each pause is twice as long as the one before.
    "ALTER TABLE installations ADD COLUMN pauses {int} NOT NULL DEFAULT 0",
];
