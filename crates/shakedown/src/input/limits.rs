//! The attributes `range`, `len` and `chars` of fields, as derived code applies them.

use std::num::{NonZero, Saturating, Wrapping};
use std::ops::{Bound as End, Range, RangeBounds, RangeInclusive, RangeTo};

use shakedown_core::schema::{Alphabet, Bound, Int, Len, Node, NodeId, Types};

use super::numbers::{Integer, non_zero};

/// A type that `#[input(range = ..)]` can limit.
#[diagnostic::on_unimplemented(
    message = "`range` cannot limit a `{Self}`",
    label = "`#[input(range = ..)]` needs a field of an integer type"
)]
pub trait Ranged {
    /// What the ends of the range are.
    type End: Integer;

    /// The type without the attribute.
    #[must_use]
    fn int() -> Int {
        Self::End::int()
    }
}

macro_rules! ranged {
    ($($int:ident)*) => {$(
        impl Ranged for $int {
            type End = $int;
        }

        impl Ranged for NonZero<$int> {
            type End = $int;

            fn int() -> Int {
                non_zero(<$int as Integer>::int())
            }
        }
    )*};
}

ranged! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

macro_rules! ranged_around {
    ($($type:ident)*) => {$(
        impl<T: Ranged> Ranged for $type<T> {
            type End = T::End;

            fn int() -> Int {
                T::int()
            }
        }
    )*};
}

ranged_around! { Box Wrapping Saturating }

/// A range of constants, for a check that the compiler makes.
#[derive(Clone, Copy, Debug)]
pub struct Constant<R>(pub R);

macro_rules! checked {
    ($($int:ident)*) => {$(
        checked! { $int: Range, |range| range.start < range.end }
        checked! { $int: RangeInclusive, |range| *range.start() <= *range.end() }
        checked! { $int: RangeTo, |range| $int::MIN < range.end }
    )*};
    ($int:ident: $range:ident, |$this:ident| $has_any:expr) => {
        impl Constant<&$range<$int>> {
            /// Whether there is a value in the range.
            #[must_use]
            pub const fn has_any(self) -> bool {
                let $this = self.0;
                $has_any
            }
        }
    };
}

checked! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

/// The node of a `T`, `node`, limited to the values in the `range` of `field`.
pub fn limit_range<T: Ranged>(
    types: &mut Types,
    field: &str,
    node: NodeId,
    range: impl RangeBounds<T::End>,
) -> NodeId {
    let int = T::int();
    let min = match range.start_bound() {
        End::Included(start) => Some(start.key()),
        End::Excluded(start) => start.key().checked_add(1),
        End::Unbounded => Some(int.min),
    };
    let max = match range.end_bound() {
        End::Included(end) => Some(end.key()),
        End::Excluded(end) => end.key().checked_sub(1),
        End::Unbounded => Some(int.max),
    };
    match (min.map(|min| min.max(int.min)), max.map(|max| max.min(int.max))) {
        (Some(min), Some(max)) if min <= max => types.add(Node::Int(Int { min, max, ..int })),
        // An empty range, which the table reports as an error.
        _ => types.limit_range(field, node, Bound::Positive(1), Bound::Positive(0)),
    }
}

/// The node of a string or sequence, limited to the lengths in the `range` of `field`.
pub fn limit_len(
    types: &mut Types,
    field: &str,
    node: NodeId,
    range: impl RangeBounds<usize>,
) -> NodeId {
    let cut = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let min = match range.start_bound() {
        End::Included(start) => cut(*start),
        End::Excluded(start) => cut(start.saturating_add(1)),
        End::Unbounded => 0,
    };
    let max = match range.end_bound() {
        End::Included(end) => Some(cut(*end)),
        End::Excluded(end) => end.checked_sub(1).map(cut),
        End::Unbounded => Some(u32::MAX),
    };
    match max {
        Some(max) => types.limit_len(field, node, Len { min, max }),
        None => types.limit_len(field, node, Len { min: 1, max: 0 }),
    }
}

/// The node of a string or bytes, limited to the codes of `field`: the first and last of each run.
pub fn limit_chars(types: &mut Types, field: &str, node: NodeId, runs: &[(u32, u32)]) -> NodeId {
    types.limit_chars(field, node, &Alphabet::new(runs.iter().map(|(first, last)| *first..=*last)))
}
