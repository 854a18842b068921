//! The first schema: organisations with their clock and changes, accounts, members, staff, sessions, pages with
//! revisions, files, mail, plugin packages, installations and their documents. Times are milliseconds since the Unix
//! epoch, UTC.

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
    // The clock counts every commit that touches what a plugin can read; `changes` says what each touched.
    "CREATE TABLE organisations (
        id {id} PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, locale TEXT NOT NULL, time_zone TEXT NOT NULL,
        currency TEXT NOT NULL, theme TEXT NOT NULL, clock {int} NOT NULL DEFAULT 0,
        site_draft {id}, site_published {id}, created {int} NOT NULL)",
    "CREATE TABLE organisation_hosts (
        host TEXT PRIMARY KEY, organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE)",
    "CREATE TABLE changes (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, number {int} NOT NULL,
        body TEXT NOT NULL, at {int} NOT NULL, PRIMARY KEY (organisation_id, number))",
    // People.
    "CREATE TABLE tiers (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, key TEXT NOT NULL,
        name_ja TEXT NOT NULL, name_en TEXT NOT NULL, position {int} NOT NULL, PRIMARY KEY (organisation_id, key))",
    "CREATE TABLE labels (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, key TEXT NOT NULL,
        name_ja TEXT NOT NULL, name_en TEXT NOT NULL, PRIMARY KEY (organisation_id, key))",
    "CREATE TABLE accounts (id {id} PRIMARY KEY, password_hash TEXT, demo BOOLEAN NOT NULL DEFAULT FALSE, created {int} NOT NULL)",
    "CREATE TABLE members (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        number TEXT NOT NULL, family_name TEXT NOT NULL, given_name TEXT NOT NULL, family_kana TEXT NOT NULL,
        given_kana TEXT NOT NULL, display_name TEXT NOT NULL, email TEXT, account_id {id} REFERENCES accounts (id),
        tier TEXT, joined_on TEXT, created {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, id), UNIQUE (organisation_id, number))",
    "CREATE INDEX members_by_email ON members (organisation_id, email)",
    "CREATE INDEX members_by_account ON members (account_id)",
    "CREATE TABLE member_labels (
        organisation_id {id} NOT NULL, member_id {id} NOT NULL, label TEXT NOT NULL,
        PRIMARY KEY (organisation_id, member_id, label),
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    "CREATE TABLE staff (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
        account_id {id} NOT NULL REFERENCES accounts (id), display_name TEXT NOT NULL, email TEXT NOT NULL,
        permissions TEXT NOT NULL, created {int} NOT NULL, PRIMARY KEY (organisation_id, account_id))",
    "CREATE INDEX staff_by_account ON staff (account_id)",
    // Signing in. Tokens and codes are kept as hashes only.
    "CREATE TABLE sessions (
        token_hash {bytes} PRIMARY KEY, id {id} NOT NULL UNIQUE,
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
        account_id {id} NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, member_id {id}, see_as TEXT,
        created {int} NOT NULL, last_seen {int} NOT NULL, expires {int} NOT NULL, agent TEXT NOT NULL)",
    "CREATE INDEX sessions_by_account ON sessions (account_id)",
    "CREATE INDEX sessions_by_expiry ON sessions (expires)",
    "CREATE TABLE challenges (
        id {id} PRIMARY KEY, organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
        purpose TEXT NOT NULL, email TEXT NOT NULL, data TEXT NOT NULL, code_hash {bytes} NOT NULL,
        attempts {int} NOT NULL DEFAULT 0, created {int} NOT NULL, expires {int} NOT NULL, consumed {int})",
    "CREATE INDEX challenges_by_expiry ON challenges (expires)",
    "CREATE TABLE mails (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
        attempts {int} NOT NULL DEFAULT 0, next_attempt {int} NOT NULL, problem TEXT, created {int} NOT NULL,
        PRIMARY KEY (organisation_id, id))",
    "CREATE INDEX mails_by_state ON mails (state, next_attempt)",
    // The site. What a revision is of: `page:<id>` or `site`; `replaced` is what was published before it. A page that
    // was deleted has no path, so that another may take it; `draft_path` is where its draft will be.
    "CREATE TABLE pages (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        path TEXT, draft_path TEXT, draft_revision {id}, published_revision {id}, created {int} NOT NULL, deleted {int},
        PRIMARY KEY (organisation_id, id), UNIQUE (organisation_id, path))",
    "CREATE TABLE revisions (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        subject TEXT NOT NULL, body TEXT NOT NULL, account_id {id}, created {int} NOT NULL, published {int}, replaced {id},
        PRIMARY KEY (organisation_id, id))",
    "CREATE INDEX revisions_by_subject ON revisions (organisation_id, subject, created)",
    "CREATE TABLE files (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        name TEXT NOT NULL, media_type TEXT NOT NULL, size {int} NOT NULL, sha256 TEXT NOT NULL,
        alt_ja TEXT NOT NULL, alt_en TEXT NOT NULL, gate TEXT NOT NULL, created {int} NOT NULL,
        PRIMARY KEY (organisation_id, id))",
    // Plugins. A package is kept whole, so that a backup of the database has it.
    "CREATE TABLE plugin_packages (
        hash TEXT PRIMARY KEY, plugin_id TEXT NOT NULL, version TEXT NOT NULL, manifest TEXT NOT NULL,
        bytes {bytes} NOT NULL, created {int} NOT NULL, UNIQUE (plugin_id, version))",
    "CREATE TABLE installations (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        plugin_id TEXT NOT NULL, package_hash TEXT NOT NULL REFERENCES plugin_packages (hash), granted TEXT NOT NULL,
        settings TEXT NOT NULL, enabled BOOLEAN NOT NULL, documents {int} NOT NULL DEFAULT 0,
        bytes {int} NOT NULL DEFAULT 0, created {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, id), UNIQUE (organisation_id, plugin_id))",
    "CREATE TABLE plugin_documents (
        organisation_id {id} NOT NULL, installation_id {id} NOT NULL, collection TEXT NOT NULL, id {id} NOT NULL,
        revision TEXT NOT NULL, body TEXT NOT NULL, size {int} NOT NULL, created {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, installation_id, collection, id),
        FOREIGN KEY (organisation_id, installation_id) REFERENCES installations (organisation_id, id) ON DELETE CASCADE)",
    "CREATE TABLE plugin_index (
        organisation_id {id} NOT NULL, installation_id {id} NOT NULL, collection TEXT NOT NULL, index_name TEXT NOT NULL,
        key {bytes} NOT NULL, document_id {id} NOT NULL,
        PRIMARY KEY (organisation_id, installation_id, collection, index_name, key),
        FOREIGN KEY (organisation_id, installation_id) REFERENCES installations (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX plugin_index_by_document ON plugin_index (organisation_id, installation_id, collection, document_id)",
    "CREATE TABLE command_calls (
        organisation_id {id} NOT NULL, installation_id {id} NOT NULL, call_id TEXT NOT NULL, number {int} NOT NULL,
        answer TEXT NOT NULL, at {int} NOT NULL, PRIMARY KEY (organisation_id, installation_id, call_id),
        FOREIGN KEY (organisation_id, installation_id) REFERENCES installations (organisation_id, id) ON DELETE CASCADE)",
    "CREATE TABLE plugin_failures (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        plugin_id TEXT NOT NULL, place TEXT NOT NULL, request_id TEXT NOT NULL, detail TEXT NOT NULL, at {int} NOT NULL,
        PRIMARY KEY (organisation_id, id))",
    "CREATE TABLE audit_entries (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        account_id {id}, action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, at {int} NOT NULL,
        PRIMARY KEY (organisation_id, id))",
];
