//! The search for one target: a state machine over the jobs of its workers.
//!
//! First every seed and cached entry is run once (warm-up), then entries are varied, lease by
//! lease. A lease is one visit to an entry; a batch is the part of it that fits into one call.
//! Where a batch ends by the clock, the lease goes on in the next call from the same state of the
//! generator, so the sequence of executions does not depend on the clock. New coverage is trimmed
//! and kept; a failure of a new kind is investigated by one worker while the others go on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use shakedown_core::failure::Failure;
use shakedown_core::message::RngState;
use shakedown_core::rng::Rng;

use super::corpus::{Corpus, Entry, EntryId, Origin};
use super::coverage::Coverage;
use super::findings::{Finding, Findings, Status};
use super::schedule::Schedule;

/// Longest batch, in milliseconds: the time after which new coverage has reached all workers.
const BATCH_MS: u64 = 100;

/// Executions spent on trimming an entry, by its length in bytes: `MIN + length / PER`.
const TRIM_MIN: u64 = 32;
const TRIM_PER: u64 = 16;

/// Entries shorter than this are not trimmed.
const TRIM_FROM: usize = 8;

/// Workers lost in a row, without an execution in between, before the search gives up.
const MAX_LOST: u32 = 10;

/// What a search is to do.
#[derive(Clone, Debug)]
pub struct Config {
    /// Number of workers.
    pub jobs: usize,
    /// Seed of all random choices.
    pub seed: u64,
    /// Executions to do, warm-up included; nothing means no limit.
    pub execs: Option<u64>,
    /// Stop at the first finding.
    pub fail_fast: bool,
    /// Number of coverage counters of the program; 0 if it is not instrumented.
    pub counters: usize,
    /// Minimize findings and trim entries.
    pub minimize: bool,
}

/// An input to start from.
#[derive(Clone, Debug)]
pub struct Start {
    /// The encoded input.
    pub input: Arc<[u8]>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A visit to an entry.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The entry.
    pub entry: EntryId,
    /// Its input.
    pub input: Arc<[u8]>,
    /// Another input, for splicing; may be empty.
    pub donor: Arc<[u8]>,
    /// Where the generator stands.
    pub rng: RngState,
    /// Executions left.
    pub execs: u64,
}

/// Work for one worker.
#[derive(Clone, Debug)]
pub enum Job {
    /// Run this input once and report its coverage.
    Execute(Arc<[u8]>),
    /// Run variations of an entry, at most this many milliseconds.
    Fuzz(Lease, u64),
    /// Make an input smaller that keeps these features, in at most this many executions.
    Trim(Arc<[u8]>, Vec<u32>, u64),
    /// Verify a failure in a fresh process, and minimize it if asked for.
    Investigate(Arc<[u8]>, Failure, bool),
}

/// What came of a job.
#[derive(Clone, Debug)]
pub enum Task {
    /// The input passed, with these features.
    Passed(Vec<u32>),
    /// The target rejected the input.
    Rejected,
    /// A batch went by without anything of note.
    Nothing,
    /// An input showed features that the shared map lacks; all its features.
    Coverage(Arc<[u8]>, Vec<u32>),
    /// An input failed.
    Failed(Arc<[u8]>, Failure),
    /// A failure was looked into.
    Investigated(Investigated),
    /// The worker ended through no fault of the target; what happened.
    Lost(String),
    /// It makes no sense to go on; why.
    Broken(String),
}

