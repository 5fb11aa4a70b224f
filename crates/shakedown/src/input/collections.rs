//! Maps, sets and heaps. Sets and maps drop what is repeated; the last value of a key counts.
//!
//! The hashed ones and heaps are written in the order of their encoded elements, so that equal
//! values have equal encodings.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use shakedown_core::schema::{Len, Node, SeqStyle};

use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

pub(super) fn sequence<'a, T: Input<'a>>(types: &mut Types, style: SeqStyle) -> NodeId {
    let element = T::schema(types);
    types.add(Node::Seq { element, len: Len::ANY, style })
}

/// Decodes elements one by one into a collection.
#[inline]
pub(super) fn collect<'a, T: Input<'a>, C: Default + Extend<T>>(
    reader: &mut Reader<'a>,
) -> Result<C, Corrupt> {
    let count = reader.count()?;
    let mut corrupt = false;
    let mut collection = C::default();
    collection.extend((0..count).map_while(|_| {
        let element = T::decode(reader);
        corrupt = element.is_err();
        element.ok()
    }));
    if corrupt { Err(Corrupt) } else { Ok(collection) }
}

/// Writes elements in the order in which they come.
pub(super) fn write_all<T>(
    elements: impl ExactSizeIterator<Item = T>,
    encode: impl Fn(T, &mut Writer),
    writer: &mut Writer,
) {
    writer.count(elements.len());
    elements.for_each(|element| encode(element, writer));
}

/// Writes elements in the order of their encodings.
fn write_sorted<T>(
    elements: impl Iterator<Item = T>,
    encode: impl Fn(T, &mut Writer),
    writer: &mut Writer,
) {
    let mut encoded: Vec<Vec<u8>> = elements
        .map(|element| {
            let mut writer = Writer::new();
            encode(element, &mut writer);
            writer.into_bytes()
        })
        .collect();
    encoded.sort_unstable();
    writer.count(encoded.len());
    encoded.iter().for_each(|element| writer.put(element));
}

pub(super) fn encode_pair<'a, K: Input<'a>, V: Input<'a>>(
    (key, value): (&K, &V),
    writer: &mut Writer,
) {
    key.encode(writer);
    value.encode(writer);
}

macro_rules! collections {
    ($([$($generics:tt)*] $type:ty: $style:ident of $element:ty, $write:ident by $encode:expr;)*) => {$(
        impl<'a, $($generics)*> Input<'a> for $type {
            fn schema(types: &mut Types) -> NodeId {
                sequence::<$element>(types, SeqStyle::$style)
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                collect::<$element, _>(reader)
            }

            fn encode(&self, writer: &mut Writer) {
                $write(self.iter(), $encode, writer);
            }
        }
    )*};
}

collections! {
    [T: Input<'a> + Ord]
    BTreeSet<T>: Set of T, write_all by T::encode;

    [K: Input<'a> + Ord, V: Input<'a>]
    BTreeMap<K, V>: Map of (K, V), write_all by encode_pair;

    [T: Input<'a> + Eq + Hash, S: BuildHasher + Default]
    HashSet<T, S>: Set of T, write_sorted by T::encode;

    [K: Input<'a> + Eq + Hash, V: Input<'a>, S: BuildHasher + Default]
    HashMap<K, V, S>: Map of (K, V), write_sorted by encode_pair;

    [T: Input<'a> + Ord]
    BinaryHeap<T>: List of T, write_sorted by T::encode;
}
