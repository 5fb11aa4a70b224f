//! Bytes and strings as lists of codes, and the passes that make them readable.

use super::alphabet::Alphabet;
use super::rank::{ASCII, below, of_code, simpler, to_code};
use super::trial::{Stopped, Trial, largest};

/// Most items of one text that are lowered one by one; runs are for the larger ones.
pub(crate) const MAX_SINGLES: usize = 256;

/// One way to make content simpler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Changes ever smaller runs of items to simpler ones.
    Runs,
    /// Spells items of several bytes out.
    SpellOut,
    /// Lowers single items.
    Items,
    /// Lowers all items of one kind together.
    EqualItems,
}

/// How content is read as codes, and written: as bytes, or as the characters of a text.
#[derive(Clone, Copy)]
pub(crate) struct Coding<'a> {
    /// The codes that there may be; all of them without one.
    pub(crate) alphabet: Option<&'a Alphabet>,
    /// The codes of a content, if it has the coding.
    pub(crate) read: fn(&[u8]) -> Option<Vec<u32>>,
    /// The content of these codes, if there is one.
    pub(crate) write: fn(&[u32]) -> Option<Vec<u8>>,
}

/// A text as the codes of its characters.
pub(crate) const CHARS: Coding<'static> = Coding {
    alphabet: None,
    read: |content| Some(std::str::from_utf8(content).ok()?.chars().map(u32::from).collect()),
    write: |codes| {
        let text: Option<String> = codes.iter().map(|&code| char::from_u32(code)).collect();
        text.map(String::into_bytes)
    },
};

impl Coding<'_> {
    /// What an item is changed to, as long as that is simpler: the simplest one of the alphabet comes
    /// first.
    fn simpler(self, code: u32) -> [u32; 6] {
        let [a, b, c, d, e] = simpler(code);
        [self.alphabet.map_or(code, Alphabet::simplest), a, b, c, d, e]
    }

    /// The rank that is `by` steps below `rank`, of those in the alphabet.
    fn below(self, rank: u32, by: u128) -> Option<u32> {
        // What is not ASCII goes down by its code.
        let Some(alphabet) = self.alphabet.filter(|_| rank as usize <= ASCII.len()) else {
            return below(rank, by);
        };
        let mut members = (0..rank).rev().filter(|rank| alphabet.contains(to_code(*rank)));
        members.nth(usize::try_from(by).ok()?.checked_sub(1)?)
    }

    /// The codes of the content on trial.
    pub(crate) fn codes(self, trial: &Trial) -> Option<Vec<u32>> {
        (self.read)(&trial.value()[4..])
    }

    /// Takes the content of these codes if it is simpler and will do.
    pub(crate) fn replace(self, trial: &mut Trial, codes: &[u32]) -> Result<bool, Stopped> {
        let Some(content) = (self.write)(codes) else { return Ok(false) };
        let mut value = (content.len() as u32).to_le_bytes().to_vec();
        value.extend_from_slice(&content);
        trial.replace(&value)
    }
}

/// Changes ever smaller runs of bytes or chars to simpler ones.
pub(crate) fn simplify_runs(coding: Coding, trial: &mut Trial) -> Result<(), Stopped> {
    let count = coding.simpler(0).len();
    (0..count).try_for_each(|way| simplify_runs_to(coding, trial, way))
}

fn simplify_runs_to(coding: Coding, trial: &mut Trial, way: usize) -> Result<(), Stopped> {
    let simpler = |code| coding.simpler(code)[way];
    let Some(mut codes) = coding.codes(trial) else { return Ok(()) };
    let mut size = usize::MAX;
    while size > 0 {
        let changing: Vec<usize> = (0..codes.len())
            .filter(|&at| of_code(simpler(codes[at])) < of_code(codes[at]))
            .collect();
        size = size.min(changing.len());
        for run in changing.chunks(size.max(1)) {
            let mut changed = codes.clone();
            run.iter().for_each(|&at| changed[at] = simpler(codes[at]));
            if coding.replace(trial, &changed)? {
                codes = changed;
            }
        }
        size /= 2;
    }
    Ok(())
}

/// Lowers the rank of single bytes or chars.
pub(crate) fn lower_items(coding: Coding, trial: &mut Trial) -> Result<(), Stopped> {
    let Some(codes) = coding.codes(trial) else { return Ok(()) };
    let complex = (0..codes.len()).filter(|&at| of_code(codes[at]) > 0);
    complex.take(MAX_SINGLES).try_for_each(|at| lower_at(coding, trial, &[at]))
}

/// Lowers the characters of a text, each within its own alphabet.
pub(crate) fn lower_items_of<'a>(
    alphabets: impl Iterator<Item = &'a Alphabet>,
    trial: &mut Trial,
) -> Result<(), Stopped> {
    for (at, alphabet) in alphabets.enumerate().take(MAX_SINGLES) {
        let coding = Coding { alphabet: Some(alphabet), ..CHARS };
        let Some(mut codes) = coding.codes(trial) else { return Ok(()) };
        let simplest = alphabet.simplest();
        let is_lower = of_code(simplest) < of_code(codes[at]);
        codes[at] = if is_lower { simplest } else { codes[at] };
        if is_lower && !coding.replace(trial, &codes)? {
            lower_at(coding, trial, &[at])?;
        }
    }
    Ok(())
}

/// Lowers the rank of all bytes or chars of one kind together.
pub(crate) fn lower_equal_items(coding: Coding, trial: &mut Trial) -> Result<(), Stopped> {
    let mut at = 0;
    while let Some(codes) = coding.codes(trial).filter(|codes| at < codes.len().min(MAX_SINGLES)) {
        let equal: Vec<usize> = (0..codes.len()).filter(|&i| codes[i] == codes[at]).collect();
        if equal.len() > 1 && equal[0] == at {
            lower_at(coding, trial, &equal)?;
        }
        at += 1;
    }
    Ok(())
}

/// Lowers the rank of the equal items at some positions.
fn lower_at(coding: Coding, trial: &mut Trial, positions: &[usize]) -> Result<(), Stopped> {
    let Some(mut codes) = coding.codes(trial) else { return Ok(()) };
    let rank = of_code(codes[positions[0]]);
    let mut set = |trial: &mut Trial, rank: u32| {
        positions.iter().for_each(|&at| codes[at] = to_code(rank));
        coding.replace(trial, &codes)
    };
    for simpler in coding.simpler(to_code(rank)).map(of_code) {
        if simpler < rank && positions.len() > 1 && set(trial, simpler)? {
            return Ok(());
        }
    }
    largest(|n| match coding.below(rank, n) {
        Some(rank) => set(trial, rank),
        None => Ok(false),
    })?;
    Ok(())
}
