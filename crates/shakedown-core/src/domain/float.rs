//! Floats of 4 and 8 bytes, of any value.

use std::cmp::Ordering;

use super::trial::{Stopped, Trial, largest};
use crate::mutate::sources::{Sources, attempt};
use crate::rng::Rng;

/// The most that a step changes a float by or through (as Go's mutator does).
const MAX_STEP: usize = 10;

/// Changes a float of 4 or 8 bytes.
type FloatMutator = fn(&mut [u8], &mut Rng);

/// Mutators for floats.
static FLOATS: [FloatMutator; 6] =
    [float_add, float_multiply, float_negate, float_interesting, float_flip_bit, any];

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
pub(crate) fn change(stored: &mut [u8], sources: &mut Sources) -> bool {
    let mut old = [0; 8];
    let old = &mut old[..stored.len()];
    old.copy_from_slice(stored);
    let may_be_token = sources.has_tokens(false) && sources.rng.one_in(4);
    if may_be_token && by_token(stored, sources) && stored != old {
        return true;
    }
    attempt(FLOATS.len() as u32, sources, |index, sources| {
        FLOATS[index](stored, sources.rng);
        stored != old
    })
}

/// Stores a token of the dictionary that is as wide: constants are compared as they lie in memory.
fn by_token(stored: &mut [u8], sources: &mut Sources) -> bool {
    match sources.token(false) {
        Some(token) if token.len() == stored.len() => {
            stored.copy_from_slice(token);
            true
        }
        _ => false,
    }
}

/// Replaces a float by what `new` makes of it.
fn map_float(stored: &mut [u8], new: impl FnOnce(f64) -> f64) {
    if let Ok(bytes) = <[u8; 4]>::try_from(&*stored) {
        let value = new(f64::from(f32::from_le_bytes(bytes)));
        stored.copy_from_slice(&(value as f32).to_le_bytes());
    } else if let Ok(bytes) = <[u8; 8]>::try_from(&*stored) {
        stored.copy_from_slice(&new(f64::from_le_bytes(bytes)).to_le_bytes());
    }
}

fn float_add(stored: &mut [u8], rng: &mut Rng) {
    let step = 1.0 + rng.below(MAX_STEP) as f64;
    let step = if rng.one_in(2) { step } else { -step };
    map_float(stored, |value| value + step);
}

fn float_multiply(stored: &mut [u8], rng: &mut Rng) {
    let factor = 2.0 + rng.below(MAX_STEP - 1) as f64;
    let up = rng.one_in(2);
    map_float(stored, |value| if up { value * factor } else { value / factor });
}

fn float_negate(stored: &mut [u8], _: &mut Rng) {
    map_float(stored, |value| -value);
}

fn float_interesting(stored: &mut [u8], rng: &mut Rng) {
    map_float(stored, |_| INTERESTING_FLOATS[rng.below(INTERESTING_FLOATS.len())]);
}

fn float_flip_bit(stored: &mut [u8], rng: &mut Rng) {
    let bit = rng.below(8 * stored.len());
    stored[bit / 8] ^= 1 << (bit % 8);
}

/// Stores a float of any bits, or one that is a small integer, or an interesting one.
pub(crate) fn draw(stored: &mut [u8], sources: &mut Sources) {
    any(stored, sources.rng);
}

fn any(stored: &mut [u8], rng: &mut Rng) {
    match rng.below(3) {
        0 => stored.copy_from_slice(&rng.u64().to_le_bytes()[..stored.len()]),
        1 => map_float(stored, |_| rng.below(201) as f64 - 100.0),
        _ => float_interesting(stored, rng),
    }
}

/// The float in these 4 or 8 bytes, as an `f64`.
fn read_float(bytes: &[u8]) -> f64 {
    match bytes.try_into() {
        Ok(short) => f64::from(f32::from_le_bytes(short)),
        Err(_) => f64::from_bits(read_bits(bytes)),
    }
}

fn read_bits(bytes: &[u8]) -> u64 {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(wide)
}

/// How simple a float is; smaller is simpler: finite before infinite before NaN, then fewest binary
/// digits after the point, then magnitude, then positive before negative.
fn rank(bytes: &[u8]) -> (u8, u32, u64, u64) {
    let value = read_float(bytes);
    let class = if value.is_finite() { 0 } else { 1 + u8::from(value.is_nan()) };
    let digits = if value.is_finite() { fraction_digits(value) } else { 0 };
    (class, digits, value.abs().to_bits(), read_bits(bytes))
}

