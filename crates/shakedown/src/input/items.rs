//! What a type holds, for the attributes `items`, `keys` and `values`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

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
