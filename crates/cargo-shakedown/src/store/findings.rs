//! Writing and reading findings: files in `testdata`, or in the cache where that cannot be written.

use std::fmt;
use std::path::{Path, PathBuf};

use shakedown_core::corpus_file;
use shakedown_core::failure::Kind;
use shakedown_core::sequence_file;
use shakedown_core::testdata::Role;

use super::corpus::{BadFile, Corpus, Origin, Stored};
use super::entry::read;
use super::file::{
    self, FileError, NAME_LENGTHS, artifact_name, content_hash, has_content, is_finding_name,
};
use super::folder::files;
use super::paths::{Layout, Locations};

/// Where a finding was written.
#[derive(Debug)]
pub struct SavedFinding {
    /// Its file.
    pub path: PathBuf,
    /// Why it is not in `testdata`, if it is not.
    pub fallback: Option<FileError>,
    /// What it holds, if it was not there before.
    written: Option<Vec<u8>>,
}

impl SavedFinding {
    /// The same, in the place of an earlier file for the same finding. If that is this one, it was
    /// there before only because it was written then.
    #[must_use]
    pub(crate) fn after(mut self, earlier: &Self) -> Self {
        earlier.give_way(Some(&self.path));
        if self.path == earlier.path && self.written.is_none() {
            self.written.clone_from(&earlier.written);
        }
        self
    }

    /// Removes the file, unless it is the one that takes its place, had been there before, or someone
    /// has changed it since.
    pub(crate) fn give_way(&self, new: Option<&Path>) {
        let is_ours = |content: &Vec<u8>| has_content(&self.path, content);
        if new != Some(&*self.path) && self.written.as_ref().is_some_and(is_ours) {
            // One that cannot be removed is one test more for the same failure.
            let _ = file::remove(&self.path);
        }
    }
}

/// A finding that could be written nowhere.
#[derive(Debug)]
pub struct UnsavedFinding {
    /// Why not into `testdata`.
    pub testdata: FileError,
    /// Why not into the cache.
    pub cache: FileError,
}

impl fmt::Display for UnsavedFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the finding is not saved: {}; {}", self.testdata, self.cache)
    }
}

impl std::error::Error for UnsavedFinding {}

impl Corpus {
    /// Writes a finding of this `kind` into `testdata` with `comments`, one or more lines each, which a file that
    /// is the input itself has no room for. Where other inputs must run before it, all of them are
    /// written as a sequence, in a file whose name ends with [`sequence_file::SUFFIX`]. Where
    /// `testdata` cannot be written, into the cache's folder of findings.
    ///
    /// # Errors
    /// If it could be written to neither.
    pub fn add_finding(
        &self,
        kind: Kind,
        input: &[u8],
        before: &[impl AsRef<[u8]>],
        comments: &[String],
    ) -> Result<SavedFinding, UnsavedFinding> {
        let comments: Vec<&str> = comments.iter().map(String::as_str).collect();
        let (content, suffix) = match before.is_empty() {
            true => (self.finding_content(input, &comments), ""),
            false => {
                let inputs: Vec<_> = before.iter().map(AsRef::as_ref).chain([input]).collect();
                let text = sequence_file::print(self.schema(), &inputs, &comments);
                (text.into_bytes(), sequence_file::SUFFIX)
            }
        };
        let mut names = content_names(&content, suffix);
        if self.locations().layout == Layout::Program {
            names.insert(0, format!("{}{suffix}", artifact_name(kind, &content)));
        }
        let testdata = match add_beside_others(&self.locations().testdata, &content, &names) {
            Ok((path, is_new)) => {
                let written = is_new.then_some(content);
                return Ok(SavedFinding { path, fallback: None, written });
            }
            Err(error) => error,
        };
        match add_beside_others(&self.locations().fallback_findings(), &content, &names) {
            Ok((path, is_new)) => {
                let written = is_new.then_some(content);
                Ok(SavedFinding { path, fallback: Some(testdata), written })
            }
            Err(cache) => Err(UnsavedFinding { testdata, cache }),
        }
    }

