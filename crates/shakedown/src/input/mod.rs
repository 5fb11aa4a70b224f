//! What an argument of a target may be: the [`Input`] trait, and what is needed to implement it.
//!
//! Each file here implements it for one kind of standard types, and each in `foreign` for those of
//! another crate. Most user types derive the trait; a type with an invariant implements it through a
//! type that has none, see [`Input`].

#[cfg(feature = "arbitrary")]
mod arbitrary;
mod collections;
mod foreign;
pub(crate) mod items;
mod lists;
mod network;
pub(crate) mod numbers;
mod paths;
#[cfg(feature = "macros")]
pub(crate) mod pattern;
mod pointers;
mod ranges;
mod read;
pub(crate) mod shapes;
pub(crate) mod steps;
#[cfg(feature = "proptest")]
pub(crate) mod strategy;
mod sums;
#[cfg(test)]
#[allow(dead_code, reason = "each test uses its own part of this")]
#[path = "../../tests/common/mod.rs"]
mod testing;
mod text;
mod time;
mod tuples;

pub(crate) mod limits;

#[cfg(feature = "arbitrary")]
pub use arbitrary::{Arbitrary, arbitrary_corpus};
pub use read::{from_text, from_text_with};
pub use shakedown_core::codec::{Corrupt, Reader, Writer};
pub use shakedown_core::schema::{NodeId, Types};
pub use steps::{sorted, unique};

use std::borrow::Cow;

use shakedown_core::schema::{Len, Node, SeqStyle};

