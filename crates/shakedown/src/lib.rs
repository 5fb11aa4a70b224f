//! Coverage-guided fuzzing built into your tests, on stable Rust.
//!
//! # Start
//!
//! ```console
//! $ cargo install cargo-shakedown    # the command, once
//! $ cargo add --dev shakedown        # this library, in your package
//! ```
//!
//! A *target* is a function with typed arguments, marked [`#[shakedown::fuzz]`](macro@fuzz), among
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
//! - `cargo shakedown fuzz` searches for inputs that make it fail, guided by the code that they
//!   reach. Each one is verified, minimized, and written to `testdata/fuzz/numbers_round_trip/`.
//! - `cargo test` runs the seeds, and what is in that folder. Commit it: every bug that was found is
//!   a regression test.
//! - `cargo shakedown replay numbers_round_trip FILE` shows one failure again.
//!
//! # Where to look
//!
//! | for | see |
//! | --- | --- |
//! | options of a target: seeds, files of them, timeout, length, dictionary | [`#[fuzz]`](macro@fuzz) |
//! | types that arguments may have | [`Input`] |
//! | your own structs and enums | [`#[derive(Input)]`](derive@Input) |
//! | bounds of numbers and lengths, defaults | the field attributes of [`Input`](trait@Input#field-attributes) |
//! | operations on a system and its model | [`stateful`] |
//! | types with `arbitrary::Arbitrary` | [`Arbitrary`], with the feature `arbitrary` |
//! | values of your tests as seeds | [`capture!`] |
//! | inputs that mean nothing | [`reject`](fn@reject) |
//! | states and sizes that coverage does not show | [`observe`](fn@observe), [`maximize`] |
//! | step by step: CI, debugging, coming from cargo-fuzz or proptest | [the guide] |
//!
//! [the guide]: https://github.com/shakedown-fuzz/shakedown/blob/main/docs/guide/README.md
#![cfg_attr(
    not(feature = "arbitrary"),
    doc = "[`Arbitrary`]: https://docs.rs/shakedown/latest/shakedown/struct.Arbitrary.html"
)]

extern crate self as shakedown;

mod capture;
mod closure;
mod coverage;
mod execute;
pub mod input;
mod mode;
mod observe;
mod own;
mod panics;
mod process;
mod reject;
mod replay;
mod serve;
pub mod stateful;
mod target;

pub use input::Input;
#[cfg(feature = "proptest")]
pub use input::strategy::from_strategy;
#[cfg(feature = "arbitrary")]
pub use input::{Arbitrary, arbitrary_corpus};
pub use input::{from_text, from_text_with};
pub use observe::{maximize, observe};
pub use reject::reject;
/// Implements [`Input`](trait@Input) for a struct or an enum.
///
/// Every field needs the trait itself, or names a module by `#[input(with = module)]`. Fields may
/// borrow (`&'a str`), and types may contain themselves in a `Box`, a `Vec` and the like.
///
/// ```
/// #[derive(Debug, PartialEq, shakedown::Input)]
/// enum Op<'a> {
///     Push(&'a str),
///     Resize {
///         #[input(range = 0..=64)]
///         len: usize,
///     },
///     Nested(Vec<Op<'a>>),
/// }
///
/// let ops: Vec<Op<'_>> = shakedown::from_text(r#"[Push("a"), Nested([Resize { len: 3 }])]"#);
/// assert_eq!(ops, [Op::Push("a"), Op::Nested(vec![Op::Resize { len: 3 }])]);
/// ```
#[cfg(feature = "macros")]
#[doc(inline)]
pub use shakedown_macros::Input;

