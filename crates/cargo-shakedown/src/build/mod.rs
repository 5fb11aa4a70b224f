//! Builds the tests of a workspace with instrumentation, and finds the targets in them.
//!
//! [`build`] runs `cargo test --no-run`, or `cargo build` for programs that are targets themselves, with
//! this program as rustc wrapper ([`wrapper`]), which gives each crate the flags it should have
//! ([`flags`]). Compiler messages go from cargo to the
//! user's terminal; what comes back is a list of [`Program`].

mod around;
mod bins;
mod cargo;
mod config;
pub(crate) mod constants;
mod discover;
mod drop_ins;
mod environment;
mod error;
pub(crate) mod flags;
mod listing;
mod marks;
mod native;
mod nightly;
mod not_run;
mod options;
mod origins;
mod profile;
mod program;
mod stand_in;
pub(crate) mod stubs;
mod toolchain;
mod whole;
mod workspace;
pub(crate) mod wrapper;

pub(crate) use around::{Around, around, here};
pub(crate) use error::BuildError;
pub use options::{BuildOptions, Sanitizer, Verbosity};
pub(crate) use program::FoundTarget;
pub use program::Program;
pub use whole::{Tests, build};
pub(crate) use whole::{cargo, programs};
