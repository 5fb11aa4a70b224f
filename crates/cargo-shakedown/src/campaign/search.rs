//! The search for one target: a state machine over the jobs of its workers.
//!
//! First every seed, and every cached entry whose coverage is not remembered, is run once (warm-up),
//! then entries are varied, lease by lease. A lease is one visit to an entry; a worker is given a
//! round of them at once, and a batch is the part of it that fits into one call. Where a batch ends
//! by the clock, the lease goes on in the next call from the same state of the
//! generator, so the sequence of executions does not depend on the clock. An input with new
//! coverage is run again, and trimmed and kept if the same counters tell the same of it. A failure
//! of a new kind is investigated by one worker while the others go on (`suspects`).

mod suspects;

use std::collections::VecDeque;
use std::time::Duration;

use shakedown_core::features::feature;
use shakedown_core::rng::Rng;
use shakedown_core::wire::RngState;

use super::corpus::{Corpus, Entry, EntryId, Origin};
use super::coverage::Coverage;
use super::event::{Action, Config, Damage, Event, Job, Phase, Start, Statistics, Task};
use super::findings::{Finding, Findings};
use super::input::Input;
use super::remembered::Remembered;
use super::round::{self, Lease, Place, Round};
use super::schedule::Schedule;
use super::slots::{Check, Sample, Slot, Slots, Suspect, trim_execs};
use super::stability::{self, differing};

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
            config,
        }
    }

    /// Adds entries whose coverage an earlier campaign with the same program has left: they need not
    /// be run. To be called before the first event.
    pub fn remember(&mut self, entries: &Remembered) {
        for (entry, features) in entries.iter() {
            self.coverage.merge(features);
            let input = Input::Stored(entry);
            let entry = Entry { input, parent: None, generation: 0, owned: 0 };
            let (id, robbed) = self.corpus.add(entry, features);
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
        let mut actions = Vec::new();
        match event {
            Event::Ready(worker) => {
                if matches!(self.slots.get(worker), Slot::Absent) {
                    self.slots.put(worker, Slot::Waiting);
                    self.processes[worker] = Process::New;
                }
            }
            Event::Done { worker, task, execs, rejected, rng } => {
                self.rejected += rejected;
                self.done(now, worker, task, execs, rng, &mut actions);
            }
            Event::Saved(entry, name) => self.corpus.stored(entry, name),
            Event::Met(input, failure, past) => {
                self.suspect(failure, &input, past, Origin::Found);
            }
            Event::Replaced(worker) => self.processes[worker] = Process::Replaced,
            Event::Repeated(execs) => self.extra_execs = self.extra_execs.saturating_add(execs),
            Event::Pause => self.paused = true,
            Event::Resume => self.paused = false,
            Event::Retired => self.retire(&mut actions),
        }
        self.known_told += self.known.len();
        actions.extend(self.known.drain(..).map(Action::Found));
        match self.broken.is_some() {
            true => {
                for suspect in std::mem::take(&mut self.suspects) {
                    self.report(suspect, &mut actions);
                }
            }
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
            accepted: self.known_told,
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
        let process = self.processes[worker];
        let was_settled = process == Process::Settled;
        self.processes[worker] = match (was_settled || execs > 0) && is_survived(&task) {
            true => Process::Settled,
            false => Process::New,
        };
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
            (Slot::WarmingUp(start), task) => {
                self.warmed_up(now, start, task, execs, was_settled, actions);
            }
            (Slot::Sampling(sample), task) => self.sampled(sample, task, was_settled, actions),
            (Slot::Fuzzing(round), Task::Coverage(input, features)) => {
                let is_settled = was_settled || process == Process::New && execs > 1;
                let place = Place::after(&round, execs);
                let parent = place.current.entry;
                self.give_back_leases(place.remainder(rng));
                let new = self.merge(now, &features, actions);
                if !new.is_empty() {
                    let generation = self.corpus.get(parent).generation + 1;
                    let child =
                        Entry { input: input.into(), parent: Some(parent), generation, owned: 0 };
                    self.check(worker, Check { child, features, new, is_settled }, actions);
                }
            }
            (Slot::Fuzzing(round), task) => self.fuzzed(&round, task, execs, rng),
            (Slot::Checking(check), task) => self.checked(check, task, was_settled, actions),
            (Slot::Trimming { child, features }, task) => {
                self.trimmed(now, child, features, task, actions);
            }
            (Slot::Investigating(suspect), task) => {
                self.investigated(worker, suspect, task, actions);
            }
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

    /// The next round: of the leases that are left of others; new ones are only drawn once there are
    /// none of those. So it depends on no clock which are drawn when.
    fn next_round(&mut self) -> Option<Round> {
        let left = self.left().unwrap_or(u64::MAX);
        // What is left in the end is for all workers.
        let workers = self.slots.count() as u64;
        let most = round::size(self.execs / workers).min(left.div_ceil(workers));
        if self.leases.is_empty() {
            let mut execs = 0;
            while execs < most && self.leases.len() < round::MOST_LEASES {
                let lease = self.new_lease()?;
                execs += lease.execs;
                self.leases.push_back(lease);
            }
        }
        let mut round = Vec::new();
        let mut execs = 0;
        while execs < most
            && round.len() < round::MOST_LEASES
            && let Some(mut lease) = self.leases.pop_front()
        {
            lease.execs = lease.execs.min(left - execs);
            execs += lease.execs;
            round.push(lease);
        }
        Some(round.into())
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
        is_settled: bool,
        actions: &mut Vec<Action>,
    ) {
        match task {
            Task::Lost(_) if execs == 0 => {
                self.starts.push_front(start);
                return;
            }
            Task::Passed(features) => {
                self.merge(now, &features, actions);
                let input = start.input.clone();
                self.add(Entry { input, parent: None, generation: 0, owned: 0 }, &features);
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

    fn sampled(&mut self, sample: Sample, task: Task, is_settled: bool, actions: &mut Vec<Action>) {
        self.warm_up_done += 1;
        match (sample.features, task) {
            (Some(features), Task::Passed(again)) if sample.is_settled && is_settled => {
                self.distrust(&differing(&features, &again), actions);
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
    fn make_do(&mut self) {
        let unfit = std::mem::take(&mut self.unfit);
        if self.corpus.len() == 0 {
            for input in unfit {
                self.add(Entry { input, parent: None, generation: 0, owned: 0 }, &[]);
            }
            self.corpus.all_are_unfit();
        }
    }

    fn fuzzed(&mut self, round: &[Lease], task: Task, execs: u64, rng: RngState) {
        let place = Place::after(round, execs);
        // Where the worker died, the state of its generator died with it.
        let is_survived = is_survived(&task);
        match task {
            Task::Lost(_) if execs == 0 => {
                return self.give_back_leases(round.iter().cloned());
            }
            Task::Gone => {
                self.schedule.retire(place.current.entry);
                self.corpus.forget(place.current.entry);
                return self.give_back_leases(place.rest.iter().cloned());
            }
            Task::Failed(input, failure, past) => {
                self.suspect(failure, &input, past, Origin::Found);
            }
            _ => {}
        }
        // A worker that was damaged before it ran anything is not given the same entry again: that
        // may be the reason.
        match is_survived {
            true => self.give_back_leases(place.remainder(rng)),
            false => self.give_back_leases(place.rest.iter().cloned()),
        }
    }

    /// Has these leases come next, in this order.
    fn give_back_leases(&mut self, leases: impl DoubleEndedIterator<Item = Lease>) {
        leases.rev().for_each(|lease| self.leases.push_front(lease));
    }

    /// Has an input with new features run again by the worker that found it; with no execution left
    /// it is kept unchecked.
    fn check(&mut self, worker: usize, check: Check, actions: &mut Vec<Action>) {
        if self.is_finished() || self.left() == Some(0) {
            return self.keep(check.child, check.features, check.new, actions);
        }
        let job = Job::Execute(check.child.input.clone());
        self.slots.put(worker, Slot::Checking(check));
        actions.push(Action::Assign(worker, job));
    }

    /// Keeps an input if it showed new features again that can be trusted.
    fn checked(&mut self, check: Check, task: Task, is_settled: bool, actions: &mut Vec<Action>) {
        let Check { child, features, mut new, is_settled: was_settled } = check;
        match task {
            Task::Passed(again) => {
                if was_settled && is_settled {
                    self.distrust(&differing(&features, &again), actions);
                }
                let is_shown = |feature: &u32| again.binary_search(feature).is_ok();
                new.retain(|feature| self.coverage.trusts(*feature) && is_shown(feature));
                if !new.is_empty() {
                    self.keep(child, again, new, actions);
                }
            }
            Task::Failed(input, failure, past) => {
                self.suspect(failure, &input, past, Origin::Found);
            }
            Task::Rejected | Task::Damaged(_) => {}
            _ => self.keep(child, features, new, actions),
        }
    }

    /// Leaves counters out of everything that guides the search, from now on.
    fn distrust(&mut self, counters: &[usize], actions: &mut Vec<Action>) {
        let mut published = Vec::new();
        for &counter in counters {
            if !self.coverage.distrust(counter) {
                continue;
            }
            for bucket in 0..8 {
                let robbed = self.corpus.disown(feature(counter, bucket));
                self.update_schedule(robbed);
            }
            published.push((counter, self.coverage.map()[counter]));
        }
        if !published.is_empty() {
            actions.push(Action::Publish(published));
        }
        let stability = self.coverage.stability();
        if stability < stability::POOR && !std::mem::replace(&mut self.told_poor, true) {
            actions.push(Action::Warn(stability::warning(stability)));
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
                self.slots.put(worker, Slot::Trimming { child, features });
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
            Task::Trimmed { best, others } => {
                let features = match best {
                    Some((input, trimmed)) => {
                        self.merge(now, &trimmed, actions);
                        child.input = input.into();
                        trimmed
                    }
                    None => features,
                };
                self.save(child, &features, actions);
                for (input, failure, past) in others {
                    self.suspect(failure, &input, past, Origin::Found);
                }
            }
            Task::Failed(input, failure, past) => {
                self.save(child, &features, actions);
                self.suspect(failure, &input, past, Origin::Found);
            }
            _ => self.save(child, &features, actions),
        }
    }

    /// Adds an entry to the corpus, and to the one on disk. It is varied next.
    fn save(&mut self, entry: Entry, features: &[u32], actions: &mut Vec<Action>) {
        let bytes = match &entry.input {
            Input::Kept(bytes) => Some(bytes.clone()),
            Input::Stored(_) => None,
        };
        let id = self.add(entry, features);
        if let Some(first_visit) = self.new_lease() {
            self.leases.push_front(first_visit);
        }
        actions.extend(bytes.map(|bytes| Action::SaveEntry(id, bytes)));
    }

    /// Adds an entry as a witness of those of its features that are trusted.
    fn add(&mut self, entry: Entry, features: &[u32]) -> EntryId {
        let trusted = features.iter().copied().filter(|feature| self.coverage.trusts(*feature));
        let (id, robbed) = self.corpus.add(entry, &trusted.collect::<Vec<_>>());
        self.schedule.add(self.corpus.get(id).owned > 0);
        self.update_schedule(robbed);
        id
    }

    fn update_schedule(&mut self, robbed: impl IntoIterator<Item = EntryId>) {
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
            Slot::Sampling(sample) => self.samples.push_front(sample),
            Slot::Fuzzing(round) => self.give_back_leases(round.iter().cloned()),
            Slot::Checking(check) => self.save(check.child, &check.features, actions),
            Slot::Trimming { child, features } => self.save(child, &features, actions),
            Slot::Investigating(suspect) => self.report(suspect, actions),
        }
    }

    fn retire(&mut self, actions: &mut Vec<Action>) {
        for worker in 0..self.slots.count() {
            let slot = self.slots.put(worker, Slot::Absent);
            self.give_back(slot, actions);
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
