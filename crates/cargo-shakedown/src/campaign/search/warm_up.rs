//! The warm-up: every start is run once, and some of them twice to see how stable their coverage
//! is. Entries that arrive later are run in the same way, while other workers go on fuzzing.

use std::collections::VecDeque;

use super::super::entries::{Entry, Source};
use super::super::event::{Job, JobResult, Start};
use super::super::input::Input;
use super::super::slots::{Sample, Slot};
use super::super::stability::differing;
use super::{JobAnswer, Search};

/// The starts that are left to be run, and how far they are.
#[derive(Clone, Debug)]
pub(super) struct WarmUp {
    pub(super) starts: VecDeque<Start>,
    pub(super) samples: VecDeque<Sample>,
    /// Starts that may yet become samples.
    samples_left: usize,
    /// Inputs that failed or were rejected, in case no other is left.
    unfit: Vec<Input>,
    done: usize,
    total: usize,
    is_over: bool,
}

impl WarmUp {
    /// Runs these starts in order, and up to `samples` of them twice.
    pub(super) fn new(starts: Vec<Start>, samples: usize) -> Self {
        Self {
            done: 0,
            total: starts.len(),
            is_over: starts.is_empty(),
            starts: starts.into(),
            samples: VecDeque::new(),
            samples_left: samples,
            unfit: Vec::new(),
        }
    }

    /// The next run.
    pub(super) fn next(&mut self) -> Option<(Slot, Job)> {
        if let Some(start) = self.starts.pop_front() {
            let job = Job::Execute(start.input.clone());
            return Some((Slot::WarmingUp(start), job));
        }
        let sample = self.samples.pop_front()?;
        let job = Job::Execute(sample.input.clone());
        Some((Slot::Sampling(sample), job))
    }

    /// Has an entry run that arrived in the course of the campaign.
    pub(super) fn arrived(&mut self, start: Start) {
        self.starts.push_back(start);
        self.total += 1;
    }

    /// Whether everything was run that the search has started with. What arrives later does not
    /// begin it anew.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Runs done and to be done.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.done, self.total)
    }

    /// Has an input run once more.
    fn sample(&mut self, sample: Sample) {
        self.samples.push_back(sample);
        self.total += 1;
    }
}

impl Search {
    pub(super) fn warmed_up(&mut self, start: Start, answer: JobAnswer) {
        let is_settled = answer.was_settled();
        match answer.result {
            JobResult::Lost(_) if answer.execs == 0 => {
                self.warm_up.starts.push_front(start);
                return;
            }
            JobResult::Passed(features) => {
                self.merge(&features);
                let mut entry = Entry::new(start.input.clone());
                entry.learn(answer.traced);
                let id = self.add(entry, &features);
                if start.source.is_seed() {
                    self.schedule.add_seed(id);
                }
                if self.warm_up.samples_left > 0 {
                    self.warm_up.samples_left -= 1;
                    let features = (self.warm_up.done >= self.slots.count()).then_some(features);
                    self.warm_up.sample(Sample { input: start.input, features, is_settled });
                }
            }
            JobResult::Failed(failed) => {
                self.suspect(failed, start.source);
                self.warm_up.unfit.push(start.input);
            }
            JobResult::Gone => {}
            _ => self.warm_up.unfit.push(start.input),
        }
        self.run_done();
    }

    pub(super) fn sampled(&mut self, sample: Sample, answer: JobAnswer) {
        let is_settled = answer.was_settled();
        match (sample.features, answer.result) {
            (Some(features), JobResult::Passed(again)) if sample.is_settled && is_settled => {
                self.distrust(&differing(&features, &again));
            }
            (None, JobResult::Passed(features)) => {
                let features = Some(features);
                self.warm_up.sample(Sample { input: sample.input, features, is_settled });
            }
            (_, JobResult::Failed(failed)) => self.suspect(failed, Source::Found),
            _ => {}
        }
        self.run_done();
    }

    fn run_done(&mut self) {
        self.warm_up.done += 1;
        if self.warm_up.done == self.warm_up.total {
            self.warm_up.is_over = true;
            self.make_do();
        }
    }

    /// Varies inputs that failed or were rejected where there are no others: a variation may pass.
    fn make_do(&mut self) {
        let unfit = std::mem::take(&mut self.warm_up.unfit);
        if self.entries.len() == 0 {
            for input in unfit {
                self.add(Entry::new(input), &[]);
            }
            self.entries.all_are_unfit();
        }
    }
}
