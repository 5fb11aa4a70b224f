//! The environment in which `cargo test` runs a test binary.
//!
//! Cargo does not tell it in its messages; this follows the section "Environment variables Cargo
//! sets for crates" and "Dynamic library paths" of its reference. A test compares the outcome
//! with that of cargo itself.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cargo_metadata::{Artifact, BuildScript, Message, Package};

use super::config::Config;
use super::toolchain::Toolchain;

/// The variable that the system's loader takes directories of shared libraries from.
const LIBRARY_PATH: &str = if cfg!(windows) {
    "PATH"
} else if cfg!(target_os = "macos") {
    "DYLD_FALLBACK_LIBRARY_PATH"
} else {
    "LD_LIBRARY_PATH"
};

/// What a build leaves behind that the environment of its tests is made of.
#[derive(Debug)]
pub(super) struct Built {
    /// Directory of the final artifacts: target directory, triple, profile.
    pub(super) root: PathBuf,
    /// The build scripts that ran.
    pub(super) scripts: Vec<BuildScript>,
    /// `[env]` of cargo's configuration.
    pub(super) configured: BTreeMap<String, OsString>,
    /// Executables of `[[bin]]`s: package, name, path.
    pub(super) binaries: Vec<(cargo_metadata::PackageId, String, PathBuf)>,
}

impl Built {
    /// What cargo's messages tell of a build into `root`.
    pub(super) fn new(root: PathBuf, messages: &[Message], config: &Config) -> Self {
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
            scripts: scripts.collect(),
            configured: config.variables(|name| std::env::var_os(name)),
            binaries: binaries.collect(),
        }
    }

    /// The variables to set for tests of `package`, over those of this process.
    #[must_use]
    pub(super) fn variables(
        &self,
        package: &Package,
        toolchain: &Toolchain,
    ) -> Vec<(OsString, OsString)> {
        let mut variables: BTreeMap<OsString, OsString> = BTreeMap::new();
        let mut set = |name: &str, value: OsString| variables.insert(name.into(), value);
        for (name, value) in &self.configured {
            set(name, value.clone());
        }
        for (name, value) in package_variables(package) {
            set(name, value.into());
        }
        if let Some(script) = self.script_of(package) {
            set("OUT_DIR", script.out_dir.clone().into());
            for (name, value) in &script.env {
                set(name, value.into());
            }
        }
        let old = std::env::var_os(LIBRARY_PATH);
        if let Some(path) = joined(self.library_path(toolchain), old) {
            set(LIBRARY_PATH, path);
        }
        variables.into_iter().collect()
    }

    /// `CARGO_BIN_EXE_..` of the package, which cargo sets for integration tests and benches.
    pub(super) fn binary_variables(&self, package: &Package) -> Vec<(OsString, OsString)> {
        let own = self.binaries.iter().filter(|(id, ..)| *id == package.id);
        own.map(|(_, name, path)| (format!("CARGO_BIN_EXE_{name}").into(), path.into())).collect()
    }

    /// The run of the build script of `package`. It may have run for the host as well.
    fn script_of(&self, package: &Package) -> Option<&BuildScript> {
        let own = || self.scripts.iter().filter(|script| script.package_id == package.id);
        own().find(|script| script.out_dir.starts_with(&self.root)).or_else(|| own().next())
    }

    /// Directories of shared libraries: of build scripts where they are inside the target
    /// directory, of cargo, and of the toolchain.
    fn library_path(&self, toolchain: &Toolchain) -> Vec<PathBuf> {
        let linked: BTreeSet<&Path> = self
            .scripts
            .iter()
            .flat_map(|script| &script.linked_paths)
            .map(|path| Path::new(without_kind(path.as_str())))
            .filter(|path| path.starts_with(&self.root))
            .collect();
        let mut path: Vec<PathBuf> = linked.into_iter().map(Path::to_owned).collect();
        path.extend([self.root.clone(), self.root.join("deps")]);
        path.extend([toolchain.target_libraries.clone(), toolchain.compiler_libraries.clone()]);
        path
    }
}

/// What was built, or was there already.
pub(super) fn artifacts(messages: &[Message]) -> impl Iterator<Item = &Artifact> {
    messages.iter().filter_map(|message| match message {
        Message::CompilerArtifact(artifact) => Some(artifact),
        _ => None,
    })
}

/// A path of `cargo::rustc-link-search` without the kind before it, as in `native=/path`.
fn without_kind(path: &str) -> &str {
    match path.split_once('=') {
        Some(("dependency" | "crate" | "native" | "framework" | "all", path)) => path,
        _ => path,
    }
}

/// `directories`, then those of `old` that are not among them. A path that cannot be written in
/// the variable leaves `None`.
fn joined(directories: Vec<PathBuf>, old: Option<OsString>) -> Option<OsString> {
    let old: Vec<PathBuf> = old.iter().flat_map(std::env::split_paths).collect();
    let old = old.into_iter().filter(|path| !directories.contains(path)).collect::<Vec<_>>();
    std::env::join_paths(directories.into_iter().chain(old)).ok()
}

/// `CARGO_MANIFEST_..` and `CARGO_PKG_..`: what a manifest does not say is empty.
fn package_variables(package: &Package) -> Vec<(&'static str, String)> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let version = &package.version;
    let directory = package.manifest_path.parent().unwrap_or(&package.manifest_path);
    vec![
        ("CARGO_MANIFEST_DIR", directory.to_string()),
        ("CARGO_MANIFEST_PATH", package.manifest_path.to_string()),
        ("CARGO_PKG_NAME", package.name.to_string()),
        ("CARGO_PKG_VERSION", version.to_string()),
        ("CARGO_PKG_VERSION_MAJOR", version.major.to_string()),
        ("CARGO_PKG_VERSION_MINOR", version.minor.to_string()),
        ("CARGO_PKG_VERSION_PATCH", version.patch.to_string()),
        ("CARGO_PKG_VERSION_PRE", version.pre.to_string()),
        ("CARGO_PKG_AUTHORS", package.authors.join(":")),
        ("CARGO_PKG_DESCRIPTION", text(package.description.as_deref())),
        ("CARGO_PKG_HOMEPAGE", text(package.homepage.as_deref())),
        ("CARGO_PKG_REPOSITORY", text(package.repository.as_deref())),
        ("CARGO_PKG_LICENSE", text(package.license.as_deref())),
        ("CARGO_PKG_LICENSE_FILE", text(package.license_file.as_ref().map(|path| path.as_str()))),
        ("CARGO_PKG_README", text(package.readme.as_ref().map(|path| path.as_str()))),
        (
            "CARGO_PKG_RUST_VERSION",
            package.rust_version.as_ref().map(ToString::to_string).unwrap_or_default(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_link_paths_are_dropped() {
        assert_eq!(without_kind("native=/a=b"), "/a=b");
        assert_eq!(without_kind("/a=b"), "/a=b");
    }

    #[test]
    fn old_directories_follow_and_are_not_repeated() {
        let old = std::env::join_paths(["/b", "/c"]).expect("no separator in them");
        let expected = std::env::join_paths(["/a", "/b", "/c"]).expect("no separator in them");
        assert_eq!(joined(vec!["/a".into(), "/b".into()], Some(old)), Some(expected));
        assert_eq!(joined(vec!["/a".into()], None), Some("/a".into()));
    }
}
