//! The files of a folder of inputs, in an order that does not depend on the disk.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use shakedown_core::testdata::Role;

use super::file::FileError;

/// The folder in which AFL keeps the inputs of one instance, among other files.
const AFL_QUEUE: &str = "queue";

/// What honggfuzz writes for people, beside the inputs that it has found.
const HONGGFUZZ_REPORT: &str = "HONGGFUZZ.REPORT.TXT";

/// A file that may hold an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its name in the folder; not exact if it is not UTF-8.
    pub name: String,
    /// Its path.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

/// The regular files directly in a folder, sorted by name. Passes over sub-directories, hidden
/// files and what cannot be read to an end (pipes, sockets, devices); a missing folder is empty.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn files(folder: &Path) -> Result<Vec<Listed>, FileError> {
    let items = sorted_items(folder)?.into_iter();
    Ok(items.filter_map(|item| regular(item.path(), &item.file_name())).collect())
}

/// The folders directly in a folder, sorted by name. Passes over hidden ones and links, which
/// could lead in circles; a missing folder is empty.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn folders(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let items = sorted_items(folder)?.into_iter();
    let is_dir = |item: &DirEntry| item.file_type().is_ok_and(|kind| kind.is_dir());
    Ok(items.filter(is_dir).map(|item| item.path()).collect())
}

/// What is directly in a folder and not hidden, in any order; a missing folder is empty.
fn items(folder: &Path) -> Result<Vec<DirEntry>, FileError> {
    let items = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        items => items.and_then(Iterator::collect::<Result<Vec<_>, _>>),
    };
    let mut items = items.map_err(FileError::when("read the folder", folder))?;
    items.retain(|item| Role::of(item.file_name()) != Role::Hidden);
    Ok(items)
}

/// What [`items`] lists in a folder, by the path from there, and whether it is a file at first sight.
/// Where the folder `is_deep`, what is in the folders below is listed in place of these.
pub(super) fn names(folder: &Path, is_deep: bool) -> Result<Vec<(OsString, bool)>, FileError> {
    let mut names = Vec::new();
    let mut folders = vec![None::<PathBuf>];
    while let Some(below) = folders.pop() {
        let here = below.as_ref().map_or_else(|| folder.to_owned(), |below| folder.join(below));
        for item in items(&here)? {
            let name = item.file_name();
            let name =
                below.as_ref().map_or_else(|| name.clone().into(), |below| below.join(&name));
            match item.file_type() {
                Ok(kind) if kind.is_dir() && is_deep => folders.push(Some(name)),
                kind => names.push((name.into(), kind.is_ok_and(|kind| kind.is_file()))),
            }
        }
    }
    Ok(names)
}

/// The files in `sources`: files, and folders, read with the folders in them as libFuzzer would; of the
/// output of AFL only the queues, and no report of honggfuzz. Hidden files and `README*` are passed over unless named.
///
/// # Errors
/// If a source cannot be read.
pub(super) fn files_below(sources: &[impl AsRef<Path>]) -> Result<Vec<Listed>, FileError> {
    let mut found = Vec::new();
    for source in sources.iter().map(AsRef::as_ref) {
        let data = fs::metadata(source).map_err(FileError::when("read", source))?;
        match data.is_dir() {
            true => collect(source, &mut found)?,
            false => found.push(Listed {
                name: source.display().to_string(),
                path: source.to_path_buf(),
                size: data.len(),
            }),
        }
    }
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<Listed>) -> Result<(), FileError> {
    let queue = folder.join(AFL_QUEUE);
    if queue.is_dir() {
        return collect(&queue, found);
    }
    let is_note =
        |file: &Listed| Role::of(&file.name) == Role::Notes || file.name == HONGGFUZZ_REPORT;
    found.extend(files(folder)?.into_iter().filter(|file| !is_note(file)));
    folders(folder)?.iter().try_for_each(|inner| collect(inner, found))
}

fn sorted_items(folder: &Path) -> Result<Vec<DirEntry>, FileError> {
    let mut items = items(folder)?;
    items.sort_by_key(DirEntry::file_name);
    Ok(items)
}

/// The file at `path`, unless it is something else. A link that leads nowhere counts as a file, so
/// that reading it fails visibly.
pub(super) fn regular(path: PathBuf, name: &OsStr) -> Option<Listed> {
    let size = match fs::metadata(&path) {
        Ok(data) if data.is_file() => data.len(),
        Ok(_) => return None,
        Err(_) => 0,
    };
    Some(Listed { name: name.to_string_lossy().into_owned(), path, size })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        files(folder).unwrap().into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn only_visible_regular_files_are_listed_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in ["b", "a", "id:000000,orig:x", ".hidden", "README"] {
            fs::write(at(name), name).unwrap();
        }
        fs::create_dir(at("nested")).unwrap();
        fs::write(at("nested/inner"), "").unwrap();
        assert_eq!(names(dir.path()), ["README", "a", "b", "id:000000,orig:x"]);
        assert_eq!(files(dir.path()).unwrap()[0].size, 6);
        assert_eq!(folders(dir.path()).unwrap(), [at("nested")]);
    }

    #[cfg(unix)]
    #[test]
    fn sockets_are_passed_over_and_links_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        fs::write(at("file"), "four").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("nothing"), at("lost")).unwrap();
        std::os::unix::fs::symlink(dir.path(), at("loop")).unwrap();
        assert_eq!(names(dir.path()), ["file", "link", "lost"]);
        assert_eq!(files(dir.path()).unwrap()[1].size, 4);
        assert!(folders(dir.path()).unwrap().is_empty());
    }

    #[test]
    fn folders_below_are_listed_where_that_is_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("regressions/old")).unwrap();
        fs::create_dir(at(".git")).unwrap();
        for name in ["a", "regressions/b", "regressions/old/c", ".git/d", "regressions/.hidden"] {
            fs::write(at(name), name).unwrap();
        }
        let listed = |is_deep| {
            let mut names = super::names(dir.path(), is_deep).unwrap();
            names.sort();
            names
                .into_iter()
                .map(|(name, is_file)| (name.into_string().unwrap(), is_file))
                .collect::<Vec<_>>()
        };
        let file = |name: &str| (name.to_owned(), true);
        assert_eq!(listed(false), [file("a"), ("regressions".to_owned(), false)]);
        assert_eq!(listed(true), ["a", "regressions/b", "regressions/old/c"].map(file));
    }

    #[test]
    fn a_missing_folder_is_empty_and_a_file_is_not_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(names(&dir.path().join("missing")), [""; 0]);
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let message = files(&file).unwrap_err().to_string();
        assert!(message.starts_with("cannot read the folder /"), "{message}");
    }
}
