//! Connecting: on SQLite one writer and a pool of readers on the same file, on PostgreSQL one pool for both.

use crate::StoreError;
use crate::background::Habits;
use crate::session_desk::SessionDesk;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tsudoi_kernel::OrganisationId;
use tsudoi_kernel::changes::Change;
use tsudoi_kernel::ports::CommitObserver;
use tsudoi_migrations::{Migrator, MigratorTrait};

#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// SQLite only: `FULL` (the default) loses nothing that was acknowledged, `NORMAL` may in a power cut.
    pub synchronous: String,
    /// Most connections to PostgreSQL, or readers on SQLite.
    pub connections: u32,
}

/// The database of this process; cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    statements: Arc<AtomicU64>,
    pub(crate) sessions: SessionDesk,
    observers: RwLock<Vec<Arc<dyn CommitObserver>>>,
    /// What packages listen to and run by themselves, by their hash.
    pub(crate) habits: RwLock<HashMap<String, Arc<Habits>>>,
}

impl Store {
    /// Connects, without migrating.
    pub async fn connect(options: &Options) -> Result<Self, StoreError> {
        let statements = Arc::new(AtomicU64::new(0));
        let (mut writer, mut reader);
        if options.url.starts_with("sqlite:") {
            writer = Database::connect(Self::connect_options(options, 1)).await?;
            reader = Database::connect(Self::connect_options(options, options.connections.max(1))).await?;
            count(&mut reader, &statements);
            count(&mut writer, &statements);
        } else {
            writer = Database::connect(Self::connect_options(options, options.connections.max(2))).await?;
            count(&mut writer, &statements);
            reader = writer.clone();
        }
        Ok(Self {
            inner: Arc::new(Inner {
                writer,
                reader,
                statements,
                sessions: SessionDesk::default(),
                observers: RwLock::default(),
                habits: RwLock::default(),
            }),
        })
    }

    fn connect_options(options: &Options, connections: u32) -> ConnectOptions {
        let mut connect = ConnectOptions::new(options.url.clone());
        let synchronous = options.synchronous.clone();
        connect
            .max_connections(connections)
            .min_connections(0)
            .acquire_timeout(Duration::from_secs(5))
            .connect_timeout(Duration::from_secs(5))
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .create_if_missing(true)
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", synchronous.clone())
                    .pragma("foreign_keys", "ON")
                    .busy_timeout(Duration::from_secs(5))
            });
        connect
    }

    /// Brings the schema up to this version. Forward only.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Migrator::up(self.writer(), None).await.map_err(StoreError::from)
    }

    /// How many migrations are waiting. [`StoreError::Newer`] where the database has had some that this version lacks.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        match Migrator::get_pending_migrations_read_only(self.writer()).await {
            Ok(pending) => Ok(pending.len()),
            Err(DbErr::Custom(_)) => Err(StoreError::Newer),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether nothing has been set up here: there is no table yet, besides the list of migrations.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let tables = match self.backend() {
            DatabaseBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            _ => "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = current_schema()",
        };
        let sql = format!("SELECT COUNT(*) AS number FROM ({tables}) AS tables WHERE name <> 'seaql_migrations'");
        let row = self.reader().query_one_raw(Statement::from_string(self.backend(), sql)).await?;
        Ok(row.is_none_or(|row| row.try_get::<i64>("", "number").is_ok_and(|number| number == 0)))
    }

    pub async fn ping(&self) -> Result<(), StoreError> {
        self.reader().execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    pub async fn close(self) -> Result<(), StoreError> {
        self.inner.reader.clone().close().await?;
        self.inner.writer.clone().close().await?;
        Ok(())
    }

    /// How many statements have run since the start; in development each answer says how many it took.
    pub fn statements(&self) -> u64 {
        self.inner.statements.load(Ordering::Relaxed)
    }

    /// From now on `observer` is told of the commits of this process.
    pub fn observe(&self, observer: Arc<dyn CommitObserver>) {
        self.inner.observers.write().unwrap_or_else(PoisonError::into_inner).push(observer);
    }

    pub(crate) fn tell_observers(&self, organisation: OrganisationId, number: u64, change: Change) {
        let observers = self.inner.observers.read().unwrap_or_else(PoisonError::into_inner);
        let change = Arc::new(change);
        observers.iter().for_each(|observer| observer.committed(organisation, number, &change));
    }

    pub fn is_sqlite(&self) -> bool {
        self.backend() == DatabaseBackend::Sqlite
    }

    pub(crate) fn backend(&self) -> DatabaseBackend {
        self.inner.writer.get_database_backend()
    }

    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.inner.reader
    }

    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.writer
    }

    /// A write transaction. On SQLite it takes the write lock at once, so that it can't fail half-way for a lock.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options =
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
        Ok(self.writer().begin_with_options(options).await?)
    }
}

fn count(connection: &mut DatabaseConnection, statements: &Arc<AtomicU64>) {
    let statements = statements.clone();
    connection.set_metric_callback(move |info| {
        statements.fetch_add(1, Ordering::Relaxed);
        // Never the values: they are what people keep here.
        tracing::trace!(took_us = info.elapsed.as_micros() as u64, sql = info.statement.sql, "a statement");
    });
}