/// Result of an investigation.
#[derive(Clone, Debug)]
pub struct Investigated {
    /// How surely the failure happens again.
    pub status: Status,
    /// The smallest input found.
    pub input: Arc<[u8]>,
    /// Its failure, with a backtrace.
    pub failure: Failure,
    /// Failures of another key, met on the way.
    pub others: Vec<(Arc<[u8]>, Failure)>,
    /// Executions that it took; they are not part of the budget.
    pub execs: u64,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A worker waits for work.
    Ready(usize),
    /// A worker finished its job.
    Done {
        /// The worker.
        worker: usize,
        /// What came of it.
        task: Task,
        /// Executions done.
        execs: u64,
        /// How many of them were rejected.
        rejected: u64,
        /// Where the generator stands after a batch.
        rng: RngState,
    },
    /// No further batches are to be begun: the turn, the time or the user's patience is over.
    Pause,
    /// The next turn.
    Resume,
    /// There are no workers any more.
    Retired,
}

/// What is to be done about it.
#[derive(Clone, Debug)]
pub enum Action {
    /// Give a worker this job.
    Assign(usize, Job),
    /// Show these bytes of the coverage map to all workers: (counter, buckets).
    Publish(Vec<(usize, u8)>),
    /// Keep an input as an entry.
    SaveEntry(Arc<[u8]>),
    /// Keep and report the finding at this position.
    Report(usize),
    /// Tell the user, once.
    Warn(String),
}

/// Where the search stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Seeds and cached entries are being run.
    WarmUp,
    /// Entries are being varied.
    Fuzzing,
}

/// Numbers for reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Executions of the budget: warm-up, variation and trimming.
    pub execs: u64,
    /// Executions beside the budget: verification and minimization of findings.
    pub extra_execs: u64,
    /// How many of the executions the target rejected.
    pub rejected: u64,
    /// Entries in the corpus.
    pub entries: usize,
    /// Counters hit.
    pub edges: usize,
    /// Features seen.
    pub features: usize,
    /// Findings.
    pub findings: usize,
    /// Workers that look into findings.
    pub investigating: usize,
    /// Workers lost through no fault of the target.
    pub lost: u64,
    /// When the last new feature was seen, since the start of the campaign.
    pub last_new: Duration,
    /// Warm-up runs done and to be done.
    pub warm_up: (usize, usize),
}

/// What a worker is at.
#[derive(Clone, Debug)]
enum Slot {
    Absent,
    Waiting,
    WarmingUp(Start),
    Fuzzing(Lease),
    Trimming { child: Entry, features: Vec<u32> },
    Investigating(usize),
}

/// The search for one target.
#[derive(Clone, Debug)]
pub struct Search {
    config: Config,
    rng: Rng,
    slots: Vec<Slot>,
    starts: VecDeque<Start>,
    warm_up_total: usize,
    warm_up_done: usize,
    corpus: Corpus,
    schedule: Schedule,
    coverage: Coverage,
    findings: Findings,
    /// Findings that wait for a worker to look into them.
    suspects: VecDeque<usize>,
    /// Leases that were cut short by the clock or by new coverage, to be gone on with.
    open_leases: VecDeque<Lease>,
    execs: u64,
    /// Executions that workers have been asked for and have not reported.
    reserved: u64,
    extra_execs: u64,
    rejected: u64,
    lost: u64,
    lost_in_a_row: u32,
    last_new: Duration,
    paused: bool,
    stopped: bool,
    broken: Option<String>,
}

impl Search {
    /// A search that starts from these inputs, in this order.
    #[must_use]
    pub fn new(config: Config, starts: Vec<Start>) -> Self {
        let coverage = Coverage::new(config.counters);
        Self {
            rng: Rng::new(config.seed),
            slots: vec![Slot::Absent; config.jobs],
            warm_up_total: starts.len(),
            warm_up_done: 0,
            starts: starts.into(),
            corpus: Corpus::new(coverage.capacity()),
            schedule: Schedule::default(),
            coverage,
            findings: Findings::default(),
            suspects: VecDeque::new(),
            open_leases: VecDeque::new(),
            execs: 0,
            reserved: 0,
            extra_execs: 0,
            rejected: 0,
            lost: 0,
            lost_in_a_row: 0,
            last_new: Duration::ZERO,
            paused: false,
            stopped: false,
            broken: None,
            config,
        }
    }

