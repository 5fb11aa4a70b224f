//! One target of a campaign, from its first turn to its last.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shakedown_core::schema::Schema;
use shakedown_core::wire::Caught;

use super::Plan;
use super::clock::Rate;
use super::files::Files;
use super::seen::Seen;
use crate::campaign::{Search, Silence};
use crate::report::{FindingNotice, Notice, Reporter, TargetProgress, TargetStart, words};
use crate::store::history::{Run, Sample};
use crate::worker::Setup;

/// A target with its search and files.
pub(super) struct Target {
    pub(super) start: TargetStart,
    pub(super) setup: Arc<Setup>,
    pub(super) schema: Arc<Schema>,
    pub(super) search: Search,
    pub(super) files: Files,
    /// Time that it was fuzzed, before this turn.
    pub(super) elapsed: Duration,
    pub(super) rate: Rate,
    /// Which counters were hit when it was last told.
    pub(super) seen: Seen,
    pub(super) is_announced: bool,
    pub(super) is_leak_reported: bool,
    pub(super) is_chatter_reported: bool,
    pub(super) is_hang_announced: bool,
    /// Whether it has been searched enough.
    pub(super) is_enough: bool,
    /// How it grew.
    pub(super) curve: Vec<Sample>,
    /// Panics that it has caught itself.
    pub(super) caught: Caught,
}

impl Target {
    /// Its name on the screen.
    pub(super) fn label(&self) -> &str {
        &self.start.target.label
    }

    /// Whether it has had any execution.
    pub(super) fn was_searched(&self) -> bool {
        self.search.statistics().execs > 0
    }

    /// For how long it has reached nothing new, after this time.
    pub(super) fn silence(&self, elapsed: Duration) -> Silence {
        let numbers = self.search.statistics();
        Silence {
            time: elapsed.saturating_sub(numbers.last_new),
            execs: numbers.execs.saturating_sub(numbers.last_new_execs),
        }
    }

    /// How far it is after this time, with its rate over the last seconds.
    pub(super) fn progress(&mut self, elapsed: Duration) -> TargetProgress {
        let rate = self.rate.at(elapsed, self.search.statistics().execs);
        self.seen.look(&self.search, self.files.inputs().corpus(), elapsed);
        let mut progress = self.progress_at(elapsed, rate, &self.seen);
        if self.seen.is_watched() {
            progress.sight.workers = self.search.workers(elapsed);
            progress.sight.mutators = self.search.mutators();
        }
        let sample = Sample::new(&progress.numbers, elapsed, rate);
        if sample.is_far_from(self.curve.last()) {
            self.curve.push(sample);
        }
        progress
    }

    /// What it came to, with its rate over the whole time.
    pub(super) fn result(&self) -> TargetProgress {
        let seconds = self.elapsed.as_secs_f64().max(1e-9);
        let rate = self.search.statistics().execs as f64 / seconds;
        let mut seen = self.seen.clone();
        seen.look(&self.search, self.files.inputs().corpus(), Duration::MAX);
        let mut progress = self.progress_at(self.elapsed, rate, &seen);
        progress.sight.mutators = self.search.mutators();
        progress
    }

    fn progress_at(&self, elapsed: Duration, execs_per_sec: f64, seen: &Seen) -> TargetProgress {
        let mut numbers = self.search.statistics();
        // A reader of the number may kill the campaign the next moment.
        numbers.entries -= self.files.entries.unwritten();
        numbers.caught = self.caught.count;
        let silence = self.silence(elapsed);
        TargetProgress {
            target: self.start.target.clone(),
            elapsed,
            execs_per_sec,
            since_new: silence.time,
            since_new_execs: silence.execs,
            phase: self.search.phase(),
            instrumented: self.start.counters > 0,
            numbers,
            sight: Box::new(seen.sight()),
            caught_example: self.caught.example.clone(),
        }
    }

    /// Saves what the next campaign need not run again.
    pub(super) fn save_coverage(&self) -> Result<(), String> {
        let saved = self.files.save_coverage(&self.search.remembered());
        saved.map_err(|error| words::coverage_not_saved(&error.to_string()))
    }

    /// Remembers how this campaign went, if anything was executed. Where that cannot be written, a page
    /// to come has a line less, and that is all.
    pub(super) fn save_history(&mut self, plan: &Plan, started: SystemTime) {
        let result = self.result();
        if result.numbers.execs > 0 {
            let rate = result.execs_per_sec;
            self.curve.push(Sample::new(&result.numbers, self.elapsed, rate));
            let started = started.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            let samples = std::mem::take(&mut self.curve);
            let _ = self.files.save_run(Run { started, seed: plan.seed, jobs: plan.jobs, samples });
        }
    }

    /// Tries again to write what could not be written, and saves what the next campaign need not
    /// run again.
    ///
    /// # Errors
    /// If an input is not written even now; which, and why. The reporter knows it already.
    pub(super) fn save_rest(&mut self, reporter: &mut dyn Reporter) -> Result<(), String> {
        let (events, written) = self.files.save_rest();
        for event in events {
            self.search.step(self.elapsed, event);
        }
        let coverage = self.save_coverage();
        if let Err(reason) = written.as_ref().and(coverage.as_ref()) {
            reporter.report(&Notice::warning(reason));
        }
        written
    }

    /// The findings that were reported, as the search sees them in the end.
    pub(super) fn take_findings(&mut self) -> Vec<FindingNotice> {
        self.files.findings.take(self.search.findings())
    }
}
