//! Plugins' invoices, and what gateways say of payments.

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
    // The plugin that issued it, and what it calls it.
    "ALTER TABLE invoices ADD COLUMN plugin_id TEXT",
    "ALTER TABLE invoices ADD COLUMN reference TEXT",
    // Invoices that a gateway was asked to collect: those that it may see and report about.
    "CREATE TABLE gateway_invoices (
        organisation_id {id} NOT NULL, plugin_id TEXT NOT NULL, invoice_id {id} NOT NULL, at {int} NOT NULL,
        PRIMARY KEY (organisation_id, plugin_id, invoice_id),
        FOREIGN KEY (organisation_id, invoice_id) REFERENCES invoices (organisation_id, id) ON DELETE CASCADE)",
    // What a gateway has said of one payment, whatever order it said it in: the furthest state, what was paid, all that was given
    // back so far.
    "CREATE TABLE gateway_reports (
        organisation_id {id} NOT NULL, plugin_id TEXT NOT NULL, reference TEXT NOT NULL, invoice_id {id} NOT NULL, state TEXT NOT NULL,
        paid {int} NOT NULL, refunded {int} NOT NULL, created {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, plugin_id, reference),
        FOREIGN KEY (organisation_id, invoice_id) REFERENCES invoices (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX gateway_reports_by_invoice ON gateway_reports (organisation_id, invoice_id)",
    // Refunds that a gateway is asked for, until it has answered. The id is the key that the gateway hears.
    "CREATE TABLE gateway_refunds (
        organisation_id {id} NOT NULL, id {id} NOT NULL, plugin_id TEXT NOT NULL, payment_id {id} NOT NULL, invoice_id {id} NOT NULL,
        amount {int} NOT NULL, state TEXT NOT NULL, attempts {int} NOT NULL, next_attempt {int} NOT NULL, detail TEXT NOT NULL,
        account_id {id}, created {int} NOT NULL, updated {int} NOT NULL, PRIMARY KEY (organisation_id, id),
        FOREIGN KEY (organisation_id, payment_id) REFERENCES payments (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX gateway_refunds_by_payment ON gateway_refunds (organisation_id, payment_id)",
    "CREATE INDEX gateway_refunds_waiting ON gateway_refunds (next_attempt) WHERE state = 'asked'",
];
