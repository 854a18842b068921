//! What rules and campaigns grant, as plain functions: the same for what happens and for trying them out.

use crate::dates::Date;
use crate::model::{Campaign, Heard, Occasion, Rule};
use std::collections::{BTreeMap, BTreeSet};
use tsudoi_plugin::Id;

impl Rule {
    /// Points for this occasion where the rule holds on that day; limits by day and member are asked elsewhere.
    pub fn award(&self, heard: &Heard) -> i64 {
        if heard.occasion == self.occasion && holds(&self.tiers, heard) { self.points_for(heard) } else { 0 }
    }

    fn points_for(&self, heard: &Heard) -> i64 {
        match (self.occasion, self.per) {
            (Occasion::Paid, Some(per)) => {
                let times = heard.total.unwrap_or(0).max(0) / (per.max(1).saturating_mul(heard.unit.max(1)));
                self.points.saturating_mul(times).min(MOST_POINTS)
            }
            _ => self.points,
        }
    }

    pub fn is_in_time(&self, on: Date) -> bool {
        self.from.is_none_or(|from| from <= on) && self.until.is_none_or(|until| on <= until)
    }
}

/// Of one grant, whatever was paid.
pub const MOST_POINTS: i64 = 10_000_000;

impl Campaign {
    /// Points on top of what a rule awards, before the cap.
    pub fn extra(&self, rule: &Id, award: i64, heard: &Heard) -> i64 {
        let is_meant = self.rules.is_empty() || self.rules.contains(rule);
        if is_meant && holds(&self.tiers, heard) { (award * (self.times - 10) / 10).clamp(0, MOST_POINTS) } else { 0 }
    }

    pub fn is_in_time(&self, on: Date) -> bool {
        self.from <= on && on <= self.until
    }
}

fn holds(tiers: &[String], heard: &Heard) -> bool {
    tiers.is_empty() || heard.tier.as_ref().is_some_and(|tier| tiers.contains(tier))
}

/// How many digits a currency's amounts have behind the point (ISO 4217), as a power of ten.
pub fn unit_of(currency: &str) -> i64 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF"
        | "XPF" => 1,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 1_000,
        _ => 100,
    }
}

/// What would have been granted in a time that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Trial {
    /// Occasions of the kind that the rules are about.
    pub occasions: u32,
    pub grants: u32,
    pub members: usize,
    pub points: i64,
    /// The cap was reached.
    pub is_capped: bool,
}

/// Counts how often a rule has granted, for its limits.
#[derive(Default)]
struct Counts<'a> {
    by_day: BTreeMap<(&'a Id, Date), u32>,
    by_member: BTreeMap<&'a Id, u32>,
}

impl<'a> Counts<'a> {
    /// Whether there is room for one more, which is counted.
    fn admit(&mut self, rule: &Rule, heard: &'a Heard) -> bool {
        let of_day = self.by_day.entry((&heard.member, heard.on)).or_default();
        let of_member = self.by_member.entry(&heard.member).or_default();
        let is_full = rule.per_day.is_some_and(|most| *of_day >= most) || rule.per_member.is_some_and(|most| *of_member >= most);
        if !is_full {
            *of_day += 1;
            *of_member += 1;
        }
        !is_full
    }
}

/// The rule over what was heard, from the oldest on, as if it had been on all the time.
pub fn try_rule(rule: &Rule, heard: &[Heard]) -> Trial {
    try_all(&[rule], heard, |_, award, _| award)
}

/// The campaign over the rules that it is for, likewise.
pub fn try_campaign(campaign: &Campaign, rules: &[(Id, Rule)], heard: &[Heard]) -> Trial {
    let meant: Vec<&(Id, Rule)> = rules.iter().filter(|(id, _)| campaign.rules.is_empty() || campaign.rules.contains(id)).collect();
    let of: Vec<&Rule> = meant.iter().map(|(_, rule)| rule).collect();
    let mut left = campaign.cap;
    let mut is_capped = false;
    let mut trial = try_all(&of, heard, |at, award, heard| {
        let extra = meant.get(at).map_or(0, |(id, _)| campaign.extra(id, award, heard));
        let granted = extra.min(left.unwrap_or(extra));
        is_capped |= granted < extra;
        left = left.map(|left| left - granted);
        granted
    });
    trial.is_capped = is_capped;
    trial
}

