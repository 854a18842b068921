//! Dues: what members pay for a term of membership, by type and tier.

use crate::membership::Period;
use crate::tax::TaxKind;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What an organisation's dues for one term are. JSON: the column `body` of their row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dues {
    /// On the invoices: `2027年度 年会費`.
    pub name: String,
    /// The term, both days included: who has paid is a member in it.
    pub begins: NaiveDate,
    pub ends: NaiveDate,
    pub due_on: NaiveDate,
    pub tax_kind: TaxKind,
    /// By the type's key (empty: without a type), in the currency's smallest unit.
    pub prices: BTreeMap<String, Prices>,
    /// Whose membership has lapsed gets an invoice too.
    #[serde(default)]
    pub with_lapsed: bool,
    /// Each member is told by mail.
    #[serde(default)]
    pub by_mail: bool,
    /// Who has saved a method with a gateway is charged by it on this day.
    #[serde(default)]
    pub charge_on: Option<NaiveDate>,
}

/// What one type of members pays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Prices {
    /// Without one only the tiers below pay.
    #[serde(default)]
    pub usual: Option<i64>,
    /// Of members of these tiers instead.
    #[serde(default)]
    pub tiers: BTreeMap<String, i64>,
}

/// How far dues have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuesState {
    /// Nothing is being done: before a run, and after it.
    Idle,
    /// Invoices are being issued.
    Running,
}

impl DuesState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Idle, Self::Running].into_iter().find(|state| state.as_str() == text)
    }
}

impl Dues {
    /// What a member pays; 0 is nothing. `None`: it was not said.
    pub fn price(&self, member_type: Option<&str>, tier: Option<&str>) -> Option<i64> {
        let prices = self.prices.get(member_type.unwrap_or_default())?;
        tier.and_then(|tier| prices.tiers.get(tier).copied()).or(prices.usual)
    }

    /// The period that paying gives, among those that stand: the term, or what of it comes after a period that ends in it. `None`
    /// where its days are taken already.
    pub fn period(&self, id: Uuid, member_type: Option<String>, standing: &[Period]) -> Option<Period> {
        let mut begins = self.begins;
        loop {
            let period = Period { id, member_type: member_type.clone(), begins, ends: Some(self.ends), left: false };
            let Some(taken) = standing.iter().filter(|other| other.overlaps(&period)).min_by_key(|other| other.begins) else {
                return Some(period);
            };
            begins = taken.ends.and_then(|ends| ends.succ_opt()).filter(|next| *next <= self.ends)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn dues() -> Dues {
        let regular = Prices { usual: Some(5_000), tiers: BTreeMap::from([("gold".to_owned(), 3_000)]) };
        let student = Prices { usual: None, tiers: BTreeMap::from([("gold".to_owned(), 0)]) };
        Dues {
            name: "2027年度 年会費".into(),
            begins: day("2027-04-01"),
            ends: day("2028-03-31"),
            due_on: day("2027-05-31"),
            tax_kind: TaxKind::OutOfScope,
            prices: BTreeMap::from([("regular".to_owned(), regular), ("student".to_owned(), student)]),
            with_lapsed: false,
            by_mail: false,
            charge_on: None,
        }
    }

    #[test]
    fn the_price_is_that_of_the_tier_or_the_usual_one_of_the_type() {
        let dues = dues();
        assert_eq!(dues.price(Some("regular"), None), Some(5_000));
        assert_eq!(dues.price(Some("regular"), Some("silver")), Some(5_000));
        assert_eq!(dues.price(Some("regular"), Some("gold")), Some(3_000));
        assert_eq!(dues.price(Some("student"), Some("gold")), Some(0));
        assert_eq!((dues.price(Some("student"), None), dues.price(None, Some("gold"))), (None, None));
    }

    #[test]
    fn paying_gives_the_days_of_the_term_that_nobody_has() {
        let (dues, id) = (dues(), Uuid::nil());
        let given = |standing: &[(&str, &str)]| {
            let period = |(begins, ends): &(&str, &str)| {
                let ends = (!ends.is_empty()).then(|| day(ends));
                Period { id, member_type: None, begins: day(begins), ends, left: false }
            };
            let standing: Vec<Period> = standing.iter().map(period).collect();
            dues.period(id, None, &standing).map(|period| format!("{}/{}", period.begins, period.ends.unwrap()))
        };
        assert_eq!(given(&[]).as_deref(), Some("2027-04-01/2028-03-31"));
        assert_eq!(given(&[("2026-04-01", "2027-03-31")]).as_deref(), Some("2027-04-01/2028-03-31"));
        assert_eq!(given(&[("2026-04-01", "2027-06-30")]).as_deref(), Some("2027-07-01/2028-03-31"));
        assert_eq!(given(&[("2026-04-01", "2027-06-30"), ("2027-07-01", "2027-09-30")]).as_deref(), Some("2027-10-01/2028-03-31"));
        assert_eq!(given(&[("2020-04-01", "")]), None);
        assert_eq!(given(&[("2026-04-01", "2028-03-31")]), None);
    }
}
