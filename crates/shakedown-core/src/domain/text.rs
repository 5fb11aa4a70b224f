//! Texts: UTF-8 whose length is within bounds, of any characters or of an alphabet, or what a pattern
//! describes. Mutators write UTF-8, and write it between characters, so a text never has to be
//! validated again.

use std::ops::Range;

use super::Len;
use super::alphabet::Alphabet;
use super::blocks::{ContentMutator, Named};
use super::character::{INTERESTING, push_char, random_char, stepped};
use super::codes::{self, CHARS, Coding, MAX_SINGLES, Way};
use super::content::{FOR_ALL, change_within, draw_token, functions, joined, mutate_by, names};
use super::edit::{Buffer, Content};
use super::pattern::{self, Pattern};
use super::trial::{Stopped, Trial};
use crate::mutate::draws::TEXT_MUTATORS;
use crate::mutate::sources::{Sources, block, choose_len, fill};
use crate::rng::Rng;

/// The texts that a value may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Bounds on the length in bytes.
    pub len: Len,
    /// Which characters there may be; all of them without one.
    pub alphabet: Option<Alphabet>,
    /// What the text is as a whole. It says all, so there are neither bounds nor an alphabet then.
    pub pattern: Option<Pattern>,
}

impl Text {
    /// Any text.
    pub const ANY: Self = Self::of_len(Len::ANY);

    /// Any text of a length within the bounds.
    #[must_use]
    pub const fn of_len(len: Len) -> Self {
        Self { len, alphabet: None, pattern: None }
    }

    /// The texts of a pattern.
    #[must_use]
    pub const fn of_pattern(pattern: Pattern) -> Self {
        Self { len: Len::ANY, alphabet: None, pattern: Some(pattern) }
    }

    /// Whether there is any such text.
    pub(crate) fn is_sound(&self) -> bool {
        if self.pattern.is_some() {
            return self.len == Len::ANY && self.alphabet.is_none();
        }
        let fits = |alphabet: &Alphabet| {
            alphabet.is_sound(char::MAX.into()) && self.len.contains(self.simplest_len())
        };
        self.len.is_sound() && self.alphabet.as_ref().is_none_or(fits)
    }

    /// The simplest character.
    fn simplest_char(&self) -> char {
        let code = self.alphabet.as_ref().map(Alphabet::simplest);
        code.and_then(char::from_u32).unwrap_or('0')
    }

    /// The length of the simplest text: as many of the simplest character as there must be.
    fn simplest_len(&self) -> usize {
        (self.len.min as usize).next_multiple_of(self.simplest_char().len_utf8())
    }

    /// Appends the encoding of the simplest text.
    pub(crate) fn write_simplest(&self, out: &mut Vec<u8>) {
        if let Some(pattern) = &self.pattern {
            let text = pattern.simplest();
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
            return;
        }
        let (char, len) = (self.simplest_char(), self.simplest_len());
        out.extend_from_slice(&(len as u32).to_le_bytes());
        (0..len / char.len_utf8()).for_each(|_| push_char(out, char));
    }
}

/// Checks a content of allowed length.
pub(crate) fn check(text: &Text, content: &[u8]) -> Result<(), &'static str> {
    let chars = std::str::from_utf8(content).map_err(|_| "not UTF-8")?;
    match (&text.pattern, &text.alphabet) {
        (Some(pattern), _) => pattern::check(pattern, chars),
        (_, Some(alphabet)) if !alphabet.holds(content, true) => Err("a character is not allowed"),
        _ => Ok(()),
    }
}

/// Appends a random text of `count` bytes to the scratch buffer; a little longer if the alphabet has
/// none of that length.
pub(crate) fn draw(text: &Text, count: usize, sources: &mut Sources) {
    if let Some(pattern) = &text.pattern {
        return pattern::draw(pattern, count, sources.scratch, sources.rng);
    }
    let end = sources.scratch.len() + count;
    if let Some(alphabet) = &text.alphabet {
        while sources.scratch.len() < end {
            let char = alphabet.draw_char(sources.rng);
            let fits = sources.scratch.len() + char.len_utf8() <= end;
            push_char(sources.scratch, if fits { char } else { text.simplest_char() });
        }
        return;
    }
    draw_token(count, true, sources);
    while sources.scratch.len() < end {
        let char = random_char(sources.rng);
        let fits = sources.scratch.len() + char.len_utf8() <= end;
        push_char(sources.scratch, if fits { char } else { '0' });
    }
}

