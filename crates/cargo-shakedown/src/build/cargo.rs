//! Calls of cargo that build, with this program as the rustc wrapper.

use std::ffi::OsString;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Message, Metadata, Package};

use super::config::Config;
use super::drop_ins::DropIn;
use super::environment::Built;
use super::error::BuildError;
use super::nightly::Tools;
use super::options::{BuildOptions, Sanitizer, Verbosity};
use super::stand_in::{self, Runtime};
use super::toolchain::Toolchain;
use super::{flags, profile, stubs, workspace, wrapper};

/// Builds of one workspace.
pub(super) struct Cargo<'b> {
    /// Cargo itself.
    program: &'b Path,
    /// The compiler, where cargo would choose another one.
    rustc: Option<&'b Path>,
    /// The program to name as rustc wrapper.
    own: &'b Path,
    pub(super) options: &'b BuildOptions,
    metadata: &'b Metadata,
    config: Config,
    pub(super) toolchain: Toolchain,
    /// Where everything goes.
    directory: PathBuf,
    stubs: PathBuf,
    /// What stands in for the crates that targets are written with.
    stand_in: Option<StandIn>,
}

/// Folders in place of packages, and what the wrapper is told of the runtime that they need.
struct StandIn {
    folders: Vec<PathBuf>,
    runtime: OsString,
}

/// What a call of cargo has come to.
pub(super) struct Outcome {
    pub(super) messages: Vec<Message>,
    /// What stands for the environment of what was built.
    pub(super) built: Built,
    /// Whether all of it was built.
    pub(super) is_whole: bool,
}

impl<'b> Cargo<'b> {
    /// For the workspace in `metadata`, which `options` lead to.
    ///
    /// # Errors
    /// If there is no compiler, or no place for what is built.
    pub(super) fn new(
        tools: &'b Tools,
        own: &'b Path,
        options: &'b BuildOptions,
        metadata: &'b Metadata,
    ) -> Result<Self, BuildError> {
        let config = Config::of_this_process();
        let (program, rustc) = (tools.cargo.as_path(), tools.rustc.as_deref());
        let toolchain =
            Toolchain::query(tools.rustc.as_ref(), &config, options.platform.as_deref())?;
        let directory = target_directory(metadata, options)?;
        let stubs = stubs::archive(&directory, &toolchain)?;
        let stand_in = None;
        Ok(Self {
            program,
            rustc,
            own,
            options,
            metadata,
            config,
            toolchain,
            directory,
            stubs,
            stand_in,
        })
    }

    /// What is to watch the memory of the programs.
    pub(super) fn sanitizer(&self) -> Option<Sanitizer> {
        self.options.sanitizer
    }

    /// All packages that are built, with what each depends on.
    ///
    /// # Errors
    /// As [`workspace::resolve`].
    pub(super) fn resolve(&self) -> Result<Metadata, BuildError> {
        let arguments = self.options.build_arguments();
        workspace::resolve(self.program, &arguments, &self.toolchain.platform)
    }

