//! The entries of a target, and which of them is the best witness of every feature.

use std::sync::Arc;

/// Position of an entry in its corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId(pub u32);

/// Where an input of the corpus comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From the attribute, by its position.
    Attribute(usize),
    /// From this file of the target's `testdata`.
    Testdata(std::path::PathBuf),
    /// From this file of the cache.
    Cache(std::path::PathBuf),
    /// Made up, because there was nothing else.
    Simplest,
    /// Found by this campaign.
    Found,
}

impl Origin {
    /// Whether people wrote it: a failing one is then not written again.
    #[must_use]
    pub fn is_seed(&self) -> bool {
        matches!(self, Self::Attribute(_) | Self::Testdata(_))
    }
}

/// An input kept in a corpus.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The encoded input.
    pub input: Arc<[u8]>,
    /// The entry that it is a variation of.
    pub parent: Option<EntryId>,
    /// How many variations it is away from a seed.
    pub generation: u32,
    /// Number of features that it is the best witness of.
    pub owned: u32,
}

/// No entry yet: an index that no corpus reaches.
const NOBODY: u32 = u32::MAX;

/// All entries. Every feature belongs to the shortest entry that shows it, the older of equals; an
/// entry that owns nothing is redundant. The features of an entry are not kept: a big program has
/// thousands of them for each.
#[derive(Clone, Debug)]
pub(super) struct Corpus {
    entries: Vec<Entry>,
    /// Owner of each feature.
    owners: Vec<u32>,
}

impl Corpus {
    /// An empty corpus of a program with this many possible features.
    pub(super) fn new(features: usize) -> Self {
        Self { entries: Vec::new(), owners: vec![NOBODY; features] }
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
        (EntryId(id), robbed)
    }

    /// Takes a feature from its owner; returns who that was.
    pub(super) fn disown(&mut self, feature: u32) -> Option<EntryId> {
        let owner = std::mem::replace(self.owners.get_mut(feature as usize)?, NOBODY);
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

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(len: usize) -> Entry {
        Entry { input: vec![0; len].into(), parent: None, generation: 0, owned: 0 }
    }

    #[test]
    fn the_shortest_entry_owns_a_feature() {
        let mut corpus = Corpus::new(10);
        let (long, robbed) = corpus.add(entry(9), &[1, 2, 3]);
        assert_eq!((corpus.get(long).owned, robbed), (3, vec![]));
        let (short, robbed) = corpus.add(entry(4), &[2, 3, 4, 99]);
        assert_eq!((corpus.get(short).owned, robbed), (3, vec![long]));
        assert_eq!(corpus.get(long).owned, 1);
        let (equal, _) = corpus.add(entry(4), &[2]);
        assert_eq!(corpus.get(equal).owned, 0, "the older of equals keeps it");
        assert_eq!([1, 1, 99].map(|feature| corpus.disown(feature)), [Some(long), None, None]);
        assert_eq!(corpus.get(long).owned, 0);
    }
}
