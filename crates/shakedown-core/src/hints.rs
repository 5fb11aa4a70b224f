//! What the comparisons of one execution say about its input: pairs of a value that the input led
//! to and one that it was compared with.
//!
//! A worker records the comparisons of an execution as [`Comparison`]s; the campaign makes of them
//! the hints of the entry, once, as bytes ([`encode`]); a visit to the entry carries these, and
//! mutators read them as [`Hints`]. So nothing that a worker learns changes its mutations by itself.
//!
//! The idea is that of REDQUEEN (C. Aschermann et al., "REDQUEEN: Fuzzing with Input-to-State
//! Correspondence", NDSS 2019): a compared value is often in the input as it is.

use std::collections::HashSet;

/// Most hints of an entry.
const MAX_HINTS: usize = 64;

/// Most bytes of either side of a comparison of memory.
pub const MAX_SIDE: usize = 64;

/// Integers within this distance of 0 or of the end of their width say little alone.
const SMALL: u64 = 256;

/// A comparison whose sides differed, or one that tells something although they did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Of two integers.
    Ints {
        /// Width in bytes: 1, 2, 4 or 8.
        width: u8,
        /// Whether `left` is a constant of the program.
        is_const: bool,
        /// One side.
        left: u64,
        /// The other.
        right: u64,
    },
    /// Of two pieces of memory of one length, both cut to [`MAX_SIDE`].
    Memory {
        /// One side.
        left: Vec<u8>,
        /// The other.
        right: Vec<u8>,
    },
    /// Of equal sides that were both computed or read, as they lie in memory, and unlike what is
    /// compared all the time: one of them may be the sum of other bytes.
    Same(Vec<u8>),
}

/// Whether equal integers of a width in bytes are worth a [`Comparison::Same`].
#[must_use]
pub fn is_telling(width: u8, is_const: bool, value: u64) -> bool {
    match is_const {
        true => width >= 4 && is_all_ones(width, value),
        // Keys, lengths and positions are compared all the time; of sums, one in 256 is so small.
        false => width >= 4 && says_something(width, value) && value >> (8 * width - 8) != 0,
    }
}

/// Whether all bits are set. The complement of a sum is compared as `sum ^ stored == !0`, which shows
/// neither of both.
pub(crate) fn is_all_ones(width: u8, value: u64) -> bool {
    value == u64::MAX >> (64 - 8 * u32::from(width))
}

/// Whether equal pieces of memory are worth a [`Comparison::Same`]: words that are compared are mostly
/// text.
#[must_use]
pub fn is_telling_memory(bytes: &[u8]) -> bool {
    (4..=MAX_SIDE).contains(&bytes.len())
        && !is_text(bytes)
        && bytes.iter().any(|it| *it != bytes[0])
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'))
}

/// Leaves out equal sides that do not lie in the input in either order, unless they show nothing of what
/// was read.
pub fn retain_what_lies_in(input: &[u8], comparisons: &mut Vec<Comparison>) {
    let lies_there = |bytes: &[u8]| input.windows(bytes.len().max(1)).any(|part| part == bytes);
    comparisons.retain(|comparison| match comparison {
        Comparison::Same(bytes) => {
            bytes.iter().all(|byte| *byte == 0xff)
                || lies_there(bytes)
                || lies_there(&bytes.iter().rev().copied().collect::<Vec<_>>())
        }
        _ => true,
    });
}

/// The hints of what may be a sum that is wrong now: sides that are no constants and tell something, both
/// ways, and complements.
pub(crate) fn of_sums(comparisons: &[Comparison]) -> Vec<u8> {
    let are_sums = |comparison: &&Comparison| match comparison {
        Comparison::Ints { width, is_const, left, right } => {
            let is_sum = says_something(*width, *right) && *width > 1;
            let is_other = match is_const {
                true => is_telling(*width, true, *left),
                false => says_something(*width, *left),
            };
            is_sum && is_other
        }
        Comparison::Memory { left, right } => is_telling_memory(left) && is_telling_memory(right),
        Comparison::Same(_) => false,
    };
    let sums: Vec<Comparison> = comparisons.iter().filter(are_sums).cloned().collect();
    encode(&sums)
}

