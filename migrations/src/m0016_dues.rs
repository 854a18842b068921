//! Dues, and the invoices that were issued for them.

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
    // `body`: JSON. `reached`: while it runs, the member behind whom it goes on. `account_id`: who began the run.
    "CREATE TABLE dues (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL, begins TEXT NOT NULL,
        body TEXT NOT NULL, state TEXT NOT NULL, reached {id}, account_id {id}, created {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, id))",
    "CREATE INDEX dues_at_work ON dues (organisation_id, id) WHERE state = 'running'",
    // Once for each member. Without an invoice they had nothing to pay. `period_id`: the period that having paid gave them.
    "CREATE TABLE dues_members (
        organisation_id {id} NOT NULL, dues_id {id} NOT NULL, member_id {id} NOT NULL, invoice_id {id}, member_type TEXT, period_id {id},
        at {int} NOT NULL, PRIMARY KEY (organisation_id, dues_id, member_id),
        FOREIGN KEY (organisation_id, dues_id) REFERENCES dues (organisation_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX dues_members_by_invoice ON dues_members (organisation_id, invoice_id)",
];
