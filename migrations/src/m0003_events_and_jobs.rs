//! Events with their deliveries, jobs, and when scheduled jobs run next. An event stays until every subscriber has
//! handled it; a delivery or a job goes in the commit that does it. `state`: `waiting`, `running` (until `next_attempt`,
//! when whoever claimed it has died), `failed` (set aside for staff). `attempts` counts claims.

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
    // The outbox. `number` and `position`: the clock of the commit that told it, and its place in that commit.
    "CREATE TABLE events (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        installation_id {id}, number {int} NOT NULL, position {int} NOT NULL, topic TEXT NOT NULL, order_key TEXT NOT NULL,
        payload TEXT NOT NULL, depth {int} NOT NULL, occurred {int} NOT NULL, PRIMARY KEY (organisation_id, id))",
    "CREATE INDEX events_by_installation ON events (organisation_id, installation_id)",
    "CREATE TABLE deliveries (
        organisation_id {id} NOT NULL, event_id {id} NOT NULL, installation_id {id} NOT NULL,
        number {int} NOT NULL, position {int} NOT NULL, order_key TEXT NOT NULL,
        state TEXT NOT NULL, attempts {int} NOT NULL DEFAULT 0, next_attempt {int} NOT NULL,
        reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '', updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, event_id, installation_id),
        FOREIGN KEY (organisation_id, event_id) REFERENCES events (organisation_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organisation_id, installation_id) REFERENCES installations (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX deliveries_by_state ON deliveries (state, next_attempt)",
    "CREATE INDEX deliveries_by_key ON deliveries (organisation_id, installation_id, order_key, number, position)",
    "CREATE TABLE jobs (
        organisation_id {id} NOT NULL, id {id} NOT NULL, installation_id {id} NOT NULL, name TEXT NOT NULL, key TEXT,
        scheduled BOOLEAN NOT NULL DEFAULT FALSE, payload TEXT NOT NULL, depth {int} NOT NULL,
        state TEXT NOT NULL, attempts {int} NOT NULL DEFAULT 0, next_attempt {int} NOT NULL,
        reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '', updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, id),
        FOREIGN KEY (organisation_id, installation_id) REFERENCES installations (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX jobs_by_state ON jobs (state, next_attempt)",
    "CREATE INDEX jobs_by_name ON jobs (organisation_id, installation_id, name, key)",
    "CREATE TABLE schedules (
        organisation_id {id} NOT NULL, installation_id {id} NOT NULL, job TEXT NOT NULL, cron TEXT NOT NULL,
        zone TEXT NOT NULL, next_run {int} NOT NULL, PRIMARY KEY (organisation_id, installation_id, job),
        FOREIGN KEY (organisation_id, installation_id) REFERENCES installations (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX schedules_by_next_run ON schedules (next_run)",
];
