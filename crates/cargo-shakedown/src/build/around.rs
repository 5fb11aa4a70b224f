//! Which packages are around, with and without targets, and how their manifests may be changed.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, Package};

use super::drop_ins::{DROP_INS, DropIn};
use super::error::BuildError;
use super::options::BuildOptions;
use super::{discover, workspace};

/// A package, as far as it matters for what is to be added to it.
#[derive(Clone, Debug)]
pub(crate) struct Around {
    /// Its name.
    pub name: String,
    /// Its manifest.
    pub manifest: PathBuf,
    /// The manifest of its workspace.
    pub root: PathBuf,
    /// Whether cargo would test it in this directory.
    pub is_here: bool,
    /// Whether its tests can have targets.
    pub has_runtime: bool,
    /// Its integration tests and programs.
    pub targets: Vec<String>,
    /// The crates of other fuzzers that it names, each with ours that may stand in for it.
    pub untouched: Vec<(&'static str, &'static str)>,
    /// The crates of other fuzzers in whose place it names ours.
    pub replaced: Vec<&'static str>,
}

/// The packages that are around: those of the workspace here, or of those with targets that lie apart.
///
/// # Errors
/// If cargo cannot be run or finds no valid workspace.
pub(crate) fn around(options: &BuildOptions) -> Result<Vec<Around>, BuildError> {
    let mut all = Vec::new();
    for (_, metadata) in discover::workspaces(&super::whole::cargo(), options)? {
        let packages = metadata.workspace_packages();
        all.extend(packages.into_iter().map(|package| of_package(package, &metadata)));
    }
    Ok(all)
}

/// The packages of the workspace here, whatever lies apart.
///
/// # Errors
/// As [`around`].
pub(crate) fn here(options: &BuildOptions) -> Result<Vec<Around>, BuildError> {
    let metadata = workspace::read(&super::whole::cargo(), &options.workspace_arguments())?;
    let packages = metadata.workspace_packages().into_iter();
    Ok(packages.map(|package| of_package(package, &metadata)).collect())
}

fn of_package(package: &Package, metadata: &Metadata) -> Around {
    let names = |name: &str| package.dependencies.iter().any(|own| own.name == name);
    let those = |is: &dyn Fn(&DropIn) -> bool| {
        DROP_INS.iter().filter(|drop_in| is(drop_in)).collect::<Vec<_>>()
    };
    let untouched = those(&|drop_in| names(drop_in.original));
    let replaced = those(&|drop_in| names(drop_in.package));
    let default = &metadata.workspace_default_members;
    Around {
        name: package.name.to_string(),
        manifest: package.manifest_path.clone().into(),
        root: Path::new(&metadata.workspace_root).join("Cargo.toml"),
        is_here: default.is_available() && default.contains(&package.id),
        has_runtime: workspace::has_runtime(package),
        targets: package.targets.iter().map(|target| target.name.clone()).collect(),
        untouched: untouched.iter().map(|one| (one.original, one.package)).collect(),
        replaced: replaced.iter().map(|one| one.original).collect(),
    }
}
