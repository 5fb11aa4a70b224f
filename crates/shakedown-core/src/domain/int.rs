//! Integers within a range, handled by key: see [`Int`].

use std::cmp::Ordering;

use super::form::inverse;
use super::trial::{Stopped, Trial, largest};
use crate::hints::Hint;
use crate::mutate::sources::{Sources, attempt};

/// The most that a step changes an integer by (as Go's mutator does).
const MAX_STEP: usize = 100;

/// An integer type and the range of values it may take.
///
/// Values are compared by their *key*: the bits of the value as an unsigned number, with the sign
/// bit flipped for signed types, so that keys order as the values do for every type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int {
    /// Whether the type is signed.
    pub signed: bool,
    /// Width in bytes: 1, 2, 4, 8 or 16.
    pub width: u8,
    /// Key of the smallest value allowed.
    pub min: u128,
    /// Key of the largest value allowed.
    pub max: u128,
}

impl Int {
    /// The full range of a type.
    #[must_use]
    pub fn full(signed: bool, width: u8) -> Self {
        Self { signed, width, min: 0, max: u128::MAX >> (128 - 8 * u32::from(width)) }
    }

    /// The key of the value zero.
    #[must_use]
    pub fn zero(self) -> u128 {
        if self.signed { 1 << (8 * u32::from(self.width) - 1) } else { 0 }
    }

    /// The key of the value stored in the first `width` bytes of `bytes`, little-endian.
    ///
    /// # Panics
    /// If there are fewer bytes than that.
    #[inline]
    #[must_use]
    pub fn key(self, bytes: &[u8]) -> u128 {
        // A copy of variable length would stall the load that follows it.
        let bits = match *bytes {
            [a, ..] if self.width == 1 => u128::from(a),
            [a, b, ..] if self.width == 2 => u128::from(u16::from_le_bytes([a, b])),
            [a, b, c, d, ..] if self.width == 4 => u128::from(u32::from_le_bytes([a, b, c, d])),
            [a, b, c, d, e, f, g, h, ..] if self.width == 8 => {
                u128::from(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
            }
            _ => u128::from_le_bytes(bytes[..16].try_into().expect("sixteen bytes")),
        };
        bits ^ self.zero()
    }

    /// Stores the value with this key into the first `width` bytes of `bytes`.
    ///
    /// # Panics
    /// If there are fewer bytes than that.
    #[inline]
    pub fn store(self, key: u128, bytes: &mut [u8]) {
        let width = usize::from(self.width);
        bytes[..width].copy_from_slice(&(key ^ self.zero()).to_le_bytes()[..width]);
    }

    /// The key nearest to `key` within the range.
    #[must_use]
    pub fn clamp(self, key: u128) -> u128 {
        key.clamp(self.min, self.max)
    }

    /// The key of the value nearest to zero: the default of the type.
    #[must_use]
    pub fn simplest(self) -> u128 {
        self.clamp(self.zero())
    }

    /// Whether the type exists and has a value within the range.
    pub(crate) fn is_sound(self) -> bool {
        matches!(self.width, 1 | 2 | 4 | 8 | 16)
            && self.min <= self.max
            && self.max <= Self::full(self.signed, self.width).max
    }

    /// The value with this key as text.
    #[must_use]
    pub fn text(self, key: u128) -> String {
        let zero = self.zero();
        if key >= zero { (key - zero).to_string() } else { format!("-{}", zero - key) }
    }
}

/// Makes a new key of an integer (see [`Int`]) from the old; it is brought into range afterwards.
type IntMutator = fn(Int, u128, &mut Sources) -> u128;

/// Mutators for integers.
static INTS: [IntMutator; 8] =
    [int_step, int_flip_bit, int_negate, int_shift, int_boundary, int_power, int_random, int_token];

/// Gives an integer another value. False if its range has only one.
pub(crate) fn change(int: Int, stored: &mut [u8], sources: &mut Sources) -> bool {
    let old = int.key(stored);
    if int.min == int.max {
        return false;
    }
    if !sources.hints.is_empty() && sources.rng.one_in(4) && by_hint(int, old, stored, sources) {
        return true;
    }
    attempt(INTS.len() as u32, sources, |index, sources| {
        let new = in_range(int, INTS[index](int, old, sources));
        int.store(new, stored);
        new != old
    })
}

/// Stores what a random hint makes of the value.
fn by_hint(int: Int, old: u128, stored: &mut [u8], sources: &mut Sources) -> bool {
    let hint = sources.hints.get(sources.rng.below(sources.hints.len()));
    let [equal, factor, sum] = solve(int, old, hint);
    let Some(new) = equal.or(factor).or(sum).filter(|new| *new != old) else { return false };
    int.store(new, stored);
    true
}

/// The key of an integer that a hint makes of it: what is wanted, where the value is live; else as
/// far from the value as what is wanted is from what is live. The latter is right for every
/// comparison of a value to which something was added. Between them what is right where it was multiplied.
pub(crate) fn solve(int: Int, key: u128, hint: Hint<'_>) -> [Option<u128>; 3] {
    let Hint::Int { live, wanted, .. } = hint else { return [None; 3] };
    let width = 8 * u32::from(int.width.min(8));
    let mask = u64::MAX >> (64 - width);
    let value = ((key ^ int.zero()) as u64) & mask;
    let of = |value: u64| {
        let key = u128::from(value & mask) ^ int.zero();
        (int.min..=int.max).contains(&key).then_some(key)
    };
    if int.width > 8 {
        return [None; 3];
    }
    let equal = if live & mask == value { of(wanted) } else { None };
    let [factor, sum, _] = inverse(int.width, value, live, wanted);
    [equal, factor.and_then(of), sum.and_then(of)]
}

/// Stores a random value: usually small or at an edge.
pub(crate) fn draw(int: Int, value: &mut [u8], sources: &mut Sources) {
    let key = match sources.rng.below(4) {
        0 => int.zero().wrapping_add(sources.rng.below(17) as u128),
        1 => int_boundary(int, int.simplest(), sources),
        2 => int_power(int, int.simplest(), sources),
        _ => int_random(int, int.simplest(), sources),
    };
    int.store(in_range(int, key), value);
}

/// Checks a value.
pub(crate) fn check(int: Int, value: &[u8]) -> Result<(), &'static str> {
    let in_range = (int.min..=int.max).contains(&int.key(value));
    if in_range { Ok(()) } else { Err("a number is out of range") }
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
    let most = (int.max - int.min).min(MAX_STEP as u128) as usize;
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

/// A token of the dictionary that is as wide, or a piece of one that is wider, in either byte order.
fn int_token(int: Int, old: u128, sources: &mut Sources) -> u128 {
    let mut wide = [0; 16];
    match sources.token(false) {
        Some(token) if token.len() >= usize::from(int.width) => {
            let wide = &mut wide[..usize::from(int.width)];
            let pieces = token.chunks_exact(wide.len());
            let piece = sources.rng.below(pieces.len());
            wide.copy_from_slice(pieces.clone().nth(piece).unwrap_or_default());
            if sources.rng.one_in(2) {
                wide.reverse();
            }
            int.key(wide)
        }
        _ => old,
    }
}

/// An integer as its way from the simplest value of its range; smaller is simpler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Away {
    /// How far.
    pub distance: u128,
    /// In which direction; of two equally far values the greater is simpler.
    pub below: bool,
}

