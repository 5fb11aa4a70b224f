//! What a visit to an entry executes.

use super::Mutator;
use crate::CHAIN;
use crate::domain::edit::Buffer;
use crate::rng::Rng;
use crate::schema::Schema;
use crate::schema::shape::ShapeError;
#[cfg(test)]
use crate::schema::shape::Sites;

/// The variations of an entry, one after the other in one buffer. They depend on nothing but the entry,
/// the donor and the generator, so they can be made again.
#[derive(Debug)]
pub struct Variations<'a> {
    /// The generator in it decides all. It has the indices of the entry and of the donor.
    mutator: &'a mut Mutator,
    schema: &'a Schema,
    entry: &'a [u8],
    donor: &'a [u8],
    /// What of the buffer mutation may use.
    input: &'a mut [u8],
    /// How many were made.
    made: u64,
    /// Length of the input made last, in bytes.
    len: usize,
}

/// How far variations are. At the start of a chain that is all that those to come depend on.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Where the generator stands.
    pub rng: Rng,
    made: u64,
}

impl<'a> Variations<'a> {
    /// Those of `entry` that begin with the state of the mutator's generator. They are made at the front
    /// of `input`, none longer than `max_len` bytes or the entry. `donor` is another input to copy from,
    /// or empty.
    ///
    /// # Errors
    /// If the entry or the donor is no input of the schema.
    ///
    /// # Panics
    /// If `input` is shorter than that.
    pub fn new(
        mutator: &'a mut Mutator,
        schema: &'a Schema,
        [entry, donor]: [&'a [u8]; 2],
        input: &'a mut [u8],
        max_len: usize,
    ) -> Result<Self, ShapeError> {
        mutator.entry_sites.rebuild(schema, entry)?;
        if !donor.is_empty() {
            mutator.donor_sites.rebuild(schema, donor)?;
        }
        // An entry may be longer than mutation would make it; then it may not grow further.
        let room = max_len.max(entry.len());
        Ok(Self { mutator, schema, entry, donor, input: &mut input[..room], made: 0, len: 0 })
    }

    /// The next one: a change to the one before, or to the entry.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> &[u8] {
        let (mutator, schema) = (&mut *self.mutator, self.schema);
        if self.made.is_multiple_of(CHAIN) {
            self.input[..self.entry.len()].copy_from_slice(self.entry);
            self.len = self.entry.len();
            if schema.raw().is_none() {
                mutator.sites.copy_from(&mutator.entry_sites);
                mutator.is_indexed = true;
            }
        }
        self.made += 1;
        let input = Buffer::new(self.input, self.len);
        self.len = match schema.raw() {
            Some(raw) => mutator.mutate_raw(input, raw, self.donor),
            None => mutator.mutate_tree(schema, input, self.donor, true),
        };
        &self.input[..self.len]
    }

    /// Demands that the index is what looking for all values again would make of it.
    #[cfg(test)]
    pub(super) fn check_index(&self) {
        if self.mutator.is_indexed {
            let mut expected = Sites::new();
            expected.rebuild(self.schema, self.last()).expect("an input of the schema");
            assert_eq!(self.mutator.sites.list(), expected.list());
        }
    }

    /// The input made last.
    #[must_use]
    pub fn last(&self) -> &[u8] {
        &self.input[..self.len]
    }

    /// How far they are.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { rng: self.mutator.rng, made: self.made }
    }

    /// Goes back, or forth, to the start of a chain.
    pub fn go_to(&mut self, position: Position) {
        self.mutator.rng = position.rng;
        self.made = position.made;
    }

    /// Goes to where this input was the last that was made.
    ///
    /// # Panics
    /// If it is longer than the buffer.
    pub fn go_to_input(&mut self, position: Position, input: &[u8]) {
        self.go_to(position);
        self.input[..input.len()].copy_from_slice(input);
        self.len = input.len();
        self.mutator.is_indexed = false;
    }
}
