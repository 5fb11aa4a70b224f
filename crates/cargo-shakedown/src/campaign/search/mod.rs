//! The search for one target: a state machine over the jobs of its workers.
//!
//! First every seed, and every cached entry whose coverage is not remembered, is run once (warm-up),
//! then entries are varied, lease by lease. A lease is one visit to an entry; a worker is given a
//! round of them at once, and a batch is the part of it that fits into one call. Where a batch ends
//! by the clock, the lease goes on in the next call from the same state of the
//! generator, so the sequence of executions does not depend on the clock. An input with new
//! coverage is run again, and trimmed and kept if the same counters tell the same of it. A failure
//! of a new kind is investigated by one worker while the others go on (`suspects`).

mod health;
mod keeping;
mod rounds;
mod suspects;
#[cfg(test)]
mod tests;
mod warm_up;

use std::collections::VecDeque;
use std::time::Duration;

use shakedown_core::rng::Rng;
use shakedown_core::wire::RngState;

use super::corpus::{Corpus, Entry, Origin};
use super::coverage::Coverage;
use super::event::{Action, Config, Event, Job, Phase, Start, Statistics, Task};
use super::findings::{Finding, Findings};
use super::input::Input;
use super::remembered::Remembered;
use super::round::{Lease, Place};
use super::schedule::Schedule;
use super::slots::{Check, Sample, Slot, Slots, Suspect};

/// Longest batch, in milliseconds: the time after which new coverage has reached all workers.
const BATCH_MS: u64 = 100;

/// What the process of a worker has run. Its first input also runs what is done once in a process, so
/// that its coverage says nothing about stability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Process {
    /// Nothing yet.
    New,
    /// Nobody knows: it has taken the place of another in the middle of a job, or since.
    Replaced,
    /// At least one input.
    Settled,
}

/// The search for one target.
#[derive(Clone, Debug)]
pub struct Search {
    config: Config,
    rng: Rng,
    slots: Slots,
    processes: Vec<Process>,
    starts: VecDeque<Start>,
    warm_up_total: usize,
    warm_up_done: usize,
    /// Inputs of the warm-up that failed or were rejected, in case that no other is left.
    unfit: Vec<Input>,
    samples: VecDeque<Sample>,
    /// Starts that may yet become samples.
    samples_left: usize,
    corpus: Corpus,
    schedule: Schedule,
    coverage: Coverage,
    findings: Findings,
    /// Findings that wait for a worker to look into them.
    suspects: VecDeque<Suspect>,
    /// Leases to come: first what rounds that ended early have left.
    leases: VecDeque<Lease>,
    execs: u64,
    extra_execs: u64,
    rejected: u64,
    /// Findings that were reported.
    reported: usize,
    /// Findings that are known, and not told yet.
    known: Vec<usize>,
    known_told: usize,
    /// Timeouts that were a matter of load.
    slow: u64,
    lost: u64,
    lost_in_a_row: u32,
    told_lost: bool,
    damaged: u64,
    damaged_in_a_row: u32,
    told_poor: bool,
    last_new: Duration,
    paused: bool,
    broken: Option<String>,
    /// When the event that is taken in happened, since the start of the campaign.
    now: Duration,
    /// What is to be done about it.
    actions: Vec<Action>,
}

impl Search {
    /// A search that starts from these inputs, in this order.
    #[must_use]
    pub fn new(config: Config, starts: Vec<Start>) -> Self {
        let coverage = Coverage::new(config.counters);
        Self {
            rng: Rng::new(config.seed),
            slots: Slots::new(config.jobs),
            processes: vec![Process::New; config.jobs],
            warm_up_total: starts.len(),
            warm_up_done: 0,
            unfit: Vec::new(),
            samples: VecDeque::new(),
            samples_left: if config.counters == 0 { 0 } else { config.samples },
            starts: starts.into(),
            corpus: Corpus::new(coverage.capacity()),
            schedule: Schedule::default(),
            coverage,
            findings: Findings::default(),
            suspects: VecDeque::new(),
            leases: VecDeque::new(),
            execs: 0,
            extra_execs: 0,
            rejected: 0,
            reported: 0,
            known: Vec::new(),
            known_told: 0,
            slow: 0,
            lost: 0,
            lost_in_a_row: 0,
            told_lost: false,
            damaged: 0,
            damaged_in_a_row: 0,
            told_poor: false,
            last_new: Duration::ZERO,
            paused: false,
            broken: None,
            now: Duration::ZERO,
            actions: Vec::new(),
            config,
        }
    }

