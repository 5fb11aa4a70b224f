//! What a visit to an entry executes.

use super::{Mutator, solve};
use crate::CHAIN;
use crate::domain::edit::Buffer;
use crate::rng::Rng;
use crate::schema::Schema;
use crate::schema::shape::ShapeError;
#[cfg(test)]
use crate::schema::shape::Sites;

/// What the variations of an entry are made of, but for the generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recipe<'a> {
    /// The entry.
    pub entry: &'a [u8],
    /// Another input to copy from, or empty.
    pub donor: &'a [u8],
    /// What is known of the comparisons that the entry meets, see [`crate::hints`]; or empty.
    pub hints: &'a [u8],
    /// How many of the tokens learned are used: the first ones.
    pub tokens: u32,
    /// Which of the weights learned are used, counted from 1; 0 for those that are built in.
    pub weights: u8,
}

/// Why a recipe cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecipeError {
    /// The entry or the donor is not an input of the schema.
    Shape(ShapeError),
    /// It refers to tokens or weights that were not learned.
    NotLearned,
}

impl From<ShapeError> for RecipeError {
    fn from(error: ShapeError) -> Self {
        Self::Shape(error)
    }
}

impl std::fmt::Display for RecipeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shape(error) => write!(f, "an entry or a donor: {error}"),
            Self::NotLearned => f.write_str("a visit uses what was not learned"),
        }
    }
}

impl std::error::Error for RecipeError {}

/// The variations of an entry, one after the other in one buffer. They depend on the recipe and the
/// generator alone, so they can be made again.
#[derive(Debug)]
pub struct Variations<'a> {
    /// The generator in it decides all. It has the indices of the entry and of the donor.
    mutator: &'a mut Mutator,
    schema: &'a Schema,
    recipe: Recipe<'a>,
    /// What of the buffer mutation may use.
    input: &'a mut [u8],
    /// How many were made.
    made: u64,
    /// Whether they are those of [`super::solve`].
    is_solving: bool,
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
    /// Those of a recipe that begin with the state of the mutator's generator. They are made at the
    /// front of `input`, none longer than `max_len` bytes or the entry.
    ///
    /// # Errors
    /// If the entry or the donor is not an input of the schema, or the recipe uses what the mutator
    /// has not learned.
    ///
    /// # Panics
    /// If `input` is shorter than that.
    pub fn new(
        mutator: &'a mut Mutator,
        schema: &'a Schema,
        recipe: Recipe<'a>,
        input: &'a mut [u8],
        max_len: usize,
    ) -> Result<Self, RecipeError> {
        if !mutator.follow(&recipe) {
            return Err(RecipeError::NotLearned);
        }
        mutator.entry_sites.rebuild(schema, recipe.entry)?;
        if !recipe.donor.is_empty() {
            mutator.donor_sites.rebuild(schema, recipe.donor)?;
        }
        // An entry may be longer than mutation would make it; then it may not grow further.
        let room = max_len.max(recipe.entry.len());
        let is_solving = solve::is_solving(mutator.rng);
        if is_solving {
            let Mutator { entry_sites, hint_index, solutions, .. } = &mut *mutator;
            let hints = hint_index.of(recipe.hints);
            solve::solutions(schema, recipe.entry, entry_sites, hints, solutions);
        }
        let input = &mut input[..room];
        Ok(Self { mutator, schema, recipe, input, made: 0, is_solving, len: 0 })
    }

    /// The next one: a change to the one before, or to the entry.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> &[u8] {
        if self.is_solving {
            return self.next_solution();
        }
        let (mutator, schema) = (&mut *self.mutator, self.schema);
        if self.made.is_multiple_of(CHAIN) {
            let entry = self.recipe.entry;
            self.input[..entry.len()].copy_from_slice(entry);
            self.len = entry.len();
            if schema.raw().is_none() {
                mutator.sites.copy_from(&mutator.entry_sites);
                mutator.is_indexed = true;
            }
        }
        self.made += 1;
        let input = Buffer::new(self.input, self.len);
        self.len = match schema.raw() {
            Some(raw) => mutator.mutate_raw(input, raw, self.recipe.donor, self.recipe.hints),
            None => mutator.mutate_tree(schema, input, self.recipe.donor, self.recipe.hints, true),
        };
        &self.input[..self.len]
    }

    /// The next one of a visit that tries all hints: a change of the entry.
    #[cold]
    #[inline(never)]
    fn next_solution(&mut self) -> &[u8] {
        let Recipe { entry, donor, hints, .. } = self.recipe;
        self.input[..entry.len()].copy_from_slice(entry);
        let number = self.mutator.rng.state;
        let input = Buffer::new(self.input, entry.len());
        self.len = match self.mutator.solutions.get(number as usize) {
            Some(solution) => {
                let Mutator { entry_sites, hint_index, .. } = &*self.mutator;
                solve::apply(self.schema, entry_sites, hint_index.of(hints), *solution, input)
            }
            None => {
                self.mutator.rng = solve::single(number, entry);
                self.mutator.is_indexed = false;
                match self.schema.raw() {
                    Some(raw) => self.mutator.mutate_raw(input, raw, donor, hints),
                    None => self.mutator.mutate_tree(self.schema, input, donor, hints, true),
                }
            }
        };
        self.mutator.rng = Rng { state: number + 1, inc: 0 };
        self.made += 1;
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
