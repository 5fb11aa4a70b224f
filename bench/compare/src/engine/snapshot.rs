//! A copy of a checkout, so that a result belongs to one state of the sources, whatever is edited
//! while trials run.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Copies the sources of `checkout` to a folder below `work` that is named after `label`, or after
/// the revision and what differs from it. Answers the name and the folder.
pub fn take(label: Option<&str>, checkout: &Path, work: &Path) -> Result<(String, PathBuf)> {
    let files = files(checkout)?;
    let name = match label {
        Some(label) => format!("{label}-{:08x}", digest(checkout, &files)?),
        None => revision(checkout, &files)?,
    };
    let folder = work.join("checkouts").join(&name);
    if !folder.exists() {
        let partial = folder.with_extension("partial");
        copy(checkout, &files, &partial)?;
        std::fs::rename(&partial, &folder)?;
    }
    Ok((name, folder))
}

/// The last commit of anything but the bench, and a digest if the sources are not as committed.
fn revision(checkout: &Path, files: &[String]) -> Result<String> {
    let last = ["log", "-1", "--format=%h", "--", ".", ":!bench"];
    let commit = git(checkout, &last)?.trim().to_owned();
    let changes = git(checkout, &["status", "--porcelain", "--", ".", ":!bench"])?;
    match changes.is_empty() {
        true => Ok(commit),
        false => Ok(format!("{commit}-{:08x}", digest(checkout, files)?)),
    }
}

/// What git knows or would add, without the bench.
fn files(checkout: &Path) -> Result<Vec<String>> {
    let listed = git(checkout, &["ls-files", "-co", "--exclude-standard", "--", ".", ":!bench"])?;
    let exists = |name: &&str| checkout.join(name).is_file();
    Ok(listed.lines().filter(exists).map(str::to_owned).collect())
}

fn git(checkout: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git").arg("-C").arg(checkout).args(arguments).output()?;
    ensure!(output.status.success(), "git {arguments:?} in {}", checkout.display());
    Ok(String::from_utf8(output.stdout)?)
}

/// Of what engines are built from.
fn digest(checkout: &Path, files: &[String]) -> Result<u32> {
    let mut hasher = DefaultHasher::new();
    for name in files.iter().filter(|name| name.starts_with("crates/") || !name.contains('/')) {
        name.hash(&mut hasher);
        std::fs::read(checkout.join(name)).with_context(|| name.clone())?.hash(&mut hasher);
    }
    Ok(hasher.finish() as u32)
}

fn copy(checkout: &Path, files: &[String], folder: &Path) -> Result<()> {
    for name in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::copy(checkout.join(name), &path).with_context(|| name.clone())?;
    }
    Ok(())
}
