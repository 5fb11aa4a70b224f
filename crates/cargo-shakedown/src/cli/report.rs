//! `cargo shakedown report` on the command line.

use std::path::PathBuf;

use clap::Args;

use super::build::BuildArgs;
use super::{Filters, LimitArgs};
use crate::commands::ReportOptions;

#[derive(Debug, Args)]
#[command(after_long_help = "\
The page is one file that loads nothing, to be kept by a CI system or sent by mail. It has the
findings as they fail now, up to 1000 entries of each target, and the source of the workspace with
what all inputs reach. While a campaign runs, `cargo shakedown fuzz --ui` shows it on such a page.

Example:
  cargo shakedown report --html fuzz.html")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    filters: Filters,
    /// Where to write the page
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
    /// Open the page in $BROWSER, or what the desktop has for it
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

impl From<ReportArgs> for ReportOptions {
    fn from(args: ReportArgs) -> Self {
        Self {
            targets: args.build.select(args.filters.filters),
            html: args.html,
            is_opened: args.open,
            limits: args.limits.limits(1),
        }
    }
}
