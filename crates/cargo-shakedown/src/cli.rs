//! The command line: clap reads it, and what comes out are the plain values that commands take. No
//! type of clap goes further than this file.

mod build;
mod capture;
mod cargo_fuzz;
mod corpus;
mod coverage;
mod findings;
mod fuzz;
mod init;
mod libfuzzer;
mod report;
mod seed;
#[cfg(feature = "ui")]
mod serve;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use self::build::BuildArgs;
use self::capture::CaptureArgs;
use self::cargo_fuzz::CargoFuzzVerb;
use self::corpus::CorpusVerb;
use self::coverage::CoverageArgs;
use self::findings::FindingsVerb;
use self::fuzz::FuzzArgs;
use self::init::InitArgs;
use self::report::ReportArgs;
use self::seed::SeedArgs;
#[cfg(feature = "ui")]
use self::serve::ServeArgs;
use self::values::{duration, memory_limit, positive_duration, stack_size};
use crate::commands::{Command, ListOptions, MinimizeOptions, ReplayOptions, Translated};
use crate::investigate::Budget;
use crate::select::Selection;
use crate::worker::{Limits, default_memory_limit};

/// How long one finding is made smaller, if nothing is said.
const MINIMIZE_TIME: Duration = Duration::from_secs(60);

/// Executions that this may take, if nothing is said.
const MINIMIZE_EXECS: u64 = 1_000_000;

/// What the arguments of a process ask for. Ends the process where it is only help, or nonsense.
#[must_use]
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Command {
    match Cli::parse_from(arguments).command {
        Verb::Fuzz(args) => Command::Fuzz(args.into()),
        Verb::List(args) => Command::List(args.into()),
        Verb::Init(args) => Command::Init(args.into()),
        Verb::Build(args) => Command::Build(args.build.select(args.filters.filters)),
        Verb::Replay(args) => Command::Replay(args.into()),
        Verb::Minimize(args) => Command::Minimize(args.into()),
        Verb::Findings(verb) => Command::Findings(verb.into()),
        Verb::Seed(args) => Command::Seed(args.into()),
        Verb::Capture(args) => Command::Capture(args.into()),
        Verb::Corpus(verb) => Command::Corpus(verb.into()),
        Verb::Coverage(args) => Command::Coverage(args.into()),
        Verb::Report(args) => Command::Report(args.into()),
        #[cfg(feature = "ui")]
        Verb::Serve(args) => Command::Serve(args.into()),
        Verb::CargoFuzz(verb) => translated(verb),
    }
}

/// What a command line of cargo-fuzz asks for, in our words.
fn translated(verb: CargoFuzzVerb) -> Command {
    let current = std::env::current_dir().unwrap_or_default();
    let cargo_fuzz::Translation { words, remarks } =
        verb.translate(cargo_fuzz::fuzz_folder(&current), |path| path.is_dir());
    let all = ["shakedown".to_owned()].into_iter().chain(words.iter().cloned());
    let command = parse(all.map(OsString::from));
    Command::Translated(Box::new(Translated { words, remarks, command }))
}

/// Coverage-guided fuzzing for functions marked `#[shakedown::fuzz]`.
///
/// `cargo shakedown fuzz` searches for inputs that make a target fail, and writes each one to
/// `testdata/fuzz/<target>/`. From then on `cargo test` replays it: commit it as a regression test.
#[derive(Debug, Parser)]
#[command(name = "shakedown", bin_name = "cargo shakedown", version, max_term_width = 100)]
#[command(after_long_help = "\
Exit status:
  0  nothing found
  1  findings
  2  usage or build error
  3  internal error, or a worker was corrupted (most likely by unsafe code in the target)
  4  nothing found, but not every target was searched

Examples:
  cargo shakedown fuzz                           Fuzz all targets, until ^C
  cargo shakedown fuzz parse --time 10m          Fuzz the targets whose name contains `parse`
  cargo shakedown replay parse FILE              Run an input, and show how it fails
  cargo shakedown findings list                  Show what was found and still fails
  cargo shakedown corpus stats                   Show what is known of each target")]