/// Changes the text at `range` of an input, after its count.
#[inline(always)]
pub(crate) fn change(
    text: &Text,
    input: &mut Buffer,
    range: Range<usize>,
    sources: &mut Sources,
) -> bool {
    let mut content = Content::new(input, range, text.len, true);
    let any = |content: &mut Content, sources: &mut Sources| {
        mutate_by(&ALL, REPLACE_CHAR, content, sources)
    };
    match &text.pattern {
        Some(pattern) => pattern::change(pattern, &mut content, sources, any),
        None => change_within(text.alphabet.as_ref(), &mut content, sources, any),
    }
}

/// Makes a text simpler.
pub(crate) fn simplify(text: &Text, way: Way, trial: &mut Trial) -> Result<(), Stopped> {
    if let Some(pattern) = &text.pattern {
        return pattern::simplify(pattern, way, trial);
    }
    let coding = Coding { alphabet: text.alphabet.as_ref(), ..CHARS };
    match way {
        Way::Runs => codes::simplify_runs(coding, trial),
        Way::SpellOut => spell_out(trial),
        Way::Items => codes::lower_items(coding, trial),
        Way::EqualItems => codes::lower_equal_items(coding, trial),
    }
}

/// All mutators of text.
static ALL: [ContentMutator; TEXT_MUTATORS] = functions(&joined(&TEXT));

/// What they are called.
pub(crate) static NAMES: [&str; TEXT_MUTATORS] = names(&joined(&TEXT));

const _: () = assert!(TEXT.len() + FOR_ALL == TEXT_MUTATORS);

/// Mutators for text alone.
pub(crate) const TEXT: [Named; 8] = [
    ("insert-chars", insert_chars),
    ("insert-run", insert_run),
    ("replace-char", replace_char),
    ("interesting-char", replace_interesting),
    ("step-char", step_char),
    ("change-case", change_case),
    ("swap-chars", swap_chars),
    ("shuffle-chars", shuffle_chars),
];

/// Index of [`replace_char`].
const REPLACE_CHAR: usize = 2;

/// The longest insertion of random characters, and of one repeated, in characters.
const MAX_CHARS: usize = 256;
const MAX_RUN: usize = 4096;

/// The longest piece that is shuffled, in bytes; so it is also the most characters.
const MAX_SHUFFLE: usize = 8;

/// The characters of a part of the content that is cut between characters.
fn part<'c>(content: &'c Content, range: Range<usize>) -> &'c str {
    std::str::from_utf8(&content.bytes()[range]).unwrap_or_default()
}

/// A random character, and its range.
fn random_item(content: &Content, rng: &mut Rng) -> Option<(Range<usize>, char)> {
    let start = content.floor(rng.below(content.len()));
    let end = content.ceil((start + 1).min(content.len()));
    let char = part(content, start..end).chars().next()?;
    Some((start..end, char))
}

/// Replaces a character.
fn replace(content: &mut Content, range: Range<usize>, char: char) -> bool {
    content.replace(range, char.encode_utf8(&mut [0; 4]).as_bytes())
}

/// Inserts random characters.
fn insert_chars(content: &mut Content, sources: &mut Sources) -> bool {
    let room = content.room();
    if room == 0 {
        return false;
    }
    let count = choose_len(sources.rng, room.min(MAX_CHARS));
    sources.scratch.clear();
    for _ in 0..count {
        let char = random_char(sources.rng);
        if sources.scratch.len() + char.len_utf8() <= room {
            push_char(sources.scratch, char);
        }
    }
    content.insert(sources.rng.below(content.len() + 1), sources.scratch)
}

/// Inserts one character several times.
fn insert_run(content: &mut Content, sources: &mut Sources) -> bool {
    let char = random_char(sources.rng);
    let most = content.room().min(MAX_RUN) / char.len_utf8();
    if most == 0 {
        return false;
    }
    let copies = choose_len(sources.rng, most);
    fill(sources.scratch, char.encode_utf8(&mut [0; 4]).as_bytes(), copies);
    content.insert(sources.rng.below(content.len() + 1), sources.scratch)
}

