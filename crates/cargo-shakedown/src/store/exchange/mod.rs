//! What the `corpus` subcommands do with the files of a target: count, show, import, export and
//! clean. Everything is returned as plain data; the commands print it.

mod browse;
mod clean;
mod export;
mod import;
mod migrate;
mod show;
mod stats;

pub(crate) use browse::{Listing, open};
pub(crate) use clean::{Cleanable, clean, cleanable};
pub(crate) use export::export;
pub(crate) use import::{Imported, import};
pub(crate) use migrate::{Outdated, outdated, update};
pub(crate) use show::{Printed, print_input, show, show_file};
pub(crate) use stats::{Stats, Tally, stats};

#[cfg(test)]
mod tests;

use super::cache::Cached;
use super::corpus::{BadFile, Corpus, Stored};
use super::file::FileError;

/// All that a target's folders hold.
#[derive(Debug)]
pub(crate) struct Everything {
    pub(crate) seeds: Vec<Stored>,
    pub(crate) findings: Vec<Stored>,
    pub(crate) cached: Cached,
    /// Bad files outside the cache.
    pub(crate) bad: Vec<BadFile>,
}

impl Everything {
    /// Reads all of it.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub(crate) fn load(corpus: &Corpus) -> Result<Self, FileError> {
        let (testdata, mut bad) = corpus.read_seeds()?;
        let (fallback, bad_findings) = corpus.load_fallback_findings()?;
        bad.extend(bad_findings);
        let seeds = testdata.entries.iter().flat_map(Stored::inputs);
        let cached = corpus.load_cache(seeds.map(Vec::as_slice))?;
        let (mut findings, seeds): (Vec<_>, Vec<_>) =
            testdata.entries.into_iter().partition(Stored::is_finding);
        findings.extend(fallback);
        Ok(Self { seeds, findings, cached, bad })
    }

    /// Seeds, then findings, then entries.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Stored> {
        self.seeds.iter().chain(&self.findings).chain(&self.cached.entries)
    }
}
