//! What the call is about. Each answer becomes part of what the result depends on, and of how widely the host can
//! share it: a page that never asks who is looking is made once for everybody. So ask only what you need.

use crate::Timestamp;
use crate::bindings::imports::tsudoi::plugin::context;
use crate::failure::Error;
use crate::gate::Gate;
use crate::id::Id;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The organisation whose site this is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Organisation {
    pub id: Id,
    pub slug: String,
    pub name: String,
    /// The language of the site where a visitor asked for none.
    pub locale: String,
    /// An IANA name, such as `Asia/Tokyo`.
    pub time_zone: String,
    /// ISO 4217, such as `JPY`.
    pub currency: String,
}

pub fn organisation() -> Result<Organisation, Error> {
    Ok(serde_json::from_str(&context::organisation())?)
}

/// The BCP 47 tag of the language that the visitor's page is in.
pub fn locale() -> String {
    context::locale()
}

/// Who is looking. Nothing is asked until one of its methods is called.
pub fn visitor() -> Visitor {
    Visitor(())
}

#[derive(Debug, Clone, Copy)]
pub struct Visitor(());

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitorKind {
    Anonymous,
    Member,
    /// May be a member as well.
    Staff,
    /// An event, a job or an upgrade.
    System,
}

impl Visitor {
    pub fn kind(self) -> VisitorKind {
        match context::visitor_kind().as_str() {
            "member" => VisitorKind::Member,
            "staff" => VisitorKind::Staff,
            "system" => VisitorKind::System,
            _ => VisitorKind::Anonymous,
        }
    }

    /// The member, where the visitor is one.
    pub fn member(self) -> Option<Id> {
        context::visitor_member().map(Id::known)
    }

    /// The key of the member's tier.
    pub fn tier(self) -> Option<String> {
        context::visitor_tier()
    }

    pub fn has_label(self, label: &str) -> bool {
        context::visitor_has_label(label)
    }

    /// Whether the visitor holds a staff permission that the manifest declares.
    pub fn may(self, permission: &str) -> bool {
        context::visitor_may(permission)
    }

    pub fn may_enter(self, gate: &Gate) -> bool {
        context::may_enter(&gate.as_json())
    }
}

/// The same instant throughout one call. In a query prefer [`has_passed`] and [`today`]: with them the result can be
/// kept longer.
pub fn now() -> Timestamp {
    context::now()
}

/// The result stays valid until `instant`.
pub fn has_passed(instant: Timestamp) -> bool {
    context::has_passed(instant)
}

/// The organisation's date, `2026-11-22`. The result stays valid until its midnight.
pub fn today() -> String {
    context::today()
}

/// Not in a query.
pub fn new_id() -> Id {
    Id::known(context::new_id())
}

/// Bytes of a cryptographic generator, at most 1024. Not in a query.
pub fn random(length: u32) -> Vec<u8> {
    context::random(length)
}

/// A setting that the manifest declares, as the organisation set it or its default.
///
/// ```no_run
/// # fn main() -> Result<(), tsudoi_plugin::Error> {
/// let per_page: u32 = tsudoi_plugin::context::setting("per-page")?;
/// # Ok(())
/// # }
/// ```
pub fn setting<T: DeserializeOwned>(key: &str) -> Result<T, Error> {
    Ok(serde_json::from_str(&context::setting(key))?)
}

/// A message of the plugin's locale files in the visitor's language.
pub fn translate(key: &str) -> String {
    context::translate(key, "{}")
}

/// A message with its arguments, a JSON object.
///
/// ```no_run
/// use serde_json::json;
/// let text = tsudoi_plugin::context::translate_with("thread-count", &json!({ "count": 3 }));
/// ```
pub fn translate_with(key: &str, arguments: &Value) -> String {
    context::translate(key, &arguments.to_string())
}
