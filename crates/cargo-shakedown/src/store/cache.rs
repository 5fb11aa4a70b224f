//! Reading the entries of a cache, each once, by as many threads as there are processors: a cache may
//! hold a million of them.
//!
//! Two files hold the same entry if the engine names them alike. A name that it gave is believed
//! without a look into the file; of any other file it is the name that the engine would give. So
//! entries can be told apart from those that a campaign remembers, whose files it does not open.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;

use shakedown_core::corpus_file;

use super::corpus::{Corpus, Read};
use super::entry::{BadFile, Origin, Problem, Stored};
use super::file::{FileError, as_number, content_name};
use super::folder::regular;

/// Fewer files than this are not worth a thread.
const PORTION: usize = 256;

/// What a cache holds.
#[derive(Debug)]
pub struct Cached<T = Stored> {
    /// The inputs, or what was made of them, sorted by name of file.
    pub entries: Vec<T>,
    /// Files that hold no input of the target; they stay on disk.
    pub bad: Vec<BadFile>,
    /// Files left out because a seed or an earlier file holds the same input.
    pub duplicates: Vec<PathBuf>,
    /// Files left out because their input is longer than allowed.
    pub oversized: Vec<PathBuf>,
}

/// Inputs that need not come again.
pub(super) struct Seen<'s> {
    seeds: HashSet<&'s [u8]>,
    names: HashSet<u64>,
}

impl<'s> Seen<'s> {
    /// These encoded inputs.
    pub(super) fn new(corpus: &Corpus, seeds: impl IntoIterator<Item = &'s [u8]>) -> Self {
        let seeds: HashSet<_> = seeds.into_iter().collect();
        let names = seeds.iter().map(|seed| corpus.number_of(seed)).collect();
        Self { seeds, names }
    }

    /// Adds the entry of this name; whether it is new.
    pub(super) fn insert(&mut self, name: u64) -> bool {
        self.names.insert(name)
    }
}

impl Corpus {
    /// Reads the entries in the cache, leaving out those that equal one of the encoded inputs
    /// `seeds`. Never fails for a single file.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn load_cache<'s>(
        &self,
        seeds: impl IntoIterator<Item = &'s [u8]>,
    ) -> Result<Cached, FileError> {
        let names = self.entry_names()?.into_iter().map(|(name, _)| name).collect();
        Ok(load(self, names, Seen::new(self, seeds), |_, entry| entry))
    }

    /// The number in the name of the file that the engine would write for an input.
    ///
    /// # Panics
    /// If the input is not one of the target.
    #[must_use]
    pub(crate) fn number_of(&self, input: &[u8]) -> u64 {
        let name = content_name(&corpus_file::encode(self.schema(), input, &[]));
        as_number(&name).expect("a name of 16 hex digits")
    }
}

/// Reads these files of the cache, without the entries in `seen`. `make` is called in the thread that
/// read an entry, with the number that the file is named by if the engine has named it.
pub(super) fn load<T: Send>(
    corpus: &Corpus,
    mut names: Vec<OsString>,
    mut seen: Seen<'_>,
    make: impl Fn(Option<u64>, Stored) -> T + Sync,
) -> Cached<T> {
    names.sort_unstable();
    let found = in_parallel(&names, &|name| find(corpus, &seen.seeds, name, &make));
    let (entries, bad, duplicates, oversized) = Default::default();
    let mut cached = Cached { entries, bad, duplicates, oversized };
    for (name, found) in names.iter().zip(found) {
        let path = || corpus.locations().cache.join(name);
        match found {
            Found::Entry(name, made) if seen.insert(name) => cached.entries.push(made),
            Found::Entry(..) | Found::Seed => cached.duplicates.push(path()),
            Found::Oversized => cached.oversized.push(path()),
            Found::Bad(bad) => cached.bad.push(bad),
            Found::Nothing => {}
        }
    }
    cached
}

/// What a file turned out to be.
enum Found<T> {
    /// An entry, by its name as the engine gives them, and what was made of it.
    Entry(u64, T),
    Seed,
    Oversized,
    Bad(BadFile),
    /// No file to be read, or no longer there.
    Nothing,
}

fn find<T>(
    corpus: &Corpus,
    seeds: &HashSet<&[u8]>,
    name: &OsString,
    make: impl Fn(Option<u64>, Stored) -> T,
) -> Found<T> {
    let Some(file) = regular(corpus.locations().cache.join(name), name) else {
        return Found::Nothing;
    };
    let entry = match corpus.read_bounded(file, Origin::Cache) {
        Read::Input((entry, _)) => entry,
        Read::Oversized(_) => return Found::Oversized,
        Read::Bad(bad) => {
            // It may have been removed since it was listed.
            let is_gone =
                matches!(&bad.problem, Problem::Unreadable(e) if e.kind() == ErrorKind::NotFound);
            return if is_gone { Found::Nothing } else { Found::Bad(bad) };
        }
    };
    if seeds.contains(&*entry.input) {
        return Found::Seed;
    }
    let number = name.to_str().and_then(as_number);
    let given = number.unwrap_or_else(|| corpus.number_of(&entry.input));
    Found::Entry(given, make(number, entry))
}

/// Does something with every item, with as many threads as there are processors; the results in the
/// order of the items.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: &(impl Fn(&T) -> R + Sync)) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let portion = items.len().div_ceil(threads).max(PORTION);
    std::thread::scope(|scope| {
        let portions = items
            .chunks(portion)
            .map(|portion| scope.spawn(move || portion.iter().map(work).collect::<Vec<R>>()));
        let running: Vec<_> = portions.collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Vec<R>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().flat_map(join).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_files_are_read_in_order() {
        let items: Vec<usize> = (0..3 * PORTION + 1).collect();
        assert_eq!(
            in_parallel(&items, &|item| item * 2),
            items.iter().map(|i| i * 2).collect::<Vec<_>>()
        );
        assert!(in_parallel(&items[..0], &|item| *item).is_empty());
    }
}
