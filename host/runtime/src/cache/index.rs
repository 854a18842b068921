//! Which kept answers read what, by what a change touches: applying one does not walk every answer.
//!
//! Stretches of an index stand under what their two ends have in common: every key between two ends that begin alike
//! begins so too. So a key finds its stretches by its own beginnings, of which only lengths that occur are tried.

use super::fingerprint::Key;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use tsudoi_kernel::changes::{Change, Read, ReadSet};
use tsudoi_kernel::{InstallationId, MemberId};
use uuid::Uuid;

#[derive(Default)]
pub struct Index {
    kept: HashMap<Key, (u64, Arc<ReadSet>)>,
    /// Ids of documents are unique enough: one of another collection may be mistaken for it, and costs a run.
    documents: HashMap<(InstallationId, Uuid), HashSet<Key>>,
    stretches: HashMap<(InstallationId, String, String), Stretches>,
    members: HashMap<MemberId, HashSet<Key>>,
    all_members: HashSet<Key>,
    facts: HashMap<String, HashSet<Key>>,
    installations: HashMap<InstallationId, HashSet<Key>>,
}

/// From, to, and whose.
type Stretch = (Vec<u8>, Vec<u8>, Key);

#[derive(Default)]
struct Stretches {
    /// By the common beginning of from and to.
    beginnings: HashMap<Vec<u8>, Vec<Stretch>>,
    /// How many of `beginnings` have each length.
    lengths: BTreeMap<usize, usize>,
}

impl Stretches {
    fn add(&mut self, from: &[u8], to: &[u8], key: Key) {
        let common = common(from, to);
        let found = self.beginnings.entry(common.to_vec()).or_insert_with(|| {
            *self.lengths.entry(common.len()).or_default() += 1;
            Vec::new()
        });
        found.push((from.to_vec(), to.to_vec(), key));
    }

    fn remove(&mut self, from: &[u8], to: &[u8], key: Key) {
        let common = common(from, to);
        let Some(found) = self.beginnings.get_mut(common) else { return };
        if let Some(position) = found.iter().position(|(start, end, whose)| *whose == key && start == from && end == to) {
            found.swap_remove(position);
        }
        if found.is_empty() {
            self.beginnings.remove(common);
            if let Some(count) = self.lengths.get_mut(&common.len()) {
                *count -= 1;
                if *count == 0 {
                    self.lengths.remove(&common.len());
                }
            }
        }
    }

    fn holding<'a>(&'a self, place: &'a [u8]) -> impl Iterator<Item = Key> + 'a {
        let beginnings = self.lengths.keys().filter_map(move |length| self.beginnings.get(place.get(..*length)?));
        beginnings.flatten().filter(move |(from, to, _)| place >= &**from && place < &**to).map(|(_, _, key)| *key)
    }
}

fn common<'a>(from: &'a [u8], to: &[u8]) -> &'a [u8] {
    let length = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    &from[..length]
}

fn forget<K: std::hash::Hash + Eq>(map: &mut HashMap<K, HashSet<Key>>, place: &K, key: Key) {
    if let Some(keys) = map.get_mut(place) {
        keys.remove(&key);
        if keys.is_empty() {
            map.remove(place);
        }
    }
}

impl Index {
    pub fn add(&mut self, key: Key, name: u64, reads: Arc<ReadSet>) {
        self.take_out(key);
        for (read, _) in reads.iter() {
            match read {
                Read::Document { installation, id, .. } => {
                    self.documents.entry((*installation, *id)).or_default().insert(key);
                    self.installations.entry(*installation).or_default().insert(key);
                }
                Read::Stretch { installation, collection, index, from, to } => {
                    let place = (*installation, collection.clone(), index.clone());
                    self.stretches.entry(place).or_default().add(from, to, key);
                    self.installations.entry(*installation).or_default().insert(key);
                }
                Read::Member(id) => drop(self.members.entry(*id).or_default().insert(key)),
                Read::Members => drop(self.all_members.insert(key)),
                Read::Fact(fact) => drop(self.facts.entry(fact.clone()).or_default().insert(key)),
            }
        }
        self.kept.insert(key, (name, reads));
    }

    /// Unless something newer is kept under this key.
    pub fn remove(&mut self, key: Key, name: u64) {
        if self.kept.get(&key).is_some_and(|(kept, _)| *kept == name) {
            self.take_out(key);
        }
    }

    fn take_out(&mut self, key: Key) {
        let Some((_, reads)) = self.kept.remove(&key) else { return };
        for (read, _) in reads.iter() {
            match read {
                Read::Document { installation, id, .. } => {
                    forget(&mut self.documents, &(*installation, *id), key);
                    forget(&mut self.installations, installation, key);
                }
                Read::Stretch { installation, collection, index, from, to } => {
                    let place = (*installation, collection.clone(), index.clone());
                    if let Some(stretches) = self.stretches.get_mut(&place) {
                        stretches.remove(from, to, key);
                        if stretches.beginnings.is_empty() {
                            self.stretches.remove(&place);
                        }
                    }
                    forget(&mut self.installations, installation, key);
                }
                Read::Member(id) => forget(&mut self.members, id, key),
                Read::Members => drop(self.all_members.remove(&key)),
                Read::Fact(fact) => forget(&mut self.facts, fact, key),
            }
        }
    }