/// A type whose values the engine can make: every argument of a [target](crate::fuzz) has one.
///
/// The standard types have it: integers, floats, `bool`, `char`, strings, paths, byte slices, every
/// collection, arrays of any length, tuples up to twelve, `Option`, `Result`, smart pointers (also to
/// strings and slices), ranges, `Duration`, `SystemTime`, network addresses. So have those of other
/// crates, see [below](#types-of-other-crates). Yours get it by `#[derive(Input)]`:
///
/// ```
/// use shakedown::Input;
///
/// #[derive(Input)]
/// enum Op<'a> {
///     Push(&'a str),
///     Truncate {
///         #[input(range = 0..=64)]
///         len: usize,
///     },
///     Nested(Vec<Op<'a>>),
/// }
/// ```
///
/// `&str` and `&[u8]`, as arguments and as fields, are borrowed. The first four of an input end at
/// a guard page, so unsafe code that reads or writes past the end crashes. Owned values are not
/// guarded.
#[doc = include_str!("docs/types.md")]
#[doc = include_str!("docs/attributes.md")]
#[doc = include_str!("docs/foreign.md")]
///
/// # Strategies of proptest
///
/// With the feature `proptest`, `#[input(strategy = expr)]` takes the value of a field or argument from a
/// strategy whose generator reads the bytes of the input. So a property that exists can be searched
/// with coverage as it is. The engine sees only bytes, and so does the file; `cargo test` shows the
/// values of inputs that fail.
///
/// ```
/// # #[cfg(feature = "proptest")]
/// # mod tests {
/// use proptest::prelude::*;
///
/// fn ranges() -> impl Strategy<Value = (u32, u32)> {
///     (0..100u32, 1..9u32).prop_map(|(start, len)| (start, start + len))
/// }
///
/// #[shakedown::fuzz]
/// fn ranges_have_a_length(#[input(strategy = ranges())] range: (u32, u32)) {
///     assert!(range.0 < range.1);
/// }
///
/// #[derive(shakedown::Input)]
/// struct Case {
///     #[input(strategy = ranges())]
///     range: (u32, u32),
/// }
///
/// # pub fn run() {
/// let case: Case = shakedown::from_text(r#"Case { range: b"some bytes" }"#);
/// ranges_have_a_length(case.range);
/// # }
/// # }
/// # #[cfg(feature = "proptest")]
/// # tests::run();
/// ```
///
/// # By hand
///
/// A type with an invariant decodes another type, and makes a valid value of every one of its
/// values:
///
/// ```
/// use shakedown::Input;
/// use shakedown::input::{Corrupt, NodeId, Reader, Types, Writer};
///
/// struct Even(u32);
///
/// impl<'a> Input<'a> for Even {
///     fn schema(types: &mut Types) -> NodeId {
///         u32::schema(types)
///     }
///
///     fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
///         Ok(Self(u32::decode(reader)? & !1))
///     }
///
///     fn encode(&self, writer: &mut Writer) {
///         self.0.encode(writer);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made from an input",
    label = "the fuzzer does not know how to make this",
    note = "derive it for your own types: `#[derive(shakedown::Input)]`; for those of others, take \
            a type that has it and make theirs from it, or write `#[input(with = module)]`"
)]
pub trait Input<'a>: Sized {
    /// Adds the shape of the type to the table, and returns where it is.
    fn schema(types: &mut Types) -> NodeId;

    /// Reads a value; every encoding of the shape must give one.
    ///
    /// # Errors
    /// If the bytes do not have the shape, which the engine has checked before.
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt>;

    /// Writes a value so that [`Self::decode`] reads an equal one.
    fn encode(&self, writer: &mut Writer);

    /// The shape of a vector of this type: bytes for `u8`, a sequence for all others.
    #[doc(hidden)]
    fn vec_schema(types: &mut Types) -> NodeId {
        let element = Self::schema(types);
        types.add(Node::Seq { element, len: Len::ANY, style: SeqStyle::List })
    }

    /// Reads a vector of this type.
    #[doc(hidden)]
    #[inline]
    fn vec_decode(reader: &mut Reader<'a>) -> Result<Vec<Self>, Corrupt> {
        let count = reader.count()?;
        let mut list = Vec::with_capacity(lists::capacity(count, reader));
        for _ in 0..count {
            list.push(Self::decode(reader)?);
        }
        Ok(list)
    }

    /// Reads a vector of this type, or borrows it where it lies in the input as it is.
    #[doc(hidden)]
    #[inline]
    fn cow_decode(reader: &mut Reader<'a>) -> Result<Cow<'a, [Self]>, Corrupt>
    where
        Self: Clone,
    {
        Self::vec_decode(reader).map(Cow::Owned)
    }

    /// Writes what [`Self::vec_decode`] reads.
    #[doc(hidden)]
    fn vec_encode(list: &[Self], writer: &mut Writer) {
        writer.count(list.len());
        list.iter().for_each(|element| element.encode(writer));
    }

    /// The shape of an array of this type: bytes for `u8`, an array for all others.
    #[doc(hidden)]
    fn array_schema<const N: usize>(types: &mut Types) -> NodeId {
        let element = Self::schema(types);
        types.add(Node::Array { element, len: lists::array_len(N) })
    }

    /// Reads a value of this type into a box, past the stack where it is large.
    #[doc(hidden)]
    #[inline]
    fn box_decode(reader: &mut Reader<'a>) -> Result<Box<Self>, Corrupt> {
        Self::decode(reader).map(Box::new)
    }

    /// Reads an array of this type.
    #[doc(hidden)]
    #[inline]
    fn array_decode<const N: usize>(reader: &mut Reader<'a>) -> Result<[Self; N], Corrupt> {
        if const { N * size_of::<Self>() > lists::MAX_ON_STACK } {
            return Self::array_box_decode(reader).map(|array| *array);
        }
        let elements = [(); N].map(|()| Self::decode(reader).ok());
        match elements.iter().all(Option::is_some) {
            true => Ok(elements.map(|element| element.expect("just checked"))),
            false => Err(Corrupt),
        }
    }

    /// As [`Self::array_decode`], without building the array on the stack.
    #[doc(hidden)]
    #[inline]
    fn array_box_decode<const N: usize>(
        reader: &mut Reader<'a>,
    ) -> Result<Box<[Self; N]>, Corrupt> {
        let elements: Result<Box<[Self]>, Corrupt> = (0..N).map(|_| Self::decode(reader)).collect();
        elements?.try_into().map_err(|_| Corrupt)
    }

    /// Writes what [`Self::array_decode`] reads.
    #[doc(hidden)]
    fn array_encode(array: &[Self], writer: &mut Writer) {
        array.iter().for_each(|element| element.encode(writer));
    }
}
