//! Inputs with new features on their way into the corpus: run again, trimmed, saved. Coverage that
//! turns out to be unstable is no longer trusted.

use shakedown_core::features::{feature, is_last_bucket};

use super::super::entries::{Entry, EntryId, Source};
use super::super::event::{Action, Job, JobResult};
use super::super::input::Input;
use super::super::slots::{Check, Slot, trim_execs};
use super::super::stability::{self, differing};
use super::{JobAnswer, Search};

/// Entries shorter than this are not trimmed.
const MIN_TRIM_LEN: usize = 8;

/// At most one part in this many of all work is trimming: where all is new, as it is at first, there
/// is more to be found by variations of the seeds.
const TRIM_SHARE: u64 = 4;

impl Search {
    /// Has an input with new features run again by the worker that found it; with no execution left
    /// it is kept unchecked.
    pub(super) fn check(&mut self, worker: usize, check: Check) {
        if self.is_finished() || self.left() == Some(0) {
            return self.keep(check.child, check.features, check.new);
        }
        let job = Job::Execute(check.child.input.clone());
        self.slots.put(worker, Slot::Checking(check));
        self.actions.push(Action::Assign(worker, job));
    }

    /// Keeps an input if it showed new features again that can be trusted.
    pub(super) fn checked(&mut self, check: Check, answer: JobAnswer) {
        let Check { mut child, features, mut new, is_settled: was_settled } = check;
        let is_settled = answer.was_settled();
        match answer.result {
            JobResult::Passed(again) => {
                if was_settled && is_settled {
                    self.distrust(&differing(&features, &again));
                }
                let is_shown = |feature: &u32| again.binary_search(feature).is_ok();
                new.retain(|feature| self.coverage.trusts(*feature) && is_shown(feature));
                child.learn(answer.traced);
                if !new.is_empty() {
                    self.keep(child, again, new);
                }
            }
            JobResult::Failed(failed) => {
                self.suspect(failed, Source::Found);
            }
            JobResult::Rejected | JobResult::Damaged(_) => {}
            _ => self.keep(child, features, new),
        }
    }

    /// Takes in the comparisons of an entry that was not run in this campaign yet.
    pub(super) fn recorded(&mut self, entry: EntryId, answer: JobAnswer) {
        match answer.result {
            JobResult::Lost(_) if answer.execs == 0 => self.to_record.push_front(entry),
            JobResult::Passed(features) => {
                self.merge(&features);
                self.entries.recorded(entry, answer.traced);
                self.schedule.learn_cost(entry, self.entries.get(entry).cost());
            }
            JobResult::Failed(failed) => self.suspect(failed, Source::Cache),
            JobResult::Gone => self.forget(entry),
            _ => {}
        }
    }

    /// Has an entry whose file is gone never come again.
    pub(super) fn forget(&mut self, entry: EntryId) {
        self.schedule.retire(entry);
        self.entries.forget(entry);
        self.to_record.retain(|other| *other != entry);
        self.stretching.forget(entry);
    }

    /// Leaves counters out of everything that guides the search, from now on.
    pub(super) fn distrust(&mut self, counters: &[usize]) {
        let mut published = Vec::new();
        for &counter in counters {
            if !self.coverage.distrust(counter) {
                continue;
            }
            for bucket in 0..8 {
                let robbed = self.entries.disown(feature(counter, bucket));
                self.update_schedule(robbed);
            }
            published.push((counter, self.coverage.map()[counter]));
        }
        if !published.is_empty() {
            self.actions.push(Action::Publish(published));
        }
        let stability = self.coverage.stability();
        if stability < stability::MIN_STABILITY
            && !std::mem::replace(&mut self.health.has_warned_of_instability, true)
        {
            self.actions.push(Action::Warn(stability::warning(stability)));
        }
    }

