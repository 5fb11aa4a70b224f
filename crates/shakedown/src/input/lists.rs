//! Vectors, slices that are owned, and arrays. What they are for `u8` is decided there.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

/// Room for `count` elements, but no more than the rest of the input could hold, so that a count
/// that is not true does not take all memory.
#[inline]
pub(crate) fn capacity(count: usize, reader: &Reader<'_>) -> usize {
    count.min(reader.rest().len())
}

/// The length of an array in a schema. Longer ones than can be described do not fit a stack.
pub(crate) fn array_len(len: usize) -> u32 {
    u32::try_from(len).expect("an array of fewer than 2^32 elements")
}

impl<'a, T: Input<'a>> Input<'a> for Vec<T> {
    fn schema(types: &mut Types) -> NodeId {
        T::vec_schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        T::vec_decode(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        T::vec_encode(self, writer);
    }
}

impl<'a, T: Input<'a>> Input<'a> for VecDeque<T> {
    fn schema(types: &mut Types) -> NodeId {
        T::vec_schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        T::vec_decode(reader).map(Self::from)
    }

    fn encode(&self, writer: &mut Writer) {
        // Bytes are encoded as a sequence of numbers of one byte would be, so this serves both.
        writer.count(self.len());
        self.iter().for_each(|element| element.encode(writer));
    }
}

macro_rules! owned_slices {
    ($($pointer:ident)*) => {$(
        impl<'a, T: Input<'a>> Input<'a> for $pointer<[T]> {
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

owned_slices! { Box Rc Arc }

impl<'a, T: Input<'a>, const N: usize> Input<'a> for [T; N] {
    fn schema(types: &mut Types) -> NodeId {
        T::array_schema::<N>(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        T::array_decode(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        T::array_encode(self, writer);
    }
}
