//! `cargo shakedown fuzz` on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::build::BuildArgs;
use super::values::{enough, positive, positive_duration, size};
use super::{EffortArgs, Filters, JsonArg, LimitArgs, PassedArgs};
use crate::campaign::Enough;
use crate::commands::{self, FuzzOptions, Outputs};
use crate::drive::Plan;
use crate::worker::Limits;

/// Output for CI systems.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output for CI")]
struct CiArgs {
    /// Write a JUnit file when the campaign is over
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a SARIF file when the campaign is over
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Do not annotate the source, nor write the step summary, where GitHub Actions runs this
    #[arg(long)]
    no_annotations: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
The search ends at --time or --execs, at the first ^C (a second one drops what is running), or
with --fail-fast at the first finding.

Examples:
  cargo shakedown fuzz                           Fuzz all targets, until ^C
  cargo shakedown fuzz parse --time 10m          Fuzz the targets whose name contains `parse`
  cargo shakedown fuzz --execs 100000 --seed 1 --jobs 1 --fail-fast
                                                 A short, repeatable run, as for CI
  cargo shakedown fuzz --json | jq 'select(.type == \"finding\")'
                                                 Findings for a script")]
pub(super) struct FuzzArgs {
    #[command(flatten)]
    filters: Filters,
    /// Stop after this time, shared by the targets: 500ms, 10s, 5m, 2h [default: never]
    #[arg(short, long, value_name = "TIME", value_parser = positive_duration)]
    time: Option<Duration>,
    /// Stop each target after exactly this many executions
    ///
    /// Running seeds and cached entries counts, but an entry whose coverage is known is not run.
    /// Verifying and minimizing findings does not count.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    execs: Option<u64>,
    /// Stop each target once it has reached nothing new for this long: `no-news 10m`, or until the
    /// chance that the next execution does is below a bound: `bound 1e-6`
    ///
    /// Of several conditions, as in `no-news 1h | bound 1e-7`, the first that holds counts. The bound
    /// is at 95 % confidence, for the search as it goes.
    #[arg(long, value_name = "CONDITION", value_parser = enough)]
    stop_when: Option<Enough>,
    /// Number of worker processes [default: the number of processors]
    #[arg(short, long, value_name = "N", value_parser = positive)]
    jobs: Option<usize>,
    /// Seed of all random choices [default: a new one, which is shown]
    ///
    /// The same seed with --jobs 1 repeats a campaign exactly.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Search only in targets that are affected by what changed since this commit, as for a pull
    /// request: `origin/main`; of the others, only run what is known
    ///
    /// A target is affected by functions and other items of its package and of the packages by path
    /// that it depends on, if their names lead to them from it; by all other files of these, and by
    /// those that say how everything is built, such as Cargo.lock, or that its `seed_files` names. Where code makes names of others, all
    /// items count. Git compares with the commit where the branches parted.
    #[arg(long, value_name = "COMMIT")]
    changed_since: Option<String>,
    /// Stop at the first finding
    #[arg(long)]
    fail_fast: bool,
    #[command(flatten)]
    effort: EffortArgs,
    /// Length limit of generated inputs [default: the target's own; or 64 KiB, or 4 KiB for a
    /// drop-in, or the length of the longest seed]
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    max_len: Option<u64>,
    /// Dictionary of tokens, in the format of AFL and libFuzzer; may be repeated
    #[arg(long, value_name = "FILE")]
    dict: Vec<PathBuf>,
    /// Do not take constants of the program as tokens
    #[arg(long)]
    no_auto_dictionary: bool,
    /// Show the campaign on a page for a browser of this machine, whose URL is printed [default port:
    /// any that is free]
    ///
    /// Only those who know the URL see the page. From another machine, forward the port: `ssh -L
    /// PORT:127.0.0.1:PORT HOST`.
    #[cfg(feature = "ui")]
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "0")]
    ui: Option<u16>,
    #[command(flatten)]
    json: JsonArg,
    #[command(flatten)]
    passed: PassedArgs,
    #[command(flatten)]
    ci: CiArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

impl From<FuzzArgs> for FuzzOptions {
    fn from(args: FuzzArgs) -> Self {
        let jobs = args.jobs.unwrap_or_else(commands::processors);
        let mut targets = args.passed.to(args.build.select(args.filters.filters));
        targets.build.has_origins = args.changed_since.is_some();
        Self {
            targets,
            changed_since: args.changed_since,
            limits: Limits { max_len: args.max_len, ..args.limits.limits(jobs) },
            dictionaries: args.dict,
            has_constants: !args.no_auto_dictionary,
            plan: Plan {
                jobs,
                seed: args.seed.unwrap_or_else(commands::fresh_seed),
                time: args.time,
                execs: args.execs,
                enough: args.stop_when.unwrap_or_default(),
                fail_fast: args.fail_fast,
                minimize: args.effort.budget(),
                #[cfg(feature = "ui")]
                is_watched: args.ui.is_some(),
                #[cfg(not(feature = "ui"))]
                is_watched: false,
            },
            #[cfg(feature = "ui")]
            ui: args.ui,
            json: args.json.json,
            ci: args.ci.into(),
        }
    }
}

impl From<CiArgs> for Outputs {
    fn from(args: CiArgs) -> Self {
        Self::of_environment(args.junit, args.sarif, !args.no_annotations)
    }
}