/// Makes a function a fuzz target.
///
/// The function stays as it is. A module of the same name is added, with a test named `fuzz`:
/// `cargo test` replays the target's known inputs with it, and `cargo shakedown fuzz` searches for
/// new ones.
///
/// ```
/// #[shakedown::fuzz(seeds = [("http://a/?q", true), ("", false)], timeout = "2s")]
/// fn queries_are_kept(text: &str, strict: bool) -> Result<(), String> {
///     match text.split_once('?') {
///         Some((_, query)) if strict && query.contains('?') => Err(query.to_owned()),
///         _ => Ok(()),
///     }
/// }
///
/// # fn main() {
/// // `cargo test` runs both seeds, as if by this:
/// assert_eq!(queries_are_kept("http://a/?q", true), Ok(()));
/// assert_eq!(queries_are_kept("", false), Ok(()));
/// # }
/// ```
///
/// # Arguments
///
/// Each is of a type with [`Input`](trait@Input). `&str` and `&[u8]` are borrowed; for
/// other references, `&T`, `&mut T`, `&[T]`, `&mut [T]`, the test owns a value and lends it. The
/// attributes of fields, such as `#[input(range = 0..=100)]`, may be used on arguments too.
///
/// A target fails by a panic (also one that ends another thread), by anything that ends its
/// process, by taking too long, and by an `Err` if it returns `Result<(), E>`. It calls
/// [`reject`](fn@reject) for uninteresting inputs.
///
/// # Options
///
/// | option | meaning |
/// | --- | --- |
/// | `seeds = [..]` | inputs to start from; bare for a single argument, else tuples |
/// | `seeds = path::to::function` | the same from any iterator that the function returns, or that an expression is; what the target borrows may be owned there |
/// | `seed_files = "tests/data/*.json"` | more of them, in the files that the pattern names, relative to the package's folder; a list for several patterns |
/// | `timeout = "10s"` | time limit of an execution: `500ms`, `10s`, `5m`, `2h` |
/// | `max_len = 4096` | maximum length of an input, in bytes; a constant expression |
/// | `dict = ["GIF89a", b"\xff\xd8"]` | tokens that inputs may contain |
/// | `dict = "fuzz/gif.dict"` | the same from a file in the format of AFL and libFuzzer, with a path relative to the package's folder |
///
/// Seeds and findings lie in a folder named after the path of the function, so two targets of a
/// package (in its library and in a file of `tests/`, for instance) cannot have the same path.
///
/// The test is made by this attribute: no `#[test]` is needed. Where the dependency has another name
/// than `shakedown`, `crate = ::renamed` says it.
///
/// In seeds, `"..."` and `b"..."` become whatever string or bytes type the argument has; anything
/// else is an expression of the argument's type:
///
/// ```
/// #[shakedown::fuzz(seeds = [b"GIF89a", b""], dict = ["GIF87a"])]
/// fn headers_are_short(bytes: Vec<u8>) {
///     assert!(header(&bytes).len() <= 6);
/// }
/// # fn header(bytes: &[u8]) -> &[u8] { &bytes[..bytes.len().min(6)] }
/// # fn main() {
/// # headers_are_short(b"GIF89a".to_vec());
/// # }
/// ```
///
/// Where there are many, or they are made, a function returns them:
///
/// ```
/// fn powers() -> impl Iterator<Item = (String, u64)> {
///     (0..64).map(|log| (format!("{}", 1_u64 << log), 1 << log))
/// }
///
/// #[shakedown::fuzz(seeds = powers)]
/// fn numbers_are_read(text: &str, number: u64) {
///     if number.to_string() == text {
///         assert_eq!(text.parse(), Ok(number));
///     }
/// }
///
/// # fn main() {
/// assert_eq!(powers().count(), 64);
/// powers().for_each(|(text, number)| numbers_are_read(&text, number));
/// # }
/// ```
///
/// # Seeds in files
///
/// Where inputs lie in files already, a pattern names them. `*` and `?` stand for any text and any
/// character of a name, `[a-z]` for some, and `**` for any folders:
///
/// ```
/// #[shakedown::fuzz(seed_files = ["tests/seeds/*.txt", "tests/**/*.input"])]
/// fn words_have_a_length(text: &str) {
///     assert_eq!(text.is_empty(), text.len() == 0);
/// }
/// # fn main() {
/// # words_have_a_length("a file");
/// # }
/// ```
///
/// For a target with one argument of bytes or of a string, such a file is that argument; all others
/// take text, as the files in `testdata`. `cargo test` runs them, too. A pattern that names no file is a
/// warning, and so is a file that is no input, or a link, which is not followed. Hidden files and
/// `README*` are left out, and what is larger than 16 MiB; of all together at most 65,536 files and 256
/// MiB are read. `cargo package` leaves out what is outside of the package, so a pattern may begin with
/// `../` where that is fine.
#[cfg(feature = "macros")]
#[doc(inline)]
pub use shakedown_macros::fuzz;