    /// Adds entries whose coverage an earlier campaign with the same program has left: they need not
    /// be run. To be called before the first event.
    pub fn remember(&mut self, entries: &Remembered) {
        for (entry, features) in entries.iter() {
            self.coverage.merge(features);
            let (id, robbed) = self.corpus.add(Entry::new(Input::Stored(entry)), features);
            self.schedule.add_remembered(self.corpus.get(id).owned > 0);
            self.update_schedule(robbed);
        }
    }

    /// What is to be remembered for the next campaign with the same program. Features of counters
    /// that are not trusted are not among it, for they have no owner.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        self.corpus.remembered()
    }

    /// Takes in an event, at this time since the start of the campaign; returns what is to be
    /// done, in order.
    pub fn step(&mut self, now: Duration, event: Event) -> Vec<Action> {
        self.now = now;
        match event {
            Event::Ready(worker) => {
                if matches!(self.slots.get(worker), Slot::Absent) {
                    self.slots.put(worker, Slot::Waiting);
                    self.processes[worker] = Process::New;
                }
            }
            Event::Done { worker, task, execs, rejected, rng } => {
                self.rejected += rejected;
                self.done(worker, task, execs, rng);
            }
            Event::Saved(entry, name) => self.corpus.stored(entry, name),
            Event::Met(input, failure, past) => {
                self.suspect(failure, &input, past, Origin::Found);
            }
            Event::Replaced(worker) => self.processes[worker] = Process::Replaced,
            Event::Repeated(execs) => self.extra_execs = self.extra_execs.saturating_add(execs),
            Event::Pause => self.paused = true,
            Event::Resume => self.paused = false,
            Event::Retired => self.retire(),
        }
        self.known_told += self.known.len();
        self.actions.extend(self.known.drain(..).map(Action::Report));
        match self.broken.is_some() {
            true => {
                for suspect in std::mem::take(&mut self.suspects) {
                    self.report(suspect);
                }
            }
            false => self.assign(),
        }
        std::mem::take(&mut self.actions)
    }

    /// Whether no worker has anything to do, now or later in this turn.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.slots.all_wait() && self.suspects.is_empty() && (self.paused || self.is_finished())
    }

    /// Whether there is nothing left to do in any turn: the executions are used up, the first
    /// finding is to end the campaign, or the search is broken.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.is_stopped()
            || self.broken.is_some()
            || self.left() == Some(0) && self.slots.reserved() == 0
    }

    /// Whether a finding ends the search.
    fn is_stopped(&self) -> bool {
        self.config.fail_fast && self.findings.valid() > 0
    }

    /// Why the search cannot go on.
    #[must_use]
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// Where the search stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.warm_up_done < self.warm_up_total {
            true => Phase::WarmUp,
            false => Phase::Fuzzing,
        }
    }

    /// The findings, in the order in which they were met.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.findings.list()
    }

    /// The whole coverage map, to show it to workers that start.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Numbers for reports.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics {
            execs: self.execs,
            extra_execs: self.extra_execs,
            rejected: self.rejected,
            entries: self.corpus.len(),
            edges: self.coverage.edges(),
            features: self.coverage.features(),
            stability: self.coverage.stability(),
            findings: self.reported,
            known: self.known_told,
            slow: self.slow,
            investigating: self.slots.investigating(),
            lost: self.lost,
            damaged: self.damaged,
            last_new: self.last_new,
            warm_up: (self.warm_up_done, self.warm_up_total),
        }
    }

    /// Executions of the budget that nobody has been asked for.
    fn left(&self) -> Option<u64> {
        self.config.execs.map(|limit| limit.saturating_sub(self.execs + self.slots.reserved()))
    }

    fn done(&mut self, worker: usize, task: Task, execs: u64, rng: RngState) {
        let slot = self.slots.put(worker, Slot::Waiting);
        self.execs += execs;
        if execs > 0 {
            self.lost_in_a_row = 0;
            self.damaged_in_a_row = 0;
        }
        let process = self.processes[worker];
        let was_settled = process == Process::Settled;
        self.processes[worker] = match (was_settled || execs > 0) && is_survived(&task) {
            true => Process::Settled,
            false => Process::New,
        };
        if let Task::Lost(reason) = &task {
            self.note_lost(reason);
        }
        if let Task::Damaged(damage) = &task {
            self.note_damaged(damage.clone());
        }
        match (slot, task) {
            (slot, Task::Broken(reason)) => {
                self.give_back(slot);
                self.broken.get_or_insert(reason);
            }
            (Slot::WarmingUp(start), task) => {
                self.warmed_up(start, task, execs, was_settled);
            }
            (Slot::Sampling(sample), task) => self.sampled(sample, task, was_settled),
            (Slot::Fuzzing(round), Task::Coverage(input, features)) => {
                let is_settled = was_settled || process == Process::New && execs > 1;
                let place = Place::after(&round, execs);
                self.give_back_leases(place.remainder(rng));
                let new = self.merge(&features);
                if !new.is_empty() {
                    let child = Entry::new(input);
                    self.check(worker, Check { child, features, new, is_settled });
                }
            }
            (Slot::Fuzzing(round), task) => self.fuzzed(&round, task, execs, rng),
            (Slot::Checking(check), task) => self.checked(check, task, was_settled),
            (Slot::Trimming { child, features }, task) => {
                self.trimmed(child, features, task);
            }
            (Slot::Investigating(suspect), task) => {
                self.investigated(worker, suspect, task);
            }
            (Slot::Absent | Slot::Waiting, _) => {}
        }
    }

    /// Gives every waiting worker something to do, if there is something.
    fn assign(&mut self) {
        while let Some(worker) = self.slots.first_waiting()
            && let Some((slot, job)) = self.next_job()
        {
            self.slots.put(worker, slot);
            self.actions.push(Action::Assign(worker, job));
        }
    }

    /// The next job. Findings come first, but no more than half of the workers look into them as
    /// long as there is anything else to do: the search goes on under a flood of findings.
    ///
    /// A timeout may be a matter of load, so it is verified while no other worker is at anything.
    /// It waits for its turn like any other; while what came before is looked into, the search goes
    /// on, and only then the others are let finish what they are at.
    fn next_job(&mut self) -> Option<(Slot, Job)> {
        if self.slots.is_one_alone() {
            return None;
        }
        let investigating = self.slots.investigating();
        if self.suspects.front().is_some_and(|suspect| self.is_timeout(suspect)) {
            return match self.slots.all_wait() {
                true => self.next_suspect(),
                false if investigating == 0 => None,
                false => self.next_visit(),
            };
        }
        match investigating < (self.slots.count() / 2).max(1) {
            true => self.next_suspect().or_else(|| self.next_visit()),
            false => self.next_visit().or_else(|| self.next_suspect()),
        }
    }

    /// The warm-up first, then rounds.
    fn next_visit(&mut self) -> Option<(Slot, Job)> {
        if self.paused || self.is_stopped() || self.left() == Some(0) {
            return None;
        }
        if let Some(start) = self.starts.pop_front() {
            let job = Job::Execute(start.input.clone());
            return Some((Slot::WarmingUp(start), job));
        }
        if let Some(sample) = self.samples.pop_front() {
            let job = Job::Execute(sample.input.clone());
            return Some((Slot::Sampling(sample), job));
        }
        if self.phase() == Phase::WarmUp {
            return None;
        }
        let round = self.next_round()?;
        Some((Slot::Fuzzing(round.clone()), Job::Fuzz(round, BATCH_MS)))
    }

    /// Takes back what a worker was given and did not do; what it found is saved as it is.
    fn give_back(&mut self, slot: Slot) {
        match slot {
            Slot::Absent | Slot::Waiting => {}
            Slot::WarmingUp(start) => self.starts.push_front(start),
            Slot::Sampling(sample) => self.samples.push_front(sample),
            Slot::Fuzzing(round) => self.give_back_leases(round.iter().cloned()),
            Slot::Checking(check) => self.save(check.child, &check.features),
            Slot::Trimming { child, features } => self.save(child, &features),
            Slot::Investigating(suspect) => self.report(suspect),
        }
    }

    fn retire(&mut self) {
        for worker in 0..self.slots.count() {
            let slot = self.slots.put(worker, Slot::Absent);
            self.give_back(slot);
        }
    }
}

/// Whether the process of a worker lives on after such a result.
fn is_survived(task: &Task) -> bool {
    match task {
        Task::Lost(_) | Task::Damaged(_) | Task::Broken(_) | Task::Investigated(_) => false,
        Task::Failed(_, failure, _) => failure.kind.survivable(),
        _ => true,
    }
}
