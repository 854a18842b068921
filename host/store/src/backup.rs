//! The whole database as text, table by table: one JSON array for each row, the same from both databases, so a backup
//! of one can be restored into the other. Tables, columns and their order come from the schema itself. Ids and bytes
//! are in base64.
//!
//! Sign-ins and mailed codes are left out: whoever finds a backup is signed in nowhere, and a code that was used after
//! the backup does not come back to life.

use crate::{Store, StoreError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseBackend, DatabaseTransaction, FromQueryResult, IsolationLevel, QueryResult, Statement,
    StreamTrait, TransactionOptions, TransactionTrait, Value as SqlValue,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_migrations::{Migrator, MigratorTrait};
use uuid::Uuid;

/// Tables whose rows are no part of a backup.
const LEFT_OUT: [&str; 3] = ["sessions", "challenges", MIGRATIONS];
const MIGRATIONS: &str = "seaql_migrations";

/// Rows are written this many at a time, or fewer where they are long. Both databases take more parameters than that.
const ROWS: usize = 100;
const BYTES: usize = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("the database holds data already")]
    NotEmpty,
    #[error("the backup was made by a newer version of this program (it knows the migration {0})")]
    Newer(String),
    #[error("the table {0} of the backup is not one of this database, or has other columns")]
    OtherTable(String),
    #[error("line {line} of the table {table}: {problem}")]
    Row { table: String, line: u64, problem: String },
    #[error("the column {table}.{column} is of a type that a backup does not know: {kind}")]
    Type { table: String, column: String, kind: String },
    #[error("the tables {0} need one another")]
    Circle(String),
}

impl From<sea_orm::DbErr> for BackupError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Boolean,
    Bytes,
    Id,
}

impl Kind {
    /// By the name that the database has for the type.
    fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "text" | "varchar" => Some(Self::Text),
            "integer" | "bigint" | "int8" => Some(Self::Integer),
            "boolean" | "bool" => Some(Self::Boolean),
            "blob" | "bytea" => Some(Self::Bytes),
            "uuid" => Some(Self::Id),
            _ => None,
        }
    }

    fn read(self, row: &QueryResult, column: &str) -> Result<Value, sea_orm::DbErr> {
        Ok(match self {
            Self::Text => row.try_get::<Option<String>>("", column)?.into(),
            Self::Integer => row.try_get::<Option<i64>>("", column)?.into(),
            Self::Boolean => row.try_get::<Option<bool>>("", column)?.into(),
            Self::Bytes => row.try_get::<Option<Vec<u8>>>("", column)?.map(|bytes| STANDARD.encode(bytes)).into(),
            Self::Id => row.try_get::<Option<Uuid>>("", column)?.map(|id| STANDARD.encode(id.as_bytes())).into(),
        })
    }

    /// What [`Kind::read`] gave, or gave on the other database.
    fn bind(self, value: Value) -> Result<SqlValue, &'static str> {
        let decode = |text: Option<String>| text.map(|text| STANDARD.decode(text).map_err(|_| "this is no base64")).transpose();
        let text = |value: Value| match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err("a text is expected"),
        };
        Ok(match self {
            Self::Text => text(value)?.into(),
            Self::Integer if value.is_null() => None::<i64>.into(),
            Self::Integer => value.as_i64().ok_or("an integer is expected")?.into(),
            Self::Boolean if value.is_null() => None::<bool>.into(),
            Self::Boolean => value.as_bool().ok_or("true or false is expected")?.into(),
            Self::Bytes => decode(text(value)?)?.into(),
            Self::Id => match decode(text(value)?)? {
                None => None::<Uuid>.into(),
                Some(bytes) => Uuid::from_slice(&bytes).map_err(|_| "an id has 16 bytes")?.into(),
            },
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
}

#[derive(FromQueryResult)]
struct ColumnRow {
    table_name: String,
    column_name: String,
    kind: String,
}

#[derive(FromQueryResult)]
struct NeedRow {
    table_name: String,
    needed: String,
}

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
}

const SQLITE_COLUMNS: &str = "SELECT m.name AS table_name, i.name AS column_name, i.type AS kind
    FROM sqlite_master m JOIN pragma_table_info(m.name) i
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY m.name, i.cid";
const POSTGRES_COLUMNS: &str = "SELECT c.table_name::text, c.column_name::text, c.udt_name::text AS kind
    FROM information_schema.columns c
    JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY c.table_name::text, c.ordinal_position";
const SQLITE_NEEDS: &str = "SELECT DISTINCT m.name AS table_name, f.\"table\" AS needed
    FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";
