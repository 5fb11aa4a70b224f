//! `cargo shakedown fuzz`: the campaign.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{stderr, stdout};
use std::path::PathBuf;

use anyhow::Context;
use shakedown_core::dictionary;

use crate::build::constants;
use crate::drive::{self, Plan, prepare};
use crate::report::{Json, Notice, Reporter, Screen, Text};
use crate::select::{self, Chosen, Selected, Selection};
use crate::store::coverage::Programs;
use crate::worker::{Limits, Setup};

use super::Outputs;

/// What `fuzz` is to do.
#[derive(Debug)]
pub(crate) struct FuzzOptions {
    /// The targets.
    pub targets: Selection,
    /// What holds for all of them.
    pub plan: Plan,
    /// Limits of a worker.
    pub limits: Limits,
    /// Files with tokens.
    pub dictionaries: Vec<PathBuf>,
    /// Whether constants of the program are tokens, too.
    pub has_constants: bool,
    /// Write JSON to standard output, instead of text to standard error.
    pub json: bool,
    /// What is written for a CI system.
    pub ci: Outputs,
}

pub(super) fn run(options: FuzzOptions) -> anyhow::Result<u8> {
    options.ci.check()?;
    let dictionary = read_all(&options.dictionaries)?;
    let Chosen { targets, warnings, not_run, .. } = select::chosen(&options.targets)?;
    let mut reporters: Vec<Box<dyn Reporter>> = match options.json {
        true => vec![Box::new(Json::new(stdout()))],
        false => vec![Box::new(Text::new(stderr(), Screen::of_stderr()))],
    };
    for warning in warnings {
        reporters.report(&Notice::warning(warning));
    }
    let mut programs = Programs::default();
    let mut taken = HashMap::new();
    let mut prepared = Vec::new();
    for Selected { program, label, locations, .. } in targets {
        let mut setup = Setup::new(program, &label.target, options.limits.clone());
        setup.dictionary.clone_from(&dictionary);
        if options.has_constants {
            let path = setup.program.path.clone();
            let tokens = taken.entry(path).or_insert_with_key(|path| constants::tokens(path));
            setup.dictionary.extend_from_slice(tokens);
        }
        prepared.push(prepare(setup, label, locations, &mut programs)?);
    }
    let summary = drive::run(options.plan, prepared, not_run, &mut reporters)?;
    options.ci.write(&summary)?;
    Ok(summary.exit)
}

/// The tokens of all these dictionaries.
fn read_all(paths: &[PathBuf]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut tokens = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the dictionary {}", path.display()))?;
        let parsed = dictionary::parse(&text)
            .map_err(|error| anyhow::anyhow!("{}:{error}", path.display()))?;
        tokens.extend(parsed);
    }
    Ok(tokens)
}

/// How many workers there are if the user does not say.
#[must_use]
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A seed for a campaign whose user gives none: one that is short enough to type.
#[must_use]
pub(crate) fn fresh_seed() -> u64 {
    // A fresh hasher is seeded by the system; it need not be secret, only different.
    RandomState::new().hash_one(0) >> 32
}
