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

use super::corpus::{Corpus, Entry, EntryId, Known, Origin};
use super::coverage::Coverage;
use super::event::{
    Action, Config, Damage, Event, Job, Lease, Phase, Start, Statistics, Task, Trouble,
};
use super::findings::{Finding, Findings};
use super::input::Input;
use super::past::Past;
use super::schedule::Schedule;
use super::slots::{Slot, Slots, trim_execs};

/// Longest batch, in milliseconds: the time after which new coverage has reached all workers.
const BATCH_MS: u64 = 100;

/// Entries shorter than this are not trimmed.
const TRIM_FROM: usize = 8;

/// Workers lost in a row, without an execution in between, before the search gives up.
const MAX_LOST: u32 = 10;

/// The same for workers that were damaged: each may have hung for a while.
const MAX_DAMAGED: u32 = 5;

/// Workers damaged over all before the search gives up: a mistake of the engine's own must not go
/// on for ever.
const MAX_DAMAGED_EVER: u64 = 100;

/// The search for one target.
#[derive(Clone, Debug)]
pub struct Search {
    config: Config,
    rng: Rng,
    slots: Slots,
    starts: VecDeque<Start>,
    warm_up_total: usize,
    warm_up_done: usize,
    /// Inputs of the warm-up that failed or were rejected, in case that no other is left.
    unfit: Vec<Input>,
    corpus: Corpus,
    schedule: Schedule,
    coverage: Coverage,
    findings: Findings,
    /// Findings that wait for a worker to look into them.
    suspects: VecDeque<usize>,
    /// Leases that were cut short by the clock or by new coverage, to be gone on with.
    open_leases: VecDeque<Lease>,
    execs: u64,
    extra_execs: u64,
    rejected: u64,
    lost: u64,
    lost_in_a_row: u32,
    told_lost: bool,
    damaged: u64,
    damaged_in_a_row: u32,
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
            slots: Slots::new(config.jobs),
            warm_up_total: starts.len(),
            warm_up_done: 0,
            unfit: Vec::new(),
            starts: starts.into(),
            corpus: Corpus::new(coverage.capacity()),
            schedule: Schedule::default(),
            coverage,
            findings: Findings::default(),
            suspects: VecDeque::new(),
            open_leases: VecDeque::new(),
            execs: 0,
            extra_execs: 0,
            rejected: 0,
            lost: 0,
            lost_in_a_row: 0,
            told_lost: false,
            damaged: 0,
            damaged_in_a_row: 0,
            last_new: Duration::ZERO,
            paused: false,
            stopped: false,
            broken: None,
            config,
        }
    }

    /// Adds entries whose coverage is known from an earlier campaign with the same program: they
    /// need not be run. To be called before the first event.
    pub fn remember(&mut self, known: &Known) {
        for (entry, features) in known.iter() {
            self.coverage.merge(features);
            let input = Input::Stored(entry);
            let entry = Entry { input, parent: None, generation: 0, owned: 0 };
            let (id, robbed) = self.corpus.add(entry, features);
            self.schedule.add_known(self.corpus.get(id).owned > 0);
            self.update_schedule(robbed);
        }
    }

    /// What is to be remembered for the next campaign with the same program.
    #[must_use]
    pub fn known(&self) -> Known {
        self.corpus.known()
    }

    /// Takes in an event, at this time since the start of the campaign; returns what is to be
    /// done, in order.
    pub fn step(&mut self, now: Duration, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Ready(worker) => {
                if matches!(self.slots.get(worker), Slot::Absent) {
                    self.slots.put(worker, Slot::Waiting);
                }
            }
            Event::Done { worker, task, execs, rejected, rng } => {
                self.rejected += rejected;
                self.done(now, worker, task, execs, rng, &mut actions);
            }
            Event::Saved(entry, name) => self.corpus.stored(entry, name),
            Event::Pause => self.paused = true,
            Event::Resume => self.paused = false,
            Event::Retired => self.retire(&mut actions),
        }
        match self.broken.is_some() {
            true => actions.extend(self.suspects.drain(..).map(Action::Report)),
            false => self.assign(&mut actions),
        }
        actions
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
        self.stopped
            || self.broken.is_some()
            || self.left() == Some(0) && self.slots.reserved() == 0
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
            findings: self.findings.list().len() - self.suspects.len() - self.slots.investigating(),
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

    fn done(
        &mut self,
        now: Duration,
        worker: usize,
        task: Task,
        execs: u64,
        rng: RngState,
        actions: &mut Vec<Action>,
    ) {
        let slot = self.slots.put(worker, Slot::Waiting);
        self.execs += execs;
        if execs > 0 {
            self.lost_in_a_row = 0;
            self.damaged_in_a_row = 0;
        }
        if let Task::Lost(reason) = &task {
            self.note_lost(reason, actions);
        }
        if let Task::Damaged(damage) = &task {
            self.note_damaged(damage.clone(), actions);
        }
        match (slot, task) {
            (slot, Task::Broken(reason)) => {
                self.give_back(slot, actions);
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
        while let Some(worker) = self.slots.first_waiting()
            && let Some((slot, job)) = self.next_job()
        {
            self.slots.put(worker, slot);
            actions.push(Action::Assign(worker, job));
        }
    }

    /// The next job. Findings come first, but no more than half of the workers look into them as
    /// long as there is anything else to do: the search goes on under a flood of findings.
    fn next_job(&mut self) -> Option<(Slot, Job)> {
        match self.slots.investigating() < (self.slots.count() / 2).max(1) {
            true => self.next_suspect().or_else(|| self.next_visit()),
            false => self.next_visit().or_else(|| self.next_suspect()),
        }
    }

    fn next_suspect(&mut self) -> Option<(Slot, Job)> {
        let index = self.suspects.pop_front()?;
        let finding = self.findings.get_mut(index);
        let job = Job::Investigate(
            finding.input.clone(),
            finding.failure.clone(),
            std::mem::take(&mut finding.past),
            self.config.minimize && !finding.origin.is_seed(),
        );
        Some((Slot::Investigating(index), job))
    }

    /// The warm-up first, then leases.
    fn next_visit(&mut self) -> Option<(Slot, Job)> {
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
        let Some((entry, execs)) = self.schedule.next(&mut self.rng, self.execs) else {
            let reason = match self.corpus.len() {
                0 => "there is no input to start from",
                _ => "the files of all entries are gone",
            };
            self.broken.get_or_insert_with(|| reason.into());
            return None;
        };
        let donor = EntryId(self.rng.below(self.corpus.len()) as u32);
        let donor = match donor == entry {
            true => Input::default(),
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

    /// Varies inputs that failed or were rejected where there are no others: a variation may pass.
    fn make_do(&mut self) {
        let unfit = std::mem::take(&mut self.unfit);
        if self.corpus.len() == 0 {
            for input in unfit {
                self.add(Entry { input, parent: None, generation: 0, owned: 0 }, &[]);
            }
            self.corpus.all_are_unfit();
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
        if execs == 0 && matches!(task, Task::Lost(_)) {
            self.open_leases.push_front(lease);
            return;
        }
        lease.rng = rng;
        lease.execs = lease.execs.saturating_sub(execs);
        let parent = lease.entry;
        match task {
            // Where the worker died, the state of its generator died with it. One that was damaged
            // before it ran anything is not given the same entry again: that may be the reason.
            Task::Lost(_) | Task::Damaged(_) => {}
            Task::Gone => self.schedule.retire(parent),
            Task::Failed(input, failure, past) => {
                let survived = failure.kind.survivable();
                self.suspect(failure, &input, past, Origin::Found);
                if survived {
                    self.go_on(lease);
                }
            }
            Task::Coverage(input, features) => {
                self.go_on(lease);
                let new = self.merge(now, &features, actions);
                if !new.is_empty() {
                    let generation = self.corpus.get(parent).generation + 1;
                    let child =
                        Entry { input: input.into(), parent: Some(parent), generation, owned: 0 };
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
    fn keep(&mut self, child: Entry, features: Vec<u32>, new: Vec<u32>, actions: &mut Vec<Action>) {
        let execs = trim_execs(&child);
        match self.slots.first_waiting() {
            Some(worker)
                if self.config.minimize
                    && !self.is_finished()
                    && self.left().is_none_or(|left| left >= execs)
                    && child.input.len() >= TRIM_FROM =>
            {
                let job = Job::Trim(child.input.clone(), new, execs);
                let slot = Slot::Trimming { child, features };
                self.slots.put(worker, slot);
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
                child.input = input.into();
                self.save(child, &trimmed, actions);
            }
            Task::Failed(input, failure, past) => {
                self.save(child, &features, actions);
                self.suspect(failure, &input, past, Origin::Found);
            }
            _ => self.save(child, &features, actions),
        }
    }

    /// Adds an entry to the corpus, and to the one on disk.
    fn save(&mut self, entry: Entry, features: &[u32], actions: &mut Vec<Action>) {
        let bytes = match &entry.input {
            Input::Kept(bytes) => Some(bytes.clone()),
            Input::Stored(_) => None,
        };
        let id = self.add(entry, features);
        actions.extend(bytes.map(|bytes| Action::SaveEntry(id, bytes)));
    }

    fn add(&mut self, entry: Entry, features: &[u32]) -> EntryId {
        let (id, robbed) = self.corpus.add(entry, features);
        self.schedule.add(self.corpus.get(id).owned > 0);
        self.update_schedule(robbed);
        id
    }

    fn update_schedule(&mut self, robbed: Vec<EntryId>) {
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
    fn suspect(&mut self, failure: Failure, input: &[u8], past: Past, origin: Origin) {
        if let Some(index) = self.findings.note(failure, input, past, origin, self.execs) {
            self.suspects.push_back(index);
            self.stopped |= self.config.fail_fast;
        }
    }

    fn suspect_all(&mut self, failures: Vec<(Arc<[u8]>, Failure)>) {
        for (input, failure) in failures {
            self.suspect(failure, &input, Past::default(), Origin::Found);
        }
    }

    fn investigated(&mut self, index: usize, task: Task, actions: &mut Vec<Action>) {
        if let Task::Investigated(result) = task {
            self.extra_execs += result.execs;
            let finding = self.findings.get_mut(index);
            finding.status = result.status;
            finding.input = result.input;
            finding.before = result.before;
            finding.failure = result.failure;
            self.suspect_all(result.others);
            match result.trouble.map(|trouble| *trouble) {
                Some(Trouble::Damaged(damage)) => self.note_damaged(damage, actions),
                Some(Trouble::Broken(reason)) => drop(self.broken.get_or_insert(reason)),
                None => {}
            }
        }
        actions.push(Action::Report(index));
    }

    /// Counts a lost worker. While the search pauses none is replaced, and they may well have been
    /// ended on purpose.
    fn note_lost(&mut self, reason: &str, actions: &mut Vec<Action>) {
        self.lost += 1;
        if self.paused {
            return;
        }
        if !std::mem::replace(&mut self.told_lost, true) {
            actions.push(Action::Warn(format!("a worker was lost and replaced: {reason}")));
        }
        self.lost_in_a_row += 1;
        if self.lost_in_a_row >= MAX_LOST {
            self.broken.get_or_insert_with(|| {
                format!("{MAX_LOST} workers in a row were lost before they ran anything: {reason}")
            });
        }
    }

    /// Counts a damaged worker.
    fn note_damaged(&mut self, damage: Damage, actions: &mut Vec<Action>) {
        self.damaged += 1;
        self.damaged_in_a_row += 1;
        let reason = &damage.reason;
        let told = if self.damaged_in_a_row >= MAX_DAMAGED {
            Some(format!(
                "{MAX_DAMAGED} workers in a row failed before they ran anything: {reason}"
            ))
        } else if self.damaged >= MAX_DAMAGED_EVER {
            Some(format!("{MAX_DAMAGED_EVER} workers were damaged, the last one thus: {reason}"))
        } else {
            None
        };
        self.broken = self.broken.take().or(told);
        actions.push(Action::Damaged(damage, self.damaged == 1));
    }

    /// Takes back what a worker was given and did not do; what it found is saved as it is.
    fn give_back(&mut self, slot: Slot, actions: &mut Vec<Action>) {
        match slot {
            Slot::Absent | Slot::Waiting => {}
            Slot::WarmingUp(start) => self.starts.push_front(start),
            Slot::Fuzzing(lease) => self.open_leases.push_front(lease),
            Slot::Trimming { child, features } => self.save(child, &features, actions),
            Slot::Investigating(index) => actions.push(Action::Report(index)),
        }
    }

    fn retire(&mut self, actions: &mut Vec<Action>) {
        for worker in 0..self.slots.count() {
            let slot = self.slots.put(worker, Slot::Absent);
            self.give_back(slot, actions);
        }
    }
}
