//! `cargo shakedown serve` on the command line.

use clap::Args;

use super::build::BuildArgs;
use super::{Filters, LimitArgs};
use crate::commands::ServeOptions;

#[derive(Debug, Args)]
#[command(after_long_help = "\
Findings and all other inputs are run once, then the page is there until ^C: findings as they fail now,
the corpus and where each entry came from, the source with what all inputs reach, and what stops the
search. Only those who know the URL see it, on this machine. `cargo shakedown report` writes such a page
to a file; `cargo shakedown fuzz --ui` shows a campaign that runs.

Example:
  cargo shakedown serve parse --port 8080")]
pub(super) struct ServeArgs {
    #[command(flatten)]
    filters: Filters,
    /// Port of the page [default: any that is free]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

impl From<ServeArgs> for ServeOptions {
    fn from(args: ServeArgs) -> Self {
        Self {
            targets: args.build.select(args.filters.filters),
            port: args.port,
            limits: args.limits.limits(1),
        }
    }
}
