//! The subcommands, one file each.
#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic; see `output`")]

mod beside;
mod build;
mod capture;
mod ci;
mod corpus;
mod coverage;
mod findings;
mod fuzz;
mod gather;
mod init;
mod list;
mod merge;
mod migrate;
mod minimize;
mod open;
mod options_file;
mod output;
mod page;
mod reach;
mod replay;
mod seed;
#[cfg(feature = "ui")]
mod serve;
mod shrink;
mod single;
mod translated;

use std::process::ExitCode;

use serde_json::json;

use shakedown_core::wire::Greeting;

use crate::build::BuildError;
use crate::report::{self, Paint, Screen};
use crate::select::{Selected, Selection};
use crate::store::corpus::{Corpus, NO_LIMIT};
use crate::worker::{Limits, Setup, greet};
use output::{Notes, Output};

pub(crate) use capture::CaptureOptions;
pub(crate) use ci::Outputs;
pub(crate) use corpus::{
    CleanOptions, CorpusCommand, ExportOptions, ImportOptions, ShowOptions, StatsOptions,
};
pub(crate) use coverage::CoverageOptions;
pub(crate) use findings::{FindingsCommand, ListFindingsOptions, ShowFindingOptions};
pub(crate) use fuzz::{FuzzOptions, fresh_seed, processors};
pub(crate) use init::InitOptions;
pub(crate) use list::ListOptions;
pub(crate) use migrate::MigrateOptions;
pub(crate) use minimize::MinimizeOptions;
pub(crate) use page::ReportOptions;
pub(crate) use replay::ReplayOptions;
pub(crate) use seed::SeedOptions;
#[cfg(feature = "ui")]
pub(crate) use serve::ServeOptions;
pub(crate) use shrink::ShrinkOptions;
pub(crate) use translated::Translated;

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Search for inputs that fail.
    Fuzz(FuzzOptions),
    /// List targets.
    List(ListOptions),
    /// Build targets.
    Build(Selection),
    /// Add a first target.
    Init(InitOptions),
    /// Run inputs once.
    Replay(ReplayOptions),
    /// Find a smaller input that fails in the same way.
    Minimize(MinimizeOptions),
    /// Show findings.
    Findings(FindingsCommand),
    /// Write a seed.
    Seed(SeedOptions),
    /// Make seeds of values of tests.
    Capture(CaptureOptions),
    /// Work on corpora.
    Corpus(CorpusCommand),
    /// Show what corpora reach.
    Coverage(CoverageOptions),
    /// Write a page of all that is kept.
    Report(ReportOptions),
    /// Show such a page for as long as somebody looks.
    #[cfg(feature = "ui")]
    Serve(ServeOptions),
    /// Do what a command line of another fuzzer means.
    Translated(Box<Translated>),
}

/// Exit status for usage and build errors.
const USAGE: u8 = 2;

/// Exit status for internal errors.
const INTERNAL: u8 = 3;

/// An error of the engine's own, not of the user or the target.
#[derive(Debug)]
struct Internal(String);

impl std::fmt::Display for Internal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Internal {}

/// Runs a subcommand; returns the exit status of the process.
#[must_use]
pub(crate) fn run(command: Command) -> ExitCode {
    let mut out = Output::default();
    let result = match command {
        Command::Fuzz(options) => fuzz::run(options),
        Command::List(options) => list::run(&options, &mut out),
        Command::Build(selection) => build::run(&selection),
        Command::Init(options) => init::run(&options, &mut out),
        Command::Replay(options) => replay::run(options, &mut out),
        Command::Minimize(options) => minimize::run(options, &mut out),
        Command::Findings(command) => findings::run(command, &mut out),
        Command::Seed(options) => seed::run(&options, &mut out),
        Command::Capture(options) => capture::run(&options, &mut out),
        Command::Corpus(command) => corpus::run(command, &mut out),
        Command::Coverage(options) => coverage::run(&options, &mut out),
        Command::Report(options) => page::run(options, &mut out),
        #[cfg(feature = "ui")]
        Command::Serve(options) => serve::run(&options, &mut out),
        Command::Translated(translated) => return run(translated.say()),
    };
    match result.and_then(|status| out.close(status)) {
        Ok(status) => ExitCode::from(status),
        Err(error) if is_said(&error) => ExitCode::from(USAGE),
        Err(error) => {
            let paint = Paint::new(Screen::of_stderr().colors);
            let text = report::visible(&format!("{error:#}"));
            writeln!(Notes, "{}: {text}", paint.bad("error"));
            ExitCode::from(if error.is::<Internal>() { INTERNAL } else { USAGE })
        }
    }
}

/// Whether cargo or the compiler has said everything, better than it could be said here.
fn is_said(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(BuildError::Compile | BuildError::Workspace))
}

/// Asks a target about itself; with its answer comes its corpus, for inputs of any length.
///
/// # Errors
/// If its worker does not start.
fn ask(target: &Selected) -> anyhow::Result<(Box<Greeting>, Corpus)> {
    let id = &target.label.target;
    let mut setup = Setup::new(target.program.clone(), id, Limits::default());
    let greeting = greet(&mut setup)?;
    let locations = target.locations.clone();
    let corpus = Corpus::open(locations, greeting.schema.clone(), NO_LIMIT);
    Ok((greeting, corpus))
}

/// Writes, where its line would stand, that a target's worker does not start.
fn write_failed(
    target: &report::TargetName,
    kind: &str,
    error: &anyhow::Error,
    json: bool,
    out: &mut Output,
) {
    match json {
        true => {
            let line = json!({
                "type": kind,
                "package": target.package,
                "target": target.target,
                "error": format!("{error:#}"),
            });
            writeln!(out, "{line}");
        }
        false => {
            let text = report::visible(format!("{error:#}").trim_end()).replace('\n', "\n    ");
            writeln!(out, "{}\n    error: {text}", target.whole());
        }
    }
}