struct Cli {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add the library and a first target to a package
    ///
    /// Where a package for another fuzzer is, the line that names that is changed instead. What would be
    /// written is shown first.
    Init(InitArgs),
    /// Search for inputs that fail
    Fuzz(FuzzArgs),
    /// List the targets, their argument types and the sizes of their corpora
    List(ListArgs),
    /// Build the targets, and run nothing
    Build(BuildOnlyArgs),
    /// Run inputs once, and show what happens
    Replay(ReplayArgs),
    /// Find a smaller input that fails in the same way
    ///
    /// The first ^C stops with the smallest input so far, a second one with nothing.
    Minimize(MinimizeArgs),
    /// List the findings that are kept, and show one, also as a test in plain Rust
    #[command(subcommand)]
    Findings(FindingsVerb),
    /// Write an input as a seed of a target
    Seed(SeedArgs),
    /// Run `cargo test`, and keep what tests hand to `shakedown::capture!` as seeds
    Capture(CaptureArgs),
    /// Inspect, import, export and clean corpora
    #[command(subcommand)]
    Corpus(CorpusVerb),
    /// Show which lines seeds, findings and cached entries reach
    Coverage(CoverageArgs),
    /// Write a page of all that is kept: findings, corpora, and what they reach
    Report(ReportArgs),
    /// Show what campaigns have left on a page, for a browser of this machine, until ^C
    #[cfg(feature = "ui")]
    Serve(ServeArgs),
    /// Take a command line of cargo-fuzz, and do what it means
    ///
    /// An alias, a script or a workflow with `cargo fuzz` in it need no other change. Each says the
    /// command that it comes to.
    #[command(subcommand)]
    CargoFuzz(CargoFuzzVerb),
}

/// Limits of an execution.
#[derive(Debug, Args)]
struct LimitArgs {
    /// Time limit per execution; exceeding it is a finding [default: the target's own, or 10s]
    #[arg(long, value_name = "TIME", value_parser = positive_duration, help_heading = "Limits")]
    timeout: Option<Duration>,
    /// Memory limit per worker, such as 512MiB or 4G; exceeding it is a finding. 0 means no limit
    /// [default: 2GiB, or less: an equal share of four fifths of the memory of the machine or control
    /// group]
    ///
    /// Allocations beyond the limit fail where they are made. Under a sanitizer, the worker is killed
    /// shortly after its real usage exceeds the limit.
    #[arg(long, value_name = "SIZE", value_parser = memory_limit, help_heading = "Limits")]
    memory_limit: Option<u64>,
    /// Stack size of the target's thread, and the default of threads that it starts [default:
    /// $RUST_MIN_STACK or 2MiB, as under `cargo test`]
    #[arg(long, value_name = "SIZE", value_parser = stack_size, help_heading = "Limits")]
    stack_size: Option<u64>,
    /// Run each input in a process of its own: slower, but no state carries over from one input to
    /// the next
    #[arg(long, help_heading = "Limits")]
    isolate: bool,
}

/// What making an input smaller may take.
#[derive(Debug, Args)]
struct EffortArgs {
    /// Time limit for minimizing one finding; 0s disables minimization [default: 60s, or none with
    /// --minimize-execs]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    minimize_time: Option<Duration>,
    /// Limit of executions for minimizing one finding; 0 disables minimization [default: 1000000]
    ///
    /// All executions of candidates count, whatever argument they change and however often a worker is
    /// restarted. Those that verify the finding do not.
    #[arg(long, value_name = "N")]
    minimize_execs: Option<u64>,
}

/// Any number of targets.
#[derive(Debug, Args)]
struct Filters {
    /// Only targets whose name contains one of these; a full name selects just that target, and
    /// `package/` all of a package [default: all]
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
}

/// One target.
#[derive(Debug, Args)]
struct TargetArg {
    /// Name of the target, or any part of it that is unique
    target: String,
}

/// What goes to the target itself.
#[derive(Debug, Args)]
struct PassedArgs {
    /// Arguments for the target's own program, if it is one for a drop-in
    #[arg(last = true, value_name = "ARG")]
    arguments: Vec<String>,
}

/// Output for machines.
#[derive(Debug, Args)]
struct JsonArg {
    /// Write one JSON object per line to standard output, and nothing else
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    filters: Filters,
    /// Only names, one a line: programs for a drop-in need not be built for that
    #[arg(long, conflicts_with = "json")]
    names: bool,
    #[command(flatten)]
    json: JsonArg,
    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Args)]
