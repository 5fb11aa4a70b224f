//! `cargo shakedown corpus migrate` on the command line.

use clap::Args;

use super::Filters;
use super::build::BuildArgs;
use crate::commands::MigrateOptions;

#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    #[command(flatten)]
    filters: Filters,
    /// Write the files
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    build: BuildArgs,
}

impl From<MigrateArgs> for MigrateOptions {
    fn from(args: MigrateArgs) -> Self {
        Self { targets: args.build.select(args.filters.filters), write: args.write }
    }
}
