//! What staff may do. The host's own permissions are listed here; a plugin declares its own in its manifest, and they
//! are called `<plugin id>:<name>`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permission(String);

impl Permission {
    /// Everything, present and future.
    pub const OWNER: &'static str = "owner";
    /// Texts, pictures, menu and looks of the site.
    pub const SITE: &'static str = "site";
    /// See and change the records of members.
    pub const MEMBERS: &'static str = "members";
    /// Invoices, payments and the books.
    pub const MONEY: &'static str = "money";
    /// Switch plugins on and off and change their settings.
    pub const PLUGINS: &'static str = "plugins";
    /// Invite and remove staff.
    pub const STAFF: &'static str = "staff";

    pub const HOST: [&'static str; 6] = [Self::OWNER, Self::SITE, Self::MEMBERS, Self::MONEY, Self::PLUGINS, Self::STAFF];

    pub fn of_plugin(plugin: &str, name: &str) -> Self {
        Self(format!("{plugin}:{name}"))
    }

    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Owners hold all.
    pub fn is_held_by(&self, permissions: &BTreeSet<Self>) -> bool {
        permissions.iter().any(|held| held == self || held.as_str() == Self::OWNER)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
