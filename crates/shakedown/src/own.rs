//! Mutators that a target brings itself, as drop-ins for other fuzzers register them; and what these
//! mutators may ask of the engine.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::PoisonError;

use shakedown_core::INTERNAL_ERROR_STATUS;
use shakedown_core::mutate::{Mutator, Own};
use shakedown_core::rng::Rng;

use crate::panics;
use crate::target::raw_schema;

/// Bytes of the count before the content of an input.
const PREFIX: usize = size_of::<u32>();

static OWN: Mutex<Own> = Mutex::new(Own { change: None, cross: None });

thread_local! {
    /// The engine's mutator, for the target's to call.
    static ENGINE: RefCell<Mutator> = RefCell::new(Mutator::new(Rng::new(0), Vec::new()));
}

/// Adds to the target's own mutators those that are given.
pub fn register(own: Own) {
    let mut all = OWN.lock().unwrap_or_else(PoisonError::into_inner);
    *all = Own { change: own.change.or(all.change), cross: own.cross.or(all.cross) };
}

/// The target's own mutators.
pub(crate) fn registered() -> Own {
    *OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has the engine's mutator use what this one knows.
pub(crate) fn lend(mutator: &Mutator) {
    ENGINE.with_borrow_mut(|engine| *engine = mutator.clone());
}

/// Calls a mutator of the target, which may ask the engine for changes: all of them depend on `seed`
/// alone. If it panics, no input is to blame, and the process ends.
pub fn call(seed: u32, mutator: impl FnOnce() -> usize) -> usize {
    ENGINE.with_borrow_mut(|engine| engine.rng = Rng::new(seed.into()));
    catch_unwind(AssertUnwindSafe(mutator)).unwrap_or_else(|payload| {
        eprintln!("shakedown: the mutator of the target panicked: {}", panics::message(&*payload));
        std::process::exit(INTERNAL_ERROR_STATUS)
    })
}

/// Makes one change to the first `size` bytes of `data` by the engine's own means, and returns how many
/// there are then.
///
/// # Panics
/// If `data` has fewer than `max_size` bytes, or that is less than `size`.
#[must_use]
pub fn mutate(data: &mut [u8], size: usize, max_size: usize) -> usize {
    assert!(size <= data.len());
    assert!(max_size <= data.len());
    let schema = raw_schema("data").expect("bytes are a schema");
    let room = max_size.max(size);
    let mut input = vec![0; PREFIX + room];
    input[..PREFIX].copy_from_slice(&(size as u32).to_le_bytes());
    input[PREFIX..][..size].copy_from_slice(&data[..size]);
    let len =
        ENGINE.with_borrow_mut(|engine| engine.mutate(&schema, &mut input, PREFIX + size, &[]));
    let new = (len - PREFIX).min(max_size);
    data[..new].copy_from_slice(&input[PREFIX..][..new]);
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the engine makes of `abc` in the hands of a mutator with this seed.
    fn made(seed: u32, max_size: usize) -> Vec<u8> {
        let mut data = *b"abc.....";
        let size = call(seed, || mutate(&mut data, 3, max_size));
        data[..size].to_vec()
    }

    #[test]
    fn a_change_depends_on_the_seed_and_stays_within_bounds() {
        let all: Vec<Vec<u8>> = (0..100).map(|seed| made(seed, 8)).collect();
        assert_eq!((0..100).map(|seed| made(seed, 8)).collect::<Vec<_>>(), all);
        assert!(all.iter().all(|one| one.len() <= 8));
        assert!(all.iter().any(|one| one.len() > 3) && all.iter().any(|one| one != b"abc"));
        assert!(
            (0..100).all(|seed| made(seed, 2).len() <= 2),
            "it shrinks where that is asked for"
        );
    }
}