impl Away {
    /// The way to the value with this key.
    pub(crate) fn of(int: Int, key: u128) -> Self {
        let simplest = int.simplest();
        Self { distance: key.abs_diff(simplest), below: key < simplest }
    }

    /// The key at the end of the way, if it is within the range.
    pub(crate) fn key(self, int: Int) -> Option<u128> {
        let simplest = int.simplest();
        let key = match self.below {
            true => simplest.checked_sub(self.distance),
            false => simplest.checked_add(self.distance),
        };
        key.filter(|key| (int.min..=int.max).contains(key))
    }
}

/// Which of two integers is simpler.
pub(crate) fn compare(int: Int, a: &[u8], b: &[u8]) -> Ordering {
    Away::of(int, int.key(a)).cmp(&Away::of(int, int.key(b)))
}

/// Values nearest to the simplest that are tried one by one.
const MAX_SMALL: u128 = 8;

/// Brings an integer nearer to the simplest value of its range.
pub(crate) fn simplify(int: Int, trial: &mut Trial) -> Result<(), Stopped> {
    let away = |trial: &Trial| Away::of(int, int.key(trial.value()));
    if away(trial).distance == 0 || set(trial, int, Some(0), false)? {
        return Ok(());
    }
    // Where being large is not what counts, halving may never meet the few small values that do.
    for small in 1..=MAX_SMALL.min(away(trial).distance.saturating_sub(1)) {
        for below in [false, true] {
            if set(trial, int, Some(small), below)? {
                return Ok(());
            }
        }
    }
    let Away { distance, below } = away(trial);
    let below = below && !set(trial, int, Some(distance), false)?;
    largest(|n| set(trial, int, halved(distance, n), below))?;
    // Subtracting ever smaller powers of two keeps what depends on the low bits.
    for power in (0..u128::BITS).rev().map(|bit| 1 << bit) {
        let distance = away(trial).distance;
        set(trial, int, distance.checked_sub(power), below)?;
    }
    let distance = away(trial).distance;
    largest(|n| set(trial, int, distance.checked_sub(n), below))?;
    Ok(())
}

