//! The subcommands, one file each.

mod corpus;
mod fuzz;
mod list;
mod minimize;
mod replay;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use shakedown_core::corpus_file;
use shakedown_core::schema::Schema;

use crate::cli::{Command, Limits};
use crate::drive::Wishes;
use crate::report::{Paint, Screen};

/// Exit status for usage and build errors.
const USAGE: u8 = 2;

/// Runs a subcommand; returns the exit status of the process.
#[must_use]
pub fn run(command: Command) -> ExitCode {
    let result = match command {
        Command::Fuzz(options) => fuzz::run(options),
        Command::List(options) => list::run(&options),
        Command::Replay(options) => replay::run(&options),
        Command::Minimize(options) => minimize::run(&options),
        Command::Corpus(command) => corpus::run(command),
    };
    match result {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            let paint = Paint::new(Screen::of_stderr().colors);
            eprintln!("{}: {error:#}", paint.bad("error"));
            ExitCode::from(USAGE)
        }
    }
}

/// What the user wants of a target that is only run, not mutated.
fn wishes(limits: &Limits, show_output: bool) -> Wishes {
    Wishes {
        timeout: limits.timeout,
        memory_limit: Some(limits.memory_limit).filter(|limit| *limit > 0),
        max_len: None,
        dictionary: Vec::new(),
        show_output,
    }
}

/// The input in a file, encoded. Warnings go to standard error.
fn read_input(schema: &Schema, path: &Path) -> anyhow::Result<Vec<u8>> {
    let content = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let parsed = corpus_file::decode(schema, &content)
        .map_err(|error| anyhow::anyhow!("{}:{error}", path.display()))?;
    for warning in &parsed.warnings {
        eprintln!("warning: {}:{warning}", path.display());
    }
    Ok(parsed.input)
}
