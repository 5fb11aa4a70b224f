//! Results of trials: one JSON object per line of a file that only grows.

use std::collections::HashSet;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What a trial starts from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// The seeds of the target.
    Seeds,
    /// An empty corpus.
    Nothing,
}

impl Start {
    /// As in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seeds => "seeds",
            Self::Nothing => "nothing",
        }
    }
}

/// Where a trial ends that finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Seconds of searching.
    Seconds(u64),
    /// Seconds of processor time, after which the engine is interrupted.
    Processor(u64),
    /// Executions.
    Executions(u64),
}

impl FromStr for Limit {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |digits: &str| digits.parse().context("write 10s, or executions as 1000000");
        match text.strip_suffix('s') {
            Some(seconds) => number(seconds).map(Self::Seconds),
            None => number(text).map(Self::Executions),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(out, "{seconds}s"),
            Self::Processor(seconds) => write!(out, "{seconds}s of processor time"),
            Self::Executions(executions) => write!(out, "{executions}"),
        }
    }
}

/// Which trial it is. One of a kind is enough.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Trial {
    /// The name of the engine, with its version or revision.
    pub engine: String,
    pub target: String,
    pub from: Start,
    /// Seed of the engine's generator.
    pub seed: u64,
    /// A [`Limit`].
    pub limit: String,
}

/// What a trial came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// The first failure that the engine told of.
    pub finding: Option<Finding>,
    /// All executions of the trial, and its time.
    pub execs: u64,
    pub elapsed_ms: u64,
    /// Seconds, and edges reached by then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<(u64, u64)>,
}

/// A failure of the target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Executions until it was met, and time.
    pub execs: u64,
    pub met_ms: u64,
    /// Time until the user reads of it.
    pub told_ms: u64,
    pub kind: String,
    /// What it said, and where.
    pub message: String,
}

/// A trial and its outcome: one line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    #[serde(flatten)]
    pub trial: Trial,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The file.
pub struct Records {
    file: File,
    all: Vec<Record>,
}

impl Records {
    /// Opens the file and reads what is there; creates it if it is missing.
    pub fn open(path: &Path) -> Result<Self> {
        let name = || path.display().to_string();
        let file = OpenOptions::new().create(true).append(true).open(path).with_context(name)?;
        let text = std::fs::read_to_string(path).with_context(name)?;
        let mut all = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let Ok(record) = serde_json::from_str(line) else {
                bail!("{}:{}: not a result", path.display(), index + 1);
            };
            all.push(record);
        }
        Ok(Self { file, all })
    }

    /// Every result, oldest first.
    pub fn all(&self) -> Vec<Record> {
        self.all.clone()
    }

    /// The trials that are done.
    pub fn done(&self) -> HashSet<Trial> {
        self.all.iter().map(|record| record.trial.clone()).collect()
    }

    /// Adds a line.
    pub fn add(&mut self, record: Record) -> Result<()> {
        let line = serde_json::to_string(&record)?;
        writeln!(self.file, "{line}").context("cannot write a result")?;
        self.all.push(record);
        Ok(())
    }
}
