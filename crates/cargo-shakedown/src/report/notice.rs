//! Notices: what there is to say about a campaign, as plain data. Serialized, they are the lines
//! that `docs/json.md` describes, so fields are only ever added.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::campaign::{MutatorYield, Phase, Statistics, WorkerStatus};

/// The name of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct TargetName {
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
    pub(crate) fn whole(&self) -> String {
        format!("{}/{}", self.package, self.target)
    }
}

/// The start of a campaign.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CampaignStart {
    /// Version of this command.
    pub version: &'static str,
    /// The targets.
    pub targets: Vec<TargetName>,
    /// Workers at a time.
    pub jobs: usize,
    /// Seed of all random choices.
    pub seed: u64,
}

/// What there is before a target is fuzzed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TargetStart {
    /// The target.
    #[serde(flatten)]
    pub target: TargetName,
    /// Number of seeds.
    pub seeds: usize,
    /// Number of entries in the cache.
    pub cached: usize,
    /// Number of coverage counters.
    pub counters: usize,
    /// Number of tokens that are given to the target: those of `--dict`, and constants of the
    /// program.
    pub tokens: usize,
    /// Whether only what is known of it is run.
    pub replay_only: bool,
}

/// How far a target is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TargetProgress {
    /// The target.
    #[serde(flatten)]
    pub target: TargetName,
    /// Time that it was fuzzed.
    #[serde(rename = "elapsed_ms", serialize_with = "millis")]
    pub elapsed: Duration,
    /// Executions per second, lately; in a summary, over the whole time.
    #[serde(serialize_with = "tenths")]
    pub execs_per_sec: f64,
    /// Time since the last new feature.
    #[serde(rename = "since_new_ms", serialize_with = "millis")]
    pub since_new: Duration,
    /// Executions since then.
    pub since_new_execs: u64,
    /// Where it stands.
    pub phase: Phase,
    /// Whether the program has counters.
    pub instrumented: bool,
    /// The search in numbers. Entries that are not in their file yet are left out.
    #[serde(flatten)]
    pub numbers: Statistics,
    /// What only a page shows.
    #[serde(skip)]
    pub sight: Box<Sight>,
    /// The first panic that the target has caught itself, with its place; empty if there was none.
    #[serde(skip)]
    pub caught_example: String,
}

/// What can be seen of a target beside its numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sight {
    /// How many counters were hit when `hit` and `nearest` were made: a little earlier than the rest.
    pub edges: usize,
    /// Which counters were hit: a bit for each by its number, the lowest of a byte first.
    #[cfg_attr(not(feature = "ui"), expect(dead_code, reason = "only a live page shows it"))]
    pub hit: Arc<[u8]>,
    /// For each counter the shortest input that hits it, by the number in the name that the engine
    /// would give its file; 0 if there is none, and nothing at all if nobody looks.
    #[cfg_attr(not(feature = "ui"), expect(dead_code, reason = "only a live page shows it"))]
    pub nearest: Arc<[u64]>,
    /// The workers, if it is its turn and somebody looks.
    pub workers: Vec<WorkerStatus>,
    /// What came of each mutator, if somebody looks.
    pub mutators: Vec<MutatorYield>,
}

/// What came of the mutators of a target.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TargetMutators {
    /// The target.
    #[serde(flatten)]
    pub target: TargetName,
    /// Each of them.
    pub mutators: Vec<MutatorYield>,
}

/// A finding, ready to be shown.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingNotice {
    /// The target.
    #[serde(flatten)]
    pub target: TargetName,
    /// Kind, as [`shakedown_core::failure::Kind::name`].
    pub kind: &'static str,
    /// What makes it distinct.
    pub key: String,
    /// What it said.
    pub message: String,
    /// Where, as `file:line:column` or the name of a signal; may be empty.
    pub place: String,
    /// The same in parts, if it is in a file.
    pub location: Option<Location>,
    /// Where the function that failed was called, if a finding that was told before has the same place.
    pub caller: Option<String>,
    /// `reproducible`, `flaky` and the like.
    pub status: &'static str,
    /// The same for people, with numbers: `flaky 1/3`.
    pub status_text: String,
    /// The file with its input, if there is one.
    #[serde(serialize_with = "optional_path")]
    pub file: Option<PathBuf>,
    /// Whether the input is a seed, which was there before.
    pub is_seed: bool,
    /// The input as text, one argument a line.
    pub input: String,
    /// The value that a target for a drop-in makes of it, as that says it; nothing if that is the input
    /// itself, or unknown.
    pub value: Option<String>,
    /// A call of the target with the input, as Rust code of its module; nothing for a sequence.
    pub call: Option<String>,
    /// Length of the input when it was found, in bytes.
    pub found_len: usize,
    /// Length of the input now, in bytes.
    pub len: usize,
    /// Executions until it was met.
    pub execs: u64,
    /// Time until it was met.
    #[serde(rename = "elapsed_ms", serialize_with = "millis")]
    pub elapsed: Duration,
    /// Time until it was told for the first time.
    #[serde(rename = "told_ms", serialize_with = "millis")]
    pub told: Duration,
    /// Commands that show it again.
    pub reproduce: Vec<String>,
    /// Where it failed, by the panic's own account or what a debugger would show; may be empty.
    pub backtrace: String,
    /// Why it is accepted, if it is.
    #[serde(flatten, serialize_with = "acceptance")]
    pub accepted: Option<String>,
    /// How to accept it.
    pub accept: Accept,
    /// Further failures at its place that were counted to it; only a summary knows them.
    pub more: u64,
}

