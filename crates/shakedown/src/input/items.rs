//! What a type holds, for the attributes `items`, `keys` and `values`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use shakedown_core::schema::{Len, Node, SeqStyle};

use super::lists::array_len;
use super::shapes::{choice, field, tuple, unit};
use super::{Corrupt, NodeId, Reader, Types, Writer};

/// A type that holds values which `#[input(items(..))]` can limit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no items",
    label = "`#[input(items(..))]` needs a list, a set, an array or an `Option`"
)]
pub trait Items {
    /// What it holds.
    type Item;
}

/// A map whose keys and values `#[input(keys(..), values(..))]` can limit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no keys and values",
    label = "`#[input(keys(..))]` and `values` need a map"
)]
pub trait Pairs {
    /// Its keys.
    type Key;
    /// Its values.
    type Value;
}

macro_rules! items {
    ($([$($generics:tt)*] $type:ty => $item:ty;)*) => {$(
        impl<$($generics)*> Items for $type {
            type Item = $item;
        }
    )*};
}

items! {
    [T] [T] => T;
    [T, const N: usize] [T; N] => T;
    [T] Vec<T> => T;
    [T] VecDeque<T> => T;
    [T] LinkedList<T> => T;
    [T] BinaryHeap<T> => T;
    [T] BTreeSet<T> => T;
    [T, S] HashSet<T, S> => T;
    [T] Option<T> => T;
    [T: Items + ?Sized] Box<T> => T::Item;
    [T: Items + ?Sized] Rc<T> => T::Item;
    [T: Items + ?Sized] Arc<T> => T::Item;
    [T: Items + ?Sized] &T => T::Item;
    [T: Items + ToOwned + ?Sized] Cow<'_, T> => T::Item;
}

#[cfg(feature = "arrayvec")]
items! { [T, const N: usize] arrayvec::ArrayVec<T, N> => T; }
#[cfg(feature = "indexmap")]
items! { [T, S] indexmap::IndexSet<T, S> => T; }
#[cfg(feature = "smallvec")]
items! { [A: smallvec::Array] smallvec::SmallVec<A> => A::Item; }

macro_rules! pairs {
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        impl<K, V, $($generics)*> Pairs for $type {
            type Key = K;
            type Value = V;
        }
    )*};
}

pairs! {
    [] BTreeMap<K, V>;
    [S] HashMap<K, V, S>;
}

#[cfg(feature = "indexmap")]
pairs! { [S] indexmap::IndexMap<K, V, S>; }

/// A type that holds values which functions of `#[input(items(with = module))]` take care of, whatever
/// these are of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take `items(with = ..)`",
    label = "`#[input(items(with = ..))]` needs a `Vec`, a `VecDeque`, a boxed slice, an array, a \
             `BTreeSet` or an `Option`"
)]
pub trait Held: Items {
    /// The shape of what holds values of this one.
    fn schema(element: NodeId, types: &mut Types) -> NodeId;

    /// Reads all values.
    ///
    /// # Errors
    /// If the bytes do not have the shape, or `read` says so.
    fn decode<'a>(
        reader: &mut Reader<'a>,
        read: impl FnMut(&mut Reader<'a>) -> Result<Self::Item, Corrupt>,
    ) -> Result<Self, Corrupt>
    where
        Self: Sized;

    /// Writes all values.
    fn encode(&self, writer: &mut Writer, write: impl FnMut(&Self::Item, &mut Writer));
}

macro_rules! held {
    ($([$($bounds:tt)*] $type:ty, $style:ident;)*) => {$(
        impl<T: $($bounds)*> Held for $type {
            fn schema(element: NodeId, types: &mut Types) -> NodeId {
                types.add(Node::Seq { element, len: Len::ANY, style: SeqStyle::$style })
            }

            fn decode<'a>(
                reader: &mut Reader<'a>,
                mut read: impl FnMut(&mut Reader<'a>) -> Result<T, Corrupt>,
            ) -> Result<Self, Corrupt> {
                (0..reader.count()?).map(|_| read(reader)).collect()
            }

            fn encode(&self, writer: &mut Writer, mut write: impl FnMut(&T, &mut Writer)) {
                writer.count(self.len());
                self.iter().for_each(|value| write(value, writer));
            }
        }
    )*};
}

held! {
    [Sized] Vec<T>, List;
    [Sized] VecDeque<T>, List;
    [Sized] Box<[T]>, List;
    [Ord] BTreeSet<T>, Set;
}

impl<T, const N: usize> Held for [T; N] {
    fn schema(element: NodeId, types: &mut Types) -> NodeId {
        types.add(Node::Array { element, len: array_len(N) })
    }

    fn decode<'a>(
        reader: &mut Reader<'a>,
        mut read: impl FnMut(&mut Reader<'a>) -> Result<T, Corrupt>,
    ) -> Result<Self, Corrupt> {
        let values: Result<Vec<T>, Corrupt> = (0..N).map(|_| read(reader)).collect();
        values?.try_into().map_err(|_| Corrupt)
    }

    fn encode(&self, writer: &mut Writer, mut write: impl FnMut(&T, &mut Writer)) {
        self.iter().for_each(|value| write(value, writer));
    }
}

impl<T> Held for Option<T> {
    fn schema(element: NodeId, types: &mut Types) -> NodeId {
        let some = tuple("Some", vec![field("0", element, None)]);
        types.add(choice("Option", vec![unit("None"), some]))
    }

    fn decode<'a>(
        reader: &mut Reader<'a>,
        mut read: impl FnMut(&mut Reader<'a>) -> Result<T, Corrupt>,
    ) -> Result<Self, Corrupt> {
        match reader.tag(2)? {
            0 => Ok(None),
            _ => read(reader).map(Some),
        }
    }

    fn encode(&self, writer: &mut Writer, mut write: impl FnMut(&T, &mut Writer)) {
        writer.tag(usize::from(self.is_some()), 2);
        self.iter().for_each(|value| write(value, writer));
    }
}
