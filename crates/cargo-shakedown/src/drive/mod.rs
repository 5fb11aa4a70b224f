//! Runs a campaign: feeds events to the pure search, carries out its actions, keeps the files,
//! tells the reporter, and minds the time and the signals. All I/O of a campaign meets here, in
//! one thread with one queue.

mod files;
mod prepare;
mod reproduce;
mod signals;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::campaign::{Action, Damage, Event, Search, Turns};
use crate::investigate::Budget;
use crate::pool::{Fetch, FromWorker, Pool};
use crate::report::{self, Notice, Reporter, Summary, TargetProgress};
use files::Files;
pub use prepare::{MIN_STACK_SIZE, Prepared, TargetPlan, Wishes, ask, prepare};
pub use signals::watch_signals;

/// How often the queue is left to look at the clock.
const TICK: Duration = Duration::from_millis(50);

/// How long workers may take to finish what they are at after the first ^C.
const GRACE: Duration = Duration::from_secs(3);

/// How often is kept what a campaign after a sudden end of this one need not run again.
const KEEP_COVERAGE: Duration = Duration::from_secs(60);

/// Time over which the rate is measured.
const RATE_WINDOW: Duration = Duration::from_secs(3);

/// Most executions of minimizing one finding.
const MINIMIZE_EXECS: u64 = 1_000_000;

/// What holds for all targets.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Workers at a time.
    pub jobs: usize,
    /// Seed of all random choices.
    pub seed: u64,
    /// Time for all targets.
    pub time: Option<Duration>,
    /// Executions of each target.
    pub execs: Option<u64>,
    /// Stop at the first finding.
    pub fail_fast: bool,
    /// Time for minimizing one finding; zero for none.
    pub minimize_time: Duration,
}

/// How a campaign came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// No findings.
    Clean,
    /// Findings.
    Found,
    /// A target could not be fuzzed, or a file could not be written.
    Failed,
    /// An internal error.
    Internal,
}

impl Exit {
    /// The exit status of the command.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Found => 1,
            Self::Failed => 2,
            Self::Internal => 3,
        }
    }
}

/// What arrives in the queue.
enum Incoming {
    /// From the pool of this turn.
    Worker(FromWorker),
    /// ^C or SIGTERM.
    Interrupt,
}

/// One target with its search and files.
struct Target {
    label: report::TargetName,
    plan: TargetPlan,
    schema: Arc<shakedown_core::schema::Schema>,
    counters: usize,
    search: Search,
    files: Files,
    /// Time that it was fuzzed, before this turn.
    elapsed: Duration,
    /// Shown so far, for the rate.
    rate: Rate,
    announced: bool,
    told_leak: bool,
    prepared: report::TargetStart,
}

/// Executions a second over the last seconds.
#[derive(Debug, Default)]
struct Rate {
    samples: std::collections::VecDeque<(Duration, u64)>,
}

impl Rate {
    fn at(&mut self, now: Duration, execs: u64) -> f64 {
        self.samples.push_back((now, execs));
        while self.samples.len() > 2 && now - self.samples[1].0 >= RATE_WINDOW {
            self.samples.pop_front();
        }
        let (then, before) = self.samples[0];
        let seconds = (now - then).as_secs_f64();
        if seconds > 0.0 { (execs - before) as f64 / seconds } else { 0.0 }
    }
}

/// A campaign that runs.
struct Drive<'r> {
    plan: Plan,
    targets: Vec<Target>,
    reporter: &'r mut dyn Reporter,
    sender: Sender<Incoming>,
    queue: Receiver<Incoming>,
    started: Instant,
    interrupted: Option<Instant>,
    internal: Option<String>,
    failed: Option<String>,
}

