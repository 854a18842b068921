//! The same steps taken one after another, with nobody else around: what every interleaving must look like.

use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One step of a call, as `tests/plugins/ledger` reads it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Get { entry: u8 },
    Scan { from: i64, before: i64 },
    Count { from: i64, before: i64 },
    Put { entry: u8, slot: String, value: i64 },
    Add { entry: u8, value: i64 },
    Delete { entry: u8 },
}

/// Entries by number: slot and value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model(BTreeMap<u8, (String, i64)>);

impl Model {
    /// What a call answers that finds this, and what it leaves behind.
    pub fn take(&self, steps: &[Step]) -> (Vec<Value>, Self) {
        let mut state = self.clone();
        let answers = steps.iter().map(|step| state.step(step)).collect();
        (answers, state)
    }

    fn step(&mut self, step: &Step) -> Value {
        let shown = |(slot, value): &(String, i64)| json!({ "slot": slot, "value": value });
        match step {
            Step::Get { entry } => self.0.get(entry).map_or(Value::Null, shown),
            Step::Scan { from, before } => {
                let mut found = self.between(*from, *before);
                found.sort_by_key(|(entry, (_, value))| (*value, **entry));
                found.into_iter().map(|(_, entry)| shown(entry)).collect()
            }
            Step::Count { from, before } => json!(self.between(*from, *before).len()),
            Step::Put { entry, slot, value } => {
                if self.0.iter().any(|(other, (taken, _))| other != entry && taken == slot) {
                    return json!("duplicate");
                }
                self.0.insert(*entry, (slot.clone(), *value));
                json!("done")
            }
            Step::Add { entry, value } => {
                let Some((_, known)) = self.0.get_mut(entry) else { return json!("missing") };
                *known += value;
                json!("done")
            }
            Step::Delete { entry } => json!(if self.0.remove(entry).is_some() { "done" } else { "not-found" }),
        }
    }

    fn between(&self, from: i64, before: i64) -> Vec<(&u8, &(String, i64))> {
        self.0.iter().filter(|(_, (_, value))| (from..before).contains(value)).collect()
    }
}

/// Whether any of the answers says that something was written.
pub fn has_written(answers: &[Value]) -> bool {
    answers.iter().any(|answer| answer == "done")
}
