//! What mutators draw from: the generator, the dictionary, another input, and a scratch buffer.

use std::ops::Range;

use super::draws::{Draws, MutatorId};
use crate::domain::edit::{ceil_char, floor_char};
use crate::hints::Hints;
use crate::rng::{Rng, scaled};

/// Byte strings that mean something to the target, of which mutators see the first ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary {
    all: Vec<Vec<u8>>,
    /// Positions in `all` of the tokens that are UTF-8.
    text: Vec<usize>,
    /// How many of `all` and of `text` mutators see.
    shown: usize,
    shown_text: usize,
}

impl Dictionary {
    /// These tokens, all shown. An empty one says nothing and is dropped.
    pub(crate) fn new(tokens: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut dictionary = Self::default();
        tokens
            .into_iter()
            .filter(|token| !token.is_empty())
            .for_each(|token| dictionary.add(token));
        dictionary.show(dictionary.all.len());
        dictionary
    }

    /// Adds a token that is not shown yet.
    pub(crate) fn add(&mut self, token: Vec<u8>) {
        if std::str::from_utf8(&token).is_ok() {
            self.text.push(self.all.len());
        }
        self.all.push(token);
    }

    /// Number of tokens, shown or not.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Has mutators see the first `count` tokens from now on.
    pub(crate) fn show(&mut self, count: usize) {
        self.shown = count.min(self.all.len());
        self.shown_text = self.text.partition_point(|at| *at < self.shown);
    }
}

/// What a mutator may use. Two equal ones make equal mutations.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    /// Every choice comes from here.
    pub(crate) rng: &'a mut Rng,
    /// Tokens of the user, and those that the campaign has learned.
    pub(crate) dictionary: &'a Dictionary,
    /// What is known of the comparisons that the input meets.
    pub(crate) hints: Hints<'a>,
    /// The content of a value of the same kind in another input; empty without one.
    pub(crate) donor: &'a [u8],
    /// How mutators of bytes and text are drawn.
    pub(crate) draws: &'a Draws,
    /// Which of them was the last.
    pub(crate) used: &'a mut MutatorId,
    /// For building what goes into the input.
    pub(crate) scratch: &'a mut Vec<u8>,
    /// For what is put back where a change is not allowed.
    pub(crate) before: &'a mut Vec<u8>,
}

impl<'a> Sources<'a> {
    /// Whether there are tokens, ones that are UTF-8 if `text`.
    #[inline]
    pub(crate) fn has_tokens(&self, text: bool) -> bool {
        (if text { self.dictionary.shown_text } else { self.dictionary.shown }) > 0
    }

    /// A random token, one that is UTF-8 if `text`.
    #[inline]
    pub(crate) fn token(&mut self, text: bool) -> Option<&'a [u8]> {
        let Dictionary { all, text: texts, shown, shown_text } = self.dictionary;
        let index = match text {
            true => *texts[..*shown_text].get(self.rng.below(*shown_text))?,
            false => self.rng.below(*shown),
        };
        all[..*shown].get(index).map(Vec::as_slice)
    }
}

/// A length from 1 to `max`, mostly short: 90 % up to 8, 9 % up to 32, 1 % any (the distribution
/// of Go's mutator). `max` is at least 1.
#[inline]
pub(crate) fn choose_len(rng: &mut Rng, max: usize) -> usize {
    let (percent, fraction) = rng.below_and_fraction(100);
    let limit = match percent {
        0..90 => 8,
        90..99 => 32,
        _ => max,
    };
    1 + scaled(fraction, limit.min(max))
}

/// A random part of `bytes`, in length as [`choose_len`] up to `max`; made longer to whole
/// characters if `text`. Nothing if there is none.
#[inline]
pub(crate) fn block(rng: &mut Rng, bytes: &[u8], max: usize, text: bool) -> Option<Range<usize>> {
    let max = max.min(bytes.len());
    if max == 0 {
        return None;
    }
    let len = choose_len(rng, max);
    let start = rng.below(bytes.len() - len + 1);
    match text {
        true => Some(floor_char(bytes, start)..ceil_char(bytes, start + len)),
        false => Some(start..start + len),
    }
}

/// Makes `copies` of `piece`, at least one, the content of `out`.
pub(crate) fn fill(out: &mut Vec<u8>, piece: &[u8], copies: usize) {
    let len = piece.len() * copies;
    out.clear();
    out.extend_from_slice(piece);
    while out.len() < len {
        let more = out.len().min(len - out.len());
        out.extend_from_within(..more);
    }
}

