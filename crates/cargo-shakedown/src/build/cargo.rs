//! One build: `cargo test --no-run` with this program as the rustc wrapper.

use std::ffi::OsString;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Artifact, Message, Metadata, Package};

use super::config::Config;
use super::environment::Built;
use super::error::BuildError;
use super::program::Program;
use super::toolchain::Toolchain;
use super::workspace::{self, Members, OwnHarness};
use super::{flags, native, not_run, profile, stubs, wrapper};

/// How much cargo says on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Warnings and errors.
    Quiet,
    /// What cargo says by itself.
    #[default]
    Normal,
    /// Every command as well.
    Verbose,
}

/// What to build.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// `--manifest-path`.
    pub manifest_path: Option<PathBuf>,
    /// `--package`: names of members. Without, every package here that uses Shakedown.
    pub packages: Vec<String>,
    /// `--workspace`: every package that uses Shakedown.
    pub workspace: bool,
    /// `--exclude`: packages that `workspace` does not mean.
    pub exclude: Vec<String>,
    /// `--features`.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
    /// Leave the instrumentation out: the search will be without coverage feedback.
    pub blind: bool,
    /// Other options for cargo, valid for every subcommand: `--offline`, `--locked`, ..
    pub cargo_options: Vec<String>,
    /// How much cargo says.
    pub verbosity: Verbosity,
    /// `--profile`: what ours inherits from, if not from `release`.
    pub profile: Option<String>,
    /// `--target`: what to build for, if not for this machine.
    pub platform: Option<String>,
    /// `--target-dir`.
    pub target_dir: Option<PathBuf>,
}

/// What a build has come to.
#[derive(Debug)]
pub struct Tests {
    /// The programs with targets.
    pub programs: Vec<Program>,
    /// What seems to have targets and cannot be run, each with the reason.
    pub not_run: Vec<String>,
    /// What is built and not instrumented, for people; nothing if all is.
    pub native: Option<String>,
}

/// Builds the tests of every selected package and finds the targets in them. Programs without
/// targets are left out. Cargo shows its progress and all complaints on stderr itself.
///
/// `own` is the program to name as rustc wrapper, one that calls `wrapper::run`. For the command
/// itself that is [`std::env::current_exe`].
///
/// # Errors
/// If there is nothing to build, it does not build, or a program or file is not usable.
pub fn build(own: &Path, options: &BuildOptions) -> Result<Tests, BuildError> {
    let cargo = PathBuf::from(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let metadata = workspace::read(&cargo, &options.workspace_arguments())?;
    let packages = workspace::select(&metadata, &options.packages, options.members())?;
    let config = Config::of_this_process();
    let toolchain = Toolchain::query(&config, options.platform.as_deref())?;
    let directory = target_directory(&metadata, options)?;
    let stubs = stubs::archive(&directory, &toolchain)?;

    let mut command = Command::new(&cargo);
    command.args(["test", "--no-run", "--tests", "--message-format=json-render-diagnostics"]);
    command.args(["--profile", profile::NAME, "--target", &toolchain.platform, "--target-dir"]);
    command.arg(&directory).args(options.build_arguments());
    let is_set = |key: &str| is_set_by_user(key, &metadata, &config);
    for setting in profile::arguments(options.profile.as_deref(), is_set) {
        command.args(["--config", &setting]);
    }
    for package in &packages {
        command.args(["--package", &package.id.repr]);
    }
    command.envs(wrapper_variables(own, options, &config, &stubs));
    // Otherwise `build.build-dir` of the user would mix these artifacts with those of other builds.
    command.env("CARGO_BUILD_BUILD_DIR", &directory);
    let messages = run(command, &cargo)?;

    let root = directory.join(&toolchain.platform).join(profile::NAME);
    let built = Built::new(root, options.content_arguments(), &messages, &config);
    let programs = programs(&messages, &metadata, &packages, &built, &toolchain)?;
    let programs = programs.into_iter().filter(|program| !program.targets.is_empty()).collect();
    let not_run = packages.iter().flat_map(|package| not_run::in_package(package)).collect();
    let native = native::warning(&metadata, &built.scripts);
    Ok(Tests { programs, not_run, native })
}

impl BuildOptions {
    /// Which members are meant, where none is named.
    fn members(&self) -> Members<'_> {
        match self.workspace {
            true => Members::AllBut(&self.exclude),
            false => Members::Here,
        }
    }

    /// The arguments of every cargo call.
    fn workspace_arguments(&self) -> Vec<String> {
        self.cargo_options.iter().cloned().chain(self.manifest_argument()).collect()
    }

    fn manifest_argument(&self) -> Option<String> {
        let path = self.manifest_path.as_ref()?;
        Some(format!("--manifest-path={}", path.display()))
    }

    /// The arguments that decide what is in a program.
    fn content_arguments(&self) -> Vec<String> {
        let features = self.features.iter().map(|features| format!("--features={features}"));
        let switches = [
            (self.all_features, "--all-features"),
            (self.no_default_features, "--no-default-features"),
        ];
        let on = switches.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name.to_owned());
        self.manifest_argument().into_iter().chain(features).chain(on).collect()
    }

    fn build_arguments(&self) -> Vec<String> {
        let mut arguments = self.cargo_options.clone();
        arguments.extend(self.content_arguments());
        let switches = [
            (self.verbosity == Verbosity::Quiet, "--quiet"),
            (self.verbosity == Verbosity::Verbose, "--verbose"),
        ];
        let on = switches.into_iter().filter(|(is_on, _)| *is_on);
        arguments.extend(on.map(|(_, name)| name.to_owned()));
        arguments
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

/// Runs cargo to its end and returns its messages.
fn run(mut command: Command, cargo: &Path) -> Result<Vec<Message>, BuildError> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(BuildError::spawn(cargo))?;
    let stdout = child.stdout.take().expect("stdout is a pipe");
    let messages = Message::parse_stream(BufReader::new(stdout)).collect::<Result<Vec<_>, _>>();
    let status = child.wait().map_err(BuildError::spawn(cargo))?;
    if !status.success() {
        return Err(BuildError::Compile);
    }
    messages.map_err(|error| BuildError::Output(error.to_string()))
}

