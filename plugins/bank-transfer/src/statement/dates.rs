//! Dates as banks write them.

use crate::kana;
use chrono::Datelike;

/// `2026-11-22`
pub type Date = chrono::NaiveDate;

/// What is added to a year of Reiwa, which began on 1 May 2019, and of Heisei before it.
const REIWA: i32 = 2018;
const HEISEI: i32 = 1988;

pub fn parse(text: &str) -> Option<Date> {
    Date::parse_from_str(text, "%Y-%m-%d").ok()
}

/// `YYMMDD` with the year of the era (和暦), which does not say which era: Reiwa, unless that is still to come.
pub fn of_era(text: &str, today: Date) -> Option<Date> {
    if text.len() != 6 || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| text.get(from..from + 2)?.parse::<u32>().ok();
    let (year, month, day) = (i32::try_from(part(0)?).ok()?, part(2)?, part(4)?);
    let latest = today.year() + 1;
    let start = if REIWA + year > latest { HEISEI } else { REIWA };
    if year == 0 { None } else { Date::from_ymd_opt(start + year, month, day) }
}

/// `2026/11/22`, `2026年11月22日`, `20261122`, `R8.11.22`, with a time behind it or not.
pub fn written(text: &str) -> Option<Date> {
    let text = kana::plain(text);
    let era = ["R", "\u{4EE4}\u{548C}"].iter().find_map(|era| text.strip_prefix(era));
    let numbers: Vec<u32> = era
        .unwrap_or(&text)
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .map_while(|run| run.parse().ok())
        .collect();
    if !era.unwrap_or(&text).trim_start().starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) = match numbers[..] {
        [whole, ..] if whole > 19_000_000 && era.is_none() => (whole / 10_000, whole / 100 % 100, whole % 100),
        [year, month, day, ..] => (year, month, day),
        _ => return None,
    };
    let year = i32::try_from(year).ok()? + if era.is_some() { REIWA } else { 0 };
    Date::from_ymd_opt(year, month, day).filter(|date| (1990..=2200).contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> Option<Date> {
        Date::from_ymd_opt(year, month, day)
    }

    #[test]
    fn years_of_an_era_are_those_of_reiwa_unless_they_are_to_come() {
        let today = date(2026, 11, 22).unwrap();
        assert_eq!(of_era("081122", today), date(2026, 11, 22));
        assert_eq!(of_era("090104", today), date(2027, 1, 4));
        assert_eq!(of_era("310430", today), date(2019, 4, 30));
        for wrong in ["", "081322", "080230", "8 1122", "000101", "0811221"] {
            assert_eq!(of_era(wrong, today), None, "{wrong}");
        }
    }

    #[test]
    fn dates_are_read_as_banks_write_them_in_tables() {
        for text in [
            "2026/11/22",
            "2026-11-22",
            "2026.11.22",
            "２０２６年１１月２２日",
            "20261122",
            "2026/11/22 10:32",
            "R8.11.22",
            "令和8年11月22日",
        ] {
            assert_eq!(written(text), date(2026, 11, 22), "{text}");
        }
        for wrong in ["", "日付", "2026/13/01", "合計 3 4 5", "11/22", "99999999"] {
            assert_eq!(written(wrong), None, "{wrong}");
        }
    }
}
