//! The corpus of one target: seeds and findings in `testdata`, entries in the cache.
//!
//! `testdata` is read strictly, since a seed that is silently left out is a test that silently
//! does not run; the cache is read tolerantly, since its files outlive changes of the types.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use shakedown_core::corpus_file;
use shakedown_core::schema::Schema;
use shakedown_core::testdata::Role;

#[cfg(test)]
pub(crate) use super::entry::Problem;
pub(crate) use super::entry::{BadFile, Origin, Stored};
use super::entry::{WithWarnings, read};
use super::file::{self, FileError, content_name, remove_leftovers};
use super::folder::{Listed, files, files_below, names, regular};
use super::lock::{CacheLock, LockError};
use super::paths::{Layout, Locations};

/// Bytes that one byte of a raw input takes in a file at most: such an input may be written as text,
/// and there as `\u{10ffff}` at worst.
const LARGEST_ESCAPE: u64 = 10;

/// No limit for the encoded inputs of a corpus, whose lengths have 32 bits everywhere.
pub(crate) const NO_LIMIT: usize = u32::MAX as usize;

/// The files of one target. Holds no file open; any thread may use it.
#[derive(Clone, Debug)]
pub struct Corpus {
    locations: Locations,
    schema: Schema,
    max_len: usize,
}

/// What `testdata` holds.
#[derive(Debug, Default)]
pub struct Seeds {
    /// The inputs, sorted by name of file.
    pub entries: Vec<Stored>,
    /// Things the user should know, one a line, each with its file.
    pub warnings: Vec<String>,
}

/// Why `testdata` could not be loaded.
#[derive(Debug)]
pub enum SeedError {
    /// The folder cannot be read.
    Folder(FileError),
    /// These files in it hold no input of the target; never empty.
    BadFiles(Vec<BadFile>),
}

impl fmt::Display for SeedError {
    /// One line for each bad file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(error) => error.fmt(f),
            Self::BadFiles(bad) => {
                let lines: Vec<_> = bad.iter().map(BadFile::to_string).collect();
                f.write_str(&lines.join("\n"))
            }
        }
    }
}

impl std::error::Error for SeedError {}

impl Corpus {
    /// The corpus in `locations` of a target with this schema. `max_len` bounds the encoded inputs
    /// of the cache, in bytes. Does not touch the disk.
    #[must_use]
    pub fn open(locations: Locations, schema: Schema, max_len: usize) -> Self {
        Self { locations, schema, max_len }
    }

    /// Where its files are.
    #[must_use]
    pub fn locations(&self) -> &Locations {
        &self.locations
    }

    /// The shape of its inputs.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The bound on the length of the encoded inputs of the cache, in bytes.
    #[must_use]
    pub fn max_len(&self) -> usize {
        self.max_len
    }

    /// Takes the lock that is needed to change the cache.
    ///
    /// # Errors
    /// As `CacheLock::acquire`.
    pub fn lock(&self) -> Result<CacheLock, LockError> {
        let lock = CacheLock::acquire(&self.locations.state)?;
        remove_leftovers(&self.locations.cache);
        Ok(lock)
    }

    /// Reads every seed and finding in `testdata`, and other seeds. One that is longer than allowed
    /// is loaded, with a warning.
    ///
    /// # Errors
    /// If the folder cannot be read, or any file in it is not an input; then all such files.
    pub fn load_seeds(&self) -> Result<Seeds, SeedError> {
        let (mut seeds, bad) = self.read_seeds().map_err(SeedError::Folder)?;
        if !bad.is_empty() {
            return Err(SeedError::BadFiles(bad));
        }
        for seed in &seeds.entries {
            let longest = seed.inputs().map(Vec::len).max().unwrap_or(0);
            if longest <= self.max_len {
                continue;
            }
            seeds.warnings.push(format!(
                "{}: longer than an input may be ({} > {} bytes): make it smaller, or raise the limit",
                seed.path.display(),
                longest,
                self.max_len,
            ));
        }
        Ok(seeds)
    }