/// Makes a seed of values that an ordinary test has at hand.
///
/// The first argument is the path of a target, the others are values for its arguments, as they are
/// or behind references; for a slice, a `Vec`, an array or a slice. In a plain `cargo test` nothing happens, and the values are not even made.
/// `cargo shakedown capture` runs `cargo test` and writes each value to the folder of the target in
/// `testdata/fuzz/`, once; so does any test with the variable `SHAKEDOWN_CAPTURE=1`.
///
/// ```
/// # fn main() {}
/// # #[cfg(test)]
/// mod tests {
///     #[shakedown::fuzz]
///     fn queries_are_kept(text: &str, strict: bool) {
///         let _ = (text, strict);
///     }
///
///     #[test]
///     fn a_query_that_we_know_well() {
///         let text = format!("http://a/?{}", "q=1");
///         shakedown::capture!(queries_are_kept, text, true);
///         assert!(text.contains('?'));
///     }
/// }
/// ```
///
/// The target must be of the same crate, and visible: its path is that of the function. Values
/// outside of the limits of its arguments are told and left out, and so are those longer than an input
/// may be, and what is beyond 256 values of a target.
///
/// # Panics
/// While values are captured: if an argument is made by `map` without `unmap`, or by `strategy`.
#[allow(clippy::test_attr_in_doctest, reason = "it is about a test")]
#[macro_export]
macro_rules! capture {
    ($($target:ident)::+, $($argument:expr),+ $(,)?) => {
        if $crate::__private::is_capturing() {
            $($target::)+ __shakedown_capture($(&$argument),+);
        }
    };
}

/// What the macros' code uses. Not a public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::capture::{Same, capture, is_capturing};
    pub use crate::closure::run_closure;
    pub use crate::input::items::{Held, Items, Pairs};
    pub use crate::input::limits::{Constant, Ranged, limit_chars, limit_len, limit_range};
    pub use crate::input::numbers::Integer;
    #[cfg(feature = "macros")]
    pub mod pattern {
        //! The parts of a pattern.
        pub use crate::input::pattern::{all, any, one, repeat, text};
    }
    pub use crate::input::shapes::{choice, field, named, tuple, unit, weighted_choice};
    pub use crate::input::steps::{
        Sort, Unique, filtered, mapped, sorted, source_schema, unique, without_source,
    };
    #[cfg(feature = "proptest")]
    pub use crate::input::strategy::drawn;
    pub use crate::input::{Corrupt, Reader};
    pub use crate::mode::{arguments, is_worker, run, run_program};
    pub use crate::observe::maximize_at;
    pub use crate::own::{call as call_own, mutate, register as register_own};
    pub use crate::target::{Returned, Target, Verdict, encode_slice, encoded, raw_schema, schema};
    pub use shakedown_core::literal::Taken;
    pub use shakedown_core::mutate::Own;
    pub use shakedown_core::schema::{Node, Part, Schema, SchemaError, TypeKey};
    // A crate without the standard library has no other path to them.
    pub use std::string::String;
    pub use std::vec;
    pub use std::vec::Vec;

    /// The tokens of a dictionary file.
    ///
    /// # Panics
    /// If the text is not a dictionary.
    #[must_use]
    pub fn dictionary(path: &str, text: &str) -> Vec<Vec<u8>> {
        shakedown_core::dictionary::parse(text).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}
