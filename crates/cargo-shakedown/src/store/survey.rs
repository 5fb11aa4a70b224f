//! What a campaign has to know of a cache before it starts: which entries it need not run, and
//! which others there are. Files of the first kind are not even opened, and all others are read by
//! as many threads as there are processors, so that a million entries are no matter of minutes.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::io::ErrorKind;

use shakedown_core::corpus_file;

use super::corpus::{Corpus, Origin, Read};
use super::entry::Problem;
use super::file::{FileError, as_number, content_name};
use super::folder::regular;
use super::inputs::Inputs;
use crate::campaign::{Input, Remembered, StoredInput};

/// Fewer files than this are not worth a thread.
const PORTION: usize = 256;

/// The entries of a cache.
#[derive(Debug, Default)]
pub struct Survey {
    /// Those that are remembered and still there.
    pub remembered: Remembered,
    /// All others, sorted by name of file: in the file, if its name is of the engine's making.
    pub others: Vec<Input>,
    /// Number of files that hold no input of the target.
    pub bad: usize,
    /// Number of files with a longer input than allowed.
    pub oversized: usize,
}

/// Looks through the cache behind `inputs`, leaving out what equals one of the encoded inputs
/// `seeds`. An earlier campaign has left what is `remembered`. Never fails for a single file.
///
/// # Errors
/// If the folder cannot be read.
pub fn survey(
    inputs: &Inputs,
    seeds: &[&[u8]],
    remembered: &Remembered,
) -> Result<Survey, FileError> {
    let corpus = inputs.corpus();
    let mut seen: HashSet<u64> = seeds.iter().map(|seed| canonical(corpus, seed)).collect();

    let places = remembered.iter().enumerate().map(|(at, (entry, _))| (entry.name, at));
    let places: HashMap<u64, usize> = places.collect();
    let mut is_there = vec![false; remembered.count()];
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
    for ((entry, features), is_there) in remembered.iter().zip(is_there) {
        if is_there && seen.insert(entry.name) {
            match entry.len as usize <= corpus.max_len() {
                true => survey.remembered.push(entry, features),
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
                    survey.others.push(input);
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
    Input(u64, Input),
    /// No entry: a folder, a seed, or no longer there.
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
            Found::Input(name, Input::Stored(StoredInput { name, len }))
        }
        _ => Found::Input(canonical(corpus, &input), Input::Bytes(input.into())),
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
    use crate::store::file::numbered;
    use crate::store::fixture::{bytes, in_temporary, raw};

    #[test]
    fn what_is_remembered_is_not_opened_and_the_rest_is_read() {
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
        let mut remembered = Remembered::default();
        for (name, len) in [(seed, 8), (1, 7), (old, 7), (3, 7)] {
            remembered.push(StoredInput { name, len }, &[name as u32 % 7]);
        }

        let seeds = raw(b"seed");
        let inputs = Inputs::new(corpus, 1 << 20);
        let survey = survey(&inputs, &[&seeds], &remembered).unwrap();
        let there: Vec<_> = survey.remembered.iter().collect();
        assert_eq!(there, [(StoredInput { name: old, len: 7 }, &[old as u32 % 7][..])]);
        let mut others = survey.others;
        others.sort_by_key(|input| matches!(input, Input::Stored(_)));
        let new = Input::Stored(StoredInput { name: new, len: 7 });
        assert_eq!(others, [Input::Bytes(raw(b"by hand").into()), new]);
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
