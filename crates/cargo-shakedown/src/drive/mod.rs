//! Runs a campaign: feeds events to the pure search, carries out its actions, keeps the files,
//! reports, and minds the time and the signals. All I/O of a campaign meets here, in one thread
//! with one queue.

mod clock;
mod files;
mod findings;
mod inbox;
mod prepare;
mod reproduce;
mod seen;
mod signals;
mod target;
mod turn;
mod writer;

use std::time::{Duration, Instant, SystemTime};

use crate::campaign::{Enough, Turn, Turns};
use crate::investigate::Budget;
use crate::report::{
    CampaignStart, FindingNotice, Notice, Reporter, Summary, TargetMutators, TargetProgress, words,
};
use crate::worker::Orphans;
use inbox::Inbox;
pub(crate) use prepare::{Prepared, prepare};
pub(crate) use reproduce::Reproducer;
pub(crate) use signals::{Verdict, watch_signals};
use target::Target;
use turn::ActiveTurn;

/// What holds for all targets.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Workers at a time.
    pub jobs: usize,
    /// Seed of all random choices.
    pub seed: u64,
    /// Time for all targets.
    pub time: Option<Duration>,
    /// Executions of each target.
    pub execs: Option<u64>,
    /// When a target has been searched enough.
    pub enough: Enough,
    /// Stop at the first finding.
    pub fail_fast: bool,
    /// What minimizing one finding may take; nothing of either means none.
    pub minimize: Budget,
    /// Whether somebody may look at more than numbers.
    pub is_watched: bool,
}

/// How a campaign came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// No findings.
    Clean,
    /// Findings.
    Found,
    /// No findings, but not all that was asked for was searched.
    Unsearched,
    /// A target could not be fuzzed, or a file could not be written.
    Failed,
    /// An internal error.
    Internal,
}

impl Exit {
    /// The exit status of the command.
    fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Found => 1,
            Self::Failed => 2,
            Self::Internal => 3,
            Self::Unsearched => 4,
        }
    }
}

/// A campaign that runs.
struct Drive<'r> {
    plan: Plan,
    targets: Vec<Target>,
    /// What was asked for and cannot be run, with the reasons.
    not_run: Vec<String>,
    reporter: &'r mut dyn Reporter,
    inbox: Inbox,
    orphans: Orphans,
    started: Instant,
    /// The same for people.
    began: SystemTime,
    /// Why a search could not go on.
    internal: Option<String>,
    /// Why something that was found is in no file.
    failed: Option<String>,
}

/// Runs a campaign over these targets; what was asked for, too, and cannot be run is named in the end.
///
/// # Errors
/// If signals or processes cannot be had at all; what concerns one target is reported.
///
/// # Returns
/// What was also the last notice.
pub(crate) fn run(
    plan: Plan,
    mut prepared: Vec<Prepared>,
    not_run: Vec<String>,
    reporter: &mut dyn Reporter,
) -> anyhow::Result<Summary> {
    let inbox = Inbox::open()?;
    let warnings: Vec<_> =
        prepared.iter_mut().flat_map(|target| std::mem::take(&mut target.warnings)).collect();
    let targets: Vec<Target> = prepared.into_iter().map(|p| p.into_target(&plan)).collect();
    reporter.report(&Notice::Start(CampaignStart {
        version: env!("CARGO_PKG_VERSION"),
        targets: targets.iter().map(|target| target.start.target.clone()).collect(),
        jobs: plan.jobs,
        seed: plan.seed,
    }));
    warnings.into_iter().for_each(|warning| reporter.report(&Notice::warning(warning)));
    let (orphans, started, began) = (Orphans::adopt(), Instant::now(), SystemTime::now());
    let (internal, failed) = (None, None);
    Drive { plan, targets, not_run, reporter, inbox, orphans, started, began, internal, failed }
        .run()
}

impl Drive<'_> {
    fn run(mut self) -> anyhow::Result<Summary> {
        let turns = self.take_turns();
        // Whatever went wrong, what was found is written.
        for target in &mut self.targets {
            if let Err(reason) = target.save_rest(self.reporter) {
                self.failed = Some(reason);
            }
            target.save_history(&self.plan, self.began);
        }
        turns?;
        Ok(self.summarize())
    }

    fn take_turns(&mut self) -> anyhow::Result<()> {
        let mut turns = Turns::new(self.targets.len(), self.plan.time);
        while !self.inbox.is_interrupted()
            && let begun = self.started.elapsed()
            && let Some(turn) = turns.next(begun)
        {
            self.take_turn(turn)?;
            let search = &self.targets[turn.target].search;
            let statistics = search.statistics();
            turns.took(turn.target, self.started.elapsed() - begun, statistics.features);
            if search.is_finished() || self.targets[turn.target].is_enough {
                turns.done(turn.target);
            }
            if self.plan.fail_fast && statistics.findings > 0 {
                break;
            }
        }
        Ok(())
    }

    fn take_turn(&mut self, turn: Turn) -> anyhow::Result<()> {
        let Self { plan, reporter, inbox, orphans, .. } = self;
        let target = &mut self.targets[turn.target];
        ActiveTurn::start(plan, target, *reporter, inbox, orphans, turn)?.run()?;
        if let Some(reason) = target.search.broken() {
            let label = target.label();
            self.internal = Some(format!("{label}: {reason}"));
            reporter.report(&Notice::Warning { message: words::stopped(label, reason) });
        }
        Ok(())
    }

    fn summarize(mut self) -> Summary {
        let targets: Vec<_> = self.targets.iter().map(Target::result).collect();
        for TargetProgress { target, numbers, sight, .. } in &targets {
            if numbers.execs > 0 {
                let (target, mutators) = (target.clone(), sight.mutators.clone());
                self.reporter.report(&Notice::Mutators(TargetMutators { target, mutators }));
            }
        }
        let findings: Vec<_> = self.targets.iter_mut().flat_map(Target::take_findings).collect();
        let exit = self.exit(&findings);
        let unsearched = self.targets.iter().filter(|target| !target.was_searched());
        let unsearched = unsearched.map(|target| target.start.target.clone()).collect();
        let summary = Summary {
            targets,
            findings,
            unsearched,
            not_run: self.not_run,
            ended: words::ended(self.internal.as_deref(), self.inbox.is_interrupted()),
            exit: exit.code(),
            elapsed: self.started.elapsed(),
        };
        self.inbox.verdict.is(summary.exit);
        self.reporter.report(&Notice::Summary(summary.clone()));
        summary
    }

    fn exit(&self, findings: &[FindingNotice]) -> Exit {
        let is_damaged = |target: &Target| target.search.statistics().damaged > 0;
        // It is not known what a damaged worker has missed or made up.
        if self.internal.is_some() || self.targets.iter().any(is_damaged) {
            Exit::Internal
        } else if self.failed.is_some() {
            Exit::Failed
        } else if !findings.iter().all(FindingNotice::is_accepted) {
            Exit::Found
        } else if !self.not_run.is_empty() || !self.targets.iter().all(Target::was_searched) {
            Exit::Unsearched
        } else {
            Exit::Clean
        }
    }
}
