//! Which entry is varied next, and for how many executions.
//!
//! Seeds, and inputs drawn at random, have a share of their own, see [`super::seeds`].
//! Entries that are the best witness of some feature are chosen ten times as often as the others.
//! Never-chosen ones come first, but for no more than half of all work: where news comes as fast as
//! first leases are granted, the others would never be chosen again. Each lease of an entry grants
//! twice the work of the one before, so that first looks stay cheap however slow the target is; but
//! none grants less than a small share of all executions so far. Where executions are cheap, or
//! workers many, leases soon are so long that choosing costs next to nothing, even if every entry is
//! new. Work is counted in executions of a typical entry (see [`super::cost`]) and time plays no
//! part, so a run can be repeated from its seed.

use std::collections::VecDeque;

use shakedown_core::CHAIN;
use shakedown_core::rng::Rng;

use super::cost::Costs;
use super::entries::EntryId;
use super::event::Drawing;
use super::seeds::{Granted, Origin, Seeds};

/// Work of the first lease of an entry.
const FIRST_LEASE: u64 = 64;

/// The same, of an entry with hints.
const HINTED_LEASE: u64 = 4 * FIRST_LEASE;

/// Work that fresh entries may have beyond their half, so that what the first leases find is
/// looked at as soon as it is there.
const FRESH_ADVANCE: u64 = 8 * FIRST_LEASE;

/// How often the work of a lease is doubled at most.
const MAX_DOUBLINGS: u32 = 8;

/// A lease grants work of at least one in this many of all executions so far, but for that reason
/// alone no more than [`MAX_MIN_LEASE`]. Without both, a thousand workers on a million entries are more than
/// one coordinator can serve (see the simulation, `benches/scaling`).
const MIN_LEASE_SHARE: u64 = 1 << 12;

/// The longest lease that [`MIN_LEASE_SHARE`] asks for.
const MAX_MIN_LEASE: u64 = 1 << 16;

/// The least executions of a lease, however dear they are.
const MIN_EXECS: u64 = CHAIN;

/// How many times the executions of a typical entry those of a cheap one are at most.
const MAX_GAIN: u64 = 4;

/// The most work of an execution of a seed, on average over a turn.
const SEED_WORK: u64 = 16;

/// How often a draw is repeated that falls on entries that are too dear for it.
const MAX_DRAWS: u32 = 16;

/// Weight of an entry that owns features, and of one that does not.
const WEIGHTS: [u32; 2] = [10, 1];

/// What an entry is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) entry: EntryId,
    /// Executions to spend on it.
    pub(super) execs: u64,
    pub(super) purpose: Purpose,
}

/// What executions are granted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Whatever is to be tried of the entry.
    Any,
    /// Random changes of it.
    Chance,
    /// Inputs drawn at random, which have nothing of it.
    Drawing,
}

/// The choice of the next entry, in O(log n).
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    weights: Weights,
    costs: Costs,
    /// Leases of each entry so far, counted up to 255.
    leases: Vec<u8>,
    have_hints: Vec<bool>,
    seeds: Seeds,
    /// Never chosen entries, in the order in which they came.
    fresh: VecDeque<EntryId>,
    /// What was granted, and the part of its work that was granted to entries chosen as fresh.
    granted: Granted,
    granted_fresh: u64,
}

impl Schedule {
    /// Adds the next entry of the corpus, of which one execution costs so much, if that is known.
    /// One with hints has a longer first lease, in which they are tried.
    pub(super) fn add(&mut self, owns_features: bool, has_hints: bool, cost: Option<u64>) {
        self.costs.add(cost);
        self.have_hints.push(has_hints);
        self.fresh.push_back(EntryId(self.leases.len() as u32));
        self.leases.push(0);
        self.weights.push(weight(owns_features));
    }

    /// Adds the next entry of the corpus, one that an earlier campaign has found and varied: it
    /// has a first lease of its own only if it is the best witness of something.
    pub(super) fn add_remembered(&mut self, owns_features: bool) {
        self.add(owns_features, false, None);
        if !owns_features {
            self.fresh.pop_back();
        }
    }

    /// Notes that people wrote this entry.
    pub(super) fn add_seed(&mut self, id: EntryId) {
        self.seeds.add(Origin::Seed(id));
    }

    /// Has inputs be drawn at random, too.
    pub(super) fn draw(&mut self, drawing: Drawing) {
        match drawing {
            Drawing::Never => {}
            Drawing::AtFirst => self.seeds.draw_at_first(),
            Drawing::Always => self.seeds.add(Origin::Nothing),
        }
    }

