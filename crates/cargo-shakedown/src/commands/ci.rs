//! What is left for a CI system when a campaign is over.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::report::{Summary, annotations, junit, sarif, step_summary};
use crate::store::file::{self, FileError};

use super::output::Notes;

/// What is written, and where.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outputs {
    /// A JUnit file.
    pub junit: Option<PathBuf>,
    /// A SARIF file.
    pub sarif: Option<PathBuf>,
    /// GitHub's annotations, to standard error.
    pub is_annotated: bool,
    /// The page of GitHub's step, to be added to.
    pub step_summary: Option<PathBuf>,
}

impl Outputs {
    /// These files, and what GitHub Actions takes if that runs the command and `is_annotated`.
    #[must_use]
    pub(crate) fn of_environment(
        junit: Option<PathBuf>,
        sarif: Option<PathBuf>,
        is_annotated: bool,
    ) -> Self {
        let is_annotated = is_annotated && is_on_github(std::env::var_os("GITHUB_ACTIONS"));
        let page = || std::env::var_os("GITHUB_STEP_SUMMARY").map(PathBuf::from);
        Self { junit, sarif, is_annotated, step_summary: is_annotated.then(page).flatten() }
    }

    /// Whether the files can be written: better known before a campaign than after it.
    ///
    /// # Errors
    /// If one cannot.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        self.junit.iter().chain(&self.sarif).try_for_each(|path| file::check_place(path))?;
        Ok(())
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// If a file cannot be written; the rest is.
    pub(super) fn write(&self, summary: &Summary) -> anyhow::Result<()> {
        let root = repository(&std::env::current_dir().unwrap_or_default());
        if self.is_annotated {
            write!(Notes, "{}", annotations(summary, &root));
        }
        let page = self.step_summary.as_ref().map(|path| append(path, &step_summary(summary)));
        let junit = self.junit.as_ref().map(|path| file::write(path, junit(summary).as_bytes()));
        let sarif =
            self.sarif.as_ref().map(|path| file::write(path, sarif(summary, &root).as_bytes()));
        [page, junit, sarif].into_iter().flatten().collect::<Result<(), FileError>>()?;
        Ok(())
    }
}

fn is_on_github(variable: Option<OsString>) -> bool {
    variable.is_some_and(|value| value == "true")
}

/// The root of the repository that a folder is in; the folder itself if it is in none.
fn repository(folder: &Path) -> PathBuf {
    let root = folder.ancestors().find(|ancestor| ancestor.join(".git").exists());
    root.unwrap_or(folder).to_path_buf()
}

fn append(path: &Path, text: &str) -> Result<(), FileError> {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(FileError::when("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_the_nearest_folder_with_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).expect("folders");
        assert_eq!(repository(&inner), inner);
        std::fs::write(folder.path().join("a/.git"), "gitdir: elsewhere").expect("a file");
        assert_eq!(repository(&inner), folder.path().join("a"));
    }

    #[test]
    fn a_page_is_added_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let page = folder.path().join("page");
        append(&page, "one\n").and_then(|()| append(&page, "two\n")).expect("written");
        assert_eq!(std::fs::read_to_string(page).expect("read"), "one\ntwo\n");
    }
}