const POSTGRES_NEEDS: &str = "SELECT DISTINCT c.relname::text AS table_name, r.relname::text AS needed
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
    WHERE k.contype = 'f' AND c.relnamespace = current_schema()::regnamespace";

async fn all<T: FromQueryResult>(connection: &impl ConnectionTrait, sql: &str) -> Result<Vec<T>, BackupError> {
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    rows.iter().map(|row| T::from_query_result(row, "").map_err(BackupError::from)).collect()
}

/// The tables of a backup, each after those that its foreign keys name.
async fn tables(connection: &impl ConnectionTrait) -> Result<Vec<Table>, BackupError> {
    let (columns, needs) = match connection.get_database_backend() {
        DatabaseBackend::Sqlite => (SQLITE_COLUMNS, SQLITE_NEEDS),
        _ => (POSTGRES_COLUMNS, POSTGRES_NEEDS),
    };
    let mut waiting: BTreeMap<String, Vec<(String, Kind)>> = BTreeMap::new();
    for row in all::<ColumnRow>(connection, columns).await? {
        if LEFT_OUT.contains(&row.table_name.as_str()) {
            continue;
        }
        let Some(kind) = Kind::parse(&row.kind) else {
            return Err(BackupError::Type { table: row.table_name, column: row.column_name, kind: row.kind });
        };
        waiting.entry(row.table_name).or_default().push((row.column_name, kind));
    }
    let needs: Vec<NeedRow> = all(connection, needs).await?;
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_free = |name: &&String| {
            !needs.iter().any(|need| need.table_name == **name && need.needed != **name && waiting.contains_key(&need.needed))
        };
        let Some(name) = waiting.keys().find(is_free).cloned() else {
            return Err(BackupError::Circle(waiting.into_keys().collect::<Vec<_>>().join(", ")));
        };
        let columns = waiting.remove(&name).unwrap_or_default();
        ordered.push(Table { name, columns });
    }
    Ok(ordered)
}

async fn has_rows(connection: &impl ConnectionTrait) -> Result<bool, BackupError> {
    for table in tables(connection).await? {
        let found: Vec<QueryResult> = connection
            .query_all_raw(Statement::from_string(connection.get_database_backend(), format!("SELECT 1 FROM {} LIMIT 1", table.name)))
            .await?;
        if !found.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The database as it is at one moment, while others go on writing.
pub struct Snapshot {
    transaction: DatabaseTransaction,
    tables: Vec<Table>,
    migrations: Vec<String>,
}

impl Snapshot {
    /// Which migrations the database has had.
    pub fn migrations(&self) -> &[String] {
        &self.migrations
    }

    /// Names and columns, in the order in which they have to be restored.
    pub fn tables(&self) -> Vec<(String, Vec<String>)> {
        self.tables.iter().map(|table| (table.name.clone(), table.columns.iter().map(|(name, _)| name.clone()).collect())).collect()
    }

    /// Gives each row of a table to `line`, without a line's end. Answers how many there are.
    pub async fn rows(&self, table: &str, mut line: impl FnMut(&str) -> std::io::Result<()>) -> Result<u64, BackupError> {
        let table = self.tables.iter().find(|known| known.name == table).ok_or_else(|| BackupError::OtherTable(table.to_owned()))?;
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let sql = format!("SELECT {} FROM {}", names.join(", "), table.name);
        let mut rows =
            self.transaction.stream_raw(Statement::from_string(ConnectionTrait::get_database_backend(&self.transaction), sql)).await?;
        let mut count = 0;
        while let Some(row) = rows.try_next().await? {
            let values = table.columns.iter().map(|(name, kind)| kind.read(&row, name)).collect::<Result<Vec<_>, _>>()?;
            line(&Value::Array(values).to_string())?;
            count += 1;
        }
        Ok(count)
    }
}

/// A restore that has begun; dropped without [`Restoration::finish`] it leaves no row.
pub struct Restoration {
    store: Store,
    transaction: DatabaseTransaction,
    tables: Vec<Table>,
}

impl Restoration {
    /// Fills a table with lines of [`Snapshot::rows`]. Answers how many there were.
    pub async fn load(
        &self,
        table: &str,
        columns: &[String],
        lines: impl Iterator<Item = std::io::Result<String>>,
    ) -> Result<u64, BackupError> {
        let other = || BackupError::OtherTable(table.to_owned());
        let known = self.tables.iter().find(|known| known.name == table).ok_or_else(other)?;
        if columns.len() != known.columns.len() {
            return Err(other());
        }
        let kind = |column: &String| known.columns.iter().find(|(name, _)| name == column).map(|(_, kind)| *kind).ok_or_else(other);
        let kinds = columns.iter().map(kind).collect::<Result<Vec<_>, _>>()?;
        let (mut count, mut bytes, mut values) = (0, 0, Vec::new());
        for line in lines {
            let line = line?;
            count += 1;
            let wrong = |problem: &str| BackupError::Row { table: table.to_owned(), line: count, problem: problem.to_owned() };
            let row: Vec<Value> = serde_json::from_str(&line).map_err(|_| wrong("this is no JSON array"))?;
            if row.len() != kinds.len() {
                return Err(wrong("the row has more or fewer columns than the table"));
            }
            for (value, kind) in row.into_iter().zip(&kinds) {
                values.push(kind.bind(value).map_err(wrong)?);
            }
            bytes += line.len();
            if bytes >= BYTES || values.len() >= ROWS * kinds.len() {
                self.insert(table, columns, std::mem::take(&mut values)).await?;
                bytes = 0;
            }
        }
        self.insert(table, columns, values).await?;
        Ok(count)
    }

    async fn insert(&self, table: &str, columns: &[String], values: Vec<SqlValue>) -> Result<(), BackupError> {
        if values.is_empty() {
            return Ok(());
        }
        let row = |n: usize| format!("({})", crate::sql::placeholders(n * columns.len(), columns.len()));
        let rows: Vec<String> = (0..values.len() / columns.len()).map(row).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), rows.join(", "));
        self.transaction
            .execute_raw(Statement::from_sql_and_values(ConnectionTrait::get_database_backend(&self.transaction), sql, values))
            .await?;
        Ok(())
    }

    /// Keeps what was loaded and brings the schema up to this version. Mails that were waiting may have gone out after
    /// the backup was made, so they are not sent again; nor do mailings go on, or begin, before staff have looked.
    pub async fn finish(self) -> Result<(), BackupError> {
        let doubt = "UPDATE mails SET state = 'in-doubt', body = '' WHERE state IN ('waiting', 'sending')";
        self.transaction.execute_unprepared(doubt).await?;
        self.transaction.commit().await?;
        self.store.migrate().await?;
        // An older backup has no such table before it is brought up to this version.
        let hold = "UPDATE mailings SET state = CASE WHEN state = 'scheduled' THEN 'draft' ELSE 'stopped' END, scheduled = NULL
            WHERE state IN ('scheduled', 'planning', 'sending')";
        self.store.write().execute(hold, []).await?;
        Ok(())
    }
}

