//! Runs the targets of `cargo afl` under Shakedown, unchanged.
//!
//! It has the name and the interface of `afl`. One line of a `Cargo.toml` changes:
//!
//! ```toml
//! [dependencies]
//! afl = { package = "shakedown-afl", version = "0.1" }
//! ```
//!
//! Then `cargo shakedown fuzz` finds the targets and searches in them. Their programs, run by hand, run
//! the files and folders that they are given, what comes on standard input, or what is known.
//!
//! A panic that the target catches is no failure, whether the macro says `nohook` or not.

mod ijon;
mod run;
mod target;

pub use run::{fuzz, fuzz_with_reset};

/// What the code of the macros uses. Not a public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::ijon::{common_prefix, nearness};
    pub use crate::run::run;
    pub use shakedown::__private::{Target, maximize_at};
    pub use shakedown::{__closure_body as closure_body, __closure_target as closure_target};
    pub use shakedown::{maximize, observe};
}
