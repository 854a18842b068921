//! The form of a segment: whatever was typed, and the rule that comes of it.

use crate::Web;
use crate::fields::Fields;
use crate::parameters::as_typed;
use crate::visiting::Visiting;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tsudoi_kernel::Locale;
use tsudoi_kernel::manifest::Misfit;
use tsudoi_services::members::{MembershipStatus, Named};
use tsudoi_services::segments::{Condition, Meets, RuleChoice, RuleUse, Segment, SegmentChoices, SegmentRule, Test};

#[derive(Default)]
pub struct Form {
    pub name_ja: String,
    pub name_en: String,
    /// What it was when the form was made.
    pub state: String,
    pub meets_any: bool,
    pub conditions: Vec<Row>,
}

/// One condition as it is typed.
#[derive(Clone, Default)]
pub struct Row {
    /// `status`, `types`, `tiers`, `labels`, or a rule's `plugin/rule`.
    kind: String,
    not: bool,
    /// By the field's name in this row: `keys` of what is chosen from a list, else a parameter's.
    given: BTreeMap<String, Vec<String>>,
}

/// Parameters that are not in order: the condition's number, the parameter's name.
pub type Wrong = Vec<(usize, String, Misfit)>;

fn field(number: usize, name: &str) -> String {
    format!("condition-{number}-{name}")
}

impl Row {
    fn of(condition: &Condition) -> Self {
        let keys = |keys: &std::collections::BTreeSet<String>| BTreeMap::from([("keys".to_owned(), keys.iter().cloned().collect())]);
        let (kind, given) = match &condition.test {
            Test::Tiers { tiers } => ("tiers".to_owned(), keys(tiers)),
            Test::Labels { labels } => ("labels".to_owned(), keys(labels)),
            Test::Types { types } => ("types".to_owned(), keys(types)),
            Test::Status { status } => ("status".to_owned(), keys(&status.iter().map(|status| status.as_str().to_owned()).collect())),
            Test::Rule(rule) => {
                let given = rule.parameters.iter().map(|(name, value)| (format!("p-{name}"), as_typed(value)));
                (format!("{}/{}", rule.plugin, rule.rule), given.collect())
            }
        };
        Self { kind, not: condition.not, given }
    }

    /// A new one of this kind, with its defaults still to come.
    fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    fn sent(fields: &Fields, number: usize) -> Self {
        let prefix = field(number, "");
        let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in fields.pairs() {
            if let Some(name) = name.strip_prefix(&prefix).filter(|name| *name == "keys" || name.starts_with("p-")) {
                given.entry(name.to_owned()).or_default().push(value.clone());
            }
        }
        // A row with parameters was shown with all of them: a check box that did not come was not ticked.
        given.entry("shown".to_owned()).or_default();
        Self { kind: fields.get(&field(number, "kind")).to_owned(), not: fields.get(&field(number, "is")) == "not", given }
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.given.get(name).cloned().unwrap_or_default()
    }

    /// What stands in a parameter's field: what was typed, or its default in a row that was only just added.
    fn parameter(&self, choice: &RuleChoice, name: &str) -> Vec<String> {
        let default = || choice.rule.parameters.get(name).and_then(|parameter| parameter.default.as_ref()).map(as_typed);
        if self.given.is_empty() { default().unwrap_or_default() } else { self.texts(&format!("p-{name}")) }
    }

    fn test(&self, number: usize, choices: &SegmentChoices, wrong: &mut Wrong) -> Test {
        let keys = || self.texts("keys").into_iter().collect();
        let statuses = || self.texts("keys").iter().filter_map(|key| key.parse().ok()).collect();
        match (self.kind.as_str(), choices.rules.get(&self.kind)) {
            ("tiers", _) => Test::Tiers { tiers: keys() },
            ("labels", _) => Test::Labels { labels: keys() },
            ("types", _) => Test::Types { types: keys() },
            ("status", _) => Test::Status { status: statuses() },
            (kind, choice) => {
                let mut parameters = Map::new();
                for (name, parameter) in choice.iter().flat_map(|choice| &choice.rule.parameters) {
                    let texts = self.texts(&format!("p-{name}"));
                    match parameter.read(&texts.iter().map(String::as_str).collect::<Vec<_>>()) {
                        Ok(value) => drop(parameters.insert(name.clone(), value)),
                        Err(misfit) => wrong.push((number, name.clone(), misfit)),
                    }
                }
                let (plugin, rule) = kind.split_once('/').unwrap_or((kind, ""));
                Test::Rule(RuleUse { plugin: plugin.to_owned(), rule: rule.to_owned(), parameters })
            }
        }
    }
}

impl Form {
    pub fn of(segment: &Segment) -> Self {
        let name = |locale| segment.name.0.get(&locale).cloned().unwrap_or_default();
        Self {
            name_ja: name(Locale::Ja),
            name_en: name(Locale::En),
            state: String::new(),
            meets_any: segment.rule.meets == Meets::Any,
            conditions: segment.rule.conditions.iter().map(Row::of).collect(),
        }
    }

