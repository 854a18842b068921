//! Reading what people typed into ledgers: dates in the calendars and signs in use in Japan, postal codes, phone
//! numbers and names, also where a spreadsheet took a text for a number.

use crate::text::one_width;
use chrono::{Datelike, Days, NaiveDate};

/// The text is no date, or it can be read as more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date")]
pub struct NotADate;

/// An era of the Japanese calendar.
struct Era {
    /// Its name; the first character alone is in use too.
    name: [char; 2],
    letter: char,
    /// The year of the common era before its first.
    before: i32,
    first: (i32, u32, u32),
    last: (i32, u32, u32),
}

/// The era changed in the course of the first day of Taishō and of Shōwa, so either name is right for those days. Meiji
/// begins with its sixth year here, when the calendar became the Gregorian one: days before that are days of the moon.
const ERAS: [Era; 5] = [
    Era { name: ['明', '治'], letter: 'M', before: 1867, first: (1873, 1, 1), last: (1912, 7, 30) },
    Era { name: ['大', '正'], letter: 'T', before: 1911, first: (1912, 7, 30), last: (1926, 12, 25) },
    Era { name: ['昭', '和'], letter: 'S', before: 1925, first: (1926, 12, 25), last: (1989, 1, 7) },
    Era { name: ['平', '成'], letter: 'H', before: 1988, first: (1989, 1, 8), last: (2019, 12, 31) },
    Era { name: ['令', '和'], letter: 'R', before: 2018, first: (2019, 5, 1), last: (9999, 12, 31) },
];

impl Era {
    /// What follows the name of this era, which may have a full stop, as in `S.30.4.1`.
    fn strip<'a>(&self, text: &'a str) -> Option<&'a str> {
        let rest = match text.strip_prefix(self.name[0]) {
            Some(rest) => rest.strip_prefix(self.name[1]).unwrap_or(rest),
            None => text.strip_prefix([self.letter, self.letter.to_ascii_lowercase()])?,
        };
        Some(rest.strip_prefix('.').unwrap_or(rest).trim_start())
    }
}

/// A date of the years 1000 to 9999; `None` where nothing is typed. Read are `2026-04-01`, `2026/4/1`, `2026.4.1`,
/// `2026年4月1日` and `20260401`, the same with an era (`昭和30年4月1日`, `昭30.4.1`, `s30/4/1`, `S300401`, `令和元年5月1日`)
/// and the number that a spreadsheet keeps for a day (`36526`), in any width. What follows a date is left out where it is
/// a time of day or a day of the week.
///
/// A day outside its era is a slip of whoever typed it, and refused. There is one exception: documents made before the
/// change of 2019 speak of days after it as 平成31年5月1日 and later, so that all of 2019 can be 平成31年.
///
/// # Errors
/// [`NotADate`] for all else, also for `4/1/2026` and `26/4/1`, of which nobody knows what is the month.
pub fn date(text: &str) -> Result<Option<NaiveDate>, NotADate> {
    let text: String = one_width(text).chars().map(|c| if is_dash(c) { '-' } else { c }).collect();
    match text.trim() {
        "" => Ok(None),
        text => read_date(text).map(Some).ok_or(NotADate),
    }
}

