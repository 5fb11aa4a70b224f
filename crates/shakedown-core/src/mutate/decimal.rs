//! Mutators of numbers written in decimal within bytes or text: sizes, indices and versions in
//! formats for people, which flips of single bits reach only by luck.

use std::io::Write;
use std::ops::Range;

use super::edit::Content;
use super::sources::Sources;
use crate::rng::Rng;

/// How far from a random place a digit is looked for, in bytes; keeps the cost off long contents.
const REACH: usize = 64;

/// The longest number taken as one, in digits: as many as `u64::MAX` has.
const DIGITS: usize = 20;

/// Adds or takes a little, doubles, halves, or negates.
pub(super) fn step(content: &mut Content, sources: &mut Sources) -> bool {
    change(content, sources, |rng, value| match rng.below(8) {
        0 => value * 2,
        1 => value / 2,
        2 => -value,
        3..6 => value + 1 + rng.below(10) as i128,
        _ => value - 1 - rng.below(10) as i128,
    })
}

/// Puts a number at the edge of some type in its place.
pub(super) fn boundary(content: &mut Content, sources: &mut Sources) -> bool {
    change(content, sources, |rng, value| {
        let power = 1i128 << [7, 8, 15, 16, 24, 31, 32, 53, 63, 64][rng.below(10)];
        match rng.below(8) {
            0 => 0,
            1 => 1,
            2 => -1,
            3 => -power,
            4 => -power - 1,
            5 => value.saturating_mul(10),
            6 => power,
            _ => power - 1,
        }
    })
}

/// Replaces a number by what `new` makes of it.
fn change(
    content: &mut Content,
    sources: &mut Sources,
    new: impl Fn(&mut Rng, i128) -> i128,
) -> bool {
    if content.len() == 0 {
        return false;
    }
    let from = sources.rng.below(content.len());
    let Some((range, value)) = find(content.bytes(), from) else { return false };
    sources.scratch.clear();
    let value = new(sources.rng, value);
    write!(sources.scratch, "{value}").is_ok() && content.replace(range, sources.scratch)
}

/// The number at or after `from`, with a sign before it.
fn find(bytes: &[u8], from: usize) -> Option<(Range<usize>, i128)> {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let window = &bytes[from..bytes.len().min(from + REACH)];
    let mut start = from + window.iter().position(u8::is_ascii_digit)?;
    let first = start.saturating_sub(DIGITS - 1);
    while start > first && digit(start - 1) {
        start -= 1;
    }
    let end = (start..start + DIGITS).find(|at| !digit(*at)).unwrap_or(start + DIGITS);
    let value = bytes[start..end].iter().fold(0, |n, d| n * 10 + i128::from(d - b'0'));
    match start.checked_sub(1) {
        Some(sign) if bytes[sign] == b'-' => Some((sign..end, -value)),
        _ => Some((start..end, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::outcomes;
    use super::*;

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
    fn numbers_move_by_little_or_to_an_edge() {
        let stepped = outcomes(step, b"v=7", true);
        for expected in ["v=8", "v=17", "v=6", "v=-3", "v=14", "v=3", "v=-7"] {
            assert!(stepped.contains(expected.as_bytes()), "{expected}");
        }
        let edges = outcomes(boundary, b"x7", true);
        for expected in ["x0", "x255", "x256", "x-128", "x18446744073709551615", "x70"] {
            assert!(edges.contains(expected.as_bytes()), "{expected}");
        }
        assert!(outcomes(step, b"none", true).is_empty());
    }
}
