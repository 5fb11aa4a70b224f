//! Bytes: any of them or those of an alphabet, as many as the bounds allow. With those of [`super::blocks`], the
//! mutators are the eighteen of Go's byte-slice mutator and more.

use std::ops::Range;

use super::Len;
use super::alphabet::Alphabet;
use super::blocks::{ContentMutator, Named};
use super::codes::{self, Coding, Way};
use super::content::{FOR_ALL, change_within, draw_token, functions, joined, mutate_by, names};
use super::edit::{Buffer, Content, Short};
use super::trial::{Stopped, Trial};
use crate::mutate::draws::BYTES_MUTATORS;
use crate::mutate::sources::{Sources, block, choose_len};
use crate::rng::Rng;

/// The bytes that a value may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes {
    /// Bounds on their number.
    pub len: Len,
    /// Which values they may have; all of them without one.
    pub alphabet: Option<Alphabet>,
}

impl Bytes {
    /// Any bytes.
    pub const ANY: Self = Self::of_len(Len::ANY);

    /// As many bytes as the bounds allow.
    #[must_use]
    pub const fn of_len(len: Len) -> Self {
        Self { len, alphabet: None }
    }

    /// Whether there are any such bytes.
    pub(crate) fn is_sound(&self) -> bool {
        let fits = |alphabet: &Alphabet| alphabet.is_sound(u8::MAX.into());
        self.len.is_sound() && self.alphabet.as_ref().is_none_or(fits)
    }

    /// Appends the encoding of the simplest bytes.
    pub(crate) fn write_simplest(&self, out: &mut Vec<u8>) {
        let fill = self.alphabet.as_ref().map_or(0, Alphabet::simplest);
        self.len.write_simplest(fill as u8, out);
    }
}

/// Checks a content of allowed length.
pub(crate) fn check(of: &Bytes, content: &[u8]) -> Result<(), &'static str> {
    match &of.alphabet {
        Some(alphabet) if !alphabet.holds(content, false) => Err("a byte is not allowed"),
        Some(_) | None => Ok(()),
    }
}

/// Mutators for bytes alone.
pub(crate) const BYTES: [Named; 14] = [
    ("insert-random", insert_random),
    ("insert-constant", insert_constant),
    ("overwrite-constant", overwrite_constant),
    ("flip-bit", flip_bit),
    ("xor-byte", xor_byte),
    ("swap-bytes", swap_byte),
    ("shuffle", shuffle),
    ("add-8-bits", arithmetic::<1>),
    ("add-16-bits", arithmetic::<2>),
    ("add-32-bits", arithmetic::<4>),
    ("add-64-bits", arithmetic::<8>),
    ("interesting-8-bits", overwrite_interesting::<1>),
    ("interesting-16-bits", overwrite_interesting::<2>),
    ("interesting-32-bits", overwrite_interesting::<4>),
];

/// The most that arithmetic adds or takes (as AFL and Go do).
const MAX_STEP: usize = 35;

/// The longest insertion of random bytes, and of one repeated byte (as Go does).
const MAX_RANDOM: usize = 1024;
const MAX_CONSTANT: usize = 4096;

/// Values at the edges of types and of what programs expect, after AFL: those that fit one byte,
/// then those that fit two, then those that fit four.
static INTERESTING: [i32; 27] = [
    -128,
    -1,
    0,
    1,
    16,
    32,
    64,
    100,
    127, //
    -32768,
    -129,
    128,
    255,
    256,
    512,
    1000,
    1024,
    4096,
    32767, //
    i32::MIN,
    -100_663_046,
    -32769,
    32768,
    65535,
    65536,
    100_663_045,
    i32::MAX,
];

/// Inserts random bytes.
fn insert_random(content: &mut Content, sources: &mut Sources) -> bool {
    let room = content.room().min(MAX_RANDOM);
    if room == 0 {
        return false;
    }
    let count = choose_len(sources.rng, room);
    let gap = content.open(sources.rng.below(content.len() + 1), count);
    for piece in gap.chunks_mut(8) {
        piece.copy_from_slice(&sources.rng.u64().to_le_bytes()[..piece.len()]);
    }
    true
}

/// Appends `count` random bytes.
fn random_bytes(rng: &mut Rng, count: usize, out: &mut Vec<u8>) {
    let end = out.len() + count;
    while out.len() < end {
        out.extend_from_slice(&rng.u64().to_le_bytes());
    }
    out.truncate(end);
}

/// Inserts one byte several times.
fn insert_constant(content: &mut Content, sources: &mut Sources) -> bool {
    let room = content.room().min(MAX_CONSTANT);
    if room == 0 {
        return false;
    }
    let (count, byte) = (choose_len(sources.rng, room), sources.rng.u32() as u8);
    let at = sources.rng.below(content.len() + 1);
    if let Some(piece) = Short::new([byte; Short::MAX], count) {
        return content.put(at..at, &piece);
    }
    content.open(at, count).fill(byte);
    true
}

/// Fills a piece with one byte, often one that is there already.
fn overwrite_constant(content: &mut Content, sources: &mut Sources) -> bool {
    let Some(range) = block(sources.rng, content.bytes(), usize::MAX, false) else { return false };
    let byte = match sources.rng.one_in(2) {
        true => content.bytes()[sources.rng.below(content.len())],
        false => sources.rng.u32() as u8,
    };
    if let Some(piece) = Short::new([byte; Short::MAX], range.len()) {
        return content.put(range, &piece);
    }
    let piece = &mut content.bytes_mut()[range];
    let changed = piece.iter().any(|old| *old != byte);
    piece.fill(byte);
    changed
}

/// A random byte of the content.
#[inline]
fn random_byte<'c>(content: &'c mut Content, rng: &mut Rng) -> Option<&'c mut u8> {
    let at = rng.below(content.len());
    content.bytes_mut().get_mut(at)
}