/// Calls `try_one` with random numbers below `count` until it says that it changed something: a
/// few draws first, then each number once. False if none did.
#[inline(always)]
pub(crate) fn attempt<'s>(
    count: u32,
    sources: &mut Sources<'s>,
    mut try_one: impl FnMut(usize, &mut Sources<'s>) -> bool,
) -> bool {
    let (index, _) = sources.rng.below_and_fraction(count);
    try_one(index as usize, sources) || attempt_again(count, sources, try_one)
}

/// What [`attempt`] does after the first draw, which mostly suffices.
#[cold]
#[inline(never)]
pub(crate) fn attempt_again<'s>(
    count: u32,
    sources: &mut Sources<'s>,
    mut try_one: impl FnMut(usize, &mut Sources<'s>) -> bool,
) -> bool {
    const DRAWS: usize = 3;
    for _ in 0..DRAWS {
        let (index, _) = sources.rng.below_and_fraction(count);
        if try_one(index as usize, sources) {
            return true;
        }
    }
    let count = count as usize;
    let first = sources.rng.below(count);
    (first..count).chain(0..first).any(|index| try_one(index, sources))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_follow_the_distribution() {
        let mut rng = Rng::new(1);
        let lens: Vec<usize> = (0..10_000).map(|_| choose_len(&mut rng, 1000)).collect();
        let up_to = |max| lens.iter().filter(|len| **len <= max).count();
        assert!(lens.iter().all(|len| (1..=1000).contains(len)));
        // 90 % + 9 % of 8/32 are short; 99 % and a little are at most 32.
        assert!((9000..9400).contains(&up_to(8)), "{}", up_to(8));
        assert!((9850..9950).contains(&up_to(32)), "{}", up_to(32));
        assert!((0..100).all(|_| choose_len(&mut rng, 1) == 1));
    }

    #[test]
    fn copies_fill_exactly() {
        let mut out = vec![9];
        for copies in 1..20 {
            fill(&mut out, b"abc", copies);
            assert_eq!(out, b"abc".repeat(copies));
        }
    }

    #[test]
    fn text_only_gets_tokens_that_are_text() {
        let dictionary = Dictionary::new([&b"\xff"[..], b"", b"yes"].map(<[u8]>::to_vec));
        let (mut rng, mut scratch) = (Rng::new(1), Vec::new());
        let mut sources = Sources {
            rng: &mut rng,
            dictionary: &dictionary,
            hints: Hints::default(),
            donor: &[],
            scratch: &mut scratch,
            before: &mut Vec::new(),
            draws: &Draws::even(),
            used: &mut MutatorId::OTHER.clone(),
        };
        assert!((0..50).all(|_| sources.token(true) == Some(b"yes")));
        assert!((0..50).any(|_| sources.token(false) == Some(b"\xff")));
    }

    #[test]
    fn only_the_tokens_shown_are_drawn() {
        let mut dictionary = Dictionary::new([b"a".to_vec(), b"\xff".to_vec()]);
        dictionary.add(b"b".to_vec());
        let drawn = |dictionary: &Dictionary, text| {
            let (mut rng, mut scratch) = (Rng::new(1), Vec::new());
            let mut sources = Sources {
                rng: &mut rng,
                dictionary,
                hints: Hints::default(),
                donor: &[],
                scratch: &mut scratch,
                before: &mut Vec::new(),
                draws: &Draws::even(),
                used: &mut MutatorId::OTHER.clone(),
            };
            let tokens = (0..50).filter_map(|_| sources.token(text));
            let tokens: std::collections::BTreeSet<_> = tokens.collect();
            assert_eq!(tokens.is_empty(), !sources.has_tokens(text));
            tokens.into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        assert_eq!(drawn(&dictionary, true), [b"a"]);
        assert_eq!(drawn(&dictionary, false), [b"a", b"\xff"]);
        dictionary.show(3);
        assert_eq!(drawn(&dictionary, true), [b"a", b"b"]);
        dictionary.show(0);
        assert!(drawn(&dictionary, true).is_empty() && drawn(&dictionary, false).is_empty());
    }

    #[test]
    fn every_number_is_tried_before_giving_up() {
        let dictionary = Dictionary::default();
        for seed in 0..100 {
            let (mut rng, mut scratch) = (Rng::new(seed), Vec::new());
            let mut sources = Sources {
                rng: &mut rng,
                dictionary: &dictionary,
                hints: Hints::default(),
                donor: &[],
                scratch: &mut scratch,
                before: &mut Vec::new(),
                draws: &Draws::even(),
                used: &mut MutatorId::OTHER.clone(),
            };
            assert!(attempt(50, &mut sources, |index, _| index == 7));
            assert!(!attempt(50, &mut sources, |_, _| false));
            assert!(!attempt(1, &mut sources, |_, _| false));
        }
    }
}
