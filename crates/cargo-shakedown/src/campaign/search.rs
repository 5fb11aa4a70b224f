//! The search for one target: a state machine over the jobs of its workers.
//!
//! First every seed and cached entry is run once (warm-up), then entries are varied, lease by
//! lease. A lease is one visit to an entry; a batch is the part of it that fits into one call.
//! Where a batch ends by the clock, the lease goes on in the next call from the same state of the
//! generator, so the sequence of executions does not depend on the clock. An input with new
//! coverage is run again, and trimmed and kept if the same counters tell the same of it; a failure of a new kind is investigated by one worker while the others go on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use shakedown_core::failure::{Failure, Kind};
use shakedown_core::features::feature;
use shakedown_core::message::RngState;
use shakedown_core::rng::Rng;

use super::corpus::{Corpus, Entry, EntryId, Origin};
use super::coverage::Coverage;
use super::event::{
    Action, Config, Damage, Event, Inquiry, Investigated, Job, Lease, Phase, Start, Statistics,
    Task, Trouble,
};
use super::findings::{Finding, Findings, Noted, Status};
use super::past::Past;
use super::schedule::Schedule;
use super::stability::{self, differing};

/// Longest batch, in milliseconds: the time after which new coverage has reached all workers.
const BATCH_MS: u64 = 100;

/// Executions spent on trimming an entry, by its length in bytes: `MIN + length / PER`, and no
/// more than `MAX`.
const TRIM_MIN: u64 = 32;
const TRIM_PER: u64 = 16;
const TRIM_MAX: u64 = 1024;

/// Entries shorter than this are not trimmed.
const TRIM_FROM: usize = 8;

/// Workers lost in a row, without an execution in between, before the search gives up.
const MAX_LOST: u32 = 10;

/// The same for workers that were damaged: each may have hung for a while.
const MAX_DAMAGED: u32 = 5;

/// Workers damaged over all before the search gives up: a mistake of the engine's own must not go
/// on for ever.
const MAX_DAMAGED_EVER: u64 = 100;

/// What a worker is at.
#[derive(Clone, Debug)]
enum Slot {
    Absent,
    Waiting,
    WarmingUp(Start),
    /// A start, run again.
    Sampling(Sample),
    Fuzzing(Lease),
    /// An input with new features, run again.
    Checking(Check),
    Trimming {
        child: Entry,
        features: Vec<u32>,
    },
    Investigating(Suspect),
}

/// A finding to be looked into.
#[derive(Clone, Debug)]
struct Suspect {
    /// Position of the finding.
    finding: usize,
    /// What is to be verified in the place of the finding's own input, if it was reported already.
    rival: Option<(Arc<[u8]>, Failure)>,
    /// Whether all other workers wait until it is verified.
    is_alone: bool,
}

impl Suspect {
    fn new(finding: usize, rival: Option<(Arc<[u8]>, Failure)>) -> Self {
        Self { finding, rival, is_alone: false }
    }
}

/// A start that passed and is run again to see whether its coverage is the same.
#[derive(Clone, Debug)]
struct Sample {
    input: Arc<[u8]>,
    /// Its features, to compare with; none yet for the first starts of a campaign, each of which is
    /// the first input of some process.
    features: Option<Vec<u32>>,
    /// Whether the process had run another input before.
    is_settled: bool,
}

/// An input with new features that is run again before it is kept.
#[derive(Clone, Debug)]
struct Check {
    child: Entry,
    features: Vec<u32>,
    new: Vec<u32>,
    /// Whether the process had run another input before.
    is_settled: bool,
}

