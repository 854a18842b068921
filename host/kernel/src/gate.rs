//! Gates: who may enter. Asked in one place for pages, files, boards and plugin routes.

use crate::visitor::Visitor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who may enter. Members are those whose membership is current or in its days of grace. In JSON: `{"kind":"everyone"}`, `{"kind":"members"}`, `{"kind":"tiers","tiers":["gold"]}`,
/// `{"kind":"labels","labels":["committee"]}`, `{"kind":"segments","segments":["regulars"]}`, `{"kind":"staff"}`. Staff and the
/// system pass every gate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Gate {
    #[default]
    Everyone,
    Members,
    /// Members of one of these tiers, by key.
    Tiers {
        tiers: BTreeSet<String>,
    },
    /// Members with at least one of these labels, by key.
    Labels {
        labels: BTreeSet<String>,
    },
    /// Members who are in at least one of these segments, by key.
    Segments {
        segments: BTreeSet<String>,
    },
    Staff,
}

impl Gate {
    pub fn admits(&self, visitor: &Visitor) -> bool {
        if visitor.system || visitor.is_staff() {
            return true;
        }
        match (self, visitor.active_member()) {
            (Self::Everyone, _) => true,
            (Self::Members, member) => member.is_some(),
            (Self::Tiers { tiers }, Some(member)) => member.tier.as_ref().is_some_and(|tier| tiers.contains(tier)),
            (Self::Labels { labels }, Some(member)) => !labels.is_disjoint(&member.labels),
            (Self::Segments { segments }, Some(_)) => segments.iter().any(|key| visitor.segments.holds(key)),
            (Self::Tiers { .. } | Self::Labels { .. } | Self::Segments { .. }, None) | (Self::Staff, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::ReadSet;
    use crate::ids::{AccountId, MemberId};
    use crate::membership::MembershipStatus;
    use crate::visitor::{MemberFacts, Segments, StaffFacts};

    fn member(tier: Option<&str>, labels: &[&str]) -> Visitor {
        Visitor {
            member: Some(MemberFacts {
                id: MemberId(uuid::Uuid::nil()),
                display_name: "花子".into(),
                member_type: None,
                status: MembershipStatus::Current,
                tier: tier.map(Into::into),
                labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            }),
            ..Visitor::default()
        }
    }

    fn staff() -> Visitor {
        Visitor {
            staff: Some(StaffFacts {
                account: AccountId(uuid::Uuid::nil()), display_name: "事務局".into(), permissions: BTreeSet::new()
            }),
            ..Visitor::default()
        }
    }

    fn gate(json: &str) -> Gate {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn each_gate_admits_whom_it_names() {
        let everyone = gate(r#"{"kind":"everyone"}"#);
        let members = gate(r#"{"kind":"members"}"#);
        let gold = gate(r#"{"kind":"tiers","tiers":["gold"]}"#);
        let committee = gate(r#"{"kind":"labels","labels":["committee"]}"#);
        let regulars = gate(r#"{"kind":"segments","segments":["regulars","veterans"]}"#);
        let office = gate(r#"{"kind":"staff"}"#);
        let regular = |is_one| {
            let segments = [("regulars".to_owned(), is_one, ReadSet::default())].into_iter().collect::<Segments>();
            Visitor { segments, ..member(None, &[]) }
        };
        let with_status = |status| {
            let gold = member(Some("gold"), &["committee"]);
            let gold = gold.member.map(|member| MemberFacts { status, ..member });
            Visitor { member: gold, ..regular(true) }
        };
        let table = [
            (Visitor::anonymous(), [true, false, false, false, false, false]),
            (member(None, &[]), [true, true, false, false, false, false]),
            (member(Some("silver"), &["press"]), [true, true, false, false, false, false]),
            (member(Some("gold"), &[]), [true, true, true, false, false, false]),
            (member(None, &["committee"]), [true, true, false, true, false, false]),
            (regular(true), [true, true, false, false, true, false]),
            (regular(false), [true, true, false, false, false, false]),
            (with_status(MembershipStatus::Grace), [true, true, true, true, true, false]),
            (with_status(MembershipStatus::Lapsed), [true, false, false, false, false, false]),
            (with_status(MembershipStatus::Left), [true, false, false, false, false, false]),
            (with_status(MembershipStatus::Upcoming), [true, false, false, false, false, false]),
            (with_status(MembershipStatus::None), [true, false, false, false, false, false]),
            (staff(), [true; 6]),
            (Visitor::system(), [true; 6]),
        ];
        for (visitor, expected) in table {
            let seen = [&everyone, &members, &gold, &committee, &regulars, &office].map(|gate| gate.admits(&visitor));
            assert_eq!(seen, expected, "{visitor:?}");
        }
    }
}
