//! Characters: any Unicode scalar value.

use std::cmp::Ordering;

use super::rank::{below, of_code, simpler, to_code};
use super::trial::{Stopped, Trial, largest};
use crate::hints::Hint;
use crate::mutate::sources::{Sources, attempt};
use crate::rng::Rng;

/// Characters that programs treat specially, or forget to.
pub(crate) static INTERESTING: [char; 56] = [
    // Control characters, white space, and the marks of most grammars.
    '\0',
    '\t',
    '\n',
    '\r',
    '\x1b',
    '\x7f',
    ' ',
    '"',
    '\'',
    '\\',
    '/',
    '%',
    '&',
    '<',
    '>',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '-',
    '+',
    '.',
    ',',
    ':',
    ';',
    '=',
    '#',
    '*',
    '0',
    '1',
    '9',
    // Letters that change length or leave ASCII with their case; digits and spaces outside ASCII.
    'ß',
    'İ',
    'ı',
    'ſ',
    'ς',
    'ﬀ',
    '٣',
    '\u{a0}',
    '\u{3000}',
    // Combining, joining, and those that turn the direction.
    '\u{301}',
    '\u{200d}',
    '\u{200b}',
    '\u{202e}',
    '\u{2028}',
    '\u{feff}',
    '\u{fffd}',
    // First and last of each length in UTF-8, and the neighbours of the surrogates.
    '\u{80}',
    '\u{7ff}',
    '\u{800}',
    '\u{d7ff}',
    '\u{e000}',
    '😀',
    '\u{10ffff}',
];

/// A random character: usually printable ASCII, often an interesting one, sometimes any.
pub(crate) fn random_char(rng: &mut Rng) -> char {
    match rng.below(8) {
        0..5 => (b' ' + rng.below(95) as u8) as char,
        5..7 => INTERESTING[rng.below(INTERESTING.len())],
        _ => any_char(rng),
    }
}

/// Any character, each length in UTF-8 equally likely.
pub(crate) fn any_char(rng: &mut Rng) -> char {
    let code = match rng.below(4) {
        0 => rng.below(0x80),
        1 => 0x80 + rng.below(0x780),
        2 => 0x800 + rng.below(0xf800),
        _ => 0x1_0000 + rng.below(0x10_0000),
    };
    char::from_u32(code as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The character with the code `step` away, past the surrogates and around at the ends.
pub(crate) fn stepped(char: char, step: i32) -> char {
    const COUNT: i32 = 0x11_0000 - 0x800;
    let code = u32::from(char) as i32;
    let rank = if code > 0xdfff { code - 0x800 } else { code };
    let rank = (rank + step).rem_euclid(COUNT);
    let code = if rank > 0xd7ff { rank + 0x800 } else { rank };
    char::from_u32(code as u32).unwrap_or(char)
}

/// Appends a character in UTF-8.
pub(crate) fn push_char(out: &mut Vec<u8>, char: char) {
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Stores a random character.
pub(crate) fn draw(value: &mut [u8], sources: &mut Sources) {
    value.copy_from_slice(&u32::from(random_char(sources.rng)).to_le_bytes());
}

/// Checks a code.
pub(crate) fn check(value: &[u8]) -> Result<(), &'static str> {
    if char::from_u32(read(value)).is_some() { Ok(()) } else { Err("not a char") }
}

/// Gives a character, stored as a `u32`, another value.
pub(crate) fn change(stored: &mut [u8], sources: &mut Sources) -> bool {
    let Some(old) = stored.first_chunk().and_then(|b| char::from_u32(u32::from_le_bytes(*b)))
    else {
        return false;
    };
    if !sources.hints.is_empty() && sources.rng.one_in(4) && by_hint(old, stored, sources) {
        return true;
    }
    attempt(5, sources, |index, sources| {
        let rng = &mut *sources.rng;
        let new = match index {
            0 => stepped(old, 1 + rng.below(8) as i32),
            1 => stepped(old, -1 - rng.below(8) as i32),
            2 => INTERESTING[rng.below(INTERESTING.len())],
            3 => random_char(rng),
            _ => any_char(rng),
        };
        stored.copy_from_slice(&u32::from(new).to_le_bytes());
        new != old
    })
}

/// The codes that a hint makes of one: what is wanted where it is live, else as far from it as what is
/// wanted is from what is live.
pub(crate) fn solve(code: u32, hint: Hint<'_>) -> [Option<u32>; 2] {
    let Hint::Int { live, wanted, .. } = hint else { return [None, None] };
    let valid = |code: u64| char::from_u32(u32::try_from(code).ok()?).map(u32::from);
    let equal = if live == u64::from(code) { valid(wanted) } else { None };
    [equal, valid(u64::from(code).wrapping_add(wanted.wrapping_sub(live)))]
}

/// Stores the character that a random hint makes of one.
fn by_hint(old: char, stored: &mut [u8], sources: &mut Sources) -> bool {
    let hint = sources.hints.get(sources.rng.below(sources.hints.len()));
    let [equal, distant] = solve(old.into(), hint);
    let Some(new) = equal.or(distant).filter(|new| *new != u32::from(old)) else { return false };
    stored.copy_from_slice(&new.to_le_bytes());
    true
}

/// The code of a character, as stored.
pub(crate) fn read(value: &[u8]) -> u32 {
    u32::from_le_bytes(value[..4].try_into().expect("four bytes"))
}

/// The rank of a single character: unlike within text, the default comes first.
fn rank(code: u32) -> u32 {
    if code == 0 { 0 } else { 1 + of_code(code) }
}

/// Which of two characters is simpler.
pub(crate) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    rank(read(a)).cmp(&rank(read(b)))
}

/// Lowers the rank of a single `char` argument, field or element.
pub(crate) fn simplify(trial: &mut Trial) -> Result<(), Stopped> {
    let code = read(trial.value());
    for simpler in simpler(code) {
        if rank(simpler) < rank(code) && trial.replace(&simpler.to_le_bytes())? {
            break;
        }
    }
    let code = read(trial.value());
    if code == 0 {
        return Ok(());
    }
    largest(|n| match below(of_code(code), n) {
        Some(rank) => trial.replace(&to_code(rank).to_le_bytes()),
        None => Ok(false),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::outcomes;
    use super::*;

    #[test]
    fn characters_stay_characters() {
        for start in ['\0', '\u{d7ff}', '\u{10ffff}'] {
            let seen = outcomes(u32::from(start).to_le_bytes(), change);
            assert!(seen.iter().all(|code| char::from_u32(u32::from_le_bytes(*code)).is_some()));
            assert!(seen.contains(&u32::from(stepped(start, 1)).to_le_bytes()));
        }
    }
}
