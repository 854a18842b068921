//! Invoices, payments and the books.

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
    // `body`: JSON.
    "CREATE TABLE invoice_settings (
        organisation_id {id} NOT NULL PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE, body TEXT NOT NULL,
        updated {int} NOT NULL)",
    // The last number that was given in each series of a year.
    "CREATE TABLE number_series (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, series TEXT NOT NULL, year {int} NOT NULL,
        last {int} NOT NULL, PRIMARY KEY (organisation_id, series, year))",
    // A draft has no number. `body`: JSON, of a draft what was typed, else the document as it was issued. `member_id` names a
    // member while there is one: the document stays when they are erased. `credited` and `paid` are sums of what is below.
    // `search`: what a document is found by, folded.
    "CREATE TABLE invoices (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL, member_id {id},
        number TEXT, year {int}, sequence {int}, search TEXT NOT NULL, body TEXT NOT NULL, total {int} NOT NULL,
        credited {int} NOT NULL, paid {int} NOT NULL, issued_on TEXT, due_on TEXT, created {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, id), UNIQUE (organisation_id, number), UNIQUE (organisation_id, year, sequence))",
    "CREATE INDEX invoices_by_member ON invoices (organisation_id, member_id, id)",
    "CREATE INDEX invoices_to_be_paid ON invoices (organisation_id, due_on, id) WHERE number IS NOT NULL AND total - credited - paid > 0",
    "CREATE TABLE credit_notes (
        organisation_id {id} NOT NULL, id {id} NOT NULL, invoice_id {id} NOT NULL, number TEXT NOT NULL, year {int} NOT NULL,
        sequence {int} NOT NULL, token {id} NOT NULL, body TEXT NOT NULL, total {int} NOT NULL, issued_on TEXT NOT NULL,
        created {int} NOT NULL, PRIMARY KEY (organisation_id, id), UNIQUE (organisation_id, number),
        UNIQUE (organisation_id, year, sequence), UNIQUE (organisation_id, token),
        FOREIGN KEY (organisation_id, invoice_id) REFERENCES invoices (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX credit_notes_by_invoice ON credit_notes (organisation_id, invoice_id)",
    // Booked once for each reference of a way of paying, and once for each token of a form. `allocated` and `refunded` are sums of
    // what is below.
    "CREATE TABLE payments (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL, member_id {id},
        number TEXT NOT NULL, year {int} NOT NULL, sequence {int} NOT NULL, method TEXT NOT NULL, reference TEXT, token {id} NOT NULL,
        search TEXT NOT NULL, body TEXT NOT NULL, amount {int} NOT NULL, allocated {int} NOT NULL, refunded {int} NOT NULL,
        received_on TEXT NOT NULL, created {int} NOT NULL,
        PRIMARY KEY (organisation_id, id), UNIQUE (organisation_id, number), UNIQUE (organisation_id, year, sequence),
        UNIQUE (organisation_id, method, reference), UNIQUE (organisation_id, token))",
    "CREATE INDEX payments_by_member ON payments (organisation_id, member_id, id)",
    // Below zero: taken back by a credit note.
    "CREATE TABLE allocations (
        organisation_id {id} NOT NULL, id {id} NOT NULL, payment_id {id} NOT NULL, invoice_id {id} NOT NULL, amount {int} NOT NULL,
        at {int} NOT NULL, PRIMARY KEY (organisation_id, id),
        FOREIGN KEY (organisation_id, payment_id) REFERENCES payments (organisation_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organisation_id, invoice_id) REFERENCES invoices (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX allocations_by_invoice ON allocations (organisation_id, invoice_id)",
    "CREATE INDEX allocations_by_payment ON allocations (organisation_id, payment_id)",
    "CREATE TABLE refunds (
        organisation_id {id} NOT NULL, id {id} NOT NULL, payment_id {id} NOT NULL, method TEXT NOT NULL, reference TEXT,
        token {id} NOT NULL, amount {int} NOT NULL, refunded_on TEXT NOT NULL, note TEXT NOT NULL, created {int} NOT NULL,
        PRIMARY KEY (organisation_id, id), UNIQUE (organisation_id, method, reference), UNIQUE (organisation_id, token),
        FOREIGN KEY (organisation_id, payment_id) REFERENCES payments (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX refunds_by_payment ON refunds (organisation_id, payment_id)",
    // Double entry. Rows are added, never changed and never removed. `number`: the document's.
    "CREATE TABLE ledger_entries (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL, kind TEXT NOT NULL,
        document_id {id} NOT NULL, number TEXT NOT NULL, date TEXT NOT NULL, at {int} NOT NULL, PRIMARY KEY (organisation_id, id))",
    "CREATE TABLE ledger_lines (
        organisation_id {id} NOT NULL, entry_id {id} NOT NULL, place {int} NOT NULL, account TEXT NOT NULL, amount {int} NOT NULL,
        PRIMARY KEY (organisation_id, entry_id, place),
        FOREIGN KEY (organisation_id, entry_id) REFERENCES ledger_entries (organisation_id, id) ON DELETE CASCADE)",
    // Sums of the lines by account and month (`2026-11`), kept in the same transaction.
    "CREATE TABLE ledger_balances (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, account TEXT NOT NULL, month TEXT NOT NULL,
        amount {int} NOT NULL, PRIMARY KEY (organisation_id, account, month))",
];
