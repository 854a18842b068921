//! For staff who want to know: where each block of a page came from, what it read and what it cost.

use crate::Web;
use crate::visiting::Visiting;
use serde_json::json;
use std::collections::BTreeMap;
use tsudoi_kernel::Permission;
use tsudoi_kernel::changes::Read;
use tsudoi_services::plugins::ShownBlock;

/// The parameter of a page's address that switches the notes on.
pub const PARAMETER: &str = "parts";

impl Web {
    /// A note about one block; `None` unless staff who may change the site asked for it.
    pub(super) fn cost_note(&self, visiting: &Visiting, block: &ShownBlock) -> Option<String> {
        let query = visiting.target.split_once('?').map_or("", |(_, query)| query);
        let asked = query.split('&').any(|pair| pair.split('=').next() == Some(PARAMETER));
        if !asked || !visiting.visitor().may(Permission::SITE) {
            return None;
        }
        let say = |key: &str, args: serde_json::Value| self.look.message(visiting.locale(), key, &args);
        let answered = &block.answered;
        let name = format!("{}/{}", block.loaded.manifest.id, block.name);
        let from = if answered.cached { "parts-kept" } else { "parts-made" };
        let mut sentences = vec![say(from, json!({ "block": name, "microseconds": block.took.as_micros() as u64 }))];
        let mut read: BTreeMap<(&str, String), u32> = BTreeMap::new();
        for (thing, _) in answered.reads.iter() {
            let (key, name) = match thing {
                Read::Document { collection, .. } => ("parts-documents", collection.clone()),
                Read::Stretch { collection, index, .. } => ("parts-stretches", format!("{collection}/{index}")),
                Read::Member(_) => ("parts-members", String::new()),
                Read::Members => ("parts-all-members", String::new()),
                Read::Fact(fact) => ("parts-facts", shown_fact(fact)),
            };
            *read.entry((key, name)).or_default() += 1;
        }
        let read = read.into_iter().map(|((key, name), count)| say(key, json!({ "name": name, "count": count })));
        let read: Vec<String> = read.collect();
        sentences.push(say("parts-read", json!({ "things": read.join(&say("list-separator", json!({}))) })));
        sentences.push(say(if answered.visitor_reads.is_empty() { "parts-for-all" } else { "parts-by-visitor" }, json!({})));
        if answered.kept.is_none() {
            sentences.push(say("parts-not-kept", json!({})));
        }
        sentences.push(say("parts-cost", json!({ "calls": answered.host_calls, "reruns": answered.reruns })));
        Some(sentences.join(" "))
    }
}

/// Without ids, which say nothing to anybody.
fn shown_fact(fact: &str) -> String {
    match fact.split(':').collect::<Vec<_>>()[..] {
        ["setting", _, key] => key.to_owned(),
        [first, ..] => first.to_owned(),
        [] => String::new(),
    }
}
