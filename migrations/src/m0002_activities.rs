//! Members' timelines: lines that plugins record. `installation_id` has no foreign key: a line outlives the plugin that
//! wrote it, unless its data is erased.

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
    "CREATE TABLE activities (
        organisation_id {id} NOT NULL, id {id} NOT NULL, member_id {id} NOT NULL, installation_id {id} NOT NULL,
        kind TEXT NOT NULL, summary TEXT NOT NULL, path TEXT, data TEXT NOT NULL, at {int} NOT NULL,
        PRIMARY KEY (organisation_id, id),
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX activities_by_member ON activities (organisation_id, member_id, at)",
];
