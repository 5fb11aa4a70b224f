//! The command line: raw flags, checked as far as they can be without looking at anything.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::drive::MIN_STACK_SIZE;

/// Least memory of a worker, in bytes: its program, the test harness and debug information for a
/// backtrace.
const MIN_MEMORY_LIMIT: u64 = 32 << 20;

/// Coverage-guided fuzzing for functions marked `#[shakedown::fuzz]`.
///
/// `cargo test` replays the known inputs of every target; `cargo shakedown fuzz` searches for new
/// ones and writes those that fail to `testdata/fuzz/<target>/`, where `cargo test` finds them.
///
/// Exit status: 0 nothing found, 1 findings, 2 usage or build error, 3 internal error, or a worker
/// that was damaged, most likely by unsafe code of the target.
#[derive(Debug, Parser)]
#[command(name = "shakedown", bin_name = "cargo shakedown", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Search for inputs that fail.
    Fuzz(Fuzz),
    /// List the targets, their argument types and the sizes of their corpora.
    List(List),
    /// Run inputs once, and show what happens.
    Replay(Replay),
    /// Look for a smaller input that fails in the same way.
    ///
    /// ^C ends it with the smallest one so far, a second ^C with nothing.
    Minimize(Minimize),
    /// Look at, exchange and clean up corpora.
    #[command(subcommand)]
    Corpus(Corpus),
}

/// What to build, and how, and where its corpora are.
#[derive(Debug, Clone, Args)]
pub struct Build {
    /// Only targets of this package; may be given several times [default: those that cargo would
    /// test here].
    #[arg(short, long = "package", value_name = "NAME", help_heading = "Build")]
    pub packages: Vec<String>,
    /// Features to enable, as for cargo.
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = "Build")]
    pub features: Vec<String>,
    /// Enable all features.
    #[arg(long, help_heading = "Build")]
    pub all_features: bool,
    /// Leave the default features out.
    #[arg(long, help_heading = "Build")]
    pub no_default_features: bool,
    /// Build without coverage instrumentation. The search is blind then, and finds far less; for
    /// comparison, and for programs that cannot be instrumented.
    #[arg(long, help_heading = "Build")]
    pub no_instrument: bool,
    /// Path of the Cargo.toml of the workspace or package.
    #[arg(long, value_name = "PATH", help_heading = "Build")]
    pub manifest_path: Option<PathBuf>,
    /// Folder for the entries that the engine finds, instead of one in the user's cache folder.
    ///
    /// Below it lies one folder for each package, and below that one for each target.
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
}

/// Limits of an execution.
#[derive(Debug, Clone, Args)]
pub struct Limits {
    /// Longest execution; longer ones are findings [default: the target's own, or 10s].
    #[arg(long, value_name = "TIME", value_parser = positive_duration, help_heading = "Limits")]
    pub timeout: Option<Duration>,
    /// Most memory of a worker, as 512MiB or 4G; more is a finding. 0 means no limit [default: 2GiB,
    /// or less: four fifths of what the machine or the control group has, shared by all jobs].
    ///
    /// An allocation beyond it fails at its place. A program with a sanitizer reserves more than any
    /// machine has; its worker is killed instead, soon after what it really uses is too much.
    #[arg(long, value_name = "SIZE", value_parser = memory_limit, help_heading = "Limits")]
    pub memory_limit: Option<u64>,
    /// Stack of the thread that runs the target, and of threads that do not ask for another [default:
    /// as under `cargo test`: $RUST_MIN_STACK, or 2MiB].
    #[arg(long, value_name = "SIZE", value_parser = stack_size, help_heading = "Limits")]
    pub stack_size: Option<u64>,
    /// Run each input in a process of its own: slower, but no state is carried from one input to the
    /// next.
    #[arg(long, help_heading = "Limits")]
    pub isolate: bool,
}

/// Options of `fuzz`.
#[derive(Debug, Args)]
pub struct Fuzz {
    /// Only targets whose name contains one of these; a whole name means just that target [default:
    /// all].
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// Stop after this time, shared between the targets: 500ms, 10s, 5m, 2h [default: never].
    #[arg(short, long, value_name = "TIME", value_parser = positive_duration)]
    pub time: Option<Duration>,
    /// Stop each target after exactly this many executions.
    ///
    /// Running seeds and cached entries counts, but an entry whose coverage is known is not run;
    /// verifying and minimizing findings does not count.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub execs: Option<u64>,
    /// Worker processes [default: the number of processors].
    #[arg(short, long, value_name = "N", value_parser = positive)]
    pub jobs: Option<usize>,
    /// Seed of all random choices [default: a fresh one, which is shown].
    ///
    /// The same seed with one job repeats a campaign exactly.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Stop at the first finding, instead of counting it and going on.
    #[arg(long)]
    pub fail_fast: bool,
    /// Most time for making the input of one finding smaller; 0s leaves it as it was found.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "60s")]
    pub minimize_time: Duration,
    /// Longest input that mutation makes [default: the target's own, or 4096 bytes, or the longest
    /// seed].
    #[arg(long, value_name = "SIZE", value_parser = size, help_heading = "Limits")]
    pub max_len: Option<u64>,
    /// Dictionary of tokens, in the format of AFL and libFuzzer; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub dict: Vec<PathBuf>,
    /// Write one JSON object a line to standard output, nothing else.
    #[arg(long)]
    pub json: bool,
    /// Limits of an execution.
    #[command(flatten)]
    pub limits: Limits,
    /// What to build.
    #[command(flatten)]
    pub build: Build,
}