    /// What is in `testdata`, the good and the bad apart, and what is good of other seeds.
    pub(super) fn read_seeds(&self) -> Result<(Seeds, Vec<BadFile>), FileError> {
        let (mut seeds, mut bad) = (Seeds::default(), Vec::new());
        let files = files(&self.locations.testdata)?.into_iter();
        for file in files.filter(|file| Role::of(&file.name) == Role::Input) {
            match read(&self.schema, file, Origin::Testdata) {
                Ok((seed, warnings)) => {
                    let place = seed.path.display();
                    let warnings = warnings.iter().map(|warning| format!("{place}:{warning}"));
                    seeds.warnings.extend(warnings);
                    seeds.entries.push(seed);
                }
                Err(error) => bad.push(error),
            }
        }
        self.read_others(&mut seeds)?;
        Ok((seeds, bad))
    }

    /// Adds the seeds that are neither in `testdata` nor in the cache. They may be anybody's, so what
    /// is no input is told, once, and left out.
    fn read_others(&self, seeds: &mut Seeds) -> Result<(), FileError> {
        let named = self.locations.patterns.find();
        seeds.warnings.extend(named.warnings);
        let named = named.files.into_iter().filter_map(|path| {
            let name = path.file_name()?.to_owned();
            regular(path, &name)
        });
        let read = |file| read(&self.schema, file, Origin::Elsewhere);
        let all = files_below(&self.locations.seeds)?.into_iter().chain(named).map(read);
        let (good, bad): (Vec<_>, Vec<_>) = all.partition(Result::is_ok);
        seeds.entries.extend(good.into_iter().flatten().map(|(seed, _)| seed));
        if let Some(Err(first)) = bad.first() {
            let more = match bad.len() - 1 {
                0 => String::new(),
                1 => " (and 1 more file)".to_owned(),
                more => format!(" (and {more} more files)"),
            };
            seeds.warnings.push(format!("no seed: {first}{more}"));
        }
        Ok(())
    }

    /// Reads a file whose input must not be longer than allowed; a huge one of a raw target is not
    /// even read.
    pub(super) fn read_bounded(&self, file: Listed, origin: Origin) -> Read {
        let raw = self.schema.raw().is_some();
        if raw && file.size / LARGEST_ESCAPE > self.max_len as u64 {
            return Read::Oversized(file.path);
        }
        match read(&self.schema, file, origin) {
            Ok((entry, _)) if entry.input.len() > self.max_len => Read::Oversized(entry.path),
            Ok(read) => Read::Input(read),
            Err(bad) => Read::Bad(bad),
        }
    }

    /// Writes an entry into the cache.
    ///
    /// # Returns
    /// The name of its file, the same each time.
    ///
    /// # Errors
    /// If it is not there afterwards.
    pub fn add_entry(&self, input: &[u8]) -> Result<String, FileError> {
        self.add_entries([input]).pop().expect("one result for one entry")
    }

    /// As [`Self::add_entry`] for each of these inputs, with less work for the disk.
    pub fn add_entries<'i>(
        &self,
        inputs: impl IntoIterator<Item = &'i [u8]>,
    ) -> Vec<Result<String, FileError>> {
        let cache = &self.locations.cache;
        let contents =
            inputs.into_iter().map(|input| corpus_file::encode(&self.schema, input, &[]));
        let named = contents.map(|content| (content_name(&content), content));
        let (names, files): (Vec<_>, Vec<_>) =
            named.map(|(name, content)| (name.clone(), (cache.join(name), content))).unzip();
        let results = file::write_all(cache, &files).into_iter().zip(names);
        results.map(|(result, name)| result.map(|()| name)).collect()
    }

    /// What is in the cache, by the path from there, and whether it is a file at first sight.
    pub(super) fn entry_names(&self) -> Result<Vec<(OsString, bool)>, FileError> {
        names(&self.locations.cache, self.locations.layout == Layout::Program)
    }

    /// The file that [`Corpus::add_entry`] makes of this input, if it is there.
    #[must_use]
    pub fn entry_path(&self, input: &[u8]) -> Option<PathBuf> {
        let name = content_name(&corpus_file::encode(&self.schema, input, &[]));
        Some(self.locations.cache.join(name)).filter(|path| path.exists())
    }
}

/// What came of reading a file under a limit.
pub(super) enum Read {
    Input(WithWarnings),
    Oversized(PathBuf),
    Bad(BadFile),
}

#[cfg(test)]
mod tests;
