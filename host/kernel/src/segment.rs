//! Segments: members who have something in common, by conditions instead of by hand.

use crate::locale::Localised;
use crate::manifest::Manifest;
use crate::membership::MembershipStatus;
use crate::visitor::MemberFacts;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A saved segment. Gates name it by its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    pub key: String,
    pub name: Localised,
    pub rule: SegmentRule,
}

/// Which members are in it. In JSON: `{"meets":"all","conditions":[{"kind":"tiers","tiers":["gold"]},{"kind":"rule",
/// "plugin":"fan-board","rule":"has-posted","parameters":{"posts":10},"not":true}]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentRule {
    pub meets: Meets,
    pub conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meets {
    All,
    Any,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    #[serde(flatten)]
    pub test: Test,
    /// The test has to fail.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Test {
    /// Has one of these tiers, by key.
    Tiers { tiers: BTreeSet<String> },
    /// Has at least one of these labels, by key.
    Labels { labels: BTreeSet<String> },
    /// Has one of these types of membership, by key.
    Types { types: BTreeSet<String> },
    /// The membership has one of these statuses.
    Status { status: BTreeSet<MembershipStatus> },
    /// Meets a rule of a plugin.
    Rule(RuleUse),
}

/// A plugin's rule, with what staff chose for its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleUse {
    pub plugin: String,
    pub rule: String,
    #[serde(default)]
    pub parameters: Map<String, Value>,
}

impl SegmentRule {
    pub const MOST_CONDITIONS: usize = 10;

    /// The rules of plugins that it asks.
    pub fn rules(&self) -> impl Iterator<Item = &RuleUse> {
        self.conditions.iter().filter_map(|condition| match &condition.test {
            Test::Rule(rule) => Some(rule),
            Test::Tiers { .. } | Test::Labels { .. } | Test::Types { .. } | Test::Status { .. } => None,
        })
    }

    /// Whether a member is in the segment; `meets` answers for plugins' rules. Without a condition nobody is.
    pub fn holds(&self, member: &MemberFacts, meets: impl Fn(&RuleUse) -> bool) -> bool {
        let mut outcomes = self.conditions.iter().map(|condition| {
            let passes = match &condition.test {
                Test::Tiers { tiers } => member.tier.as_ref().is_some_and(|tier| tiers.contains(tier)),
                Test::Labels { labels } => !labels.is_disjoint(&member.labels),
                Test::Types { types } => member.member_type.as_ref().is_some_and(|known| types.contains(known)),
                Test::Status { status } => status.contains(&member.status),
                Test::Rule(rule) => meets(rule),
            };
            passes != condition.not
        });
        match self.meets {
            Meets::All => !self.conditions.is_empty() && outcomes.all(|outcome| outcome),
            Meets::Any => outcomes.any(|outcome| outcome),
        }
    }
}

impl RuleUse {
    /// The parameters that the rule is asked with, where the plugin still has it and they still fit.
    pub fn complete(&self, manifest: &Manifest) -> Option<Map<String, Value>> {
        let rule = manifest.rule(&self.rule)?;
        crate::manifest::plugin_requests::complete_parameters(&rule.parameters, self.parameters.clone()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::MemberId;

    fn hanako() -> MemberFacts {
        let labels = BTreeSet::from(["press".to_owned()]);
        let (id, display_name, tier) = (MemberId(uuid::Uuid::nil()), "花子".into(), Some("gold".into()));
        MemberFacts { id, display_name, member_type: Some("student".into()), status: MembershipStatus::Grace, tier, labels }
    }

    fn holds(rule: &str, met: bool) -> bool {
        let rule: SegmentRule = serde_json::from_str(rule).unwrap();
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<SegmentRule>(&text).unwrap(), rule);
        rule.holds(&hanako(), |_| met)
    }

    #[test]
    fn all_of_the_conditions_hold_or_one_of_them() {
        let gold = r#"{"kind":"tiers","tiers":["gold"]}"#;
        let no_press = r#"{"kind":"labels","labels":["press"],"not":true}"#;
        let rule = r#"{"kind":"rule","plugin":"fan-board","rule":"has-posted","parameters":{"posts":3}}"#;
        let of = |meets: &str, conditions: &[&str]| format!(r#"{{"meets":"{meets}","conditions":[{}]}}"#, conditions.join(","));
        assert!(holds(&of("all", &[gold, rule]), true));
        assert!(holds(&of("all", &[r#"{"kind":"types","types":["student"]}"#, r#"{"kind":"status","status":["grace","lapsed"]}"#]), true));
        assert!(!holds(&of("any", &[r#"{"kind":"types","types":["regular"]}"#, r#"{"kind":"status","status":["current"]}"#]), true));
        assert!(!holds(&of("all", &[gold, rule]), false));
        assert!(holds(&of("any", &[gold, rule]), false));
        assert!(!holds(&of("all", &[gold, no_press]), true));
        assert!(!holds(&of("any", &[no_press, rule]), false));
        assert!(!holds(&of("all", &[]), true) && !holds(&of("any", &[]), true), "nobody meets no condition");
    }
}
