//! The newest changes of one organisation, without a gap, and which kept answers they would touch.

use super::fingerprint::Key;
use super::index::Index;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tsudoi_kernel::InstallationId;
use tsudoi_kernel::changes::{Change, Read, ReadSet};

/// How many changes are remembered, and how large they may be together, in documents, keys, members and facts.
const MOST_CHANGES: usize = 1_000;
const MOST_PARTS: usize = 100_000;

pub struct Log {
    /// Everything up to here has been applied.
    number: u64,
    /// The changes since are all in `changes`.
    since: u64,
    changes: VecDeque<Arc<Change>>,
    parts: usize,
    /// Told before their predecessors, which are on their way.
    ahead: BTreeMap<u64, Arc<Change>>,
    index: Index,
}

fn parts_of(change: &Change) -> usize {
    let documents: usize = change.documents.iter().map(|document| 1 + document.keys.len()).sum();
    1 + documents + change.members.len() + change.facts.len() + change.installations.len()
}

impl Log {
    pub fn beginning(number: u64) -> Self {
        let index = Index::default();
        Self { number, since: number, changes: VecDeque::new(), parts: 0, ahead: BTreeMap::new(), index }
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn index(&mut self) -> &mut Index {
        &mut self.index
    }

    /// Takes a change in, in whatever order they come, and answers which kept answers are no longer true.
    pub fn told(&mut self, number: u64, change: Arc<Change>) -> Vec<Key> {
        if number <= self.number {
            return Vec::new();
        }
        // One that never gets its predecessors is found in the database when somebody needs it.
        if self.ahead.len() >= MOST_CHANGES {
            self.ahead.clear();
        }
        self.ahead.insert(number, change);
        let mut touched = Vec::new();
        while let Some(change) = self.ahead.remove(&(self.number + 1)) {
            self.number += 1;
            touched.extend(self.index.touched_by(&change));
            self.parts += parts_of(&change);
            self.changes.push_back(change);
        }
        while self.changes.len() > MOST_CHANGES || self.parts > MOST_PARTS {
            let Some(oldest) = self.changes.pop_front() else { break };
            self.parts -= parts_of(&oldest);
            self.since += 1;
        }
        touched
    }

    /// What happened up to `number` can't be known any more: nothing that was kept may be given. Answers all of it.
    pub fn begin_again(&mut self, number: u64) -> Vec<Key> {
        let mut before = std::mem::replace(self, Self::beginning(number));
        let ahead = std::mem::take(&mut before.ahead);
        for (number, change) in ahead {
            self.told(number, change);
        }
        before.index.all()
    }

    /// The changes after `number`; `None` where the log does not reach back that far.
    fn after(&self, number: u64) -> Option<impl Iterator<Item = (u64, &Change)>> {
        let skipped = usize::try_from(number.checked_sub(self.since)?).ok()?;
        let changes = self.changes.iter().enumerate().skip(skipped);
        Some(changes.map(|(position, change)| (self.since + 1 + position as u64, &**change)))
    }

    /// Whether an answer with these reads is still true.
    pub fn would_stand(&self, reads: &ReadSet) -> bool {
        let Some((earliest, _)) = reads.numbers() else { return true };
        let Some(mut changes) = self.after(earliest) else { return false };
        !changes.any(|(number, change)| reads.is_touched_by(number, change))
    }

    /// Whether these, and the installation's enablement, version and grant, are still as they were at `number`.
    pub fn stands_since(&self, number: u64, reads: &[Read], installation: InstallationId) -> bool {
        if number == self.number {
            return true;
        }
        let Some(mut changes) = self.after(number) else { return false };
        let installation = Read::installation(installation);
        !changes.any(|(_, change)| change.touches(&installation) || reads.iter().any(|read| change.touches(read)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsudoi_kernel::changes::installation_fact;

    fn reads(fact: &str, number: u64) -> ReadSet {
        let mut reads = ReadSet::default();
        reads.add(Read::Fact(fact.into()), number);
        reads
    }

    fn fact(name: &str) -> Arc<Change> {
        Arc::new(Change::fact(name))
    }

    #[test]
    fn changes_are_applied_in_the_order_of_the_clock() {
        let mut log = Log::beginning(5);
        log.told(7, fact("b"));
        assert_eq!(log.number(), 5, "its predecessor is on its way");
        log.told(6, fact("a"));
        assert_eq!(log.number(), 7);
        assert!(!log.would_stand(&reads("b", 6)) && log.would_stand(&reads("b", 7)) && log.would_stand(&reads("a", 6)));
    }

    #[test]
    fn an_answer_that_is_older_than_the_log_is_refused() {
        let mut log = Log::beginning(5);
        assert!(!log.would_stand(&reads("a", 4)));
        assert!(log.would_stand(&reads("a", 5)));
        for number in 6..2_000 {
            log.told(number, fact("elsewhere"));
        }
        assert!(!log.would_stand(&reads("a", 5)), "it remembers the newest only");
        assert!(log.would_stand(&reads("a", 1_500)));
    }

    #[test]
    fn a_visit_from_before_the_log_is_not_known_to_stand() {
        let mut log = Log::beginning(5);
        let installation = InstallationId(uuid::Uuid::from_u128(1));
        log.told(6, fact("elsewhere"));
        assert!(log.stands_since(5, &[], installation) && !log.stands_since(4, &[], installation));
        log.told(7, fact(&installation_fact(installation)));
        assert!(!log.stands_since(5, &[], installation) && log.stands_since(7, &[], installation));
    }
}
