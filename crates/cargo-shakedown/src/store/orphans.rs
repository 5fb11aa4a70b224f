//! Folders in `testdata/fuzz` that no target of the package has: left behind by a rename, and their
//! inputs silently run no more.

use std::path::{Path, PathBuf};

use super::file::FileError;
use super::folder::{files, folders};

/// How alike an old and a new name must be to be named together, 0 to 1.
const LIKE: f64 = 0.8;

/// A folder without a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Orphan {
    /// The folder.
    pub folder: PathBuf,
    /// How many files it has.
    pub files: usize,
    /// Name of the folder that the target may have now.
    pub heir: Option<String>,
}

/// The folders directly in `testdata/fuzz` with files in them whose names are not among `targets`,
/// the names of the folders of all targets of the package.
///
/// # Errors
/// If a folder cannot be read.
pub(crate) fn orphans(testdata: &Path, targets: &[String]) -> Result<Vec<Orphan>, FileError> {
    let mut orphans = Vec::new();
    for folder in folders(testdata)? {
        let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { continue };
        if targets.iter().any(|target| target == name) {
            continue;
        }
        let files = files(&folder)?.len();
        if files > 0 {
            // One that has a folder already was not renamed.
            let free = targets.iter().filter(|target| !testdata.join(target).exists());
            let heir = nearest(name, free);
            orphans.push(Orphan { folder, files, heir });
        }
    }
    Ok(orphans)
}

/// The name that is most like this one, by all of it or by its last part, if any is.
fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a String>) -> Option<String> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let likeness = |other: &str| {
        strsim::jaro_winkler(name, other).max(strsim::jaro_winkler(&last(name), &last(other)))
    };
    let rated = among.map(|other| (likeness(other), other)).filter(|(rating, _)| *rating > LIKE);
    let nearest = rated.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
    nearest.map(|(_, name)| name.clone())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_without_a_target_is_found_with_the_likely_new_name() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        for path in ["tests.parse/1", "tests.parse/2", "tests.trips/1", "odd/x", "note"] {
            write(path);
        }
        fs::create_dir(dir.path().join("empty")).unwrap();
        let targets = ["tests.parses", "tests.trips", "url.parsed"].map(str::to_owned);
        let found = orphans(dir.path(), &targets).unwrap();
        let orphan = |name: &str, files, heir: Option<&str>| Orphan {
            folder: dir.path().join(name),
            files,
            heir: heir.map(str::to_owned),
        };
        assert_eq!(found, [orphan("odd", 1, None), orphan("tests.parse", 2, Some("tests.parses"))]);
        fs::create_dir(dir.path().join("tests.parses")).unwrap();
        let found = orphans(dir.path(), &targets).unwrap();
        assert_eq!(found[1].heir.as_deref(), Some("url.parsed"));
        assert!(orphans(&dir.path().join("missing"), &targets).unwrap().is_empty());
    }
}
