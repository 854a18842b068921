//! The methods that members saved with gateways, and what is to be charged by them.

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
    // What the member knows their method by; the method itself is the provider's.
    "CREATE TABLE saved_methods (
        organisation_id {id} NOT NULL, plugin_id TEXT NOT NULL, member_id {id} NOT NULL, label TEXT NOT NULL, at {int} NOT NULL,
        PRIMARY KEY (organisation_id, plugin_id, member_id),
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX saved_methods_by_member ON saved_methods (organisation_id, member_id)",
    // Until the gateway has answered. The id is the key that it hears; `amount` is said by the first try; `due`: when that is.
    "CREATE TABLE gateway_charges (
        organisation_id {id} NOT NULL, id {id} NOT NULL, plugin_id TEXT NOT NULL, invoice_id {id} NOT NULL, member_id {id} NOT NULL,
        amount {int}, state TEXT NOT NULL, attempts {int} NOT NULL, due {int} NOT NULL, next_attempt {int} NOT NULL, detail TEXT NOT NULL,
        account_id {id}, created {int} NOT NULL, updated {int} NOT NULL, PRIMARY KEY (organisation_id, id),
        FOREIGN KEY (organisation_id, invoice_id) REFERENCES invoices (organisation_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    // One at a time for an invoice.
    "CREATE UNIQUE INDEX gateway_charges_asked ON gateway_charges (organisation_id, invoice_id) WHERE state = 'asked'",
    "CREATE INDEX gateway_charges_by_invoice ON gateway_charges (organisation_id, invoice_id)",
    "CREATE INDEX gateway_charges_by_member ON gateway_charges (organisation_id, member_id)",
    "CREATE INDEX gateway_charges_waiting ON gateway_charges (next_attempt) WHERE state = 'asked'",
];
