//! How much is in a corpus.

use std::path::PathBuf;

use super::{BadFile, Corpus, Everything, FileError, Stored};

/// A number of files and their size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// How many.
    pub files: usize,
    /// Their size together, in bytes.
    pub bytes: u64,
}

/// What [`stats`] counts.
#[derive(Debug)]
pub(crate) struct Stats {
    /// Seeds that people wrote.
    pub seeds: Tally,
    /// Findings, in `testdata` and outside.
    pub findings: Tally,
    /// Entries in the cache that a campaign would load.
    pub entries: Tally,
    /// Files in the cache that equal a seed or another entry.
    pub duplicates: usize,
    /// Files in the cache with a longer input than allowed.
    pub oversized: usize,
    /// The largest of the files counted, the first of equals, and its size in bytes.
    pub largest: Option<(PathBuf, u64)>,
    /// Files that hold no input, in `testdata` first.
    pub bad: Vec<BadFile>,
}

/// Counts what a target's folders hold.
///
/// # Errors
/// If one of them cannot be read.
pub(crate) fn stats(corpus: &Corpus) -> Result<Stats, FileError> {
    let all = Everything::load(corpus)?;
    let largest = all
        .files()
        .reduce(|largest, file| if file.size > largest.size { file } else { largest })
        .map(|file| (file.path.clone(), file.size));
    Ok(Stats {
        seeds: tally(&all.seeds),
        findings: tally(&all.findings),
        entries: tally(&all.cached.entries),
        duplicates: all.cached.duplicates.len(),
        oversized: all.cached.oversized.len(),
        largest,
        bad: all.bad.into_iter().chain(all.cached.bad).collect(),
    })
}

fn tally(files: &[Stored]) -> Tally {
    Tally { files: files.len(), bytes: files.iter().map(|file| file.size).sum() }
}
