//! Mutators of single numbers, characters and truth values, in the bytes that hold them.

use super::sources::{Sources, attempt};
use super::text::{INTERESTING, any_char, random_char, stepped};
use crate::rng::Rng;
use crate::schema::Int;

/// The most that a step changes an integer by, and a float by or through (as Go's mutator does).
const MAX_INT_STEP: usize = 100;
const MAX_FLOAT_STEP: usize = 10;

/// Makes a new key of an integer (see [`Int`]) from the old; it is brought into range afterwards.
type IntMutator = fn(Int, u128, &mut Sources) -> u128;

/// Mutators for integers.
static INTS: [IntMutator; 8] =
    [int_step, int_flip_bit, int_negate, int_shift, int_boundary, int_power, int_random, int_token];

/// Gives an integer another value. False if its range has only one.
pub(super) fn mutate_int(int: Int, place: &mut [u8], sources: &mut Sources) -> bool {
    let old = int.key(place);
    if int.min == int.max {
        return false;
    }
    attempt(INTS.len() as u32, sources, |index, sources| {
        let new = in_range(int, INTS[index](int, old, sources));
        int.store(new, place);
        new != old
    })
}

/// The key of a random value: mostly small or at an edge.
pub(super) fn random_int(int: Int, sources: &mut Sources) -> u128 {
    let key = match sources.rng.below(4) {
        0 => int.zero().wrapping_add(sources.rng.below(17) as u128),
        1 => int_boundary(int, int.simplest(), sources),
        2 => int_power(int, int.simplest(), sources),
        _ => int_random(int, int.simplest(), sources),
    };
    in_range(int, key)
}

/// `key` where it is allowed, else an allowed one that is as random as it.
fn in_range(int: Int, key: u128) -> u128 {
    let key = key & Int::full(int.signed, int.width).max;
    if (int.min..=int.max).contains(&key) {
        return key;
    }
    // The range is not the full one here, so its size cannot overflow.
    int.min + key.wrapping_sub(int.min) % (int.max - int.min + 1)
}

fn bits(int: Int) -> usize {
    8 * usize::from(int.width)
}

/// Adds or takes a little.
fn int_step(int: Int, old: u128, sources: &mut Sources) -> u128 {
    let most = (int.max - int.min).min(MAX_INT_STEP as u128) as usize;
    let step = 1 + sources.rng.below(most) as u128;
    if sources.rng.one_in(2) { old.wrapping_add(step) } else { old.wrapping_sub(step) }
}

fn int_flip_bit(int: Int, old: u128, sources: &mut Sources) -> u128 {
    old ^ (1 << sources.rng.below(bits(int)))
}

/// Changes the sign; an unsigned integer becomes its distance from 2^width.
fn int_negate(int: Int, old: u128, _: &mut Sources) -> u128 {
    int.zero().wrapping_sub(old.wrapping_sub(int.zero()))
}

/// Halves or doubles.
fn int_shift(int: Int, old: u128, sources: &mut Sources) -> u128 {
    let value = old.wrapping_sub(int.zero());
    let value = if sources.rng.one_in(2) { value << 1 } else { (value as i128 >> 1) as u128 };
    value.wrapping_add(int.zero())
}

/// One of the ends of the range, or zero, or a neighbour of these.
fn int_boundary(int: Int, _: u128, sources: &mut Sources) -> u128 {
    let near = [int.min, int.max, int.zero()][sources.rng.below(3)];
    near.wrapping_add(sources.rng.below(3) as u128).wrapping_sub(1)
}

/// A power of two with either sign, or a neighbour of it.
fn int_power(int: Int, _: u128, sources: &mut Sources) -> u128 {
    let power = 1u128 << sources.rng.below(bits(int));
    let power = if sources.rng.one_in(2) { power } else { power.wrapping_neg() };
    let near = power.wrapping_add(sources.rng.below(3) as u128).wrapping_sub(1);
    near.wrapping_add(int.zero())
}

fn int_random(_: Int, _: u128, sources: &mut Sources) -> u128 {
    sources.rng.u128()
}

