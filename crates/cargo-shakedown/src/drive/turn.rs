//! A turn: one target has all the workers, until it is done or its time is up. Whatever arrives
//! meanwhile has a method here, as has every action that the search wants done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use shakedown_core::failure::Failure;

use super::Plan;
use super::clock::{GRACE, KEEP_COVERAGE, TICK, Timer};
use super::inbox::{Inbox, Incoming};
use super::target::Target;
use super::writer::NewEntry;
use crate::campaign::{Action, Damage, Enough, Event, Finding, Phase, Turn};
use crate::pool::{Fetch, FromWorker, Pool};
use crate::report::{Notice, Reporter, words};
use crate::worker::{Orphans, Shared};

/// A turn that has begun.
pub(super) struct ActiveTurn<'a> {
    target: &'a mut Target,
    reporter: &'a mut dyn Reporter,
    inbox: &'a mut Inbox,
    orphans: &'a Orphans,
    /// The workers; none once they were stopped.
    pool: Option<Pool>,
    begun: Instant,
    length: Option<Duration>,
    overrun: Option<Duration>,
    enough: Enough,
    is_paused: bool,
    status: Timer,
    coverage: Timer,
}

impl<'a> ActiveTurn<'a> {
    /// Gives all workers to a target, for the length of the turn.
    ///
    /// # Errors
    /// If the system has no more files, memory or threads.
    pub(super) fn start(
        plan: &Plan,
        target: &'a mut Target,
        reporter: &'a mut dyn Reporter,
        inbox: &'a mut Inbox,
        orphans: &'a Orphans,
        turn: Turn,
    ) -> anyhow::Result<Self> {
        if !std::mem::replace(&mut target.is_announced, true) {
            reporter.report(&Notice::Prepared(target.start.clone()));
        }
        let pool = start_pool(plan, target, inbox).context("cannot start workers")?;
        let map = target.search.coverage().map().iter().enumerate();
        let seen: Vec<_> = map.filter(|(_, b)| **b != 0).map(|(at, b)| (at, *b)).collect();
        pool.publish(&seen)?;
        pool.learn(target.search.learned());
        Ok(Self {
            target,
            reporter,
            inbox,
            orphans,
            pool: Some(pool),
            begun: Instant::now(),
            length: turn.length,
            overrun: turn.overrun,
            enough: plan.enough,
            is_paused: false,
            status: Timer::every(TICK),
            coverage: Timer::every(KEEP_COVERAGE),
        })
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// If the shared memory cannot be written.
    pub(super) fn run(mut self) -> anyhow::Result<()> {
        self.step(Event::Resume)?;
        while !self.target.search.is_idle() {
            match self.inbox.wait() {
                Some(Incoming::Worker(message)) => self.heard(*message)?,
                Some(Incoming::Interrupt) => self.interrupted(),
                None => {}
            }
            self.tick()?;
        }
        self.finish()
    }

    /// A worker, or its supervisor, has something to say.
    fn heard(&mut self, message: FromWorker) -> anyhow::Result<()> {
        match message {
            FromWorker::Event(event) => self.step(event)?,
            FromWorker::Log(text) => self.warn(text),
            FromWorker::Verified(input, failure) => self.verified(&input, &failure),
            FromWorker::Leak(bytes) => self.leaked(bytes),
            FromWorker::Chatty => self.chatty(),
            FromWorker::Caught(caught) => self.target.caught.add(caught),
        }
        Ok(())
    }

    /// The user wants an end: the first time workers may finish what they are running.
    fn interrupted(&mut self) {
        let is_first = self.inbox.note_interrupt();
        if is_first {
            self.warn(words::stopping());
        }
        let Some(pool) = &self.pool else { return };
        match is_first {
            true => pool.control().hurry(),
            false => pool.control().abort(),
        }
    }

    /// Some time has passed.
    fn tick(&mut self) -> anyhow::Result<()> {
        if self.inbox.is_grace_over() {
            self.abort();
        }
        let is_over = self.length.is_some_and(|length| self.begun.elapsed() >= length);
        if !self.is_paused && (is_over || self.is_enough() || self.inbox.is_interrupted()) {
            self.is_paused = true;
            self.step(Event::Pause)?;
        }
        self.end_overrun();
        self.orphans.bury();
        self.tell_what_takes_long();
        if self.status.is_due() {
            self.take_written()?;
            let progress = self.target.progress(self.now());
            self.reporter.report(&Notice::Status(progress));
        }
        if self.coverage.is_due() {
            // It is saved again in the end, and an error reported then.
            let _ = self.target.save_coverage();
        }
        Ok(())
    }

    /// Whether the user wants no more of this target's search.
    fn is_enough(&mut self) -> bool {
        let silence = self.target.silence(self.now());
        if self.target.search.phase() == Phase::Fuzzing && self.enough.is_met(silence) {
            self.target.is_enough = true;
            let note = words::enough(self.target.label(), silence);
            self.reporter.report(&Notice::Note { message: note });
        }
        self.target.is_enough
    }

    /// Ends what the turn has begun, if that takes too long: first what makes findings smaller, then
    /// what verifies them.
    fn end_overrun(&self) {
        let (Some(length), Some(overrun), Some(pool)) = (self.length, self.overrun, &self.pool)
        else {
            return;
        };
        let over = self.begun.elapsed().saturating_sub(length);
        if over >= overrun + GRACE {
            pool.control().abort();
        } else if over >= overrun {
            pool.control().hurry();
        }
    }

    /// Lets the search know which entries are in their files now.
    fn take_written(&mut self) -> anyhow::Result<()> {
        let (events, error) = self.target.files.entries.news();
        if let Some(error) = error {
            self.warn(words::entry_not_saved(&error));
        }
        for event in events {
            self.step(event)?;
        }
        Ok(())
    }

    /// Ends the workers, and the turn.
    fn finish(mut self) -> anyhow::Result<()> {
        if self.inbox.is_interrupted() {
            // A handshake or an escalation that hangs must not keep the user waiting.
            self.abort();
        }
        if let Some(pool) = self.pool.take() {
            pool.stop();
        }
        self.drain();
        self.target.elapsed += self.begun.elapsed();
        let now = self.target.elapsed;
        let actions = self.target.search.step(now, Event::Retired);
        self.carry_out(now, actions)
    }

    /// Empties the queue after the supervisors are gone: what one said too late, [`Event::Ready`]
    /// above all, must not be taken for the word of a worker of the next turn.
    fn drain(&mut self) {
        while let Some(message) = self.inbox.take() {
            match message {
                Incoming::Worker(message) => match *message {
                    FromWorker::Event(_) | FromWorker::Leak(_) | FromWorker::Chatty => {}
                    FromWorker::Verified(input, failure) => self.verified(&input, &failure),
                    FromWorker::Log(text) => self.warn(text),
                    FromWorker::Caught(caught) => self.target.caught.add(caught),
                },
                Incoming::Interrupt => {
                    self.inbox.note_interrupt();
                }
            }
        }
    }

    fn abort(&self) {
        if let Some(pool) = &self.pool {
            pool.control().abort();
        }
    }

    fn warn(&mut self, message: String) {
        self.reporter.report(&Notice::Warning { message });
    }

    /// Tells of the target what is being done.
    fn tell(&mut self, what: &str) {
        let message = format!("{}: {what}", self.target.label());
        self.reporter.report(&Notice::Note { message });
    }

    /// Tells what keeps the workers busy, where that takes long.
    fn tell_what_takes_long(&mut self) {
        let long = self.pool.as_ref().and_then(|pool| pool.control().take_long());
        if let Some(time) = long
            && !std::mem::replace(&mut self.target.is_hang_announced, true)
        {
            self.tell(&words::may_hang(time, self.target.setup.limits.timeout()));
        }
        for text in self.target.files.findings.take_overdue() {
            self.tell(&text);
        }
    }

    /// Time that the target has been fuzzed.
    fn now(&self) -> Duration {
        self.target.elapsed + self.begun.elapsed()
    }

    fn step(&mut self, event: Event) -> anyhow::Result<()> {
        let now = self.now();
        let actions = self.target.search.step(now, event);
        self.carry_out(now, actions)
    }

    /// Does what the search wants done; what concerns workers only while there are some.
    fn carry_out(&mut self, now: Duration, actions: Vec<Action>) -> anyhow::Result<()> {
        for action in actions {
            match (action, &self.pool) {
                (Action::Assign(worker, job), Some(pool)) => pool.assign(worker, job),
                (Action::Publish(bytes), Some(pool)) => {
                    pool.publish(&bytes).context("shared memory")?;
                }
                (Action::Learn(learned), Some(pool)) => pool.learn(learned),
                (Action::Assign(..) | Action::Publish(_) | Action::Learn(_), None) => {}
                (Action::SaveEntry(id, input), _) => {
                    let parent = self.target.search.parent(id).cloned();
                    self.target.files.entries.save(NewEntry { id, input, parent });
                }
                (Action::KeepFailing(input), _) => self.keep_failing(&input),
                (Action::Found(position), _) => self.found(position, now),
                (Action::Replace(position), _) => self.replaced(position),
                (Action::Warn(text), _) => self.warn(text),
                (Action::Tell(text), _) => self.tell(&text),
                (Action::Damaged(damage, is_first), _) => self.damaged(&damage, is_first),
            }
        }
        Ok(())
    }

    /// Keeps an input that fails in a way that is not looked into.
    fn keep_failing(&mut self, input: &[u8]) {
        if let Err(error) = self.target.files.keep_failing(input) {
            self.warn(format!("an input that fails is not kept: {error}"));
        }
    }

    /// Keeps an input that fails every time, until it is reported with a smaller one.
    fn verified(&mut self, input: &Arc<[u8]>, failure: &Failure) {
        let key = failure.key();
        let is_it = |finding: &Finding| finding.key == key && !finding.dismissed;
        if let Some(position) = self.target.search.findings().iter().position(is_it) {
            let finding = &self.target.search.findings()[position];
            self.target.files.findings.keep(position, finding, input, failure);
        }
    }

    /// Keeps and reports a new finding.
    fn found(&mut self, position: usize, now: Duration) {
        let finding = &self.target.search.findings()[position];
        let (notice, warning) = self.target.files.findings.save(position, finding, now);
        if let Some(warning) = warning {
            self.warn(warning);
        }
        self.reporter.report(&Notice::Finding(Box::new(notice)));
    }

    /// Keeps and reports the smaller input of a finding.
    fn replaced(&mut self, position: usize) {
        let finding = &self.target.search.findings()[position];
        match self.target.files.findings.replace(position, finding) {
            Ok(Some(notice)) => self.reporter.report(&Notice::Replaced(Box::new(notice))),
            Ok(None) => {}
            Err(warning) => self.warn(warning),
        }
    }

    /// Keeps what is known of a damaged worker; only the first one of a target is reported.
    fn damaged(&mut self, damage: &Damage, is_first: bool) {
        let files = &self.target.files;
        let saved = damage.input.as_ref().map(|input| files.save_damaged(input, damage));
        if is_first {
            self.warn(words::damaged_worker(self.target.label(), &damage.reason, saved));
        }
    }

    /// Reports once that a target leaks.
    fn leaked(&mut self, bytes: u64) {
        if !std::mem::replace(&mut self.target.is_leak_reported, true) {
            self.warn(words::leak(self.target.label(), bytes));
        }
    }

    /// Reports once that a target writes too often.
    fn chatty(&mut self) {
        if !std::mem::replace(&mut self.target.is_chatter_reported, true) {
            self.warn(words::chatter(self.target.label()));
        }
    }
}

/// Starts the workers of a target, whose messages arrive in the inbox.
fn start_pool(plan: &Plan, target: &Target, inbox: &Inbox) -> std::io::Result<Pool> {
    let sender = inbox.sender();
    let inputs = target.files.inputs().clone();
    let fetch: Fetch = Arc::new(move |name| inputs.get(name));
    let (setup, schema) = (target.setup.clone(), target.schema.clone());
    let shared = Shared::new(setup, schema, target.start.counters)?;
    let report = move |message| drop(sender.send(Incoming::Worker(Box::new(message))));
    Pool::start(plan.jobs, &shared, plan.minimize, &fetch, &report)
}
