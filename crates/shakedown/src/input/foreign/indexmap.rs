//! Maps and sets that keep the order of insertion: the one in the file.

use std::hash::{BuildHasher, Hash};

use indexmap::{IndexMap, IndexSet};
use shakedown_core::schema::SeqStyle;

use crate::Input;
use crate::input::collections::{collect, encode_pair, sequence, write_all};
use crate::input::{Corrupt, NodeId, Reader, Types, Writer};

impl<'a, T: Input<'a> + Eq + Hash, S: BuildHasher + Default> Input<'a> for IndexSet<T, S> {
    fn schema(types: &mut Types) -> NodeId {
        sequence::<T>(types, SeqStyle::Set)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        collect::<T, _>(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        write_all(self.iter(), T::encode, writer);
    }
}

impl<'a, K, V, S> Input<'a> for IndexMap<K, V, S>
where
    K: Input<'a> + Eq + Hash,
    V: Input<'a>,
    S: BuildHasher + Default,
{
    fn schema(types: &mut Types) -> NodeId {
        sequence::<(K, V)>(types, SeqStyle::Map)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        collect::<(K, V), _>(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        write_all(self.iter(), encode_pair, writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{encode, inputs_are_values, survives};

    #[test]
    fn the_order_is_kept() {
        let set = IndexSet::<u8>::from_iter([2, 1]);
        assert_eq!(encode(&set), [2, 0, 0, 0, 2, 1]);
        survives(&set);
        survives(&IndexMap::<String, u8>::from_iter([("b".into(), 1), ("a".into(), 2)]));
        inputs_are_values::<(IndexSet<u8>, IndexMap<u8, bool>)>();
    }
}
