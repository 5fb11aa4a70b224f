//! Which mutators of bytes and text find something here, and how often each is drawn for that.
//!
//! What a mutator is worth differs from target to target, and changes while one is searched. Each time
//! that the executions have doubled, weights follow what each has found beside what it would have found
//! were it like all others; older finds count half each time. A few finds say little, so all are thought
//! to have a few more that were as expected.
//!
//! That a choice by success beats a fixed one is known of AFL++ (Y. Koike et al., "SLOPT: Bandit
//! Optimization Framework for Mutation-Based Fuzzing", 2022); theirs is a bandit's.

use shakedown_core::mutate::draws::{EVEN, MUTATORS, MutatorId};

/// Executions after which weights are made for the first time.
const FIRST: u64 = 1 << 13;

/// How many finds as expected each mutator is thought to have beside its own.
const PRIOR: f64 = 4.0;

/// The most that a mutator is drawn beside the average, and the average beside it.
const MOST: f64 = 4.0;

/// What is known of all mutators.
#[derive(Clone, Debug)]
pub(super) struct Mutators {
    /// Finds of each, a chain of several shares one. Older ones count less.
    finds: [f64; MUTATORS],
    /// Executions since the weights were made, and what each mutator has of older ones.
    execs: u64,
    uses: [f64; MUTATORS],
    /// The weights made so far; the last of them hold.
    tables: Vec<Vec<u8>>,
    /// When there are to be new ones, in executions.
    due: u64,
}

impl Default for Mutators {
    fn default() -> Self {
        let (finds, uses) = ([0.0; MUTATORS], [0.0; MUTATORS]);
        Self { finds, execs: 0, uses, tables: Vec::new(), due: FIRST }
    }
}

impl Mutators {
    /// The number of the weights that hold, counted from 1; 0 for those that are built in.
    pub(super) fn current(&self) -> u8 {
        self.tables.len() as u8
    }

    /// All weights so far.
    pub(super) fn tables(&self) -> &[Vec<u8>] {
        &self.tables
    }

    /// Notes that a chain of these mutators has found something new.
    pub(super) fn found(&mut self, chain: &[MutatorId]) {
        for MutatorId(number) in chain {
            if let Some(finds) = self.finds.get_mut(usize::from(*number)) {
                *finds += 1.0 / chain.len() as f64;
            }
        }
    }

    /// Notes executions.
    pub(super) fn executed(&mut self, execs: u64) {
        self.execs += execs;
    }

    /// New weights, if their time has come after so many executions in all. To be asked for at moments
    /// that depend on no clock.
    pub(super) fn renewed(&mut self, all: u64) -> Option<&Vec<u8>> {
        let has_finds = self.finds.iter().any(|finds| *finds > 0.0);
        if !has_finds || all < self.due || self.tables.len() == usize::from(u8::MAX) {
            return None;
        }
        self.due = all.saturating_mul(2);
        let weights = self
            .tables
            .last()
            .map_or([EVEN; MUTATORS], |last| std::array::from_fn(|number| last[number]));
        for (uses, weight) in self.uses.iter_mut().zip(weights) {
            *uses += self.execs as f64 * f64::from(weight);
        }
        self.execs = 0;
        let rate = self.finds.iter().sum::<f64>() / self.uses.iter().sum::<f64>();
        let new = self.finds.iter().zip(&self.uses).map(|(finds, uses)| {
            let share = (finds + PRIOR) / (uses * rate + PRIOR);
            (f64::from(EVEN) * share.clamp(1.0 / MOST, MOST)).round() as u8
        });
        self.tables.push(new.collect());
        self.finds.iter_mut().chain(&mut self.uses).for_each(|count| *count /= 2.0);
        self.tables.last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_more_is_drawn_more_and_nothing_is_forgotten() {
        let mut mutators = Mutators::default();
        mutators.executed(FIRST);
        (0..200).for_each(|_| mutators.found(&[MutatorId(3)]));
        (0..60).for_each(|_| mutators.found(&[MutatorId(7), MutatorId(8), MutatorId::OTHER]));
        assert_eq!(mutators.renewed(FIRST - 1), None);
        let weights = mutators.renewed(FIRST).unwrap().clone();
        assert_eq!(mutators.current(), 1);
        assert_eq!(weights[3], 4 * EVEN);
        assert!(weights[7] > EVEN && weights[7] == weights[8] && weights[7] < weights[3]);
        assert!(weights[0] < EVEN && weights[0] >= EVEN / 4);
        // Once drawn four times as often, it has to find four times as much.
        (0..100).for_each(|_| mutators.found(&[MutatorId(3)]));
        mutators.executed(FIRST);
        assert_eq!(mutators.renewed(2 * FIRST - 1), None);
        let later = mutators.renewed(2 * FIRST).unwrap();
        assert!(later[3] <= weights[3] && later[3] > EVEN, "{later:?}");
    }

    #[test]
    fn there_are_few_weights_and_none_without_finds() {
        let mut mutators = Mutators::default();
        mutators.executed(FIRST);
        assert_eq!(mutators.renewed(FIRST), None);
        for log in 14..64 {
            mutators.found(&[MutatorId(0)]);
            mutators.executed(1 << (log - 1));
            mutators.renewed(1 << log);
        }
        assert_eq!(mutators.tables().len(), 50);
    }
}