    /// Notes what one execution costs of an entry of which that was not known.
    pub(super) fn learn_cost(&mut self, id: EntryId, cost: u64) {
        self.costs.learn(id.0 as usize, cost);
    }

    /// What executions cost.
    pub(super) fn costs(&self) -> &Costs {
        &self.costs
    }

    /// All work that was granted.
    pub(super) fn granted(&self) -> u64 {
        self.granted.work
    }

    /// Notes that an entry must not be chosen again.
    pub(super) fn retire(&mut self, id: EntryId) {
        self.seeds.retire(id);
        self.weights.set(id.0 as usize, 0);
    }

    /// Notes that an entry now owns features, or no longer does.
    pub(super) fn update(&mut self, id: EntryId, owns_features: bool) {
        self.weights.set(id.0 as usize, weight(owns_features));
    }

    /// The next entry and the number of executions to spend on it, after `spent` executions so far;
    /// nothing if there is no entry.
    pub(super) fn next(&mut self, rng: &mut Rng, spent: u64) -> Option<Grant> {
        if let Some((origin, most)) = self.seeds.next(self.granted) {
            let (entry, purpose) = match origin {
                Origin::Seed(entry) => (entry, Purpose::Chance),
                Origin::Nothing => (EntryId(self.weights.pick(rng)? as u32), Purpose::Drawing),
            };
            let before = self.granted.work;
            let execs = self.execs(entry, SEED_WORK * most, most);
            self.seeds.grant(Granted { execs, work: self.granted.work - before });
            return Some(Grant { entry, execs, purpose });
        }
        if self.is_fresh_due()
            && let Some(fresh) = self.fresh.pop_front()
        {
            return Some(self.grant_fresh(fresh, spent));
        }
        let mut id = EntryId(self.weights.pick(rng)? as u32);
        for _ in 1..MAX_DRAWS {
            let work = self.energy(id, spent);
            // Its least executions are more work than that: it is granted as much more rarely.
            let least = self.costs.work_of(id.0 as usize, MIN_EXECS);
            if least <= work || (rng.below(least as usize) as u64) < work {
                break;
            }
            id = EntryId(self.weights.pick(rng)? as u32);
        }
        Some(self.grant(id, spent))
    }

    /// The number of executions to spend at once on the entry that was added last; nothing if fresh
    /// entries have had their share.
    pub(super) fn next_is_last_added(&mut self, spent: u64) -> Option<Grant> {
        let is_due = self.is_fresh_due() && !self.seeds.are_due(self.granted);
        let last = if is_due { self.fresh.pop_back()? } else { return None };
        Some(self.grant_fresh(last, spent))
    }

    fn is_fresh_due(&self) -> bool {
        self.granted_fresh * 2 <= self.granted.work + FRESH_ADVANCE
    }

    fn grant_fresh(&mut self, entry: EntryId, spent: u64) -> Grant {
        let before = self.granted.work;
        let grant = self.grant(entry, spent);
        self.granted_fresh += self.granted.work - before;
        grant
    }

    fn grant(&mut self, entry: EntryId, spent: u64) -> Grant {
        let work = self.energy(entry, spent);
        let leases = &mut self.leases[entry.0 as usize];
        *leases = leases.saturating_add(1);
        Grant { entry, execs: self.execs(entry, work, MAX_GAIN * work), purpose: Purpose::Any }
    }

    /// The work of the next lease of an entry.
    fn energy(&self, entry: EntryId, spent: u64) -> u64 {
        let leases = self.leases[entry.0 as usize];
        let energy = match leases == 0 && self.have_hints[entry.0 as usize] {
            true => HINTED_LEASE,
            false => FIRST_LEASE << u32::from(leases).min(MAX_DOUBLINGS),
        };
        energy.max((spent / MIN_LEASE_SHARE).min(MAX_MIN_LEASE))
    }

    /// The executions of an entry that are granted for so much work, at most so many.
    fn execs(&mut self, entry: EntryId, work: u64, most: u64) -> u64 {
        let entry = entry.0 as usize;
        let execs = self.costs.execs(entry, work).clamp(MIN_EXECS, most);
        self.granted += Granted { execs, work: self.costs.work_of(entry, execs) };
        execs
    }
}

fn weight(owns_features: bool) -> u32 {
    if owns_features { WEIGHTS[0] } else { WEIGHTS[1] }
}

/// Numbers that can be changed and drawn by their size in O(log n).
///
/// A binary indexed tree (P. M. Fenwick, "A New Data Structure for Cumulative Frequency Tables",
/// 1994): node `i`, counted from 1, holds the sum of the `i & -i` numbers that end at `i`. Half a
/// word is enough for the sum of 400 million entries, and half the memory to walk through.
#[derive(Clone, Debug, Default)]
struct Weights {
    values: Vec<u32>,
    tree: Vec<u32>,
    total: u32,
}

