//! Passes over single numbers.

use super::rank::{self, Away};
use super::search::{Copies, Outcome, Search, largest};
use crate::schema::{Int, Node};

/// Values nearest to the simplest that are tried one by one.
const SMALL: u128 = 8;

/// Brings an integer nearer to the simplest value of its node.
pub(super) fn lower_int(search: &mut Search<'_>, copies: &mut Copies) -> Outcome {
    let Node::Int(int) = *search.node(copies) else { return Ok(()) };
    let away = |search: &Search<'_>, copies: &Copies| Away::of(int, int.key(search.value(copies)));
    if away(search, copies).distance == 0 || set(search, copies, int, Some(0), false)? {
        return Ok(());
    }
    // Where being large is not what counts, halving may never meet the few small values that do.
    for small in 1..=SMALL.min(away(search, copies).distance.saturating_sub(1)) {
        for below in [false, true] {
            if set(search, copies, int, Some(small), below)? {
                return Ok(());
            }
        }
    }
    let Away { distance, below } = away(search, copies);
    let below = below && !set(search, copies, int, Some(distance), false)?;
    largest(|n| set(search, copies, int, halved(distance, n), below))?;
    // Subtracting ever smaller powers of two keeps what depends on the low bits.
    for power in (0..u128::BITS).rev().map(|bit| 1 << bit) {
        let distance = away(search, copies).distance;
        set(search, copies, int, distance.checked_sub(power), below)?;
    }
    let distance = away(search, copies).distance;
    largest(|n| set(search, copies, int, distance.checked_sub(n), below))?;
    Ok(())
}

fn halved(distance: u128, times: u128) -> Option<u128> {
    u32::try_from(times).ok().and_then(|times| distance.checked_shr(times)).filter(|&half| half > 0)
}

fn set(
    search: &mut Search<'_>,
    copies: &mut Copies,
    int: Int,
    distance: Option<u128>,
    below: bool,
) -> Outcome<bool> {
    let key = distance.and_then(|distance| Away { distance, below }.key(int));
    let Some(key) = key else { return Ok(false) };
    let mut value = [0; 16];
    int.store(key, &mut value);
    search.replace(copies, &value[..usize::from(int.width)])
}

/// Makes a float finite, whole or at least shorter, positive, and smaller.
pub(super) fn lower_float(search: &mut Search<'_>, copies: &mut Copies) -> Outcome {
    let Node::Float { .. } = search.node(copies) else { return Ok(()) };
    for value in [0.0, 1.0] {
        if read(search, copies) == value || write(search, copies, value)? {
            return Ok(());
        }
    }
    if !make_finite(search, copies)? {
        return Ok(());
    }
    let value = read(search, copies);
    write(search, copies, value.abs())?;
    shorten_fraction(search, copies)?;
    let value = read(search, copies);
    largest(|n| {
        let half = (value / 2f64.powi(n.min(2000) as i32)).trunc();
        Ok(half != 0.0 && write(search, copies, half)?)
    })?;
    let value = read(search, copies);
    largest(|n| {
        let magnitude = value.abs() - n as f64;
        // Far out, subtracting a small number changes nothing.
        Ok(magnitude >= 0.0
            && magnitude < value.abs()
            && write(search, copies, magnitude.copysign(value))?)
    })?;
    Ok(())
}

/// Whether the value is finite, or could be made so.
fn make_finite(search: &mut Search<'_>, copies: &mut Copies) -> Outcome<bool> {
    if read(search, copies).is_finite() {
        return Ok(true);
    }
    let max = if search.value(copies).len() == 4 { f64::from(f32::MAX) } else { f64::MAX };
    for value in [-1.0, max, -max, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        if write(search, copies, value)? {
            return Ok(value.is_finite());
        }
    }
    Ok(false)
}

/// Rounds to as few binary digits after the point as possible, towards zero or away from it.
fn shorten_fraction(search: &mut Search<'_>, copies: &mut Copies) -> Outcome {
    let value = read(search, copies);
    for digits in [0, 1, 2, 3, 4, 8, 16, 32, 48] {
        let scale = f64::from(digits).exp2();
        let rounded = (value * scale).trunc() / scale;
        let further = rounded + (1.0 / scale).copysign(value);
        if rounded == value || write(search, copies, rounded)? || write(search, copies, further)? {
            return Ok(());
        }
    }
    Ok(())
}

fn read(search: &Search<'_>, copies: &Copies) -> f64 {
    rank::read_float(search.value(copies))
}

fn write(search: &mut Search<'_>, copies: &mut Copies, value: f64) -> Outcome<bool> {
    match search.value(copies).len() {
        4 => search.replace(copies, &(value as f32).to_le_bytes()),
        _ => search.replace(copies, &value.to_le_bytes()),
    }
}
