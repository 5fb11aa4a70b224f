//! What a target tells the search beyond its coverage.

use std::hash::{Hash, Hasher};
use std::panic::Location;

/// Makes a state of the target news: inputs that lead to a `key` that was not seen before *at this
/// place of the code* are kept and varied, as those that reach new code are.
///
/// Use it where inputs differ in what coverage does not show: the state that a protocol is in, the
/// shape of a tree, the pair of the operation before and this one. There are 16,384 places for all
/// keys of a target together, found by a hash; so keys should be few, a hundred or a thousand, and
/// round numbers rather than exact ones. Costs some 20 ns, and nothing but the evaluation of `key`
/// in builds that were not made by `cargo shakedown fuzz`.
///
/// ```
/// # #[derive(Clone, Copy, PartialEq, Eq, Hash)] enum State { Closed, Open }
/// # #[derive(Debug, shakedown::Input)] enum Op { Open, Close }
/// # fn step(_: State, op: &Op) -> State { if matches!(op, Op::Open) { State::Open } else { State::Closed } }
/// #[shakedown::fuzz]
/// fn connections_are_closed(ops: &[Op]) {
///     let mut state = State::Closed;
///     for op in ops {
///         let before = state;
///         state = step(state, op);
///         shakedown::observe((before, state));
///     }
/// }
/// # fn main() {}
/// ```
///
/// The idea is that of IJON (C. Aschermann et al., "IJON: Exploring Deep State Spaces via Fuzzing",
/// 2020).
#[track_caller]
pub fn observe(key: impl Hash) {
    if is_wanted() {
        set(Location::caller(), key);
    }
}

/// Has the search look for inputs that make `n` larger *at this place of the code*: those that reach
/// more than was reached before are kept and varied.
///
/// Numbers are told apart up to 31 exactly, and above in steps of a sixteenth of a power of two. To
/// come close to something instead, pass what grows with nearness, as
/// `u64::MAX / (1 + distance)`. Costs are those of [`observe`].
///
/// ```
/// #[shakedown::fuzz]
/// fn trees_stay_shallow(keys: &[u8]) {
///     let tree: std::collections::BTreeSet<_> = keys.iter().collect();
///     shakedown::maximize(tree.len() as u64);
/// }
/// # fn main() {}
/// ```
#[track_caller]
pub fn maximize(n: u64) {
    if is_wanted() {
        set(Location::caller(), level(n));
    }
}

/// As [`maximize`], for each of several slots at one place. Not a public interface.
#[track_caller]
pub fn maximize_at(slot: impl Hash, n: u64) {
    if is_wanted() {
        set(Location::caller(), (slot, level(n)));
    }
}

/// Whether anybody looks at what is observed.
const fn is_wanted() -> bool {
    cfg!(shakedown_coverage)
}

/// Notes that a key was met at this place.
fn set(place: &Location<'_>, key: impl Hash) {
    let mut digest = Digest::of(place);
    key.hash(&mut digest);
    crate::coverage::observed::set(digest.finish());
}

/// FNV-1a, and at the end a multiplication that brings all bits into the upper ones. That of the standard
/// library may change, and would be inlined into the code under test and be instrumented there.
struct Digest(u64);

impl Digest {
    #[inline(never)]
    fn of(place: &Location<'_>) -> Self {
        let mut digest = Self(0xcbf2_9ce4_8422_2325);
        (place.file(), place.line(), place.column()).hash(&mut digest);
        digest
    }
}

impl Hasher for Digest {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    #[inline(never)]
    fn finish(&self) -> u64 {
        (self.0 ^ self.0 >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Steps from one power of two to the next.
const STEPS: u32 = 16;

/// A number in steps that grow with it.
fn level(n: u64) -> u64 {
    let Some(shift) = n.checked_ilog2().and_then(|log| log.checked_sub(STEPS.ilog2())) else {
        return n;
    };
    u64::from(STEPS * (shift + 1)) + (n >> shift) - u64::from(STEPS)
}

#[cfg(test)]
mod tests {
    use super::{Digest, Hash, Hasher, Location, level};

    /// As many as there are cells would hit 63 % of them; of a twentieth, nearly all stay alone.
    #[test]
    fn keys_have_cells_of_their_own() {
        let cell = |key: u32| {
            let mut digest = Digest::of(Location::caller());
            key.hash(&mut digest);
            digest.finish() >> 50
        };
        let cells: std::collections::HashSet<u64> = (0..800).map(cell).collect();
        assert!(cells.len() > 760, "{}", cells.len());
    }

    #[test]
    fn levels_grow_with_the_number_and_are_exact_while_it_is_small() {
        assert!((0..32).all(|n| level(n) == n));
        let numbers = (0..64).flat_map(|log| [1_u64 << log, (1 << log) + (1 << log) / 16]);
        let levels: Vec<u64> = numbers.map(level).collect();
        assert!(levels.is_sorted(), "{levels:?}");
        assert!((5..63).all(|log| level(1 << log) + 1 == level((1 << log) + (1 << log) / 16)));
        assert_eq!((level(32), level(33), level(34)), (32, 32, 33));
        assert_eq!(level(u64::MAX), 60 * 16 + 15);
    }
}