impl Built {
    fn new(root: PathBuf, options: Vec<String>, messages: &[Message], config: &Config) -> Self {
        let scripts = messages.iter().filter_map(|message| match message {
            Message::BuildScriptExecuted(script) => Some(script.clone()),
            _ => None,
        });
        let binaries = artifacts(messages)
            .filter(|artifact| !artifact.profile.test && artifact.target.is_bin())
            .filter_map(|artifact| {
                let path = artifact.executable.clone()?;
                Some((artifact.package_id.clone(), artifact.target.name.clone(), path.into()))
            });
        Self {
            root,
            options,
            scripts: scripts.collect(),
            configured: config.variables(|name| std::env::var_os(name)),
            binaries: binaries.collect(),
        }
    }
}

fn artifacts(messages: &[Message]) -> impl Iterator<Item = &Artifact> {
    messages.iter().filter_map(|message| match message {
        Message::CompilerArtifact(artifact) => Some(artifact),
        _ => None,
    })
}

/// The executables of tests, and the targets in each.
fn programs(
    messages: &[Message],
    metadata: &Metadata,
    packages: &[&Package],
    built: &Built,
    toolchain: &Toolchain,
) -> Result<Vec<Program>, BuildError> {
    let mut programs = Vec::new();
    for package in packages {
        let own_harness = OwnHarness::read(package.manifest_path.as_std_path());
        let variables = built.variables(package, toolchain);
        let own = artifacts(messages).filter(|artifact| artifact.package_id == package.id);
        for artifact in own.filter(|artifact| artifact.profile.test) {
            let Some(path) = &artifact.executable else { continue };
            let mut environment = variables.clone();
            if artifact.target.is_test() || artifact.target.is_bench() {
                environment.extend(built.binary_variables(package));
            }
            let mut program = Program {
                package: package.name.to_string(),
                package_dir: package.manifest_path.parent().map(Into::into).unwrap_or_default(),
                workspace_root: metadata.workspace_root.clone().into(),
                name: artifact.target.name.clone(),
                kind: workspace::kind(&artifact.target).to_owned(),
                path: path.into(),
                targets: Vec::new(),
                build_options: built.options.clone(),
                is_sanitized: false,
                environment,
            };
            program.find_targets(own_harness.contains(&artifact.target))?;
            programs.push(program);
        }
    }
    programs.sort_by(|a, b| (&a.package, &a.kind, &a.name).cmp(&(&b.package, &b.kind, &b.name)));
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_arguments_of_cargo() {
        let options = BuildOptions {
            manifest_path: Some("/a b/Cargo.toml".into()),
            features: vec!["x,y".into(), "z".into()],
            no_default_features: true,
            cargo_options: vec!["--offline".into()],
            verbosity: Verbosity::Quiet,
            ..BuildOptions::default()
        };
        assert_eq!(
            options.build_arguments(),
            [
                "--offline",
                "--manifest-path=/a b/Cargo.toml",
                "--features=x,y",
                "--features=z",
                "--no-default-features",
                "--quiet"
            ]
        );
        assert_eq!(BuildOptions::default().build_arguments(), Vec::<String>::new());
    }
}
