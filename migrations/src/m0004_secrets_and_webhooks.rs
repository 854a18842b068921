//! Secrets that organisations entrusted to the host for their plugins, and the events that webhooks have brought.
//!
//! A secret belongs to the plugin and not to one of its installations, so that it stays when a new version comes.

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
    // `sealed` is a nonce and what AES-256-GCM made of the secret; `key_id` says with which key.
    "CREATE TABLE plugin_secrets (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, plugin_id TEXT NOT NULL,
        name TEXT NOT NULL, key_id TEXT NOT NULL, sealed {bytes} NOT NULL, account_id {id}, set_at {int} NOT NULL,
        PRIMARY KEY (organisation_id, plugin_id, name))",
    // What recognises an event again: the provider's id of it, and a digest of what was signed. Of the plugin, not of
    // an installation, for the same reason.
    "CREATE TABLE webhook_events (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, plugin_id TEXT NOT NULL,
        key TEXT NOT NULL, status {int} NOT NULL, answer TEXT NOT NULL, at {int} NOT NULL,
        PRIMARY KEY (organisation_id, plugin_id, key))",
];
