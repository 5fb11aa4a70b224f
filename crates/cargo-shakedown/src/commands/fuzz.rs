//! `cargo shakedown fuzz`: the campaign.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io::{stderr, stdout};
use std::path::PathBuf;
#[cfg(feature = "ui")]
use std::sync::Arc;

use crate::build::constants;
use crate::changes::Changes;
#[cfg(feature = "ui")]
use crate::drive::Prepared;
use crate::drive::{self, Plan, prepare};
use crate::report::{Json, Notice, Reporter, Screen, Text, words};
use crate::select::{self, Chosen, Selected, Selection};
use crate::store::coverage::Programs;
#[cfg(feature = "ui")]
use crate::ui::{Atlas, Shelf, Ui};
use crate::worker::{Limits, Setup};

use super::Outputs;
use super::beside::{Beside, read_dictionary};

/// What `fuzz` is to do.
#[derive(Debug)]
pub(crate) struct FuzzOptions {
    /// The targets.
    pub targets: Selection,
    /// Search only where something has changed since this commit.
    pub changed_since: Option<String>,
    /// What holds for all of them.
    pub plan: Plan,
    /// Limits of a worker.
    pub limits: Limits,
    /// Files with tokens.
    pub dictionaries: Vec<PathBuf>,
    /// Whether constants of the program are tokens, too.
    pub has_constants: bool,
    /// The port that the page is served on, any free one if it is 0; nowhere if there is none.
    #[cfg(feature = "ui")]
    pub ui: Option<u16>,
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
    let mut told: Vec<Notice> = warnings.into_iter().map(Notice::warning).collect();
    let is_affected = match &options.changed_since {
        Some(commit) => affected(commit, &targets, &mut told)?,
        None => vec![true; targets.len()],
    };
    told.iter().for_each(|notice| reporters.report(notice));
    let mut programs = Programs::default();
    let mut taken = HashMap::new();
    let mut prepared = Vec::new();
    for (Selected { program, label, locations, .. }, is_affected) in
        targets.into_iter().zip(is_affected)
    {
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
        let mut target = prepare(setup, label, locations, &mut programs)?;
        if !is_affected {
            target.only_replay();
        }
        prepared.push(target);
    }
    #[cfg(feature = "ui")]
    if let Some(port) = options.ui {
        show_page(port, &prepared, &told, &mut reporters)?;
    }
    let summary = drive::run(options.plan, prepared, not_run, &mut reporters)?;
    options.ci.write(&summary)?;
    Ok(summary.exit)
}

/// Which targets may be others than they were at a commit, or begin elsewhere; says so.
fn affected(
    commit: &str,
    targets: &[Selected],
    told: &mut Vec<Notice>,
) -> anyhow::Result<Vec<bool>> {
    // All workspaces that are meant are in one repository.
    let mut changes = Changes::since(&targets[0].program.workspace_root, commit)?;
    let is_affected = |target: &Selected| {
        let patterns = &target.locations.patterns;
        changes.concern(&target.program, &target.label.target)
            || changes.include(|file| patterns.name(file))
    };
    let is_affected: Vec<_> = targets.iter().map(is_affected).collect();
    let count = is_affected.iter().filter(|is| **is).count();
    told.push(Notice::Note { message: words::affected(count, targets.len(), commit) });
    Ok(is_affected)
}

/// Adds the page to those who report; it is told what they were.
#[cfg(feature = "ui")]
fn show_page(
    port: u16,
    prepared: &[Prepared],
    told: &[Notice],
    reporters: &mut Vec<Box<dyn Reporter>>,
) -> anyhow::Result<()> {
    let shelves = prepared
        .iter()
        .map(|target| Shelf::new(target.corpus().clone(), target.others()))
        .collect();
    let mut atlases: Vec<Arc<Atlas>> = Vec::new();
    for target in prepared {
        let program = target.program();
        let known = atlases.iter().find(|atlas| atlas.program() == program.path).cloned();
        atlases.push(known.unwrap_or_else(|| Arc::new(Atlas::new(program))));
    }
    let mut page = Ui::start(port, shelves, atlases)?;
    told.iter().for_each(|notice| page.report(notice));
    reporters.report(&Notice::Page { url: page.url().to_owned() });
    if std::env::var_os("SSH_CONNECTION").is_some() {
        reporters.report(&Notice::Note { message: words::forward(page.port()) });
    }
    reporters.push(Box::new(page));
    Ok(())
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