/// A token of the dictionary that is as wide, in either byte order.
fn int_token(int: Int, old: u128, sources: &mut Sources) -> u128 {
    let mut wide = [0; 16];
    match sources.token(false) {
        Some(token) if token.len() == usize::from(int.width) => {
            let wide = &mut wide[..token.len()];
            wide.copy_from_slice(token);
            if sources.rng.one_in(2) {
                wide.reverse();
            }
            int.key(wide)
        }
        _ => old,
    }
}

/// Changes a float of 4 or 8 bytes.
type FloatMutator = fn(&mut [u8], &mut Rng);

/// Mutators for floats.
static FLOATS: [FloatMutator; 6] =
    [float_add, float_multiply, float_negate, float_interesting, float_flip_bit, random_float];

/// Values at the edges of what floats are; in `f32` some become zero or infinite.
static INTERESTING_FLOATS: [f64; 18] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.1,
    0.5,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    f64::EPSILON,
    f32::MAX as f64,
    f32::MIN_POSITIVE as f64,
    f32::EPSILON as f64,
    9_007_199_254_740_992.0, // 2^53: from here on not every integer is a float
    9_223_372_036_854_775_808.0,
];

/// Gives a float another value (one with other bits: 0 and -0 are two).
pub(super) fn mutate_float(place: &mut [u8], sources: &mut Sources) -> bool {
    let mut old = [0; 8];
    let old = &mut old[..place.len()];
    old.copy_from_slice(place);
    attempt(FLOATS.len() as u32, sources, |index, sources| {
        FLOATS[index](place, sources.rng);
        place != old
    })
}

/// Replaces a float by what `new` makes of it.
fn map_float(place: &mut [u8], new: impl FnOnce(f64) -> f64) {
    if let Ok(bytes) = <[u8; 4]>::try_from(&*place) {
        let value = new(f64::from(f32::from_le_bytes(bytes)));
        place.copy_from_slice(&(value as f32).to_le_bytes());
    } else if let Ok(bytes) = <[u8; 8]>::try_from(&*place) {
        place.copy_from_slice(&new(f64::from_le_bytes(bytes)).to_le_bytes());
    }
}

fn float_add(place: &mut [u8], rng: &mut Rng) {
    let step = 1.0 + rng.below(MAX_FLOAT_STEP) as f64;
    let step = if rng.one_in(2) { step } else { -step };
    map_float(place, |value| value + step);
}

fn float_multiply(place: &mut [u8], rng: &mut Rng) {
    let factor = 2.0 + rng.below(MAX_FLOAT_STEP - 1) as f64;
    let up = rng.one_in(2);
    map_float(place, |value| if up { value * factor } else { value / factor });
}

fn float_negate(place: &mut [u8], _: &mut Rng) {
    map_float(place, |value| -value);
}

fn float_interesting(place: &mut [u8], rng: &mut Rng) {
    map_float(place, |_| INTERESTING_FLOATS[rng.below(INTERESTING_FLOATS.len())]);
}

fn float_flip_bit(place: &mut [u8], rng: &mut Rng) {
    let bit = rng.below(8 * place.len());
    place[bit / 8] ^= 1 << (bit % 8);
}

/// Stores a float of any bits, or one that is a small integer, or an interesting one.
pub(super) fn random_float(place: &mut [u8], rng: &mut Rng) {
    match rng.below(3) {
        0 => place.copy_from_slice(&rng.u64().to_le_bytes()[..place.len()]),
        1 => map_float(place, |_| rng.below(201) as f64 - 100.0),
        _ => float_interesting(place, rng),
    }
}

