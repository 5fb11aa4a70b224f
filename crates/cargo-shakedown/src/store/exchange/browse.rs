//! A corpus some files at a time, for somebody who looks around in it: however large it is, only
//! these are read.

use std::cmp::Reverse;
use std::path::Path;
use std::time::SystemTime;

use super::show::print;
use super::{BadFile, Corpus, FileError, Printed};
use crate::store::corpus::Origin;
use crate::store::entry::read;
use crate::store::findings::input_files;
use crate::store::folder::{Listed, regular};

/// Some files of a corpus.
#[derive(Debug)]
pub(crate) struct Browsed {
    /// How many there are, with those that hold no input.
    pub total: usize,
    /// Those that were asked for.
    pub files: Vec<Result<Printed, BadFile>>,
}

/// So many files from a position on: seeds and findings, then entries, the newest first. An entry that
/// equals a seed is not left out: that would take a look into each.
///
/// # Errors
/// If a folder cannot be read.
pub(crate) fn browse(corpus: &Corpus, from: usize, count: usize) -> Result<Browsed, FileError> {
    let locations = corpus.locations();
    let known = input_files(locations)?.into_iter().map(|path| {
        let is_fallback = path.starts_with(locations.fallback_findings());
        (path, if is_fallback { Origin::Findings } else { Origin::Testdata })
    });
    let names = corpus.entry_names()?.into_iter().filter(|(_, is_file)| *is_file);
    let mut entries: Vec<_> =
        names.map(|(name, _)| (locations.cache.join(name), Origin::Cache)).collect();
    entries.sort_by_cached_key(|(path, _)| (Reverse(modified(path)), path.clone()));
    let all: Vec<_> = known.chain(entries).collect();
    let total = all.len();
    let wanted = all.into_iter().skip(from).take(count);
    let listed = wanted.filter_map(|(path, origin)| Some((listed(&path)?, origin)));
    let read = |(file, origin)| {
        read(corpus.schema(), file, origin).map(|(stored, _)| print(corpus.schema(), stored))
    };
    Ok(Browsed { total, files: listed.map(read).collect() })
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}

fn listed(path: &Path) -> Option<Listed> {
    regular(path.to_path_buf(), path.file_name()?)
}
