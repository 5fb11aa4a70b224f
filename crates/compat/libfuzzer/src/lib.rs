//! Runs the targets of `cargo fuzz` under Shakedown, unchanged: on stable Rust, and without a C++
//! compiler.
//!
//! It has the name and the interface of `libfuzzer-sys`. One line of a `fuzz/Cargo.toml` changes:
//!
//! ```toml
//! [dependencies]
//! libfuzzer-sys = { package = "shakedown-libfuzzer", version = "0.1" }
//! ```
//!
//! Then `cargo shakedown fuzz` finds the targets and searches in them. Their programs, run by hand,
//! run the files and folders that they are given, or the known inputs in `corpus/` and `artifacts/`.

pub use arbitrary;

mod corpus;
mod mutators;
mod symbols;
mod target;
mod typed;

pub use corpus::Corpus;
#[doc(hidden)]
pub use symbols::{initialize, mutate, test_input_wrap};
#[doc(hidden)]
pub use typed::rust_libfuzzer_debug_path;

/// Makes one change to the first `size` bytes of `data`, as the engine does without a mutator of the
/// target's own, and returns how many there are then: `max_size` at most. In a mutator, it depends on
/// the seed of that alone.
///
/// # Panics
/// If `data` has fewer bytes than `size` or `max_size`.
pub fn fuzzer_mutate(data: &mut [u8], size: usize, max_size: usize) -> usize {
    shakedown::__private::mutate(data, size, max_size)
}

// Linked only for programs that have no `main`.
use shakedown_main as _;

/// What the code of [`fuzz_target!`] uses. Not a public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::symbols::{change, cross};
    pub use crate::target::{code, is_only_shown, verdict};
    pub use shakedown::__closure_target as closure_target;
    pub use shakedown::__private::{
        Own, Target, arguments, call_own, raw_schema, register_own, run_program,
    };
}
