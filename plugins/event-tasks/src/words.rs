//! What people may write. A message is a key of the locale files.

use crate::clock;
use crate::model::Price;
use std::collections::BTreeMap;
use tsudoi_plugin::Gate;

/// Prices of one person, and people at one event: more is a slip of the finger.
const MOST: u64 = 100_000_000;
const MOST_PEOPLE: u32 = 100_000;
const MOST_COMPANIONS: u32 = 20;

/// A title of an event, a session or a task: one line.
pub fn title(text: &str) -> Result<String, &'static str> {
    let text = one_line(text);
    match text.chars().count() {
        0 => Err("title-missing"),
        1..=80 => Ok(text),
        _ => Err("title-too-long"),
    }
}

/// A place or a link; may be empty.
pub fn place(text: &str) -> Result<String, &'static str> {
    at_most(one_line(text), 300, "place-too-long")
}

/// May be empty.
pub fn description(text: String) -> Result<String, &'static str> {
    at_most(text, 10_000, "description-too-long")
}

/// What is told about a task; may be empty.
pub fn note(text: String) -> Result<String, &'static str> {
    at_most(text, 2_000, "note-too-long")
}

pub fn comment(text: String) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("comment-missing") } else { at_most(text, 2_000, "note-too-long") }
}

/// Somebody's name, as staff call each other; may be empty.
pub fn owner(text: &str) -> Result<String, &'static str> {
    at_most(one_line(text), 40, "owner-too-long")
}

pub fn capacity(text: &str) -> Result<Option<u32>, &'static str> {
    let capacity = number(text).map_err(|()| "capacity-malformed")?;
    match capacity {
        None => Ok(None),
        Some(people @ 1..=MOST_PEOPLE) => Ok(Some(people)),
        Some(_) => Err("capacity-malformed"),
    }
}

/// How many people a member may bring along, or brings.
pub fn companions(text: &str) -> Result<u32, &'static str> {
    match number(text) {
        Ok(None) => Ok(0),
        Ok(Some(people @ 0..=MOST_COMPANIONS)) => Ok(people),
        _ => Err("companions-malformed"),
    }
}

/// A usual price, and one line for each tier with another: `gold=2000`.
pub fn price(usual: &str, tiers: &str) -> Result<Price, (&'static str, &'static str)> {
    let amount = |text: &str| number::<u64>(text).ok().filter(|amount| amount.is_none_or(|amount| amount <= MOST));
    let usual = amount(usual).ok_or(("price", "price-malformed"))?.unwrap_or_default();
    let wrong = || ("tier_prices", "tier-prices-malformed");
    let mut prices = BTreeMap::new();
    for line in tiers.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (tier, price) = line.split_once(['=', '＝']).ok_or_else(wrong)?;
        let tier = tier.trim();
        let price = amount(price).flatten().filter(|_| is_key(tier)).ok_or_else(wrong)?;
        prices.insert(tier.to_owned(), price);
    }
    Ok(Price { usual, tiers: prices })
}

/// Days before an event, after it where below zero; `None` where nothing is typed.
pub fn days_before(text: &str) -> Result<Option<i64>, &'static str> {
    let text = ascii(text);
    let (sign, digits) = match text.strip_prefix(['-', '−', 'ー']) {
        Some(digits) => (-1, digits),
        None => (1, text.as_str()),
    };
    match number::<i64>(digits) {
        Ok(None) if sign == 1 => Ok(None),
        Ok(Some(days @ 0..=365)) => Ok(Some(sign * days)),
        _ => Err("days-malformed"),
    }
}

/// A date, or `None` where nothing is typed.
pub fn date(text: &str) -> Result<Option<String>, &'static str> {
    let text = ascii(text).replace('/', "-");
    if text.is_empty() { Ok(None) } else { clock::date_of(&text).map(|date| Some(date.to_string())).ok_or("date-malformed") }
}

