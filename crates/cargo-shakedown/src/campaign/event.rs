//! What goes into a search and what comes out: its configuration, events, actions and numbers.

use std::ops::Add;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use shakedown_core::failure::Failure;
use shakedown_core::known::KnownFailures;
use shakedown_core::schema::{Raw, Schema};
use shakedown_core::wire::{Learn, RngState};

use super::confidence::Confidence;
use super::entries::{EntryId, Source};
use super::input::Input;
use super::past::Past;
use super::round::Round;
use super::traced::Traced;

/// What a search is to do.
#[derive(Clone, Debug)]
pub struct SearchConfig {
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
    /// Failures that are accepted.
    pub accepted: Arc<KnownFailures>,
    /// Starts that are run a second time, to see how stable the coverage is.
    pub samples: usize,
    /// When inputs are drawn at random.
    pub drawing: Drawing,
    /// Only run what the search starts with.
    pub is_replay: bool,
}

/// When inputs are drawn at random, see [`shakedown_core::mutate::drawing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// Never.
    Never,
    /// In the first executions.
    AtFirst,
    /// In turn with the seeds.
    Always,
}

impl Drawing {
    /// When that pays: always if inputs have a structure. Bytes may be what a target makes values of
    /// itself, but where there are seeds these say more. Text at random says nothing.
    #[must_use]
    pub fn of(schema: &Schema, has_seeds: bool) -> Self {
        match schema.raw() {
            None => Self::Always,
            Some(Raw::Bytes(_)) if !has_seeds => Self::AtFirst,
            Some(Raw::Bytes(_) | Raw::Str(_)) => Self::Never,
        }
    }
}

/// An input to start from.
#[derive(Clone, Debug)]
pub struct Start {
    /// The input.
    pub input: Input,
    /// Where it comes from.
    pub source: Source,
}

/// Work for one worker.
#[derive(Clone, Debug)]
pub enum Job {
    /// Run this input once and report its coverage.
    Execute(Input),
    /// Run variations of entries, at most this many milliseconds: as many of the leases as can be
    /// had at once, in order, and one at least.
    Fuzz(Round, u64),
    /// Make an input smaller that keeps these features, in at most this many executions.
    Trim(Input, Vec<u32>, u64),
    /// Look into a failure, alone or after what its process had run before, and do so much of making
    /// its input smaller.
    Investigate(Arc<[u8]>, Failure, Past, Inquiry, Stint),
}

/// How far an investigation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inquiry {
    /// Run the input again in fresh processes.
    Verify,
    /// That, and then make it smaller.
    VerifyAndMinimize,
    /// It was verified: make it smaller.
    Minimize,
}

/// An input that failed.
#[derive(Clone, Debug)]
pub struct FailedInput {
    /// The input, encoded.
    pub input: Arc<[u8]>,
    /// How it failed.
    pub failure: Failure,
    /// What its process had run before.
    pub past: Past,
}

/// What came of a job.
#[derive(Clone, Debug)]
pub enum JobResult {
    /// The input passed, with these features.
    Passed(Vec<u32>),
    /// The target rejected the input.
    Rejected,
    /// A batch went by without anything of note.
    Nothing,
    /// An input showed features that the shared map lacks; all its features.
    Coverage(Arc<[u8]>, Vec<u32>),
    /// An entry was trimmed.
    Trimmed {
        /// The smallest input that keeps the features, and all its features; nothing if not even
        /// the entry itself showed them again.
        best: Option<(Arc<[u8]>, Vec<u32>)>,
        /// Inputs that failed on the way.
        others: Vec<FailedInput>,
    },
    /// An input failed.
    Failed(FailedInput),
    /// A failure was looked into.
    Investigated(Box<Investigated>),
    /// The file of the input, or of the first lease, is gone, or no longer holds an input; nothing
    /// was done.
    Gone,
    /// The worker ended through no fault of the target; what happened.
    Lost(String),
    /// The worker was damaged.
    Damaged(Damage),
    /// The search cannot continue; why.
    Broken(String),
}

/// What the worker did or left behind makes no sense: most often because unsafe code of the target
/// wrote out of bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// How that was noticed.
    pub reason: String,
    /// The input that ran last, if it is known.
    pub input: Option<Arc<[u8]>>,
}

/// What went wrong with the workers of an investigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// As [`JobResult::Damaged`].
    Damaged(Damage),
    /// As [`JobResult::Broken`].
    Broken(String),
}

/// Result of an investigation.
#[derive(Clone, Debug)]
pub struct Investigated {
    /// How surely the failure happens again.
    pub confidence: Confidence,
    /// The smallest input found.
    pub input: Arc<[u8]>,
    /// Inputs that the same process must run before, in order, for it to fail.
    pub before: Vec<Arc<[u8]>>,
    /// Its failure, with a backtrace.
    pub failure: Failure,
    /// Inputs that failed with another key on the way.
    pub others: Vec<(Arc<[u8]>, Failure)>,
    /// Executions that it took; they are not part of the budget.
    pub execs: u64,
    /// What was spent on making the input smaller, if that can go on.
    pub unfinished: Option<Spent>,
    /// What went wrong with its workers, through no fault of this failure.
    pub trouble: Option<Box<Trouble>>,
}

/// What was spent on making the input of a finding smaller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Time.
    pub time: Duration,
    /// Executions.
    pub execs: u64,
}

impl Add for Spent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { time: self.time + other.time, execs: self.execs + other.execs }
    }
}

