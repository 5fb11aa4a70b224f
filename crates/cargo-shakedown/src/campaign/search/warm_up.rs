//! The warm-up: every start is run once, and some of them twice to see how stable their coverage is.

use super::super::corpus::{Entry, Origin};
use super::super::event::{Phase, Start, Task};
use super::super::slots::Sample;
use super::super::stability::differing;
use super::Search;

impl Search {
    pub(super) fn warmed_up(&mut self, start: Start, task: Task, execs: u64, is_settled: bool) {
        match task {
            Task::Lost(_) if execs == 0 => {
                self.starts.push_front(start);
                return;
            }
            Task::Passed(features) => {
                self.merge(&features);
                self.add(Entry::new(start.input.clone()), &features);
                if self.samples_left > 0 {
                    self.samples_left -= 1;
                    let features = (self.warm_up_done >= self.slots.count()).then_some(features);
                    self.samples.push_back(Sample { input: start.input, features, is_settled });
                    self.warm_up_total += 1;
                }
            }
            Task::Failed(input, failure, past) => {
                self.suspect(failure, &input, past, start.origin);
                self.unfit.push(start.input);
            }
            Task::Gone => {}
            _ => self.unfit.push(start.input),
        }
        self.warm_up_done += 1;
        if self.phase() == Phase::Fuzzing {
            self.make_do();
        }
    }

    pub(super) fn sampled(&mut self, sample: Sample, task: Task, is_settled: bool) {
        self.warm_up_done += 1;
        match (sample.features, task) {
            (Some(features), Task::Passed(again)) if sample.is_settled && is_settled => {
                self.distrust(&differing(&features, &again));
            }
            (None, Task::Passed(features)) => {
                let features = Some(features);
                self.samples.push_back(Sample { input: sample.input, features, is_settled });
                self.warm_up_total += 1;
            }
            (_, Task::Failed(input, failure, past)) => {
                self.suspect(failure, &input, past, Origin::Found);
            }
            _ => {}
        }
    }

    /// Varies inputs that failed or were rejected where there are no others: a variation may pass.
    pub(super) fn make_do(&mut self) {
        let unfit = std::mem::take(&mut self.unfit);
        if self.corpus.len() == 0 {
            for input in unfit {
                self.add(Entry::new(input), &[]);
            }
            self.corpus.all_are_unfit();
        }
    }
}
