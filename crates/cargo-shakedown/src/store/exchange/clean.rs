//! Emptying the cache of a target.

use std::path::PathBuf;

use super::{Corpus, FileError};
use crate::store::corpus::Origin;
use crate::store::coverage::COVERAGE_FILE;
use crate::store::entry::read;
use crate::store::file::{is_content_name, remove};
use crate::store::folder::files;
use crate::store::lock::CacheLock;

/// What [`clean`] did.
#[derive(Debug, Default)]
pub struct Cleaned {
    /// The files removed.
    pub removed: Vec<PathBuf>,
    /// Their size together, in bytes.
    pub bytes: u64,
    /// Files left in the cache: not named as the engine names its own, or bad.
    pub kept: Vec<PathBuf>,
}

/// Removes the entries in the cache that have the engine's names; with `bad_too` also the files
/// that hold no input, whatever their names. Never touches `testdata` or findings.
///
/// # Errors
/// If the cache cannot be read or a file not removed; those before it are gone.
pub fn clean(corpus: &Corpus, _lock: &CacheLock, bad_too: bool) -> Result<Cleaned, FileError> {
    let mut cleaned = Cleaned::default();
    for file in files(&corpus.locations().cache)? {
        let (path, size, ours) = (file.path.clone(), file.size, is_content_name(&file.name));
        let bad = read(corpus.schema(), file, Origin::Cache).is_err();
        if if bad { bad_too } else { ours } {
            remove(&path)?;
            cleaned.removed.push(path);
            cleaned.bytes += size;
        } else {
            cleaned.kept.push(path);
        }
    }
    // It speaks of files that are gone, and says nothing that a run would not.
    remove(&corpus.locations().cache.join(COVERAGE_FILE))?;
    Ok(cleaned)
}
