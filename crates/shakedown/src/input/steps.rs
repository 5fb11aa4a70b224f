//! What attributes do with a value on its way from a file to the target: `map`, `filter`, `sorted`
//! and `unique`, as derived code applies them.

use std::collections::VecDeque;
use std::ops::RangeBounds;

use super::{Corrupt, Input, NodeId, Reader, Types};

/// The shape of what `map` takes.
pub fn source_schema<'a, S: Input<'a>, T>(_map: impl FnOnce(S) -> T, types: &mut Types) -> NodeId {
    S::schema(types)
}

/// What `map` makes of the next value.
///
/// # Errors
/// If the bytes do not have the shape of its source.
#[inline]
pub fn mapped<'a, S: Input<'a>, T>(
    map: impl FnOnce(S) -> T,
    reader: &mut Reader<'a>,
) -> Result<T, Corrupt> {
    S::decode(reader).map(map)
}

/// Says that a value is to be written of which nobody knows the source.
///
/// # Panics
/// Always.
pub fn without_source(field: &str) {
    panic!(
        "`{field}` is made by `map` or `strategy`, so it cannot be written, as a seed needs: for `map`, \
         add `unmap = function`"
    )
}

/// A value that is kept; all others are [rejected](crate::reject()).
#[inline]
pub fn filtered<T>(value: T, is_kept: impl FnOnce(&T) -> bool) -> T {
    if is_kept(&value) { value } else { crate::reject() }
}

/// A list that `sorted` can bring into order.
#[diagnostic::on_unimplemented(
    message = "`sorted` cannot change a `{Self}`",
    label = "`#[input(sorted)]` needs a list that is owned, of elements with an order"
)]
pub trait Sort {
    /// Brings the elements into ascending order; equal ones stay in theirs.
    fn sort(&mut self);
}

macro_rules! sort {
    ($([$($generics:tt)*] $type:ty, |$list:ident| $slice:expr;)*) => {$(
        impl<T: Ord, $($generics)*> Sort for $type {
            fn sort(&mut self) {
                let $list = self;
                <[T]>::sort($slice);
            }
        }
    )*};
}

sort! {
    [] Vec<T>, |list| list;
    [] Box<[T]>, |list| list;
    [] VecDeque<T>, |list| list.make_contiguous();
    [const N: usize] [T; N], |list| list;
}

/// A list in ascending order.
#[inline]
pub fn sorted<L: Sort>(mut list: L) -> L {
    list.sort();
    list
}

/// A list that `unique` can take elements out of.
#[diagnostic::on_unimplemented(
    message = "`unique` cannot change a `{Self}`",
    label = "`#[input(unique)]` needs a `Vec` or `VecDeque` of elements with an order"
)]
pub trait Unique {
    /// Keeps the first of equal elements.
    fn drop_repeated(&mut self);
    /// The number of elements.
    fn count(&self) -> usize;
}

macro_rules! unique {
    ($($list:ident)*) => {$(
        impl<T: Ord> Unique for $list<T> {
            fn drop_repeated(&mut self) {
                let mut order: Vec<usize> = (0..self.len()).collect();
                order.sort_by_key(|at| &self[*at]);
                let mut first = vec![true; self.len()];
                for pair in order.windows(2) {
                    first[pair[1]] = self[pair[0]] != self[pair[1]];
                }
                let mut first = first.into_iter();
                self.retain(|_| first.next() == Some(true));
            }

            fn count(&self) -> usize {
                self.len()
            }
        }
    )*};
}

unique! { Vec VecDeque }

/// A list without repeated elements. [Rejects](crate::reject()) it where that leaves a number of them
/// that is not allowed.
#[inline]
pub fn unique<L: Unique>(mut list: L, len: impl RangeBounds<usize>) -> L {
    list.drop_repeated();
    filtered(list, |list| len.contains(&list.count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_brought_into_order() {
        assert_eq!(sorted(vec![3, 1, 2]), [1, 2, 3]);
        assert_eq!(sorted([3, 1]), [1, 3]);
        assert_eq!(sorted(VecDeque::from([3, 1])), [1, 3]);
    }

    #[test]
    fn the_first_of_equal_elements_is_kept() {
        assert_eq!(unique(vec![3, 1, 3, 2, 1, 3], ..), [3, 1, 2]);
        assert_eq!(unique(VecDeque::from([1, 1]), 1..), [1]);
        assert!(unique(Vec::<u8>::new(), ..).is_empty());
    }

    #[test]
    fn what_is_not_wanted_is_rejected() {
        let is_rejected = |made: fn() -> u8| {
            let payload = std::panic::catch_unwind(made).err();
            payload.is_some_and(|payload| payload.is::<crate::panics::Rejected>())
        };
        assert!(is_rejected(|| filtered(1, |value| *value > 1)));
        assert!(is_rejected(|| unique(vec![1, 1], 2..)[0]));
        assert!(!is_rejected(|| filtered(2, |value| *value > 1)));
    }
}
