//! Membership: the periods in which somebody is a member, and what they say about a day. The status is never typed: it
//! follows from the periods, and the store keeps what follows beside the member until the day on which it changes.

use crate::locale::Localised;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use uuid::Uuid;

/// A type of membership: regular, student, corporate. Apart from tiers, which say how far somebody has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberType {
    pub key: String,
    pub name: Localised,
    /// For so many days after a period's end its member may still enter.
    pub grace_days: u32,
}

/// From its first to its last day, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub id: Uuid,
    /// A type's key, where the organisation has types.
    pub member_type: Option<String>,
    pub begins: NaiveDate,
    /// Open where there is none.
    pub ends: Option<NaiveDate>,
    /// It ends because the member leaves: no grace follows.
    pub left: bool,
}

impl Period {
    fn holds(&self, day: NaiveDate) -> bool {
        self.begins <= day && self.ends.is_none_or(|ends| day <= ends)
    }

    /// Whether there is a day that both hold.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.ends.is_none_or(|ends| other.begins <= ends) && other.ends.is_none_or(|ends| self.begins <= ends)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MembershipStatus {
    /// No period at all: known to the organisation, and no member.
    None,
    /// The first period is still to come.
    Upcoming,
    #[default]
    Current,
    /// The last period is over, and the days of grace are not.
    Grace,
    Lapsed,
    /// The last period ended because the member left.
    Left,
}

/// The text names no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a status of membership")]
pub struct NotAStatus;

impl MembershipStatus {
    pub const ALL: [Self; 6] = [Self::Current, Self::Grace, Self::Lapsed, Self::Left, Self::Upcoming, Self::None];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Upcoming => "upcoming",
            Self::Current => "current",
            Self::Grace => "grace",
            Self::Lapsed => "lapsed",
            Self::Left => "left",
        }
    }

    /// Whether gates for members open.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Current | Self::Grace)
    }
}

impl FromStr for MembershipStatus {
    type Err = NotAStatus;

    fn from_str(text: &str) -> Result<Self, NotAStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(NotAStatus)
    }
}

/// What the periods say about a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub status: MembershipStatus,
    /// Of the period that is on, else of the last one, else of the first to come.
    pub member_type: Option<String>,
    /// The day on which another status or type follows, by what is known now.
    pub changes_on: Option<NaiveDate>,
}

impl Standing {
    /// `periods`: those that stand, which don't overlap, in any order. `types`: the organisation's.
    pub fn on(day: NaiveDate, periods: &[Period], types: &[MemberType]) -> Self {
        let next = periods.iter().filter(|period| period.begins > day).min_by_key(|period| period.begins);
        if let Some(now) = periods.iter().find(|period| period.holds(day)) {
            let changes_on = now.ends.and_then(|ends| ends.succ_opt());
            return Self { status: MembershipStatus::Current, member_type: now.member_type.clone(), changes_on };
        }
        let next_begins = next.map(|period| period.begins);
        let over = periods.iter().filter_map(|period| Some((period, period.ends.filter(|ends| *ends < day)?)));
        let Some((last, ended)) = over.max_by_key(|(_, ends)| *ends) else {
            let status = if next.is_some() { MembershipStatus::Upcoming } else { MembershipStatus::None };
            return Self { status, member_type: next.and_then(|period| period.member_type.clone()), changes_on: next_begins };
        };
        let grace = types.iter().find(|known| Some(&known.key) == last.member_type.as_ref()).map_or(0, |known| known.grace_days);
        let grace_until = ended.checked_add_days(Days::new(u64::from(grace))).unwrap_or(NaiveDate::MAX);
        let (status, until) = match (last.left, day <= grace_until) {
            (true, _) => (MembershipStatus::Left, None),
            (false, true) => (MembershipStatus::Grace, grace_until.succ_opt()),
            (false, false) => (MembershipStatus::Lapsed, None),
        };
        let changes_on = [until, next_begins].into_iter().flatten().min();
        Self { status, member_type: last.member_type.clone(), changes_on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(member_type: &str, begins: &str, ends: &str, left: bool) -> Period {
        let ends = (!ends.is_empty()).then(|| day(ends));
        Period { id: Uuid::nil(), member_type: Some(member_type.into()), begins: day(begins), ends, left }
    }

    fn said(periods: &[Period], on: &str) -> String {
        let types = [("regular", 30), ("student", 0)];
        let types = types.map(|(key, grace_days)| MemberType { key: key.into(), name: Localised::default(), grace_days });
        let Standing { status, member_type, changes_on } = Standing::on(day(on), periods, &types);
        format!("{} {} {}", status.as_str(), member_type.unwrap_or_default(), changes_on.map(|day| day.to_string()).unwrap_or_default())
    }

    #[test]
    fn the_status_follows_from_the_periods() {
        assert_eq!(said(&[], "2026-04-01"), "none  ");
        let year = [period("regular", "2026-04-01", "2027-03-31", false)];
        assert_eq!(said(&year, "2026-03-31"), "upcoming regular 2026-04-01");
        assert_eq!(said(&year, "2026-04-01"), "current regular 2027-04-01");
        assert_eq!(said(&year, "2027-03-31"), "current regular 2027-04-01");
        assert_eq!(said(&year, "2027-04-01"), "grace regular 2027-05-01");
        assert_eq!(said(&year, "2027-04-30"), "grace regular 2027-05-01");
        assert_eq!(said(&year, "2027-05-01"), "lapsed regular ");
        assert_eq!(said(&[period("regular", "2020-04-01", "", false)], "2027-05-01"), "current regular ");
    }

    #[test]
    fn who_leaves_has_no_grace_and_may_come_back() {
        let periods = [period("regular", "2020-04-01", "2021-03-31", true), period("student", "2026-10-01", "", false)];
        assert_eq!(said(&periods, "2021-03-31"), "current regular 2021-04-01");
        assert_eq!(said(&periods, "2021-04-01"), "left regular 2026-10-01");
        assert_eq!(said(&periods, "2026-10-01"), "current student ");
    }

    #[test]
    fn another_type_follows_on_the_next_day() {
        let periods = [period("regular", "2027-04-01", "", false), period("student", "2026-04-01", "2027-03-31", false)];
        assert_eq!(said(&periods, "2026-05-01"), "current student 2027-04-01");
        assert_eq!(said(&periods, "2027-04-01"), "current regular ");
        let renewed_late = [period("regular", "2025-04-01", "2026-03-31", false), period("regular", "2026-04-11", "", false)];
        assert_eq!(said(&renewed_late, "2026-04-05"), "grace regular 2026-04-11");
    }

    #[test]
    fn periods_overlap_where_they_share_a_day() {
        let year = period("regular", "2026-04-01", "2027-03-31", false);
        for (begins, ends, expected) in [
            ("2027-03-31", "", true),
            ("2027-04-01", "", false),
            ("2025-04-01", "2026-03-31", false),
            ("2025-04-01", "2026-04-01", true),
            ("2020-01-01", "", true),
            ("2026-05-01", "2026-05-02", true),
        ] {
            let other = period("student", begins, ends, false);
            assert_eq!((year.overlaps(&other), other.overlaps(&year)), (expected, expected), "{begins} to {ends}");
        }
    }
}
