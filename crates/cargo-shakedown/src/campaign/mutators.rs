//! Which mutators of bytes and text find something here, and how often each is drawn for that.
//!
//! What a mutator is worth differs from target to target, and changes while one is searched. Each time
//! that the executions have doubled, weights follow what each has found beside what it would have found
//! were it like all others; older finds count half each time. A few finds say little, so all are thought
//! to have a few more that were as expected.
//!
//! That a choice by success beats a fixed one is known of AFL++ (Y. Koike et al., "SLOPT: Bandit
//! Optimization Framework for Mutation-Based Fuzzing", 2022); theirs is a bandit's.

use serde::{Serialize, Serializer};
use shakedown_core::mutate::draws::{EVEN, MUTATORS, MutatorId};
use shakedown_core::mutate::names::{self, Changed};

/// Executions after which weights are made for the first time.
const FIRST: u64 = 1 << 13;

/// How many finds as expected each mutator is thought to have beside its own.
const PRIOR: f64 = 4.0;

/// The most that a mutator is drawn beside the average, and the average beside it.
const MOST: f64 = 4.0;

/// What came of a mutator, for whoever looks on; `docs/json.md` describes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct MutatorYield {
    /// What it is called.
    pub name: &'static str,
    /// What it changes.
    pub changes: &'static str,
    /// News that it has made; where several made one, each has its share.
    #[serde(serialize_with = "hundredths")]
    pub news: f64,
    /// How often it was drawn, of all draws of those that change the same.
    #[serde(serialize_with = "optional_digits")]
    pub drawn: Option<f64>,
    /// How often it is drawn now, beside the average.
    #[serde(serialize_with = "optional_digits")]
    pub weight: Option<f64>,
}

fn hundredths<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((number * 1e2).round() / 1e2)
}

fn optional_digits<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(|number| (number * 1e4).round() / 1e4).serialize(serializer)
}

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
    /// All news of each, and last of all else.
    news: [f64; MUTATORS + 1],
    /// How many of the executions before the weights were made would have drawn each, had all
    /// changed what it changes.
    drawn: [f64; MUTATORS],
}

impl Default for Mutators {
    fn default() -> Self {
        let (finds, uses) = ([0.0; MUTATORS], [0.0; MUTATORS]);
        let (news, drawn) = ([0.0; MUTATORS + 1], [0.0; MUTATORS]);
        Self { finds, execs: 0, uses, tables: Vec::new(), due: FIRST, news, drawn }
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

    /// Notes that a chain of these mutators has found something new; none, if it was something else.
    pub(super) fn found(&mut self, chain: &[MutatorId]) {
        let chain = if chain.is_empty() { &[MutatorId::OTHER] } else { chain };
        for MutatorId(number) in chain {
            let (number, share) = (usize::from(*number), 1.0 / chain.len() as f64);
            if let Some(finds) = self.finds.get_mut(number) {
                *finds += share;
            }
            self.news[number.min(MUTATORS)] += share;
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
        let (weights, drawn) = (self.weights(), self.drawn());
        for (uses, weight) in self.uses.iter_mut().zip(weights) {
            *uses += self.execs as f64 * weight;
        }
        (self.drawn, self.execs) = (drawn, 0);
        let rate = self.finds.iter().sum::<f64>() / self.uses.iter().sum::<f64>();
        let new = self.finds.iter().zip(&self.uses).map(|(finds, uses)| {
            let share = (finds + PRIOR) / (uses * rate + PRIOR);
            (f64::from(EVEN) * share.clamp(1.0 / MOST, MOST)).round() as u8
        });
        self.tables.push(new.collect());
        self.finds.iter_mut().chain(&mut self.uses).for_each(|count| *count /= 2.0);
        self.tables.last()
    }

    /// The weights that hold.
    fn weights(&self) -> [f64; MUTATORS] {
        let last = self.tables.last();
        std::array::from_fn(|number| f64::from(last.map_or(EVEN, |last| last[number])))
    }

    /// `drawn`, up to now.
    fn drawn(&self) -> [f64; MUTATORS] {
        let shares = shares(&self.weights());
        std::array::from_fn(|number| self.drawn[number] + self.execs as f64 * shares[number])
    }

    /// What came of each so far, and last of what is none of them: hints, repetitions, changes of
    /// numbers and of the structure.
    pub(super) fn yields(&self) -> Vec<MutatorYield> {
        let (weights, drawn) = (shares(&self.weights()), shares(&self.drawn()));
        let of_one = |(number, (changed, name)): (usize, (Changed, &'static str))| {
            let alike = names().filter(|(other, _)| *other == changed).count();
            MutatorYield {
                name,
                changes: match changed {
                    Changed::Bytes => "bytes",
                    Changed::Text => "text",
                },
                news: self.news[number],
                drawn: Some(drawn[number]),
                weight: Some(weights[number] * alike as f64),
            }
        };
        let news = self.news[MUTATORS];
        let rest = MutatorYield { name: "other", changes: "any", news, drawn: None, weight: None };
        names().enumerate().map(of_one).chain([rest]).collect()
    }
}

/// What each mutator changes, and its name.
fn names() -> impl Iterator<Item = (Changed, &'static str)> {
    (0..MUTATORS as u8).filter_map(|number| names::of(MutatorId(number)))
}

/// These numbers of mutators as shares of the sum over those that change the same.
fn shares(numbers: &[f64; MUTATORS]) -> [f64; MUTATORS] {
    let mut shares = [0.0; MUTATORS];
    for kind in [Changed::Bytes, Changed::Text] {
        let of_kind: Vec<_> =
            names().enumerate().filter(|(_, (changed, _))| *changed == kind).collect();
        let sum: f64 = of_kind.iter().map(|(number, _)| numbers[*number]).sum();
        for (number, _) in of_kind {
            shares[number] = numbers[number] / if sum > 0.0 { sum } else { 1.0 };
        }
    }
    shares
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
    fn all_news_are_told_with_how_often_what_made_them_was_drawn() {
        let mut mutators = Mutators::default();
        let (of_bytes, of_text) = (MutatorId(3), MutatorId(MUTATORS as u8 - 1));
        mutators.executed(FIRST);
        (0..90).for_each(|_| mutators.found(&[of_bytes, MutatorId::OTHER]));
        mutators.found(&[of_text]);
        mutators.found(&[]);
        mutators.renewed(FIRST).unwrap();
        mutators.executed(FIRST);
        let yields = mutators.yields();
        assert_eq!(yields.len(), MUTATORS + 1);
        let news = |name: &str| yields.iter().find(|it| it.name == name).unwrap().news;
        assert_eq!((news("flip-bit"), news("cross-over"), news("other")), (45.0, 0.0, 46.0));
        assert_eq!(yields.iter().map(|it| it.news).sum::<f64>(), 92.0);
        for kind in ["bytes", "text"] {
            let alike: Vec<_> = yields.iter().filter(|it| it.changes == kind).collect();
            let drawn: f64 = alike.iter().filter_map(|it| it.drawn).sum();
            let weight: f64 = alike.iter().filter_map(|it| it.weight).sum();
            assert!((drawn - 1.0).abs() < 1e-9 && (weight / alike.len() as f64 - 1.0).abs() < 1e-9);
        }
        // Even in the first half, and by its weight in the second.
        let it = &yields[3];
        let even = 1.0 / yields.iter().filter(|it| it.changes == "bytes").count() as f64;
        let expected = (even + it.weight.unwrap() * even) / 2.0;
        assert!((it.drawn.unwrap() - expected).abs() < 1e-9 && it.weight > Some(3.0), "{it:?}");
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
