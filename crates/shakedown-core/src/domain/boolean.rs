//! Truth values: one byte, 0 or 1.

use crate::mutate::sources::Sources;

/// Stores either value.
pub(crate) fn draw(value: &mut [u8], sources: &mut Sources) {
    value[0] = sources.rng.below(2) as u8;
}

/// Stores the other value.
pub(crate) fn change(value: &mut [u8]) -> bool {
    value[0] ^= 1;
    true
}

/// Checks a byte.
pub(crate) fn check(value: &[u8]) -> Result<(), &'static str> {
    if value[0] <= 1 { Ok(()) } else { Err("not a bool") }
}
