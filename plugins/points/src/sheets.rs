//! The forms of rules and campaigns: what they say, and what stands in them.

use crate::dates::{Date, Validity};
use crate::model::{Campaign, Occasion, Rule};
use crate::words;
use serde_json::{Value, json};
use tsudoi_plugin::{Document, FieldErrors, Id, Request};

/// What the forms of rules and campaigns have in common.
struct Terms {
    name: String,
    tiers: Vec<String>,
    from: Option<Date>,
    until: Option<Date>,
    validity: Validity,
    limited: bool,
}

impl Terms {
    fn read(request: &Request, errors: &mut FieldErrors) -> Option<Self> {
        let name = errors.take("name", words::line(request.field("name")));
        let tiers = errors.take("tiers", words::tiers(request.field("tiers")));
        let from = errors.take("from", words::date(request.field("from")));
        let until = errors.take(
            "until",
            words::date(request.field("until")).and_then(|until| match (from.flatten(), until) {
                (Some(from), Some(until)) if until < from => Err("until-before-from"),
                _ => Ok(until),
            }),
        );
        let validity = validity(request).map_err(|(field, message)| errors.add(field, message)).ok();
        let limited = request.is_checked("limited");
        Some(Self { name: name?, tiers: tiers?, from: from?, until: until?, validity: validity?, limited })
    }
}

/// How long points are valid, from the three fields of the form, or which of them is wrong.
fn validity(request: &Request) -> Result<Validity, (&'static str, &'static str)> {
    let count = |most: i64| match words::count(request.field("valid_for"), most) {
        Ok(Some(count)) => u32::try_from(count).map_err(|_| ("valid_for", "count-malformed")),
        Ok(None) => Err(("valid_for", "valid-for-missing")),
        Err(message) => Err(("valid_for", message)),
    };
    match request.field("validity") {
        "forever" => Ok(Validity::Forever),
        "days" => Ok(Validity::Days(count(3_660)?)),
        "months" => Ok(Validity::Months(count(120)?)),
        "until" => match words::date(request.field("valid_until")) {
            Ok(Some(last)) => Ok(Validity::Until(last)),
            Ok(None) => Err(("valid_until", "valid-until-missing")),
            Err(message) => Err(("valid_until", message)),
        },
        _ => Err(("validity", "validity-missing")),
    }
}

fn occasion(text: &str) -> Result<Occasion, &'static str> {
    match text {
        "joined" => Ok(Occasion::Joined),
        "paid" => Ok(Occasion::Paid),
        "attended" => Ok(Occasion::Attended),
        "posted" => Ok(Occasion::Posted),
        _ => Err("occasion-missing"),
    }
}

fn small(text: &str) -> Result<Option<u32>, &'static str> {
    Ok(words::count(text, 1_000)?.and_then(|count| u32::try_from(count).ok()))
}

/// A rule as the form says, switched off.
pub fn rule_of(request: &Request) -> Result<Rule, FieldErrors> {
    let mut errors = FieldErrors::default();
    let occasion = errors.take("occasion", occasion(request.field("occasion")));
    let points = errors.take("points", words::points(request.field("points")));
    let per = errors.take(
        "per",
        words::count(request.field("per"), 100_000_000).and_then(|per| match (occasion, per) {
            (Some(Occasion::Paid), None) => Err("per-missing"),
            (Some(Occasion::Paid), per) => Ok(per),
            _ => Ok(None),
        }),
    );
    let per_day = errors.take("per_day", small(request.field("per_day")));
    let per_member = errors.take("per_member", small(request.field("per_member")));
    let terms = Terms::read(request, &mut errors);
    match (occasion, points, per, per_day, per_member, terms) {
        (Some(occasion), Some(points), Some(per), Some(per_day), Some(per_member), Some(terms)) => {
            let Terms { name, tiers, from, until, validity, limited } = terms;
            let (on, made_at) = (false, 0);
            Ok(Rule { name, occasion, points, per, per_day, per_member, validity, limited, tiers, from, until, on, made_at })
        }
        _ => Err(errors),
    }
}

