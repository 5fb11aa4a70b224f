//! Mutators of numbers written in decimal within bytes or text: sizes, indices and versions in
//! formats for people, which flips of single bits reach only by luck.

use std::io::Write;
use std::ops::Range;

use super::edit::Content;
use crate::mutate::sources::Sources;
use crate::rng::Rng;

/// How far from a random place a digit is looked for, in bytes; keeps the cost off long contents.
const MAX_REACH: usize = 32;

/// The longest number taken as one, in digits: as many as `u64::MAX` has.
const MAX_DIGITS: usize = 20;

/// Replaces a number by one near to it, or by one at the edge of some type.
pub(crate) fn change(content: &mut Content, sources: &mut Sources) -> bool {
    if content.len() == 0 {
        return false;
    }
    let from = sources.rng.below(content.len());
    let Some((range, old)) = find(content.bytes(), from) else { return false };
    let new = if sources.rng.one_in(2) { near(old, sources.rng) } else { edge(old, sources.rng) };
    sources.scratch.clear();
    // Writing to a vector cannot fail.
    write!(sources.scratch, "{new}").is_ok() && content.replace(range, sources.scratch)
}

/// A little more or less, the double, the half, the negative.
fn near(value: i128, rng: &mut Rng) -> i128 {
    match rng.below(8) {
        0 => value * 2,
        1 => value / 2,
        2 => -value,
        3..6 => value + 1 + rng.below(10) as i128,
        _ => value - 1 - rng.below(10) as i128,
    }
}

/// A number where types end, or next to one; or one digit more.
fn edge(value: i128, rng: &mut Rng) -> i128 {
    let power = 1i128 << [7, 8, 15, 16, 24, 31, 32, 53, 63, 64][rng.below(10)];
    match rng.below(8) {
        0 => 0,
        1 => 1,
        2 => -1,
        3 => -power,
        4 => -power - 1,
        5 => value * 10,
        6 => power,
        _ => power - 1,
    }
}

/// The number at or after `from`, with a sign before it.
fn find(bytes: &[u8], from: usize) -> Option<(Range<usize>, i128)> {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    // Most content has none, which is quickly seen of many bytes at once.
    if let Some(window) = bytes[from..].first_chunk::<MAX_REACH>()
        && !window.iter().fold(false, |any, byte| any | byte.is_ascii_digit())
    {
        return None;
    }
    let window = &bytes[from..bytes.len().min(from + MAX_REACH)];
    let mut start = from + window.iter().position(u8::is_ascii_digit)?;
    let first = start.saturating_sub(MAX_DIGITS - 1);
    while start > first && digit(start - 1) {
        start -= 1;
    }
    let end = (start..start + MAX_DIGITS).find(|at| !digit(*at)).unwrap_or(start + MAX_DIGITS);
    let value = bytes[start..end].iter().fold(0, |n, d| n * 10 + i128::from(d - b'0'));
    match start.checked_sub(1) {
        Some(sign) if bytes[sign] == b'-' => Some((sign..end, -value)),
        _ => Some((start..end, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::tests::outcomes;

    #[test]
    fn numbers_are_found_with_their_sign() {
        assert_eq!(find(b"ab -12.5", 0), Some((3..6, -12)));
        assert_eq!(find(b"ab -12.5", 5), Some((3..6, -12)));
        assert_eq!(find(b"ab -12.5", 6), Some((7..8, 5)));
        assert_eq!(find(b"abc", 0), None);
        let long = [b'9'; 50];
        assert_eq!(find(&long, 49), Some((30..50, 99_999_999_999_999_999_999)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "needs all of its cases")]
    fn numbers_move_by_little_or_to_an_edge() {
        let changed = outcomes(change, b"v=7", true);
        let near = ["v=8", "v=17", "v=6", "v=-3", "v=14", "v=3", "v=-7"];
        let edges = ["v=0", "v=255", "v=256", "v=-128", "v=18446744073709551615", "v=70"];
        for expected in near.into_iter().chain(edges) {
            assert!(changed.contains(expected.as_bytes()), "{expected}");
        }
        assert!(outcomes(change, b"none", true).is_empty());
    }
}