    /// Puts drop-ins in the place of the crates that the packages name, for the calls that follow, and
    /// says so.
    ///
    /// # Errors
    /// If that cannot be.
    pub(super) fn stand_in(&mut self, drop_ins: &[&'static DropIn]) -> Result<(), BuildError> {
        let resolved = self.resolve()?;
        let runtime = self.build_runtime(drop_ins)?;
        let mut folders = Vec::new();
        for drop_in in drop_ins {
            let mut packages = resolved.packages.iter();
            let original = packages.find(|one| one.name.as_str() == drop_in.original);
            let original = original.ok_or_else(|| BuildError::StandIn {
                package: drop_in.package,
                original: drop_in.original.into(),
                reason: "no feature that is enabled needs that".into(),
            })?;
            self.announce(drop_in, original);
            let folder = self.directory.join("stand-in").join(drop_in.original);
            runtime.write(&folder, original, drop_in)?;
            folders.push(folder);
        }
        self.stand_in = Some(StandIn { folders, runtime: runtime.variable(drop_ins) });
        Ok(())
    }

    fn announce(&self, drop_in: &DropIn, original: &Package) {
        if self.options.verbosity != Verbosity::Quiet {
            eprintln!(
                "{:>12} {} {} by {} {}, in this build alone",
                "Replacing",
                drop_in.original,
                original.version,
                drop_in.package,
                env!("CARGO_PKG_VERSION")
            );
        }
    }

    /// Builds what drop-ins depend on, apart from everything else.
    fn build_runtime(&self, drop_ins: &[&'static DropIn]) -> Result<Runtime, BuildError> {
        let name = drop_ins.iter().map(|drop_in| drop_in.package).collect::<Vec<_>>().join("+");
        let folder = self.directory.join("runtime").join(name);
        let manifest = stand_in::runtime_manifest(&folder, drop_ins)?;
        let mut command = self.command(&["build", "--quiet"], &folder.join("target"));
        command.arg("--manifest-path").arg(manifest);
        // The user's lock file says nothing of this.
        let demands = ["--locked", "--frozen"];
        let others = self.options.cargo_options.iter();
        command.args(others.filter(|option| !demands.contains(&option.as_str())));
        command.env(wrapper::RUNTIME_VARIABLE, "");
        match run(command, self.program)? {
            (messages, true) => Runtime::of_build(&messages, drop_ins),
            (_, false) => Err(BuildError::Compile),
        }
    }

    /// A call that builds into this folder, with our profile and wrapper.
    fn command(&self, arguments: &[&str], directory: &Path) -> Command {
        let mut command = Command::new(self.program);
        command.args(arguments).arg("--message-format=json-render-diagnostics");
        command.args(["--profile", profile::NAME, "--target", &self.toolchain.platform]);
        command.arg("--target-dir").arg(directory);
        let is_set = |key: &str| is_set_by_user(key, self.metadata, &self.config);
        for setting in profile::arguments(self.options.profile.as_deref(), is_set) {
            command.args(["--config", &setting]);
        }
        command.envs(wrapper_variables(self.own, self.options, &self.config, &self.stubs));
        command.envs(self.rustc.map(|rustc| ("RUSTC", rustc)));
        // Otherwise `build.build-dir` of the user would mix these artifacts with those of other builds.
        command.env("CARGO_BUILD_BUILD_DIR", directory);
        command
    }

    /// Runs cargo with this subcommand and these options, on these packages. It says itself what does
    /// not build.
    ///
    /// # Errors
    /// If it does not run, or its messages make no sense.
    pub(super) fn run(
        &self,
        arguments: &[&str],
        packages: &[&Package],
    ) -> Result<Outcome, BuildError> {
        let mut command = self.command(arguments, &self.directory);
        command.args(self.options.build_arguments());
        for package in packages {
            command.args(["--package", &package.id.repr]);
        }
        if let ("build", Some(package)) = (arguments[0], packages.first()) {
            // Build scripts of such packages ask for what cargo-fuzz sets.
            command.env("CARGO_FUZZ", "1").env("CARGO_FUZZ_MANIFEST", &package.manifest_path);
        }
        if let Some(StandIn { folders, runtime }) = &self.stand_in {
            let folders: Vec<_> = folders.iter().map(|one| one.display().to_string()).collect();
            command.arg("--config").arg(format!("paths={folders:?}"));
            command.env(wrapper::RUNTIME_VARIABLE, runtime);
        }
        let (messages, is_whole) = run(command, self.program)?;
        let root = self.directory.join(&self.toolchain.platform).join(profile::NAME);
        let built = Built::new(root, &messages, &self.config);
        Ok(Outcome { messages, built, is_whole })
    }
}

/// Our part of the user's target directory, for this set of flags only.
fn target_directory(metadata: &Metadata, options: &BuildOptions) -> Result<PathBuf, BuildError> {
    let digest = flags::digest();
    let name = if options.blind { format!("{digest}-blind") } else { digest };
    let name = match options.sanitizer {
        Some(sanitizer) => format!("{name}-{}", sanitizer.name()),
        None => name,
    };
    let root = match &options.target_dir {
        Some(folder) => std::path::absolute(folder).map_err(BuildError::file("use", folder))?,
        None => metadata.target_directory.clone().into(),
    };
    Ok(root.join("shakedown").join(name))
}

/// Whether the user has an own value for a setting of our profile.
fn is_set_by_user(key: &str, metadata: &Metadata, config: &Config) -> bool {
    let manifest = metadata.workspace_root.join("Cargo.toml");
    let in_manifest = || -> Option<toml::Value> {
        let manifest: toml::Table = std::fs::read_to_string(manifest).ok()?.parse().ok()?;
        manifest.get("profile")?.get(profile::NAME)?.get(key).cloned()
    };
    std::env::var_os(profile::variable(key)).is_some()
        || config.has(&["profile", profile::NAME, key])
        || in_manifest().is_some()
}

/// The variables that make our program the wrapper, before the one that the user has.
fn wrapper_variables(
    own: &Path,
    options: &BuildOptions,
    config: &Config,
    stubs: &Path,
) -> Vec<(&'static str, OsString)> {
    let mut variables = vec![("RUSTC_WRAPPER", own.into()), (wrapper::VARIABLE, stubs.into())];
    if options.blind {
        variables.push((wrapper::BLIND_VARIABLE, "1".into()));
    }
    if let Some(sanitizer) = options.sanitizer {
        variables.push((wrapper::SANITIZER_VARIABLE, sanitizer.name().into()));
    }
    let next = config.tool("RUSTC_WRAPPER", "rustc-wrapper", |name| std::env::var_os(name));
    if let Some(next) = next.filter(|next| next != own) {
        variables.push((wrapper::NEXT_VARIABLE, next.into()));
    }
    variables
}

/// Runs cargo to its end; its messages, and whether it was content.
fn run(mut command: Command, cargo: &Path) -> Result<(Vec<Message>, bool), BuildError> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(BuildError::spawn(cargo))?;
    let stdout = child.stdout.take().expect("stdout is a pipe");
    let messages = Message::parse_stream(BufReader::new(stdout)).collect::<Result<Vec<_>, _>>();
    let status = child.wait().map_err(BuildError::spawn(cargo))?;
    match (messages, status.success()) {
        (Ok(messages), is_whole) => Ok((messages, is_whole)),
        (Err(_), false) => Err(BuildError::Compile),
        (Err(error), true) => Err(BuildError::Output(error.to_string())),
    }
}
