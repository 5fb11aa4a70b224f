//! How earlier campaigns of a target went: a line of JSON for each, in the folder of its state.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::file::{self, FileError};
use super::open;
use crate::campaign::Statistics;

/// Name of the file. It is hidden, so that it is not taken for an entry.
pub(super) const HISTORY_FILE: &str = ".history";

/// Most campaigns that are remembered: the last ones.
const MAX_RUNS: usize = 20;

/// A sample has at least a twentieth more executions than the one before it. So a decade has 47, and
/// the longest campaign some hundreds.
const STEP: u64 = 20;

/// Where a target stood; an array in JSON, for there are many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Fields", into = "Fields")]
pub(crate) struct Sample {
    /// Executions of the budget.
    pub execs: u64,
    elapsed_ms: u64,
    /// Counters hit.
    pub edges: usize,
    features: usize,
    entries: usize,
    execs_per_sec: u64,
}

type Fields = (u64, u64, usize, usize, usize, u64);

impl From<Fields> for Sample {
    fn from((execs, elapsed_ms, edges, features, entries, execs_per_sec): Fields) -> Self {
        Self { execs, elapsed_ms, edges, features, entries, execs_per_sec }
    }
}

impl From<Sample> for Fields {
    fn from(sample: Sample) -> Self {
        let Sample { execs, elapsed_ms, edges, features, entries, execs_per_sec } = sample;
        (execs, elapsed_ms, edges, features, entries, execs_per_sec)
    }
}

impl Sample {
    /// What these numbers were after a time, at so many executions per second.
    #[must_use]
    pub(crate) fn new(numbers: &Statistics, elapsed: Duration, execs_per_sec: f64) -> Self {
        Self {
            execs: numbers.execs,
            elapsed_ms: elapsed.as_millis() as u64,
            edges: numbers.edges,
            features: numbers.features,
            entries: numbers.entries,
            execs_per_sec: execs_per_sec.round() as u64,
        }
    }

    /// Whether it is worth keeping after the last one that was kept.
    #[must_use]
    pub(crate) fn is_far_from(&self, last: Option<&Self>) -> bool {
        let is_far =
            |last: &Self| self.execs.saturating_mul(STEP) >= last.execs.saturating_mul(STEP + 1);
        self.execs > 0 && last.is_none_or(is_far)
    }
}

/// A campaign of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// Seed of its random choices.
    pub seed: u64,
    /// Workers at a time.
    pub jobs: usize,
    /// How it went, far enough apart.
    pub samples: Vec<Sample>,
}

/// The campaigns that are remembered, the oldest first. A line that is damaged, or of a version to
/// come, is passed over.
#[must_use]
pub(crate) fn load(state: &Path) -> Vec<Run> {
    let text = open::read_text(&state.join(HISTORY_FILE)).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Remembers a campaign, and forgets the oldest if there are too many.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn add(state: &Path, run: Run) -> Result<(), FileError> {
    let mut runs = load(state);
    runs.push(run);
    let first = runs.len().saturating_sub(MAX_RUNS);
    let lines = runs[first..].iter().filter_map(|run| serde_json::to_string(run).ok());
    let text: String = lines.map(|line| line + "\n").collect();
    file::write(&state.join(HISTORY_FILE), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(execs: u64) -> Sample {
        (execs, execs / 10, 3, 4, 5, 10_000).into()
    }

    fn run(started: u64) -> Run {
        Run { started, seed: 7, jobs: 2, samples: vec![at(100), at(200)] }
    }

    #[test]
    fn the_last_campaigns_are_remembered() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(folder.path()), []);
        (0..=MAX_RUNS as u64).for_each(|started| add(folder.path(), run(started)).unwrap());
        let started: Vec<u64> = load(folder.path()).iter().map(|run| run.started).collect();
        assert_eq!(started, (1..=MAX_RUNS as u64).collect::<Vec<_>>());
        assert_eq!(load(folder.path())[0], run(1));
    }

    #[test]
    fn a_damaged_line_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        add(folder.path(), run(1)).unwrap();
        let path = folder.path().join(HISTORY_FILE);
        let line = std::fs::read_to_string(&path).unwrap();
        let cut = &line[..line.len() - 9];
        std::fs::write(&path, format!("{cut}\nnonsense\n\n{line}")).unwrap();
        assert_eq!(load(folder.path()), [run(1)]);
        std::fs::write(&path, b"\xff").unwrap();
        assert_eq!(load(folder.path()), []);
    }

    #[test]
    fn samples_are_few_however_long_it_takes() {
        let mut kept: Vec<Sample> = Vec::new();
        let short = (0..1_000_000).chain((20..64).map(|power| 1 << power));
        for execs in short {
            if at(execs).is_far_from(kept.last()) {
                kept.push(at(execs));
            }
        }
        assert!((150..400).contains(&kept.len()), "{}", kept.len());
        assert_eq!(kept[0], at(1));
    }
}