/// Likewise a campaign, for some of these rules.
pub fn campaign_of(request: &Request, rules: &[Id]) -> Result<Campaign, FieldErrors> {
    let mut errors = FieldErrors::default();
    let times = errors.take("times", words::times(request.field("times")));
    let cap = errors.take("cap", words::count(request.field("cap"), 1_000_000_000));
    let terms = Terms::read(request, &mut errors);
    for field in ["from", "until"].into_iter().filter(|field| request.field(field).is_empty()) {
        errors.add(field, "date-missing");
    }
    let rules = rules.iter().filter(|rule| request.is_checked(&format!("rule-{rule}"))).cloned().collect();
    match (times, cap, terms) {
        (Some(times), Some(cap), Some(Terms { name, tiers, from: Some(from), until: Some(until), validity, limited })) => {
            Ok(Campaign { name, rules, tiers, from, until, times, cap, validity, limited, on: false, made_at: 0 })
        }
        _ => Err(errors),
    }
}

fn written(validity: Validity) -> (&'static str, String, String) {
    match validity {
        Validity::Forever => ("forever", String::new(), String::new()),
        Validity::Days(days) => ("days", days.to_string(), String::new()),
        Validity::Months(months) => ("months", months.to_string(), String::new()),
        Validity::Until(last) => ("until", String::new(), last.to_string()),
    }
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// As the form shows it.
pub fn known_rule(rule: &Document<Rule>) -> Value {
    let Rule { name, occasion, points, per, per_day, per_member, validity, limited, tiers, from, until, .. } = &rule.body;
    let (validity, valid_for, valid_until) = written(*validity);
    json!({
        "revision": rule.revision, "name": name, "occasion": occasion, "points": points.to_string(), "per": or_empty(*per),
        "per_day": or_empty(*per_day), "per_member": or_empty(*per_member), "validity": validity, "valid_for": valid_for,
        "valid_until": valid_until, "limited": limited, "tiers": tiers.join(", "), "from": or_empty(*from), "until": or_empty(*until),
    })
}

/// A form that nothing was typed in yet.
pub fn new_known() -> Value {
    json!({
        "revision": "", "name": "", "occasion": "joined", "points": "", "per": "", "per_day": "", "per_member": "",
        "validity": "months", "valid_for": "12", "valid_until": "", "limited": false, "tiers": "", "from": "", "until": "",
        "times": "2", "cap": "",
    })
}

pub fn known_campaign(campaign: &Document<Campaign>) -> Value {
    let Campaign { name, tiers, from, until, times, cap, validity, limited, .. } = &campaign.body;
    let (validity, valid_for, valid_until) = written(*validity);
    json!({
        "revision": campaign.revision, "name": name, "times": words::times_written(*times), "cap": or_empty(*cap), "validity": validity,
        "valid_for": valid_for, "valid_until": valid_until, "limited": limited, "tiers": tiers.join(", "), "from": from, "until": until,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsudoi_plugin::Failure;

    fn filled(changes: &[(&'static str, &'static str)]) -> Request {
        let mut form = vec![
            ("name", "入会特典"),
            ("occasion", "joined"),
            ("points", "500"),
            ("validity", "months"),
            ("valid_for", "12"),
            ("times", "2"),
            ("from", "2026-12-01"),
            ("until", "2026-12-31"),
        ];
        for change in changes {
            form.retain(|(field, _)| *field != change.0);
            form.push(*change);
        }
        Request::post("create-rule", &[], &form)
    }

    fn told(errors: FieldErrors) -> Vec<(String, String)> {
        match Failure::from(errors) {
            Failure::Invalid(errors) => errors.into_iter().map(|error| (error.field, error.message)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_rule_is_read_and_begins_switched_off() {
        let rule = rule_of(&filled(&[])).unwrap();
        assert_eq!((rule.points, rule.validity, rule.per, rule.on), (500, Validity::Months(12), None, false));
    }

    #[test]
    fn a_rule_for_payments_says_for_how_much() {
        assert_eq!(told(rule_of(&filled(&[("occasion", "paid")])).unwrap_err()), [("per".into(), "per-missing".into())]);
        assert_eq!(rule_of(&filled(&[("occasion", "paid"), ("per", "100")])).unwrap().per, Some(100));
        assert_eq!(rule_of(&filled(&[("per", "100")])).unwrap().per, None, "left over from another occasion");
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let wrong = told(rule_of(&filled(&[("name", ""), ("points", "0"), ("until", "2026-11-01"), ("valid_for", "")])).unwrap_err());
        let fields: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["points", "name", "until", "valid_for"]);
    }

    #[test]
    fn a_campaign_has_two_dates() {
        let campaign = campaign_of(&filled(&[("cap", "10,000")]), &[]).unwrap();
        assert_eq!((campaign.times, campaign.cap, campaign.rules.len()), (20, Some(10_000), 0));
        assert_eq!(told(campaign_of(&filled(&[("until", "")]), &[]).unwrap_err()), [("until".into(), "date-missing".into())]);
    }
}
