//! Mails to members and staff, from the plugin's own texts. Needs the permission `notify`.
//!
//! The manifest declares each mail; its words are the messages `mail-<name>-subject` and `mail-<name>-text` of the locale
//! files. It goes out when, and only when, the call succeeds: to the addresses that there are then, and to members who
//! have not chosen otherwise. A plugin never sees an address.

use crate::bindings::imports::tsudoi::plugin::notify;
use crate::failure::Error;
use crate::id::Id;
use serde::Serialize;

/// To members, 1,000 at most.
///
/// ```no_run
/// use tsudoi_plugin::{Error, Id, notify};
///
/// fn tell(author: Id, title: &str) -> Result<(), Error> {
///     notify::members(&[author], "replied", &serde_json::json!({ "title": title }))
/// }
/// ```
pub fn members(members: &[Id], mail: &str, data: &impl Serialize) -> Result<(), Error> {
    if members.is_empty() {
        return Ok(());
    }
    let members: Vec<String> = members.iter().map(Id::to_string).collect();
    notify::members(&members, mail, &serde_json::to_string(data)?)
}

/// To the staff who hold a permission of the manifest's.
pub fn staff(permission: &str, mail: &str, data: &impl Serialize) -> Result<(), Error> {
    notify::staff(permission, mail, &serde_json::to_string(data)?)
}
