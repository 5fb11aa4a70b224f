//! Vectors of which the first elements lie in place.

use smallvec::{Array, SmallVec};

use crate::Input;
use crate::input::{Corrupt, NodeId, Reader, Types, Writer};

impl<'a, A: Array<Item: Input<'a>>> Input<'a> for SmallVec<A> {
    fn schema(types: &mut Types) -> NodeId {
        A::Item::vec_schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        let count = reader.count()?;
        (0..count).map(|_| A::Item::decode(reader)).collect()
    }

    fn encode(&self, writer: &mut Writer) {
        A::Item::vec_encode(self, writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{inputs_are_values, survives};

    #[test]
    fn short_and_long_ones_survive() {
        survives(&SmallVec::<[u8; 4]>::from_slice(&[1, 2]));
        survives(&SmallVec::<[String; 1]>::from_vec(vec!["a".into(), "b".into()]));
        inputs_are_values::<(SmallVec<[u8; 2]>, SmallVec<[u32; 2]>)>();
    }
}
