//! The search for one target: a state machine over the jobs of its workers.
//!
//! - [`warm_up`]: first every seed, and every cached entry whose coverage is not remembered, is run
//!   once.
//! - [`rounds`]: then entries are varied, lease by lease. A worker is given a round of leases at
//!   once, and a batch is the part of it that fits into one call. Where the clock ends a batch, the
//!   lease continues in the next call from the same state of the generator, so the sequence of
//!   executions does not depend on the clock.
//! - [`keeping`]: an input with new coverage is run again, and trimmed and kept if it shows the
//!   same coverage.
//! - [`suspects`]: a new failure is investigated by one worker while the others continue.
//! - [`health`]: workers that are lost or damaged, and when the search gives up.
//! - [`workers`]: what each of them does.

mod health;
mod keeping;
mod rounds;
mod suspects;
#[cfg(test)]
mod tests;
mod warm_up;
mod workers;

use std::collections::VecDeque;
use std::time::Duration;

use shakedown_core::rng::Rng;
use shakedown_core::wire::{Learn, RngState};

use super::coverage::Coverage;
use super::entries::{Entries, Entry, EntryId, Source};
use super::event::{Action, Event, Job, JobResult, Phase, SearchConfig, Start, Statistics};
use super::findings::{Finding, Findings};
use super::input::Input;
use super::mutators::{MutatorYield, Mutators};
use super::remembered::Remembered;
use super::round::Lease;
use super::schedule::Schedule;
use super::slots::{Slot, Slots, Suspect};
use super::stretch::Stretching;
use super::traced::Traced;
use health::Health;
use warm_up::WarmUp;
use workers::{Process, Worker};

/// Longest batch, in milliseconds: the time after which new coverage has reached all workers.
const MAX_BATCH_MS: u64 = 100;

/// What came of a job.
#[derive(Debug)]
struct JobAnswer {
    worker: usize,
    /// What the process of the worker had run when it began.
    process: Process,
    result: JobResult,
    execs: u64,
    /// Where the generator stands after a batch.
    rng: RngState,
    /// What was recorded of the input that the job ended with.
    traced: Traced,
}

impl JobAnswer {
    /// Whether the process had run another input before the first one of the job.
    fn was_settled(&self) -> bool {
        self.process == Process::Settled
    }

    /// Whether it had run another input before the last one of the job.
    fn was_settled_at_last(&self) -> bool {
        self.was_settled() || self.process == Process::New && self.execs > 1
    }
}

/// The search for one target.
#[derive(Clone, Debug)]
pub struct Search {
    config: SearchConfig,
    rng: Rng,
    slots: Slots,
    workers: Vec<Worker>,
    warm_up: WarmUp,
    entries: Entries,
    schedule: Schedule,
    coverage: Coverage,
    findings: Findings,
    /// Findings that wait for a worker to look into them.
    suspects: VecDeque<Suspect>,
    /// Findings that are to be made smaller still, each with the executions after which that is due.
    unfinished: VecDeque<(u64, Suspect)>,
    /// Leases to come: first what rounds that ended early have left.
    leases: VecDeque<Lease>,
    /// Entries of an earlier campaign whose comparisons are to be recorded.
    to_record: VecDeque<EntryId>,
    /// Entries in which something happens very often.
    stretching: Stretching,
    /// Work granted for trimming.
    trimmed: u64,
    mutators: Mutators,
    /// Findings that are accepted, and not reported yet.
    accepted: Vec<usize>,
    /// What is counted as it happens; `statistics` adds what other parts know.
    numbers: Statistics,
    health: Health,
    paused: bool,
    /// When the event that is taken in happened, since the start of the campaign.
    now: Duration,
    /// What is to be done about it.
    actions: Vec<Action>,
}

impl Search {
    /// A search that starts from these inputs, in this order.
    #[must_use]
    pub fn new(config: SearchConfig, starts: Vec<Start>) -> Self {
        let coverage = Coverage::new(config.counters);
        let mut schedule = Schedule::default();
        schedule.draw(config.drawing);
        Self {
            rng: Rng::new(config.seed),
            slots: Slots::new(config.jobs),
            workers: vec![Worker::new(); config.jobs],
            warm_up: WarmUp::new(starts, if config.counters == 0 { 0 } else { config.samples }),
            entries: Entries::new(coverage.capacity()),
            schedule,
            coverage,
            findings: Findings::default(),
            suspects: VecDeque::new(),
            unfinished: VecDeque::new(),
            leases: VecDeque::new(),
            to_record: VecDeque::new(),
            stretching: Stretching::default(),
            trimmed: 0,
            mutators: Mutators::default(),
            accepted: Vec::new(),
            numbers: Statistics::default(),
            health: Health::default(),
            paused: false,
            now: Duration::ZERO,
            actions: Vec::new(),
            config,
        }
    }

