//! The known inputs of a target: the seeds of its attribute, and the files that people keep.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use shakedown_core::corpus_file;
use shakedown_core::known::{KNOWN_FILE, KnownFailures};
use shakedown_core::schema::Schema;
use shakedown_core::testdata::{self, Role};

use crate::target::Target;

/// An input to run, or a sequence of them.
pub(super) struct Case {
    /// Where it is from.
    pub(super) origin: Origin,
    /// The encoded inputs, in order.
    pub(super) inputs: Vec<Vec<u8>>,
}

/// Where an input is from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// A seed of the attribute, by its index.
    Seed(usize),
    /// A file, by its path from the package's folder, and the path by which it is found.
    File {
        /// For people, with `/`.
        shown: String,
        /// For programs.
        path: PathBuf,
    },
}

/// An input that failed, or cannot be read.
pub(super) struct Failed {
    /// Where it is from.
    pub(super) origin: Origin,
    /// What is wrong.
    pub(super) reason: String,
    /// Its arguments, and a call that does the same; empty if it cannot be read.
    pub(super) shown: String,
}

/// The folders of a target's known inputs, from that of its package. The last one is for findings.
fn folders(target: &Target) -> Vec<String> {
    match target.program {
        Some(name) => testdata::program_folders(name).into(),
        None => vec![testdata::folder(target.id())],
    }
}

/// All inputs of a target that can be read, seeds first; those that cannot are failures.
pub(super) fn load(
    target: &Target,
    schema: &Schema,
    package: &Path,
    failed: &mut Vec<Failed>,
) -> Vec<Case> {
    let seeds = (target.seeds)().into_iter().enumerate();
    let seed = |(index, input)| Case { origin: Origin::Seed(index), inputs: vec![input] };
    let mut cases: Vec<Case> = seeds.map(seed).collect();
    for folder in folders(target) {
        // People sort the inputs of programs into folders; those of `testdata` are flat.
        let is_deep = target.program.is_some();
        load_folder(schema, &package.join(&folder), &folder, is_deep, &mut cases, failed);
    }
    cases
}

/// As [`load`], for these files and all that is in these folders.
pub(super) fn load_paths(
    schema: &Schema,
    paths: &[PathBuf],
    failed: &mut Vec<Failed>,
) -> Vec<Case> {
    let mut cases = Vec::new();
    for path in paths {
        let shown = path.display().to_string();
        match path.is_dir() {
            true => load_folder(schema, path, &shown, true, &mut cases, failed),
            false => load_file(schema, path.clone(), shown, &mut cases, failed),
        }
    }
    cases
}

fn load_folder(
    schema: &Schema,
    folder: &Path,
    shown: &str,
    is_deep: bool,
    cases: &mut Vec<Case>,
    failed: &mut Vec<Failed>,
) {
    let names = match names(folder) {
        Ok(names) => names,
        Err(error) => {
            let origin = Origin::File { path: folder.into(), shown: shown.into() };
            let reason = format!("cannot be read: {error}");
            failed.push(Failed { origin, reason, shown: String::new() });
            return;
        }
    };
    for name in names {
        let shown = format!("{shown}/{}", name.display());
        let path = folder.join(name);
        match path.is_dir() {
            true if is_deep => load_folder(schema, &path, &shown, true, cases, failed),
            true => {}
            false => load_file(schema, path, shown, cases, failed),
        }
    }
}

fn load_file(
    schema: &Schema,
    path: PathBuf,
    shown: String,
    cases: &mut Vec<Case>,
    failed: &mut Vec<Failed>,
) {
    match read(schema, &path, &shown) {
        Ok(inputs) => cases.push(Case { origin: Origin::File { shown, path }, inputs }),
        Err(reason) => {
            let origin = Origin::File { shown, path };
            failed.push(Failed { origin, reason, shown: String::new() });
        }
    }
}

/// The failures that the user has accepted; a file that cannot be read is a failure itself.
pub(super) fn load_accepted(
    target: &Target,
    package: &Path,
    failed: &mut Vec<Failed>,
) -> KnownFailures {
    let folder = folders(target).pop().expect("the last folder is that of findings");
    let shown = format!("{folder}/{KNOWN_FILE}");
    let path = package.join(&shown);
    let known = match check_readable(&path).and_then(|()| fs::read_to_string(&path)) {
        Ok(text) => KnownFailures::parse(&text).map_err(|error| format!("{shown}:{error}")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return KnownFailures::default(),
        Err(error) => Err(format!("cannot be read: {error}")),
    };
    known.unwrap_or_else(|reason| {
        let origin = Origin::File { shown, path };
        failed.push(Failed { origin, reason, shown: String::new() });
        KnownFailures::default()
    })
}

/// The names of the inputs and folders in a folder, in order. A folder that does not exist has none.
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if Role::of(&name) == Role::Input && may_be_read(&entry.path()) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether a path is not something without an end, such as a pipe. A link that leads nowhere counts as
/// a file, so that reading it fails visibly; one to a folder is passed over, for it may lead in circles.
fn may_be_read(path: &Path) -> bool {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|data| data.is_dir());
    is_folder || fs::metadata(path).map_or(true, |data| data.is_file())
}

/// Refuses what has no end, or is too large to be an input.
fn check_readable(path: &Path) -> io::Result<()> {
    let data = fs::metadata(path)?;
    match data.is_file() {
        true if data.len() <= testdata::MAX_FILE => Ok(()),
        true => Err(io::Error::other(format!("it is larger than {} bytes", testdata::MAX_FILE))),
        false => Err(io::Error::other("it is not a file")),
    }
}

/// The inputs in a file, or what is wrong with it. Warnings are printed.
fn read(schema: &Schema, path: &Path, shown: &str) -> Result<Vec<Vec<u8>>, String> {
    let bytes = check_readable(path).and_then(|()| fs::read(path));
    let bytes = bytes.map_err(|error| format!("cannot be read: {error}"))?;
    let read =
        corpus_file::decode_all(schema, &bytes).map_err(|error| format!("{shown}:{error}"))?;
    for warning in read.warnings {
        // Not by `eprintln`, which the test harness would keep to itself.
        let _ = writeln!(io::stderr(), "warning: {shown}:{warning}");
    }
    Ok(read.inputs)
}
