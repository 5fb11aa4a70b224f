//! The values that the leaves of a schema may hold.

pub(crate) mod blocks;
pub(crate) mod boolean;
pub(crate) mod bytes;
pub(crate) mod character;
pub(crate) mod codes;
pub(crate) mod content;
mod decimal;
pub(crate) mod edit;
pub(crate) mod float;
pub(crate) mod int;
mod len;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod trial;

pub use int::Int;
pub use len::Len;
pub use text::Text;
