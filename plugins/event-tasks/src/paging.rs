//! Lists that go on where a link says.

use serde::de::DeserializeOwned;
use tsudoi_plugin::{Error, Failure, Page, Query, Request};

/// The page after `?cursor=`; one that is no cursor of this list leads nowhere.
pub fn page<T: DeserializeOwned>(query: Query<T>, request: &Request) -> Result<Page<T>, Failure> {
    let cursor = request.query("cursor");
    let page = query.cursor(cursor).page();
    page.map_err(|error| if cursor.is_some() && error.is(Error::MALFORMED) { Failure::NotFound } else { error.into() })
}
