//! Calls of cargo that build, with this program as the rustc wrapper.

use std::ffi::OsString;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Message, Metadata, Package};

use super::config::Config;
use super::environment::Built;
use super::error::BuildError;
use super::options::BuildOptions;
use super::toolchain::Toolchain;
use super::{flags, profile, stubs, wrapper};

/// Builds of one workspace.
pub(super) struct Cargo<'b> {
    /// Cargo itself.
    program: &'b Path,
    /// The program to name as rustc wrapper.
    own: &'b Path,
    options: &'b BuildOptions,
    metadata: &'b Metadata,
    config: Config,
    pub(super) toolchain: Toolchain,
    /// Where everything goes.
    directory: PathBuf,
    stubs: PathBuf,
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
        program: &'b Path,
        own: &'b Path,
        options: &'b BuildOptions,
        metadata: &'b Metadata,
    ) -> Result<Self, BuildError> {
        let config = Config::of_this_process();
        let toolchain = Toolchain::query(&config, options.platform.as_deref())?;
        let directory = target_directory(metadata, options)?;
        let stubs = stubs::archive(&directory, &toolchain)?;
        Ok(Self { program, own, options, metadata, config, toolchain, directory, stubs })
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
        let mut command = Command::new(self.program);
        command.args(arguments).arg("--message-format=json-render-diagnostics");
        command.args(["--profile", profile::NAME, "--target", &self.toolchain.platform]);
        command.arg("--target-dir").arg(&self.directory).args(self.options.build_arguments());
        let is_set = |key: &str| is_set_by_user(key, self.metadata, &self.config);
        for setting in profile::arguments(self.options.profile.as_deref(), is_set) {
            command.args(["--config", &setting]);
        }
        for package in packages {
            command.args(["--package", &package.id.repr]);
        }
        command.envs(wrapper_variables(self.own, self.options, &self.config, &self.stubs));
        // Otherwise `build.build-dir` of the user would mix these artifacts with those of other builds.
        command.env("CARGO_BUILD_BUILD_DIR", &self.directory);
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
