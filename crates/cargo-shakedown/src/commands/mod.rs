//! The subcommands, one file each.
#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic; see `output`")]

mod corpus;
mod fuzz;
mod list;
mod minimize;
mod output;
mod replay;
mod single;

use std::process::ExitCode;

use serde_json::json;

use crate::build::BuildError;
use crate::cli::{Command, Limits};
use crate::drive::Wishes;
use crate::report::{self, Paint, Screen};
use crate::worker::default_memory_limit;
use output::{Notes, Output};

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
pub fn run(command: Command) -> ExitCode {
    let mut out = Output::default();
    let result = match command {
        Command::Fuzz(options) => fuzz::run(options),
        Command::List(options) => list::run(&options, &mut out),
        Command::Replay(options) => replay::run(&options, &mut out),
        Command::Minimize(options) => minimize::run(&options, &mut out),
        Command::Corpus(command) => corpus::run(command, &mut out),
    };
    match result.and_then(|status| out.close(status)) {
        Ok(status) => ExitCode::from(status),
        Err(error) if is_told(&error) => ExitCode::from(USAGE),
        Err(error) => {
            let paint = Paint::new(Screen::of_stderr().colors);
            writeln!(Notes, "{}: {error:#}", paint.bad("error"));
            ExitCode::from(if error.is::<Internal>() { INTERNAL } else { USAGE })
        }
    }
}

/// Whether cargo or the compiler has said everything, better than it could be said here.
fn is_told(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(BuildError::Compile | BuildError::Workspace))
}

/// What the user wants of a target that is only run, not mutated, in so many workers at a time.
fn wishes(limits: &Limits, jobs: usize, show_output: bool) -> Wishes {
    let memory_limit = limits.memory_limit.unwrap_or_else(|| default_memory_limit(jobs));
    Wishes {
        timeout: limits.timeout,
        memory_limit: Some(memory_limit).filter(|limit| *limit > 0),
        max_len: None,
        dictionary: Vec::new(),
        isolate: limits.isolate,
        stack_size: limits.stack_size,
        show_output,
    }
}

/// Tells, where its line would stand, that a target's worker does not start.
fn tell_failed(
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
            let text = format!("{error:#}").trim_end().replace('\n', "\n    ");
            writeln!(out, "{}\n    error: {text}", target.whole());
        }
    }
}
