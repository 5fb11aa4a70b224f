//! Builds the tests of a workspace with instrumentation, and finds the targets in them.
//!
//! [`build`] runs `cargo test --no-run` with this program as rustc wrapper ([`wrapper`]), which
//! gives each crate the flags it should have ([`flags`]). Compiler messages go from cargo to the
//! user's terminal; what comes back is a list of [`Program`].

mod cargo;
mod config;
pub(crate) mod constants;
mod environment;
mod error;
pub(crate) mod flags;
mod listing;
mod marks;
mod native;
mod not_run;
mod profile;
mod program;
pub(crate) mod stubs;
mod toolchain;
mod workspace;
pub(crate) mod wrapper;

pub use cargo::{BuildOptions, Tests, Verbosity, build};
pub(crate) use error::BuildError;
pub(crate) use program::FoundTarget;
pub use program::Program;