    pub fn sent(fields: &Fields) -> Self {
        let numbers = (0..SegmentRule::MOST_CONDITIONS).take_while(|number| fields.has(&field(*number, "kind")));
        Self {
            name_ja: fields.get("name_ja").to_owned(),
            name_en: fields.get("name_en").to_owned(),
            state: fields.get("state").to_owned(),
            meets_any: fields.get("meets") == "any",
            conditions: numbers.map(|number| Row::sent(fields, number)).collect(),
        }
    }

    /// Does what a button asks for: `add:tiers`, `add:fan-board/has-posted`, `remove:1`. Answers whether it was one of these.
    pub fn edit(&mut self, action: &str) -> bool {
        match action.split_once(':') {
            Some(("add", kind)) if self.conditions.len() < SegmentRule::MOST_CONDITIONS => self.conditions.push(Row::new(kind)),
            Some(("remove", number)) => {
                if let Some(number) = number.parse().ok().filter(|number| *number < self.conditions.len()) {
                    self.conditions.remove(number);
                }
            }
            Some(("add", _)) => {}
            _ => return false,
        }
        true
    }

    pub fn rule(&self, choices: &SegmentChoices) -> Result<SegmentRule, Wrong> {
        let mut wrong = Wrong::new();
        let conditions = self.conditions.iter().enumerate();
        let conditions = conditions.map(|(number, row)| Condition { test: row.test(number, choices, &mut wrong), not: row.not }).collect();
        let meets = if self.meets_any { Meets::Any } else { Meets::All };
        if wrong.is_empty() { Ok(SegmentRule { meets, conditions }) } else { Err(wrong) }
    }
}

/// The conditions as the template draws them.
pub fn drawn(web: &Web, locale: Locale, form: &Form, choices: &SegmentChoices, wrong: &Wrong) -> Vec<Value> {
    let row = |(number, row): (usize, &Row)| -> Value {
        let named = |named: &[Named]| -> Option<Vec<(String, String)>> {
            Some(named.iter().map(|named| (named.key.clone(), named.name.get(locale).to_owned())).collect())
        };
        let named = match row.kind.as_str() {
            "tiers" => named(&choices.audience.tiers),
            "labels" => named(&choices.audience.labels),
            "types" => named(&choices.audience.types),
            "status" => Some(MembershipStatus::ALL.map(|status| (status.as_str().to_owned(), web.status_words(locale, status))).into()),
            _ => None,
        };
        let (chosen, gone) = (row.texts("keys"), named.is_none() && !choices.rules.contains_key(&row.kind));
        let keys = named.into_iter().flatten().map(|(key, name)| json!({ "key": key, "name": name, "checked": chosen.contains(&key) }));
        let rule = choices.rules.get(&row.kind);
        let parameters =
            rule.into_iter().flat_map(|choice| choice.rule.parameters.iter().map(move |(name, declared)| (choice, name, declared)));
        let parameters = parameters.map(|(choice, name, declared)| {
            let misfit = wrong.iter().find(|(wrong, parameter, _)| *wrong == number && parameter == name).map(|(_, _, misfit)| *misfit);
            let texts = row.parameter(choice, name);
            web.parameter(locale, &field(number, &format!("p-{name}")), declared, &texts, misfit, &choices.audience)
        });
        json!({
            "number": number,
            "kind": row.kind,
            "not": row.not,
            "label": kind_label(web, locale, &row.kind, choices),
            "gone": gone,
            "keys": keys.collect::<Vec<_>>(),
            "parameters": parameters.collect::<Vec<_>>(),
        })
    };
    form.conditions.iter().enumerate().map(row).collect()
}

/// What can be added.
pub fn kinds(web: &Web, locale: Locale, choices: &SegmentChoices) -> Vec<Value> {
    let audience = &choices.audience;
    let named = [
        ("status", false),
        ("types", audience.types.is_empty()),
        ("tiers", audience.tiers.is_empty()),
        ("labels", audience.labels.is_empty()),
    ];
    let named = named.into_iter().filter(|(_, is_empty)| !is_empty).map(|(kind, _)| kind);
    let kinds = named.chain(choices.rules.keys().map(String::as_str));
    kinds.map(|kind| json!({ "kind": kind, "label": kind_label(web, locale, kind, choices) })).collect()
}

/// A kind of condition in words: 「会員ランク」, 「掲示板: 投稿した」.
fn kind_label(web: &Web, locale: Locale, kind: &str, choices: &SegmentChoices) -> String {
    match (kind, choices.rules.get(kind)) {
        ("status" | "types" | "tiers" | "labels", _) => web.look.message(locale, &format!("segments-kind-{kind}"), &json!({})),
        (_, Some(choice)) => {
            let names = json!({ "plugin": choice.manifest.name.get(locale), "rule": choice.rule.label.get(locale) });
            web.look.message(locale, "segments-kind-rule", &names)
        }
        (_, None) => kind.to_owned(),
    }
}