/// `granted`: what comes of an award, by the place of its rule.
fn try_all(rules: &[&Rule], heard: &[Heard], mut granted: impl FnMut(usize, i64, &Heard) -> i64) -> Trial {
    let mut trial = Trial::default();
    let mut members = BTreeSet::new();
    let mut counts: Vec<Counts<'_>> = rules.iter().map(|_| Counts::default()).collect();
    for one in heard {
        trial.occasions += u32::from(rules.iter().any(|rule| rule.occasion == one.occasion));
        for (at, (rule, counts)) in rules.iter().zip(&mut counts).enumerate() {
            let award = rule.award(one);
            if award == 0 || !counts.admit(rule, one) {
                continue;
            }
            let points = granted(at, award, one);
            if points > 0 {
                trial.grants += 1;
                trial.points += points;
                members.insert(&one.member);
            }
        }
    }
    trial.members = members.len();
    trial
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dates::{Validity, parse};

    fn id(n: u8) -> Id {
        Id::parse(&format!("01890a5d-ac96-774b-bcce-b302099a80{n:02x}")).unwrap_or_else(|_| panic!("an id"))
    }

    fn date(text: &str) -> Date {
        parse(text).unwrap()
    }

    fn rule(occasion: Occasion, points: i64) -> Rule {
        Rule {
            name: "特典".into(),
            occasion,
            points,
            per: None,
            per_day: None,
            per_member: None,
            validity: Validity::Forever,
            limited: false,
            tiers: vec![],
            from: None,
            until: None,
            on: true,
            made_at: 0,
        }
    }

    fn heard(member: u8, occasion: Occasion, on: &str) -> Heard {
        Heard { member: id(member), occasion, total: None, unit: 1, tier: Some("gold".into()), on: date(on), at: 0 }
    }

    fn campaign(times: i64, cap: Option<i64>) -> Campaign {
        let (from, until) = (date("2026-12-01"), date("2026-12-31"));
        let (rules, tiers, validity) = (vec![], vec![], Validity::Forever);
        Campaign { name: "年末".into(), rules, tiers, from, until, times, cap, validity, limited: true, on: true, made_at: 0 }
    }

    #[test]
    fn a_payment_counts_in_whole_amounts() {
        let mut rule = rule(Occasion::Paid, 1);
        rule.per = Some(100);
        let paid = |total, unit| Heard { total: Some(total), unit, ..heard(1, Occasion::Paid, "2026-11-22") };
        assert_eq!(rule.award(&paid(99, 1)), 0);
        assert_eq!(rule.award(&paid(12_399, 1)), 123);
        assert_eq!(rule.award(&paid(12_399, 100)), 1, "123.99 euros");
        assert_eq!(rule.award(&heard(1, Occasion::Joined, "2026-11-22")), 0);
    }

    #[test]
    fn tiers_and_dates_are_conditions() {
        let mut rule = rule(Occasion::Posted, 5);
        rule.tiers = vec!["silver".into()];
        assert_eq!(rule.award(&heard(1, Occasion::Posted, "2026-11-22")), 0);
        rule.tiers.push("gold".into());
        assert_eq!(rule.award(&heard(1, Occasion::Posted, "2026-11-22")), 5);
        (rule.from, rule.until) = (Some(date("2026-11-22")), Some(date("2026-11-23")));
        let in_time = ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"].map(|day| rule.is_in_time(date(day)));
        assert_eq!(in_time, [false, true, true, false]);
    }

    #[test]
    fn a_trial_keeps_the_limits() {
        let mut rule = rule(Occasion::Posted, 5);
        let posts: Vec<_> = ["2026-11-20", "2026-11-20", "2026-11-20", "2026-11-21", "2026-11-22"]
            .iter()
            .flat_map(|day| [heard(1, Occasion::Posted, day), heard(2, Occasion::Joined, day)])
            .collect();
        assert_eq!(try_rule(&rule, &posts), Trial { occasions: 5, grants: 5, members: 1, points: 25, is_capped: false });
        rule.per_day = Some(2);
        assert_eq!(try_rule(&rule, &posts).grants, 4);
        rule.per_member = Some(3);
        assert_eq!(try_rule(&rule, &posts).points, 15);
    }

    #[test]
    fn a_campaign_grants_the_difference_up_to_its_cap() {
        let rules = [(id(9), rule(Occasion::Posted, 5)), (id(8), rule(Occasion::Joined, 100))];
        let all: Vec<_> = (0..4).map(|n| heard(n, Occasion::Posted, "2026-11-20")).collect();
        assert_eq!(campaign(20, None).extra(&id(9), 5, &all[0]), 5);
        assert_eq!(campaign(15, None).extra(&id(9), 5, &all[0]), 2, "1.5 times, rounded down");
        assert_eq!(try_campaign(&campaign(30, None), &rules, &all).points, 40);
        let capped = try_campaign(&campaign(30, Some(25)), &rules, &all);
        assert_eq!((capped.points, capped.grants, capped.is_capped), (25, 3, true));
        let mut for_joining = campaign(30, None);
        for_joining.rules = vec![id(8)];
        assert_eq!(try_campaign(&for_joining, &rules, &all), Trial::default());
    }
}
