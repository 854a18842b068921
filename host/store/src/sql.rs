//! Small tools for statements: one spelling (`$1`) for both databases, rows into structs, and timestamps.

use crate::{Store, StoreError};
use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult, Statement, Value};

/// Runs statements on a pool or inside a transaction.
pub(crate) struct Sql<'a, C: ConnectionTrait> {
    connection: &'a C,
    backend: DatabaseBackend,
}

impl<'a, C: ConnectionTrait> Sql<'a, C> {
    pub(crate) fn on(connection: &'a C) -> Self {
        Self { connection, backend: connection.get_database_backend() }
    }

    fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend, sql, values)
    }

    /// How many rows were changed.
    pub(crate) async fn execute(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
        Ok(self.connection.execute_raw(self.statement(sql, values)).await?.rows_affected())
    }

    pub(crate) async fn one<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, StoreError> {
        let row = self.connection.query_one_raw(self.statement(sql, values)).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    /// A limit is written as a number, or `$7 + 0`: where it is `$7` alone SQLite plans the statement anew for each value that
    /// is bound to it, which takes longer than running it (`sqlite3ExprIsInteger` in its sources).
    pub(crate) async fn all<T: FromQueryResult>(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<Vec<T>, StoreError> {
        let rows = self.connection.query_all_raw(self.statement(sql, values)).await?;
        rows.iter().map(|row| T::from_query_result(row, "").map_err(StoreError::from)).collect()
    }
}

impl Store {
    /// For reading outside a transaction.
    pub(crate) fn read(&self) -> Sql<'_, sea_orm::DatabaseConnection> {
        Sql::on(self.reader())
    }

    /// For single statements that write.
    pub(crate) fn write(&self) -> Sql<'_, sea_orm::DatabaseConnection> {
        Sql::on(self.writer())
    }
}

/// `$3, $4, $5` for `count` values after the first `before`.
pub(crate) fn placeholders(before: usize, count: usize) -> String {
    (before + 1..=before + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}
