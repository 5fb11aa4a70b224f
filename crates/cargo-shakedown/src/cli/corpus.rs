//! `cargo shakedown corpus` on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::build::BuildArgs;
use super::{Filters, JsonArg, LimitArgs, TargetArg};
use crate::commands::{
    CleanOptions, CorpusCommand, ExportOptions, ImportOptions, MigrateOptions, ShowOptions,
    ShrinkOptions, StatsOptions,
};

#[derive(Debug, Subcommand)]
pub(super) enum CorpusVerb {
    /// Show the numbers and sizes of seeds, findings and entries
    Stats(StatsArgs),
    /// Print entries as text
    Show(ShowArgs),
    /// Copy files, or folders of files, into the cache
    ///
    /// Corpora of libFuzzer and AFL++ can be imported as they are for targets whose only argument is
    /// bytes or a string. Files that are not inputs of the target are skipped.
    Import(ImportArgs),
    /// Copy the corpus to a folder: the seeds and findings of testdata, and cached entries
    ///
    /// If the target's only argument is bytes or a string, libFuzzer and AFL++ can use it as it is.
    Export(ExportArgs),
    /// Delete entries that reach nothing that smaller ones do not
    ///
    /// All are run, the smallest first. Seeds and findings stay, and so do entries that fail.
    Minimize(ShrinkArgs),
    /// Show how seeds and findings in testdata are written after changes of their types, and write it
    ///
    /// Shows the difference, and changes nothing without --write. Only files are changed that say names or
    /// shapes of earlier versions. What cannot be read is named, and stays as it is.
    Migrate(MigrateArgs),
    /// Delete cached entries; seeds and findings in testdata stay
    ///
    /// Entries are the progress of past campaigns; only more fuzzing can recreate them. `corpus
    /// export` makes a copy. Files that the engine did not create are left alone.
    Clean(CleanArgs),
}

#[derive(Debug, Args)]
pub(super) struct StatsArgs {
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    json: JsonArg,
    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    target: TargetArg,
    /// Names of entries, prefixes of names, or paths of files [default: all]
    #[arg(value_name = "ENTRY")]
    shown: Vec<PathBuf>,
    /// Show at most this many entries
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    target: TargetArg,
    /// Files or folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only take inputs that reach something new: the smallest of those that do
    ///
    /// All are run, and so is what the target has. Those that fail are left out.
    #[arg(long)]
    only_new: bool,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    target: TargetArg,
    /// The folder: created if missing, otherwise empty or from an earlier export
    folder: PathBuf,
    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Args)]
pub(super) struct ShrinkArgs {
    #[command(flatten)]
    target: TargetArg,
    /// Only show what would be deleted
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Args)]
pub(super) struct CleanArgs {
    #[command(flatten)]
    filters: Filters,
    /// Also delete files that are not inputs of the target
    #[arg(long)]
    bad: bool,
    /// Only show what would be deleted
    #[arg(short = 'n', long)]
    dry_run: bool,
    #[command(flatten)]
    build: BuildArgs,
}

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

impl From<CorpusVerb> for CorpusCommand {
    fn from(verb: CorpusVerb) -> Self {
        match verb {
            CorpusVerb::Stats(args) => Self::Stats(StatsOptions {
                targets: args.build.select(args.filters.filters),
                json: args.json.json,
            }),
            CorpusVerb::Show(args) => Self::Show(ShowOptions {
                target: args.build.select(vec![args.target.target]),
                entries: args.shown,
                limit: args.limit,
            }),
            CorpusVerb::Import(args) => Self::Import(ImportOptions {
                target: args.build.select(vec![args.target.target]),
                paths: args.paths,
                only_new: args.only_new.then(|| args.limits.limits(1)),
            }),
            CorpusVerb::Export(args) => Self::Export(ExportOptions {
                target: args.build.select(vec![args.target.target]),
                folder: args.folder,
            }),
            CorpusVerb::Minimize(args) => Self::Shrink(ShrinkOptions {
                target: args.build.select(vec![args.target.target]),
                dry_run: args.dry_run,
                limits: args.limits.limits(1),
            }),
            CorpusVerb::Migrate(args) => Self::Migrate(args.into()),
            CorpusVerb::Clean(args) => Self::Clean(CleanOptions {
                targets: args.build.select(args.filters.filters),
                bad: args.bad,
                dry_run: args.dry_run,
            }),
        }
    }
}

impl From<MigrateArgs> for MigrateOptions {
    fn from(args: MigrateArgs) -> Self {
        Self { targets: args.build.select(args.filters.filters), write: args.write }
    }
}