/// How much of a minimization is wanted at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stint {
    /// What was spent on it before.
    pub before: Spent,
    /// Most work: executions, and [`DEATH`] or [`HANG`] for each that ends its process.
    pub work: u64,
}

/// The work of starting another process, in executions.
pub(crate) const DEATH: u64 = 100;

/// The work of waiting for an execution that takes too long, in executions: as much as a first stint.
pub(crate) const HANG: u64 = 1 << 13;

impl Stint {
    /// All of it.
    pub const ALL: Self = Self { before: Spent { time: Duration::ZERO, execs: 0 }, work: u64::MAX };
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
        result: JobResult,
        /// Executions done.
        execs: u64,
        /// How many of them were rejected.
        rejected: u64,
        /// Where the generator stands after a batch.
        rng: RngState,
        /// What was recorded of the input that the job ended with, or of what it stretched.
        traced: Traced,
    },
    /// An entry that was to be saved is in a file of this name now.
    Saved(EntryId, u64),
    /// An entry has arrived from elsewhere, and is in a file of this corpus: it is run as if the
    /// search had started with it.
    Arrived(Start),
    /// An input failed, in addition to what a worker will answer.
    AlsoFailed(FailedInput),
    /// The process of a worker was replaced by another, in the job that it will answer or since.
    Replaced(usize),
    /// A worker made this many executions in addition to those that it will answer for, to learn
    /// which input of a batch reached something new.
    Repeated(u64),
    /// No new batch is to begin: the turn or the time is over, or the user has interrupted.
    Pause,
    /// The next turn.
    Resume,
    /// All workers have ended.
    Retired,
}

/// What is to be done about it.
#[derive(Clone, Debug)]
pub enum Action {
    /// Give a worker this job.
    Assign(usize, Job),
    /// Show these bytes of the coverage map to all workers: (counter, buckets).
    Publish(Vec<(usize, u8)>),
    /// Have all workers learn this, before they are given the next job.
    Learn(Learn),
    /// Write the input of an entry to a file, and say so by [`Event::Saved`].
    SaveEntry(EntryId, Arc<[u8]>),
    /// Write an input that fails to the corpus, for the next campaign to begin with: it was not looked
    /// into.
    KeepFailing(Arc<[u8]>),
    /// Keep and report the finding at this position.
    Found(usize),
    /// The finding at this position, which was reported, has a smaller input now.
    Replace(usize),
    /// Warn the user.
    Warn(String),
    /// Tell the user what is being done that may take long.
    Tell(String),
    /// Keep the input of a damaged worker; warn the user if it is the first one.
    Damaged(Damage, bool),
}

/// Where the search stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Seeds and cached entries are being run.
    WarmUp,
    /// Entries are being varied.
    Fuzzing,
}

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Activity {
    /// Its process is being started.
    Starting,
    /// Nothing, until there is something to do.
    Waiting,
    /// It runs a seed or an entry that was there before.
    WarmingUp,
    /// It runs variations of entries.
    Fuzzing,
    /// It runs an entry to see what that is compared with.
    Recording,
    /// It runs an input with new features again.
    Checking,
    /// It makes a new entry smaller.
    Trimming,
    /// It looks into a failure.
    Investigating,
}

/// A worker, for whoever looks on; `docs/json.md` describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct WorkerStatus {
    /// What it does.
    #[serde(rename = "doing")]
    pub activity: Activity,
    /// With which entry, if that is in a file: the first one of several.
    #[serde(serialize_with = "digits")]
    pub entry: Option<u64>,
    /// For how long.
    #[serde(rename = "elapsed_ms", serialize_with = "millis")]
    pub elapsed: Duration,
    /// Executions of the budget that it has made.
    pub execs: u64,
    /// How often its process was replaced.
    pub restarts: u64,
    /// Why that was, the last time.
    pub last_end: Option<String>,
}

fn digits<S: Serializer>(name: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    name.map(|name| format!("{name:016x}")).serialize(serializer)
}

fn millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_millis() as u64)
}

/// Numbers for reports; `docs/json.md` describes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Statistics {
    /// Executions of the budget: warm-up, variation and trimming.
    pub execs: u64,
    /// Executions outside the budget: verification and minimization of findings, and inputs that
    /// were executed again to learn which of them reached something new.
    pub extra_execs: u64,
    /// How many of the executions the target rejected.
    pub rejected: u64,
    /// Entries in the corpus.
    pub entries: usize,
    /// Counters hit.
    pub edges: usize,
    /// Features seen of counters that are trusted.
    pub features: usize,
    /// Share of the counters hit that are stable, 0 to 1.
    pub stability: f64,
    /// Findings that were reported, without those that are accepted.
    pub findings: usize,
    /// Accepted failures that were seen.
    pub accepted: usize,
    /// Executions over the timeout that were fast enough when nothing else was running.
    pub slow: u64,
    /// Workers that look into findings.
    pub investigating: usize,
    /// Workers lost through no fault of the target.
    pub lost: u64,
    /// Workers that were damaged.
    pub damaged: u64,
    /// Panics that did not leave the target, which are no failures of it.
    pub caught: u64,
    /// When the last new feature was seen, since the start of the campaign.
    #[serde(skip)]
    pub last_new: Duration,
    /// Executions until then.
    #[serde(skip)]
    pub last_new_execs: u64,
    /// Warm-up runs done and to be done.
    pub warm_up: (usize, usize),
}
