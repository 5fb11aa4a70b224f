//! The entries of a target, and which of them is the best witness of every feature.

use std::sync::Arc;

use super::cost;
use super::input::{Input, StoredInput};
use super::remembered::Remembered;
use super::traced::Traced;

/// Position of an entry in its corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u32);

/// Where an input of the corpus comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// From the attribute, by its position.
    Attribute(usize),
    /// From this file of the target's `testdata`.
    Testdata(std::path::PathBuf),
    /// From the cache.
    Cache,
    /// Made up, because there is no seed.
    Simplest,
    /// Found by this campaign.
    Found,
}

impl Source {
    /// Whether people wrote it: a failing one is then not written again.
    #[must_use]
    pub fn is_seed(&self) -> bool {
        matches!(self, Self::Attribute(_) | Self::Testdata(_))
    }
}

/// An input kept in a corpus.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The input.
    pub(super) input: Input,
    /// The entry that it is a variation of; unknown for what was there before.
    pub(super) parent: Option<EntryId>,
    /// Number of features that it is the best witness of.
    pub(super) owned: u32,
    /// What is known of the comparisons that it meets; empty for old entries of a large corpus.
    pub(super) hints: Arc<[u8]>,
    /// How many comparisons that are in all, as far as it is known.
    comparisons: u64,
    /// Whether its comparisons were recorded, or are about to be.
    is_recorded: bool,
    /// Whether a lease has tried its hints, and single changes.
    is_explored: bool,
    /// Whether a part of it may be the sum of others, which a change breaks.
    pub(super) has_sum: bool,
}

impl Entry {
    /// An entry that owns nothing yet.
    pub(super) fn new(input: impl Into<Input>) -> Self {
        let (owned, hints, comparisons) = (0, Arc::default(), 0);
        let (is_recorded, is_explored, has_sum) = (true, false, false);
        let (input, parent) = (input.into(), None);
        Self { input, parent, owned, hints, comparisons, is_recorded, is_explored, has_sum }
    }

    /// One that was found as a variation of another.
    pub(super) fn child_of(parent: EntryId, input: impl Into<Input>) -> Self {
        Self { parent: Some(parent), ..Self::new(input) }
    }

    /// Takes over what was recorded of it.
    pub(super) fn learn(&mut self, traced: Traced) {
        self.hints = traced.hints;
        self.comparisons = traced.work;
        self.has_sum = traced.has_sum;
    }

    /// What one execution costs.
    pub(super) fn cost(&self) -> u64 {
        cost::of(self.comparisons, self.input.len())
    }

    /// One that an earlier campaign has found: it is not run before it is varied.
    pub(super) fn remembered(input: StoredInput) -> Self {
        Self { is_recorded: false, ..Self::new(Input::Stored(input)) }
    }
}

/// Entries that have hints at a time: those that came last.
const MAX_HINTED: usize = 1 << 14;

/// Features of a counter.
const BUCKETS: usize = 8;

/// The owner of a feature that has none: an index that no corpus reaches.
const NO_OWNER: u32 = u32::MAX;

/// All entries. Every feature belongs to the shortest entry that shows it, the older of equals; an
/// entry that owns nothing is redundant. The features of an entry are not kept: a big program has
/// thousands of them for each. Those that it owns are enough, and each has one owner.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    entries: Vec<Entry>,
    /// Owner of each feature.
    owners: Vec<u32>,
    /// How many of the first entries did not pass, and are here because there was nothing else.
    unfit: usize,
}

impl Entries {
    /// An empty corpus of a program with this many possible features.
    pub(super) fn new(features: usize) -> Self {
        Self { entries: Vec::new(), owners: vec![NO_OWNER; features], unfit: 0 }
    }

    /// Adds an entry that shows these features; returns its id and the entries that own fewer
    /// features now.
    pub(super) fn add(&mut self, mut entry: Entry, features: &[u32]) -> (EntryId, Vec<EntryId>) {
        let id = self.entries.len() as u32;
        let mut robbed = Vec::new();
        for &feature in features {
            let Some(owner) = self.owners.get_mut(feature as usize) else { continue };
            if let Some(rival) = self.entries.get_mut(*owner as usize) {
                if rival.input.len() <= entry.input.len() {
                    continue;
                }
                rival.owned -= 1;
                robbed.push(EntryId(*owner));
            }
            *owner = id;
            entry.owned += 1;
        }
        robbed.sort_unstable();
        robbed.dedup();
        self.entries.push(entry);
        if let Some(old) = self.entries.len().checked_sub(MAX_HINTED + 1) {
            self.entries[old].hints = Arc::default();
        }
        (EntryId(id), robbed)
    }

    /// Whether an entry is the best witness of a feature.
    pub(super) fn owns(&self, id: EntryId, feature: u32) -> bool {
        self.owners.get(feature as usize) == Some(&id.0)
    }

    /// For each counter the shortest entry that hits it, by any of its features.
    pub(super) fn witnesses(&self) -> impl Iterator<Item = Option<EntryId>> {
        let entry = |owner: &u32| {
            self.entries.get(*owner as usize).map(|entry| (entry.input.len(), *owner))
        };
        let of_counter = move |owners: &[u32]| owners.iter().filter_map(entry).min();
        self.owners.chunks(BUCKETS).map(move |owners| Some(EntryId(of_counter(owners)?.1)))
    }

