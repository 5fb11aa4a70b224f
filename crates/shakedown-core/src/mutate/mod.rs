//! Mutation of encoded inputs, in place and by schema, and generation from nothing.
//!
//! One call is one small change somewhere in an input. Each mutator is a plain function that says
//! whether it changed anything; the lists of them are tried until one did. Nothing here allocates
//! once its buffers have grown, reads a clock, or draws a random number other than from the given
//! generator, so equal calls give equal inputs.

pub mod drawing;
pub mod draws;
mod elements;
mod generate;
pub mod names;
mod own;
mod pick;
pub(crate) mod solve;
pub(crate) mod sources;
pub mod stretch;
#[cfg(test)]
pub(crate) mod tests;
mod tree;
mod variations;

use crate::domain::edit::Buffer;
use crate::domain::{boolean, bytes, character, float, int, text};
use crate::hints::HintIndex;
use crate::rng::Rng;
use crate::schema::shape::{Change, Sites};
use crate::schema::{Node, Raw, Schema};
use crate::wire::Learn;
use draws::{Draws, MutatorId};
pub use own::{Own, OwnChange, OwnCross};
use solve::Solution;
pub use solve::{SOLVING, repairing};
use sources::{Dictionary, Sources};
use stretch::Run;
use tree::Tree;
pub use variations::{Position, Recipe, RecipeError, Variations};

/// How many random sites are tried before all of them are.
const MAX_PICKS: usize = 8;

/// Changes inputs; keeps its buffers from call to call.
#[derive(Clone, Debug)]
pub struct Mutator {
    /// Where every choice comes from; set it to repeat a batch.
    pub rng: Rng,
    dictionary: Dictionary,
    /// How many tokens of the dictionary are the user's; those learned follow.
    given: usize,
    /// How mutators are drawn: all alike, and then by each of the weights learned.
    draws: Vec<Draws>,
    /// Which of these hold.
    drawn_by: usize,
    /// What made the last change.
    used: MutatorId,
    scratch: Vec<u8>,
    before: Vec<u8>,
    /// The target's own mutators.
    own: Own,
    hint_index: HintIndex,
    solutions: Vec<Solution>,
    runs: Vec<Run>,
    /// Where the values of the input lie that the last mutation left.
    sites: Sites,
    /// Whether `sites` is up to date.
    is_indexed: bool,
    entry_sites: Sites,
    donor_sites: Sites,
    elements: Vec<usize>,
}

impl Mutator {
    /// A mutator that draws from `rng` and uses the tokens of `dictionary`.
    #[must_use]
    pub fn new(rng: Rng, dictionary: Vec<Vec<u8>>) -> Self {
        let dictionary = Dictionary::new(dictionary);
        Self {
            rng,
            given: dictionary.len(),
            draws: vec![Draws::even()],
            drawn_by: 0,
            used: MutatorId::OTHER,
            dictionary,
            scratch: Vec::new(),
            before: Vec::new(),
            own: Own::default(),
            hint_index: HintIndex::default(),
            solutions: Vec::new(),
            runs: Vec::new(),
            sites: Sites::new(),
            is_indexed: false,
            entry_sites: Sites::new(),
            donor_sites: Sites::new(),
            elements: Vec::new(),
        }
    }

    /// Adds what a campaign has learned; only variations whose [`Recipe`] says so use it. Weights that
    /// are not those of our mutators count for nothing.
    pub fn learn(&mut self, learned: Learn) {
        learned.tokens.into_iter().for_each(|token| self.dictionary.add(token));
        let draws = learned.weights.iter().map(|weights| Draws::new(weights));
        self.draws.extend(draws.map(|draws| draws.unwrap_or_else(Draws::even)));
    }

    /// Uses as much as a recipe says of what was learned; whether there is as much.
    fn follow(&mut self, recipe: &Recipe<'_>) -> bool {
        let tokens = self.given + recipe.tokens as usize;
        self.dictionary.show(tokens);
        self.hint_index.rebuild(recipe.hints);
        self.drawn_by = usize::from(recipe.weights).min(self.draws.len() - 1);
        tokens <= self.dictionary.len() && usize::from(recipe.weights) < self.draws.len()
    }