    /// Keeps an input with new features; a longer one is trimmed first, by the first worker free.
    pub(super) fn keep(&mut self, child: Entry, features: Vec<u32>, new: Vec<u32>) {
        let costs = self.schedule.costs();
        let execs = trim_execs(&child, costs.work(child.cost()));
        let work = costs.work(child.cost().saturating_mul(execs));
        match self.slots.first_waiting() {
            Some(worker) if child.input.len() >= MIN_TRIM_LEN && self.may_trim(execs, work) => {
                self.trimmed += work;
                let job = Job::Trim(child.input.clone(), new, execs);
                self.slots.put(worker, Slot::Trimming { child, features, execs });
                self.actions.push(Action::Assign(worker, job));
            }
            _ => self.save(child, &features),
        }
    }

    /// Whether so many executions, which are so much work, may be spent on trimming now.
    fn may_trim(&self, execs: u64, work: u64) -> bool {
        self.config.minimize
            && !self.is_finished()
            && self.left().is_none_or(|left| left >= execs)
            && (self.trimmed + work) * TRIM_SHARE <= self.schedule.granted()
    }

    pub(super) fn trimmed(&mut self, mut child: Entry, features: Vec<u32>, answer: JobAnswer) {
        match answer.result {
            JobResult::Trimmed { best, others } => {
                let features = match best {
                    Some((input, trimmed)) => {
                        self.merge(&trimmed);
                        child.input = input.into();
                        child.learn(answer.traced);
                        trimmed
                    }
                    None => features,
                };
                self.save(child, &features);
                for failed in others {
                    self.suspect(failed, Source::Found);
                }
            }
            JobResult::Failed(failed) => {
                self.save(child, &features);
                self.suspect(failed, Source::Found);
            }
            _ => self.save(child, &features),
        }
    }

    /// Adds an entry to the corpus, and to the one on disk. It is varied next, if its turn has come.
    pub(super) fn save(&mut self, entry: Entry, features: &[u32]) {
        let bytes = match &entry.input {
            Input::Bytes(bytes) => Some(bytes.clone()),
            Input::Stored(_) => None,
        };
        let id = self.add(entry, features);
        if let Some(grant) = self.schedule.next_is_last_added(self.numbers.execs) {
            let first_lease = self.lease(grant);
            self.leases.push_front(first_lease);
        }
        self.actions.extend(bytes.map(|bytes| Action::SaveEntry(id, bytes)));
    }

    /// Adds an entry as a witness of those of its features that are trusted.
    pub(super) fn add(&mut self, entry: Entry, features: &[u32]) -> EntryId {
        let trusted = features.iter().copied().filter(|feature| self.coverage.trusts(*feature));
        let trusted: Vec<_> = trusted.collect();
        let (id, robbed) = self.entries.add(entry, &trusted);
        let entry = self.entries.get(id);
        let (cost, len) = (entry.cost(), entry.input.len());
        self.schedule.add(entry.owned > 0, !entry.hints.is_empty(), Some(cost));
        if trusted.into_iter().any(|it| is_last_bucket(it) && self.entries.owns(id, it)) {
            self.stretching.add(id, cost, len);
        }
        self.update_schedule(robbed);
        id
    }

    pub(super) fn update_schedule(&mut self, robbed: impl IntoIterator<Item = EntryId>) {
        for id in robbed {
            self.schedule.update(id, self.entries.get(id).owned > 0);
        }
    }

    pub(super) fn merge(&mut self, features: &[u32]) -> Vec<u32> {
        let new = self.coverage.merge(features);
        if !new.is_empty() {
            self.numbers.last_new = self.now;
            self.numbers.last_new_execs = self.numbers.execs;
            let map = self.coverage.map();
            let mut counters: Vec<usize> = new.iter().map(|f| (f >> 3) as usize).collect();
            counters.dedup();
            self.actions.push(Action::Publish(counters.into_iter().map(|c| (c, map[c])).collect()));
        }
        new
    }
}
