//! The domains of the leaves of a schema: which values each may hold.
//!
//! A domain is one file with pure functions: `draw` makes a random value, `change` mutates one,
//! `simplify` makes one simpler (by [`trial`], and `compare` or [`codes`] say what is simpler), and
//! `check` says whether one belongs to it. The walkers over whole inputs (the generator, the mutator,
//! the minimizer, the index) know the kinds of nodes and ask the domain for the rest; so a further
//! domain of texts is a field of [`Text`], the functions in [`text`], and its form on the wire.
//!
//! `edit`, `blocks`, `decimal`, `content` and `codes` are what bytes and texts have in common.

pub(crate) mod alphabet;
pub(crate) mod blocks;
pub(crate) mod boolean;
pub(crate) mod bytes;
pub(crate) mod character;
pub(crate) mod codes;
pub(crate) mod content;
mod decimal;
pub(crate) mod edit;
pub(crate) mod float;
pub(crate) mod form;
pub(crate) mod hinted;
pub(crate) mod int;
mod len;
mod one_of;
pub(crate) mod pattern;
pub(crate) mod rank;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod trial;
mod weights;

pub use alphabet::Alphabet;
pub use bytes::Bytes;
pub use int::Int;
pub use len::Len;
pub use one_of::Values;
pub use pattern::{Expression, MAX_LEVELS, MAX_PLACES, Pattern};
pub use text::Text;
pub use weights::Weights;
