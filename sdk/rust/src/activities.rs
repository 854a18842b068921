//! Lines on members' timelines: what somebody did, with a path of the plugin that opens it. Needs the permission
//! `activities`.

use crate::bindings::imports::tsudoi::plugin::activities;
use crate::failure::Error;
use crate::id::Id;
use serde::Serialize;

/// Writes one line, once this call has succeeded. `kind` is a word of the plugin's own (`a-z`, `0-9`, `-`), `summary` a line
/// for people in the organisation's language, `path` one of the plugin's site routes ([`crate::Routes::path`]), `data` what else is worth
/// keeping, up to 4 KiB.
///
/// ```no_run
/// use tsudoi_plugin::{Error, Id, activities};
///
/// fn note(member: &Id, title: &str, thread: &Id) -> Result<(), Error> {
///     let path = format!("/p/fan-board/threads/{thread}");
///     activities::record(member, "thread", title, Some(&path), &serde_json::json!({ "thread": thread }))
/// }
/// ```
pub fn record(member: &Id, kind: &str, summary: &str, path: Option<&str>, data: &impl Serialize) -> Result<(), Error> {
    activities::record_activity(member.as_str(), kind, summary, path, &serde_json::to_string(data)?)
}
