//! What a visit to an entry executes.

use shakedown_core::mutate::Mutator;
use shakedown_core::rng::Rng;
use shakedown_core::schema::Schema;
use shakedown_core::{CHAIN, shape};

/// The variations of an entry, one after the other in the input region. They depend on nothing but
/// the entry, the donor and the generator, so they can be made again.
pub(crate) struct Variations<'a> {
    /// The generator in it decides all.
    mutator: &'a mut Mutator,
    schema: &'a Schema,
    entry: &'a [u8],
    donor: &'a [u8],
    input: &'a mut [u8],
    /// As much of it as mutation may use.
    room: usize,
    /// How many were made.
    made: u64,
    /// Length of the input made last, in bytes.
    len: usize,
}

/// How far variations are. At the start of a chain that is all that those to come depend on.
#[derive(Clone, Copy)]
pub(crate) struct Position {
    /// Where the generator stands.
    pub(crate) rng: Rng,
    made: u64,
}

impl<'a> Variations<'a> {
    /// Those of `entry` that begin with this state of the generator; mutation makes none longer than
    /// `max_len` bytes.
    pub(crate) fn new(
        mutator: &'a mut Mutator,
        rng: Rng,
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
        mutator.rng = rng;
        Ok(Self { mutator, schema, entry, donor, input, room, made: 0, len: 0 })
    }

    /// The next one: a change to the one before, or to the entry.
    #[inline]
    pub(crate) fn next(&mut self) -> &[u8] {
        if self.made.is_multiple_of(CHAIN) {
            self.input[..self.entry.len()].copy_from_slice(self.entry);
            self.len = self.entry.len();
        }
        self.made += 1;
        self.len =
            self.mutator.mutate(self.schema, &mut self.input[..self.room], self.len, self.donor);
        &self.input[..self.len]
    }

    /// The input made last.
    pub(crate) fn last(&self) -> &[u8] {
        &self.input[..self.len]
    }

    /// How far they are.
    pub(crate) fn position(&self) -> Position {
        Position { rng: self.mutator.rng, made: self.made }
    }

    /// Goes back, or forth, to the start of a chain.
    pub(crate) fn go_to(&mut self, position: Position) {
        self.mutator.rng = position.rng;
        self.made = position.made;
    }

    /// Goes to where this input was the last that was made.
    ///
    /// # Panics
    /// If it is longer than the region.
    pub(crate) fn go_to_input(&mut self, position: Position, input: &[u8]) {
        self.go_to(position);
        self.input[..input.len()].copy_from_slice(input);
        self.len = input.len();
    }
}
