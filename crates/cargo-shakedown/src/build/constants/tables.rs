//! Tables of words: what a keyword is looked up in, or a perfect hash leads to.

use std::collections::BTreeSet;

use super::image::Image;
use super::worth::is_word;

/// Most bytes of a table.
const MAX_TABLE: u64 = 64 << 10;

/// Most numbers between two words of a table: what the words stand for.
const MAX_GAP: usize = 4;

/// The words in the tables that begin at these addresses. A table ends where another begins, where
/// a place in a source file follows, and at pointers to anything but words.
pub(super) fn words(image: &Image<'_>, starts: &BTreeSet<u64>) -> BTreeSet<Vec<u8>> {
    let mut words = BTreeSet::new();
    for (&start, next) in starts.iter().zip(starts.iter().skip(1).map(Some).chain([None])) {
        let end = next.map_or(u64::MAX, |next| *next).min(start.saturating_add(MAX_TABLE));
        words.extend(table(image, start, end));
    }
    words
}

fn table(image: &Image<'_>, start: u64, end: u64) -> Vec<Vec<u8>> {
    let (mut words, mut at, mut gap) = (Vec::new(), start, 0);
    while at < end && gap <= MAX_GAP {
        if image.is_place(at) {
            break;
        }
        match image.pointer(at) {
            None if image.word(at).is_none() => break,
            None => (at, gap) = (at + 8, gap + 1),
            Some(text) => {
                let len = image.word(at + 8).and_then(|len| len.try_into().ok());
                let Some(word) = len.and_then(|len| image.constant(text, len)) else { break };
                if is_word(word) {
                    words.push(word.to_vec());
                }
                (at, gap) = (at + 16, 0);
            }
        }
    }
    // A single string is more often something to print.
    if words.len() < 2 { Vec::new() } else { words }
}

#[cfg(test)]
mod tests {
    use super::super::image::{Processor, Section};
    use super::*;

    const TEXTS: u64 = 0x1000;
    const TABLE: u64 = 0x2000;

    /// The words in a table of these pairs of a text and its length, with a number behind each.
    fn words_of(texts: &[u8], pairs: &[(u64, u64)], starts: &[u64]) -> Vec<Vec<u8>> {
        let cells = pairs.iter().flat_map(|(_, len)| [0, *len, 7]);
        let table: Vec<u8> = cells.flat_map(u64::to_le_bytes).collect();
        let sections = vec![
            Section { address: TEXTS, bytes: texts, is_constant: true },
            Section { address: TABLE, bytes: &table, is_constant: false },
        ];
        let mut image = Image::new(Processor::X86_64, sections);
        let places = (TABLE..).step_by(24);
        image.pointers = places.zip(pairs).map(|(at, (text, _))| (at, TEXTS + text)).collect();
        words(&image, &starts.iter().copied().collect()).into_iter().collect()
    }

    #[test]
    fn words_are_read_with_numbers_between_them() {
        let words = words_of(b"selecthaving", &[(0, 6), (6, 6)], &[TABLE]);
        assert_eq!(words, [b"having", b"select"]);
    }

    #[test]
    fn a_table_that_nothing_refers_to_is_not_read() {
        assert!(words_of(b"selecthaving", &[(0, 6), (6, 6)], &[0x1000]).is_empty());
    }

    #[test]
    fn a_table_ends_where_another_begins() {
        let pairs = [(0, 6), (6, 6), (0, 3)];
        let words = words_of(b"selecthaving", &pairs, &[TABLE, TABLE + 48]);
        assert_eq!(words, [b"having", b"select"]);
    }

    #[test]
    fn places_and_single_texts_are_no_words() {
        assert!(words_of(b"src/lib.rs", &[(0, 10), (4, 6)], &[TABLE]).is_empty());
        assert!(words_of(b"select", &[(0, 6)], &[TABLE]).is_empty());
    }
}