    /// Takes a feature from its owner; returns who that was.
    pub(super) fn disown(&mut self, feature: u32) -> Option<EntryId> {
        let owner = std::mem::replace(self.owners.get_mut(feature as usize)?, NO_OWNER);
        self.entries.get_mut(owner as usize)?.owned -= 1;
        Some(EntryId(owner))
    }

    /// The entry with this id.
    ///
    /// # Panics
    /// If the id is of another corpus.
    pub(super) fn get(&self, id: EntryId) -> &Entry {
        &self.entries[id.0 as usize]
    }

    /// Notes what is known of the comparisons of an entry: they are to be tried.
    pub(super) fn recorded(&mut self, id: EntryId, traced: Traced) {
        let entry = &mut self.entries[id.0 as usize];
        entry.is_explored &= traced.hints.is_empty();
        entry.learn(traced);
    }

    /// Notes that an entry is varied; whether its comparisons have to be recorded now, for the next
    /// time, and whether its hints and single changes are to be tried, which a plain lease never
    /// does.
    pub(super) fn begin_lease(&mut self, id: EntryId, is_plain: bool) -> (bool, bool) {
        let entry = &mut self.entries[id.0 as usize];
        let is_recorded = std::mem::replace(&mut entry.is_recorded, true);
        let is_explored = is_plain || std::mem::replace(&mut entry.is_explored, true);
        (!is_recorded, !is_explored)
    }

    /// Notes that all entries so far did not pass.
    pub(super) fn all_are_unfit(&mut self) {
        self.unfit = self.entries.len();
    }

    /// Notes that an entry is in a file of this name now; it then is not held in memory.
    pub(super) fn stored(&mut self, id: EntryId, name: u64) {
        let input = &mut self.entries[id.0 as usize].input;
        if let Ok(len) = u32::try_from(input.len()) {
            *input = Input::Stored(StoredInput { name, len });
        }
    }

    /// Takes everything from an entry whose file is gone: it is the witness of nothing, and is not
    /// remembered.
    pub(super) fn forget(&mut self, id: EntryId) {
        self.owners.iter_mut().filter(|owner| **owner == id.0).for_each(|owner| *owner = NO_OWNER);
        let entry = &mut self.entries[id.0 as usize];
        entry.owned = 0;
        entry.input = Input::default();
    }

    /// What is to be remembered of the entries that passed.
    pub(super) fn remembered(&self) -> Remembered {
        // The features by their owners: a counting sort.
        let mut ends: Vec<u32> = Vec::with_capacity(self.entries.len());
        let mut sum = 0;
        for entry in &self.entries {
            ends.push(sum);
            sum += entry.owned;
        }
        let mut features = vec![0; sum as usize];
        for (feature, &owner) in self.owners.iter().enumerate() {
            if let Some(end) = ends.get_mut(owner as usize) {
                features[*end as usize] = feature as u32;
                *end += 1;
            }
        }
        let mut remembered = Remembered::default();
        for (entry, &end) in self.entries.iter().zip(&ends).skip(self.unfit) {
            if let Input::Stored(stored) = entry.input {
                let owned = &features[(end - entry.owned) as usize..end as usize];
                remembered.push(stored, owned);
            }
        }
        remembered
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(len: usize) -> Entry {
        Entry::new(Input::Bytes(vec![0; len].into()))
    }

    #[test]
    fn the_shortest_entry_owns_a_feature() {
        let mut entries = Entries::new(10);
        let (long, robbed) = entries.add(entry(9), &[1, 2, 3]);
        assert_eq!((entries.get(long).owned, robbed), (3, vec![]));
        let (short, robbed) = entries.add(entry(4), &[2, 3, 4, 99]);
        assert_eq!((entries.get(short).owned, robbed), (3, vec![long]));
        assert_eq!(entries.get(long).owned, 1);
        let (equal, _) = entries.add(entry(4), &[2]);
        assert_eq!(entries.get(equal).owned, 0, "the older of equals keeps it");
        assert_eq!([1, 1, 99].map(|feature| entries.disown(feature)), [Some(long), None, None]);
        assert_eq!(entries.get(long).owned, 0);
    }

    #[test]
    fn the_witness_of_a_counter_is_the_shortest_of_its_owners() {
        let mut entries = Entries::new(24);
        entries.add(entry(9), &[0, 1, 16]);
        entries.add(entry(4), &[1]);
        let witnesses: Vec<_> = entries.witnesses().collect();
        assert_eq!(witnesses, [Some(EntryId(1)), None, Some(EntryId(0))]);
    }

    #[test]
    fn what_is_remembered_is_who_owns_what() {
        let mut entries = Entries::new(100);
        entries.add(entry(3), &[]);
        entries.all_are_unfit();
        entries.add(entry(9), &[7, 2, 50]);
        entries.add(entry(8), &[50, 60]);
        entries.add(entry(20), &[2, 60]);
        entries.add(entry(1), &[99]);
        assert_eq!(entries.remembered(), Remembered::default(), "nothing has a file");
        (0..4).for_each(|id| entries.stored(EntryId(id), u64::from(id) * 100));
        let remembered = entries.remembered();
        let owned: Vec<_> = remembered.iter().map(|(s, owned)| (s.name, s.len, owned)).collect();
        assert_eq!(owned, [(100, 9, &[2, 7][..]), (200, 8, &[50, 60]), (300, 20, &[])]);
    }
}