    /// Writes an input that is neither entry nor finding: the last one of a damaged worker.
    ///
    /// # Errors
    /// If it is not there afterwards.
    pub fn add_damaged(&self, input: &[u8], comments: &[String]) -> Result<PathBuf, FileError> {
        let comments: Vec<&str> = comments.iter().map(String::as_str).collect();
        let content = corpus_file::encode(self.schema(), input, &comments);
        let names = content_names(&content, "");
        Ok(add_beside_others(&self.locations().damaged(), &content, &names)?.0)
    }

    /// The file of an input that needs no others before it. Other fuzzers know no text.
    fn finding_content(&self, input: &[u8], comments: &[&str]) -> Vec<u8> {
        let raw = match self.locations().layout {
            Layout::Program => corpus_file::raw_content(self.schema(), input),
            Layout::Flat => None,
        };
        raw.map_or_else(|| corpus_file::encode(self.schema(), input, comments), <[u8]>::to_vec)
    }

    /// As [`Self::add_finding`], in the place of a file that was written for the same finding. That
    /// is removed then, unless it had been there before or someone has changed it since.
    ///
    /// # Errors
    /// If the new file could not be written; the old one stays.
    pub fn replace_finding(
        &self,
        old: &SavedFinding,
        kind: Kind,
        input: &[u8],
        before: &[impl AsRef<[u8]>],
        comments: &[String],
    ) -> Result<SavedFinding, UnsavedFinding> {
        Ok(self.add_finding(kind, input, before, comments)?.after(old))
    }

    /// Reads the findings that `testdata` could not take, the good and the bad apart.
    ///
    /// # Errors
    /// If their folder cannot be read.
    pub fn load_fallback_findings(&self) -> Result<(Vec<Stored>, Vec<BadFile>), FileError> {
        let (mut findings, mut bad) = (Vec::new(), Vec::new());
        for file in files(&self.locations().fallback_findings())? {
            match read(self.schema(), file, Origin::Findings) {
                Ok((finding, _)) => findings.push(finding),
                Err(error) => bad.push(error),
            }
        }
        Ok((findings, bad))
    }
}

/// The files of a target that hold inputs: its seeds and findings, and the findings that `testdata`
/// could not take.
///
/// # Errors
/// If a folder cannot be read.
pub(crate) fn input_files(locations: &Locations) -> Result<Vec<PathBuf>, FileError> {
    let mut found = files(&locations.testdata)?;
    found.extend(files(&locations.fallback_findings())?);
    found.retain(|file| Role::of(&file.name) == Role::Input);
    Ok(found.into_iter().map(|file| file.path).collect())
}

/// Whether a file is named as findings are.
#[must_use]
pub(crate) fn is_finding(file: &Path) -> bool {
    file.file_name().is_some_and(|name| is_finding_name(&name.to_string_lossy()))
}

/// The names that a file may have by its content, from the shortest on.
fn content_names(content: &[u8], suffix: &str) -> Vec<String> {
    let hash = content_hash(content);
    NAME_LENGTHS.map(|digits| format!("{}{suffix}", &hash[..digits])).into()
}

