//! Forms and what was answered.

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
    // `body`: JSON, with the fields.
    "CREATE TABLE forms (
        organisation_id {id} NOT NULL REFERENCES organisations (id) ON DELETE CASCADE, id {id} NOT NULL,
        address TEXT NOT NULL, body TEXT NOT NULL, created {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, id), UNIQUE (organisation_id, address))",
    // `token` is made when the answer is shown for confirmation, so that it is kept once. `member_id`: who answered, or who
    // became a member by it. `body`: JSON, values by field.
    "CREATE TABLE form_answers (
        organisation_id {id} NOT NULL, id {id} NOT NULL, form_id {id} NOT NULL, token {id} NOT NULL, member_id {id},
        state TEXT NOT NULL, note TEXT NOT NULL, body TEXT NOT NULL, created {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (organisation_id, id), UNIQUE (organisation_id, token),
        FOREIGN KEY (organisation_id, form_id) REFERENCES forms (organisation_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organisation_id, member_id) REFERENCES members (organisation_id, id) ON DELETE CASCADE)",
    "CREATE INDEX form_answers_by_form ON form_answers (organisation_id, form_id, id)",
    "CREATE INDEX form_answers_by_member ON form_answers (organisation_id, member_id)",
];
