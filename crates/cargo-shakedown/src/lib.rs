//! The `cargo shakedown` command: builds the fuzz targets of a workspace, and searches with them.
//!
//! A library only so that tests and benchmarks reach it; not a public interface. What they use is in
//! [`internals`], so that the compiler finds what nothing uses.

mod build;
mod campaign;
mod changes;
mod cli;
mod commands;
mod coverage;
mod drive;
mod init;
mod investigate;
mod places;
mod pool;
mod postmortem;
mod report;
mod select;
mod store;
mod symbols;
mod ui;
mod worker;

use std::process::ExitCode;

/// The whole command, as this process was called: by the user, by cargo as `cargo-shakedown shakedown
/// ..`, or by cargo in place of rustc.
#[must_use]
pub fn main() -> ExitCode {
    if build::wrapper::invoked() {
        return build::wrapper::run();
    }
    if let Some(status) = worker::guardian::run_if_asked() {
        return status;
    }
    // Without cargo, the second word may be left out.
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|argument| argument == "shakedown") {
        arguments.remove(1);
    }
    commands::run(cli::parse(arguments))
}

/// What the tests and benchmarks of this package use, and nothing else.
#[doc(hidden)]
pub mod internals {
    pub use crate::build::constants::tokens;
    pub use crate::build::{BuildOptions, Program, Sanitizer, Tests, Verbosity, build};
    pub use crate::campaign::{
        Action, Coverage, Drawing, Event, Input, Job, JobResult, Remembered, Search, SearchConfig,
        Source, Start, StoredInput, Traced, Visit, execs_of,
    };
    pub use crate::store::corpus::Corpus;
    pub use crate::store::coverage::{Programs, load, save};
    pub use crate::store::file::numbered;
    pub use crate::store::inputs::Inputs;
    pub use crate::store::paths::Locations;
    pub use crate::store::survey::survey;
    pub use crate::worker::{
        CallError, CallInputs, Control, CoverageMap, Done, Limits, Memory, Session, Setup, Shared,
        Watch, Worker, greet,
    };
}