impl FindingNotice {
    /// Whether the user has accepted it.
    #[must_use]
    pub(crate) fn is_accepted(&self) -> bool {
        self.accepted.is_some()
    }

    /// Where it failed, and what tells it from another that failed there, too.
    #[must_use]
    pub(crate) fn place_and_caller(&self) -> String {
        let caller = self.caller.as_ref().map(|caller| format!(", called at {caller}"));
        format!("{}{}", self.place, caller.unwrap_or_default())
    }

    /// Whether two targets have met the same failure: in the same way, at the same place.
    #[must_use]
    pub(crate) fn is_same_failure(&self, other: &Self) -> bool {
        let failure = |finding: &Self| (finding.place.clone(), finding.accept.line.clone());
        !self.place.is_empty()
            && self.target != other.target
            && !self.is_accepted()
            && !other.is_accepted()
            && failure(self) == failure(other)
    }
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Location {
    /// The file, as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// Where the file is, if it has been looked for and found.
    #[serde(serialize_with = "optional_path")]
    pub path: Option<PathBuf>,
}

impl Location {
    /// Takes `file:line:column` apart; nothing if it is something else.
    #[must_use]
    pub(crate) fn parse(place: &str) -> Option<Self> {
        let (rest, column) = place.rsplit_once(':')?;
        let (file, line) = rest.rsplit_once(':')?;
        let (line, column) = (line.parse().ok()?, column.parse().ok()?);
        Some(Self { file: file.into(), line, column, path: None })
    }

    /// Looks for the file of a failure in the package at `package`: cargo compiles its workspace from
    /// a folder above, and others from elsewhere, with whole paths.
    #[must_use]
    pub(crate) fn found_from(self, package: &Path) -> Self {
        let mut candidates = package.ancestors().map(|folder| folder.join(&self.file));
        let path = candidates.find(|path| path.is_file());
        Self { path, ..self }
    }
}

/// How to accept a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Accept {
    /// The target's list of accepted failures.
    #[serde(serialize_with = "path")]
    pub file: PathBuf,
    /// The line to add, up to the reason.
    pub line: String,
}

/// The end of a campaign.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    /// Where every target came to.
    pub targets: Vec<TargetProgress>,
    /// All findings.
    pub findings: Vec<FindingNotice>,
    /// Targets that had no execution.
    pub unsearched: Vec<TargetName>,
    /// What was asked for and cannot be run, with the reasons.
    pub not_run: Vec<String>,
    /// Why it ended, if not by itself.
    pub ended: Option<String>,
    /// Exit status of the command.
    pub exit: u8,
    /// Time over all.
    #[serde(rename = "elapsed_ms", serialize_with = "millis")]
    pub elapsed: Duration,
}

/// Something to report.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Notice {
    /// The campaign begins.
    Start(CampaignStart),
    /// A target is fuzzed for the first time.
    Prepared(TargetStart),
    /// So far.
    Status(TargetProgress),
    /// A new finding.
    Finding(Box<FindingNotice>),
    /// A finding that was reported has a smaller input now.
    Replaced(Box<FindingNotice>),
    /// Something to know.
    Warning {
        /// What.
        message: String,
    },
    /// What is being done that may take long.
    Note {
        /// What.
        message: String,
    },
    /// The page of the campaign can be looked at.
    #[cfg_attr(not(feature = "ui"), expect(dead_code, reason = "there is none then"))]
    Page {
        /// Where. Whoever knows it sees what is on the page.
        url: String,
    },
    /// A target will not be searched any more.
    Mutators(TargetMutators),
    /// The campaign is over.
    Summary(Summary),
}

impl Notice {
    /// Something to know.
    pub(crate) fn warning(message: impl Into<String>) -> Self {
        Self::Warning { message: message.into() }
    }
}

fn millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_millis() as u64)
}

fn tenths<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((number * 10.0).round() / 10.0)
}

/// A path as text, whatever bytes it has: a notice can always be written.
fn path<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

fn optional_path<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|path| path.to_string_lossy()).serialize(serializer)
}

fn acceptance<S: Serializer>(reason: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_map(Some(2))?;
    fields.serialize_entry("accepted", &reason.is_some())?;
    fields.serialize_entry("accepted_reason", reason)?;
    fields.end()
}

#[cfg(test)]
mod tests;