    /// Takes out what `change` touches and answers it.
    pub fn touched_by(&mut self, change: &Change) -> Vec<Key> {
        let mut touched = HashSet::new();
        for document in &change.documents {
            touched.extend(self.documents.get(&(document.installation, document.id)).into_iter().flatten());
            for (index, key) in &document.keys {
                let place = (document.installation, document.collection.clone(), index.clone());
                touched.extend(self.stretches.get(&place).into_iter().flat_map(|stretches| stretches.holding(key)));
            }
        }
        if change.all_members {
            touched.extend(self.members.values().flatten());
        }
        for member in &change.members {
            touched.extend(self.members.get(member).into_iter().flatten());
        }
        if change.all_members || !change.members.is_empty() {
            touched.extend(&self.all_members);
        }
        for fact in &change.facts {
            touched.extend(self.facts.get(fact).into_iter().flatten());
        }
        for installation in &change.installations {
            touched.extend(self.installations.get(installation).into_iter().flatten());
        }
        let touched: Vec<Key> = touched.into_iter().collect();
        touched.iter().for_each(|key| self.take_out(*key));
        touched
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    pub fn all(self) -> Vec<Key> {
        self.kept.into_keys().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Fingerprint;
    use tsudoi_kernel::changes::DocumentChange;

    /// Numbers that look random and are the same in each run (a linear congruential generator, Knuth's constants).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % most
        }

        fn place(&mut self) -> Vec<u8> {
            (0..=self.below(3)).map(|_| self.below(3) as u8).collect()
        }

        fn installation(&mut self) -> InstallationId {
            InstallationId(Uuid::from_u128(self.below(2).into()))
        }

        fn read(&mut self) -> Read {
            let installation = self.installation();
            match self.below(5) {
                0 => Read::Document { installation, collection: "threads".into(), id: Uuid::from_u128(self.below(4).into()) },
                1 | 2 => {
                    let (a, b) = (self.place(), self.place());
                    let (from, to) = if a < b { (a, b) } else { (b, a) };
                    Read::Stretch { installation, collection: "threads".into(), index: self.below(2).to_string(), from, to }
                }
                3 if self.below(3) == 0 => Read::Members,
                3 => Read::Member(MemberId(Uuid::from_u128(self.below(4).into()))),
                _ => Read::Fact(self.below(4).to_string()),
            }
        }

        fn change(&mut self) -> Change {
            let mut change = Change::default();
            match self.below(8) {
                0 => drop(change.members.insert(MemberId(Uuid::from_u128(self.below(4).into())))),
                1 => drop(change.facts.insert(self.below(4).to_string())),
                2 if self.below(4) == 0 => change.all_members = true,
                2 if self.below(4) == 0 => drop(change.installations.insert(self.installation())),
                _ => {
                    let keys = (0..self.below(3)).map(|_| (self.below(2).to_string(), self.place())).collect();
                    let id = Uuid::from_u128(self.below(4).into());
                    change.documents.push(DocumentChange { installation: self.installation(), collection: "threads".into(), id, keys });
                }
            }
            change
        }
    }

    #[test]
    fn it_finds_exactly_what_a_walk_over_every_answer_finds() {
        let mut dice = Dice(1);
        let mut index = Index::default();
        let mut kept: HashMap<Key, Arc<ReadSet>> = HashMap::new();
        let mut found_any = 0;
        for round in 0..5_000u64 {
            let mut reads = ReadSet::default();
            (0..=dice.below(3)).for_each(|_| reads.add(dice.read(), 0));
            let reads = Arc::new(reads);
            let mut key = Fingerprint::of("test");
            key.number(dice.below(40));
            let key = key.finish();
            index.add(key, round, reads.clone());
            kept.insert(key, reads);
            let change = dice.change();
            let walked = kept.iter().filter(|(_, reads)| reads.is_touched_by(1, &change)).map(|(key, _)| *key);
            let mut walked: Vec<Key> = walked.collect();
            let mut found = index.touched_by(&change);
            walked.sort();
            found.sort();
            assert_eq!(found, walked, "round {round}: {change:?}");
            found_any += found.len();
            found.iter().for_each(|key| drop(kept.remove(key)));
        }
        assert!(found_any > 1_000, "{found_any}");
        let all: Vec<Key> = kept.into_keys().collect();
        all.iter().for_each(|key| index.take_out(*key));
        assert!(index.documents.is_empty() && index.stretches.is_empty() && index.members.is_empty() && index.facts.is_empty());
        assert!(index.all_members.is_empty() && index.installations.is_empty(), "nothing is left behind");
    }
}