impl Store {
    /// Everything in the database as of now. Holds one connection until it is dropped; nobody waits for it.
    pub async fn snapshot_all_organisations(&self) -> Result<Snapshot, BackupError> {
        let mut options = TransactionOptions::default();
        // On SQLite every transaction that only reads is a snapshot.
        if !self.is_sqlite() {
            options.isolation_level = Some(IsolationLevel::RepeatableRead);
            options.access_mode = Some(AccessMode::ReadOnly);
        }
        let transaction = self.reader().begin_with_options(options).await?;
        let versions: Vec<NameRow> = all(&transaction, &format!("SELECT version AS name FROM {MIGRATIONS} ORDER BY version")).await?;
        let tables = tables(&transaction).await?;
        Ok(Snapshot { transaction, tables, migrations: versions.into_iter().map(|row| row.name).collect() })
    }

    /// Sets an empty database up as it was when the backup was made, ready for its rows. `migrations` are those of the
    /// [`Snapshot`].
    pub async fn begin_restore_all_organisations(&self, migrations: &[String]) -> Result<Restoration, BackupError> {
        let known: BTreeSet<String> = Migrator::get_migration_files().iter().map(|migration| migration.name().to_owned()).collect();
        if let Some(newer) = migrations.iter().find(|name| !known.contains(*name)) {
            return Err(BackupError::Newer(newer.clone()));
        }
        if has_rows(self.writer()).await? {
            return Err(BackupError::NotEmpty);
        }
        let applied = Migrator::get_applied_migrations(self.writer()).await?.len();
        let missing = migrations.len().checked_sub(applied).ok_or(BackupError::NotEmpty)?;
        Migrator::up(self.writer(), Some(u32::try_from(missing).unwrap_or(u32::MAX))).await?;
        let transaction = self.begin().await?;
        let tables = tables(&transaction).await?;
        Ok(Restoration { store: self.clone(), transaction, tables })
    }
}

#[cfg(test)]
#[path = "backup_tests.rs"]
mod tests;
