//! What the two processes say to each other: frames on the pipes, and the page of shared memory.

pub mod calls;
mod failures;
mod frame;
pub mod layout;
pub mod page;
mod pattern;
mod schema;
#[cfg(test)]
mod tests;

pub use calls::*;
pub use frame::{Cursor, MAX_FRAME, Malformed, Message, Wire, body_len};
#[cfg(test)]
pub(crate) use tests::example_bodies;
