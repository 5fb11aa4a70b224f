//! The whole build: from options to all programs with targets in them.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, Package};

use super::bins::{self, Bins};
use super::cargo::{Cargo, Outcome};
use super::discover;
use super::drop_ins::{self, DropIn};
use super::environment::artifacts;
use super::error::BuildError;
use super::nightly::Tools;
use super::options::BuildOptions;
use super::program::Program;
use super::workspace::{self, OwnHarness, Packages};
use super::{native, not_run, origins};

/// What a build has come to.
#[derive(Debug, Default)]
pub struct Tests {
    /// The programs with targets.
    pub programs: Vec<Program>,
    /// What seems to have targets and cannot be run, each with the reason.
    pub not_run: Vec<String>,
    /// Programs that seem to be targets and were not built, because they are not asked for: package
    /// and name.
    pub not_asked: Vec<(String, String)>,
    /// What is built and not instrumented, for people, in each of the workspaces where there is any.
    pub native: Vec<String>,
    /// Whether a program does not build while others do.
    pub is_broken: bool,
}

/// Builds the tests of every selected package, and the programs of those that are for a drop-in, and
/// finds the targets in them. Programs without targets are left out. Cargo shows its progress and all
/// complaints on stderr itself.
///
/// `own` is the program to name as rustc wrapper, one that calls `wrapper::run`. For the command
/// itself that is [`std::env::current_exe`].
///
/// # Errors
/// If there is nothing to build, it does not build, or a program or file is not usable.
pub fn build(own: &Path, options: &BuildOptions) -> Result<Tests, BuildError> {
    let tools = match options.sanitizer {
        Some(_) => Tools::unstable()?,
        None => Tools::usual(),
    };
    let cargo = tools.cargo.clone();
    let mut tests = Tests::default();
    for (manifest_path, metadata) in discover::workspaces(&cargo, options)? {
        let asked = options;
        let options = BuildOptions { manifest_path, ..options.clone() };
        let packages = workspace::select(&metadata, &options.packages, options.members())?;
        let bins = Bins::choose(&packages.fuzzed, &options);
        let mut cargo = Cargo::new(&tools, own, &options, &metadata)?;
        if packages.is_untouched && !bins.asked.is_empty() {
            cargo.stand_in(&wanted(&packages.fuzzed, &options)?)?;
        }
        let build_options = asked.content_arguments();
        let workspace = Workspace { cargo, metadata: &metadata, packages, bins, build_options };
        workspace.build(&mut tests)?;
    }
    let key =
        |program: &Program| (program.package.clone(), program.kind.clone(), program.name.clone());
    tests.programs.sort_by_cached_key(key);
    Ok(tests)
}

/// The drop-ins for the crates that these packages name.
///
/// # Errors
/// If all of these are optional, and no feature of one is enabled.
fn wanted(
    packages: &[&Package],
    options: &BuildOptions,
) -> Result<Vec<&'static DropIn>, BuildError> {
    let (mut wanted, mut features) = (Vec::new(), Vec::new());
    for package in packages {
        match drop_ins::wanted_by(package, &bins::enabled_features(package, options)) {
            Ok(all) => wanted.extend(all),
            Err(_) if options.all_features => wanted.extend(&drop_ins::DROP_INS),
            Err(missing) => features.extend(missing),
        }
    }
    wanted.sort_by_key(|drop_in| drop_in.package);
    wanted.dedup();
    match wanted.is_empty() {
        true => Err(BuildError::NoFuzzer(features.join(", --features "))),
        false => Ok(wanted),
    }
}

/// The programs that may be targets, if all packages that are meant are for a drop-in: the package and
/// name of each. Nothing is built.
///
/// # Errors
/// If cargo cannot be run, or finds no packages that have targets.
pub(crate) fn programs(
    options: &BuildOptions,
) -> Result<Option<Vec<(String, String)>>, BuildError> {
    let mut names = Vec::new();
    for (manifest_path, metadata) in discover::workspaces(&cargo(), options)? {
        let options = BuildOptions { manifest_path, ..options.clone() };
        let packages = workspace::select(&metadata, &options.packages, options.members())?;
        if !packages.tested.is_empty() {
            return Ok(None);
        }
        let of_package = |package: &&Package| {
            let bins = package.targets.iter().filter(|target| target.is_bin());
            let package = package.name.to_string();
            bins.map(|bin| (package.clone(), bin.name.clone())).collect::<Vec<_>>()
        };
        names.extend(packages.fuzzed.iter().flat_map(of_package));
    }
    names.sort();
    Ok(Some(names))
}

