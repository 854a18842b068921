//! Segments: members by conditions.

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
    // `rule`: JSON, see `host/kernel/src/segment.rs`.
    "CREATE TABLE segments (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, key TEXT NOT NULL, name_ja TEXT NOT NULL,
        name_en TEXT NOT NULL, rule TEXT NOT NULL,
        PRIMARY KEY (organisation_id, key))",
];
