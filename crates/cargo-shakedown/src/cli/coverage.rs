//! `cargo shakedown coverage` on the command line.

use std::path::PathBuf;

use clap::Args;

use super::build::BuildArgs;
use super::{Filters, JsonArg, LimitArgs};
use crate::commands::CoverageOptions;

#[derive(Debug, Args)]
#[command(after_long_help = "\
Everything is run once, each target in workers of its own. The counters of the build that is used for
fuzzing are shown where they are in the source. A line is shown as executed only if it was. Of
optimised code not every line has a counter: of some, only a branch that was not taken is known.

Examples:
  cargo shakedown coverage                       A table of the files of the workspace
  cargo shakedown coverage parse --uncovered     What was not reached in functions that were entered
  cargo shakedown coverage --lcov fuzz.lcov      For tools and services that read lcov
  cargo shakedown coverage --html coverage.html  The source with marks, for a browser")]
pub(super) struct CoverageArgs {
    #[command(flatten)]
    filters: Filters,
    /// Also list what was not reached in functions that were entered: first what most lies behind
    #[arg(long, conflicts_with = "json")]
    uncovered: bool,
    /// Also show the files of dependencies, and of the standard library
    #[arg(long)]
    dependencies: bool,
    /// Write the lines to a file in the format of lcov
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    /// Write the lines to a file in the format of Cobertura, for GitLab and Azure Pipelines
    #[arg(long, value_name = "FILE")]
    cobertura: Option<PathBuf>,
    /// Write a page with the source and marks in it, in one file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Open the page in $BROWSER, or what the desktop has for it
    #[arg(long, requires = "html")]
    open: bool,
    #[command(flatten)]
    json: JsonArg,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

impl From<CoverageArgs> for CoverageOptions {
    fn from(args: CoverageArgs) -> Self {
        Self {
            targets: args.build.select(args.filters.filters),
            has_frontier: args.uncovered,
            has_dependencies: args.dependencies,
            lcov: args.lcov,
            cobertura: args.cobertura,
            html: args.html,
            is_opened: args.open,
            json: args.json.json,
            limits: args.limits.limits(1),
        }
    }
}
