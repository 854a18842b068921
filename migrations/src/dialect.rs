//! One text of DDL for both databases: `{id}`, `{bytes}` and `{int}` stand for the column types that differ.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// Runs each statement with the types of the database that is there. Columns of JSON are TEXT on both: the host reads
/// and writes them whole.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let (id, bytes, int) = match manager.get_database_backend() {
        DatabaseBackend::Postgres => ("UUID", "BYTEA", "BIGINT"),
        _ => ("BLOB", "BLOB", "INTEGER"),
    };
    for statement in statements {
        let sql = statement.replace("{id}", id).replace("{bytes}", bytes).replace("{int}", int);
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}
