//! What a use case can answer besides its result, as far as people see a difference. Features with more to say have an
//! enum of their own that turns into this one.

use tsudoi_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such thing, or it belongs to another organisation: the two look alike.
    #[error("not found")]
    NotFound,
    /// It exists, and this visitor may not.
    #[error("not allowed")]
    Forbidden,
    /// Beside fields, by field name: a message key of the locale files.
    #[error("invalid: {0:?}")]
    Invalid(Vec<(String, &'static str)>),
    /// Somebody else changed it meanwhile.
    #[error("changed by somebody else")]
    Changed,
    /// Too many tries: after this many seconds again.
    #[error("too many tries")]
    TooMany { retry_after: u64 },
    /// The database is away: 503.
    #[error("{0}")]
    Unavailable(String),
    /// A defect, or damaged data: 500, the text for the log only.
    #[error("{0}")]
    Broken(String),
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            other => Self::Broken(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<std::io::Error> for ServiceError {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}
