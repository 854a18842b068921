//! How a call ends when it cannot succeed.

pub use crate::bindings::imports::tsudoi::plugin::types::{Error, Failure, FieldError};

impl Failure {
    /// The host's page for state that forbids what was asked (HTTP 409), with a message for the person: take it from
    /// the locale files with [`context::translate`](crate::context::translate).
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict(message.into())
    }
}

/// What the host refused becomes a failure of the call, so that `?` works. Handle a code that you expect before that. A host outside
/// that is away is no failure of the plugin's: the call is to be tried again.
///
/// ```
/// use tsudoi_plugin::{Error, Failure};
/// assert!(matches!(Error::new(Error::UNAVAILABLE, "no such host").into(), Failure::Unavailable(_)));
/// assert!(matches!(Error::new(Error::QUOTA, "full").into(), Failure::Other(_)));
/// ```
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.is(Error::UNAVAILABLE) { Self::Unavailable(error.detail) } else { Self::Other(error) }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(error.into())
    }
}

impl Error {
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Self { code: code.to_owned(), detail: detail.into() }
    }

    /// Whether the host refused for this reason.
    ///
    /// ```
    /// use tsudoi_plugin::Error;
    /// let refused = Error::new("duplicate", "index by-slug");
    /// assert!(refused.is(Error::DUPLICATE));
    /// ```
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// The organisation did not grant this, or the operator forbids it.
    pub const NOT_GRANTED: &'static str = "not-granted";
    /// A query tried to write.
    pub const READ_ONLY: &'static str = "read-only";
    /// The manifest does not declare it.
    pub const UNDECLARED: &'static str = "undeclared";
    /// A unique index holds this key already.
    pub const DUPLICATE: &'static str = "duplicate";
    /// The document is not at the expected revision any more.
    pub const CHANGED: &'static str = "changed";
    /// A document, a key or an answer is larger than it may be.
    pub const TOO_LARGE: &'static str = "too-large";
    /// A host outside is not there, does not answer in time, or breaks off.
    pub const UNAVAILABLE: &'static str = "unavailable";
    /// The installation has used up what it may keep.
    pub const QUOTA: &'static str = "quota";
    pub const NOT_FOUND: &'static str = "not-found";
    /// Staff have to set something up first.
    pub const NOT_READY: &'static str = "not-ready";
    /// A value could not be read as what it should be.
    pub const MALFORMED: &'static str = "malformed";
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Self::MALFORMED, error.to_string())
    }
}
