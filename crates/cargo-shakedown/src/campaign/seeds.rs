//! The seeds' share of all executions.
//!
//! What people wrote comes again and again, whatever was found since: many a bug is one change away
//! from a seed, and a search that follows its news alone is soon far from it. So the first
//! executions of all are for the seeds, and then a quarter of the others: such a bug takes at most
//! four times as many as random changes of the seeds alone. A long search has tried what lies near
//! the seeds, and leaves them less.

use std::collections::VecDeque;

use super::entries::EntryId;

/// Executions that seeds have before anything else.
const ADVANCE: u64 = 1 << 10;

/// Afterwards they have one in this many of all executions,
const SHARE: u64 = 4;

/// but no more than so many, and one in [`LATER_SHARE`].
const MOST: u64 = 1 << 18;

/// See [`MOST`].
const LATER_SHARE: u64 = 16;

/// A turn of a seed has one in this many of all executions so far,
const TURN_SHARE: u64 = 64;

/// but at least so many,
const MIN_TURN: u64 = 64;

/// and at most so many.
const MAX_TURN: u64 = 1 << 14;

/// Whose turn it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Seeds {
    /// The one whose turn comes is the first.
    entries: VecDeque<EntryId>,
    granted: u64,
}

impl Seeds {
    /// Adds a seed.
    pub(super) fn add(&mut self, entry: EntryId) {
        self.entries.push_back(entry);
    }

    /// Notes that an entry must not be chosen again.
    pub(super) fn retire(&mut self, entry: EntryId) {
        self.entries.retain(|seed| *seed != entry);
    }

    /// Whether it is a seed's turn after this many executions were granted to all entries.
    pub(super) fn are_due(&self, granted: u64) -> bool {
        let share = (granted / SHARE).min(MOST + granted / LATER_SHARE).max(ADVANCE);
        !self.entries.is_empty() && self.granted < share
    }

    /// The seed whose turn it is, and the executions of the turn; nothing if seeds have had their
    /// share of what was granted.
    pub(super) fn next(&mut self, granted: u64) -> Option<(EntryId, u64)> {
        if !self.are_due(granted) {
            return None;
        }
        let execs = (granted / TURN_SHARE).clamp(MIN_TURN, MAX_TURN);
        self.granted += execs;
        self.entries.rotate_left(1);
        Some((*self.entries.back()?, execs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seed_has_its_turn_and_all_together_their_share() {
        let mut seeds = Seeds::default();
        assert_eq!(seeds.next(0), None);
        (0..3).for_each(|id| seeds.add(EntryId(id)));
        let turns = [(); 4].map(|()| seeds.next(0).unwrap());
        let entry = |id| EntryId(id);
        assert_eq!(turns, [(entry(0), 64), (entry(1), 64), (entry(2), 64), (entry(0), 64)]);
        for (all, least, most) in [(1 << 20, 0.24, 0.27), (1 << 26, 0.06, 0.07)] {
            while seeds.next(all).is_some() {}
            let share = seeds.granted as f64 / all as f64;
            assert!((least..most).contains(&share), "{share} of {all}");
        }
    }

    #[test]
    fn a_seed_whose_file_is_gone_has_no_turn() {
        let mut seeds = Seeds::default();
        (0..2).for_each(|id| seeds.add(EntryId(id)));
        seeds.retire(EntryId(0));
        assert_eq!(seeds.next(0), Some((EntryId(1), 64)));
        seeds.retire(EntryId(1));
        assert_eq!(seeds.next(1 << 20), None);
    }
}
