//! Dates that move: `{{ sat +2 short }}` in the demo's texts, so that it never looks out of date.

use anyhow::{Context, bail};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use tsudoi_kernel::Locale;

/// Replaces every `{{ WHICH NUMBER FORM }}`. Anything else in double braces is a mistake.
pub fn fill(text: &str, today: NaiveDate, locale: Locale) -> anyhow::Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{ ") {
        let (inside, after) = after.split_once(" }}").context("`{{` without an end")?;
        filled.push_str(before);
        filled.push_str(&date(inside, today, locale).with_context(|| format!("{{{{ {inside} }}}}"))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn date(words: &str, today: NaiveDate, locale: Locale) -> anyhow::Result<String> {
    let mut words = words.split(' ');
    let which = words.next().unwrap_or_default();
    let number: i64 = words.next().unwrap_or_default().parse().context("a number such as +2 is expected")?;
    let form = words.next().unwrap_or("full");
    let day = match which {
        "day" => shift(today, number)?,
        "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun" => {
            weekday(today, which.parse().map_err(|_| anyhow::anyhow!("no weekday"))?, number)?
        }
        other => bail!("`{other}` is neither `day` nor a weekday"),
    };
    shown(day, form, locale)
}

fn shift(day: NaiveDate, days: i64) -> anyhow::Result<NaiveDate> {
    let shifted =
        if days < 0 { day.checked_sub_days(Days::new(days.unsigned_abs())) } else { day.checked_add_days(Days::new(days.unsigned_abs())) };
    shifted.context("too far away")
}

/// The `number`th such weekday strictly after today, or strictly before it where negative.
fn weekday(today: NaiveDate, wanted: Weekday, number: i64) -> anyhow::Result<NaiveDate> {
    let (from, to) = (i64::from(today.weekday().num_days_from_monday()), i64::from(wanted.num_days_from_monday()));
    let ahead = (to - from).rem_euclid(7);
    let days = match number {
        0 => bail!("zero is not used with a weekday"),
        n if n > 0 => {
            if ahead == 0 {
                7 * n
            } else {
                ahead + 7 * (n - 1)
            }
        }
        n => {
            if ahead == 0 {
                7 * n
            } else {
                ahead + 7 * n
            }
        }
    };
    shift(today, days)
}

fn shown(day: NaiveDate, form: &str, locale: Locale) -> anyhow::Result<String> {
    const JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
    let (year, month, date) = (day.year(), day.month(), day.day());
    let weekday = JA[day.weekday().num_days_from_monday() as usize];
    Ok(match (locale, form) {
        (Locale::Ja, "full") => format!("{year}年{month}月{date}日（{weekday}）"),
        (Locale::Ja, "short") => format!("{month}月{date}日（{weekday}）"),
        (Locale::Ja, "date") => format!("{year}年{month}月{date}日"),
        (Locale::En, "full") => day.format("%A %-d %B %Y").to_string(),
        (Locale::En, "short") => day.format("%a %-d %b").to_string(),
        (Locale::En, "date") => day.format("%-d %B %Y").to_string(),
        (_, "iso") => day.to_string(),
        (_, other) => bail!("`{other}` is not a form of a date"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_counted_from_today_and_written_as_the_language_does() {
        // A Friday.
        let today = NaiveDate::from_ymd_opt(2026, 5, 15).unwrap();
        let ja = |text| fill(text, today, Locale::Ja).unwrap();
        assert_eq!(ja("{{ sat +1 }}から"), "2026年5月16日（土）から");
        assert_eq!(ja("{{ sat +2 short }}"), "5月23日（土）");
        assert_eq!(ja("{{ fri +1 date }} {{ fri -1 date }}"), "2026年5月22日 2026年5月8日");
        assert_eq!(ja("{{ thu -1 short }} {{ sat -1 short }}"), "5月14日（木） 5月9日（土）");
        assert_eq!(fill("{{ day +1 }}, {{ day +1 short }}", today, Locale::En).unwrap(), "Saturday 16 May 2026, Sat 16 May");
        for wrong in ["{{ sat 0 }}", "{{ someday +1 }}", "{{ sat +1 long }}", "{{ sat +1"] {
            assert!(fill(wrong, today, Locale::Ja).is_err(), "{wrong}");
        }
    }
}
