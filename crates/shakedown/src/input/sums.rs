//! The enums of the standard library, and the types without any content.

use std::cmp::Ordering;
use std::marker::PhantomData;
use std::ops::Bound;

use shakedown_core::schema::Node;

use super::shapes::{choice, foreign_enum, unit, wrapping};
use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

impl<'a, T: Input<'a>> Input<'a> for Option<T> {
    fn schema(types: &mut Types) -> NodeId {
        let some = T::schema(types);
        types.add(choice("Option", vec![unit("None"), wrapping("Some", some)]))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        match reader.tag(2)? {
            0 => Ok(None),
            _ => T::decode(reader).map(Some),
        }
    }

    fn encode(&self, writer: &mut Writer) {
        writer.tag(usize::from(self.is_some()), 2);
        if let Some(value) = self {
            value.encode(writer);
        }
    }
}

impl<'a, T: Input<'a>, E: Input<'a>> Input<'a> for Result<T, E> {
    fn schema(types: &mut Types) -> NodeId {
        let ok = T::schema(types);
        let err = E::schema(types);
        types.add(choice("Result", vec![wrapping("Ok", ok), wrapping("Err", err)]))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        match reader.tag(2)? {
            0 => T::decode(reader).map(Ok),
            _ => E::decode(reader).map(Err),
        }
    }

    fn encode(&self, writer: &mut Writer) {
        writer.tag(usize::from(self.is_err()), 2);
        match self {
            Ok(value) => value.encode(writer),
            Err(error) => error.encode(writer),
        }
    }
}

impl<'a, T: Input<'a>> Input<'a> for Bound<T> {
    fn schema(types: &mut Types) -> NodeId {
        let end = T::schema(types);
        let variants =
            vec![wrapping("Included", end), wrapping("Excluded", end), unit("Unbounded")];
        types.add(choice("Bound", variants))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        match reader.tag(3)? {
            0 => T::decode(reader).map(Bound::Included),
            1 => T::decode(reader).map(Bound::Excluded),
            _ => Ok(Bound::Unbounded),
        }
    }

    fn encode(&self, writer: &mut Writer) {
        let (tag, end) = match self {
            Self::Included(end) => (0, Some(end)),
            Self::Excluded(end) => (1, Some(end)),
            Self::Unbounded => (2, None),
        };
        writer.tag(tag, 3);
        if let Some(end) = end {
            end.encode(writer);
        }
    }
}

foreign_enum! { Ordering, "Ordering" { Less, Equal, Greater } }

impl<'a, T: ?Sized> Input<'a> for PhantomData<T> {
    fn schema(types: &mut Types) -> NodeId {
        types.add(Node::Record(unit("PhantomData")))
    }

    #[inline]
    fn decode(_reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        Ok(Self)
    }

    fn encode(&self, _writer: &mut Writer) {}
}
