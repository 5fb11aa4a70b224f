//! Runs the targets of `cargo hfuzz` under Shakedown, unchanged.
//!
//! It has the name and the interface of `honggfuzz`. One line of a `Cargo.toml` changes:
//!
//! ```toml
//! [dependencies]
//! honggfuzz = { package = "shakedown-honggfuzz", version = "0.1" }
//! ```
//!
//! Then `cargo shakedown fuzz` finds the targets and searches in them. Their programs, run by hand, run
//! the files and folders that they are given, or what is known.
//!
//! Targets call [`fuzz!`] in a loop, an input each time. Here the first call runs all inputs and ends the
//! process, so its closure is called many times: it must not move anything out of its environment.

use std::path::PathBuf;

use shakedown::__private::{Target, Verdict, arguments, run_closure};

#[cfg(feature = "arbitrary")]
pub use arbitrary;

/// The variable by which `cargo hfuzz run-debug` names a file to run.
const FILE_VARIABLE: &str = "CARGO_HONGGFUZZ_CRASH_FILENAME";

/// Runs a closure on all inputs, and ends the process, as the macro [`fuzz!`](crate::fuzz!) does.
pub fn fuzz<F: FnMut(&[u8])>(mut closure: F) {
    let mut body = |bytes: &[u8]| {
        closure(bytes);
        Verdict::Passed
    };
    run(Target::of_this_program(), &mut body);
}

/// Runs `body` as the target of the program, and ends the process.
fn run(target: &'static Target, body: &mut dyn FnMut(&[u8]) -> Verdict) {
    let given = std::env::var_os(FILE_VARIABLE).map(PathBuf::from);
    let paths: Vec<_> = arguments().into_iter().chain(given).collect();
    std::process::exit(run_closure(target, &paths, body))
}

/// What the code of [`fuzz!`] uses. Not a public interface.
#[doc(hidden)]
pub mod __private {
    pub use shakedown::__private::Target;
    pub use shakedown::{__closure_body as closure_body, __closure_target as closure_target};

    /// Runs `body` as the target of the program, and ends the process.
    pub fn run(target: &'static Target, body: &mut dyn FnMut(&[u8]) -> super::Verdict) {
        super::run(target, body);
    }
}

/// Runs the closure on inputs.
///
/// ```no_run
/// # fn parse(data: &[u8]) {}
/// loop {
///     honggfuzz::fuzz!(|data: &[u8]| {
///         parse(data);
///     });
/// }
/// ```
///
/// The argument is `&[u8]`, also where it has no type, or of any type with `arbitrary::Arbitrary`.
#[macro_export]
macro_rules! fuzz {
    (|$data:ident| $body:block) => {
        $crate::fuzz!(|$data: &[u8]| $body)
    };
    (|$data:ident: &[u8]| $body:block) => {
        $crate::__run!(|bytes| ::core::result::Result::Ok::<&[u8], ()>(bytes); $data: &[u8]; $body)
    };
    (|$data:ident: $type:ty| $body:block) => {
        $crate::__run!(
            |bytes| <$type as $crate::arbitrary::Arbitrary>::arbitrary(
                &mut $crate::arbitrary::Unstructured::new(bytes)
            );
            $data: $type; $body
        )
    };
}

/// Runs a target whose argument is made of the bytes by `$make`.
#[doc(hidden)]
#[macro_export]
macro_rules! __run {
    (|$bytes:ident| $make:expr; $data:ident: $type:ty; $body:block) => {{
        static __SHAKEDOWN_TARGET: $crate::__private::Target = $crate::__private::closure_target!();
        #[allow(clippy::redundant_closure_call, reason = "a body may return")]
        let mut body =
            $crate::__private::closure_body!(|$bytes| $make; $data: $type; $body);
        $crate::__private::run(&__SHAKEDOWN_TARGET, &mut body);
    }};
}
