//! Mails that plugins send, and members who don't want some of them.

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
    // NULL: the host's own mail.
    "ALTER TABLE mails ADD COLUMN installation_id {id}",
    "CREATE INDEX mails_of_installation ON mails (organisation_id, installation_id, created)",
    // A row: this member does not want this mail of this plugin.
    "CREATE TABLE mail_refusals (
        organisation_id {id} NOT NULL, member_id {id} NOT NULL, plugin_id TEXT NOT NULL, mail TEXT NOT NULL,
        PRIMARY KEY (organisation_id, member_id, plugin_id, mail),
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
];
