//! Coverage-guided fuzzing built into your tests, on stable Rust.
//!
//! A fuzz target is a function with typed arguments, marked [`#[shakedown::fuzz]`](fuzz), among
//! your other tests:
//!
//! ```
//! # fn parse(text: &str) -> Result<u32, std::num::ParseIntError> { text.parse() }
//! #[shakedown::fuzz(seeds = ["17", "+0"])]
//! fn numbers_round_trip(text: &str) {
//!     if let Ok(number) = parse(text) {
//!         assert_eq!(parse(&number.to_string()), Ok(number));
//!     }
//! }
//! ```
//!
//! `cargo test` replays the seeds, and the inputs in `testdata/fuzz/numbers_round_trip/`.
//! `cargo shakedown fuzz` searches for new inputs that fail, with coverage feedback, and adds them
//! there. What arguments may be says [`Input`].

extern crate self as shakedown;

mod coverage;
mod execute;
mod fault;
pub mod input;
mod mode;
mod panics;
mod reject;
mod replay;
mod shared;
mod spawned;
mod target;
mod worker;

pub use input::Input;
pub use reject::reject;
pub use shakedown_macros::{Input, fuzz};

/// What the macros' code uses. Not a public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::input::limits::{Ranged, limit_len, limit_range};
    pub use crate::input::numbers::Integer;
    pub use crate::input::shapes::{choice, field, named, tuple, unit};
    pub use crate::mode::run;
    pub use crate::target::{Returned, Target, Verdict, encode_slice, encoded, schema};
    pub use shakedown_core::schema::{Node, TypeKey};

    /// The tokens of a dictionary file.
    ///
    /// # Panics
    /// If the text is not a dictionary.
    #[must_use]
    pub fn dictionary(path: &str, text: &str) -> Vec<Vec<u8>> {
        shakedown_core::dictionary::parse(text)
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}
