//! Files that plugins keep. The bytes are on the disk, under the file's id.

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
    // An upgrade copies the rows to the new version's installation, and both name the same bytes.
    "CREATE TABLE plugin_files (
        organisation_id {id} NOT NULL, installation_id {id} NOT NULL, id {id} NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
        size {int} NOT NULL, sha256 TEXT NOT NULL, gate TEXT NOT NULL, created {int} NOT NULL,
        PRIMARY KEY (organisation_id, installation_id, id),
        FOREIGN KEY (organisation_id, installation_id) REFERENCES installations (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX plugin_files_by_id ON plugin_files (organisation_id, id)",
];
