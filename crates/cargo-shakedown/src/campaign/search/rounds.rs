//! Rounds: which leases a worker is given, and what comes of them.

use std::sync::Arc;

use shakedown_core::CHAIN;
use shakedown_core::mutate::{SOLVING, drawing, repairing, stretch};
use shakedown_core::rng::Rng;
use shakedown_core::wire::Learn;

use super::super::entries::{Entry, EntryId, Source};
use super::super::event::{Action, JobResult};
use super::super::input::Input;
use super::super::round::{self, Lease, Progress, Round};
use super::super::schedule::{Grant, Purpose};
use super::super::slots::Check;
use super::super::stretch::{STEP_EXECS, Step};
use super::{JobAnswer, Search, is_survived};

/// Of an entry with a sum, one lease in half as many repairs it (increments are odd).
const REPAIR_SHARE: u64 = 16;

/// How many executions one costs whose sum is repaired, being recorded and run again.
const REPAIR_COST: u64 = 4;

impl Search {
    /// The next round: of the leases that are left of others; new ones are only drawn once there
    /// are none of those. So it depends on no clock which are drawn when.
    pub(super) fn next_round(&mut self) -> Option<Round> {
        let left = self.left().unwrap_or(u64::MAX);
        // What is left in the end is for all workers.
        let workers = self.slots.count() as u64;
        let most = round::size(self.numbers.execs / workers).min(left.div_ceil(workers));
        if self.leases.is_empty() {
            self.renew_weights();
            let mut execs = 0;
            while execs < most && self.leases.len() < round::MAX_LEASES {
                let lease = self.new_lease()?;
                execs += lease.execs;
                self.leases.push_back(lease);
            }
        }
        let mut round = Vec::new();
        let mut execs = 0;
        while execs < most
            && round.len() < round::MAX_LEASES
            && let Some(mut lease) = self.leases.pop_front()
        {
            lease.execs = lease.execs.min(left - execs);
            execs += lease.execs;
            round.push(lease);
        }
        Some(round.into())
    }

    /// Has leases drawn from now on use what mutators have found, if it is time.
    fn renew_weights(&mut self) {
        if let Some(weights) = self.mutators.renewed(self.numbers.execs) {
            let learned = Learn { weights: vec![weights.clone()], ..Learn::default() };
            self.actions.push(Action::Learn(learned));
        }
    }

    fn new_lease(&mut self) -> Option<Lease> {
        if let Some(lease) = self.stretching_lease() {
            return Some(lease);
        }
        let Some(grant) = self.schedule.next(&mut self.rng, self.numbers.execs) else {
            let reason = match self.entries.len() {
                0 => "there is no input to start from",
                _ => "the files of all entries are gone",
            };
            self.health.give_up(reason);
            return None;
        };
        Some(self.lease(grant))
    }

    /// Executions of variations of an entry; the first ones try its hints, then single changes.
    pub(super) fn lease(&mut self, Grant { entry, execs, purpose }: Grant) -> Lease {
        let is_plain = purpose != Purpose::Any;
        let (is_to_record, is_to_explore) = self.entries.begin_lease(entry, is_plain);
        self.to_record.extend(is_to_record.then_some(entry));
        let donor = EntryId(self.rng.below(self.entries.len()) as u32);
        let donor = match donor == entry {
            true => Input::default(),
            false => self.entries.get(donor).input.clone(),
        };
        let Rng { state, inc } = Rng::with_stream(self.rng.u64(), self.rng.u64());
        let Entry { input, hints, has_sum, .. } = self.entries.get(entry).clone();
        let hints = if is_plain { Arc::default() } else { hints };
        let is_repaired = has_sum && !is_plain && (is_to_explore || inc % REPAIR_SHARE == 1);
        let (rng, execs) = match (is_repaired, is_to_explore && !hints.is_empty()) {
            (true, true) => (repairing(None), execs),
            (true, false) => (repairing(Some(state as u32)), (execs / REPAIR_COST).max(CHAIN)),
            (false, true) => (SOLVING, execs),
            (false, false) if purpose == Purpose::Drawing => (drawing::begin(state as u32), execs),
            (false, false) => ((state, inc), execs),
        };
        let weights = self.mutators.current();
        Lease { entry, input, donor, hints, tokens: 0, weights, rng, execs }
    }

    /// Long repetitions of what repeats in an entry, if that is due.
    fn stretching_lease(&mut self) -> Option<Lease> {
        let Step { entry, number, .. } =
            self.stretching.next(self.schedule.granted(), self.schedule.costs())?;
        let input = self.entries.get(entry).input.clone();
        let (donor, hints) = (Input::default(), Arc::default());
        let (tokens, weights, rng, execs) = (0, 0, stretch::begin(number), STEP_EXECS);
        Some(Lease { entry, input, donor, hints, tokens, weights, rng, execs })
    }

    pub(super) fn fuzzed(&mut self, round: &[Lease], answer: JobAnswer) {
        let progress = Progress::after(round, answer.execs);
        // Where the worker died, the state of its generator died with it.
        let is_survived = is_survived(&answer.result);
        let is_settled = answer.was_settled_at_last();
        if matches!(answer.result, JobResult::Lost(_)) && answer.execs == 0 {
            return self.give_back_leases(round.iter().cloned());
        }
        self.note_stretched(round, &progress, &answer);
        self.mutators.executed(answer.execs);
        match answer.result {
            JobResult::Coverage(input, features) => {
                self.give_back_leases(progress.remainder(answer.rng));
                let new = self.merge(&features);
                if !new.is_empty() {
                    self.mutators.found(&answer.traced.mutators);
                    let child = match drawing::is_visit(progress.current.rng) {
                        true => Entry::new(input),
                        false => Entry::child_of(progress.current.entry, input),
                    };
                    self.check(answer.worker, Check { child, features, new, is_settled });
                }
                return;
            }
            JobResult::Gone => {
                self.forget(progress.current.entry);
                return self.give_back_leases(progress.rest.iter().cloned());
            }
            JobResult::Failed(failed) => {
                self.suspect(failed, Source::Found);
            }
            _ => {}
        }
        // A worker that was damaged before it ran anything is not given the same entry again: that
        // may be the reason.
        match is_survived {
            true => self.give_back_leases(progress.remainder(answer.rng)),
            false => self.give_back_leases(progress.rest.iter().cloned()),
        }
    }

    /// Notes what has come of the step of stretching that a round has, if it has one: how many
    /// comparisons there were, and whether it is over.
    fn note_stretched(&mut self, round: &[Lease], progress: &Progress, answer: &JobAnswer) {
        if round.iter().any(Lease::stretches) {
            self.stretching.worked(answer.traced.work);
            let is_cut = progress.is_cut() && is_survived(&answer.result);
            let is_left = is_cut && progress.current.stretches();
            if !is_left && !progress.rest.iter().any(Lease::stretches) {
                self.stretching.is_over(self.schedule.costs());
            }
        }
    }

    /// Has these leases come next, in this order.
    pub(super) fn give_back_leases(&mut self, leases: impl DoubleEndedIterator<Item = Lease>) {
        leases.rev().for_each(|lease| self.leases.push_front(lease));
    }
}
