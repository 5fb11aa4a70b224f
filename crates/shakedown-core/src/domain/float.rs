//! Floats of 4 and 8 bytes, of any value.

use crate::mutate::sources::{Sources, attempt};
use crate::rng::Rng;

/// The most that a step changes a float by or through (as Go's mutator does).
const MAX_STEP: usize = 10;

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
pub(crate) fn mutate_float(place: &mut [u8], sources: &mut Sources) -> bool {
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
    let step = 1.0 + rng.below(MAX_STEP) as f64;
    let step = if rng.one_in(2) { step } else { -step };
    map_float(place, |value| value + step);
}

fn float_multiply(place: &mut [u8], rng: &mut Rng) {
    let factor = 2.0 + rng.below(MAX_STEP - 1) as f64;
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
pub(crate) fn random_float(place: &mut [u8], rng: &mut Rng) {
    match rng.below(3) {
        0 => place.copy_from_slice(&rng.u64().to_le_bytes()[..place.len()]),
        1 => map_float(place, |_| rng.below(201) as f64 - 100.0),
        _ => float_interesting(place, rng),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::outcomes;
    use super::*;

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
}