/// Gives a character, stored as a `u32`, another value.
pub(super) fn mutate_char(place: &mut [u8], sources: &mut Sources) -> bool {
    let Some(old) = place.first_chunk().and_then(|b| char::from_u32(u32::from_le_bytes(*b))) else {
        return false;
    };
    attempt(5, sources, |index, sources| {
        let rng = &mut *sources.rng;
        let new = match index {
            0 => stepped(old, 1 + rng.below(8) as i32),
            1 => stepped(old, -1 - rng.below(8) as i32),
            2 => INTERESTING[rng.below(INTERESTING.len())],
            3 => random_char(rng),
            _ => any_char(rng),
        };
        place.copy_from_slice(&u32::from(new).to_le_bytes());
        new != old
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::sources::Dictionary;
    use super::*;

    /// Everything that `mutate` makes of `place` with the token `0x1234`.
    fn outcomes<const N: usize>(
        place: [u8; N],
        mutate: impl Fn(&mut [u8], &mut Sources) -> bool,
    ) -> BTreeSet<[u8; N]> {
        let dictionary = Dictionary::new([vec![0x12, 0x34]]);
        let mut seen = BTreeSet::new();
        for seed in 0..4000 {
            let mut new = place;
            let mut sources = Sources {
                rng: &mut Rng::new(seed),
                dictionary: &dictionary,
                donor: &[],
                scratch: &mut Vec::new(),
            };
            assert_eq!(mutate(&mut new, &mut sources), new != place, "seed {seed}");
            seen.insert(new);
        }
        seen
    }

    #[test]
    fn integers_stay_in_range_and_reach_all_of_a_small_one() {
        let int = Int { min: 3, max: 6, ..Int::full(false, 2) };
        let seen = outcomes([4, 0], |place, sources| mutate_int(int, place, sources));
        assert_eq!(seen, BTreeSet::from([[3, 0], [5, 0], [6, 0]]));
        let only = Int { max: 3, ..int };
        assert_eq!(outcomes([3, 0], |place, sources| mutate_int(only, place, sources)).len(), 1);
        let all = Int::full(true, 1);
        assert!(outcomes([4], |place, sources| mutate_int(all, place, sources)).len() > 230);
    }

    #[test]
    fn integers_reach_what_programs_compare_with() {
        let int = Int::full(true, 2);
        let seen = outcomes(7i16.to_le_bytes(), |place, sources| mutate_int(int, place, sources));
        let wanted = [8, 6, 107, -93, -7, 14, 3, 0, 1, -1, i16::MAX, i16::MIN, 1024, 1023, -1024];
        for value in wanted.into_iter().chain([0x1234, 0x3412]) {
            assert!(seen.contains(&value.to_le_bytes()), "{value}");
        }
        let int = Int::full(false, 16);
        let seen = outcomes([0xff; 16], |place, sources| mutate_int(int, place, sources));
        assert!(seen.contains(&[0; 16]) && seen.contains(&1u128.to_le_bytes()));
    }

    #[test]
    fn every_mutator_of_integers_is_of_use() {
        for (index, mutator) in INTS.iter().enumerate() {
            let int = Int::full(true, 2);
            let seen = outcomes(7i16.to_le_bytes(), |place, sources| {
                let old = int.key(place);
                let new = in_range(int, mutator(int, old, sources));
                int.store(new, place);
                new != old
            });
            assert!(seen.iter().any(|value| *value != 7i16.to_le_bytes()), "{index}");
        }
    }

    #[test]
    fn floats_reach_their_neighbours_and_edges() {
        let seen = outcomes(1.5f64.to_le_bytes(), mutate_float);
        let edges = [f64::INFINITY, f64::MIN_POSITIVE, f64::MAX, -0.0, 0.0, f64::EPSILON];
        for value in [2.5, 0.5, 11.5, 15.0, 0.15, -1.5].into_iter().chain(edges) {
            assert!(seen.contains(&value.to_le_bytes()), "{value}");
        }
        let narrow = outcomes(1.5f32.to_le_bytes(), mutate_float);
        assert!(narrow.iter().any(|bytes| f32::from_le_bytes(*bytes).is_nan()));
        assert!(narrow.contains(&f32::MAX.to_le_bytes()));
    }

    #[test]
    fn characters_stay_characters() {
        for start in ['\0', '\u{d7ff}', '\u{10ffff}'] {
            let seen = outcomes(u32::from(start).to_le_bytes(), mutate_char);
            assert!(seen.iter().all(|code| char::from_u32(u32::from_le_bytes(*code)).is_some()));
            assert!(seen.contains(&u32::from(stepped(start, 1)).to_le_bytes()));
        }
    }
}