/// Runs a campaign over these targets.
///
/// # Errors
/// If signals or processes cannot be had at all; what concerns one target is told to the reporter.
pub fn run(
    plan: Plan,
    mut prepared: Vec<Prepared>,
    reporter: &mut dyn Reporter,
) -> anyhow::Result<Exit> {
    let (sender, queue) = channel();
    let interrupts = sender.clone();
    watch_signals(move || interrupts.send(Incoming::Interrupt).is_ok())?;
    let warnings: Vec<_> =
        prepared.iter_mut().flat_map(|target| std::mem::take(&mut target.warnings)).collect();
    let targets: Vec<Target> = prepared.into_iter().map(|p| p.into_target(&plan)).collect();
    let start = report::CampaignStart {
        version: env!("CARGO_PKG_VERSION"),
        targets: targets.iter().map(|target| target.label.clone()).collect(),
        jobs: plan.jobs,
        seed: plan.seed,
    };
    reporter.report(&Notice::Start(start));
    for warning in warnings {
        reporter.report(&Notice::warning(warning));
    }
    let drive = Drive {
        plan,
        targets,
        reporter,
        sender,
        queue,
        started: Instant::now(),
        interrupted: None,
        internal: None,
        failed: None,
    };
    drive.run()
}

impl Drive<'_> {
    fn run(mut self) -> anyhow::Result<Exit> {
        let turns = self.take_turns();
        // Whatever went wrong, what was found is written.
        for index in 0..self.targets.len() {
            self.save_rest(index);
        }
        turns?;
        Ok(self.summarize())
    }

    fn take_turns(&mut self) -> anyhow::Result<()> {
        let mut turns = Turns::new(self.targets.len(), self.plan.time);
        while self.interrupted.is_none()
            && let Some(turn) = turns.next(self.started.elapsed())
        {
            self.turn(turn.target, turn.length)?;
            let target = &self.targets[turn.target];
            if target.search.is_finished() {
                turns.done(turn.target);
            }
            if self.plan.fail_fast && target.search.statistics().findings > 0 {
                break;
            }
        }
        Ok(())
    }

    /// Gives all workers to one target for this long.
    fn turn(&mut self, index: usize, length: Option<Duration>) -> anyhow::Result<()> {
        let target = &mut self.targets[index];
        if !std::mem::replace(&mut target.announced, true) {
            self.reporter.report(&Notice::Prepared(target.prepared.clone()));
        }
        let sender = self.sender.clone();
        let inputs = target.files.inputs().clone();
        let fetch: Fetch = Arc::new(move |name| inputs.get(name));
        let pool = Pool::start(
            self.plan.jobs,
            &target.plan.setup,
            &target.schema,
            target.counters,
            Budget { time: self.plan.minimize_time, execs: MINIMIZE_EXECS },
            &fetch,
            &move |report| drop(sender.send(Incoming::Worker(report))),
        )
        .context("cannot start workers")?;
        let map = target.search.coverage().map().iter().enumerate();
        let seen: Vec<_> = map.filter(|(_, b)| **b != 0).map(|(at, b)| (at, *b)).collect();
        pool.publish(&seen)?;

        let begun = Instant::now();
        self.step(index, &pool, begun, Event::Resume)?;
        let mut paused = false;
        let mut last_told = begun;
        let mut last_kept = begun;
        while !self.targets[index].search.is_idle() {
            match self.queue.recv_timeout(TICK) {
                Ok(Incoming::Worker(FromWorker::Event(event))) => {
                    self.step(index, &pool, begun, event)?
                }
                Ok(Incoming::Worker(FromWorker::Log(text))) => {
                    self.reporter.report(&Notice::warning(text));
                }
                Ok(Incoming::Worker(FromWorker::Leak(bytes))) => self.tell_leak(index, bytes),
                Ok(Incoming::Interrupt) => self.interrupt(&pool),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            if self.interrupted.is_some_and(|since| since.elapsed() > GRACE) {
                pool.control().abort();
            }
            let over = length.is_some_and(|length| begun.elapsed() >= length);
            if !paused && (over || self.interrupted.is_some()) {
                paused = true;
                self.step(index, &pool, begun, Event::Pause)?;
            }
            if last_told.elapsed() >= TICK {
                last_told = Instant::now();
                let (events, warning) = self.targets[index].files.written();
                if let Some(warning) = warning {
                    self.reporter.report(&Notice::warning(warning));
                }
                for event in events {
                    self.step(index, &pool, begun, event)?;
                }
                self.tell_status(index, begun);
            }
            if last_kept.elapsed() >= KEEP_COVERAGE {
                last_kept = Instant::now();
                let target = &self.targets[index];
                // It is written again in the end, and told then.
                let _ = target.files.save_coverage(&target.search.remembered());
            }
        }
        if self.interrupted.is_some() {
            // A handshake or an escalation that hangs must not keep the user waiting.
            pool.control().abort();
        }
        pool.stop();
        self.drain();
        let target = &mut self.targets[index];
        target.elapsed += begun.elapsed();
        let now = target.elapsed;
        let actions = target.search.step(now, Event::Retired);
        self.carry_out(index, None, now, actions)?;
        let target = &self.targets[index];
        if let Some(reason) = target.search.broken() {
            let name = &target.label.label;
            self.internal = Some(format!("{name}: {reason}"));
            self.reporter.report(&Notice::warning(format!("{name} cannot be fuzzed on: {reason}")));
        }
        Ok(())
    }

    /// Empties the queue after the supervisors are gone: what one said too late, [`Event::Ready`]
    /// above all, must not be taken for the word of a worker of the next turn.
    fn drain(&mut self) {
        while let Ok(message) = self.queue.try_recv() {
            match message {
                Incoming::Worker(FromWorker::Event(_) | FromWorker::Leak(_)) => {}
                Incoming::Worker(FromWorker::Log(text)) => {
                    self.reporter.report(&Notice::warning(text))
                }
                Incoming::Interrupt => drop(self.interrupted.get_or_insert_with(Instant::now)),
            }
        }
    }

    fn interrupt(&mut self, pool: &Pool) {
        match self.interrupted {
            None => {
                self.interrupted = Some(Instant::now());
                pool.control().hurry();
            }
            Some(_) => pool.control().abort(),
        }
    }

    fn step(
        &mut self,
        index: usize,
        pool: &Pool,
        begun: Instant,
        event: Event,
    ) -> anyhow::Result<()> {
        let now = self.targets[index].elapsed + begun.elapsed();
        let actions = self.targets[index].search.step(now, event);
        self.carry_out(index, Some(pool), now, actions)
    }

    /// Does what the search wants done; without a pool there is nobody to tell what to do.
    fn carry_out(
        &mut self,
        index: usize,
        pool: Option<&Pool>,
        now: Duration,
        actions: Vec<Action>,
    ) -> anyhow::Result<()> {
        for action in actions {
            match (action, pool) {
                (Action::Assign(worker, job), Some(pool)) => pool.assign(worker, job),
                (Action::Publish(bytes), Some(pool)) => {
                    pool.publish(&bytes).context("shared memory")?;
                }
                (Action::Assign(..) | Action::Publish(_), None) => {}
                (Action::SaveEntry(entry, input), _) => {
                    self.targets[index].files.save_entry(entry, input);
                }
                (Action::Found(finding), _) => self.report_finding(index, finding, now),
                (Action::Replace(finding), _) => self.replace_finding(index, finding),
                (Action::Warn(text), _) => self.reporter.report(&Notice::warning(text)),
                (Action::Damaged(damage, is_first), _) => {
                    self.note_damage(index, &damage, is_first);
                }
            }
        }
        Ok(())
    }

    /// Keeps what is known of a damaged worker; the first one of a target is told.
    fn note_damage(&mut self, index: usize, damage: &Damage, is_first: bool) {
        let target = &mut self.targets[index];
        let name = &target.label.label;
        let saved = damage.input.as_ref().map(|input| target.files.save_damaged(input, damage));
        let input = match saved {
            Some(Ok(path)) => format!("; the input that it ran last is kept in {}", path.display()),
            Some(Err(error)) => format!("; {error}"),
            None => String::new(),
        };
        if is_first {
            self.reporter.report(&Notice::warning(format!(
                "a worker of {name} was damaged and replaced, most likely because unsafe code of \
                 the target wrote where it must not: {}{input}",
                damage.reason
            )));
        }
    }

    /// Says once that a target leaks.
    fn tell_leak(&mut self, index: usize, bytes: u64) {
        let target = &mut self.targets[index];
        if !std::mem::replace(&mut target.told_leak, true) {
            let name = &target.label.label;
            self.reporter.report(&Notice::warning(format!(
                "{name} leaks about {bytes} bytes an execution; its workers are restarted when they \
                 grow"
            )));
        }
    }

    fn report_finding(&mut self, index: usize, finding: usize, now: Duration) {
        let target = &mut self.targets[index];
        let found = &target.search.findings()[finding];
        let (shown, warning) = target.files.save_finding(&target.label, finding, found, now);
        if let Some(warning) = warning {
            self.reporter.report(&Notice::warning(warning));
        }
        self.reporter.report(&Notice::Finding(Box::new(shown)));
    }

    fn replace_finding(&mut self, index: usize, finding: usize) {
        let target = &mut self.targets[index];
        let found = &target.search.findings()[finding];
        match target.files.replace_finding(&target.label, finding, found) {
            Ok(Some(replaced)) => self.reporter.report(&Notice::Replaced(Box::new(replaced))),
            Ok(None) => {}
            Err(warning) => self.reporter.report(&Notice::warning(warning)),
        }
    }

    /// Tries again to write what could not be written, and what the next campaign is to remember.
    fn save_rest(&mut self, index: usize) {
        let target = &mut self.targets[index];
        let (events, result) = target.files.save_rest(&target.label);
        for event in events {
            target.search.step(target.elapsed, event);
        }
        let saved = target.files.save_coverage(&target.search.remembered());
        match (result, saved) {
            (Err(reason), _) => {
                self.reporter.report(&Notice::warning(reason.clone()));
                self.failed = Some(reason);
            }
            (Ok(()), Err(error)) => {
                let told = format!("{error}; the next campaign runs all entries again");
                self.reporter.report(&Notice::warning(told));
            }
            (Ok(()), Ok(())) => {}
        }
    }

    fn tell_status(&mut self, index: usize, begun: Instant) {
        let target = &mut self.targets[index];
        let elapsed = target.elapsed + begun.elapsed();
        let rate = target.rate.at(elapsed, target.search.statistics().execs);
        let status = target.status(elapsed, rate);
        self.reporter.report(&Notice::Status(status));
    }

    fn summarize(mut self) -> Exit {
        let targets = self.targets.iter().map(|target| {
            let seconds = target.elapsed.as_secs_f64().max(1e-9);
            target.status(target.elapsed, target.search.statistics().execs as f64 / seconds)
        });
        let summary_targets = targets.collect();
        let shown = |target: &mut Target| target.files.take_shown(target.search.findings());
        let findings: Vec<_> = self.targets.iter_mut().flat_map(shown).collect();
        let is_damaged = self.targets.iter().any(|target| target.search.statistics().damaged > 0);
        let exit = match (&self.internal, &self.failed) {
            // What a damaged worker may have missed or made up, nobody knows.
            _ if is_damaged => Exit::Internal,
            (Some(_), _) => Exit::Internal,
            (None, Some(_)) => Exit::Failed,
            (None, None) if findings.iter().all(report::FindingNotice::is_accepted) => Exit::Clean,
            (None, None) => Exit::Found,
        };
        let ended = match (&self.internal, self.interrupted) {
            (Some(reason), _) => Some(format!("ended by an error: {reason}")),
            (None, Some(_)) => Some("interrupted".to_owned()),
            (None, None) => None,
        };
        self.reporter.report(&Notice::Summary(Summary {
            targets: summary_targets,
            findings,
            ended,
            exit: exit.code(),
            elapsed: self.started.elapsed(),
        }));
        exit
    }
}

impl Target {
    fn status(&self, elapsed: Duration, execs_per_sec: f64) -> TargetProgress {
        let mut numbers = self.search.statistics();
        // Whoever reads the number may kill the campaign the next moment.
        numbers.entries -= self.files.unwritten();
        TargetProgress {
            target: self.label.clone(),
            elapsed,
            execs_per_sec,
            since_new: elapsed.saturating_sub(numbers.last_new),
            phase: self.search.phase(),
            instrumented: self.counters > 0,
            numbers,
        }
    }
}
