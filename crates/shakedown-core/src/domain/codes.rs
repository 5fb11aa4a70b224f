//! Bytes and strings as lists of codes: how simple each is, and the passes that make them readable.

use std::cmp::Ordering;

use super::trial::{Stopped, Trial, largest};

/// All ASCII codes, the most readable first: digits, small letters, capitals, space, punctuation,
/// white space, and what cannot be seen.
const ASCII: [u8; 128] = ascii_by_rank();

/// The position of each code in [`ASCII`].
const ASCII_RANK: [u8; 128] = {
    let mut ranks = [0; 128];
    let mut rank = 0;
    while rank < 128 {
        ranks[ASCII[rank] as usize] = rank as u8;
        rank += 1;
    }
    ranks
};

const fn ascii_by_rank() -> [u8; 128] {
    let (mut codes, mut taken, mut count) = ([0; 128], [false; 128], 0);
    // Inclusive ranges; a code that an earlier one holds is not repeated.
    let ranges = [
        (b'0', b'9'),
        (b'a', b'z'),
        (b'A', b'Z'),
        (b' ', b'~'),
        (b'\n', b'\n'),
        (b'\t', b'\t'),
        (0, 127),
    ];
    let mut at = 0;
    while at < ranges.len() {
        let mut code = ranges[at].0;
        while code <= ranges[at].1 {
            if !taken[code as usize] {
                taken[code as usize] = true;
                codes[count] = code;
                count += 1;
            }
            code += 1;
        }
        at += 1;
    }
    codes
}

/// The rank of a byte, or of the code of a char: 0 for `'0'`; what is not ASCII by its value.
pub(crate) fn of_code(code: u32) -> u32 {
    ASCII_RANK.get(code as usize).map_or(code, |&rank| u32::from(rank))
}

/// The byte, or the code of the char, with this rank.
pub(crate) fn to_code(rank: u32) -> u32 {
    ASCII.get(rank as usize).map_or(rank, |&code| u32::from(code))
}

/// Which of two bytes of content is simpler.
pub(crate) fn compare(a: u8, b: u8) -> Ordering {
    of_code(a.into()).cmp(&of_code(b.into()))
}

/// Most items of one text that are lowered one by one; runs are for the larger ones.
pub(crate) const MAX_SINGLES: usize = 256;

/// What the items of a text are changed to, as long as that is simpler.
pub(crate) const SIMPLER: &[fn(u32) -> u32] = &[
    |_| u32::from(b'0'),
    |_| u32::from(b'a'),
    |code| to_lower(code),
    |_| u32::from(b'A'),
    |_| u32::from(b' '),
];

fn to_lower(code: u32) -> u32 {
    u8::try_from(code).map_or(code, |byte| byte.to_ascii_lowercase().into())
}

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
pub(crate) struct Coding {
    /// The codes of a content, if it has the coding.
    pub(crate) read: fn(&[u8]) -> Option<Vec<u32>>,
    /// The content of these codes, if there is one.
    pub(crate) write: fn(&[u32]) -> Option<Vec<u8>>,
}

impl Coding {
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
    SIMPLER.iter().try_for_each(|simpler| simplify_runs_to(coding, trial, *simpler))
}

fn simplify_runs_to(
    coding: Coding,
    trial: &mut Trial,
    simpler: fn(u32) -> u32,
) -> Result<(), Stopped> {
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
    for simpler in SIMPLER.iter().map(|simpler| of_code(simpler(to_code(rank)))) {
        if simpler < rank && positions.len() > 1 && set(trial, simpler)? {
            return Ok(());
        }
    }
    largest(|n| match below(rank, n) {
        Some(rank) => set(trial, rank),
        None => Ok(false),
    })?;
    Ok(())
}

pub(crate) fn below(rank: u32, by: u128) -> Option<u32> {
    u32::try_from(by).ok().and_then(|by| rank.checked_sub(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_ranks_are_one_to_one() {
        assert!((0..2000).all(|rank| of_code(to_code(rank)) == rank));
        let first: Vec<u8> = (0..66).map(|rank| to_code(rank) as u8).collect();
        assert_eq!(
            String::from_utf8(first).unwrap(),
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ !\"#"
        );
    }
}
