//! Answers that plugins led members to.

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
    // For which plugin a member answered, and under which of its keys.
    "ALTER TABLE form_answers ADD COLUMN plugin_id TEXT",
    "ALTER TABLE form_answers ADD COLUMN plugin_key TEXT",
    "CREATE UNIQUE INDEX form_answers_once ON form_answers (organisation_id, form_id, member_id, plugin_id, plugin_key)
        WHERE plugin_id IS NOT NULL",
];
