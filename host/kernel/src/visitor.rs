//! Who is looking.

use crate::ids::{AccountId, MemberId};
use crate::permission::Permission;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The member's side of a visitor, as far as gates need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFacts {
    pub id: MemberId,
    /// The name that other members see.
    pub display_name: String,
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
}

impl Visitor {
    pub fn anonymous() -> Self {
        Self::default()
    }

    pub fn system() -> Self {
        Self { system: true, ..Self::default() }
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
