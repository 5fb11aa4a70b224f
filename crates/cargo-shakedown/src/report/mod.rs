//! What the user, or a program, is told. Reporters see notices only, never the state of the
//! campaign, so all of them can be tested with a list of notices.

mod json;
mod paint;
mod summary;
mod text;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::campaign::Phase;

pub use json::Json;
pub use paint::{Paint, Screen};
pub use text::{Text, counted, shown_lines};

/// One target of the campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TargetName {
    /// Its package.
    pub package: String,
    /// Its id.
    pub target: String,
    /// Name on the screen: the id, with its package where the id alone could mean two targets.
    #[serde(skip)]
    pub label: String,
}

impl TargetName {
    /// The name that nothing else in the workspace has: `package/id`.
    #[must_use]
    pub fn whole(&self) -> String {
        format!("{}/{}", self.package, self.target)
    }
}

/// The start of a campaign.
#[derive(Clone, Debug)]
pub struct CampaignStart {
    /// The targets.
    pub targets: Vec<TargetName>,
    /// Workers at a time.
    pub jobs: usize,
    /// Seed of all random choices.
    pub seed: u64,
}

/// What there is before a target is fuzzed.
#[derive(Clone, Debug)]
pub struct TargetStart {
    /// The target.
    pub target: TargetName,
    /// Number of seeds.
    pub seeds: usize,
    /// Number of entries in the cache.
    pub cached: usize,
    /// Number of coverage counters.
    pub counters: usize,
}

/// How far a target is.
#[derive(Clone, Debug)]
pub struct TargetProgress {
    /// The target.
    pub target: TargetName,
    /// Time that it was fuzzed.
    pub elapsed: Duration,
    /// Executions.
    pub execs: u64,
    /// Executions for verification and minimization, beside those.
    pub extra_execs: u64,
    /// Executions a second, lately; in a summary, over the whole time.
    pub execs_per_sec: f64,
    /// Entries in the corpus, those left out that are not in their file yet.
    pub entries: usize,
    /// Counters hit.
    pub edges: usize,
    /// Features seen.
    pub features: usize,
    /// Share of the counters hit that tell the same when an input is run again, 0 to 1.
    pub stability: f64,
    /// Known failures that were met.
    pub known: usize,
    /// Executions over the timeout that were fast enough when nothing else was running.
    pub slow: u64,
    /// Findings.
    pub findings: usize,
    /// Executions that the target rejected.
    pub rejected: u64,
    /// Workers that were damaged and replaced.
    pub damaged: u64,
    /// Time since the last new feature.
    pub since_new: Duration,
    /// Where it stands.
    pub phase: Phase,
    /// Warm-up runs done, and all.
    pub warm_up: (usize, usize),
    /// Workers looking into findings.
    pub investigating: usize,
    /// Whether the program has counters.
    pub instrumented: bool,
}

/// A finding, ready to be shown.
#[derive(Clone, Debug)]
pub struct FindingNotice {
    /// The target.
    pub target: TargetName,
    /// Kind, as [`shakedown_core::failure::Kind::name`].
    pub kind: &'static str,
    /// What makes it distinct.
    pub key: String,
    /// What it said.
    pub message: String,
    /// Where, as `file:line:column`; may be empty.
    pub place: String,
    /// `reproducible`, `flaky 1/3` and the like.
    pub status: String,
    /// The same as one word, for JSON.
    pub status_name: &'static str,
    /// The file with its input, if there is one.
    pub file: Option<PathBuf>,
    /// Whether the file was there before: a seed that fails.
    pub is_seed: bool,
    /// The input as text, one argument a line.
    pub input: String,
    /// Length of the encoded input when it was found, and now, in bytes.
    pub sizes: (usize, usize),
    /// Executions until it was met.
    pub execs: u64,
    /// Time until it was met.
    pub elapsed: Duration,
    /// Commands that show it again.
    pub reproduce: Vec<String>,
    /// Why it is accepted, if it is.
    pub known: Option<String>,
    /// How to accept it.
    pub accept: Accept,
    /// Failures more at its place that were counted to it, known in a summary only.
    pub more: u64,
}

impl FindingNotice {
    /// Whether the user has accepted it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.known.is_some()
    }
}

/// How to accept a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// The target's list of known failures.
    pub file: PathBuf,
    /// The line to add, up to the reason.
    pub line: String,
}

/// The end of a campaign.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Where every target came to.
    pub targets: Vec<TargetProgress>,
    /// All findings.
    pub findings: Vec<FindingNotice>,
    /// Why it ended, if not by itself.
    pub ended: Option<String>,
    /// Exit status to be.
    pub exit: u8,
    /// Time over all.
    pub elapsed: Duration,
}

/// Something to tell.
#[derive(Clone, Debug)]
pub enum Notice {
    /// The campaign begins.
    Start(CampaignStart),
    /// A target is fuzzed for the first time.
    Prepared(TargetStart),
    /// So far.
    Status(TargetProgress),
    /// A new finding.
    Finding(Box<FindingNotice>),
    /// A finding that was told has a smaller input now.
    Replaced(Box<FindingNotice>),
    /// Something to know.
    Warning(String),
    /// The campaign is over.
    Summary(Summary),
}

/// Turns notices into something to look at.
pub trait Reporter {
    /// Tells.
    fn tell(&mut self, notice: &Notice);
}

/// A path as people are shown it: from the working directory, if it is below.
#[must_use]
pub fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf))
        .unwrap_or_else(|| path.to_path_buf())
}
