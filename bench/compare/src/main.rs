//! Runs the same targets under several fuzzers, or several revisions of this one, and says which of
//! them finds what, after how many executions and how soon.

mod coverage;
mod crates;
mod engine;
mod idioms;
mod processor;
mod records;
mod run;
mod suite;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

use crate::engine::{Engine, LibFuzzer};
use crate::records::{Limit, Records, Start};
use crate::run::Trials;
use crate::suite::Suite;

/// Runs the same targets under several fuzzers or revisions, and compares what they find.
///
/// Every result is one line of a file. What is there already is not run again.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Real bugs in real crates: bench/bugs
    Bugs(RunArgs),
    /// Edges that are reached in current crates: bench/coverage. Needs cargo-fuzz to count them
    Coverage(CoverageArgs),
    /// Generated comparisons of every kind, behind each of which is a panic
    Idioms(IdiomArgs),
}

#[derive(Args)]
struct RunArgs {
    /// Only targets whose name contains one of these
    targets: Vec<String>,
    /// `libfuzzer`, or a checkout of this project as DIR or NAME=DIR; may be repeated,
    /// trials take turns
    /// [default: this one]
    #[arg(short, long = "engine", value_name = "ENGINE")]
    engines: Vec<String>,
    /// Trials of each target, with the seeds 1, 2, .. of the generator
    #[arg(short = 'n', long, default_value_t = 1)]
    trials: u64,
    /// End of a trial: seconds as 10s, or executions as 1000000
    #[arg(short = 't', long, default_value = "10s")]
    limit: Limit,
    /// What trials start from; both if repeated
    #[arg(long, value_enum, default_values = ["seeds"])]
    from: Vec<Start>,
    /// The processors, one trial on each at a time
    #[arg(long, value_delimiter = ',', default_values_t = [1])]
    cores: Vec<usize>,
    /// The results [default: bench/work/SUITE.jsonl]
    #[arg(long)]
    results: Option<PathBuf>,
    /// Build, and run nothing
    #[arg(long)]
    no_run: bool,
    /// Build and run nothing, and print the tables of all results that are there
    #[arg(long)]
    table: bool,
}

#[derive(Args)]
struct CoverageArgs {
    /// When to count, in seconds of processor time; a trial ends at the last
    #[arg(long = "at", value_delimiter = ',', default_values_t = [5, 15, 60])]
    marks: Vec<u64>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Args)]
struct IdiomArgs {
    /// Targets of each idiom, with constants of their own
    #[arg(long, default_value_t = 10)]
    instances: u64,
    /// Seed of the constants
    #[arg(long, default_value_t = 1)]
    constants: u64,
    #[command(flatten)]
    run: RunArgs,
}

fn main() -> Result<()> {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent").to_owned();
    match Cli::parse().command {
        Command::Bugs(args) => compare(&bench, crates::suite(&bench, "bugs", "bug")?, args, &[]),
        Command::Idioms(args) => {
            let suite = idioms::suite(args.instances, args.constants);
            compare(&bench, suite, args.run, &[])
        }
        Command::Coverage(args) => {
            let suite = crates::suite(&bench, "coverage", "cover")?;
            let last = args.marks.iter().max().context("when to look")?;
            let run = RunArgs { limit: Limit::Processor(*last), ..args.run };
            compare(&bench, suite, run, &args.marks)
        }
    }
}

/// Builds the targets for every engine, runs what has not run yet, and prints the tables.
fn compare(bench: &Path, mut suite: Suite, args: RunArgs, marks: &[u64]) -> Result<()> {
    let work = bench.join("work");
    std::fs::create_dir_all(&work).context("bench/work")?;
    let default = || work.join(format!("{}.jsonl", suite.name));
    let mut records = Records::open(&args.results.clone().unwrap_or_else(default))?;
    let mut wanted = records.all();
    if !args.table {
        let engines = engines(bench, &suite, &args, &work)?;
        let has_marks = !marks.is_empty();
        let counter = has_marks.then(|| LibFuzzer::prepare(&suite, &work)).transpose()?;
        if args.no_run {
            return Ok(());
        }
        suite.keep(&args.targets)?;
        let trials = args.trials(!has_marks);
        wanted = run::run(&suite, &engines, &trials, &mut records, |engine, target, setting| {
            match &counter {
                Some(counter) => coverage::watch(engine, target, setting, counter, marks),
                None => engine::run(engine, target, setting),
            }
        })?;
    }
    suite.keep(&args.targets)?;
    match marks {
        [] => table::print(&suite, &wanted),
        marks => table::coverage::print(&suite, &wanted, marks),
    }
    Ok(())
}

impl RunArgs {
    fn trials(&self, are_over_when_found: bool) -> Trials {
        Trials {
            seeds: 1..=self.trials,
            limit: self.limit,
            starts: self.from.clone(),
            cores: self.cores.clone(),
            are_over_when_found,
        }
    }
}

/// The engines that a user names, each with the targets built.
fn engines(
    bench: &Path,
    suite: &Suite,
    args: &RunArgs,
    work: &Path,
) -> Result<Vec<Box<dyn Engine>>> {
    let default = [default_engine(bench)];
    let names = if args.engines.is_empty() { &default } else { &args.engines[..] };
    names.iter().map(|name| engine::prepare(name, suite, work)).collect()
}

fn default_engine(bench: &Path) -> String {
    bench.parent().unwrap_or(bench).display().to_string()
}
