//! The share of all executions of what a search starts from: the seeds, and inputs drawn at random
//! where these have a structure.
//!
//! What people wrote comes again and again, whatever was found since: many a bug is one change away
//! from a seed, and a search that follows its news alone is soon far from it. So the first
//! executions of all are for the seeds, and then a quarter of the others: such a bug takes at most
//! four times as many as random changes of the seeds alone. These are counted in executions, since
//! most of what is found is cheaper than the seeds, but no more than half of all work. A long search
//! has tried what lies near the seeds, and leaves them less.
//!
//! Inputs that are drawn take turns with the seeds as if they were one more: what any sequence of
//! operations shows is found at once, though it is a hundred changes away from the empty one.

use std::collections::VecDeque;
use std::ops::AddAssign;

use super::entries::EntryId;

/// Executions that seeds have before anything else.
const ADVANCE: u64 = 1 << 10;

/// Afterwards they have one in this many of all executions,
const SHARE: u64 = 4;

/// but no more than so many, and one in [`LATER_SHARE`].
const MOST: u64 = 1 << 18;

/// See [`MOST`].
const LATER_SHARE: u64 = 16;

/// Seeds have at most one part in this many of all work, beyond [`ADVANCE`].
const WORK_SHARE: u64 = 2;

/// A turn of a seed has one in this many of all executions so far,
const TURN_SHARE: u64 = 64;

/// but at least so many,
const MIN_TURN: u64 = 64;

/// and at most so many.
const MAX_TURN: u64 = 1 << 14;

/// What was granted to entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) execs: u64,
    /// In executions of a typical entry.
    pub(super) work: u64,
}

impl AddAssign for Granted {
    fn add_assign(&mut self, other: Self) {
        self.execs += other.execs;
        self.work += other.work;
    }
}

/// What has turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Variations of a seed.
    Seed(EntryId),
    /// Inputs drawn at random.
    Nothing,
}

/// Whose turn it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Seeds {
    /// The one whose turn comes is the first.
    origins: VecDeque<Origin>,
    /// To all of them.
    granted: Granted,
    /// Where inputs that are drawn have no more turns, once so many executions were granted.
    last_drawn: Option<u64>,
}

impl Seeds {
    /// Adds a seed, or inputs that are drawn.
    pub(super) fn add(&mut self, origin: Origin) {
        self.origins.push_back(origin);
    }

    /// Has inputs be drawn in the first executions only.
    pub(super) fn draw_at_first(&mut self) {
        self.add(Origin::Nothing);
        self.last_drawn = Some(ADVANCE);
    }

    /// Notes that an entry must not be chosen again.
    pub(super) fn retire(&mut self, entry: EntryId) {
        self.origins.retain(|origin| *origin != Origin::Seed(entry));
    }

    /// Whether it is the turn of one after so much was granted to all entries.
    pub(super) fn are_due(&self, all: Granted) -> bool {
        let share = (all.execs / SHARE).min(MOST + all.execs / LATER_SHARE).max(ADVANCE);
        let is_affordable = self.granted.work < all.work / WORK_SHARE + ADVANCE;
        !self.origins.is_empty() && self.granted.execs < share && is_affordable
    }

    /// Whose turn it is, and the most executions of the turn, which are to be noted; nothing if all
    /// together have had their share.
    pub(super) fn next(&mut self, all: Granted) -> Option<(Origin, u64)> {
        if !self.are_due(all) {
            return None;
        }
        self.origins.rotate_left(1);
        Some((*self.origins.back()?, (all.execs / TURN_SHARE).clamp(MIN_TURN, MAX_TURN)))
    }

    /// Notes what a turn was granted.
    pub(super) fn grant(&mut self, granted: Granted) {
        self.granted += granted;
        if self.last_drawn.is_some_and(|last| self.granted.execs >= last) {
            self.origins.retain(|origin| *origin != Origin::Nothing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(id: u32) -> Origin {
        Origin::Seed(EntryId(id))
    }

    /// So many executions, each of so much work.
    fn granted(execs: u64, work: u64) -> Granted {
        Granted { execs, work: execs * work }
    }

    /// Grants turns until seeds have had their share of `all`.
    fn grant_all(seeds: &mut Seeds, all: Granted, work: u64) {
        while let Some((_, execs)) = seeds.next(all) {
            seeds.grant(granted(execs, work));
        }
    }

    #[test]
    fn each_seed_has_its_turn_and_all_together_their_share() {
        let mut seeds = Seeds::default();
        assert_eq!(seeds.next(Granted::default()), None);
        (0..2).for_each(|id| seeds.add(seed(id)));
        seeds.add(Origin::Nothing);
        let turns = [(); 4].map(|()| seeds.next(Granted::default()).unwrap());
        assert_eq!(turns, [(seed(0), 64), (seed(1), 64), (Origin::Nothing, 64), (seed(0), 64)]);
        for (all, least, most) in [(1 << 20, 0.24, 0.27), (1 << 26, 0.06, 0.07)] {
            grant_all(&mut seeds, granted(all, 1), 1);
            let share = seeds.granted.execs as f64 / all as f64;
            assert!((least..most).contains(&share), "{share} of {all}");
        }
    }

    #[test]
    fn dear_seeds_have_no_more_than_half_of_all_work() {
        let mut seeds = Seeds::default();
        seeds.add(seed(0));
        let all = granted(1 << 18, 1);
        grant_all(&mut seeds, all, 16);
        let share = seeds.granted.work as f64 / all.work as f64;
        assert!((0.5..0.8).contains(&share), "{share}");
    }

    #[test]
    fn what_is_drawn_at_first_has_no_turn_later() {
        let mut seeds = Seeds::default();
        seeds.draw_at_first();
        grant_all(&mut seeds, Granted::default(), 1);
        assert_eq!(seeds.granted.execs, ADVANCE);
        assert!(!seeds.are_due(granted(1 << 20, 1)));
    }

    #[test]
    fn a_seed_whose_file_is_gone_has_no_turn() {
        let mut seeds = Seeds::default();
        (0..2).for_each(|id| seeds.add(seed(id)));
        seeds.retire(EntryId(0));
        assert_eq!(seeds.next(Granted::default()), Some((seed(1), 64)));
        seeds.retire(EntryId(1));
        assert_eq!(seeds.next(granted(1 << 20, 1)), None);
    }
}
