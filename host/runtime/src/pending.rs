//! What a command wants to write, kept until it ends, and seen by its own reads.

use std::collections::BTreeMap;
use tsudoi_kernel::ports::{IndexKey, StoredDocument, Stretch, Write};
use uuid::Uuid;

#[derive(Debug, Default)]
pub struct Pending {
    changes: BTreeMap<(String, Uuid), Pended>,
    /// Counts the writes, to keep their order.
    written: u64,
}

#[derive(Debug)]
struct Pended {
    position: u64,
    /// Whether there was a document before this call.
    stored: bool,
    /// `None`: deleted.
    document: Option<(StoredDocument, Vec<IndexKey>)>,
}

impl Pending {
    /// The document as this call left it: `None` where it did not touch it, `Some(None)` where it deleted it.
    pub fn get(&self, collection: &str, id: Uuid) -> Option<Option<&StoredDocument>> {
        let pended = self.changes.get(&(collection.to_owned(), id))?;
        Some(pended.document.as_ref().map(|(document, _)| document))
    }

    pub fn is_touched(&self, collection: &str, id: Uuid) -> bool {
        self.get(collection, id).is_some()
    }

    /// How many documents of `collection` this call touched.
    pub fn touched(&self, collection: &str) -> usize {
        self.changes.keys().filter(|(name, _)| name == collection).count()
    }

    /// `stored`: whether there is such a document outside this call.
    pub fn put(&mut self, collection: &str, stored: bool, document: StoredDocument, keys: Vec<IndexKey>) {
        self.note((collection.to_owned(), document.id), stored, Some((document, keys)));
    }

    pub fn delete(&mut self, collection: &str, stored: bool, id: Uuid) {
        let place = (collection.to_owned(), id);
        let stored = self.changes.get(&place).map_or(stored, |pended| pended.stored);
        if stored {
            self.note(place, true, None);
        } else {
            // It came and went within this call: nobody else ever sees it.
            self.changes.remove(&place);
        }
    }

    fn note(&mut self, place: (String, Uuid), stored: bool, document: Option<(StoredDocument, Vec<IndexKey>)>) {
        self.written += 1;
        let position = self.written;
        let stored = self.changes.get(&place).map_or(stored, |pended| pended.stored);
        self.changes.insert(place, Pended { position, stored, document });
    }

    /// This call's own documents in `stretch`, with their keys.
    pub fn within<'a>(&'a self, stretch: &'a Stretch) -> impl Iterator<Item = (&'a [u8], &'a StoredDocument)> {
        let of_collection = self.changes.iter().filter(|((collection, _), _)| *collection == stretch.collection);
        of_collection.filter_map(|(_, pended)| pended.document.as_ref()).flat_map(|(document, keys)| {
            let inside = |key: &&IndexKey| key.index == stretch.index && key.key >= stretch.from && key.key < stretch.to;
            keys.iter().filter(inside).map(move |key| (key.key.as_slice(), document))
        })
    }

    /// Deletions first, so that a key which they leave is free, then the rest in the order of the last write to each.
    pub fn into_writes(self) -> Vec<Write> {
        let mut changes = self.changes.into_iter().collect::<Vec<_>>();
        changes.sort_by_key(|(_, pended)| (pended.document.is_some(), pended.position));
        changes
            .into_iter()
            .map(|((collection, id), pended)| match pended.document {
                Some((document, keys)) => Write::Put { collection, document, keys },
                None => Write::Delete { collection, id },
            })
            .collect()
    }
}