/// Flips one bit.
fn flip_bit(content: &mut Content, sources: &mut Sources) -> bool {
    let bit = sources.rng.below(8 * content.len());
    let Some(byte) = content.bytes_mut().get_mut(bit / 8) else { return false };
    *byte ^= 1 << (bit % 8);
    true
}

/// Changes one byte to any other.
fn xor_byte(content: &mut Content, sources: &mut Sources) -> bool {
    let Some(byte) = random_byte(content, sources.rng) else { return false };
    *byte ^= 1 + sources.rng.below(255) as u8;
    true
}

/// Swaps two bytes.
fn swap_byte(content: &mut Content, sources: &mut Sources) -> bool {
    let len = content.len();
    if len < 2 {
        return false;
    }
    let (one, two) = (sources.rng.below(len), sources.rng.below(len));
    let bytes = content.bytes_mut();
    bytes.swap(one, two);
    bytes[one] != bytes[two]
}

/// Brings a piece into a random order.
fn shuffle(content: &mut Content, sources: &mut Sources) -> bool {
    let Some(range) = block(sources.rng, content.bytes(), usize::MAX, false) else { return false };
    let piece = &mut content.bytes_mut()[range];
    let mut changed = false;
    // A position is final once it was swapped from, so the first swap of unequal bytes decides.
    for last in (1..piece.len()).rev() {
        let other = sources.rng.below(last + 1);
        changed |= piece[last] != piece[other];
        piece.swap(last, other);
    }
    changed
}

/// `N` bytes at a random position.
#[inline]
fn random_word<'c, const N: usize>(
    content: &'c mut Content,
    rng: &mut Rng,
) -> Option<&'c mut [u8; N]> {
    let last = content.len().checked_sub(N)?;
    let at = rng.below(last + 1);
    content.bytes_mut()[at..].first_chunk_mut()
}

/// Adds a little to, or takes it from, an integer of `N` bytes in either byte order.
fn arithmetic<const N: usize>(content: &mut Content, sources: &mut Sources) -> bool {
    let Some(word) = random_word::<N>(content, sources.rng) else { return false };
    let choice = sources.rng.below(4 * MAX_STEP);
    let (step, down, big) = ((choice >> 2) as u64 + 1, choice & 1 == 1, choice & 2 == 2);
    // Without a branch by chance: the bytes of a big-endian one lie at the upper end once reversed.
    let mut wide = [0; 8];
    wide[..N].copy_from_slice(word);
    let turned = |value: u64| value.swap_bytes() >> (64 - 8 * N);
    let value = u64::from_le_bytes(wide);
    let value = if big { turned(value) } else { value };
    let value = value.wrapping_add(if down { step.wrapping_neg() } else { step });
    let value = if big { turned(value) } else { value };
    word.copy_from_slice(&value.to_le_bytes()[..N]);
    true
}

/// Puts an interesting value over `N` bytes, in either byte order.
fn overwrite_interesting<const N: usize>(content: &mut Content, sources: &mut Sources) -> bool {
    let known = match N {
        1 => 9,
        2 => 19,
        _ => INTERESTING.len(),
    };
    let Some(word) = random_word::<N>(content, sources.rng) else { return false };
    let value = INTERESTING[sources.rng.below(known)].to_le_bytes();
    let mut new = [0; N];
    new.copy_from_slice(&value[..N]);
    if sources.rng.one_in(2) {
        new.reverse();
    }
    let changed = *word != new;
    *word = new;
    changed
}

/// All mutators of bytes.
static ALL: [ContentMutator; BYTES_MUTATORS] = functions(&joined(&BYTES));

/// What they are called.
pub(crate) static NAMES: [&str; BYTES_MUTATORS] = names(&joined(&BYTES));

const _: () = assert!(BYTES.len() + FOR_ALL == BYTES_MUTATORS);

/// Index of [`xor_byte`].
const XOR_BYTE: usize = 4;

/// Changes the bytes at `range` of an input, after their count.
#[inline(always)]
pub(crate) fn change(
    of: &Bytes,
    input: &mut Buffer,
    range: Range<usize>,
    sources: &mut Sources,
) -> bool {
    let mut content = Content::new(input, range, of.len, false);
    change_within(of.alphabet.as_ref(), &mut content, sources, |content, sources| {
        mutate_by(&ALL, XOR_BYTE, content, sources)
    })
}

/// Appends `count` random bytes to the scratch buffer.
pub(crate) fn draw(of: &Bytes, count: usize, sources: &mut Sources) {
    if let Some(alphabet) = &of.alphabet {
        let drawn = std::iter::repeat_with(|| alphabet.draw(sources.rng) as u8);
        return sources.scratch.extend(drawn.take(count));
    }
    let end = sources.scratch.len() + count;
    draw_token(count, false, sources);
    let rest = end - sources.scratch.len();
    random_bytes(sources.rng, rest, sources.scratch);
}

/// Each byte is its own code.
const CODING: Coding<'static> = Coding {
    alphabet: None,
    read: |content| Some(content.iter().map(|&byte| byte.into()).collect()),
    write: |codes| codes.iter().map(|&code| u8::try_from(code).ok()).collect(),
};

/// Makes bytes simpler.
pub(crate) fn simplify(of: &Bytes, way: Way, trial: &mut Trial) -> Result<(), Stopped> {
    let coding = Coding { alphabet: of.alphabet.as_ref(), ..CODING };
    match way {
        Way::Runs => codes::simplify_runs(coding, trial),
        Way::SpellOut => Ok(()),
        Way::Items => codes::lower_items(coding, trial),
        Way::EqualItems => codes::lower_equal_items(coding, trial),
    }
}