fn read_date(text: &str) -> Option<NaiveDate> {
    let era = ERAS.iter().find_map(|era| Some((era, era.strip(text)?)));
    let text = era.map_or(text, |(_, rest)| rest);
    let digits = leading_digits(text);
    let (year, rest) = match text.strip_prefix('元') {
        Some(rest) if era.is_some() => (1, rest),
        _ => number(text)?,
    };
    let (year, month, day, rest) = match (digits, era.is_some()) {
        (8, false) | (6, true) => (year / 10_000, year / 100 % 100, year % 100, rest),
        (4, false) | (0..=2, true) => {
            let (month, rest) = number(after_sign(rest, '年')?)?;
            let (day, rest) = number(after_sign(rest, '月')?)?;
            (year, month, day, rest.trim_start().strip_prefix('日').unwrap_or(rest))
        }
        (5, false) if rest.is_empty() && (10_000..=60_000).contains(&year) => return day_of_a_spreadsheet(year),
        _ => return None,
    };
    if !is_a_time_or_nothing(rest) {
        return None;
    }
    let Some((era, _)) = era else {
        return NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).filter(|date| date.year() >= 1000);
    };
    // The year nought of an era would be the last of the one before.
    let year = i32::try_from(year).ok().filter(|year| *year > 0)? + era.before;
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    (era.first..=era.last).contains(&(date.year(), date.month(), date.day())).then_some(date)
}

/// Days since the end of 1899, where spreadsheets count the 29th of February 1900 that never was.
fn day_of_a_spreadsheet(days: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days.into()))
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// A whole number of at most eight digits, and what follows it.
fn number(text: &str) -> Option<(u32, &str)> {
    let text = text.trim_start();
    let (digits, rest) = text.split_at(leading_digits(text));
    Some((digits.parse().ok().filter(|_| digits.len() <= 8)?, rest))
}

/// What follows the sign between the parts of a date.
fn after_sign(text: &str, sign: char) -> Option<&str> {
    text.trim_start().strip_prefix(['-', '/', '.', sign])
}

/// Whether this is what may stand behind a date: `(水)`, `0:00:00`, `T00:00:00.000Z`, `午前0時00分`.
fn is_a_time_or_nothing(text: &str) -> bool {
    let text = text.trim_start();
    let text = text.strip_prefix('(').and_then(after_weekday).unwrap_or(text);
    let time = text.trim_start_matches(|c: char| c == 'T' || c.is_whitespace());
    let is_part = |c: char| {
        let is_sign = matches!(c, ':' | '.' | '+' | '-' | 'Z' | 'A' | 'P' | 'M' | 'a' | 'p' | 'm');
        c.is_ascii_digit() || c.is_whitespace() || is_sign || matches!(c, '午' | '前' | '後' | '時' | '分' | '秒')
    };
    time.is_empty() || (time.contains([':', '時']) && time.chars().all(is_part))
}

fn after_weekday(text: &str) -> Option<&str> {
    text.strip_prefix(['日', '月', '火', '水', '木', '金', '土'])?.strip_prefix(')')
}

/// The signs that people take for a hyphen, after [`one_width`].
const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '˗' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '⁃' | '−' | 'ー' | '─' | '━')
}

/// A Japanese postal code as `123-4567`. Six digits without a hyphen are one whose zero in front was lost when a
/// spreadsheet took it for a number: `600001` is `060-0001`. `None` where the text is something else.
pub fn postal_code(text: &str) -> Option<String> {
    let text: String = one_width(text).trim().trim_start_matches('〒').chars().filter(|c| !c.is_whitespace()).collect();
    let (area, rest) = match text.split_once(is_dash) {
        Some((area, rest)) if area.len() == 3 => (area.to_owned(), rest.to_owned()),
        Some(_) => return None,
        None if text.len() == 6 && !text.starts_with('0') => (format!("0{}", text.get(..2)?), text.get(2..)?.to_owned()),
        None => (text.get(..3)?.to_owned(), text.get(3..)?.to_owned()),
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(&area) && is_number(&rest) && rest.len() == 4).then(|| format!("{area}-{rest}"))
}

