//! `cargo shakedown findings` on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::build::BuildArgs;
use super::{Filters, JsonArg, LimitArgs};
use crate::commands::{FindingsCommand, ListFindingsOptions, ShowFindingOptions};

#[derive(Debug, Subcommand)]
pub(super) enum FindingsVerb {
    /// Run all findings, and show which still fail, and how
    ///
    /// Each is run for a second at most, unless `--timeout` says how long: a hang would take all of its
    /// time at every listing.
    List(ListArgs),
    /// Show one finding: its arguments, how it fails, and how to run it
    ///
    /// Seeds in files can be shown, too.
    #[command(after_long_help = "\
Examples:
  cargo shakedown findings show de0e7e02         The finding whose name begins like this
  cargo shakedown findings show de0e7e02 --as-test
                                                 A test in plain Rust, to be put where the target is")]
    Show(ShowArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    json: JsonArg,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The name of the finding or the beginning of it, or its file
    #[arg(value_name = "NAME|FILE")]
    finding: PathBuf,
    /// Write a test that does the same in plain Rust, for the module of the target
    ///
    /// It compiles where the arguments are of standard types and of types that derive `Input`; where
    /// a type implements it by hand, its value has to be written by hand, too.
    #[arg(long)]
    as_test: bool,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

impl From<FindingsVerb> for FindingsCommand {
    fn from(verb: FindingsVerb) -> Self {
        match verb {
            FindingsVerb::List(args) => Self::List(ListFindingsOptions {
                targets: args.build.select(args.filters.filters),
                json: args.json.json,
                limits: args.limits.limits(1),
            }),
            FindingsVerb::Show(args) => Self::Show(ShowFindingOptions {
                targets: args.build.select(Vec::new()),
                finding: args.finding,
                as_test: args.as_test,
                limits: args.limits.limits(1),
            }),
        }
    }
}