struct BuildOnlyArgs {
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Example:
  cargo shakedown replay parse testdata/fuzz/tests.parse/de0e7e022d1794e5")]
struct ReplayArgs {
    #[command(flatten)]
    target: TargetArg,
    /// Files to run, or folders of them
    ///
    /// Files are in the target's text format, or hold the raw content of its only argument, if that
    /// is bytes or a string. The inputs of a sequence run one after the other in a fresh process.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    passed: PassedArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Args)]
struct MinimizeArgs {
    #[command(flatten)]
    target: TargetArg,
    /// The file with the input, or with a sequence of inputs
    file: PathBuf,
    /// Where to write the result [default: a new file in the target's testdata folder]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    passed: PassedArgs,
    #[command(flatten)]
    effort: EffortArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    build: BuildArgs,
}

impl LimitArgs {
    /// The limits of each of `jobs` workers.
    fn limits(self, jobs: usize) -> Limits {
        let is_default_memory = self.memory_limit.is_none();
        let memory = self.memory_limit.unwrap_or_else(|| default_memory_limit(jobs));
        Limits {
            timeout: self.timeout,
            memory: Some(memory).filter(|limit| *limit > 0),
            is_default_memory,
            max_len: None,
            stack_size: self.stack_size,
            isolate: self.isolate,
        }
    }
}

impl PassedArgs {
    fn to(self, selection: Selection) -> Selection {
        Selection { arguments: self.arguments, ..selection }
    }
}

impl EffortArgs {
    fn budget(self) -> Budget {
        let default = if self.minimize_execs.is_some() { Duration::MAX } else { MINIMIZE_TIME };
        Budget {
            time: self.minimize_time.unwrap_or(default),
            execs: self.minimize_execs.unwrap_or(MINIMIZE_EXECS),
        }
    }
}

impl From<ListArgs> for ListOptions {
    fn from(args: ListArgs) -> Self {
        let (json, names) = (args.json.json, args.names);
        Self { targets: args.build.select(args.filters.filters), json, names }
    }
}

impl From<ReplayArgs> for ReplayOptions {
    fn from(args: ReplayArgs) -> Self {
        Self {
            target: args.passed.to(args.build.select(vec![args.target.target])),
            files: args.files,
            limits: args.limits.limits(1),
        }
    }
}

impl From<MinimizeArgs> for MinimizeOptions {
    fn from(args: MinimizeArgs) -> Self {
        Self {
            target: args.passed.to(args.build.select(vec![args.target.target])),
            file: args.file,
            output: args.output,
            budget: args.effort.budget(),
            limits: args.limits.limits(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nonsense_is_refused() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' ')).map(drop);
        assert!(parse("shakedown fuzz --time 10s a b --jobs 2 --execs 5").is_ok());
        assert!(parse("shakedown fuzz --execs 0").is_err());
        assert!(parse("shakedown fuzz --jobs 0").is_err());
        assert!(parse("shakedown fuzz --time 10").is_err());
        assert!(parse("shakedown fuzz --time 0s").is_err());
        assert!(parse("shakedown fuzz --timeout 0ms").is_err());
        assert!(parse("shakedown fuzz --stack-size 511K").is_err());
        assert!(parse("shakedown fuzz --stack-size 512K --isolate").is_ok());
        assert!(parse("shakedown fuzz --minimize-time 0s --minimize-execs 0").is_ok());
        assert!(parse("shakedown fuzz --minimize-execs -1").is_err());
        assert!(parse("shakedown replay target").is_err());
    }

    #[test]
    fn a_limit_of_executions_takes_the_place_of_that_of_time() {
        let budget = |line: &str| match parse(line.split(' ').map(OsString::from)) {
            Command::Fuzz(fuzz) => (fuzz.plan.minimize.time, fuzz.plan.minimize.execs),
            other => panic!("not `fuzz`: {other:?}"),
        };
        assert_eq!(budget("shakedown fuzz"), (MINIMIZE_TIME, MINIMIZE_EXECS));
        assert_eq!(budget("shakedown fuzz --minimize-execs 7"), (Duration::MAX, 7));
        let both = budget("shakedown fuzz --minimize-execs 7 --minimize-time 1s");
        assert_eq!(both, (Duration::from_secs(1), 7));
    }

    #[test]
    fn a_command_line_ends_in_plain_values() {
        let line = "shakedown fuzz a --jobs 3 --memory-limit 0 --max-len 1K -p x --seed 7";
        let Command::Fuzz(fuzz) = parse(line.split(' ').map(OsString::from)) else {
            panic!("not `fuzz`");
        };
        assert_eq!(fuzz.targets.names, ["a"]);
        assert_eq!(fuzz.targets.build.packages, ["x"]);
        assert_eq!((fuzz.plan.jobs, fuzz.plan.seed), (3, 7));
        assert_eq!(fuzz.limits, Limits { max_len: Some(1024), ..Limits::default() });
    }
}
