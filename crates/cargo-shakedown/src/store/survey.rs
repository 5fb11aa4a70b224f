//! What a campaign has to know of a cache before it starts: which entries it need not run, and
//! which others there are. Files of the first kind are not even opened.

use std::collections::HashMap;

use super::cache::{Seen, load};
use super::file::{FileError, as_number};
use super::inputs::Inputs;
use crate::campaign::{Input, Remembered, StoredInput};

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
    let places = remembered.iter().enumerate().map(|(at, (entry, _))| (entry.name, at));
    let places: HashMap<u64, usize> = places.collect();
    let mut is_there = vec![false; remembered.count()];
    let mut names = Vec::new();
    for (name, is_file) in corpus.entry_names()? {
        let place = name.to_str().and_then(as_number).and_then(|name| places.get(&name));
        match place {
            Some(&at) if is_file => is_there[at] = true,
            _ => names.push(name),
        }
    }
    drop(places);

    let mut survey = Survey::default();
    let mut seen = Seen::new(corpus, seeds.iter().copied());
    for ((entry, features), is_there) in remembered.iter().zip(is_there) {
        if is_there && seen.insert(entry.name) {
            match entry.len as usize <= corpus.max_len() {
                true => survey.remembered.push(entry, features),
                false => survey.oversized += 1,
            }
        }
    }
    let rest = load(corpus, names, seen, |name, entry| keep(inputs, name, entry.input));
    survey.others = rest.entries;
    survey.bad = rest.bad.len();
    survey.oversized += rest.oversized.len();
    Ok(survey)
}

/// What to keep of an entry: of one that can be read again, only the name.
fn keep(inputs: &Inputs, name: Option<u64>, input: Vec<u8>) -> Input {
    match (name, u32::try_from(input.len())) {
        (Some(name), Ok(len)) => {
            inputs.put(name, input.into());
            Input::Stored(StoredInput { name, len })
        }
        _ => Input::Bytes(input.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        // Damage that goes unnoticed is proof that the file was not opened.
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
}
