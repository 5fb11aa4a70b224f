//! Alphabets: the characters that a text may hold, or the values that bytes may have.

use std::ops::RangeInclusive;

use super::edit::Content;
use super::rank::of_code;
use crate::rng::Rng;

/// The codes that are no characters.
const SURROGATES: RangeInclusive<u32> = 0xd800..=0xdfff;

/// A set of codes: of characters, or bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alphabet {
    /// First and last code of each run, ascending, with a gap between any two.
    runs: Vec<(u32, u32)>,
}

impl Alphabet {
    /// The bytes and characters below 128.
    #[must_use]
    pub fn ascii() -> Self {
        Self { runs: vec![(0, 127)] }
    }

    /// The codes in any of these ranges, but for the surrogates, which nothing can hold.
    #[must_use]
    pub fn new(ranges: impl IntoIterator<Item = RangeInclusive<u32>>) -> Self {
        let mut pieces = Vec::new();
        for range in ranges {
            let (first, last) = range.into_inner();
            pieces.push((first, last.min(SURROGATES.start() - 1)));
            pieces.push((first.max(SURROGATES.end() + 1), last));
        }
        pieces.retain(|(first, last)| first <= last);
        pieces.sort_unstable();
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for (first, last) in pieces {
            match runs.last_mut() {
                Some(run) if first <= run.1.saturating_add(1) => run.1 = run.1.max(last),
                _ => runs.push((first, last)),
            }
        }
        Self { runs }
    }

    /// The runs of codes, first and last, ascending.
    #[must_use]
    pub fn runs(&self) -> &[(u32, u32)] {
        &self.runs
    }

    /// The codes that both have.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let pairs = self.runs.iter().flat_map(|a| other.runs.iter().map(move |b| (a, b)));
        Self::new(pairs.map(|(a, b)| a.0.max(b.0)..=a.1.min(b.1)))
    }

    /// Whether it has any code, and none beyond `last`.
    pub(crate) fn is_sound(&self, last: u32) -> bool {
        *self == Self::new(self.runs.iter().map(|run| run.0..=run.1))
            && self.runs.last().is_some_and(|run| run.1 <= last)
    }

    /// Whether a code is one of it.
    #[inline]
    pub(crate) fn contains(&self, code: u32) -> bool {
        self.runs.iter().any(|(first, last)| (*first..=*last).contains(&code))
    }

    /// Whether all of a content, bytes or UTF-8, is of it.
    pub(crate) fn holds(&self, content: &[u8], is_text: bool) -> bool {
        match std::str::from_utf8(content) {
            Ok(text) if is_text => text.chars().all(|char| self.contains(char.into())),
            _ => !is_text && content.iter().all(|byte| self.contains((*byte).into())),
        }
    }

    /// The simplest code.
    pub(crate) fn simplest(&self) -> u32 {
        // Beyond ASCII, the first one of a run is the simplest.
        let of_run = |run: &(u32, u32)| run.0..=run.1.min(127).max(run.0);
        self.runs.iter().flat_map(of_run).min_by_key(|code| of_code(*code)).unwrap_or(0)
    }

    /// A random code.
    pub(crate) fn draw(&self, rng: &mut Rng) -> u32 {
        let count = |run: &(u32, u32)| (run.1 - run.0) as usize + 1;
        let mut left = rng.below(self.runs.iter().map(count).sum());
        for run in &self.runs {
            match left.checked_sub(count(run)) {
                Some(rest) => left = rest,
                None => return run.0 + left as u32,
            }
        }
        self.simplest()
    }

    /// A random character.
    pub(crate) fn draw_char(&self, rng: &mut Rng) -> char {
        char::from_u32(self.draw(rng)).unwrap_or_default()
    }

    /// Replaces what is foreign in a content by random codes of the alphabet. False if a bound on the
    /// length does not allow that.
    pub(crate) fn settle(&self, content: &mut Content, rng: &mut Rng) -> bool {
        if !content.is_text() {
            let bytes = content.bytes_mut().iter_mut();
            bytes
                .filter(|byte| !self.contains(u32::from(**byte)))
                .for_each(|byte| *byte = self.draw(rng) as u8);
            return true;
        }
        let mut at = 0;
        while let Some(char) = content.char_at(at) {
            let mut end = at + char.len_utf8();
            if !self.contains(char.into()) {
                let member = self.draw_char(rng);
                let piece = at..end;
                if content.replace(piece.clone(), member.encode_utf8(&mut [0; 4]).as_bytes()) {
                    end = at + member.len_utf8();
                } else if content.replace(piece, &[]) {
                    end = at;
                } else {
                    return false;
                }
            }
            at = end;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::Len;
    use super::super::edit::Buffer;
    use super::*;

    fn of(ranges: &[(char, char)]) -> Alphabet {
        Alphabet::new(ranges.iter().map(|(a, b)| u32::from(*a)..=u32::from(*b)))
    }

    #[test]
    fn ranges_are_put_together() {
        let digits = of(&[('5', '9'), ('0', '4'), ('x', 'x'), ('3', '6')]);
        assert_eq!(digits.runs(), [(0x30, 0x39), (0x78, 0x78)]);
        assert!(digits.is_sound(255) && !digits.is_sound(0x77));
        assert_eq!(of(&[('\0', '\u{10ffff}')]).runs(), [(0, 0xd7ff), (0xe000, 0x10_ffff)]);
        assert_eq!(digits.and(&of(&[('4', 'x')])).runs(), [(0x34, 0x39), (0x78, 0x78)]);
        assert!(!digits.and(&of(&[('a', 'b')])).is_sound(255));
        assert!(!Alphabet { runs: vec![(5, 9), (7, 12)] }.is_sound(255));
    }

    #[test]
    fn the_simplest_code_is_the_most_readable() {
        assert_eq!(of(&[(' ', '~')]).simplest(), u32::from('0'));
        assert_eq!(of(&[('!', '/'), ('k', 'm'), ('é', 'ü')]).simplest(), u32::from('k'));
        assert_eq!(of(&[('é', 'ü')]).simplest(), u32::from('é'));
    }

    #[test]
    fn what_is_foreign_becomes_a_member_within_the_bounds() {
        let settled = |alphabet: &Alphabet, text: &str, bounds| {
            let mut buf = vec![0; 4 + text.len() + 8];
            buf[4..4 + text.len()].copy_from_slice(text.as_bytes());
            let mut input = Buffer::new(&mut buf, 4 + text.len());
            let mut content = Content::new(&mut input, 4..4 + text.len(), bounds, true);
            let done = alphabet.settle(&mut content, &mut Rng::new(1));
            let text = std::str::from_utf8(content.bytes()).unwrap().to_owned();
            done.then_some(text)
        };
        let x = of(&[('x', 'x')]);
        assert_eq!(settled(&x, "axé", Len::ANY).as_deref(), Some("xxx"));
        assert_eq!(settled(&x, "é", Len { min: 2, max: 2 }), None);
        let greek = of(&[('α', 'α')]);
        assert_eq!(settled(&greek, "aα漢", Len::ANY).as_deref(), Some("ααα"));
        assert_eq!(settled(&greek, "αa", Len { min: 0, max: 3 }).as_deref(), Some("α"));
    }
}
