//! A corpus some files at a time, for somebody who looks around in it: however large it is, only
//! these are read. Which files there are is known from the last look, so of a hundred thousand only
//! those are asked for their times that are new.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::show::print;
use super::{BadFile, Corpus, FileError, Printed};
use crate::store::corpus::Origin;
use crate::store::entry::read;
use crate::store::findings::input_files;
use crate::store::folder::{Listed, regular};

/// What has changed so short a time ago may change again without another time.
const RACY: Duration = Duration::from_secs(1);

/// The files of a corpus in the order in which they are shown: seeds and findings, then entries, the
/// newest first. An entry that equals a seed is not left out: that would take a look into each.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    known: Vec<(PathBuf, Origin)>,
    entries: Vec<(Reverse<Option<SystemTime>>, OsString)>,
    /// When the folder of the entries last changed, if it can be told that nothing was missed.
    changed: Option<SystemTime>,
}

impl Listing {
    /// Looks which files there are now.
    ///
    /// # Errors
    /// If a folder cannot be read; then it stays as it was.
    pub(crate) fn refresh(&mut self, corpus: &Corpus) -> Result<(), FileError> {
        let locations = corpus.locations();
        let known = input_files(locations)?.into_iter().map(|path| {
            let is_fallback = path.starts_with(locations.fallback_findings());
            (path, if is_fallback { Origin::Findings } else { Origin::Testdata })
        });
        let known = known.collect();
        let changed = modified(&locations.cache);
        if changed.is_none() || changed != self.changed {
            self.list_entries(corpus)?;
            let is_settled = |time: &SystemTime| time.elapsed().is_ok_and(|age| age > RACY);
            self.changed = changed.filter(is_settled);
        }
        self.known = known;
        Ok(())
    }

    fn list_entries(&mut self, corpus: &Corpus) -> Result<(), FileError> {
        let cache = &corpus.locations().cache;
        let names = corpus.entry_names()?.into_iter().filter(|(_, is_file)| *is_file);
        let mut times: HashMap<OsString, _> = std::mem::take(&mut self.entries)
            .into_iter()
            .map(|(time, name)| (name, time))
            .collect();
        let time = |name: &OsString| Reverse(modified(&cache.join(name)));
        self.entries = names
            .map(|(name, _)| (times.remove(&name).unwrap_or_else(|| time(&name)), name))
            .collect();
        self.entries.sort_unstable();
        Ok(())
    }

    /// How many there are, with those that hold no input.
    #[must_use]
    pub(crate) fn total(&self) -> usize {
        self.known.len() + self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.total() == 0
    }

    /// Seeds and findings.
    #[must_use]
    pub(crate) fn known(&self) -> &[(PathBuf, Origin)] {
        &self.known
    }

    /// So many files from a position on.
    #[must_use]
    pub(crate) fn part(
        &self,
        corpus: &Corpus,
        from: usize,
        count: usize,
    ) -> Vec<(PathBuf, Origin)> {
        let cache = &corpus.locations().cache;
        let entry = |(_, name): &(_, OsString)| (cache.join(name), Origin::Cache);
        let known = self.known.iter().skip(from).cloned();
        let entries = self.entries.iter().skip(from.saturating_sub(self.known.len())).map(entry);
        known.chain(entries).take(count).collect()
    }
}

/// The file at a path as people read it; nothing if there is none.
pub(crate) fn open(
    corpus: &Corpus,
    path: &Path,
    origin: Origin,
) -> Option<Result<Printed, BadFile>> {
    let listed: Listed = regular(path.to_path_buf(), path.file_name()?)?;
    let read = read(corpus.schema(), listed, origin);
    Some(read.map(|(stored, _)| print(corpus.schema(), stored)))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}