/// A phone number in ASCII, with hyphens, brackets and blanks where they were typed: 9 to 15 digits (ITU-T E.164 has at
/// most 15), perhaps with `+` in front. Nine or ten digits alone that don't begin with a zero have lost it to a
/// spreadsheet and get it back: `9012345678` is `09012345678`. `None` where the text is something else.
pub fn phone(text: &str) -> Option<String> {
    let text: String = one_width(text).chars().map(|c| if is_dash(c) { '-' } else { c }).collect();
    let text = text.trim().trim_start_matches('☎');
    let text = match text.get(..3) {
        Some(head) if head.eq_ignore_ascii_case("tel") => text[3..].trim_start_matches(['.', ':']),
        _ => text,
    };
    let text = text.split('-').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("-");
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(&text);
    if !(9..=15).contains(&digits) || !rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '(' | ')' | ' ' | '.')) {
        return None;
    }
    let lost_its_zero = matches!(digits, 9 | 10) && digits == text.len() && !text.starts_with('0');
    Some(if lost_its_zero { format!("0{text}") } else { text })
}

/// The family name and the given name of `山田 花子`: they part at the first white space of any width, all that follows
/// belongs to the given name. A name without a gap is all family name, for nobody can tell where it parts. The
/// characters stay as they are: NFKC would change some that are told apart in names.
pub fn full_name(text: &str) -> (String, String) {
    let mut parts = text.split_whitespace();
    let family = parts.next().unwrap_or_default().to_owned();
    (family, parts.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> Result<Option<NaiveDate>, NotADate> {
        Ok(NaiveDate::from_ymd_opt(year, month, day))
    }

    #[test]
    fn a_day_is_read_in_every_way_that_people_write_it() {
        let ways = [
            "2026-04-01",
            "2026/4/1",
            "2026.4.1",
            "20260401",
            "2026年4月1日",
            "２０２６年４月１日",
            "２０２６／０４／０１",
            "2026 年 4 月 1 日",
            "2026年 4月 1日（水）",
            " 2026−4−1\u{3000}",
            "2026ー4ー1",
            "2026/4/1 0:00:00",
            "2026-04-01T09:30:00.000+09:00",
            "2026/04/01 午前9時30分",
            "20260401 12:00",
            "令和8年4月1日",
            "令8.4.1",
            "R8.4.1",
            "r080401",
            "Ｒ８．４．１",
            "㋿8年4月1日",
            "46113",
        ];
        for way in ways {
            assert_eq!(date(way), day(2026, 4, 1), "{way}");
        }
        assert_eq!(date("36526"), day(2000, 1, 1));
        assert_eq!([date(""), date(" \u{3000}")], [Ok(None), Ok(None)]);
    }

    #[test]
    fn a_day_has_the_name_of_its_era() {
        for way in ["昭和30年4月1日", "S30.4.1", "s30/4/1", "㍼30年4月1日", "昭30.4.1", "S.30.4.1", "S300401", "昭和 30年 4月 1日"]
        {
            assert_eq!(date(way), day(1955, 4, 1), "{way}");
        }
        for (first, last, next, first_day, last_day) in [
            ("大正元年7月30日", "大正15年12月25日", "大正15年12月26日", day(1912, 7, 30), day(1926, 12, 25)),
            ("昭和元年12月25日", "昭和64年1月7日", "昭和64年1月8日", day(1926, 12, 25), day(1989, 1, 7)),
            ("平成元年1月8日", "平成31年4月30日", "平成32年1月1日", day(1989, 1, 8), day(2019, 4, 30)),
            ("明治6年1月1日", "明治45年7月30日", "明治45年7月31日", day(1873, 1, 1), day(1912, 7, 30)),
        ] {
            assert_eq!([date(first), date(last), date(next)], [first_day, last_day, Err(NotADate)], "{first}");
        }
        assert_eq!(date("令和元年5月1日"), day(2019, 5, 1));
        for early in
            ["令和元年4月30日", "R1.1.1", "平成元年1月7日", "昭和1年12月24日", "大正元年7月29日", "明治5年12月3日", "昭和0年1月1日"]
        {
            assert_eq!(date(early), Err(NotADate), "{early}");
        }
    }

    #[test]
    fn documents_from_before_the_change_of_2019_may_speak_of_heisei_31_after_it() {
        assert_eq!([date("平成31年5月1日"), date("H31.12.31")], [day(2019, 5, 1), day(2019, 12, 31)]);
    }

    #[test]
    fn what_could_be_two_days_or_none_is_no_date() {
        for text in [
            "4/1/2026",
            "26/4/1",
            "30.4.1",
            "2026-02-29",
            "2026-13-01",
            "20261301",
            "0999-01-01",
            "2026/4",
            "2026年4月",
            "9999",
            "99999",
            "60001",
            "36526.5",
            "202604011",
            "2026/4/1から",
            "2026/4/1 5",
            "2026/4/1/5",
            "不明",
            "-",
            "S",
            "元年4月1日",
            "昭和",
            "昭和三十年四月一日",
            "X30.4.1",
            "S100.4.1",
            "99999999999999999999",
        ] {
            assert_eq!(date(text), Err(NotADate), "{text}");
        }
    }

    #[test]
    fn what_a_form_keeps_as_a_date_is_the_same_date() {
        for text in ["2026-11-22", "1000-01-01", "9999-12-31", "2024-02-29"] {
            assert!(crate::form::is_date(text));
            assert_eq!(date(text).ok().flatten().map(|date| date.to_string()).as_deref(), Some(text));
        }
        for text in ["2026-02-30", "2026-00-10", "0001-01-01"] {
            assert!(!crate::form::is_date(text));
            assert_eq!(date(text), Err(NotADate));
        }
    }

    #[test]
    fn a_postal_code_has_one_form() {
        for text in ["123-4567", "1234567", "〒123-4567", "〒 １２３ー４５６７", "１２３－４５６７", "123 4567", " 123‐4567"]
        {
            assert_eq!(postal_code(text).as_deref(), Some("123-4567"), "{text}");
        }
        assert_eq!(postal_code("600001").as_deref(), Some("060-0001"));
        for text in ["", "〒", "060-001", "060001", "12345", "12345678", "12-34567", "1234-567", "123-4567-", "SW1A 1AA", "東京都港区"]
        {
            assert_eq!(postal_code(text), None, "{text}");
        }
    }

    #[test]
    fn a_phone_number_keeps_its_hyphens_and_gets_its_zero_back() {
        for (text, number) in [
            ("03-1234-5678", "03-1234-5678"),
            ("０３－１２３４－５６７８", "03-1234-5678"),
            ("03ー1234−5678", "03-1234-5678"),
            ("03 - 1234 - 5678", "03-1234-5678"),
            ("（03）1234‐5678", "(03)1234-5678"),
            ("03\u{3000}1234\u{3000}5678", "03 1234 5678"),
            ("℡ 03-1234-5678", "03-1234-5678"),
            ("TEL:03-1234-5678", "03-1234-5678"),
            ("09012345678", "09012345678"),
            ("+81 90-1234-5678", "+81 90-1234-5678"),
            ("＋８１９０１２３４５６７８", "+819012345678"),
            ("+123456789", "+123456789"),
            ("9012345678", "09012345678"),
            ("312345678", "0312345678"),
            ("３１２３４５６７８", "0312345678"),
            ("90-1234-5678", "90-1234-5678"),
        ] {
            assert_eq!(phone(text).as_deref(), Some(number), "{text}");
        }
        for text in ["", "なし", "1234-5678", "0312345678901234", "03-1234-5678 内線12", "03-1234-5678/090-1234-5678", "03+12345678"] {
            assert_eq!(phone(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_parts_at_its_first_gap() {
        for (text, family, given) in [
            ("山田 花子", "山田", "花子"),
            ("\u{3000}髙橋\u{3000}﨑子 ", "髙橋", "﨑子"),
            ("スミス  ジョン\u{3000}ポール", "スミス", "ジョン ポール"),
            ("山田花子", "山田花子", ""),
            ("", "", ""),
        ] {
            assert_eq!(full_name(text), (family.to_owned(), given.to_owned()));
        }
    }
}
