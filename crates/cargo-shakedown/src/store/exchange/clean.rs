//! Emptying the cache of a target.

use std::path::PathBuf;

use super::{Corpus, FileError};
use crate::store::corpus::Origin;
use crate::store::coverage::COVERAGE_FILE;
use crate::store::entry::read;
use crate::store::file::{is_content_name, remove};
use crate::store::folder::files;
use crate::store::history::HISTORY_FILE;
use crate::store::lineage::LINEAGE_FILE;
use crate::store::lock::CacheLock;

/// What of a cache can be removed.
#[derive(Debug, Default)]
pub(crate) struct Cleanable {
    /// The files to remove.
    pub files: Vec<PathBuf>,
    /// Their size together, in bytes.
    pub bytes: u64,
    /// Files that stay: not named as the engine names its own, or bad.
    pub kept: Vec<PathBuf>,
}

/// The entries in the cache that have the engine's names; with `bad_too` also the files that hold no
/// input, whatever their names. Never anything of `testdata` or findings.
///
/// # Errors
/// If the cache cannot be read.
pub(crate) fn cleanable(corpus: &Corpus, bad_too: bool) -> Result<Cleanable, FileError> {
    let mut found = Cleanable::default();
    for file in files(&corpus.locations().cache)? {
        let (path, size, ours) = (file.path.clone(), file.size, is_content_name(&file.name));
        let bad = read(corpus.schema(), file, Origin::Cache).is_err();
        if if bad { bad_too } else { ours } {
            found.files.push(path);
            found.bytes += size;
        } else {
            found.kept.push(path);
        }
    }
    Ok(found)
}

/// Removes these files from the cache.
///
/// # Errors
/// If one cannot be removed; those before it are gone.
pub(crate) fn clean(
    corpus: &Corpus,
    _lock: &CacheLock,
    found: &Cleanable,
) -> Result<(), FileError> {
    for path in &found.files {
        remove(path)?;
    }
    // They speak of what is gone.
    for name in [COVERAGE_FILE, HISTORY_FILE, LINEAGE_FILE] {
        remove(&corpus.locations().state.join(name))?;
    }
    Ok(())
}
