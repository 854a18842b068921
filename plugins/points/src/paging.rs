//! Lists by cursor.

use serde::de::DeserializeOwned;
use tsudoi_plugin::{Document, Error, Failure, Query, Request};

pub const PER_PAGE: u32 = 20;

/// An address with somebody else's or an old cursor leads nowhere.
pub fn unless_cursor(request: &Request, error: Error) -> Failure {
    if request.query("cursor").is_some() && error.is(Error::MALFORMED) { Failure::NotFound } else { error.into() }
}

/// All of it, page by page: for what is short but must not be cut off.
pub fn all<T: DeserializeOwned + Clone>(query: &Query<T>) -> Result<Vec<Document<T>>, Error> {
    let (mut documents, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = query.clone().limit(100).cursor(cursor.as_deref()).page()?;
        documents.extend(page.documents);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(documents);
        }
    }
}
