//! The engines: each builds the programs of a suite in its own way and runs trials of them.

mod libfuzzer;
mod package;
mod peer;
mod shakedown;
mod snapshot;

use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use anyhow::{Context, Result};

use crate::records::{Limit, Outcome, Start};
use crate::suite::{Suite, Target};

pub use self::libfuzzer::LibFuzzer;

/// How a trial is run.
pub struct Setting<'a> {
    /// The name of the program that the target is in.
    pub program: &'a str,
    pub start: Start,
    pub seed: u64,
    pub limit: Limit,
    pub core: usize,
    /// Whether it ends at the first failure, if the engine can go on.
    pub is_over_when_found: bool,
}

/// How to run a trial.
pub struct Campaign {
    pub command: Command,
    /// The folder that entries are written to.
    pub corpus: PathBuf,
}

/// What is to be called when a search begins.
pub type Started<'a> = Box<dyn FnOnce() + 'a>;

/// A fuzzer that has built the programs of a suite.
pub trait Engine: Sync {
    /// Its name with its version or revision, as in results.
    fn name(&self) -> &str;
    /// Whether it can run the target.
    fn takes(&self, target: &Target) -> bool {
        peer::takes_bytes(target)
    }
    /// Prepares the search in one target, with all that it writes below `folder`.
    fn campaign(&self, target: &Target, setting: &Setting, folder: &Path) -> Result<Campaign>;
    /// Reads what the process says until it ends: at the first failure, or at the limit. Calls
    /// `started` when the search begins.
    fn follow(&self, child: Child, started: Started) -> Result<Outcome>;
}

/// Runs a trial, from a fresh corpus.
pub fn run(engine: &dyn Engine, target: &Target, setting: &Setting) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let mut command = engine.campaign(target, setting, folder.path())?.command;
    let child = command.spawn().context("taskset")?;
    let outcome = engine.follow(child, Box::new(|| {}));
    outcome.with_context(|| format!("{} under {}", target.name, engine.name()))
}

/// Builds the programs of `suite` for the engine that a user names.
pub fn prepare(name: &str, suite: &Suite, work: &Path) -> Result<Box<dyn Engine>> {
    if name == "libfuzzer" {
        return Ok(Box::new(LibFuzzer::prepare(&peer::of_bytes(suite), work)?));
    }
    let (label, checkout) = match name.split_once('=') {
        Some((label, checkout)) => (Some(label), checkout),
        None => (None, name),
    };
    Ok(Box::new(shakedown::Shakedown::prepare(label, Path::new(checkout), suite, work)?))
}

/// The longest that one execution may take, in seconds, for every engine.
const TIMEOUT: u64 = 2;

/// The memory that a target may take, in MiB, for every engine.
const MEMORY: u64 = 2048;