/// Cargo itself.
#[must_use]
pub(crate) fn cargo() -> PathBuf {
    Tools::usual().cargo
}

/// A workspace, and what of it is to be built.
struct Workspace<'b> {
    cargo: Cargo<'b>,
    metadata: &'b Metadata,
    packages: Packages<'b>,
    bins: Bins<'b>,
    /// What people write to have the same programs.
    build_options: Vec<String>,
}

impl Workspace<'_> {
    fn build(self, tests: &mut Tests) -> Result<(), BuildError> {
        let first = tests.programs.len();
        if !self.packages.tested.is_empty() {
            self.build_tests(tests)?;
        }
        if !self.bins.asked.is_empty() {
            self.build_bins(tests)?;
        }
        if self.cargo.options.has_origins {
            origins::fill(&self.cargo.resolve()?, &mut tests.programs[first..]);
        }
        tests.not_run.extend(self.bins.lacking);
        tests.not_asked.extend(self.bins.not_asked);
        Ok(())
    }

    fn build_tests(&self, tests: &mut Tests) -> Result<(), BuildError> {
        let packages = &self.packages.tested;
        let outcome = self.cargo.run(&["test", "--no-run", "--tests"], packages)?;
        if !outcome.is_whole {
            return Err(BuildError::Compile);
        }
        for package in packages {
            let own_harness = OwnHarness::read(package.manifest_path.as_std_path());
            let own = artifacts(&outcome.messages)
                .filter(|artifact| artifact.package_id == package.id && artifact.profile.test);
            for artifact in own {
                let Some(path) = &artifact.executable else { continue };
                let mut program = self.program(package, &artifact.target, path.into(), &outcome);
                if artifact.target.is_test() || artifact.target.is_bench() {
                    program.environment.extend(outcome.built.binary_variables(package));
                }
                program.find_targets(own_harness.contains(&artifact.target))?;
                tests.programs.extend(Some(program).filter(|program| !program.targets.is_empty()));
            }
            tests.not_run.extend(not_run::in_package(package));
        }
        tests.native.extend(native::warning(self.metadata, &outcome.built.scripts));
        Ok(())
    }

    fn build_bins(&self, tests: &mut Tests) -> Result<(), BuildError> {
        let arguments = self.bins.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let outcome = self.cargo.run(&arguments, &self.packages.fuzzed)?;
        let built = |package: &Package, name: &str| {
            let mut binaries = outcome.built.binaries.iter();
            let found = binaries.find(|(id, own, _)| *id == package.id && own == name);
            found.map(|(_, _, path)| path.clone())
        };
        if self.bins.asked.iter().all(|(package, bin)| built(package, &bin.name).is_none()) {
            return Err(BuildError::Compile);
        }
        for (package, bin) in &self.bins.asked {
            let Some(path) = built(package, &bin.name) else {
                tests.not_run.push(not_run::rotten(package, bin));
                tests.is_broken = true;
                continue;
            };
            let mut program = self.program(package, bin, path, &outcome);
            // What it is to test lies beside it, and is not of its workspace.
            program.members.extend(workspace::beside(package));
            program.find_itself()?;
            tests.programs.extend(Some(program).filter(|program| !program.targets.is_empty()));
        }
        tests.native.extend(native::warning(self.metadata, &outcome.built.scripts));
        Ok(())
    }

    /// A program whose targets are not known yet.
    fn program(
        &self,
        package: &Package,
        target: &cargo_metadata::Target,
        path: PathBuf,
        outcome: &Outcome,
    ) -> Program {
        Program {
            package: package.name.to_string(),
            package_dir: package.manifest_path.parent().map(Into::into).unwrap_or_default(),
            workspace_root: self.metadata.workspace_root.clone().into(),
            members: workspace::folders(self.metadata),
            origins: Vec::new(),
            name: target.name.clone(),
            kind: workspace::kind(target).to_owned(),
            path,
            targets: Vec::new(),
            is_target: false,
            arguments: Vec::new(),
            can_show: false,
            build_options: self.build_options.clone(),
            sanitizer: self.cargo.sanitizer(),
            is_sanitized: false,
            environment: outcome.built.variables(package, &self.cargo.toolchain),
        }
    }
}
