//! The values that the leaves of a schema may hold.

mod int;
mod len;

pub use int::Int;
pub use len::Len;
