//! The options that say what to build, and how: most are cargo's own, under their names.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::values::sanitizer;
use crate::build::{BuildOptions, Sanitizer, Verbosity};
use crate::report::set_color;
use crate::select::Selection;

/// What to build, and how, and where its corpora are.
#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// Only targets of this package; may be repeated [default: the packages that `cargo test` would
    /// test here]
    #[arg(short, long = "package", value_name = "NAME", help_heading = "Build")]
    packages: Vec<String>,
    /// Targets of all packages of the workspace
    #[arg(long, alias = "all", help_heading = "Build")]
    workspace: bool,
    /// With --workspace: but not of this package; may be repeated
    #[arg(long, value_name = "NAME", requires = "workspace", help_heading = "Build")]
    exclude: Vec<String>,
    /// Features to enable, as for cargo
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = "Build")]
    features: Vec<String>,
    /// Enable all features
    #[arg(long, help_heading = "Build")]
    all_features: bool,
    /// Do not enable the default features
    #[arg(long, help_heading = "Build")]
    no_default_features: bool,
    /// Build without coverage instrumentation
    ///
    /// Searching without coverage feedback finds far less. For comparison, and for programs that
    /// cannot be instrumented.
    #[arg(long, help_heading = "Build")]
    no_instrument: bool,
    /// Have a sanitizer watch the memory of the programs: `address`. Needs a nightly compiler, which must be
    /// installed
    ///
    /// AddressSanitizer finds accesses out of bounds and after a free wherever they are, in about half
    /// the speed. Leaks are not looked for.
    #[arg(long, value_name = "NAME", value_parser = sanitizer, help_heading = "Build")]
    sanitizer: Option<Sanitizer>,
    /// Path to the Cargo.toml of the workspace or package
    #[arg(long, value_name = "PATH", help_heading = "Build")]
    manifest_path: Option<PathBuf>,
    /// Folder of the package with targets for a drop-in [default: `fuzz` and the like, where the
    /// workspace here has no targets]
    #[arg(long, value_name = "DIR", conflicts_with = "manifest_path", help_heading = "Build")]
    fuzz_dir: Option<PathBuf>,
    /// Folder for the entries that fuzzing finds [default: one in the user's cache folder]
    ///
    /// It has one folder for each package, with one folder for each target.
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Folder of the entries of the only target that is meant [default: one below --corpus]
    #[arg(long, value_name = "DIR", conflicts_with = "corpus")]
    entries: Option<PathBuf>,
    /// Folder of the findings of the only target that is meant [default: the one in `testdata`, or in
    /// `artifacts` for a drop-in]
    #[arg(long, value_name = "DIR")]
    findings: Option<PathBuf>,
    /// Other seeds of the only target that is meant: files, or folders with all below; may be repeated
    #[arg(long, value_name = "PATH")]
    seeds: Vec<PathBuf>,
    // The last, for its heading goes on.
    #[command(flatten)]
    cargo: CargoArgs,
}

/// Options that cargo has, too, and that mean the same here.
#[derive(Debug, Args)]
#[command(next_help_heading = "As for cargo")]
struct CargoArgs {
    /// Profile to build with; coverage, debug assertions and debug information are added to it
    /// [default: release]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The same as --profile release
    #[arg(short, long, conflicts_with = "profile")]
    release: bool,
    /// Build for this platform, which must run on this machine
    #[arg(long = "target", value_name = "TRIPLE")]
    platform: Option<String>,
    /// Folder for what is built
    #[arg(long, value_name = "DIR")]
    target_dir: Option<PathBuf>,
    /// Demand that Cargo.lock is there and up to date
    #[arg(long)]
    locked: bool,
    /// Do not use the network
    #[arg(long)]
    offline: bool,
    /// The same as --locked --offline
    #[arg(long)]
    frozen: bool,
    /// Set a value of cargo's configuration; may be repeated
    #[arg(long, value_name = "KEY=VALUE|PATH")]
    config: Vec<String>,
    /// Unstable flags of cargo; may be repeated
    #[arg(short = 'Z', value_name = "FLAG")]
    unstable: Vec<String>,
    /// Only warnings and errors of the build
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// More about the build
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    /// When to use colors [default: $CARGO_TERM_COLOR, or on a terminal]
    #[arg(long, value_name = "WHEN", value_parser = ["auto", "always", "never"])]
    color: Option<String>,
}

impl BuildArgs {
    /// The targets with these names, or parts of names.
    pub(super) fn select(self, names: Vec<String>) -> Selection {
        set_color(self.cargo.color.as_deref());
        let in_fuzz_dir = self.fuzz_dir.map(|folder| folder.join("Cargo.toml"));
        let build = BuildOptions {
            names: names.clone(),
            manifest_path: in_fuzz_dir.or(self.manifest_path),
            packages: self.packages,
            workspace: self.workspace,
            exclude: self.exclude,
            features: self.features,
            all_features: self.all_features,
            no_default_features: self.no_default_features,
            blind: self.no_instrument,
            sanitizer: self.sanitizer,
            cargo_options: self.cargo.options(),
            verbosity: self.cargo.verbosity(),
            profile: self.cargo.profile(),
            platform: self.cargo.platform,
            target_dir: self.cargo.target_dir,
            has_origins: false,
        };
        let Self { corpus, entries, findings, seeds, .. } = self;
        Selection { build, corpus, entries, findings, seeds, arguments: Vec::new(), names }
    }
}

impl CargoArgs {
    /// Those that every call of cargo gets.
    fn options(&self) -> Vec<String> {
        let switches =
            [(self.locked, "--locked"), (self.offline, "--offline"), (self.frozen, "--frozen")];
        let on = switches.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name.to_owned());
        let config = self.config.iter().map(|setting| format!("--config={setting}"));
        let unstable = self.unstable.iter().map(|flag| format!("-Z{flag}"));
        let color = self.color.iter().map(|when| format!("--color={when}"));
        on.chain(config).chain(unstable).chain(color).collect()
    }

    fn profile(&self) -> Option<String> {
        self.profile.clone().or_else(|| self.release.then(|| "release".to_owned()))
    }

    fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, _) => Verbosity::Verbose,
        }
    }
}
