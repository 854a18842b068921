//! Periods of membership with their types, ways to reach members, and imports of members.

use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await?;
        let day = match manager.get_database_backend() {
            DatabaseBackend::Postgres => "to_char(to_timestamp(created / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
            _ => "date(created / 1000, 'unixepoch')",
        };
        let filled = FILLED.map(|statement| statement.replace("{created}", day));
        dialect::run(manager, &filled.each_ref().map(String::as_str)).await
    }
}

const STATEMENTS: &[&str] = &[
    "CREATE TABLE member_types (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, key TEXT NOT NULL,
        name_ja TEXT NOT NULL, name_en TEXT NOT NULL, grace_days {int} NOT NULL, position {int} NOT NULL,
        PRIMARY KEY (organisation_id, key))",
    // Never overwritten: a row that was wrong stays, with when it ceased to stand and which row stands instead. Dates are
    // text, `2026-04-01`; `ends` is the last day.
    "CREATE TABLE membership_periods (
        organisation_id {id} NOT NULL, id {id} NOT NULL, member_id {id} NOT NULL, member_type TEXT, begins TEXT NOT NULL,
        ends TEXT, has_left BOOLEAN NOT NULL, note TEXT NOT NULL, account_id {id}, created {int} NOT NULL,
        replaced {int}, replaced_by {id}, PRIMARY KEY (organisation_id, id),
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX membership_periods_by_member ON membership_periods (organisation_id, member_id, begins) WHERE replaced IS NULL",
    "CREATE INDEX membership_periods_by_type ON membership_periods (organisation_id, member_type)",
    // What the periods say, until the day on which they say something else.
    "ALTER TABLE members ADD COLUMN member_type TEXT",
    "ALTER TABLE members ADD COLUMN status TEXT NOT NULL DEFAULT 'current'",
    "ALTER TABLE members ADD COLUMN status_until TEXT",
    "ALTER TABLE members ADD COLUMN born_on TEXT",
    "ALTER TABLE members ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX members_by_status_until ON members (status_until)",
    "CREATE INDEX members_by_status ON members (organisation_id, status, number)",
    // Phone numbers and further mail addresses; `plain` is what is searched.
    "CREATE TABLE member_contacts (
        organisation_id {id} NOT NULL, member_id {id} NOT NULL, position {int} NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL,
        value TEXT NOT NULL, plain TEXT NOT NULL, PRIMARY KEY (organisation_id, member_id, position),
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    "CREATE TABLE member_addresses (
        organisation_id {id} NOT NULL, member_id {id} NOT NULL, position {int} NOT NULL, place TEXT NOT NULL,
        country TEXT NOT NULL, postal_code TEXT NOT NULL, region TEXT NOT NULL, locality TEXT NOT NULL, street TEXT NOT NULL,
        building TEXT NOT NULL, PRIMARY KEY (organisation_id, member_id, position),
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    // `plan`: JSON, what staff chose. `file`: as it was uploaded, until the import is done.
    "CREATE TABLE member_imports (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        name TEXT NOT NULL, state TEXT NOT NULL, plan TEXT NOT NULL, file {bytes}, account_id {id},
        created {int} NOT NULL, updated {int} NOT NULL, PRIMARY KEY (organisation_id, id))",
    "CREATE INDEX member_imports_by_state ON member_imports (state)",
    // `number`: where the file has it. `cells`, `problems`, `before`: JSON. `before`: what the member was like, for undoing.
    "CREATE TABLE member_import_rows (
        organisation_id {id} NOT NULL, import_id {id} NOT NULL, number {int} NOT NULL, cells TEXT NOT NULL, state TEXT NOT NULL,
        problems TEXT NOT NULL, member_id {id}, before TEXT, PRIMARY KEY (organisation_id, import_id, number),
        FOREIGN KEY (organisation_id, import_id) REFERENCES member_imports (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX member_import_rows_by_state ON member_import_rows (organisation_id, import_id, state, number)",
];

const FILLED: [&str; 2] = [
    // Who is there already has been a member since they joined, as far as that is known.
    "INSERT INTO membership_periods (organisation_id, id, member_id, begins, has_left, note, created)
        SELECT organisation_id, id, id, COALESCE(joined_on, {created}), FALSE, '', created FROM members",
    // The day is looked at again where it may be still to come.
    "UPDATE members SET status_until = joined_on WHERE joined_on > {created}",
];
