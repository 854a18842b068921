//! Dates where the organisation is, and until when points are valid.

use serde::{Deserialize, Serialize};
use tsudoi_plugin::{Error, Failure, context};

/// `2026-11-22`
pub type Date = chrono::NaiveDate;

/// Months that count for ranks.
const RANK_MONTHS: u32 = 12;

/// In Japan, points that were paid for and can be used no longer than this after their issue are no prepaid means of
/// payment (資金決済法 第4条 第2号).
const PAID_MONTHS: u32 = 6;

/// The organisation's date.
pub fn today() -> Result<Date, Failure> {
    let today = context::today();
    Ok(parse(&today).ok_or_else(|| Error::new(Error::MALFORMED, format!("today is {today}")))?)
}

pub fn parse(text: &str) -> Option<Date> {
    Date::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| (2000..=2200).contains(&chrono::Datelike::year(date)))
}

pub fn days_after(date: Date, days: u32) -> Date {
    date.checked_add_days(chrono::Days::new(days.into())).unwrap_or(Date::MAX)
}

pub fn days_before(date: Date, days: u32) -> Date {
    date.checked_sub_days(chrono::Days::new(days.into())).unwrap_or(Date::MIN)
}

/// The same day so many months later, or the last of that month.
fn months_after(date: Date, months: u32) -> Date {
    date.checked_add_months(chrono::Months::new(months)).unwrap_or(Date::MAX)
}

/// The last twelve months begin on the day behind this one.
pub fn ranks_since(today: Date) -> Date {
    today.checked_sub_months(chrono::Months::new(RANK_MONTHS)).unwrap_or(Date::MIN)
}

/// The last day on which points that were paid for may be used without a declaration.
pub fn paid_until(issued: Date) -> Date {
    days_before(months_after(issued, PAID_MONTHS), 1)
}

/// The first day of a month (`2026-11`), and of the next one.
pub fn month(text: &str) -> Option<(Date, Date)> {
    let first = parse(&format!("{text}-01")).filter(|_| text.len() == 7)?;
    Some((first, months_after(first, 1)))
}

pub fn month_of(date: Date) -> String {
    date.format("%Y-%m").to_string()
}

/// How long points are valid, counted from the day on which they are granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "count", rename_all = "lowercase")]
pub enum Validity {
    Forever,
    /// That day included.
    Days(u32),
    /// Through the day before the same day of a later month.
    Months(u32),
    Until(Date),
}

impl Validity {
    /// The last day on which points can be used that are granted today.
    pub fn last_day(self, today: Date) -> Option<Date> {
        match self {
            Self::Forever => None,
            Self::Days(days) => Some(days_after(today, days.saturating_sub(1))),
            Self::Months(months) => Some(days_before(months_after(today, months), 1)),
            Self::Until(last) => Some(last),
        }
    }

    /// Whether points that are granted today would have expired already.
    pub fn is_over(self, today: Date) -> bool {
        self.last_day(today).is_some_and(|last| last < today)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        parse(text).unwrap()
    }

    #[test]
    fn a_year_from_a_day_ends_the_day_before() {
        assert_eq!(Validity::Months(12).last_day(date("2026-11-22")), Some(date("2027-11-21")));
        assert_eq!(Validity::Months(1).last_day(date("2027-01-31")), Some(date("2027-02-27")));
        assert_eq!(Validity::Days(1).last_day(date("2026-11-22")), Some(date("2026-11-22")));
        assert_eq!(Validity::Until(date("2026-12-31")).last_day(date("2026-11-22")), Some(date("2026-12-31")));
        assert_eq!(Validity::Forever.last_day(date("2026-11-22")), None);
        let until = Validity::Until(date("2026-11-22"));
        assert!(!until.is_over(date("2026-11-22")) && until.is_over(date("2026-11-23")));
    }

    #[test]
    fn paid_points_are_good_for_less_than_six_months() {
        assert_eq!(paid_until(date("2026-11-22")), date("2027-05-21"));
        assert_eq!(paid_until(date("2026-08-31")), date("2027-02-27"));
    }

    #[test]
    fn a_month_is_written_with_a_year_and_two_digits() {
        assert_eq!(month("2026-12"), Some((date("2026-12-01"), date("2027-01-01"))));
        for odd in ["", "2026", "2026-13", "2026-1", "2026-12-01", "x"] {
            assert_eq!(month(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_never_over_sorts_behind_every_date() {
        assert!(crate::model::NEVER > date("2200-12-31").to_string().as_str());
    }
}
