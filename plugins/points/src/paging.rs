//! Lists by cursor.

use tsudoi_plugin::{Error, Failure, Request};

pub const PER_PAGE: u32 = 20;

/// An address with somebody else's or an old cursor leads nowhere.
pub fn unless_cursor(request: &Request, error: Error) -> Failure {
    if request.query("cursor").is_some() && error.is(Error::MALFORMED) { Failure::NotFound } else { error.into() }
}
