//! How dates, times and numbers are written in each language.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use tsudoi_kernel::{Locale, Timestamp};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What a template may give as a time.
pub enum When {
    Instant(DateTime<Utc>),
    /// A date without a time, such as a birthday: the same in every zone.
    Day(NaiveDate),
}

impl When {
    /// Milliseconds since 1970, an RFC 3339 time, or a date `2026-11-22`.
    pub fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => {
                let millis = number.as_i64().or_else(|| number.as_f64().map(|millis| millis as i64))?;
                Some(Self::Instant(Timestamp::from_millis(millis).to_utc()))
            }
            Value::String(text) => match text.parse::<NaiveDate>() {
                Ok(day) => Some(Self::Day(day)),
                Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|instant| Self::Instant(instant.to_utc())),
            },
            _ => None,
        }
    }

    /// `2026年11月22日`, `22 Nov 2026`.
    pub fn date(&self, locale: Locale, zone: Tz) -> String {
        let day = match self {
            Self::Instant(instant) => instant.with_timezone(&zone).date_naive(),
            Self::Day(day) => *day,
        };
        match locale {
            Locale::Ja => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
            Locale::En => format!("{} {} {}", day.day(), MONTHS[day.month0() as usize], day.year()),
        }
    }

    /// `2026年11月22日 14:05`, `22 Nov 2026, 14:05`; a date without a time as [`Self::date`].
    pub fn date_and_time(&self, locale: Locale, zone: Tz) -> String {
        let date = self.date(locale, zone);
        let Self::Instant(instant) = self else { return date };
        let time = instant.with_timezone(&zone);
        let between = if locale == Locale::Ja { " " } else { ", " };
        format!("{date}{between}{:02}:{:02}", time.hour(), time.minute())
    }

    /// For machines, as the `datetime` attribute of `<time>` takes it.
    pub fn iso(&self) -> String {
        match self {
            Self::Instant(instant) => instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            Self::Day(day) => day.to_string(),
        }
    }
}

/// With commas between groups of three digits, in both languages: `1,234,567`, `-1,234.5`.
pub fn number(value: &Value) -> Option<String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.parse::<f64>().is_ok() => text.clone(),
        _ => return None,
    };
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.find('.').map_or((digits, ""), |at| digits.split_at(at));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text);
    }
    let mut grouped = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped.push_str(fraction);
    Some(grouped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_instant_is_shown_in_the_zone_of_the_organisation() {
        let when = When::read(&json!(1_795_323_900_000i64)).unwrap();
        assert_eq!(when.iso(), "2026-11-22T05:05:00Z");
        assert_eq!(when.date_and_time(Locale::Ja, Tz::Asia__Tokyo), "2026年11月22日 14:05");
        assert_eq!(when.date_and_time(Locale::En, Tz::Asia__Tokyo), "22 Nov 2026, 14:05");
        assert_eq!(when.date_and_time(Locale::En, Tz::America__Los_Angeles), "21 Nov 2026, 21:05");
        assert_eq!(when.date(Locale::Ja, Tz::Asia__Tokyo), "2026年11月22日");
    }

    #[test]
    fn a_day_is_the_same_everywhere() {
        let when = When::read(&json!("2026-04-01")).unwrap();
        assert_eq!(when.date_and_time(Locale::Ja, Tz::America__Los_Angeles), "2026年4月1日");
        assert_eq!(when.iso(), "2026-04-01");
        assert!(When::read(&json!("yesterday")).is_none());
        assert!(When::read(&json!(null)).is_none());
    }

    #[test]
    fn numbers_are_grouped() {
        for (value, text) in [
            (json!(0), "0"),
            (json!(999), "999"),
            (json!(1234), "1,234"),
            (json!(-1234567), "-1,234,567"),
            (json!(1234.5), "1,234.5"),
            (json!("12000"), "12,000"),
        ] {
            assert_eq!(number(&value).as_deref(), Some(text));
        }
        assert_eq!(number(&json!("many")), None);
    }
}