/// The search for one target.
#[derive(Clone, Debug)]
pub struct Search {
    config: Config,
    rng: Rng,
    slots: Vec<Slot>,
    /// Whether the process of a worker has run an input before: the first one also runs what is
    /// done once in a process, so that its coverage says nothing about stability.
    settled: Vec<bool>,
    starts: VecDeque<Start>,
    warm_up_total: usize,
    warm_up_done: usize,
    /// Inputs of the warm-up that failed or were rejected, in case that no other is left.
    unfit: Vec<Arc<[u8]>>,
    samples: VecDeque<Sample>,
    /// Starts that may yet become samples.
    samples_left: usize,
    corpus: Corpus,
    schedule: Schedule,
    coverage: Coverage,
    findings: Findings,
    /// Findings that wait for a worker to look into them.
    suspects: VecDeque<Suspect>,
    /// Leases that were cut short by the clock or by new coverage, to be gone on with.
    open_leases: VecDeque<Lease>,
    execs: u64,
    /// Executions that workers have been asked for and have not reported.
    reserved: u64,
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
        let broken = starts.is_empty().then(|| "there is no input to start from".into());
        Self {
            rng: Rng::new(config.seed),
            slots: vec![Slot::Absent; config.jobs],
            settled: vec![false; config.jobs],
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
            open_leases: VecDeque::new(),
            execs: 0,
            reserved: 0,
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
            broken,
            config,
        }
    }

    /// Takes in an event, at this time since the start of the campaign; returns what is to be
    /// done, in order.
    pub fn step(&mut self, now: Duration, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Ready(worker) => {
                if matches!(self.slots[worker], Slot::Absent) {
                    self.slots[worker] = Slot::Waiting;
                    self.settled[worker] = false;
                }
            }
            Event::Done { worker, task, execs, rejected, rng } => {
                self.rejected += rejected;
                self.done(now, worker, task, execs, rng, &mut actions);
            }
            Event::Repeated(execs) => self.extra_execs = self.extra_execs.saturating_add(execs),
            Event::Pause => self.paused = true,
            Event::Resume => self.paused = false,
            Event::Retired => self.retire(&mut actions),
        }
        self.known_told += self.known.len();
        actions.extend(self.known.drain(..).map(Action::Report));
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
        self.slots.iter().all(|slot| matches!(slot, Slot::Waiting | Slot::Absent))
            && self.suspects.is_empty()
            && (self.paused || self.is_finished())
    }

    /// Whether there is nothing left to do in any turn: the executions are used up, the first
    /// finding is to end the campaign, or the search is broken.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.is_stopped() || self.broken.is_some() || self.left() == Some(0) && self.reserved == 0
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
            investigating: self.investigating(),
            lost: self.lost,
            damaged: self.damaged,
            last_new: self.last_new,
            warm_up: (self.warm_up_done, self.warm_up_total),
        }
    }

    /// Workers that look into findings.
    fn investigating(&self) -> usize {
        self.slots.iter().filter(|slot| matches!(slot, Slot::Investigating(_))).count()
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
        self.execs += execs;
        if execs > 0 {
            self.lost_in_a_row = 0;
            self.damaged_in_a_row = 0;
        }
        let was_settled = self.settled[worker];
        self.settled[worker] = (was_settled || execs > 0) && is_survived(&task);
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
            (Slot::Fuzzing(lease), Task::Coverage(input, features)) => {
                let is_settled = was_settled || execs > 1;
                let parent = lease.entry;
                self.go_on(lease, execs, rng);
                let new = self.merge(now, &features, actions);
                if !new.is_empty() {
                    let generation = self.corpus.get(parent).generation + 1;
                    let child = Entry { input, parent: Some(parent), generation, owned: 0 };
                    self.check(worker, Check { child, features, new, is_settled }, actions);
                }
            }
            (Slot::Fuzzing(lease), task) => self.fuzzed(lease, task, execs, rng),
            (Slot::Checking(check), task) => self.checked(check, task, actions),
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
        for worker in 0..self.slots.len() {
            if matches!(self.slots[worker], Slot::Waiting)
                && let Some((slot, job)) = self.next_job()
            {
                self.reserved += reserved(&slot);
                self.slots[worker] = slot;
                actions.push(Action::Assign(worker, job));
            }
        }
    }

    /// The next job. Findings come first, but no more than half of the workers look into them as
    /// long as there is anything else to do: the search goes on under a flood of findings.
    ///
    /// A timeout may be a matter of load, so it is verified while no other worker is at anything.
    /// It waits for its turn like any other; while what came before is looked into, the search goes
    /// on, and only then the others are let finish what they are at.
    fn next_job(&mut self) -> Option<(Slot, Job)> {
        if self.slots.iter().any(|slot| matches!(slot, Slot::Investigating(s) if s.is_alone)) {
            return None;
        }
        let investigating = self.investigating();
        if self.suspects.front().is_some_and(|suspect| self.is_timeout(suspect)) {
            let is_free = |slot: &Slot| matches!(slot, Slot::Waiting | Slot::Absent);
            return match self.slots.iter().all(is_free) {
                true => self.next_suspect(),
                false if investigating == 0 => None,
                false => self.next_visit(),
            };
        }
        match investigating < (self.slots.len() / 2).max(1) {
            true => self.next_suspect().or_else(|| self.next_visit()),
            false => self.next_visit().or_else(|| self.next_suspect()),
        }
    }

    fn is_timeout(&self, suspect: &Suspect) -> bool {
        self.findings.list()[suspect.finding].failure.kind == Kind::Timeout
    }

    fn next_suspect(&mut self) -> Option<(Slot, Job)> {
        let mut suspect = self.suspects.pop_front()?;
        suspect.is_alone = self.is_timeout(&suspect);
        let inquiry = match self.is_minimized(&suspect) && !suspect.is_alone {
            true => Inquiry::VerifyAndMinimize,
            false => Inquiry::Verify,
        };
        let finding = self.findings.get_mut(suspect.finding);
        let (input, failure, past) = match &suspect.rival {
            Some((input, failure)) => (input.clone(), failure.clone(), Past::default()),
            None => {
                let past = std::mem::take(&mut finding.past);
                (finding.input.clone(), finding.failure.clone(), past)
            }
        };
        Some((Slot::Investigating(suspect), Job::Investigate(input, failure, past, inquiry)))
    }

    /// Whether a suspect is to be made smaller.
    fn is_minimized(&self, suspect: &Suspect) -> bool {
        let finding = &self.findings.list()[suspect.finding];
        self.config.minimize && suspect.rival.is_none() && !finding.origin.is_seed()
    }

    /// The warm-up first, then leases.
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
                    let features = (self.warm_up_done >= self.slots.len()).then_some(features);
                    self.samples.push_back(Sample { input: start.input, features, is_settled });
                    self.warm_up_total += 1;
                }
            }
            Task::Failed(input, failure, past) => {
                self.suspect(failure, &input, past, start.origin);
                self.unfit.push(input);
            }
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
        }
    }

    fn fuzzed(&mut self, lease: Lease, task: Task, execs: u64, rng: RngState) {
        match task {
            Task::Lost(_) if execs == 0 => self.open_leases.push_front(lease),
            // Where the worker died, the state of its generator died with it. One that was damaged
            // before it ran anything is not given the same entry again: that may be the reason.
            Task::Lost(_) | Task::Damaged(_) => {}
            Task::Failed(input, failure, past) => {
                let survived = failure.kind.survivable();
                self.suspect(failure, &input, past, Origin::Found);
                if survived {
                    self.go_on(lease, execs, rng);
                }
            }
            _ => self.go_on(lease, execs, rng),
        }
    }

    /// Queues what these executions have left of a lease.
    fn go_on(&mut self, mut lease: Lease, execs: u64, rng: RngState) {
        lease.rng = rng;
        lease.execs = lease.execs.saturating_sub(execs);
        if lease.execs > 0 {
            self.open_leases.push_back(lease);
        }
    }

    /// Has an input with new features run again by the worker that found it; with no execution left
    /// it is kept unchecked.
    fn check(&mut self, worker: usize, check: Check, actions: &mut Vec<Action>) {
        if self.is_finished() || self.left() == Some(0) {
            return self.keep(check.child, check.features, check.new, actions);
        }
        let job = Job::Execute(check.child.input.clone());
        let slot = Slot::Checking(check);
        self.reserved += reserved(&slot);
        self.slots[worker] = slot;
        actions.push(Action::Assign(worker, job));
    }

    /// Keeps an input if it showed new features again that can be trusted.
    fn checked(&mut self, check: Check, task: Task, actions: &mut Vec<Action>) {
        let Check { child, features, mut new, is_settled } = check;
        match task {
            Task::Passed(again) => {
                if is_settled {
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
                if let Some(id) = self.corpus.disown(feature(counter, bucket)) {
                    self.schedule.update(id, self.corpus.get(id).owned > 0);
                }
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
        let waiting = self.slots.iter().position(|slot| matches!(slot, Slot::Waiting));
        match waiting {
            Some(worker)
                if self.config.minimize
                    && !self.is_finished()
                    && self.left().is_none_or(|left| left >= execs)
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
            Task::Trimmed { best, others } => {
                let features = match best {
                    Some((input, trimmed)) => {
                        self.merge(now, &trimmed, actions);
                        child.input = input;
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

    /// Adds an entry to the corpus, and to the one on disk.
    fn save(&mut self, entry: Entry, features: &[u32], actions: &mut Vec<Action>) {
        actions.push(Action::SaveEntry(entry.input.clone()));
        self.add(entry, features);
    }

    fn add(&mut self, entry: Entry, features: &[u32]) {
        let trusted = features.iter().copied().filter(|feature| self.coverage.trusts(*feature));
        let (id, robbed) = self.corpus.add(entry, &trusted.collect::<Vec<_>>());
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
    fn suspect(&mut self, failure: Failure, input: &[u8], past: Past, origin: Origin) {
        let known = self.config.known.reason(&failure);
        match self.findings.note(failure.clone(), input, past, origin, self.execs, known) {
            // What is known needs no proof.
            Noted::New(index) if self.findings.list()[index].known.is_some() => {
                self.known.push(index);
            }
            Noted::New(index) => self.suspects.push_back(Suspect::new(index, None)),
            Noted::Again(index) => {
                if self.config.minimize && self.findings.get_mut(index).accepts_rival(input) {
                    let rival = Some((input.into(), failure));
                    self.suspects.push_back(Suspect::new(index, rival));
                }
            }
            Noted::Surplus => {}
        }
    }

    fn suspect_all(&mut self, failures: Vec<(Arc<[u8]>, Failure)>) {
        for (input, failure) in failures {
            self.suspect(failure, &input, Past::default(), Origin::Found);
        }
    }

    fn investigated(
        &mut self,
        worker: usize,
        suspect: Suspect,
        task: Task,
        actions: &mut Vec<Action>,
    ) {
        let Task::Investigated(result) = task else { return self.report(suspect, actions) };
        self.extra_execs += result.execs;
        let Investigated { status, input, before, failure, others, trouble, .. } = *result;
        let is_troubled = trouble.is_some();
        match trouble.map(|trouble| *trouble) {
            Some(Trouble::Damaged(damage)) => self.note_damaged(damage, actions),
            Some(Trouble::Broken(reason)) => drop(self.broken.get_or_insert(reason)),
            None => {}
        }
        let is_sure = status == Status::Reproducible;
        let is_minimized = self.is_minimized(&suspect);
        let finding = self.findings.get_mut(suspect.finding);
        if suspect.rival.is_some() {
            if is_sure && input.len() < finding.input.len() {
                (finding.input, finding.failure) = (input, failure);
                finding.before.clear();
                actions.push(Action::Replace(suspect.finding));
            }
        } else if suspect.is_alone
            && !is_troubled
            && matches!(status, Status::Flaky { failed: 0, .. })
        {
            self.dismiss(suspect.finding, actions);
        } else if suspect.is_alone && is_sure && is_minimized {
            finding.status = status;
            let job = Job::Investigate(input, failure, Past::default(), Inquiry::Minimize);
            let suspect = Suspect::new(suspect.finding, None);
            self.slots[worker] = Slot::Investigating(suspect);
            actions.push(Action::Assign(worker, job));
        } else {
            finding.status = status;
            // A timeout was minimized while the others were at work, so that must be verified too.
            let is_smaller = is_sure && input.len() < finding.input.len();
            if is_smaller && failure.kind == Kind::Timeout && self.slots.len() > 1 {
                let rival = Some((input, failure));
                self.suspects.push_back(Suspect::new(suspect.finding, rival));
            } else {
                (finding.input, finding.before, finding.failure) = (input, before, failure);
            }
            self.report(suspect, actions);
        }
        self.suspect_all(others);
    }

    /// Reports a finding; a rival that nobody could verify is forgotten.
    fn report(&mut self, suspect: Suspect, actions: &mut Vec<Action>) {
        if suspect.rival.is_none() {
            self.reported += 1;
            actions.push(Action::Report(suspect.finding));
        }
    }

    /// Takes back a timeout that was only a matter of load.
    fn dismiss(&mut self, finding: usize, actions: &mut Vec<Action>) {
        let message = &self.findings.list()[finding].failure.message;
        if self.slow == 0 {
            actions.push(Action::Warn(format!(
                "{message}, but not when it was run again with nothing else at work: that is no \
                 finding, the machine is busy or the limit is tight (--timeout, fewer --jobs)"
            )));
        }
        self.slow += 1;
        self.findings.dismiss(finding);
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
            Slot::Fuzzing(lease) => self.open_leases.push_front(lease),
            Slot::Checking(check) => self.save(check.child, &check.features, actions),
            Slot::Trimming { child, features } => self.save(child, &features, actions),
            Slot::Investigating(suspect) => self.report(suspect, actions),
        }
    }

    fn retire(&mut self, actions: &mut Vec<Action>) {
        for worker in 0..self.slots.len() {
            let slot = std::mem::replace(&mut self.slots[worker], Slot::Absent);
            self.reserved -= reserved(&slot);
            self.give_back(slot, actions);
        }
    }
}

/// Executions of the budget that a worker at this may use.
fn reserved(slot: &Slot) -> u64 {
    match slot {
        Slot::WarmingUp(_) | Slot::Sampling(_) | Slot::Checking(_) => 1,
        Slot::Fuzzing(lease) => lease.execs,
        Slot::Trimming { child, .. } => trim_execs(child),
        _ => 0,
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

fn trim_execs(child: &Entry) -> u64 {
    (TRIM_MIN + child.input.len() as u64 / TRIM_PER).min(TRIM_MAX)
}
