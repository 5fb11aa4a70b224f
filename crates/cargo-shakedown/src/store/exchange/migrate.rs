//! Seeds and findings in the form of today.

use std::path::PathBuf;

use shakedown_core::migration::{Migrated, migrate};
use shakedown_core::testdata::Role;

use super::{BadFile, Corpus, FileError};
use crate::store::entry::Problem;
use crate::store::file::write;
use crate::store::folder::files;
use crate::store::open;

/// A file that is written otherwise today.
#[derive(Debug)]
pub(crate) struct Outdated {
    /// The file. Its name stays.
    pub path: PathBuf,
    /// Its text.
    pub old: String,
    /// What it becomes.
    pub new: Migrated,
}

/// What there is to migrate.
#[derive(Debug, Default)]
pub(crate) struct Outdateds {
    /// The files that change.
    pub files: Vec<Outdated>,
    /// How many are in today's form, or have none.
    pub current: usize,
    /// What is no input of the target, and stays as it is.
    pub bad: Vec<BadFile>,
}

/// The seeds and findings in `testdata` that are written otherwise today.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn outdated(corpus: &Corpus) -> Result<Outdateds, FileError> {
    let mut found = Outdateds::default();
    let files = files(&corpus.locations().testdata)?.into_iter();
    for file in files.filter(|file| Role::of(&file.name) == Role::Input) {
        let path = file.path;
        let content = match open::read(&path) {
            Ok(content) => content,
            Err(error) => {
                found.bad.push(BadFile { path, problem: Problem::Unreadable(error) });
                continue;
            }
        };
        match migrate(corpus.schema(), &content) {
            Ok(Some(new)) => {
                let old = String::from_utf8_lossy(&content).into_owned();
                found.files.push(Outdated { path, old, new });
            }
            Ok(None) => found.current += 1,
            Err(error) => found.bad.push(BadFile { path, problem: Problem::Malformed(error) }),
        }
    }
    Ok(found)
}

/// Writes a file in its new form.
///
/// # Errors
/// If it cannot be written; it is as before then.
pub(crate) fn update(file: &Outdated) -> Result<(), FileError> {
    write(&file.path, file.new.text.as_bytes())
}
