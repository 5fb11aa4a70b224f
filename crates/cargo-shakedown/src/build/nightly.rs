//! The toolchain for what only a nightly compiler can do. It is looked for where rustup has it, and
//! neither installed nor updated.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::BuildError;

/// How the names of such toolchains begin.
const PREFIX: &str = "nightly";

/// The programs of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tools {
    /// Cargo itself.
    pub(super) cargo: PathBuf,
    /// The compiler, where it is not the one that cargo would choose.
    pub(super) rustc: Option<PathBuf>,
}

impl Tools {
    /// Those that the user has chosen.
    pub(super) fn usual() -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self { cargo: cargo.into(), rustc: None }
    }

    /// Those that take unstable flags: the usual ones, if these do, or those of an installed nightly.
    ///
    /// # Errors
    /// If there are none.
    pub(super) fn unstable() -> Result<Self, BuildError> {
        let usual = Self::usual();
        if is_unstable(&usual.cargo) {
            return Ok(usual);
        }
        let folder = folder_of_toolchains(|name| std::env::var_os(name));
        let found = folder.and_then(|folder| nightly_in(&folder)).ok_or(BuildError::NoNightly)?;
        let bin = found.join("bin");
        Ok(Self { cargo: bin.join("cargo"), rustc: Some(bin.join("rustc")) })
    }
}

/// Whether this cargo, and with it its compiler, takes unstable flags.
fn is_unstable(cargo: &Path) -> bool {
    let output = Command::new(cargo).arg("--version").output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("-nightly"))
}

/// Where rustup has its toolchains.
fn folder_of_toolchains(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let home = || Some(PathBuf::from(variable("HOME")?).join(".rustup"));
    let root = variable("RUSTUP_HOME").map(PathBuf::from).or_else(home)?;
    Some(root.join("toolchains"))
}

/// The nightly toolchain in a folder of them: the one without a date, or else the newest.
fn nightly_in(folder: &Path) -> Option<PathBuf> {
    let items = std::fs::read_dir(folder).ok()?.flatten();
    let name = |path: &PathBuf| {
        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    };
    let is_one = |path: &PathBuf| name(path).starts_with(PREFIX) && path.join("bin/rustc").exists();
    let has_date = |path: &PathBuf| name(path).starts_with("nightly-2");
    let found = items.map(|item| item.path()).filter(is_one);
    found.max_by_key(|path| (!has_date(path), name(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nightly_without_a_date_or_the_newest_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let add = |name: &str| {
            std::fs::create_dir_all(root.path().join(name).join("bin")).unwrap();
            std::fs::write(root.path().join(name).join("bin/rustc"), "").unwrap();
        };
        assert_eq!(nightly_in(root.path()), None);
        add("stable-x86_64-unknown-linux-gnu");
        assert_eq!(nightly_in(root.path()), None);
        std::fs::create_dir(root.path().join("nightly-broken")).unwrap();
        add("nightly-2026-01-02-x86_64-unknown-linux-gnu");
        add("nightly-2025-11-30-x86_64-unknown-linux-gnu");
        let newest = "nightly-2026-01-02-x86_64-unknown-linux-gnu";
        assert_eq!(nightly_in(root.path()), Some(root.path().join(newest)));
        add("nightly-x86_64-unknown-linux-gnu");
        let plain = "nightly-x86_64-unknown-linux-gnu";
        assert_eq!(nightly_in(root.path()), Some(root.path().join(plain)));
    }

    #[test]
    fn rustup_says_where_its_toolchains_are() {
        let folder = |set: &[(&str, &str)]| {
            folder_of_toolchains(|name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
            })
        };
        assert_eq!(folder(&[("RUSTUP_HOME", "/r"), ("HOME", "/h")]), Some("/r/toolchains".into()));
        assert_eq!(folder(&[("HOME", "/h")]), Some("/h/.rustup/toolchains".into()));
        assert_eq!(folder(&[]), None);
    }
}
