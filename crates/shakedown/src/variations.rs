//! What a batch executes.

use shakedown_core::mutate::Mutator;
use shakedown_core::schema::Schema;
use shakedown_core::{CHAIN, shape};

/// The variations of an entry, one after the other in the input region. They depend on nothing but
/// the entry, the donor and the generator, so a batch can be made again.
pub(crate) struct Variations<'a> {
    /// The generator in it decides all.
    pub(crate) mutator: &'a mut Mutator,
    schema: &'a Schema,
    entry: &'a [u8],
    donor: &'a [u8],
    input: &'a mut [u8],
    /// As much of it as mutation may use.
    room: usize,
    /// Length of the input made last, in bytes.
    len: usize,
}

impl<'a> Variations<'a> {
    /// Those of `entry`, which mutation makes no longer than `max_len` bytes.
    pub(crate) fn new(
        mutator: &'a mut Mutator,
        schema: &'a Schema,
        entry: &'a [u8],
        donor: &'a [u8],
        input: &'a mut [u8],
        max_len: usize,
    ) -> Result<Self, String> {
        shape::check(schema, entry).map_err(|error| format!("the entry: {error}"))?;
        if !donor.is_empty() {
            shape::check(schema, donor).map_err(|error| format!("the donor: {error}"))?;
        }
        // An entry may be longer than mutation would make it; then it may not grow further.
        let room = max_len.max(entry.len());
        Ok(Self { mutator, schema, entry, donor, input, room, len: 0 })
    }

    /// The next variation, after `made` of them: a change to the one before, or to the entry.
    #[inline]
    pub(crate) fn next(&mut self, made: u64) -> &[u8] {
        if made.is_multiple_of(CHAIN) {
            self.input[..self.entry.len()].copy_from_slice(self.entry);
            self.len = self.entry.len();
        }
        self.len =
            self.mutator.mutate(self.schema, &mut self.input[..self.room], self.len, self.donor);
        &self.input[..self.len]
    }

    /// The input made last.
    pub(crate) fn last(&self) -> &[u8] {
        &self.input[..self.len]
    }

    /// Puts another input in the place of the last.
    ///
    /// # Panics
    /// If it is longer than the region.
    pub(crate) fn put(&mut self, input: &[u8]) -> &[u8] {
        self.input[..input.len()].copy_from_slice(input);
        self.len = input.len();
        self.last()
    }
}