impl Weights {
    fn push(&mut self, value: u32) {
        self.values.push(value);
        self.total += value;
        let node = self.values.len();
        let mut sum = value;
        let mut child = node - 1;
        while child > node - lowest_bit(node) {
            sum += self.tree[child - 1];
            child -= lowest_bit(child);
        }
        self.tree.push(sum);
    }

    fn set(&mut self, index: usize, value: u32) {
        let old = std::mem::replace(&mut self.values[index], value);
        let change = value.wrapping_sub(old);
        self.total = self.total.wrapping_add(change);
        let mut node = index + 1;
        while node <= self.tree.len() {
            self.tree[node - 1] = self.tree[node - 1].wrapping_add(change);
            node += lowest_bit(node);
        }
    }

    /// An index, each with a probability in proportion to its number.
    fn pick(&self, rng: &mut Rng) -> Option<usize> {
        if self.total == 0 {
            return None;
        }
        let mut rest = rng.below(self.total as usize) as u32;
        let mut node = 0;
        let mut step = self.tree.len().checked_ilog2().map_or(0, |log| 1 << log);
        while step > 0 {
            if node + step <= self.tree.len() && self.tree[node + step - 1] <= rest {
                node += step;
                rest -= self.tree[node - 1];
            }
            step /= 2;
        }
        Some(node)
    }
}

fn lowest_bit(number: usize) -> usize {
    number & number.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_drawn_in_proportion() {
        let mut rng = Rng::new(1);
        let mut weights = Weights::default();
        for value in [5, 0, 1, 3, 0, 7, 1] {
            weights.push(value);
        }
        weights.set(5, 1);
        weights.set(1, 10);
        let mut drawn = [0; 7];
        for _ in 0..21_000 {
            drawn[weights.pick(&mut rng).unwrap()] += 1;
        }
        let expected = [5, 10, 1, 3, 0, 1, 1];
        for (drawn, expected) in drawn.into_iter().zip(expected) {
            assert!((drawn - expected * 1000i32).abs() < 300, "{drawn} for {expected}");
        }
    }

    #[test]
    fn fresh_entries_come_first_and_energy_doubles() {
        let mut rng = Rng::new(1);
        let mut schedule = Schedule::default();
        assert!(schedule.next(&mut rng, 0).is_none());
        schedule.add(true, false, None);
        schedule.add(true, false, None);
        let mut next = || {
            let Grant { entry, execs, .. } = schedule.next(&mut rng, 0).unwrap();
            (entry, execs)
        };
        assert_eq!(next(), (EntryId(0), 64));
        assert_eq!(next(), (EntryId(1), 64));
        assert_eq!(next().1, 128);
        let last = (0..100).map(|_| next().1).last();
        assert_eq!(last, Some(64 << 8));
    }

    #[test]
    fn fresh_entries_take_no_more_than_half_of_all_executions() {
        let mut rng = Rng::new(1);
        let mut schedule = Schedule::default();
        schedule.add(true, false, None);
        schedule.next(&mut rng, 0).unwrap();
        let (mut fresh, mut all) = (0, 0);
        for _ in 0..10_000 {
            schedule.add(true, false, None);
            let last = schedule.next_is_last_added(0);
            fresh += last.map_or(0, |grant| grant.execs);
            all += last.or_else(|| schedule.next(&mut rng, 0)).unwrap().execs;
        }
        let share = fresh as f64 / all as f64;
        assert!((0.4..0.52).contains(&share), "{share}");
    }

    #[test]
    fn leases_grow_with_what_was_spent() {
        let mut rng = Rng::new(1);
        let mut schedule = Schedule::default();
        let mut first_lease = |spent| {
            schedule.add(true, false, None);
            schedule.next(&mut rng, spent).unwrap().execs
        };
        assert_eq!(first_lease(100_000), 64);
        assert_eq!(first_lease(1_000_000), 244);
        assert_eq!(first_lease(1 << 40), MAX_MIN_LEASE);
    }

    #[test]
    fn redundant_entries_are_chosen_rarely() {
        let mut rng = Rng::new(1);
        let mut schedule = Schedule::default();
        schedule.add(true, false, None);
        schedule.add(true, false, None);
        schedule.update(EntryId(1), false);
        let redundant =
            (0..1100).filter(|_| schedule.next(&mut rng, 0).unwrap().entry == EntryId(1)).count();
        assert!((60..140).contains(&redundant), "{redundant}");
    }
}
