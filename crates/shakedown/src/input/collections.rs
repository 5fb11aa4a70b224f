//! Maps and sets. Elements that come twice are dropped, the last value of a key counts.
//!
//! The hashed ones are written in the order of their encoded elements, so that equal values have
//! equal encodings.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use shakedown_core::schema::{Len, Node, SeqStyle};

use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

fn sequence<'a, T: Input<'a>>(types: &mut Types, style: SeqStyle) -> NodeId {
    let element = T::schema(types);
    types.add(Node::Seq { element, len: Len::ANY, style })
}

/// Decodes elements one by one into a collection.
#[inline]
fn collect<'a, T: Input<'a>, C: Default + Extend<T>>(
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

/// Writes the elements that `encode` writes, ordered by their bytes.
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

impl<'a, T: Input<'a> + Ord> Input<'a> for BTreeSet<T> {
    fn schema(types: &mut Types) -> NodeId {
        sequence::<T>(types, SeqStyle::Set)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        collect(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.count(self.len());
        self.iter().for_each(|element| element.encode(writer));
    }
}

impl<'a, K: Input<'a> + Ord, V: Input<'a>> Input<'a> for BTreeMap<K, V> {
    fn schema(types: &mut Types) -> NodeId {
        sequence::<(K, V)>(types, SeqStyle::Map)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        collect::<(K, V), _>(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.count(self.len());
        for (key, value) in self {
            key.encode(writer);
            value.encode(writer);
        }
    }
}

impl<'a, T, S> Input<'a> for HashSet<T, S>
where
    T: Input<'a> + Eq + Hash,
    S: BuildHasher + Default,
{
    fn schema(types: &mut Types) -> NodeId {
        sequence::<T>(types, SeqStyle::Set)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        collect(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        write_sorted(self.iter(), T::encode, writer);
    }
}

impl<'a, K, V, S> Input<'a> for HashMap<K, V, S>
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
        let encode = |(key, value): (&K, &V), writer: &mut Writer| {
            key.encode(writer);
            value.encode(writer);
        };
        write_sorted(self.iter(), encode, writer);
    }
}