/// Binary digits after the point of a finite number.
fn fraction_digits(value: f64) -> u32 {
    if value == value.trunc() {
        return 0;
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    // Of a subnormal number the implied digit is 0 and the exponent that of the least normal one.
    let mantissa = (bits & ((1 << 52) - 1)) | (u64::from(exponent > 0) << 52);
    let last = exponent.max(1) - 1075 + mantissa.trailing_zeros() as i32;
    last.unsigned_abs()
}

/// Which of two floats is simpler.
pub(crate) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    rank(a).cmp(&rank(b))
}

/// Makes a float finite, whole or at least shorter, positive, and smaller.
pub(crate) fn simplify(trial: &mut Trial) -> Result<(), Stopped> {
    for value in [0.0, 1.0] {
        if read(trial) == value || write(trial, value)? {
            return Ok(());
        }
    }
    if !make_finite(trial)? {
        return Ok(());
    }
    let value = read(trial);
    write(trial, value.abs())?;
    shorten_fraction(trial)?;
    let value = read(trial);
    largest(|n| {
        let half = (value / 2f64.powi(n.min(2000) as i32)).trunc();
        Ok(half != 0.0 && write(trial, half)?)
    })?;
    let value = read(trial);
    largest(|n| {
        let magnitude = value.abs() - n as f64;
        // Far out, subtracting a small number changes nothing.
        Ok(magnitude >= 0.0 && magnitude < value.abs() && write(trial, magnitude.copysign(value))?)
    })?;
    Ok(())
}

/// Whether the value is finite, or could be made so.
fn make_finite(trial: &mut Trial) -> Result<bool, Stopped> {
    if read(trial).is_finite() {
        return Ok(true);
    }
    let max = if trial.value().len() == 4 { f64::from(f32::MAX) } else { f64::MAX };
    for value in [-1.0, max, -max, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        if write(trial, value)? {
            return Ok(value.is_finite());
        }
    }
    Ok(false)
}

/// Rounds to as few binary digits after the point as possible, towards zero or away from it.
fn shorten_fraction(trial: &mut Trial) -> Result<(), Stopped> {
    let value = read(trial);
    for digits in [0, 1, 2, 3, 4, 8, 16, 32, 48] {
        let scale = f64::from(digits).exp2();
        let rounded = (value * scale).trunc() / scale;
        let further = rounded + (1.0 / scale).copysign(value);
        if rounded == value || write(trial, rounded)? || write(trial, further)? {
            return Ok(());
        }
    }
    Ok(())
}

fn read(trial: &Trial) -> f64 {
    read_float(trial.value())
}

fn write(trial: &mut Trial, value: f64) -> Result<bool, Stopped> {
    match trial.value().len() {
        4 => trial.replace(&(value as f32).to_le_bytes()),
        _ => trial.replace(&value.to_le_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::outcomes;
    use super::*;

    #[test]
    fn floats_reach_their_neighbours_and_edges() {
        let seen = outcomes(1.5f64.to_le_bytes(), change);
        let edges = [f64::INFINITY, f64::MIN_POSITIVE, f64::MAX, -0.0, 0.0, f64::EPSILON];
        for value in [2.5, 0.5, 11.5, 15.0, 0.15, -1.5].into_iter().chain(edges) {
            assert!(seen.contains(&value.to_le_bytes()), "{value}");
        }
        let narrow = outcomes(1.5f32.to_le_bytes(), change);
        assert!(narrow.iter().any(|bytes| f32::from_le_bytes(*bytes).is_nan()));
        assert!(narrow.contains(&f32::MAX.to_le_bytes()));
    }

    #[test]
    fn floats_that_are_short_to_write_come_first() {
        let sorted = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            2.0,
            1e300,
            0.5,
            1.5,
            0.25,
            0.1,
            f64::MIN_POSITIVE,
            5e-324,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ];
        let ranks: Vec<_> = sorted.iter().map(|value| rank(&value.to_le_bytes())).collect();
        assert!(ranks.is_sorted(), "{ranks:?}");
        assert_eq!(fraction_digits(0.75), 2);
        assert_eq!(rank(&0.5f32.to_le_bytes()).1, 1);
    }
}
