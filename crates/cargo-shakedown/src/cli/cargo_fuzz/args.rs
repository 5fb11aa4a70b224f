//! The command line of cargo-fuzz, as clap reads it.

use clap::{ArgAction, Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CargoFuzzVerb {
    /// Search for inputs that fail, or run files: `cargo shakedown fuzz`, `cargo shakedown replay`
    Run(RunArgs),
    /// Build targets: `cargo shakedown build`
    #[command(visible_alias = "check")]
    Build(BuildArgs),
    /// List the names of the targets: `cargo shakedown list --names`
    List(FolderArgs),
    /// Add the library and a first target: `cargo shakedown init`
    Init(InitArgs),
    /// Add a program: `cargo shakedown init --name`
    Add(AddArgs),
    /// Make a failing input smaller: `cargo shakedown minimize`
    Tmin(TminArgs),
    /// Delete entries that reach nothing new: `cargo shakedown corpus minimize`
    Cmin(CminArgs),
    /// Show the value that an input is: `cargo shakedown corpus show`
    Fmt(FmtArgs),
    /// Show which lines the corpus reaches: `cargo shakedown coverage`
    Coverage(CoverageArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FolderArgs {
    /// Folder of the package with the targets
    #[arg(long, value_name = "DIR")]
    pub(super) fuzz_dir: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InitArgs {
    #[command(flatten)]
    pub(super) folder: FolderArgs,
    /// Name of the target
    #[arg(short, long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// Has no meaning here
    #[arg(long, value_name = "BOOL")]
    pub(super) fuzzing_workspace: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AddArgs {
    #[command(flatten)]
    pub(super) folder: FolderArgs,
    /// Name of the target
    pub(super) target: String,
}

/// What cargo-fuzz knows of a build.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(flatten)]
    pub(super) folder: FolderArgs,
    /// With optimisations, which is the default
    #[arg(short = 'O', long, conflicts_with = "dev")]
    pub(super) release: bool,
    /// By the profile `dev`
    #[arg(short = 'D', long)]
    pub(super) dev: bool,
    /// With debug assertions, which is always so
    #[arg(short = 'a', long)]
    pub(super) debug_assertions: bool,
    /// More about the build
    #[arg(short, long, action = ArgAction::Count)]
    pub(super) verbose: u8,
    /// With a sanitizer
    #[arg(short, long, value_name = "NAME")]
    pub(super) sanitizer: Vec<String>,
    /// With these features
    #[arg(long)]
    pub(super) features: Vec<String>,
    /// Without the default features
    #[arg(long)]
    pub(super) no_default_features: bool,
    /// With all features
    #[arg(long)]
    pub(super) all_features: bool,
    /// For this platform
    #[arg(long = "target", value_name = "TRIPLE")]
    pub(super) platform: Option<String>,
    /// Folder for what is built
    #[arg(long, value_name = "DIR")]
    pub(super) target_dir: Option<String>,
    /// Unstable flags of cargo
    #[arg(short = 'Z', value_name = "FLAG")]
    pub(super) unstable: Vec<String>,
    /// Has no meaning here
    #[arg(long)]
    pub(super) build_std: bool,
    /// Has no meaning here
    #[arg(short, long)]
    pub(super) careful: bool,
    /// Has no meaning here
    #[arg(long)]
    pub(super) strip_dead_code: bool,
    /// Has no meaning here
    #[arg(long)]
    pub(super) no_cfg_fuzzing: bool,
    /// Has no meaning here
    #[arg(long)]
    pub(super) no_trace_compares: bool,
    /// Has no meaning here
    #[arg(long)]
    pub(super) trace_div: bool,
    /// Has no meaning here
    #[arg(long)]
    pub(super) trace_gep: bool,
    /// Has no meaning here
    #[arg(long)]
    pub(super) disable_branch_folding: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArgs {
    #[command(flatten)]
    pub(super) options: Options,
    /// Number of worker processes
    #[arg(short, long, value_name = "N")]
    pub(super) jobs: Option<u64>,
    /// Name of the target
    pub(super) target: String,
    /// Folders of entries, the first of which gets new ones; or files to run
    #[arg(value_name = "CORPUS")]
    pub(super) corpus: Vec<String>,
    /// Options of libFuzzer
    #[arg(last = true, value_name = "ARG", allow_hyphen_values = true)]
    pub(super) rest: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct BuildArgs {
    #[command(flatten)]
    pub(super) options: Options,
    /// Name of the target [default: all]
    pub(super) target: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TminArgs {
    #[command(flatten)]
    pub(super) options: Options,
    /// Has no meaning here
    #[arg(short, long, value_name = "N")]
    pub(super) runs: Option<u64>,
    /// Name of the target
    pub(super) target: String,
    /// The file to make smaller
    pub(super) file: String,
    /// Options of libFuzzer
    #[arg(last = true, value_name = "ARG", allow_hyphen_values = true)]
    pub(super) rest: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CminArgs {
    #[command(flatten)]
    pub(super) options: Options,
    /// Name of the target
    pub(super) target: String,
    /// The folder of entries
    pub(super) corpus: Option<String>,
    /// Options of libFuzzer
    #[arg(last = true, value_name = "ARG", allow_hyphen_values = true)]
    pub(super) rest: Vec<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FmtArgs {
    #[command(flatten)]
    pub(super) options: Options,
    /// Name of the target
    pub(super) target: String,
    /// The file to show
    pub(super) file: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CoverageArgs {
    #[command(flatten)]
    pub(super) options: Options,
    /// Name of the target
    pub(super) target: String,
    /// Folders of entries
    #[arg(value_name = "CORPUS")]
    pub(super) corpus: Vec<String>,
    /// Options of libFuzzer
    #[arg(last = true, value_name = "ARG", allow_hyphen_values = true)]
    pub(super) rest: Vec<String>,
}
