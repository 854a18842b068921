//! What people type. A message is a key of the locale files.

use crate::dates::{self, Date};

pub const MOST_POINTS: i64 = 1_000_000;

/// What members read in their history, or what staff call something: one line.
pub fn line(text: &str) -> Result<String, &'static str> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        Err("line-missing")
    } else if text.chars().count() > 60 {
        Err("line-too-long")
    } else {
        Ok(text)
    }
}

/// Points of one change: at least 1.
pub fn points(text: &str) -> Result<i64, &'static str> {
    if text.is_empty() {
        return Err("points-missing");
    }
    whole(text).filter(|points| (1..=MOST_POINTS).contains(points)).ok_or("points-malformed")
}

/// A number of 1 to `most`, or none.
pub fn count(text: &str, most: i64) -> Result<Option<i64>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    whole(text).filter(|count| (1..=most).contains(count)).map(Some).ok_or("count-malformed")
}

/// A whole number, in full width too, with or without commas.
fn whole(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|letter| !matches!(letter, ',' | '，')).map(half_width).collect();
    if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|byte| byte.is_ascii_digit()) { None } else { digits.parse().ok() }
}

fn half_width(letter: char) -> char {
    match letter {
        '０'..='９' => char::from_u32(letter as u32 - '０' as u32 + '0' as u32).unwrap_or(letter),
        '．' => '.',
        _ => letter,
    }
}

/// How many times the points, in tenths: more than once, up to ten times.
pub fn times(text: &str) -> Result<i64, &'static str> {
    let text: String = text.chars().map(half_width).collect();
    let (ones, tenths) = text.split_once('.').unwrap_or((&text, "0"));
    let tenths = whole(tenths).filter(|_| tenths.len() == 1);
    whole(ones)
        .zip(tenths)
        .map(|(ones, tenths)| ones.min(1_000) * 10 + tenths)
        .filter(|times| (11..=100).contains(times))
        .ok_or("times-malformed")
}

/// As [`times`] reads it.
pub fn times_written(tenths: i64) -> String {
    if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// A date, or none.
pub fn date(text: &str) -> Result<Option<Date>, &'static str> {
    if text.is_empty() { Ok(None) } else { dates::parse(text).map(Some).ok_or("date-malformed") }
}

/// Keys of tiers, between commas or spaces; none is all.
pub fn tiers(text: &str) -> Result<Vec<String>, &'static str> {
    let keys: Vec<String> = text.split([',', '、', ' ', '　']).filter(|key| !key.is_empty()).map(str::to_owned).collect();
    let is_key =
        |key: &String| key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if keys.len() <= 20 && keys.iter().all(is_key) { Ok(keys) } else { Err("tiers-malformed") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_as_they_are_meant() {
        assert_eq!(points("1,000"), Ok(1_000));
        assert_eq!(points("１００"), Ok(100));
        assert_eq!(points(""), Err("points-missing"));
        for wrong in ["0", "-1", "1.5", "百", "1000001", "99999999999999999999", ","] {
            assert_eq!(points(wrong), Err("points-malformed"), "{wrong}");
        }
    }

    #[test]
    fn times_have_one_digit_behind_the_point() {
        assert_eq!(times("2"), Ok(20));
        assert_eq!(times("１．５"), Ok(15));
        for (tenths, text) in [(20, "2"), (15, "1.5"), (100, "10")] {
            assert_eq!(times_written(tenths), text);
            assert_eq!(times(text), Ok(tenths));
        }
        for wrong in ["", "1", "0.5", "10.1", "1.55", "1.", ".5", "x", "999999999999999"] {
            assert_eq!(times(wrong), Err("times-malformed"), "{wrong}");
        }
    }

    #[test]
    fn a_reason_is_one_line_of_sixty_letters() {
        assert_eq!(line(" 大会\n入賞 "), Ok("大会 入賞".into()));
        assert_eq!(line("　"), Err("line-missing"));
        assert!(line(&"会".repeat(60)).is_ok());
        assert_eq!(line(&"会".repeat(61)), Err("line-too-long"));
    }

    #[test]
    fn tiers_are_keys() {
        assert_eq!(tiers("gold、silver"), Ok(vec!["gold".into(), "silver".into()]));
        assert_eq!(tiers(" "), Ok(vec![]));
        assert_eq!(tiers("金"), Err("tiers-malformed"));
    }

    #[test]
    fn a_date_is_of_this_age() {
        assert_eq!(date(""), Ok(None));
        assert!(date("2026-12-31").is_ok_and(|date| date.is_some()));
        for wrong in ["2026-02-30", "12/31", "0001-01-01", "9999-12-31"] {
            assert_eq!(date(wrong), Err("date-malformed"), "{wrong}");
        }
    }
}
