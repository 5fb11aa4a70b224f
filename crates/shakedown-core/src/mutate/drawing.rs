//! A visit that draws inputs from nothing, each for itself. A sequence of a hundred operations is a
//! hundred changes away from the empty one, and what any random sequence shows should not take
//! thousands of executions.
//!
//! A visit is of this kind by the increment of its generator, see [`super::stretch`].

use super::generate::append_input;
use super::sources::Sources;
use crate::domain::edit::Buffer;
use crate::schema::Schema;

/// The increment of the generator of such a visit.
pub(super) const INCREMENT: u64 = 6;

/// The state from which a visit begins: others for another number, but for one in four billion.
#[must_use]
pub const fn begin(number: u32) -> (u64, u64) {
    ((number as u64) << 32, INCREMENT)
}

/// Whether a visit that begins with this generator is one.
#[must_use]
pub const fn is_visit((_, increment): (u64, u64)) -> bool {
    increment == INCREMENT
}

/// Puts a random input in the place of one; whether it did.
pub(super) fn apply(schema: &Schema, input: &mut Buffer, sources: &mut Sources) -> bool {
    let whole = 0..input.len();
    let room = input.room() + whole.len();
    sources.scratch.clear();
    append_input(schema, room, sources) && input.replace(whole, sources.scratch)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::mutate::{Mutator, Recipe, Variations};
    use crate::rng::Rng;
    use crate::schema::{Field, Int, Len, Node, SeqStyle, Types};

    #[test]
    fn sequences_of_all_lengths_are_drawn() {
        let mut types = Types::new();
        let element = types.add(Node::Int(Int::full(false, 2)));
        let seq = types.add(Node::Seq { element, len: Len::ANY, style: SeqStyle::List });
        let field = Field { name: "it".into(), node: seq, default: None };
        let schema = types.finish(vec![field]).unwrap();
        let (state, inc) = begin(7);
        let mut mutator = Mutator::new(Rng { state, inc }, Vec::new());
        let entry = schema.simplest_input();
        let recipe = Recipe { entry: &entry, ..Recipe::default() };
        let mut buf = [0; 4096];
        let variations = Variations::new(&mut mutator, &schema, recipe, &mut buf, 4096);
        let mut variations = variations.expect("an input of the schema");
        let inputs: BTreeSet<Vec<u8>> = (0..1000).map(|_| variations.next().to_vec()).collect();
        assert!(inputs.len() > 900, "{} are different", inputs.len());
        for elements in [0..4, 4..16, 16..64, 64..256] {
            let is_such = |input: &&Vec<u8>| elements.contains(&((input.len() - 4) / 2));
            let count = inputs.iter().filter(is_such).count();
            assert!(count > 50, "{count} of {elements:?}");
        }
    }
}
