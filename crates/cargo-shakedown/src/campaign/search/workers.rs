//! What is known of each worker, for the search itself and for whoever looks on.

use std::time::Duration;

use super::super::event::{Activity, JobResult, WorkerStatus};
use super::super::input::Input;
use super::super::slots::Slot;
use super::{JobAnswer, Search, is_survived};

/// What the process of a worker has run. Its first input also runs what is done once per process,
/// so the coverage of that input says nothing about stability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Process {
    /// Nothing yet.
    New,
    /// Unknown: it has replaced another in the middle of a job, or since.
    Replaced,
    /// At least one input.
    Settled,
}

/// A worker.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) process: Process,
    execs: u64,
    restarts: u64,
    /// Why its process ended when it was last restarted.
    last_end: Option<String>,
    /// When it was given what it is doing.
    since: Duration,
}

impl Worker {
    /// One that is not there yet.
    pub(super) fn new() -> Self {
        let (process, since) = (Process::New, Duration::ZERO);
        Self { process, execs: 0, restarts: 0, last_end: None, since }
    }

    /// Notes what came of a job.
    pub(super) fn answered(&mut self, answer: &JobAnswer) {
        self.execs += answer.execs;
        let has_run = answer.was_settled() || answer.execs > 0;
        self.process = match has_run && is_survived(&answer.result) {
            true => Process::Settled,
            false => Process::New,
        };
        match &answer.result {
            JobResult::Failed(failed) if !failed.failure.kind.survivable() => {
                self.ended(failed.failure.kind.name());
            }
            JobResult::Lost(reason) => self.ended(reason),
            JobResult::Damaged(damage) => self.ended(&damage.reason),
            _ => {}
        }
    }

    /// Notes that another process has taken the place of the one before.
    pub(super) fn replaced(&mut self) {
        self.process = Process::Replaced;
        self.ended("replaced");
    }

    /// Notes that it was given something to do.
    pub(super) fn assigned(&mut self, now: Duration) {
        self.since = now;
    }

    fn ended(&mut self, why: &str) {
        self.restarts += 1;
        self.last_end = Some(why.to_owned());
    }
}

impl Search {
    /// What each worker does at this time since the start of the campaign.
    #[must_use]
    pub(crate) fn workers(&self, now: Duration) -> Vec<WorkerStatus> {
        let status = |(number, worker): (usize, &Worker)| {
            let (activity, input) = self.activity(number);
            let entry = match input {
                Some(Input::Stored(stored)) => Some(stored.name),
                _ => None,
            };
            WorkerStatus {
                activity,
                entry,
                elapsed: now.saturating_sub(worker.since),
                execs: worker.execs,
                restarts: worker.restarts,
                last_end: worker.last_end.clone(),
            }
        };
        self.workers.iter().enumerate().map(status).collect()
    }

    /// What a worker does, and with which input.
    fn activity(&self, worker: usize) -> (Activity, Option<&Input>) {
        match self.slots.get(worker) {
            Slot::Absent => (Activity::Starting, None),
            Slot::Waiting => (Activity::Waiting, None),
            Slot::WarmingUp(start) => (Activity::WarmingUp, Some(&start.input)),
            Slot::Sampling(sample) => (Activity::WarmingUp, Some(&sample.input)),
            Slot::Fuzzing(round) => (Activity::Fuzzing, round.first().map(|lease| &lease.input)),
            Slot::Recording(entry) => (Activity::Recording, Some(&self.entries.get(*entry).input)),
            Slot::Checking(check) => (Activity::Checking, Some(&check.child.input)),
            Slot::Trimming { child, .. } => (Activity::Trimming, Some(&child.input)),
            Slot::Investigating(_) => (Activity::Investigating, None),
        }
    }
}
