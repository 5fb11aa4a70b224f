//! Vectors, slices that are owned or may be, and arrays. Those of `u8` are bytes: see there.

use std::borrow::Cow;
use std::collections::{LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use super::collections::write_all;
use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

/// Capacity for `count` elements, but for no more than the rest of the input could hold, so that a
/// false count does not take all memory.
#[inline]
pub(crate) fn capacity(count: usize, reader: &Reader<'_>) -> usize {
    count.min(reader.rest().len())
}

/// The length of an array in a schema. Arrays that are too long for a schema do not fit a stack.
pub(crate) fn array_len(len: usize) -> u32 {
    u32::try_from(len).expect("an array of fewer than 2^32 elements")
}

/// Lists that do not lie in one piece.
macro_rules! collected_from_vectors {
    ($($type:ident)*) => {$(
        impl<'a, T: Input<'a>> Input<'a> for $type<T> {
            fn schema(types: &mut Types) -> NodeId {
                T::vec_schema(types)
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                T::vec_decode(reader).map(Self::from_iter)
            }

            fn encode(&self, writer: &mut Writer) {
                // Bytes are encoded as a sequence of numbers of one byte would be, so this serves both.
                write_all(self.iter(), T::encode, writer);
            }
        }
    )*};
}

collected_from_vectors! { VecDeque LinkedList }

impl<'a, T: Input<'a> + Clone> Input<'a> for Cow<'a, [T]> {
    fn schema(types: &mut Types) -> NodeId {
        T::vec_schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        T::cow_decode(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        T::vec_encode(self, writer);
    }
}

macro_rules! made_from_vectors {
    ($($type:ty;)*) => {$(
        impl<'a, T: Input<'a>> Input<'a> for $type {
            fn schema(types: &mut Types) -> NodeId {
                T::vec_schema(types)
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                T::vec_decode(reader).map(Self::from)
            }

            fn encode(&self, writer: &mut Writer) {
                T::vec_encode(self, writer);
            }
        }
    )*};
}

made_from_vectors! { Vec<T>; Box<[T]>; Rc<[T]>; Arc<[T]>; }

/// The largest array that is decoded in place, in bytes: on its way it may be on the stack more than
/// once.
pub(crate) const MAX_ON_STACK: usize = 1 << 12;

impl<'a, T: Input<'a>, const N: usize> Input<'a> for [T; N] {
    fn schema(types: &mut Types) -> NodeId {
        T::array_schema::<N>(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        T::array_decode(reader)
    }

    #[inline]
    fn box_decode(reader: &mut Reader<'a>) -> Result<Box<Self>, Corrupt> {
        T::array_box_decode(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        T::array_encode(self, writer);
    }
}
