//! Taking over inputs from elsewhere: files, folders of them, and the output of other fuzzers.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use shakedown_core::literal::Diagnostic;

use super::{BadFile, Corpus, Everything, FileError};
use crate::store::corpus::{Origin, Read};
use crate::store::folder::{Listed, files_below};
use crate::store::lock::CacheLock;

/// How many files are read before what is new of them is written, together.
const GROUP: usize = 1024;

/// What became of the files.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// Names of the new entries.
    pub added: Vec<String>,
    /// Files whose input was there already, or came twice.
    pub duplicates: usize,
    /// Files whose input is longer than allowed.
    pub oversized: Vec<PathBuf>,
    /// Files whose input is not wanted.
    pub unwanted: usize,
    /// Files that hold no input of the target, or none of its arguments.
    pub bad: Vec<BadFile>,
    /// Files of which not everything could be taken, and what could not.
    pub odd: Vec<(PathBuf, Vec<Diagnostic>)>,
}

/// Adds the inputs in `sources` to the cache. A source is a file, or a folder, read with the
/// folders in it as libFuzzer would; of the output of AFL only the queues. Hidden files and
/// `README*` are passed over unless named. What is new is added where `is_wanted` says so, which
/// sees the smallest files first.
///
/// # Errors
/// If a source cannot be read, an entry cannot be written, or `is_wanted` fails; those before it are
/// in the cache.
pub(crate) fn import<E: From<FileError>>(
    corpus: &Corpus,
    _lock: &CacheLock,
    sources: &[impl AsRef<Path>],
    mut is_wanted: impl FnMut(&[u8]) -> Result<bool, E>,
) -> Result<Imported, E> {
    let mut present = all_inputs(corpus)?;
    let mut imported = Imported::default();
    let mut all = files_below(sources)?;
    all.sort_by_key(|file| file.size);
    for files in all.chunks(GROUP) {
        let mut fresh = Vec::new();
        for file in files {
            let Some(input) = imported.take(corpus, file.clone(), &mut present) else { continue };
            match is_wanted(&input)? {
                true => fresh.push(input),
                false => imported.unwanted += 1,
            }
        }
        for added in corpus.add_entries(fresh.iter().map(Vec::as_slice)) {
            imported.added.push(added?);
        }
    }
    Ok(imported)
}

impl Imported {
    /// Notes what a file is; its input, if it is to be added.
    fn take(
        &mut self,
        corpus: &Corpus,
        file: Listed,
        present: &mut HashSet<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        match corpus.read_bounded(file, Origin::Elsewhere) {
            Read::Oversized(path) => self.oversized.push(path),
            Read::Bad(bad) => self.bad.push(bad),
            Read::Input((entry, remarks)) => {
                if !remarks.is_empty() {
                    self.odd.push((entry.path, remarks));
                }
                match present.insert(entry.input.clone()) {
                    true => return Some(entry.input),
                    false => self.duplicates += 1,
                }
            }
        }
        None
    }
}

fn all_inputs(corpus: &Corpus) -> Result<HashSet<Vec<u8>>, FileError> {
    let Everything { seeds, findings, cached, .. } = Everything::load(corpus)?;
    let all = seeds.into_iter().chain(findings).chain(cached.entries);
    Ok(all.flat_map(|file| file.before.into_iter().chain([file.input])).collect())
}
