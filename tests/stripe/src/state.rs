//! Everything that was made so far.

use crate::Asked;
use crate::answer::{Answer, Outcome};
use crate::server::Trouble;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// What was answered under an idempotency key.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Method and path, with the parameters.
    pub request: (String, Value),
    /// `None` while the request is at work.
    pub answer: Option<Answer>,
}

pub struct State {
    /// Seconds since 1970.
    pub now: u64,
    /// Where payment pages are.
    pub pages: String,
    pub livemode: bool,
    pub objects: BTreeMap<String, Value>,
    pub order: Vec<String>,
    pub kept: BTreeMap<String, Kept>,
    pub events: Vec<Value>,
    pub asked: Vec<Asked>,
    pub troubles: VecDeque<Trouble>,
    /// How all requests end that come after these.
    pub outage: Option<Trouble>,
    /// Requests that are at work until they are released.
    pub held: usize,
    /// How refunds begin: `succeeded`, `pending` or `failed`.
    pub refunds_begin: String,
    count: u64,
}

impl State {
    pub fn new(now: u64) -> Self {
        Self {
            now,
            pages: String::new(),
            livemode: false,
            objects: BTreeMap::new(),
            order: Vec::new(),
            kept: BTreeMap::new(),
            events: Vec::new(),
            asked: Vec::new(),
            troubles: VecDeque::new(),
            outage: None,
            held: 0,
            refunds_begin: "succeeded".into(),
            count: 0,
        }
    }

    pub fn next_trouble(&mut self) -> Option<Trouble> {
        self.troubles.pop_front().or(self.outage)
    }

    pub fn fresh(&mut self, prefix: &str) -> String {
        self.count += 1;
        let mode = if self.livemode { "live" } else { "test" };
        match prefix {
            "cs" => format!("cs_{mode}_{:020}", self.count),
            _ => format!("{prefix}_{:020}", self.count),
        }
    }

    /// Keeps a new object, with what all of them have. Answers its id.
    pub fn make(&mut self, prefix: &str, kind: &str, mut object: Value) -> String {
        let id = self.fresh(prefix);
        object["id"] = json!(id);
        object["object"] = json!(kind);
        object["created"] = json!(self.now);
        object["livemode"] = json!(self.livemode);
        self.order.push(id.clone());
        self.objects.insert(id.clone(), object);
        id
    }

    /// The object of this kind and of the key's mode.
    pub fn find(&self, kind: &str, id: &str, parameter: Option<&str>) -> Outcome {
        let found = self.objects.get(id).filter(|object| object["object"] == kind && object["livemode"] == self.livemode);
        found.cloned().ok_or_else(|| Answer::no_such(kind, id, parameter))
    }

    pub fn get(&self, id: &str) -> Value {
        self.objects.get(id).cloned().unwrap_or_default()
    }

    pub fn set(&mut self, id: &str, changes: Value) {
        let (Some(object), Value::Object(changes)) = (self.objects.get_mut(id), changes) else { return };
        for (key, value) in changes {
            object[key] = value;
        }
    }

    /// All of a kind for which `holds`, the newest first, as a list.
    pub fn list(&self, path: &str, kind: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let objects = self.order.iter().rev().filter_map(|id| self.objects.get(id));
        let data: Vec<&Value> = objects.filter(|object| object["object"] == kind && holds(object)).collect();
        json!({ "object": "list", "url": path, "has_more": false, "data": data })
    }

    /// Tells of an object as it is now.
    pub fn tell(&mut self, kind: &str, id: &str, previous: Option<Value>) {
        let object = self.get(id);
        let livemode = object["livemode"].as_bool().unwrap_or_default();
        let mut data = json!({ "object": object });
        if let Some(previous) = previous {
            data["previous_attributes"] = previous;
        }
        let id = self.fresh("evt");
        self.events.push(json!({
            "id": id, "object": "event", "api_version": "2025-09-30.clover", "created": self.now, "data": data, "livemode": livemode,
            "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null }, "type": kind,
        }));
    }
}