/// Writes a file where people edit, under the first of these names that is free: one of the same name
/// but other content (a finding that someone has changed since) stays. Also returns whether the file is
/// new.
fn add_beside_others(
    folder: &Path,
    content: &[u8],
    names: &[String],
) -> Result<(PathBuf, bool), FileError> {
    let free = |path: &&PathBuf| !path.exists() || has_content(path, content);
    let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    let path = paths.iter().find(free).unwrap_or(&paths[paths.len() - 1]);
    let is_new = !has_content(path, content);
    file::write(path, content)?;
    Ok((path.clone(), is_new))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use shakedown_core::failure::Kind;

    use crate::store::corpus::{Corpus, Stored};
    use crate::store::fixture::{NO_SEEDS, all_files, bytes, in_temporary, pair, raw, typed};
    use crate::store::paths::Locations;

    /// No inputs before.
    const NONE: &[Vec<u8>] = &[];

    #[test]
    fn a_finding_is_a_seed_from_then_on() {
        let (_dir, corpus) = in_temporary(pair());
        let comments = ["finding 3f2a91c0: panicked\nat src/lib.rs:42:9".to_owned()];
        let saved = corpus.add_finding(Kind::Panic, &typed(7, true), NONE, &comments).unwrap();
        assert!(saved.fallback.is_none());
        let text = fs::read_to_string(&saved.path).unwrap();
        let comments = "// finding 3f2a91c0: panicked\n// at src/lib.rs:42:9\n";
        assert!(text.contains(comments), "{text}");
        let seeds = corpus.load_seeds().unwrap();
        assert_eq!(seeds.entries[0].path, saved.path);
        assert_eq!(seeds.entries[0].input, typed(7, true));
        assert!(seeds.entries[0].is_finding());
    }

    #[test]
    fn a_sequence_is_one_finding() {
        let (_dir, corpus) = in_temporary(bytes());
        let saved = corpus
            .add_finding(Kind::Panic, &raw(b"b"), &[raw(b"a")], &["abort: why".into()])
            .unwrap();
        assert_eq!(saved.path.extension(), Some("sequence".as_ref()));
        let text = fs::read_to_string(&saved.path).unwrap();
        let expected = "shakedown sequence v1\n// abort: why\ndata: b\"a\"\n---\ndata: b\"b\"\n";
        assert_eq!(text, expected);
        let seeds = corpus.load_seeds().unwrap();
        assert!(seeds.entries[0].is_finding() && seeds.warnings.is_empty());
        assert_eq!(seeds.entries[0].inputs().collect::<Vec<_>>(), [&raw(b"a"), &raw(b"b")]);
        // It is not an entry, even in the cache.
        let cached = corpus.locations().cache.join("0123456789abcdef");
        fs::create_dir_all(&corpus.locations().cache).unwrap();
        fs::write(cached, text).unwrap();
        let cache = corpus.load_cache(NO_SEEDS).unwrap();
        assert_eq!((cache.entries.len(), cache.bad.len()), (0, 1));
    }

    #[test]
    fn the_finding_of_a_raw_target_is_the_input_alone() {
        let (_dir, corpus) = in_temporary(bytes());
        let saved =
            corpus.add_finding(Kind::Panic, &raw(b"\0boom"), NONE, &["why".into()]).unwrap();
        assert_eq!(fs::read(saved.path).unwrap(), b"\0boom");
    }

    #[test]
    fn the_finding_of_a_program_is_named_by_what_it_is_and_never_text() {
        let dir = tempfile::tempdir().unwrap();
        let locations =
            Locations::of_program(dir.path(), "p", &dir.path().join("c"), "parse", true);
        let corpus = Corpus::open(locations, bytes(), 1 << 20);
        let add = |kind, content: &[u8]| {
            let saved = corpus.add_finding(kind, &raw(content), NONE, &["why".into()]).unwrap();
            assert_eq!(fs::read(&saved.path).unwrap(), content);
            saved.path.strip_prefix(dir.path()).unwrap().to_owned()
        };
        let hello = "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d";
        let path = |what: &str| PathBuf::from(format!("artifacts/parse/{what}-{hello}"));
        assert_eq!(add(Kind::Panic, b"hello"), path("crash"));
        assert_eq!(add(Kind::Timeout, b"hello"), path("timeout"));
        assert_eq!(add(Kind::OutOfMemory, b"hello"), path("oom"));
        add(Kind::Panic, b"shakedown corpus v1\n");
        let seeds = corpus.load_seeds().unwrap();
        assert!(seeds.entries.len() == 4 && seeds.entries.iter().all(Stored::is_finding));
        fs::write(dir.path().join(path("crash")), "edited").unwrap();
        assert_ne!(add(Kind::Panic, b"hello"), path("crash"));
    }

    #[test]
    fn a_finding_that_someone_edited_is_not_overwritten() {
        let (_dir, corpus) = in_temporary(bytes());
        let first = corpus.add_finding(Kind::Panic, &raw(b"boom"), NONE, &[]).unwrap().path;
        fs::write(&first, "edited").unwrap();
        let second = corpus.add_finding(Kind::Panic, &raw(b"boom"), NONE, &[]).unwrap().path;
        assert_eq!(fs::read(&first).unwrap(), b"edited");
        assert_eq!(fs::read(&second).unwrap(), b"boom");
        assert_eq!(corpus.add_finding(Kind::Panic, &raw(b"boom"), NONE, &[]).unwrap().path, second);
        assert_eq!(all_files(&corpus.locations().testdata).len(), 2);
    }

    #[test]
    fn a_smaller_finding_takes_the_place_of_a_file_that_is_ours_and_unchanged() {
        let (_dir, corpus) = in_temporary(bytes());
        let replace = |first: &[u8], change: &dyn Fn(&std::path::Path)| {
            let old = corpus.add_finding(Kind::Panic, &raw(first), NONE, &[]).unwrap();
            change(&old.path);
            let new = corpus.replace_finding(&old, Kind::Panic, &raw(b"boom"), NONE, &[]).unwrap();
            assert_eq!(fs::read(&new.path).unwrap(), b"boom");
            (old, new)
        };
        let (old, new) = replace(b"large boom", &|_| {});
        assert!(!old.path.exists() && new.path.exists());
        let (old, _) = replace(b"large boom", &|path| fs::write(path, "edited").unwrap());
        assert_eq!(fs::read(&old.path).unwrap(), b"edited");
        let (same, new) = replace(b"boom", &|_| {});
        assert_eq!(same.path, new.path);
        corpus.add_finding(Kind::Panic, &raw(b"committed"), NONE, &[]).unwrap();
        let (committed, _) = replace(b"committed", &|_| {});
        assert!(committed.path.exists(), "it was there before");
    }

    #[test]
    fn a_file_that_is_written_twice_for_a_finding_stays_ours() {
        let (_dir, corpus) = in_temporary(bytes());
        let early = corpus.add_finding(Kind::Panic, &raw(b"boom"), NONE, &[]).unwrap();
        let late = corpus.add_finding(Kind::Panic, &raw(b"boom"), NONE, &[]).unwrap();
        let late = late.after(&early);
        assert!(late.path.exists());
        corpus.replace_finding(&late, Kind::Panic, &raw(b"b"), NONE, &[]).unwrap();
        assert!(!late.path.exists());
    }

    #[test]
    fn a_finding_goes_to_the_cache_where_testdata_cannot_be_written() {
        let (dir, corpus) = in_temporary(bytes());
        fs::write(dir.path().join("testdata"), "in the way").unwrap();
        let saved = corpus.add_finding(Kind::Panic, &raw(b"boom"), NONE, &[]).unwrap();
        assert!(saved.path.starts_with(corpus.locations().fallback_findings()));
        let reason = saved.fallback.expect("it says why").to_string();
        assert!(reason.starts_with("cannot make the folder "), "{reason}");
        let (findings, bad) = corpus.load_fallback_findings().unwrap();
        assert_eq!((findings[0].input.clone(), bad.len()), (raw(b"boom"), 0));
        assert!(findings[0].is_finding());
        assert_eq!(corpus.load_cache(NO_SEEDS).unwrap().entries, [], "it is not an entry");
    }

    #[test]
    fn the_last_input_of_a_damaged_worker_is_kept_and_is_not_an_entry() {
        let (_dir, corpus) = in_temporary(bytes());
        let path = corpus.add_damaged(&raw(b"wild"), &["why".into()]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"wild");
        assert!(path.starts_with(&corpus.locations().cache));
        assert_eq!(corpus.load_cache(NO_SEEDS).unwrap().entries, []);
    }

    #[test]
    fn a_finding_that_fits_nowhere_says_both_reasons() {
        let (dir, corpus) = in_temporary(bytes());
        fs::write(dir.path().join("testdata"), "in the way").unwrap();
        fs::write(dir.path().join("cache"), "in the way").unwrap();
        let message =
            corpus.add_finding(Kind::Panic, &raw(b"boom"), NONE, &[]).unwrap_err().to_string();
        assert!(message.starts_with("the finding is not saved: cannot make"), "{message}");
        assert_eq!(message.matches("cannot make the folder").count(), 2, "{message}");
    }
}
