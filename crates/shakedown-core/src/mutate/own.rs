//! Mutators that a target brings itself, for inputs that are plain bytes.

use super::Mutator;
use crate::rng::Rng;

/// Bytes of the count before the content of an input.
const PREFIX: usize = size_of::<u32>();

/// Changes the first `len` bytes of a buffer, and returns how many there are then; no more than `max`
/// are wanted. All choices are made by `seed`. The buffer has as many bytes as the larger of both.
pub type OwnChange = fn(buffer: &mut [u8], len: usize, max: usize, seed: u32) -> usize;

/// Makes the beginning of `out` from two inputs, and returns its length. All choices are made by `seed`.
pub type OwnCross = fn(first: &[u8], second: &[u8], out: &mut [u8], seed: u32) -> usize;

/// What a target brings in place of the engine's mutators: either, or both.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own {
    /// For one input.
    pub change: Option<OwnChange>,
    /// For two.
    pub cross: Option<OwnCross>,
}

impl Own {
    /// Makes a change to the raw input `buffer[..len]` by one of these, and returns its new length;
    /// nothing if the engine is to make it. `donor` is another input, or empty.
    pub(super) fn apply(
        self,
        buffer: &mut [u8],
        len: usize,
        donor: &[u8],
        rng: &mut Rng,
        scratch: &mut Vec<u8>,
    ) -> Option<usize> {
        let (count, content) = buffer.split_at_mut_checked(PREFIX)?;
        let (len, max) = (len.checked_sub(PREFIX)?, content.len());
        let cross = self.cross.filter(|_| donor.len() > PREFIX && rng.one_in(2));
        let new = match (cross, self.change) {
            (Some(cross), _) => {
                scratch.clear();
                scratch.extend_from_slice(&content[..len]);
                cross(scratch, &donor[PREFIX..], content, rng.u32())
            }
            (None, Some(change)) => change(content, len, max, rng.u32()),
            (None, None) => return None,
        };
        let new = new.min(max);
        count.copy_from_slice(&(new as u32).to_le_bytes());
        Some(PREFIX + new)
    }
}

impl Mutator {
    /// Has inputs that are plain bytes changed by the target's own mutators from now on.
    pub fn set_own(&mut self, own: Own) {
        self.own = own;
    }

    /// Whether the target has mutators of its own.
    #[inline]
    pub(super) fn has_own(&self) -> bool {
        self.own.change.is_some() || self.own.cross.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::tests::schema_of;
    use crate::mutate::{Recipe, Variations};
    use crate::schema::{Bytes, Node};

    /// The contents that a target's own mutators make of `entry`.
    fn made(own: Own, entry: &[u8], donor: &[u8], seed: u64) -> Vec<Vec<u8>> {
        let encoded = |content: &[u8]| [&(content.len() as u32).to_le_bytes(), content].concat();
        let (entry, donor, schema) =
            (encoded(entry), encoded(donor), schema_of([Node::Bytes(Bytes::ANY)]));
        let mut mutator = Mutator::new(Rng::new(seed), Vec::new());
        mutator.set_own(own);
        let recipe = Recipe { entry: &entry, donor: &donor, ..Recipe::default() };
        let mut buffer = [0; 12];
        let mut variations =
            Variations::new(&mut mutator, &schema, recipe, &mut buffer, 12).unwrap();
        (0..20)
            .map(|_| {
                let input = variations.next();
                assert_eq!(encoded(&input[PREFIX..]), input, "the count is right");
                input[PREFIX..].to_vec()
            })
            .collect()
    }

    const GROWING: Own = Own {
        change: Some(|buffer, len, max, seed| {
            assert_eq!(buffer.len(), len.max(max));
            if len == max {
                return max + 5;
            }
            buffer[len] = b'a' + (seed % 3) as u8;
            len + 1
        }),
        cross: None,
    };

    #[test]
    fn changes_are_chained_kept_within_bounds_and_repeat_by_their_seed() {
        let all = made(GROWING, b"12345", b"", 7);
        assert_eq!(all.iter().map(Vec::len).take(5).collect::<Vec<_>>(), [6, 7, 8, 8, 8]);
        assert!(all.iter().all(|input| input.starts_with(b"12345")));
        assert_eq!(made(GROWING, b"12345", b"", 7), all);
        assert_ne!(made(GROWING, b"12345", b"", 8), all);
    }

    #[test]
    fn two_inputs_are_crossed_where_there_are_two_and_else_the_engine_changes_one() {
        let cross = Own {
            change: None,
            cross: Some(|first, second, out, _| {
                out[..2].copy_from_slice(&[first[0], second[0]]);
                2
            }),
        };
        let crossed =
            |donor| made(cross, b"x", donor, 2).iter().filter(|one| *one == b"xy").count();
        assert!(crossed(b"y") > 0);
        assert_eq!(crossed(b""), 0);
        assert!(made(cross, b"x", b"", 1).iter().any(|one| one != b"x"));
    }
}
