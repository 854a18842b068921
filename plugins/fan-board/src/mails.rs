//! Whom the board tells: people by mail, other plugins by an event. Staff may leave either out: then nothing is told.

use serde_json::json;
use tsudoi_plugin::{Error, Id, events, notify};

/// To whoever started the thread.
pub fn replied(starter: Id, title: &str, post: &Id) -> Result<(), Error> {
    unless_left_out(notify::members(&[starter], "replied", &json!({ "title": title, "post": post })))
}

/// To those who moderate.
pub fn reported(title: &str, reason: &str) -> Result<(), Error> {
    unless_left_out(notify::staff("moderate", "reported", &json!({ "title": title, "reason": reason })))
}

/// To other plugins. Without an author the office wrote it.
pub fn posted(author: Option<&Id>, thread: &Id, post: &Id) -> Result<(), Error> {
    let key = author.map_or("", Id::as_str);
    unless_left_out(events::emit("posted", key, &json!({ "author": author, "thread": thread, "post": post })))
}

fn unless_left_out(sent: Result<(), Error>) -> Result<(), Error> {
    match sent {
        Err(error) if error.is(Error::NOT_GRANTED) => Ok(()),
        other => other,
    }
}
