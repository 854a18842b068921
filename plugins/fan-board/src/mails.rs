//! Mails of the board. Staff may leave them out: then nothing is sent.

use serde_json::json;
use tsudoi_plugin::{Error, Id, notify};

/// To whoever started the thread.
pub fn replied(starter: Id, title: &str, post: &Id) -> Result<(), Error> {
    unless_left_out(notify::members(&[starter], "replied", &json!({ "title": title, "post": post })))
}

/// To those who moderate.
pub fn reported(title: &str, reason: &str) -> Result<(), Error> {
    unless_left_out(notify::staff("moderate", "reported", &json!({ "title": title, "reason": reason })))
}

fn unless_left_out(sent: Result<(), Error>) -> Result<(), Error> {
    match sent {
        Err(error) if error.is(Error::NOT_GRANTED) => Ok(()),
        other => other,
    }
}
