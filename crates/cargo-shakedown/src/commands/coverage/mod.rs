//! `cargo shakedown coverage`: runs all that is known of targets, and shows which lines that reaches.

mod run;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use self::run::{Reached, Tally, run_all};
use super::output::{Notes, Output};
use super::{USAGE, write_failed};
use crate::build::Program;
use crate::coverage::{self, Coverage};
use crate::places::{self, Counters, Sources};
use crate::report::{TargetName, counted, visible};
use crate::select::{self, Selected, Selection};
use crate::store::file;
use crate::worker::Limits;

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
    /// Where to write a page.
    pub html: Option<PathBuf>,
    /// Write JSON instead of text.
    pub json: bool,
    /// Limits of the workers.
    pub limits: Limits,
}

/// A program, and the counters of it that were hit.
struct Observed {
    counters: Counters,
    is_hit: Vec<bool>,
}

pub(super) fn run(options: &CoverageOptions, out: &mut Output) -> anyhow::Result<u8> {
    options.lcov.iter().chain(&options.html).try_for_each(|path| file::check_place(path))?;
    let targets = select::targets(&options.targets)?;
    let mut programs: BTreeMap<PathBuf, Observed> = BTreeMap::new();
    let (mut tally, mut status) = (Tally::default(), 0);
    for target in &targets {
        match reach(target, &options.limits, &mut programs) {
            Ok(of_target) => {
                warn(&target.label, &of_target);
                tally.add(&of_target);
            }
            Err(error) => {
                write_failed(&target.label, "coverage", &error, options.json, out);
                status = USAGE;
            }
        }
    }
    let (coverage, sources) = in_source(&targets[0], options, &programs);
    if let Some(path) = &options.lcov {
        file::write(path, coverage::lcov(&coverage).as_bytes())?;
    }
    if let Some(path) = &options.html {
        let page = coverage::html(&coverage, |name| sources.text(name));
        file::write(path, page.as_bytes())?;
    }
    match options.json {
        true => write_json(&coverage, &tally, out),
        false => write_text(&coverage, &tally, options, out),
    }
    Ok(status)
}

/// Runs all inputs of a target, and notes what they hit of its program.
fn reach(
    target: &Selected,
    limits: &Limits,
    programs: &mut BTreeMap<PathBuf, Observed>,
) -> anyhow::Result<Tally> {
    let path = &target.program.path;
    if !programs.contains_key(path) {
        let counters = places::counters(path)?;
        let is_hit = vec![false; counters.counted.len()];
        programs.insert(path.clone(), Observed { counters, is_hit });
    }
    let Some(Observed { counters, is_hit }) = programs.get_mut(path) else { unreachable!() };
    let Reached { numbers, tally } = run_all(target, limits, counters.numbers)?;
    for (at, is_hit) in is_hit.iter_mut().enumerate() {
        *is_hit |= numbers[counters.first + at];
    }
    Ok(tally)
}

/// The counters of all programs as lines of the source.
fn in_source(
    target: &Selected,
    options: &CoverageOptions,
    programs: &BTreeMap<PathBuf, Observed>,
) -> (Coverage, Sources) {
    let program = &target.program;
    let packages = if options.has_dependencies { &[][..] } else { &program.members };
    let mut sources = Sources::new(root(program), packages);
    let mut coverage = Coverage::default();
    for Observed { counters, is_hit } in programs.values() {
        coverage.add(&counters.counted, is_hit, &mut |path| sources.name(path));
    }
    (coverage, sources)
}

/// The folder that files are named from: that of the workspace, or the first above it with all packages
/// that count as the user's, some of which may lie beside it.
fn root(program: &Program) -> &Path {
    let has_all = |folder: &&Path| program.members.iter().all(|member| member.starts_with(folder));
    program.workspace_root.ancestors().find(has_all).unwrap_or(&program.workspace_root)
}

/// Says what is missing.
fn warn(target: &TargetName, tally: &Tally) {
    let say = |text: &str| {
        writeln!(Notes, "warning: {}: {}", target.whole(), visible(text));
    };
    tally.warnings.iter().for_each(|warning| say(warning));
    if tally.ended > 0 {
        let inputs = counted(tally.ended, "input");
        say(&format!("{inputs} ended the process, and what only they reach is not known"));
    }
}

fn write_json(coverage: &Coverage, tally: &Tally, out: &mut Output) {
    coverage::json(coverage).for_each(|line| writeln!(out, "{line}"));
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

fn write_text(coverage: &Coverage, tally: &Tally, options: &CoverageOptions, out: &mut Output) {
    let inputs = counted(tally.inputs, "input");
    let targets = counted(tally.targets, "target");
    writeln!(out, "{inputs} of {targets}, {} failed\n", tally.failed);
    for line in coverage::table(coverage) {
        writeln!(out, "{}", visible(&line));
    }
    let frontier = if options.has_frontier { coverage::frontier(coverage) } else { Vec::new() };
    if !frontier.is_empty() {
        writeln!(out);
    }
    frontier.iter().for_each(|line| writeln!(out, "{}", visible(line)));
}
