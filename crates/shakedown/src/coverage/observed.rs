//! Cells for what a target says of itself, beside the counters of the program: see
//! [`observe`](fn@crate::observe) and [`crate::maximize`].
//!
//! A target may set any of them at any time, and most set none. So nobody looks for them: who sets a
//! cell in a line for the first time leaves a note.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use shakedown_core::features::OBSERVED;

/// Cells of a line, as in [`super::counters`].
pub(super) const LINE: usize = 64;

/// As many lines as there are cells.
const LINES: usize = OBSERVED / LINE;

/// Aligned like the lines of the processor's cache.
#[repr(align(64))]
struct Cells([AtomicU8; OBSERVED]);

static CELLS: Cells = Cells([const { AtomicU8::new(0) }; OBSERVED]);

/// A bit for each line of which a cell was ever set.
static TOUCHED: [AtomicU64; LINES / 64] = [const { AtomicU64::new(0) }; LINES / 64];

/// Whether a bit was set since [`take_news`].
static IS_NEWS: AtomicBool = AtomicBool::new(false);

/// Sets the cell of this hash.
pub(crate) fn set(hash: u64) {
    let cell = (hash >> (u64::BITS - OBSERVED.trailing_zeros())) as usize;
    CELLS.0[cell].store(1, Ordering::Relaxed);
    let line = cell / LINE;
    let (word, bit) = (&TOUCHED[line / 64], 1 << (line % 64));
    if word.load(Ordering::Relaxed) & bit == 0 {
        word.fetch_or(bit, Ordering::Relaxed);
        IS_NEWS.store(true, Ordering::Release);
    }
}

/// Where the cells are. The provenance of the memory is exposed.
pub(super) fn bounds() -> (usize, usize) {
    let start = CELLS.0.as_ptr().expose_provenance();
    (start, start + OBSERVED)
}

/// Whether there are touched lines that nobody has asked for.
#[inline(always)]
pub(super) fn has_news() -> bool {
    IS_NEWS.load(Ordering::Relaxed)
}

/// The lines of which a cell was ever set.
#[cold]
pub(super) fn take_news() -> impl Iterator<Item = usize> {
    IS_NEWS.swap(false, Ordering::Acquire);
    let is_touched =
        |line: &usize| TOUCHED[line / 64].load(Ordering::Relaxed) >> (line % 64) & 1 != 0;
    (0..LINES).filter(is_touched)
}
