//! What can go wrong with the database, as far as callers treat it differently.

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use tsudoi_kernel::ports::DataError;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached, or has no connection free: for people 503 and try again.
    #[error("the database is not available: {0}")]
    Unavailable(DbErr),
    /// Another row has this key already.
    #[error("there is one already: {0}")]
    Duplicate(String),
    /// The schema is that of a later version.
    #[error("the database was used by a newer version of this program")]
    Newer,
    /// A defect of ours, or a damaged database.
    #[error("the database answered unexpectedly: {0}")]
    Broken(String),
}

impl StoreError {
    /// The same for another who waited for the same statement.
    pub(crate) fn for_another(&self) -> Self {
        match self {
            Self::Unavailable(error) => Self::Unavailable(DbErr::Custom(error.to_string())),
            Self::Duplicate(what) => Self::Duplicate(what.clone()),
            Self::Newer => Self::Newer,
            Self::Broken(what) => Self::Broken(what.clone()),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) => return Self::Duplicate(what),
            Some(_) => return Self::Broken(error.to_string()),
            None => {}
        }
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(error),
            // A server that went away reports through the statement that was running.
            DbErr::Exec(RuntimeErr::SqlxError(_)) | DbErr::Query(RuntimeErr::SqlxError(_)) if is_connection_lost(&error) => {
                Self::Unavailable(error)
            }
            other => Self::Broken(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(format!("a JSON column does not parse: {error}"))
    }
}

impl From<StoreError> for DataError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(error) => Self::Unavailable(error.to_string()),
            other => Self::Broken(other.to_string()),
        }
    }
}

/// By the words of the driver's message, since sea-orm keeps the driver's error behind a type of its own.
fn is_connection_lost(error: &DbErr) -> bool {
    let text = error.to_string();
    const SIGNS: [&str; 8] = [
        "error communicating with database",
        "pool timed out",
        "Connection refused",
        "terminating connection",
        "the database system is",
        "unable to open database file",
        "disk I/O error",
        "attempted to acquire a connection on a closed pool",
    ];
    SIGNS.iter().any(|sign| text.contains(sign))
}