/// A gate from the two fields of a form, or which of them is wrong.
pub fn gate(kind: &str, keys: &str) -> Result<Gate, (&'static str, &'static str)> {
    let keys = || {
        let keys: Vec<String> = keys.split([',', '、', ' ', '　']).filter(|key| !key.is_empty()).map(str::to_owned).collect();
        if keys.is_empty() {
            Err(("gate_keys", "gate-keys-missing"))
        } else if keys.iter().all(|key| is_key(key)) {
            Ok(keys)
        } else {
            Err(("gate_keys", "gate-keys-malformed"))
        }
    };
    match kind {
        "members" => Ok(Gate::members()),
        "tiers" => Ok(Gate::tiers(&keys()?)),
        "labels" => Ok(Gate::labels(&keys()?)),
        "segments" => Ok(Gate::segments(&keys()?)),
        _ => Err(("gate_kind", "gate-missing")),
    }
}

/// 1 to 40 of `a-z`, `0-9` and `-`, as the keys of tiers and labels are.
fn is_key(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Counted in characters, as a person counts.
fn at_most(text: String, most: usize, too_long: &'static str) -> Result<String, &'static str> {
    if text.chars().count() > most { Err(too_long) } else { Ok(text) }
}

/// A whole number as people type it, with commas and full-width digits; `None` where nothing is typed.
fn number<T: std::str::FromStr>(text: &str) -> Result<Option<T>, ()> {
    let digits = ascii(text).replace([',', '，'], "");
    if digits.is_empty() {
        return Ok(None);
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().map(Some).map_err(|_| ()) } else { Err(()) }
}

/// Full-width digits and signs as ASCII.
fn ascii(text: &str) -> String {
    let half = |letter: char| match letter {
        '０'..='９' | '／' | '－' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    };
    text.trim().chars().map(half).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_eighty_characters() {
        assert_eq!(title("星空 \r\n ライブ"), Ok("星空 ライブ".to_owned()));
        assert_eq!((title("　 "), title(&"会".repeat(81))), (Err("title-missing"), Err("title-too-long")));
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        assert_eq!((capacity("１，２００"), capacity(""), capacity("0")), (Ok(Some(1200)), Ok(None), Err("capacity-malformed")));
        assert_eq!((companions("２"), companions(""), companions("21")), (Ok(2), Ok(0), Err("companions-malformed")));
        assert_eq!((days_before("14"), days_before("－３"), days_before("")), (Ok(Some(14)), Ok(Some(-3)), Ok(None)));
        assert_eq!(
            (days_before("-"), days_before("soon"), days_before("366")),
            (Err("days-malformed"), Err("days-malformed"), Err("days-malformed"))
        );
        assert_eq!((date("２０２６/12/4"), date("12-24")), (Ok(Some("2026-12-04".to_owned())), Err("date-malformed")));
    }

    #[test]
    fn prices_of_tiers_stand_one_in_a_line() {
        let price = price("3,000", "gold = 0\n\n silver＝２０００").unwrap();
        assert_eq!((price.usual, price.of(Some("gold")), price.of(Some("silver"))), (3000, 0, 2000));
        assert_eq!(super::price("", ""), Ok(Price::default()));
        assert_eq!(super::price("三千", "").unwrap_err().0, "price");
        for wrong in ["gold", "gold=", "金=1", "gold=-1", "gold=999999999999"] {
            assert_eq!(super::price("1", wrong).unwrap_err().0, "tier_prices", "{wrong}");
        }
    }

    #[test]
    fn a_gate_for_tiers_names_them() {
        assert_eq!(gate("tiers", "gold、silver"), Ok(Gate::tiers(&["gold".into(), "silver".into()])));
        assert_eq!(gate("labels", "　"), Err(("gate_keys", "gate-keys-missing")));
        assert_eq!(gate("labels", "幹事"), Err(("gate_keys", "gate-keys-malformed")));
        assert_eq!(gate("everyone", ""), Err(("gate_kind", "gate-missing")));
    }
}