    /// Takes in an event, at this time since the start of the campaign; returns what is to be
    /// done, in order.
    pub fn step(&mut self, now: Duration, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Ready(worker) => self.slots[worker] = Slot::Waiting,
            Event::Done { worker, task, execs, rejected, rng } => {
                self.rejected += rejected;
                self.done(now, worker, task, execs, rng, &mut actions);
            }
            Event::Pause => self.paused = true,
            Event::Resume => self.paused = false,
            Event::Retired => self.slots.fill(Slot::Absent),
        }
        self.assign(&mut actions);
        actions
    }

    /// Whether no worker has anything to do, now or later in this turn.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.slots.iter().all(|slot| matches!(slot, Slot::Waiting | Slot::Absent))
            && (self.suspects.is_empty() || self.broken.is_some())
            && (self.paused || self.is_finished())
    }

    /// Whether there is nothing left to do in any turn: the executions are used up, the first
    /// finding is to end the campaign, or the search is broken.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.stopped || self.broken.is_some() || self.left() == Some(0) && self.reserved == 0
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
            findings: self.findings.list().len(),
            investigating: self.slots.iter().filter(|s| matches!(s, Slot::Investigating(_))).count(),
            lost: self.lost,
            last_new: self.last_new,
            warm_up: (self.warm_up_done, self.warm_up_total),
        }
    }

    /// Executions of the budget that nobody has been asked for.
    fn left(&self) -> Option<u64> {
        self.config.execs.map(|limit| limit.saturating_sub(self.execs + self.reserved))
    }

    fn done(
        &mut self,
        now: Duration,
        worker: usize,
        task: Task,
        execs: u64,
        rng: RngState,
        actions: &mut Vec<Action>,
    ) {
        let slot = std::mem::replace(&mut self.slots[worker], Slot::Waiting);
        self.reserved -= reserved(&slot);
        if !matches!(slot, Slot::Investigating(_)) {
            self.execs += execs;
        }
        if execs > 0 {
            self.lost_in_a_row = 0;
        }
        if let Task::Lost(reason) = &task {
            self.note_lost(reason, actions);
        }
        match (slot, task) {
            (slot, Task::Broken(reason)) => {
                self.give_back(now, slot, actions);
                self.broken.get_or_insert(reason);
            }
            (Slot::WarmingUp(start), task) => self.warmed_up(now, start, task, execs, actions),
            (Slot::Fuzzing(lease), task) => self.fuzzed(now, lease, task, execs, rng, actions),
            (Slot::Trimming { child, features }, task) => {
                self.trimmed(now, child, features, task, actions);
            }
            (Slot::Investigating(index), task) => self.investigated(index, task, actions),
            (Slot::Absent | Slot::Waiting, _) => {}
        }
    }

    /// Gives every waiting worker something to do, if there is something.
    fn assign(&mut self, actions: &mut Vec<Action>) {
        for worker in 0..self.slots.len() {
            if matches!(self.slots[worker], Slot::Waiting)
                && self.broken.is_none()
                && let Some((slot, job)) = self.next_job()
            {
                self.reserved += reserved(&slot);
                self.slots[worker] = slot;
                actions.push(Action::Assign(worker, job));
            }
        }
    }

    /// The next job: what is suspected first, then the warm-up, then leases.
    fn next_job(&mut self) -> Option<(Slot, Job)> {
        if let Some(index) = self.suspects.pop_front() {
            let finding = &self.findings.list()[index];
            let job = Job::Investigate(
                finding.input.clone(),
                finding.failure.clone(),
                self.config.minimize && !finding.origin.is_seed(),
            );
            return Some((Slot::Investigating(index), job));
        }
        if self.paused || self.stopped || self.left() == Some(0) {
            return None;
        }
        if let Some(start) = self.starts.pop_front() {
            let job = Job::Execute(start.input.clone());
            return Some((Slot::WarmingUp(start), job));
        }
        if self.phase() == Phase::WarmUp {
            return None;
        }
        let mut lease = match self.open_leases.pop_front() {
            Some(lease) => lease,
            None => self.new_lease()?,
        };
        lease.execs = lease.execs.min(self.left().unwrap_or(u64::MAX));
        Some((Slot::Fuzzing(lease.clone()), Job::Fuzz(lease, BATCH_MS)))
    }

    fn new_lease(&mut self) -> Option<Lease> {
        let (entry, execs) = self.schedule.next(&mut self.rng)?;
        let donor = EntryId(self.rng.below(self.corpus.len()) as u32);
        let donor = match donor == entry {
            true => Arc::default(),
            false => self.corpus.get(donor).input.clone(),
        };
        let Rng { state, inc } = Rng::with_stream(self.rng.u64(), self.rng.u64());
        let input = self.corpus.get(entry).input.clone();
        Some(Lease { entry, input, donor, rng: (state, inc), execs })
    }

    fn warmed_up(
        &mut self,
        now: Duration,
        start: Start,
        task: Task,
        execs: u64,
        actions: &mut Vec<Action>,
    ) {
        match task {
            Task::Lost(_) if execs == 0 => {
                self.starts.push_front(start);
                return;
            }
            Task::Passed(features) => {
                self.merge(now, &features, actions);
                let entry = Entry { input: start.input, parent: None, generation: 0, owned: 0 };
                self.add(entry, &features);
            }
            Task::Failed(input, failure) => self.suspect(failure, &input, start.origin),
            _ => {}
        }
        self.warm_up_done += 1;
        if self.phase() == Phase::Fuzzing && self.corpus.len() == 0 && !self.stopped {
            self.broken.get_or_insert_with(|| {
                "every seed fails or is rejected, so there is nothing to vary: add a seed that \
                 passes"
                    .into()
            });
        }
    }

    fn fuzzed(
        &mut self,
        now: Duration,
        mut lease: Lease,
        task: Task,
        execs: u64,
        rng: RngState,
        actions: &mut Vec<Action>,
    ) {
        lease.rng = rng;
        lease.execs = lease.execs.saturating_sub(execs);
        let parent = lease.entry;
        match task {
            // Where the worker died, the state of its generator died with it.
            Task::Lost(_) => {}
            Task::Failed(input, failure) => {
                let survived = failure.kind.survivable();
                self.suspect(failure, &input, Origin::Found);
                if survived {
                    self.go_on(lease);
                }
            }
            Task::Coverage(input, features) => {
                self.go_on(lease);
                let new = self.merge(now, &features, actions);
                if !new.is_empty() {
                    let generation = self.corpus.get(parent).generation + 1;
                    let child = Entry { input, parent: Some(parent), generation, owned: 0 };
                    self.keep(child, features, new, actions);
                }
            }
            _ => self.go_on(lease),
        }
    }

    /// Queues what is left of a lease.
    fn go_on(&mut self, lease: Lease) {
        if lease.execs > 0 {
            self.open_leases.push_back(lease);
        }
    }

    /// Keeps an input with new features; a longer one is trimmed first, by the first worker free.
    fn keep(
        &mut self,
        child: Entry,
        features: Vec<u32>,
        new: Vec<u32>,
        actions: &mut Vec<Action>,
    ) {
        let wanted = TRIM_MIN + child.input.len() as u64 / TRIM_PER;
        let execs = wanted.min(self.left().unwrap_or(u64::MAX));
        let waiting = self.slots.iter().position(|slot| matches!(slot, Slot::Waiting));
        match waiting {
            Some(worker)
                if self.config.minimize
                    && !self.paused
                    && execs == wanted
                    && child.input.len() >= TRIM_FROM =>
            {
                let job = Job::Trim(child.input.clone(), new, execs);
                let slot = Slot::Trimming { child, features };
                self.reserved += reserved(&slot);
                self.slots[worker] = slot;
                actions.push(Action::Assign(worker, job));
            }
            _ => self.save(child, &features, actions),
        }
    }

    fn trimmed(
        &mut self,
        now: Duration,
        mut child: Entry,
        features: Vec<u32>,
        task: Task,
        actions: &mut Vec<Action>,
    ) {
        match task {
            Task::Coverage(input, trimmed) => {
                self.merge(now, &trimmed, actions);
                child.input = input;
                self.save(child, &trimmed, actions);
            }
            Task::Failed(input, failure) => {
                self.save(child, &features, actions);
                self.suspect(failure, &input, Origin::Found);
            }
            _ => self.save(child, &features, actions),
        }
    }

    /// Adds an entry to the corpus, and to the one on disk.
    fn save(&mut self, entry: Entry, features: &[u32], actions: &mut Vec<Action>) {
        actions.push(Action::SaveEntry(entry.input.clone()));
        self.add(entry, features);
    }

    fn add(&mut self, entry: Entry, features: &[u32]) {
        let (id, robbed) = self.corpus.add(entry, features);
        self.schedule.add(self.corpus.get(id).owned > 0);
        for id in robbed {
            self.schedule.update(id, self.corpus.get(id).owned > 0);
        }
    }

    fn merge(&mut self, now: Duration, features: &[u32], actions: &mut Vec<Action>) -> Vec<u32> {
        let new = self.coverage.merge(features);
        if !new.is_empty() {
            self.last_new = now;
            let map = self.coverage.map();
            let mut counters: Vec<usize> = new.iter().map(|f| (f >> 3) as usize).collect();
            counters.dedup();
            actions.push(Action::Publish(counters.into_iter().map(|c| (c, map[c])).collect()));
        }
        new
    }

    /// Notes a failure; a new one is looked into before it is reported.
    fn suspect(&mut self, failure: Failure, input: &[u8], origin: Origin) {
        if let Some(index) = self.findings.note(failure, input, origin, self.execs) {
            self.suspects.push_back(index);
            self.stopped |= self.config.fail_fast;
        }
    }

    fn suspect_all(&mut self, failures: Vec<(Arc<[u8]>, Failure)>) {
        for (input, failure) in failures {
            self.suspect(failure, &input, Origin::Found);
        }
    }

    fn investigated(&mut self, index: usize, task: Task, actions: &mut Vec<Action>) {
        if let Task::Investigated(result) = task {
            self.extra_execs += result.execs;
            let finding = self.findings.get_mut(index);
            finding.status = result.status;
            finding.input = result.input;
            finding.failure = result.failure;
            self.suspect_all(result.others);
        }
        actions.push(Action::Report(index));
    }

    fn note_lost(&mut self, reason: &str, actions: &mut Vec<Action>) {
        if self.lost == 0 {
            actions.push(Action::Warn(format!("a worker was lost and replaced: {reason}")));
        }
        self.lost += 1;
        self.lost_in_a_row += 1;
        if self.lost_in_a_row >= MAX_LOST {
            self.broken.get_or_insert_with(|| {
                format!("{MAX_LOST} workers in a row were lost before they ran anything: {reason}")
            });
        }
    }

    /// Saves what a worker was given when the search cannot go on.
    fn give_back(&mut self, now: Duration, slot: Slot, actions: &mut Vec<Action>) {
        match slot {
            Slot::Trimming { child, features } => {
                self.trimmed(now, child, features, Task::Nothing, actions);
            }
            Slot::Investigating(index) => actions.push(Action::Report(index)),
            _ => {}
        }
    }
}

/// Executions of the budget that a worker at this may use.
fn reserved(slot: &Slot) -> u64 {
    match slot {
        Slot::WarmingUp(_) => 1,
        Slot::Fuzzing(lease) => lease.execs,
        Slot::Trimming { child, .. } => TRIM_MIN + child.input.len() as u64 / TRIM_PER,
        _ => 0,
    }
}