/// What an input led to, and what it was compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint<'a> {
    /// Integers of a width in bytes.
    Int {
        /// Width of the comparison.
        width: u8,
        /// What the input led to.
        live: u64,
        /// What would make it equal.
        wanted: u64,
    },
    /// Pieces of memory of one length.
    Memory {
        /// What the input led to.
        live: &'a [u8],
        /// What would make it equal.
        wanted: &'a [u8],
    },
}

/// The hints of an entry, the best first.
#[must_use]
pub fn encode(comparisons: &[Comparison]) -> Vec<u8> {
    let mut seen = HashSet::new();
    let mut hints = Vec::new();
    // What tells most comes first: pieces of memory, then constants, then what is neither.
    for rank in 0..3 {
        for comparison in comparisons {
            for hint in of(comparison).into_iter().flatten().filter(|hint| hint.rank == rank) {
                if hints.len() < MAX_HINTS && seen.insert(hint.bytes.clone()) {
                    hints.push(hint.bytes);
                }
            }
        }
    }
    hints.concat()
}

/// A hint as it is encoded, and how little it is expected to tell.
struct Ranked {
    rank: u8,
    bytes: Vec<u8>,
}

/// The hints of a comparison: both ways, where neither side is known to be a constant.
fn of(comparison: &Comparison) -> [Option<Ranked>; 2] {
    match comparison {
        Comparison::Ints { width, is_const, left, right } => {
            let (width, left, right) = narrowed(*width, *left, *right);
            let is_telling = says_something(width, left) || says_something(width, right);
            let hint = |live: u64, wanted: u64, rank| Ranked {
                rank,
                bytes: [&[width][..], &live.to_le_bytes(), &wanted.to_le_bytes()].concat(),
            };
            // Small numbers may still be lengths, so they come last.
            let rank = if !is_telling { 2 } else { u8::from(!is_const) + 1 };
            let other = (!is_const).then(|| hint(left, right, 2));
            [Some(hint(right, left, rank)), other]
        }
        Comparison::Memory { left, right } => {
            let hint = |live: &[u8], wanted: &[u8]| Ranked {
                rank: 0,
                bytes: [&[0, live.len() as u8][..], live, wanted].concat(),
            };
            [Some(hint(left, right)), Some(hint(right, left))]
        }
        Comparison::Same(_) => [None, None],
    }
}

/// The sides as the narrowest integers that hold both; what both are shifted by is shifted out, as
/// the tag of an enum around a payload shifts it.
fn narrowed(width: u8, left: u64, right: u64) -> (u8, u64, u64) {
    let shift = (left | right).trailing_zeros() / 8 * 8;
    let (left, right) = match left == 0 || right == 0 || shift >= 64 {
        true => (left, right),
        false => (left >> shift, right >> shift),
    };
    let most = left.max(right);
    let narrow =
        [1u8, 2, 4, 8].into_iter().find(|width| *width == 8 || most < 1 << (8 * u32::from(*width)));
    (narrow.unwrap_or(8).min(width), left, right)
}

/// Whether an integer is unlike what programs compare all the time.
fn says_something(width: u8, value: u64) -> bool {
    let end = u64::MAX >> (64 - 8 * u32::from(width));
    value >= SMALL && value <= end.saturating_sub(SMALL) && !value.is_power_of_two()
}

/// The hints of an entry, where they lie encoded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    bytes: &'a [u8],
    starts: &'a [u32],
}

/// Where each hint begins in encoded ones; kept between uses so that nothing is allocated.
#[derive(Clone, Debug, Default)]
pub struct HintIndex(Vec<u32>);

impl HintIndex {
    /// Becomes the index of these hints; what follows the first malformed one is left out.
    pub fn rebuild(&mut self, bytes: &[u8]) {
        self.0.clear();
        let mut at = 0;
        while let Some(len) = hint_len(&bytes[at..]) {
            self.0.push(at as u32);
            at += len;
        }
    }

