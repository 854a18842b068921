//! Who is looking.

use crate::changes::{Read, ReadSet};
use crate::ids::{AccountId, MemberId};
use crate::membership::MembershipStatus;
use crate::permission::Permission;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The member's side of a visitor, as far as gates need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFacts {
    pub id: MemberId,
    /// The name that other members see.
    pub display_name: String,
    /// The key of the type of membership, where the organisation has types.
    pub member_type: Option<String>,
    pub status: MembershipStatus,
    /// The tier's key, where the member has one.
    pub tier: Option<String>,
    pub labels: BTreeSet<String>,
}

/// The staff's side of a visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffFacts {
    pub account: AccountId,
    pub display_name: String,
    pub permissions: BTreeSet<Permission>,
}

/// A visitor can be a member, staff, both, or neither.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Visitor {
    pub member: Option<MemberFacts>,
    pub staff: Option<StaffFacts>,
    /// An event, a job or an upgrade: passes every gate.
    pub system: bool,
    /// Those that the member was looked for in when the visit was made.
    #[serde(skip)]
    pub segments: Segments,
}

/// In which segments a member is, and what that depends on. Found before a call, since calls never nest: plugins' rules
/// decide about segments, and plugins ask gates that name some.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segments(Arc<BTreeMap<String, Found>>);

#[derive(Debug, PartialEq, Eq)]
struct Found {
    is_in: bool,
    reads: ReadSet,
}

impl Segments {
    /// Whether the member is in the segment of this key: not, where there is none.
    pub fn holds(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|found| found.is_in)
    }

    /// The keys of those that the member is in.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, found)| found.is_in).map(|(key, _)| key.as_str())
    }

    /// What the answers about `keys` depend on.
    pub fn reads<'a>(&'a self, keys: &'a BTreeSet<String>) -> impl Iterator<Item = (&'a Read, u64)> {
        keys.iter().filter_map(|key| self.0.get(key)).flat_map(|found| found.reads.iter())
    }

    /// Whether an answer about any segment depends on what `read` saw at `number`.
    pub fn depend_on(&self, read: &Read, number: u64) -> bool {
        self.0.values().any(|found| found.reads.iter().any(|(known, seen)| known == read && seen == number))
    }
}

impl FromIterator<(String, bool, ReadSet)> for Segments {
    fn from_iter<I: IntoIterator<Item = (String, bool, ReadSet)>>(found: I) -> Self {
        Self(Arc::new(found.into_iter().map(|(key, is_in, reads)| (key, Found { is_in, reads })).collect()))
    }
}

impl Visitor {
    pub fn anonymous() -> Self {
        Self::default()
    }

    pub fn system() -> Self {
        Self { system: true, ..Self::default() }
    }

    /// The member, where gates for members open: not one whose membership has run out, ended or not begun.
    pub fn active_member(&self) -> Option<&MemberFacts> {
        self.member.as_ref().filter(|member| member.status.is_active())
    }

    pub fn is_staff(&self) -> bool {
        self.staff.is_some()
    }

    /// The word that the plugin contract uses: staff who are members too count as staff.
    pub fn kind(&self) -> &'static str {
        if self.system {
            "system"
        } else if self.staff.is_some() {
            "staff"
        } else if self.member.is_some() {
            "member"
        } else {
            "anonymous"
        }
    }

    /// Whether staff hold `permission`; owners hold all.
    pub fn may(&self, permission: &str) -> bool {
        self.staff
            .as_ref()
            .is_some_and(|staff| staff.permissions.iter().any(|held| held.as_str() == permission || held.as_str() == Permission::OWNER))
    }
}