fn halved(distance: u128, times: u128) -> Option<u128> {
    u32::try_from(times).ok().and_then(|times| distance.checked_shr(times)).filter(|&half| half > 0)
}

fn set(trial: &mut Trial, int: Int, distance: Option<u128>, below: bool) -> Result<bool, Stopped> {
    let key = distance.and_then(|distance| Away { distance, below }.key(int));
    let Some(key) = key else { return Ok(false) };
    let mut value = [0; 16];
    int.store(key, &mut value);
    trial.replace(&value[..usize::from(int.width)])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::outcomes;
    use super::*;

    #[test]
    fn keys_order_as_values_do() {
        let int = Int::full(true, 2);
        let keys: Vec<u128> =
            [i16::MIN, -1, 0, 1, i16::MAX].map(|v| int.key(&v.to_le_bytes())).into();
        assert!(keys.is_sorted());
        assert_eq!(
            keys.iter().map(|k| int.text(*k)).collect::<Vec<_>>(),
            ["-32768", "-1", "0", "1", "32767"]
        );
        let wide = Int::full(true, 16);
        assert_eq!(wide.text(wide.key(&i128::MIN.to_le_bytes())), i128::MIN.to_string());
    }

    #[test]
    fn integers_stay_in_range_and_reach_all_of_a_small_one() {
        let int = Int { min: 3, max: 6, ..Int::full(false, 2) };
        let seen = outcomes([4, 0], |stored, sources| change(int, stored, sources));
        assert_eq!(seen, BTreeSet::from([[3, 0], [5, 0], [6, 0]]));
        let only = Int { max: 3, ..int };
        assert_eq!(outcomes([3, 0], |stored, sources| change(only, stored, sources)).len(), 1);
        let all = Int::full(true, 1);
        assert!(outcomes([4], |stored, sources| change(all, stored, sources)).len() > 230);
    }

    #[test]
    fn integers_reach_what_programs_compare_with() {
        let int = Int::full(true, 2);
        let seen = outcomes(7i16.to_le_bytes(), |stored, sources| change(int, stored, sources));
        let wanted = [8, 6, 107, -93, -7, 14, 3, 0, 1, -1, i16::MAX, i16::MIN, 1024, 1023, -1024];
        for value in wanted.into_iter().chain([0x1234, 0x3412]) {
            assert!(seen.contains(&value.to_le_bytes()), "{value}");
        }
        let int = Int::full(false, 16);
        let seen = outcomes([0xff; 16], |stored, sources| change(int, stored, sources));
        assert!(seen.contains(&[0; 16]) && seen.contains(&1u128.to_le_bytes()));
    }

    #[test]
    fn every_mutator_of_integers_is_of_use() {
        for (index, mutator) in INTS.iter().enumerate() {
            let int = Int::full(true, 2);
            let seen = outcomes(7i16.to_le_bytes(), |stored, sources| {
                let old = int.key(stored);
                let new = in_range(int, mutator(int, old, sources));
                int.store(new, stored);
                new != old
            });
            assert!(seen.iter().any(|value| *value != 7i16.to_le_bytes()), "{index}");
        }
    }

    #[test]
    fn integers_near_the_simplest_value_come_first() {
        let int = Int::full(true, 1);
        let mut values: Vec<i8> = vec![-128, 5, -1, 0, 1, 127];
        values.sort_by_key(|value| Away::of(int, int.key(&value.to_le_bytes())));
        assert_eq!(values, [0, 1, -1, 5, 127, -128]);
        let limited = Int { min: 10, max: 20, ..Int::full(false, 1) };
        assert_eq!(Away::of(limited, 12), Away { distance: 2, below: false });
        assert_eq!(Away { distance: 2, below: false }.key(limited), Some(12));
        assert_eq!(Away { distance: 11, below: false }.key(limited), None);
        assert_eq!(Away { distance: 1, below: true }.key(limited), None);
    }

    #[test]
    fn integers_are_solved_by_value_and_by_distance() {
        let int = Int::full(false, 4);
        let hint = Hint::Int { width: 4, live: 10, wanted: 99 };
        assert_eq!(solve(int, 10, hint), [Some(99), None, Some(99)]);
        assert_eq!(solve(int, 30, hint), [None, None, Some(119)]);
        let tripled = Hint::Int { width: 4, live: 30, wanted: 99 };
        assert_eq!(solve(int, 10, tripled), [None, Some(33), Some(79)]);
        let bounded = Int { max: 100, ..int };
        assert_eq!(solve(bounded, 30, hint), [None; 3]);
        let signed = Int::full(true, 1);
        let key = |value: i8| signed.key(&value.to_le_bytes());
        let hint = Hint::Int { width: 1, live: 0xff, wanted: 5 };
        assert_eq!(solve(signed, key(-1), hint)[0], Some(key(5)));
    }
}
