//! Mailings to members, their topics, and addresses that are not written to any more.

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
    // The language of mails; NULL: the organisation's.
    "ALTER TABLE members ADD COLUMN mail_locale TEXT",
    // `body`: JSON, with the names. The first topic has a row only once it was changed.
    "CREATE TABLE mail_topics (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL, body TEXT NOT NULL,
        hidden BOOLEAN NOT NULL, created {int} NOT NULL, PRIMARY KEY (organisation_id, id))",
    // `body`: JSON, the texts and whom they are for. `cursor`: the last member who was looked at, in the order of ids. `counts`: JSON,
    // once it is over.
    "CREATE TABLE mailings (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL, body TEXT NOT NULL,
        state TEXT NOT NULL, cursor {id} NOT NULL, counts TEXT, scheduled {int}, started {int}, ended {int}, account_id {id},
        created {int} NOT NULL, updated {int} NOT NULL, PRIMARY KEY (organisation_id, id))",
    "CREATE INDEX mailings_by_state ON mailings (state, scheduled)",
    // `priority`: 0 for what somebody waits for, 1 for notices of plugins, 2 for mailings. `topic_plugin` and `topic` are what can be
    // refused (`mail_refusals`): a plugin and its mail, or nothing and a topic's id; NULL: nobody can. A mailing's words are with the
    // mailing.
    "ALTER TABLE mails ADD COLUMN priority {int} NOT NULL DEFAULT 0",
    "ALTER TABLE mails ADD COLUMN mailing_id {id}",
    "ALTER TABLE mails ADD COLUMN member_id {id}",
    "ALTER TABLE mails ADD COLUMN topic_plugin TEXT",
    "ALTER TABLE mails ADD COLUMN topic TEXT",
    "CREATE UNIQUE INDEX mails_once ON mails (organisation_id, mailing_id, member_id)",
    "CREATE INDEX mails_in_turn ON mails (state, priority, organisation_id, next_attempt, id)",
    "CREATE INDEX mails_of_mailing ON mails (organisation_id, mailing_id, state, member_id)",
    "CREATE TABLE mail_suppressions (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, email TEXT NOT NULL, reason TEXT NOT NULL,
        created {int} NOT NULL, PRIMARY KEY (organisation_id, email))",
];
