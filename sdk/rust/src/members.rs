//! The organisation's members, with the fields that were granted. Needs the permission `members-read`.

use crate::bindings::imports::tsudoi::plugin::{members_read, members_write};
use crate::failure::Error;
use crate::id::Id;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A member. What was not asked for in the manifest's `member-fields`, or not granted, is `None` or empty.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Member {
    pub id: Id,
    /// The name that other members see.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The tier's key.
    #[serde(default)]
    pub tier: Option<String>,
    #[serde(default)]
    pub labels: Vec<String>,
    /// A date, `2026-11-22`.
    #[serde(default)]
    pub joined_on: Option<String>,
    /// What the plugin's own `added-fields` hold; see [`Member::added`].
    #[serde(default)]
    added: Map<String, Value>,
}

impl Member {
    /// What a field of the manifest's `added-fields` holds: what was entered last, or its default.
    ///
    /// ```no_run
    /// use tsudoi_plugin::{Error, Id, members};
    ///
    /// fn favourite_of(member: Id) -> Result<Option<String>, Error> {
    ///     let found = members::get(&[member])?;
    ///     Ok(found.into_iter().flatten().next().and_then(|member| member.added("favourite")))
    /// }
    /// ```
    pub fn added<T: DeserializeOwned>(&self, field: &str) -> Option<T> {
        T::deserialize(self.added.get(field)?).ok()
    }
}

/// Some members, and how to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberPage {
    pub members: Vec<Member>,
    /// Pass it back to get the next ones; `None` at the end.
    pub next: Option<String>,
}

/// All members, at most `limit` (1,000) at once, in the order of their ids. What asks for it depends on who there is.
///
/// ```no_run
/// use tsudoi_plugin::{Error, members};
///
/// fn how_many() -> Result<usize, Error> {
///     let (mut count, mut cursor) = (0, None);
///     loop {
///         let page = members::all(1_000, cursor.as_deref())?;
///         count += page.members.len();
///         match page.next {
///             Some(next) => cursor = Some(next),
///             None => return Ok(count),
///         }
///     }
/// }
/// ```
pub fn all(limit: u32, cursor: Option<&str>) -> Result<MemberPage, Error> {
    page(None, limit, cursor)
}

/// Members of a segment (絞り込みリスト), by its key, as gates name it: at most `limit` at once, in the order of their ids.
/// A page can have fewer while there are more: go on until `next` is `None`. At most 20 pages in one call, before anything is
/// sent to the outside, and not in a rule; [`Error::NOT_FOUND`] where there is no such segment any more.
///
/// ```no_run
/// use tsudoi_plugin::{Error, Gate, Id, members};
///
/// fn first_of(gate: &Gate) -> Result<Vec<Id>, Error> {
///     let Some(segment) = gate.keys().first().copied() else { return Ok(Vec::new()) };
///     Ok(members::in_segment(segment, 100, None)?.members.into_iter().map(|member| member.id).collect())
/// }
/// ```
pub fn in_segment(segment: &str, limit: u32, cursor: Option<&str>) -> Result<MemberPage, Error> {
    page(Some(segment), limit, cursor)
}

fn page(segment: Option<&str>, limit: u32, cursor: Option<&str>) -> Result<MemberPage, Error> {
    let page = members_read::in_segment(segment, limit, cursor)?;
    let members = page.members.iter().map(|json| Ok(serde_json::from_str(json)?)).collect::<Result<_, Error>>()?;
    Ok(MemberPage { members, next: page.next })
}

/// In the order of `ids`; `None` where there is no such member any more.
///
/// ```no_run
/// use tsudoi_plugin::{Error, Id, members};
///
/// fn name_of(author: Id) -> Result<Option<String>, Error> {
///     let found = members::get(&[author])?;
///     Ok(found.into_iter().flatten().next().and_then(|member| member.display_name))
/// }
/// ```
pub fn get(ids: &[Id]) -> Result<Vec<Option<Member>>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    members_read::get(&ids)?.into_iter().map(|member| member.map(|json| Ok(serde_json::from_str(&json)?)).transpose()).collect()
}

/// Gives a member one of the organisation's tiers, by its key, once this call has succeeded. Needs the permission
/// `members-write`.
pub fn set_tier(member: &Id, tier: &str) -> Result<(), Error> {
    members_write::set_tier(member.as_str(), tier)
}

/// Gives a member one of the organisation's labels, or takes it away. Needs the permission `members-write`.
pub fn set_label(member: &Id, label: &str, present: bool) -> Result<(), Error> {
    members_write::set_label(member.as_str(), label, present)
}

/// Puts a value into a field of the manifest's `added-fields`, once this call has succeeded; `None` empties it. Needs the
/// permission `members-write`. A value that the field can't hold is [`Error::MALFORMED`].
pub fn set_field(member: &Id, field: &str, value: Option<impl Serialize>) -> Result<(), Error> {
    members_write::set_field(member.as_str(), field, &serde_json::to_string(&value)?)
}
