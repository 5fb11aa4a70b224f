//! Integers, floats, `bool` and `char`.

use std::borrow::Cow;
use std::num::NonZero;

use shakedown_core::schema::{Bytes, Int, Len, Node};

use super::{Corrupt, Input, NodeId, Reader, Types, Writer};
use crate::input::lists;

/// A primitive integer, for what is said about all of them.
pub trait Integer: Copy {
    /// The type in a schema.
    #[must_use]
    fn int() -> Int;
    /// The value as a schema compares it.
    #[must_use]
    fn key(self) -> u128;
}

macro_rules! integer {
    ($int:ident as $wire:ident, $($hooks:tt)*) => {
        impl Integer for $int {
            fn int() -> Int {
                let full = Int::full($int::MIN != 0, size_of::<$wire>() as u8);
                let key = |value: $int| full.key(&(value as $wire).to_le_bytes());
                Int { min: key($int::MIN), max: key($int::MAX), ..full }
            }

            fn key(self) -> u128 {
                Self::int().key(&(self as $wire).to_le_bytes())
            }
        }

        impl<'a> Input<'a> for $int {
            fn schema(types: &mut Types) -> NodeId {
                types.add(Node::Int($int::int()))
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                let value = $wire::from_le_bytes(reader.array()?);
                $int::try_from(value).map_err(|_| Corrupt)
            }

            fn encode(&self, writer: &mut Writer) {
                writer.put(&(*self as $wire).to_le_bytes());
            }

            $($hooks)*
        }
    };
}

macro_rules! integers {
    ($($int:ident as $wire:ident),* $(,)?) => { $(integer!($int as $wire,);)* };
}

integers! {
    u16 as u16, u32 as u32, u64 as u64, u128 as u128, usize as u64,
    i8 as i8, i16 as i16, i32 as i32, i64 as i64, i128 as i128, isize as i64,
}

integer! { u8 as u8,
    fn vec_schema(types: &mut Types) -> NodeId {
        types.add(Node::Bytes(Bytes::ANY))
    }

    #[inline]
    fn vec_decode(reader: &mut Reader<'a>) -> Result<Vec<u8>, Corrupt> {
        reader.bytes().map(<[u8]>::to_vec)
    }

    #[inline]
    fn cow_decode(reader: &mut Reader<'a>) -> Result<Cow<'a, [u8]>, Corrupt> {
        reader.lent().map(Cow::Borrowed)
    }

    fn vec_encode(list: &[u8], writer: &mut Writer) {
        writer.bytes(list);
    }

    fn array_schema<const N: usize>(types: &mut Types) -> NodeId {
        let len = lists::array_len(N);
        types.add(Node::Bytes(Bytes::of_len(Len { min: len, max: len })))
    }

    #[inline]
    fn array_decode<const N: usize>(reader: &mut Reader<'a>) -> Result<[u8; N], Corrupt> {
        reader.bytes()?.try_into().map_err(|_| Corrupt)
    }

    #[inline]
    fn array_box_decode<const N: usize>(reader: &mut Reader<'a>) -> Result<Box<[u8; N]>, Corrupt> {
        Box::<[u8]>::from(reader.bytes()?).try_into().map_err(|_| Corrupt)
    }

    fn array_encode(array: &[u8], writer: &mut Writer) {
        writer.bytes(array);
    }
}

/// The type without zero. Where there are values on both sides of it, a range cannot leave it
/// out; there it is decoded as one.
pub(crate) fn non_zero(int: Int) -> Int {
    let min = if int.signed { int.min } else { 1 };
    Int { min, ..int }
}

macro_rules! non_zero {
    ($($int:ident)*) => {$(
        impl<'a> Input<'a> for NonZero<$int> {
            fn schema(types: &mut Types) -> NodeId {
                types.add(Node::Int(non_zero($int::int())))
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                $int::decode(reader).map(|value| Self::new(value).unwrap_or(const { Self::new(1).unwrap() }))
            }

            fn encode(&self, writer: &mut Writer) {
                self.get().encode(writer);
            }
        }
    )*};
}

non_zero! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

macro_rules! floats {
    ($($float:ident)*) => {$(
        impl<'a> Input<'a> for $float {
            fn schema(types: &mut Types) -> NodeId {
                types.add(Node::Float { width: size_of::<$float>() as u8 })
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                reader.array().map($float::from_le_bytes)
            }

            fn encode(&self, writer: &mut Writer) {
                writer.put(&self.to_le_bytes());
            }
        }
    )*};
}

floats! { f32 f64 }

impl<'a> Input<'a> for bool {
    fn schema(types: &mut Types) -> NodeId {
        types.add(Node::Bool)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        match reader.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Corrupt),
        }
    }

    fn encode(&self, writer: &mut Writer) {
        writer.put(&[u8::from(*self)]);
    }
}

impl<'a> Input<'a> for char {
    fn schema(types: &mut Types) -> NodeId {
        types.add(Node::Char)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        char::from_u32(u32::from_le_bytes(reader.array()?)).ok_or(Corrupt)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.put(&u32::from(*self).to_le_bytes());
    }
}
