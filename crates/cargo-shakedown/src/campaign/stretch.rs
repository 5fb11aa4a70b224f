//! Which entries are stretched, and how far.
//!
//! An entry in which something happens very often has its repetitions made longer, step by step (see
//! `mutate::stretch`). How much work a step is shows only when it is done: where it grows with the
//! square of the length, the last step is 4,096 times the first. So the next step of an entry waits
//! until stretching has so much of all work to its share.

use std::collections::BTreeSet;

use shakedown_core::mutate::stretch::{FIRST_LEN, GROWTH, STEPS};

use super::cost::{self, Costs};
use super::entries::EntryId;

pub(super) use shakedown_core::mutate::stretch::RUNS as STEP_EXECS;

/// Stretching has at most one in this many of all work.
const SHARE: u64 = 8;

/// A step that waits, or is made. Ordered by cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    /// What all its executions are thought to cost.
    cost: u64,
    pub(super) entry: EntryId,
    pub(super) number: u32,
}

/// All steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Stretching {
    waiting: BTreeSet<Step>,
    /// The one that is made, and what its executions have cost so far.
    current: Option<(Step, u64)>,
    /// Work so far.
    work: u64,
}

impl Stretching {
    /// Adds an entry of this length, of which one execution costs so much.
    pub(super) fn add(&mut self, entry: EntryId, cost: u64, len: usize) {
        let growth = FIRST_LEN.div_ceil(len.max(1)) as u64;
        let cost = cost.saturating_mul(STEP_EXECS * growth);
        self.waiting.insert(Step { cost, entry, number: 0 });
    }

    /// Takes an entry out.
    pub(super) fn forget(&mut self, entry: EntryId) {
        self.waiting.retain(|step| step.entry != entry);
    }

    /// The next step, if one may be made after so much work in all; one at a time.
    pub(super) fn next(&mut self, all: u64, costs: &Costs) -> Option<Step> {
        let step = *self.waiting.first().filter(|_| self.current.is_none())?;
        let work = self.work + costs.work(step.cost);
        if work.saturating_mul(SHARE) > all {
            return None;
        }
        self.waiting.pop_first();
        self.current = Some((step, 0));
        Some(step)
    }

    /// Notes that executions of the current step have made so many comparisons.
    pub(super) fn worked(&mut self, comparisons: u64) {
        if let Some((_, cost)) = &mut self.current {
            *cost = cost.saturating_add(comparisons);
        }
    }

    /// Notes that the current step is over: the next one of its entry waits.
    pub(super) fn is_over(&mut self, costs: &Costs) {
        let Some((step, comparisons)) = self.current.take() else { return };
        let len = FIRST_LEN * GROWTH.pow(step.number);
        let measured = cost::of(comparisons / STEP_EXECS, len).saturating_mul(STEP_EXECS);
        self.work += costs.work(measured);
        // If this step was dearer than it was thought, the next one will be, too.
        let growth = (GROWTH as u64).saturating_mul((measured / step.cost.max(1)).max(1));
        let number = step.number + 1;
        if number < STEPS {
            self.waiting.insert(Step { cost: measured.saturating_mul(growth), number, ..step });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the steps that are made until there was so much other work, if an execution at
    /// this length costs so much.
    fn steps(all: u64, cost_at: fn(u64) -> u64) -> Vec<u32> {
        let mut costs = Costs::default();
        costs.add(Some(100));
        let mut stretching = Stretching::default();
        stretching.add(EntryId(0), 100, 1 << 10);
        let mut made = Vec::new();
        for done in (0..all).step_by(100) {
            while let Some(step) = stretching.next(done, &costs) {
                assert_eq!(stretching.next(u64::MAX, &costs), None, "one at a time");
                stretching.worked(STEP_EXECS * cost_at(1 << (10 + 2 * step.number)));
                stretching.is_over(&costs);
                made.push(step.number);
            }
        }
        made
    }

    #[test]
    fn steps_are_made_when_there_was_work_enough() {
        let linear = |len| len / 10;
        assert_eq!(steps(100, linear), [0; 0]);
        assert_eq!(steps(1_000, linear), [0, 1]);
        assert_eq!(steps(1_000_000, linear), [0, 1, 2, 3]);
    }

    #[test]
    fn what_grows_faster_than_the_input_waits_longer() {
        let square = |len| len * len / 10_000;
        assert_eq!(steps(100_000, square), [0, 1, 2]);
        assert_eq!(steps(10_000_000, square), [0, 1, 2, 3]);
    }

    #[test]
    fn an_entry_whose_file_is_gone_is_not_stretched() {
        let mut stretching = Stretching::default();
        stretching.add(EntryId(3), 1, 1);
        stretching.forget(EntryId(3));
        assert_eq!(stretching.next(u64::MAX, &Costs::default()), None);
    }
}
