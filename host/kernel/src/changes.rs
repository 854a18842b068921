//! The clock of an organisation: what a call has read, what a commit has touched, and whether the two meet.
//!
//! Every transaction that changes anything a plugin can read adds one to the organisation's clock and writes one
//! [`Change`] under that number. A call keeps a [`ReadSet`]: each [`Read`] with the clock's number at which it was
//! made. It still stands when no change of a later number touches it.

use crate::ids::{InstallationId, MemberId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// One thing that a call has learned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Read {
    /// A document, or that there is none under this id.
    Document { installation: InstallationId, collection: String, id: Uuid },
    /// The keys of an index from `from` (inclusive) to `to` (exclusive).
    Stretch { installation: InstallationId, collection: String, index: String, from: Vec<u8>, to: Vec<u8> },
    /// A member's fields, tier, labels, or that there is none under this id.
    Member(MemberId),
    /// Which members there are.
    Members,
    /// Something named: `organisation`, `installation:<id>`, `setting:<installation>:<key>`.
    Fact(String),
}

impl Read {
    /// That it is enabled, its version and its grant.
    pub fn installation(id: InstallationId) -> Self {
        Self::Fact(installation_fact(id))
    }
}

/// How an invoice is named in changes, with what was paid and credited of it.
pub fn invoice_fact(id: Uuid) -> String {
    format!("invoice:{id}")
}

/// Which invoices are to be paid, and how much of each.
pub const RECEIVABLES: &str = "receivables";

/// Which forms there are that plugins may use, and what they ask.
pub const FORMS: &str = "forms";

/// How an organisation invoices.
pub const INVOICE_SETTINGS: &str = "invoice-settings";

/// How [`Read::installation`] is named in changes.
pub fn installation_fact(id: InstallationId) -> String {
    // Made in every call, so without the machinery of `format!`.
    ["installation:", id.0.hyphenated().encode_lower(&mut Uuid::encode_buffer())].concat()
}

/// A document that a commit wrote or deleted, with the index keys that it left and those that it took. A key that
/// stays the same is in both, since what stands under it has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentChange {
    pub installation: InstallationId,
    pub collection: String,
    pub id: Uuid,
    /// (index, key), old and new together.
    pub keys: Vec<(String, Vec<u8>)>,
}

/// What one transaction touched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Change {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentChange>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<MemberId>,
    /// A bulk import says so instead of naming each.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all_members: bool,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub facts: BTreeSet<String>,
    /// Every read of these installations: their documents were replaced as a whole.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub installations: BTreeSet<InstallationId>,
    /// It left something for the workers: events or jobs.
    #[serde(skip)]
    pub leaves_work: bool,
}

impl Change {
    pub fn fact(name: impl Into<String>) -> Self {
        Self { facts: BTreeSet::from([name.into()]), ..Self::default() }
    }

    pub fn member(id: MemberId) -> Self {
        Self { members: BTreeSet::from([id]), ..Self::default() }
    }

    pub fn every_member() -> Self {
        Self { all_members: true, ..Self::default() }
    }

    /// Whether what `read` saw may be different now.
    pub fn touches(&self, read: &Read) -> bool {
        match read {
            Read::Document { installation, collection, id } => {
                self.installations.contains(installation)
                    || self
                        .documents
                        .iter()
                        .any(|document| document.id == *id && document.installation == *installation && document.collection == *collection)
            }
            Read::Stretch { installation, collection, index, from, to } => {
                self.installations.contains(installation)
                    || self.documents.iter().any(|document| {
                        document.installation == *installation
                            && document.collection == *collection
                            && document.keys.iter().any(|(name, key)| name == index && key >= from && key < to)
                    })
            }
            Read::Member(id) => self.all_members || self.members.contains(id),
            Read::Members => self.all_members || !self.members.is_empty(),
            Read::Fact(name) => self.facts.contains(name),
        }
    }
}

/// What a call has read so far; for each thing the lowest number at which it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadSet(BTreeMap<Read, u64>);

impl ReadSet {
    pub fn add(&mut self, read: Read, number: u64) {
        self.0.entry(read).and_modify(|seen| *seen = (*seen).min(number)).or_insert(number);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Read, u64)> {
        self.0.iter().map(|(read, number)| (read, *number))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The numbers of the earliest and of the latest read.
    pub fn numbers(&self) -> Option<(u64, u64)> {
        let earliest = self.0.values().min()?;
        let latest = self.0.values().max()?;
        Some((*earliest, *latest))
    }

    /// Whether `change`, made at `number`, touches something that was read before it.
    pub fn is_touched_by(&self, number: u64, change: &Change) -> bool {
        self.0.iter().any(|(read, seen)| *seen < number && change.touches(read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation(n: u128) -> InstallationId {
        InstallationId(Uuid::from_u128(n))
    }

    fn written(id: u128, keys: &[&[u8]]) -> Change {
        Change {
            documents: vec![DocumentChange {
                installation: installation(1),
                collection: "threads".into(),
                id: Uuid::from_u128(id),
                keys: keys.iter().map(|key| ("latest".to_owned(), key.to_vec())).collect(),
            }],
            ..Change::default()
        }
    }

    fn stretch(from: &[u8], to: &[u8]) -> Read {
        Read::Stretch {
            installation: installation(1),
            collection: "threads".into(),
            index: "latest".into(),
            from: from.into(),
            to: to.into(),
        }
    }

    #[test]
    fn a_document_is_touched_by_a_write_to_it_and_to_no_other() {
        let read = Read::Document { installation: installation(1), collection: "threads".into(), id: Uuid::from_u128(7) };
        assert!(written(7, &[]).touches(&read));
        assert!(!written(8, &[]).touches(&read));
        let elsewhere = Read::Document { installation: installation(2), collection: "threads".into(), id: Uuid::from_u128(7) };
        assert!(!written(7, &[]).touches(&elsewhere));
    }

    #[test]
    fn a_stretch_holds_its_start_and_not_its_end() {
        assert!(written(1, &[b"b"]).touches(&stretch(b"b", b"d")));
        assert!(written(1, &[b"c"]).touches(&stretch(b"b", b"d")));
        assert!(!written(1, &[b"d"]).touches(&stretch(b"b", b"d")));
        assert!(!written(1, &[b"a"]).touches(&stretch(b"b", b"d")));
    }

    #[test]
    fn a_stretch_is_touched_by_a_key_that_leaves_it() {
        let moved = written(1, &[b"b", b"z"]);
        assert!(moved.touches(&stretch(b"b", b"c")));
        assert!(moved.touches(&stretch(b"y", b"zz")));
    }

    #[test]
    fn a_bulk_import_touches_every_member() {
        let read = Read::Member(MemberId(Uuid::from_u128(1)));
        assert!(Change::every_member().touches(&read));
        assert!(Change::every_member().touches(&Read::Members));
        assert!(!Change::member(MemberId(Uuid::from_u128(2))).touches(&read));
    }

    #[test]
    fn only_changes_after_a_read_count() {
        let mut reads = ReadSet::default();
        reads.add(Read::Fact("organisation".into()), 5);
        reads.add(Read::Fact("organisation".into()), 9);
        let change = Change::fact("organisation");
        assert!(!reads.is_touched_by(5, &change));
        assert!(reads.is_touched_by(6, &change));
        assert_eq!(reads.numbers(), Some((5, 5)));
    }
}
