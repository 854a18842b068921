//! Gates: who may enter.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Who may enter, in the form that the host keeps and asks. Kept as it is, so that kinds of a later host survive.
/// [`Visitor::may_enter`](crate::Visitor::may_enter) asks it. Staff pass every gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gate(Value);

impl Gate {
    pub fn everyone() -> Self {
        Self(json!({ "kind": "everyone" }))
    }

    pub fn members() -> Self {
        Self(json!({ "kind": "members" }))
    }

    /// Members of one of these tiers, by key.
    pub fn tiers(keys: &[String]) -> Self {
        Self(json!({ "kind": "tiers", "tiers": keys }))
    }

    /// Members with at least one of these labels, by key.
    pub fn labels(keys: &[String]) -> Self {
        Self(json!({ "kind": "labels", "labels": keys }))
    }

    /// Members who are in one of these segments, by key.
    pub fn segments(keys: &[String]) -> Self {
        Self(json!({ "kind": "segments", "segments": keys }))
    }

    pub fn staff() -> Self {
        Self(json!({ "kind": "staff" }))
    }

    /// `everyone`, `members`, `tiers`, `labels`, `segments`, `staff`, or what a later host knows.
    pub fn kind(&self) -> &str {
        self.0.get("kind").and_then(Value::as_str).unwrap_or_default()
    }

    /// The keys of the tiers, labels or segments that it names.
    pub fn keys(&self) -> Vec<&str> {
        let named = ["tiers", "labels", "segments"].into_iter().find_map(|name| self.0.get(name)?.as_array());
        named.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    pub(crate) fn as_json(&self) -> String {
        self.0.to_string()
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::everyone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_of_a_later_host_survives() {
        let text = r#"{"hours":"09:00","kind":"hours"}"#;
        let gate: Gate = serde_json::from_str(text).unwrap();
        assert_eq!(gate.kind(), "hours");
        assert_eq!(gate.as_json(), text);
    }
}