    /// Makes one change to the input `buf[..len]` and returns its new length. The result has the
    /// shape of the schema too, and is no longer than `buf`. `donor` is another input to copy from,
    /// or empty.
    ///
    /// The input stays as it is only if nothing could be changed, or if it does not have the shape
    /// of the schema.
    ///
    /// # Panics
    /// If `len` is more than the length of `buf`.
    #[inline(always)]
    pub fn mutate(&mut self, schema: &Schema, buf: &mut [u8], len: usize, donor: &[u8]) -> usize {
        let input = Buffer::new(buf, len);
        self.hint_index.rebuild(&[]);
        match schema.raw() {
            Some(raw) => self.mutate_raw(input, raw, donor, &[]),
            None => {
                self.is_indexed = false;
                self.mutate_tree(schema, input, donor, &[], false)
            }
        }
    }

    /// What a change is made from, where no index is needed.
    #[inline(always)]
    fn sources<'a>(&'a mut self, hints: &'a [u8], donor: &'a [u8]) -> Sources<'a> {
        Sources {
            rng: &mut self.rng,
            dictionary: &self.dictionary,
            hints: self.hint_index.of(hints),
            donor,
            scratch: &mut self.scratch,
            before: &mut self.before,
            draws: &self.draws[self.drawn_by],
            used: &mut self.used,
        }
    }

    /// Puts an input drawn from this generator in the place of one; its length, unless none was found
    /// that fits.
    fn draw(&mut self, schema: &Schema, mut input: Buffer, rng: Rng) -> Option<usize> {
        self.rng = rng;
        self.is_indexed = false;
        drawing::apply(schema, &mut input, &mut self.sources(&[], &[])).then(|| input.len())
    }

    /// Mutates an input that is one bytes or string value: no index needed.
    #[inline(always)]
    fn mutate_raw(&mut self, mut input: Buffer, raw: &Raw, donor: &[u8], hints: &[u8]) -> usize {
        if input.len() >= 4 {
            let content = 4..input.len();
            let mut sources = self.sources(hints, donor.get(4..).unwrap_or_default());
            match raw {
                Raw::Bytes(bytes) => bytes::change(bytes, &mut input, content, &mut sources),
                Raw::Str(text) => text::change(text, &mut input, content, &mut sources),
            };
        }
        input.len()
    }

    /// Mutates an input of several values. `has_donor_sites` says that the donor is indexed.
    #[inline(never)]
    fn mutate_tree(
        &mut self,
        schema: &Schema,
        input: Buffer,
        donor: &[u8],
        hints: &[u8],
        has_donor_sites: bool,
    ) -> usize {
        if !self.is_indexed && self.sites.rebuild(schema, input.bytes()).is_err() {
            return input.len();
        }
        let wanted = !donor.is_empty() && self.rng.one_in(3);
        let has_donor =
            wanted && (has_donor_sites || self.donor_sites.rebuild(schema, donor).is_ok());
        let before = input.len();
        let mut tree = Tree {
            schema,
            input,
            sites: &self.sites,
            donor: has_donor.then_some((donor, &self.donor_sites)),
            elements: &mut self.elements,
            change: None,
        };
        let mut sources = Sources {
            rng: &mut self.rng,
            dictionary: &self.dictionary,
            hints: self.hint_index.of(hints),
            donor: &[],
            scratch: &mut self.scratch,
            before: &mut self.before,
            draws: &self.draws[self.drawn_by],
            used: &mut self.used,
        };
        *sources.used = MutatorId::OTHER;
        let changed = mutate_some_site(&mut tree, &mut sources);
        let Tree { input, change, .. } = tree;
        let moved = (input.len() as u32).wrapping_sub(before as u32);
        self.is_indexed = changed.is_none_or(|index| {
            let site = self.sites.list()[index];
            match schema.node(site.node) {
                Node::Bool | Node::Int(_) | Node::Float { .. } | Node::Char => true,
                Node::Bytes(_) | Node::Str(_) | Node::OneOf { .. } => {
                    self.sites.follow_content(index, moved);
                    true
                }
                Node::Seq { .. } | Node::Array { .. } | Node::Record(_) | Node::Choice { .. } => {
                    let change = change.unwrap_or_else(|| Change::of_value(index, site));
                    self.sites.follow(schema, input.bytes(), Change { moved, ..change })
                }
            }
        });
        input.len()
    }
}