/// Replaces a character by a random one.
pub(crate) fn replace_char(content: &mut Content, sources: &mut Sources) -> bool {
    let Some((range, _)) = random_item(content, sources.rng) else { return false };
    replace(content, range, random_char(sources.rng))
}

/// Replaces a character by an interesting one.
fn replace_interesting(content: &mut Content, sources: &mut Sources) -> bool {
    let Some((range, _)) = random_item(content, sources.rng) else { return false };
    replace(content, range, INTERESTING[sources.rng.below(INTERESTING.len())])
}

/// Moves a character up or down in the code table, or flips a bit of it where it is ASCII.
fn step_char(content: &mut Content, sources: &mut Sources) -> bool {
    let Some((range, char)) = random_item(content, sources.rng) else { return false };
    let new = match (u8::try_from(char), sources.rng.below(4)) {
        (Ok(ascii @ 0..128), 0..2) => (ascii ^ (1 << sources.rng.below(7))) as char,
        (_, choice) => {
            let step = 1 + sources.rng.below(8) as i32;
            stepped(char, if choice & 1 == 0 { step } else { -step })
        }
    };
    replace(content, range, new)
}

/// Turns upper case to lower and lower to upper in a piece.
fn change_case(content: &mut Content, sources: &mut Sources) -> bool {
    let Some(range) = block(sources.rng, content.bytes(), usize::MAX, true) else { return false };
    sources.scratch.clear();
    for char in part(content, range.clone()).chars() {
        match char.is_uppercase() {
            _ if char.is_ascii() => {
                let flipped =
                    if char.is_ascii_alphabetic() { char as u8 ^ 0x20 } else { char as u8 };
                sources.scratch.push(flipped);
            }
            true => char.to_lowercase().for_each(|c| push_char(sources.scratch, c)),
            false => char.to_uppercase().for_each(|c| push_char(sources.scratch, c)),
        }
    }
    content.replace(range, sources.scratch)
}

/// Swaps two characters next to each other.
fn swap_chars(content: &mut Content, sources: &mut Sources) -> bool {
    let Some((first, one)) = random_item(content, sources.rng) else { return false };
    if first.end == content.len() {
        return false;
    }
    let end = content.ceil(first.end + 1);
    let Some(two) = part(content, first.end..end).chars().next() else { return false };
    sources.scratch.clear();
    push_char(sources.scratch, two);
    push_char(sources.scratch, one);
    content.replace(first.start..end, sources.scratch)
}

/// Brings a few characters into a random order.
fn shuffle_chars(content: &mut Content, sources: &mut Sources) -> bool {
    let Some(range) = block(sources.rng, content.bytes(), MAX_SHUFFLE, true) else { return false };
    let mut chars = ['\0'; MAX_SHUFFLE];
    let mut count = 0;
    for (slot, char) in chars.iter_mut().zip(part(content, range.clone()).chars()) {
        *slot = char;
        count += 1;
    }
    for last in (1..count).rev() {
        chars.swap(last, sources.rng.below(last + 1));
    }
    sources.scratch.clear();
    chars[..count].iter().for_each(|char| push_char(sources.scratch, *char));
    content.replace(range, sources.scratch)
}

/// Spells chars of several bytes out as that many zeros: where only the length in bytes counts,
/// that is what a person would have written.
fn spell_out(trial: &mut Trial) -> Result<(), Stopped> {
    let Some(mut codes) = CHARS.codes(trial) else { return Ok(()) };
    let mut at = 0;
    while at < codes.len().min(MAX_SINGLES) {
        let bytes = char::from_u32(codes[at]).map_or(1, char::len_utf8);
        if bytes > 1 {
            let mut changed = codes.clone();
            changed.splice(at..=at, std::iter::repeat_n(u32::from(b'0'), bytes));
            if CHARS.replace(trial, &changed)? {
                codes = changed;
                at += bytes - 1;
            }
        }
        at += 1;
    }
    Ok(())
}