impl Web {
    /// Each condition in words.
    pub(super) fn segment_words(&self, visiting: &Visiting, rule: &SegmentRule, choices: &SegmentChoices) -> Vec<String> {
        let locale = visiting.locale();
        let separator = self.look.message(locale, "list-separator", &json!({}));
        let audience = &choices.audience;
        let words = |condition: &Condition| {
            let row = Row::of(condition);
            let values: Vec<String> = match &condition.test {
                Test::Tiers { tiers } => tiers.iter().map(|key| audience.tier(key, locale).to_owned()).collect(),
                Test::Labels { labels } => labels.iter().map(|key| audience.label(key, locale).to_owned()).collect(),
                Test::Types { types } => types.iter().map(|key| audience.member_type(key, locale).to_owned()).collect(),
                Test::Status { status } => status.iter().map(|status| self.status_words(locale, *status)).collect(),
                Test::Rule(rule) => {
                    let declared = choices.rules.get(&row.kind).map(|choice| &choice.rule.parameters);
                    let parameters = rule.parameters.iter().filter_map(|(name, value)| {
                        let declared = declared?.get(name)?;
                        Some(format!("{}: {}", declared.label.get(locale), self.words_of(locale, declared, value, audience)))
                    });
                    parameters.collect()
                }
            };
            let label = kind_label(self, locale, &row.kind, choices);
            let key = match (values.is_empty(), condition.not) {
                (true, false) => "segments-words-bare",
                (true, true) => "segments-words-bare-not",
                (false, false) => "segments-words",
                (false, true) => "segments-words-not",
            };
            self.look.message(locale, key, &json!({ "label": label, "values": values.join(&separator) }))
        };
        rule.conditions.iter().map(words).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsudoi_kernel::manifest::{Manifest, RuleDeclaration};
    use tsudoi_services::pages::Audience;

    fn choices() -> SegmentChoices {
        let count = json!({ "type": "integer", "label": { "ja": "件数" }, "default": 1, "minimum": 1, "maximum": 50 });
        let pinned = json!({ "type": "boolean", "label": { "ja": "固定" }, "default": true });
        let rule = json!({ "name": "posted", "label": { "ja": "投稿した" }, "parameters": { "count": count, "pinned": pinned } });
        let rule: RuleDeclaration = serde_json::from_value(rule).unwrap();
        let manifest = json!({ "id": "board", "version": "1.0.0", "contract": "0.1", "name": { "ja": "掲示板" }, "rules": [rule] });
        let manifest: Manifest = serde_json::from_value(manifest).unwrap();
        let choice = RuleChoice { manifest: manifest.into(), rule };
        let tiers = vec![Named { key: "gold".into(), name: Default::default() }];
        SegmentChoices { audience: Audience { tiers, ..Audience::default() }, rules: BTreeMap::from([("board/posted".to_owned(), choice)]) }
    }

    fn sent(pairs: &[(&str, &str)]) -> Form {
        Form::sent(&Fields::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()))
    }

    #[test]
    fn a_form_becomes_a_rule_and_a_rule_the_same_form() {
        let form = sent(&[
            ("meets", "any"),
            ("condition-0-kind", "tiers"),
            ("condition-0-is", "not"),
            ("condition-0-keys", "gold"),
            ("condition-1-kind", "board/posted"),
            ("condition-1-p-count", "3"),
        ]);
        let rule = form.rule(&choices()).unwrap();
        let expected = json!({ "meets": "any", "conditions": [
            { "kind": "tiers", "tiers": ["gold"], "not": true },
            { "kind": "rule", "plugin": "board", "rule": "posted", "parameters": { "count": 3, "pinned": false } },
        ]});
        assert_eq!(serde_json::to_value(&rule).unwrap(), expected);
        let name = Default::default();
        assert_eq!(Form::of(&Segment { key: "list-1".into(), name, rule: rule.clone() }).rule(&choices()).unwrap(), rule);
    }

    #[test]
    fn buttons_add_conditions_with_their_defaults_and_remove_them() {
        let mut form = sent(&[("condition-0-kind", "tiers"), ("condition-0-keys", "gold")]);
        assert!(form.edit("add:board/posted") && form.conditions.len() == 2);
        let choices = choices();
        assert_eq!(form.conditions[1].parameter(&choices.rules["board/posted"], "count"), ["1"]);
        assert!(form.edit("remove:0") && form.edit("remove:9"));
        assert_eq!(form.conditions.len(), 1);
        assert_eq!(form.conditions[0].kind, "board/posted");
        assert!(!form.edit("save") && !form.edit("look"));
    }

    #[test]
    fn what_does_not_fit_is_said_beside_its_parameter() {
        let form = sent(&[("condition-0-kind", "board/posted"), ("condition-0-p-count", "many")]);
        assert_eq!(form.rule(&choices()).unwrap_err(), [(0, "count".to_owned(), Misfit::NotInteger)]);
    }
}
