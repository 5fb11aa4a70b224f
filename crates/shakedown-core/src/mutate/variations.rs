//! What a visit to an entry executes.

use super::draws::MutatorId;
use super::{Mutator, drawing, solve, stretch};
use crate::CHAIN;
use crate::domain::edit::Buffer;
use crate::hints::{self, Comparison, HintIndex};
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
    kind: Kind,
    /// Tells the random changes of this entry from those of others, where the kind is not plain.
    stream: u64,
    /// What made each change of the chain.
    chain: [MutatorId; CHAIN as usize],
    /// Length of the input made last, in bytes.
    len: usize,
}

/// What variations are made of; the generator says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Random changes, in chains.
    Plain,
    /// Changes that the hints suggest, see [`super::solve`].
    Solving,
    /// The same, and then random changes, after each of which sums are repaired.
    Repairing,
    /// Long repetitions of what repeats, see [`super::stretch`].
    Stretching,
    /// Inputs from nothing, see [`super::drawing`].
    Drawing,
}

impl Kind {
    fn of(rng: Rng) -> Self {
        match rng.inc {
            solve::INCREMENT => Self::Solving,
            solve::REPAIRING => Self::Repairing,
            stretch::INCREMENT => Self::Stretching,
            drawing::INCREMENT => Self::Drawing,
            _ => Self::Plain,
        }
    }
}

/// Random changes alone make no input longer than this, or than [`GROWTH`] times the entry: long
/// ones take time, and most of what is to be found needs few bytes. Units: bytes.
const MODEST_LEN: usize = 1 << 12;

/// How often as long as its entry a random change may make an input that is long already.
const GROWTH: usize = 2;

/// The longest variation of an entry of this length. It may be longer itself than mutation would make
/// it; then it may not grow further.
fn room(entry: usize, kind: Kind, max_len: usize) -> usize {
    let most = match kind {
        Kind::Plain | Kind::Solving | Kind::Repairing | Kind::Drawing => {
            max_len.min((GROWTH * entry).max(MODEST_LEN))
        }
        Kind::Stretching => max_len,
    };
    most.max(entry)
}