/// Options of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only targets whose name contains one of these; a whole name means just that target [default:
    /// all].
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// Write one JSON object a line to standard output, nothing else.
    #[arg(long)]
    pub json: bool,
    /// What to build.
    #[command(flatten)]
    pub build: Build,
}

/// Options of `replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// Name of the target, or any part of it that only this one has.
    pub target: String,
    /// Files to run, or folders of them: in the target's format, or its one bytes or string argument
    /// as it is. The inputs of a sequence run in one fresh process.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Limits of an execution.
    #[command(flatten)]
    pub limits: Limits,
    /// What to build.
    #[command(flatten)]
    pub build: Build,
}

/// Options of `minimize`.
#[derive(Debug, Args)]
pub struct Minimize {
    /// Name of the target, or any part of it that only this one has.
    pub target: String,
    /// The file with the input, or with a sequence of them.
    pub file: PathBuf,
    /// Where to write what is smaller [default: beside the target's other findings in testdata].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Most time to spend.
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "60s")]
    pub minimize_time: Duration,
    /// Limits of an execution.
    #[command(flatten)]
    pub limits: Limits,
    /// What to build.
    #[command(flatten)]
    pub build: Build,
}

/// What to do with corpora.
#[derive(Debug, Subcommand)]
pub enum Corpus {
    /// Numbers and sizes of seeds, findings and entries.
    Stats(CorpusOf),
    /// Print entries as text.
    Show(CorpusShow),
    /// Take files, or folders of files, into the cache.
    ///
    /// Corpora of libFuzzer and AFL++ work as they are for targets with one bytes or string argument. A
    /// file with other arguments, and none of the target's, is left out.
    Import(CorpusImport),
    /// Write the files of the corpus to a folder: seeds and findings of `testdata`, and entries.
    ///
    /// For a target with one bytes or string argument, libFuzzer and AFL++ can use it as it is.
    Export(CorpusExport),
    /// Delete cached entries; seeds and findings in testdata stay.
    ///
    /// Entries are what the search has come to, and only fuzzing brings them back: `corpus export` keeps
    /// a copy. Files in the cache that are not named as the engine names its own stay.
    Clean(CorpusClean),
}

/// Targets whose corpora are meant.
#[derive(Debug, Args)]
pub struct CorpusOf {
    /// Only targets whose name contains one of these; a whole name means just that target [default:
    /// all].
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// Write one JSON object a line to standard output, nothing else.
    #[arg(long)]
    pub json: bool,
    /// What to build.
    #[command(flatten)]
    pub build: Build,
}

/// Options of `corpus show`.
#[derive(Debug, Args)]
pub struct CorpusShow {
    /// Name of the target, or any part of it that only this one has.
    pub target: String,
    /// Names of entries, or beginnings of names, or paths of files [default: all].
    #[arg(value_name = "ENTRY")]
    pub entries: Vec<PathBuf>,
    /// Most entries shown.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// What to build.
    #[command(flatten)]
    pub build: Build,
}

/// Options of `corpus import`.
#[derive(Debug, Args)]
pub struct CorpusImport {
    /// Name of the target, or any part of it that only this one has.
    pub target: String,
    /// Files or folders.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What to build.
    #[command(flatten)]
    pub build: Build,
}

/// Options of `corpus export`.
#[derive(Debug, Args)]
pub struct CorpusExport {
    /// Name of the target, or any part of it that only this one has.
    pub target: String,
    /// The folder: empty, or of an earlier export; made if missing.
    pub folder: PathBuf,
    /// What to build.
    #[command(flatten)]
    pub build: Build,
}

/// Options of `corpus clean`.
#[derive(Debug, Args)]
pub struct CorpusClean {
    /// Only targets whose name contains one of these; a whole name means just that target [default:
    /// all].
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// Delete files that hold no input of the target, too.
    #[arg(long)]
    pub bad: bool,
    /// Delete nothing; only tell what would be.
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// What to build.
    #[command(flatten)]
    pub build: Build,
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write a time as 500ms, 10s, 5m or 2h"))
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("a time above zero is needed".into()),
        time => Ok(time),
    }
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number from 1 on is needed".into()),
        Ok(number) => Ok(number),
    }
}

fn stack_size(text: &str) -> Result<u64, String> {
    match size(text)? {
        size if size < MIN_STACK_SIZE => Err("a stack of at least 512K is needed".into()),
        size => Ok(size),
    }
}

fn memory_limit(text: &str) -> Result<u64, String> {
    match size(text)? {
        size @ 1..MIN_MEMORY_LIMIT => {
            Err(format!("a worker itself needs more than {size} bytes: at least 32MiB"))
        }
        size => Ok(size),
    }
}

/// A size in bytes: `4096`, `64K`, `512MiB`. All units are powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        unit => return Err(format!("unknown unit `{unit}`; use K, M, G or KiB, MiB, GiB")),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| "a size is a number with a unit: 4096, 64K, 512MiB".into())
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
    fn sizes_have_units() {
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(size("64K"), Ok(65536));
        assert_eq!(size("512MiB"), Ok(512 << 20));
        assert!(size("x").is_err());
        assert!(size("5 parsecs").is_err());
        assert!(size("99999999999G").is_err());
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
        assert!(parse("shakedown fuzz --minimize-time 0s").is_ok());
        assert!(parse("shakedown replay target").is_err());
    }
}
