//! `cargo shakedown coverage`: runs all that is known of targets, and shows which lines that reaches.

mod observed;
mod run;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use self::run::Tally;
use super::open::open;
use super::output::{Notes, Output};
use super::{USAGE, write_failed};
use crate::coverage::{self, Blocker, Coverage};
use crate::places::Sources;
use crate::report::{TargetName, counted, visible};
use crate::select::{self, Selection};
use crate::store::file;
use crate::worker::Limits;

pub(super) use observed::Observed;
pub(super) use run::Reached;

/// What `coverage` is to do.
#[derive(Debug)]
pub(crate) struct CoverageOptions {
    /// The targets.
    pub targets: Selection,
    /// List what was not reached in functions that were entered.
    pub has_frontier: bool,
    /// Show all files, and not only those of the workspace.
    pub has_dependencies: bool,
    /// Where to write the lines in the format of lcov.
    pub lcov: Option<PathBuf>,
    /// Where to write them in the format of Cobertura.
    pub cobertura: Option<PathBuf>,
    /// Where to write a page.
    pub html: Option<PathBuf>,
    /// Open the page in a browser.
    pub is_opened: bool,
    /// Write JSON instead of text.
    pub json: bool,
    /// Limits of the workers.
    pub limits: Limits,
}

pub(super) fn run(options: &CoverageOptions, out: &mut Output) -> anyhow::Result<u8> {
    let files = [&options.lcov, &options.cobertura, &options.html];
    files.into_iter().flatten().try_for_each(|path| file::check_place(path))?;
    let targets = select::targets(&options.targets)?;
    let (mut observed, mut tally, mut status) = (Observed::default(), Tally::default(), 0);
    for target in &targets {
        match observed.add(target, &options.limits) {
            Ok(Reached { tally: of_target, .. }) => {
                let all = of_target.all_warnings();
                all.iter().for_each(|warning| warn(&target.label, warning));
                tally.add(&of_target);
            }
            Err(error) => {
                write_failed(&target.label, "coverage", &error, options.json, out);
                status = USAGE;
            }
        }
    }
    let (coverage, mut sources) = observed.in_source(options.has_dependencies);
    write_files(&coverage, &sources, options)?;
    let blockers = match options.json || options.has_frontier {
        true => observed.blockers(&coverage, &mut sources),
        false => Vec::new(),
    };
    match options.json {
        true => write_json(&coverage, &blockers, &tally, out),
        false => write_text(&coverage, &blockers, &tally, out),
    }
    Ok(status)
}

/// Writes the files that are asked for.
fn write_files(
    coverage: &Coverage,
    sources: &Sources,
    options: &CoverageOptions,
) -> anyhow::Result<()> {
    if let Some(path) = &options.lcov {
        file::write(path, coverage::lcov(coverage).as_bytes())?;
    }
    if let Some(path) = &options.cobertura {
        let root = sources.root().to_string_lossy();
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        file::write(path, coverage::cobertura(coverage, &root, time).as_bytes())?;
    }
    if let Some(path) = &options.html {
        let page = coverage::html(coverage, |name| sources.text(name));
        file::write(path, page.as_bytes())?;
        if options.is_opened {
            open(path);
        }
    }
    Ok(())
}

/// Says what is missing.
fn warn(target: &TargetName, text: &str) {
    writeln!(Notes, "warning: {}: {}", target.whole(), visible(text));
}

fn write_json(coverage: &Coverage, blockers: &[Blocker], tally: &Tally, out: &mut Output) {
    coverage::json(coverage).for_each(|line| writeln!(out, "{line}"));
    let first = blockers.iter().filter(|blocker| !blocker.is_hidden);
    first.for_each(|blocker| writeln!(out, "{}", coverage::of_blocker(blocker)));
    let totals = coverage.totals();
    let line = json!({
        "type": "coverage_summary",
        "targets": tally.targets,
        "inputs": tally.inputs,
        "failed": tally.failed,
        "ended": tally.ended,
        "lost": tally.lost,
        "files": coverage.files.len(),
        "counters": totals.counters,
        "counters_hit": totals.counters_hit,
        "lines": totals.lines,
        "lines_executed": totals.lines_executed,
        "frontier": totals.frontier,
        "unplaced": coverage.unplaced,
    });
    writeln!(out, "{line}");
}

fn write_text(coverage: &Coverage, blockers: &[Blocker], tally: &Tally, out: &mut Output) {
    let inputs = counted(tally.inputs, "input");
    let targets = counted(tally.targets, "target");
    writeln!(out, "{inputs} of {targets}, {} failed\n", tally.failed);
    for line in coverage::table(coverage) {
        writeln!(out, "{}", visible(&line));
    }
    let frontier = coverage::frontier(blockers);
    if !frontier.is_empty() {
        writeln!(out);
    }
    frontier.iter().for_each(|line| writeln!(out, "{}", visible(line)));
}
