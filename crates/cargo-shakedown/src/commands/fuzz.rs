//! `cargo shakedown fuzz`: the campaign.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{stderr, stdout};
use std::path::PathBuf;

use crate::build::constants;
use crate::drive::{self, Plan, prepare};
use crate::report::{Json, Notice, Reporter, Screen, Text};
use crate::select::{self, Chosen, Selected, Selection};
use crate::store::coverage::Programs;
use crate::worker::{Limits, Setup};

use super::Outputs;
use super::beside::{Beside, read_dictionary};

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
    let read = options.dictionaries.iter().map(|path| read_dictionary(path));
    let dictionary = read.collect::<anyhow::Result<Vec<_>>>()?.concat();
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
        let beside = Beside::find(&setup.program, &label.target, !options.dictionaries.is_empty())?;
        beside.complete(&mut setup.limits);
        for note in beside.notes {
            let message = format!("{}: {note}", label.label);
            reporters.report(&Notice::Note { message });
        }
        setup.dictionary.clone_from(&dictionary);
        setup.dictionary.extend(beside.tokens);
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