/// Changes the value at a random site, or else at any; returns its index.
fn mutate_some_site<'a>(tree: &mut Tree<'a, '_>, sources: &mut Sources<'a>) -> Option<usize> {
    for _ in 0..MAX_PICKS {
        let site = pick::pick(tree.schema, tree.sites, sources.rng);
        if mutate_site(tree, site, sources) {
            return Some(site);
        }
    }
    let count = tree.sites.list().len();
    let first = sources.rng.below(count);
    (first..count).chain(0..first).find(|site| mutate_site(tree, *site, sources))
}

/// Changes the value at site `index`; says whether it did.
fn mutate_site<'a>(tree: &mut Tree<'a, '_>, index: usize, sources: &mut Sources<'a>) -> bool {
    if sources.rng.one_in(8) && tree::copy_value(tree, index, sources) {
        return true;
    }
    let site = tree.site(index);
    let value = &mut tree.input.bytes_mut()[site.range()];
    match tree.schema.node(site.node) {
        Node::Bool => boolean::change(value),
        Node::Int(int) => int::change(*int, value, sources),
        Node::Float { .. } => float::change(value, sources),
        Node::Char => character::change(value, sources),
        Node::Bytes(_) | Node::Str(_) => mutate_leaf(tree, index, sources),
        Node::OneOf { values, .. } => values.change(&mut tree.input, site.range(), sources),
        Node::Seq { .. } | Node::Array { .. } => elements::mutate_elements(tree, index, sources),
        Node::Record(_) => {
            tree::copy_value(tree, index, sources) || tree::regenerate(tree, index, sources)
        }
        Node::Choice { .. } => {
            (!sources.rng.one_in(4) && tree::change_variant(tree, index, sources))
                || tree::copy_value(tree, index, sources)
                || tree::regenerate(tree, index, sources)
        }
    }
}

/// Changes the bytes or string at site `index`, with one of the donor's for pieces.
fn mutate_leaf<'a>(tree: &mut Tree<'a, '_>, index: usize, sources: &mut Sources<'a>) -> bool {
    let site = tree.site(index);
    let schema = tree.schema;
    let node = schema.node(site.node);
    sources.donor = match tree.donor {
        Some((bytes, sites)) => {
            let found = tree::find_site(sites, sources, |site| match schema.node(site.node) {
                Node::Bytes(_) => matches!(node, Node::Bytes(_)),
                Node::Str(_) => true,
                Node::Bool
                | Node::Int(_)
                | Node::Float { .. }
                | Node::Char
                | Node::OneOf { .. }
                | Node::Seq { .. }
                | Node::Array { .. }
                | Node::Record(_)
                | Node::Choice { .. } => false,
            });
            found.map_or(&[], |found| &bytes[sites.list()[found].content()])
        }
        None => &[],
    };
    match node {
        Node::Bytes(bytes) => bytes::change(bytes, &mut tree.input, site.content(), sources),
        Node::Str(text) => text::change(text, &mut tree.input, site.content(), sources),
        Node::Bool
        | Node::Int(_)
        | Node::Float { .. }
        | Node::Char
        | Node::OneOf { .. }
        | Node::Seq { .. }
        | Node::Array { .. }
        | Node::Record(_)
        | Node::Choice { .. } => false,
    }
}