/// How often each change that hints suggest is tried where sums are repaired: which bytes are the sum may
/// be a guess.
const REPAIRED_AGAIN: usize = 8;

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
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
        let kind = Kind::of(mutator.rng);
        let Mutator { entry_sites, hint_index, solutions, runs, .. } = &mut *mutator;
        match kind {
            Kind::Plain | Kind::Drawing => {}
            Kind::Solving | Kind::Repairing => {
                let hints = hint_index.of(recipe.hints);
                solve::solutions(schema, recipe.entry, entry_sites, hints, solutions);
            }
            Kind::Stretching => stretch::runs(schema, recipe.entry, entry_sites, runs),
        }
        let stream = if kind == Kind::Plain { 0 } else { hash(recipe.entry) };
        let chain = [MutatorId::OTHER; CHAIN as usize];
        let input = &mut input[..room(recipe.entry.len(), kind, max_len)];
        Ok(Self { mutator, schema, recipe, input, made: 0, kind, stream, chain, len: 0 })
    }

    /// The next one: a change to the one before, or to the entry.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> &[u8] {
        if self.kind != Kind::Plain {
            return self.next_in_order();
        }
        if self.made.is_multiple_of(CHAIN) {
            self.begin();
        }
        self.change();
        self.chain[(self.made % CHAIN) as usize] = self.mutator.used;
        self.made += 1;
        &self.input[..self.len]
    }

    /// Goes back to the entry.
    #[inline(always)]
    fn begin(&mut self) {
        let entry = self.recipe.entry;
        self.input[..entry.len()].copy_from_slice(entry);
        self.len = entry.len();
        if self.schema.raw().is_none() {
            self.mutator.sites.copy_from(&self.mutator.entry_sites);
            self.mutator.is_indexed = true;
        }
    }

    /// Makes one change at random.
    #[inline(always)]
    fn change(&mut self) {
        let schema = self.schema;
        if self.mutator.has_own() && schema.raw().is_some() && self.change_by_own() {
            return;
        }
        let Recipe { donor, hints, .. } = self.recipe;
        let (mutator, input) = (&mut *self.mutator, Buffer::new(self.input, self.len));
        self.len = match schema.raw() {
            Some(raw) => mutator.mutate_raw(input, raw, donor, hints),
            None => mutator.mutate_tree(schema, input, donor, hints, true),
        };
    }

    /// Changes the input by the target's own mutators; whether they did.
    #[cold]
    #[inline(never)]
    fn change_by_own(&mut self) -> bool {
        self.mutator.used = MutatorId::OTHER;
        let Mutator { own, rng, scratch, .. } = &mut *self.mutator;
        let changed = own.apply(self.input, self.len, self.recipe.donor, rng, scratch);
        self.len = changed.unwrap_or(self.len);
        changed.is_some()
    }

    /// The next one of a visit that makes single changes in order, and then at random.
    #[cold]
    #[inline(never)]
    fn next_in_order(&mut self) -> &[u8] {
        self.begin();
        let Rng { state: number, inc } = self.mutator.rng;
        match self.apply(number) {
            Some(len) => self.len = len,
            None => {
                self.mutator.rng = Rng::with_stream(number, self.stream);
                self.change();
            }
        }
        self.mutator.rng = Rng { state: number + 1, inc };
        self.made += 1;
        &self.input[..self.len]
    }

    /// Makes the change of this number; the new length, or nothing if there are not as many.
    fn apply(&mut self, number: u64) -> Option<usize> {
        let mut input = Buffer::new(self.input, self.len);
        if self.kind == Kind::Drawing {
            return self.mutator.draw(self.schema, input, Rng::with_stream(number, self.stream));
        }
        let Mutator { entry_sites: sites, solutions, runs, hint_index, scratch, .. } =
            &mut *self.mutator;
        match self.kind {
            Kind::Plain | Kind::Drawing => None,
            Kind::Solving | Kind::Repairing => {
                let mut number = usize::try_from(number).ok()?;
                if self.kind == Kind::Repairing && number < REPAIRED_AGAIN * solutions.len() {
                    number %= solutions.len();
                }
                solutions.get(number)?;
                let hints = hint_index.of(self.recipe.hints);
                Some(solve::apply(self.schema, sites, hints, solutions, number, input))
            }
            Kind::Stretching => {
                stretch::apply(self.schema, sites, runs, number, &mut input, scratch)
            }
        }
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

    /// Which mutators made the input last made of the entry, in their order.
    #[must_use]
    pub fn mutators(&self) -> &[MutatorId] {
        match (self.kind, self.made.checked_sub(1)) {
            (Kind::Plain, Some(last)) => &self.chain[..=(last % CHAIN) as usize],
            _ => &[],
        }
    }

    /// The input made last.
    #[must_use]
    pub fn last(&self) -> &[u8] {
        &self.input[..self.len]
    }

    /// Whether sums are to be repaired in each of them.
    #[inline]
    #[must_use]
    pub fn are_repaired(&self) -> bool {
        self.kind == Kind::Repairing
    }

    /// Puts what was computed in the place of what the input made last holds as its sum, by what was
    /// compared when it ran; false if nothing looks like a sum.
    pub fn repair(&mut self, comparisons: &[Comparison]) -> bool {
        let hints = hints::of_sums(comparisons);
        if hints.is_empty() {
            return false;
        }
        let mut index = HintIndex::default();
        index.rebuild(&hints);
        let (hints, sites) = (index.of(&hints), &mut self.mutator.sites);
        self.mutator.is_indexed = false;
        let input = &self.input[..self.len];
        let solution = match sites.rebuild(self.schema, input) {
            Ok(()) => {
                // The same for the same variation, different for another one of the same change.
                let choice = Rng::with_stream(self.made, self.stream).u32();
                solve::repair(self.schema, input, sites, hints, choice.into())
            }
            Err(_) => None,
        };
        let Some(solution) = solution else { return false };
        let mut input = Buffer::new(self.input, self.len);
        solve::apply_one(self.schema, sites, hints, solution, &mut input);
        self.len = input.len();
        true
    }

    /// Whether they stretch the entry, see [`stretch`].
    #[must_use]
    pub fn are_stretched(&self) -> bool {
        self.kind == Kind::Stretching
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