    /// Adds entries whose coverage an earlier campaign with the same program has left: they need
    /// not be run. To be called before the first event.
    pub fn remember(&mut self, entries: &Remembered) {
        for (entry, features) in entries.iter() {
            self.coverage.merge(features);
            let (id, robbed) = self.entries.add(Entry::remembered(entry), features);
            self.schedule.add_remembered(self.entries.get(id).owned > 0);
            self.update_schedule(robbed);
        }
    }

    /// What workers have to have learned, as new ones have not.
    #[must_use]
    pub fn learned(&self) -> Learn {
        Learn { weights: self.mutators.tables().to_vec(), ..Learn::default() }
    }

    /// What came of each mutator.
    #[must_use]
    pub(crate) fn mutators(&self) -> Vec<MutatorYield> {
        self.mutators.yields()
    }

    /// What is to be remembered for the next campaign with the same program. Features of counters
    /// that are not trusted are not among it, for they have no owner.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        self.entries.remembered()
    }

    /// Takes in an event, at this time since the start of the campaign; returns what is to be
    /// done, in order.
    pub fn step(&mut self, now: Duration, event: Event) -> Vec<Action> {
        self.now = now;
        match event {
            Event::Ready(worker) => {
                if matches!(self.slots.get(worker), Slot::Absent) {
                    self.slots.put(worker, Slot::Waiting);
                    self.workers[worker].process = Process::New;
                }
            }
            Event::Done { worker, result, execs, rejected, rng, traced } => {
                self.numbers.rejected += rejected;
                let process = self.workers[worker].process;
                self.done(JobAnswer { worker, process, result, execs, rng, traced });
            }
            Event::Saved(entry, name) => self.entries.stored(entry, name),
            Event::Arrived(start) => self.warm_up.arrived(start),
            Event::AlsoFailed(failed) => self.suspect(failed, Source::Found),
            Event::Replaced(worker) => self.workers[worker].replaced(),
            Event::Repeated(execs) => {
                self.numbers.extra_execs = self.numbers.extra_execs.saturating_add(execs)
            }
            Event::Pause => self.paused = true,
            Event::Resume => self.paused = false,
            Event::Retired => self.retire(),
        }
        for index in std::mem::take(&mut self.accepted) {
            self.numbers.accepted += 1;
            self.findings.get_mut(index).is_reported = true;
            self.actions.push(Action::Found(index));
        }
        match self.health.broken().is_some() {
            true => {
                for suspect in std::mem::take(&mut self.suspects) {
                    self.report(suspect);
                }
                self.unfinished.clear();
            }
            false => self.assign(),
        }
        for action in &self.actions {
            if let Action::Assign(worker, _) = action {
                self.workers[*worker].assigned(now);
            }
        }
        std::mem::take(&mut self.actions)
    }

    /// Whether no worker has anything to do, now or later in this turn.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let is_over = self.paused || self.is_finished() && self.unfinished.is_empty();
        self.slots.all_wait() && self.suspects.is_empty() && is_over
    }

    /// Whether there is nothing left to do in any turn: the executions are used up, the first
    /// finding is to end the campaign, or the search is broken.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.is_stopped()
            || self.health.broken().is_some()
            || self.left() == Some(0) && self.slots.reserved() == 0
            || self.is_replayed()
    }

    /// Whether all was run, and nothing more is wanted.
    fn is_replayed(&self) -> bool {
        self.config.is_replay && self.warm_up.is_over()
    }

    /// Whether a finding ends the search.
    fn is_stopped(&self) -> bool {
        self.config.fail_fast && self.findings.valid() > 0
    }

    /// Why the search cannot go on.
    #[must_use]
    pub fn broken(&self) -> Option<&str> {
        self.health.broken()
    }

    /// Where the search stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        if self.warm_up.is_over() { Phase::Fuzzing } else { Phase::WarmUp }
    }

    /// The findings, in the order in which they were seen.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.findings.list()
    }

    /// The entry that an entry is a variation of, if this campaign has found it.
    #[must_use]
    pub(crate) fn parent(&self, entry: EntryId) -> Option<&Input> {
        Some(&self.entries.get(self.entries.get(entry).parent?).input)
    }

    /// For each counter the shortest entry that hits it and is trusted.
    pub(crate) fn witnesses(&self) -> impl Iterator<Item = Option<(EntryId, &Input)>> {
        let input = |id: EntryId| (id, &self.entries.get(id).input);
        let counters = self.coverage.counters().len();
        self.entries.witnesses().take(counters).map(move |witness| witness.map(input))
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
            entries: self.entries.len(),
            edges: self.coverage.edges(),
            features: self.coverage.features(),
            stability: self.coverage.stability(),
            investigating: self.slots.investigating(),
            warm_up: self.warm_up.progress(),
            ..self.numbers
        }
    }

    /// Executions of the budget that no worker has been asked for.
    fn left(&self) -> Option<u64> {
        self.config
            .execs
            .map(|limit| limit.saturating_sub(self.numbers.execs + self.slots.reserved()))
    }

    /// Takes in what came of a job.
    fn done(&mut self, answer: JobAnswer) {
        let slot = self.slots.put(answer.worker, Slot::Waiting);
        self.numbers.execs += answer.execs;
        if answer.execs > 0 {
            self.health.executed();
        }
        self.workers[answer.worker].answered(&answer);
        match &answer.result {
            JobResult::Lost(reason) => self.note_lost(reason),
            JobResult::Damaged(damage) => self.note_damaged(damage.clone()),
            JobResult::Broken(reason) => {
                self.give_back(slot);
                self.health.give_up(reason);
                return;
            }
            _ => self.health.answered(),
        }
        match slot {
            Slot::WarmingUp(start) => self.warmed_up(start, answer),
            Slot::Sampling(sample) => self.sampled(sample, answer),
            Slot::Fuzzing(round) => self.fuzzed(&round, answer),
            Slot::Recording(entry) => self.recorded(entry, answer),
            Slot::Checking(check) => self.checked(check, answer),
            Slot::Trimming { child, features, .. } => self.trimmed(child, features, answer),
            Slot::Investigating(suspect) => self.investigated(suspect, answer),
            Slot::Absent | Slot::Waiting => {}
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
    /// long as there is anything else to do: the search continues under a flood of findings. They are
    /// made smaller in stints, between which the search does as much: where each candidate ends its
    /// process, that takes long.
    ///
    /// A timeout may be a matter of load, so it is verified while no other worker is running. It
    /// waits for its turn like any other failure; while those before it are investigated, the
    /// search continues, and only then do the others finish what they are doing and wait.
    fn next_job(&mut self) -> Option<(Slot, Job)> {
        if self.slots.is_one_alone() {
            return None;
        }
        let investigating = self.slots.investigating();
        if self.suspects.front().is_some_and(|suspect| self.is_timeout(suspect)) {
            return match self.slots.all_wait() {
                true => self.next_investigation(),
                false if investigating == 0 => None,
                false => self.next_search_job(),
            };
        }
        match investigating < (self.slots.count() / 2).max(1) {
            true => self.next_investigation().or_else(|| self.next_search_job()),
            false => self.next_search_job().or_else(|| self.next_investigation()),
        }
    }

    /// The warm-up first, then rounds.
    fn next_search_job(&mut self) -> Option<(Slot, Job)> {
        if self.paused || self.is_stopped() || self.left() == Some(0) {
            return None;
        }
        if let Some(next) = self.warm_up.next() {
            return Some(next);
        }
        if !self.warm_up.is_over() || self.is_replayed() {
            return None;
        }
        if let Some(entry) = self.to_record.pop_front() {
            let job = Job::Execute(self.entries.get(entry).input.clone());
            return Some((Slot::Recording(entry), job));
        }
        let round = self.next_round()?;
        Some((Slot::Fuzzing(round.clone()), Job::Fuzz(round, MAX_BATCH_MS)))
    }

    /// Takes back what a worker was given and has not done; what it found is saved as it is.
    fn give_back(&mut self, slot: Slot) {
        match slot {
            Slot::Absent | Slot::Waiting => {}
            Slot::WarmingUp(start) => self.warm_up.starts.push_front(start),
            Slot::Sampling(sample) => self.warm_up.samples.push_front(sample),
            Slot::Fuzzing(round) => self.give_back_leases(round.iter().cloned()),
            Slot::Recording(entry) => self.to_record.push_front(entry),
            Slot::Checking(check) => self.save(check.child, &check.features),
            Slot::Trimming { child, features, .. } => self.save(child, &features),
            Slot::Investigating(suspect) => self.report(suspect),
        }
    }

    fn retire(&mut self) {
        for worker in 0..self.slots.count() {
            let slot = self.slots.put(worker, Slot::Absent);
            self.give_back(slot);
        }
        self.health.retire();
    }
}

/// Whether the process of a worker lives on after such a result.
fn is_survived(result: &JobResult) -> bool {
    match result {
        JobResult::Lost(_)
        | JobResult::Damaged(_)
        | JobResult::Broken(_)
        | JobResult::Investigated(_) => false,
        JobResult::Failed(failed) => failed.failure.kind.survivable(),
        _ => true,
    }
}