    /// The hints in the bytes that it was made of.
    #[must_use]
    pub fn of<'a>(&'a self, bytes: &'a [u8]) -> Hints<'a> {
        Hints { bytes, starts: &self.0 }
    }
}

/// Length of the hint that these bytes begin with, if they do.
fn hint_len(bytes: &[u8]) -> Option<usize> {
    let len = match *bytes {
        [1 | 2 | 4 | 8, ..] => 17,
        [0, side, ..] => 2 + 2 * usize::from(side),
        _ => return None,
    };
    (bytes.len() >= len).then_some(len)
}

impl<'a> Hints<'a> {
    /// Number of hints.
    #[inline]
    #[must_use]
    pub fn len(self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    #[inline]
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.starts.is_empty()
    }

    /// The hint at this position.
    ///
    /// # Panics
    /// If there are not as many.
    #[must_use]
    pub fn get(self, index: usize) -> Hint<'a> {
        let bytes = &self.bytes[self.starts[index] as usize..];
        match bytes[0] {
            0 => {
                let side = usize::from(bytes[1]);
                Hint::Memory { live: &bytes[2..2 + side], wanted: &bytes[2 + side..2 + 2 * side] }
            }
            width => {
                let number = |at: usize| {
                    bytes[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
                };
                Hint::Int { width, live: number(1), wanted: number(9) }
            }
        }
    }

    /// All hints.
    pub fn iter(self) -> impl Iterator<Item = Hint<'a>> {
        (0..self.len()).map(move |index| self.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(width: u8, is_const: bool, left: u64, right: u64) -> Comparison {
        Comparison::Ints { width, is_const, left, right }
    }

    fn hints(comparisons: &[Comparison], check: impl Fn(&[Hint<'_>])) {
        let bytes = encode(comparisons);
        let mut index = HintIndex::default();
        index.rebuild(&bytes);
        check(&index.of(&bytes).iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_constant_is_wanted_and_other_sides_both_ways() {
        hints(&[ints(4, true, 0xdead_beef, 7)], |hints| {
            assert_eq!(hints, [Hint::Int { width: 4, live: 7, wanted: 0xdead_beef }]);
        });
        hints(&[ints(4, false, 0xdead_beef, 0xbeef_dead)], |hints| assert_eq!(hints.len(), 2));
        let memory = Comparison::Memory { left: b"GET".into(), right: b"PUT".into() };
        hints(&[ints(4, true, 0xdead_beef, 7), memory], |hints| {
            assert_eq!(hints[0], Hint::Memory { live: b"GET", wanted: b"PUT" });
            assert_eq!(hints[1], Hint::Memory { live: b"PUT", wanted: b"GET" });
            assert_eq!(hints.len(), 3);
        });
    }

    #[test]
    fn common_shifts_and_widths_are_taken_out() {
        hints(&[ints(8, true, 0x1234_5678 << 32, 0x11 << 32)], |hints| {
            assert_eq!(hints, [Hint::Int { width: 4, live: 0x11, wanted: 0x1234_5678 }]);
        });
        hints(&[ints(8, true, 0x1234, 0x99)], |hints| {
            assert_eq!(hints, [Hint::Int { width: 2, live: 0x99, wanted: 0x1234 }]);
        });
    }

    #[test]
    fn equal_hints_are_one_and_there_are_not_too_many() {
        hints(&vec![ints(4, true, 0xdead_beef, 7); 9], |hints| assert_eq!(hints.len(), 1));
        let many: Vec<_> = (0..1000).map(|at| ints(4, true, 0xdead_0001 + at, 7)).collect();
        hints(&many, |hints| assert_eq!(hints.len(), MAX_HINTS));
    }

    #[test]
    fn malformed_hints_are_left_out() {
        let mut index = HintIndex::default();
        let good = encode(&[ints(4, true, 0xdead_beef, 7)]);
        for (bytes, count) in
            [(vec![3; 40], 0), ([&good[..], &[0, 9, 1]].concat(), 1), (good[..9].to_vec(), 0)]
        {
            index.rebuild(&bytes);
            assert_eq!(index.of(&bytes).len(), count);
        }
    }
}
