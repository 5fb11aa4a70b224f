//! What a campaign has to know of a cache before it starts: which entries it need not run, and
//! which others there are. Files of the first kind are not even opened, and all others are read by
//! as many threads as there are processors, so that a million entries are no matter of minutes.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::io::ErrorKind;

use shakedown_core::corpus_file;

use super::corpus::{Corpus, Origin, Read};
use super::coverage::Records;
use super::entry::Problem;
use super::file::{FileError, as_number, content_name};
use super::folder::regular;
use super::inputs::Inputs;

/// Fewer files than this are not worth a thread.
const PORTION: usize = 256;

/// The entries of a cache.
#[derive(Debug, Default)]
pub struct Survey {
    /// What is known of those that are still there.
    pub known: Records,
    /// Those of which nothing is known, sorted by name of file.
    pub unknown: Vec<Unknown>,
    /// Number of files that hold no input of the target.
    pub bad: usize,
    /// Number of files with a longer input than allowed.
    pub oversized: usize,
}

/// An entry of which nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// In a file with a name of the engine's making: that number, and the length of the encoded
    /// input in bytes.
    Stored(u64, u32),
    /// The encoded input from a file of any other name.
    Kept(Vec<u8>),
}

/// Looks through the cache behind `inputs`, leaving out what equals one of the encoded inputs
/// `seeds`. `records` are of an earlier campaign. Never fails for a single file.
///
/// # Errors
/// If the folder cannot be read.
pub fn survey(inputs: &Inputs, seeds: &[&[u8]], records: &Records) -> Result<Survey, FileError> {
    let corpus = inputs.corpus();
    let mut seen: HashSet<u64> = seeds.iter().map(|seed| canonical(corpus, seed)).collect();

    let places = records.iter().enumerate().map(|(at, record)| (record.name, at));
    let places: HashMap<u64, usize> = places.collect();
    let mut is_there = vec![false; records.iter().count()];
    let mut names = Vec::new();
    for item in items(inputs)? {
        let name = item.file_name();
        let place = name.to_str().and_then(as_number).and_then(|name| places.get(&name));
        match place {
            Some(&at) if item.file_type().is_ok_and(|kind| kind.is_file()) => is_there[at] = true,
            _ if name.as_encoded_bytes().starts_with(b".") => {}
            _ => names.push(name),
        }
    }
    drop(places);

    let mut survey = Survey::default();
    for (record, is_there) in records.iter().zip(is_there) {
        if is_there && seen.insert(record.name) {
            match record.len as usize <= corpus.max_len() {
                true => survey.known.push(record),
                false => survey.oversized += 1,
            }
        }
    }

    names.sort_unstable();
    let seeds: HashSet<&[u8]> = seeds.iter().copied().collect();
    let find = |name: &OsString| find(inputs, &seeds, name);
    for found in in_parallel(&names, &find) {
        match found {
            Found::Input(name, input) => {
                if seen.insert(name) {
                    survey.unknown.push(input);
                }
            }
            Found::Nothing => {}
            Found::Oversized => survey.oversized += 1,
            Found::Bad => survey.bad += 1,
        }
    }
    Ok(survey)
}

fn items(inputs: &Inputs) -> Result<Vec<DirEntry>, FileError> {
    let folder = &inputs.corpus().locations().cache;
    let items = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        items => items.and_then(Iterator::collect),
    };
    items.map_err(FileError::when("read the folder", folder))
}

/// What a file turned out to be.
enum Found {
    /// An entry, with the number that the engine would name it by.
    Input(u64, Unknown),
    /// No entry: a folder, a known input, or no longer there.
    Nothing,
    Oversized,
    Bad,
}

/// Reads a file; of an entry that can be read again, only the name is kept.
fn find(inputs: &Inputs, seeds: &HashSet<&[u8]>, name: &OsString) -> Found {
    let corpus = inputs.corpus();
    let Some(file) = regular(corpus.locations().cache.join(name), name) else {
        return Found::Nothing;
    };
    let input = match corpus.read_bounded(file, Origin::Cache) {
        Read::Input((entry, _)) => entry.input,
        Read::Oversized(_) => return Found::Oversized,
        Read::Bad(bad) => {
            // It may have been removed since it was listed.
            let is_gone =
                matches!(&bad.problem, Problem::Unreadable(e) if e.kind() == ErrorKind::NotFound);
            return if is_gone { Found::Nothing } else { Found::Bad };
        }
    };
    if seeds.contains(&*input) {
        return Found::Nothing;
    }
    match (name.to_str().and_then(as_number), u32::try_from(input.len())) {
        (Some(name), Ok(len)) => {
            inputs.put(name, input.into());
            Found::Input(name, Unknown::Stored(name, len))
        }
        _ => Found::Input(canonical(corpus, &input), Unknown::Kept(input)),
    }
}

/// The number in the name of the file that the engine would write.
fn canonical(corpus: &Corpus, input: &[u8]) -> u64 {
    let name = content_name(&corpus_file::encode(corpus.schema(), input, &[]));
    as_number(&name).expect("a name of 16 hex digits")
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
    use crate::store::coverage::Record;
    use crate::store::file::numbered;
    use crate::store::fixture::{bytes, in_temporary, raw};

    #[test]
    fn what_is_known_is_not_opened_and_the_rest_is_read() {
        let (_dir, corpus) = in_temporary(bytes());
        let cache = corpus.locations().cache.clone();
        let add = |data: &[u8]| as_number(&corpus.add_entry(&raw(data)).unwrap()).unwrap();
        let (old, new, seed) = (add(b"old"), add(b"new"), add(b"seed"));
        fs::write(cache.join("by-hand"), "by hand").unwrap();
        fs::write(cache.join("again"), "new").unwrap();
        fs::write(cache.join("again-old"), "old").unwrap();
        fs::write(cache.join("the-seed"), "seed").unwrap();
        fs::write(cache.join(".hidden"), "hidden").unwrap();
        fs::create_dir(cache.join(numbered(3))).unwrap();
        // Damage that nobody notices is proof that the file was not opened.
        fs::write(cache.join(numbered(old)), "old but changed").unwrap();
        let mut records = Records::default();
        for (name, len) in [(seed, 8), (1, 7), (old, 7), (3, 7)] {
            records.push(Record { name, len, features: &[name as u32 % 7] });
        }

        let seeds = raw(b"seed");
        let inputs = Inputs::new(corpus, 1 << 20);
        let survey = survey(&inputs, &[&seeds], &records).unwrap();
        let known: Vec<_> = survey.known.iter().collect();
        assert_eq!(known, [Record { name: old, len: 7, features: &[old as u32 % 7] }]);
        let mut unknown = survey.unknown;
        unknown.sort_by_key(|unknown| matches!(unknown, Unknown::Stored(..)));
        assert_eq!(unknown, [Unknown::Kept(raw(b"by hand")), Unknown::Stored(new, 7)]);
        assert_eq!((survey.bad, survey.oversized), (0, 0));
    }

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
