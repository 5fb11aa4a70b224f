//! `fuzz_target!`, and what its code calls.

use std::fmt::Debug;

use shakedown::__private::Verdict;

use crate::Corpus;
use crate::rust_libfuzzer_debug_path;

/// Makes a program a fuzz target.
///
/// ```no_run
/// #![no_main]
/// # fn parse(data: &[u8]) {}
///
/// libfuzzer_sys::fuzz_target!(|data: &[u8]| parse(data));
/// ```
///
/// The argument is `&[u8]`, also where it has no type, or of any type with
/// [`Arbitrary`](arbitrary::Arbitrary). After `-> R` the target returns a [`Corpus`], or what makes
/// one. `init: EXPRESSION,` in front runs once, before the first input.
#[macro_export]
macro_rules! fuzz_target {
    (init: $init:expr, |$data:ident| $body:expr) => {
        $crate::__target!($init; $data: &[u8]; (); $body; |bytes| ::core::option::Option::Some(bytes));
    };
    (init: $init:expr, |$data:ident: &[u8]| $body:expr) => {
        $crate::__target!($init; $data: &[u8]; (); $body; |bytes| ::core::option::Option::Some(bytes));
    };
    (init: $init:expr, |$data:ident: &[u8]| -> $returned:ty $body:block) => {
        $crate::__target!($init; $data: &[u8]; $returned; $body; |bytes| ::core::option::Option::Some(bytes));
    };
    (init: $init:expr, |$data:ident: $type:ty| $body:expr) => {
        $crate::__target!($init; $data: $type; (); $body; |bytes| $crate::__value!($type; bytes));
    };
    (init: $init:expr, |$data:ident: $type:ty| -> $returned:ty $body:block) => {
        $crate::__target!(
            $init; $data: $type; $returned; $body; |bytes| $crate::__value!($type; bytes)
        );
    };
    (|$($target:tt)*) => {
        $crate::fuzz_target!(init: (), |$($target)*);
    };
}

/// The items of a target. `$make` makes the argument from the bytes, if they make one. Code of the target
/// sees these items, so none of them has a name that one of its own may have.
#[doc(hidden)]
#[macro_export]
macro_rules! __target {
    ($init:expr; $data:ident: $type:ty; $returned:ty; $body:expr; |$bytes:ident| $make:expr) => {
        const _: () = {
            // A frame with this name is above each crash.
            #[inline(never)]
            #[allow(unused_braces, reason = "a body may or may not have braces")]
            fn __libfuzzer_sys_run($data: $type) -> $returned {
                $body
            }

            fn __shakedown_run($bytes: &[u8]) -> $crate::Corpus {
                let value: ::core::option::Option<$type> = $make;
                match value {
                    ::core::option::Option::Some(value)
                        if $crate::__private::is_only_shown(&value) =>
                    {
                        $crate::Corpus::Keep
                    }
                    ::core::option::Option::Some(value) => {
                        $crate::Corpus::from(__libfuzzer_sys_run(value))
                    }
                    ::core::option::Option::None => $crate::Corpus::Reject,
                }
            }

            static __SHAKEDOWN_TARGET: $crate::__private::Target = $crate::__private::Target {
                schema: || $crate::__private::raw_schema(::core::stringify!($data)),
                call: |reader| {
                    let bytes = reader.lent()?;
                    ::core::result::Result::Ok($crate::__private::verdict(__shakedown_run(bytes)))
                },
                ..$crate::__private::closure_target!()
            };

            #[unsafe(no_mangle)]
            fn __shakedown_main() -> i32 {
                __shakedown_initialize();
                $crate::__private::run_program(&__SHAKEDOWN_TARGET, $crate::__private::arguments())
            }

            // What links with a target of `libfuzzer-sys` calls these.
            #[unsafe(no_mangle)]
            fn __shakedown_initialize() {
                let _ = $init;
            }

            #[unsafe(no_mangle)]
            extern "C" fn rust_fuzzer_test_input(bytes: &[u8]) -> i32 {
                $crate::__private::code(__shakedown_run(bytes))
            }
        };
    };
}

/// What the engine makes of it.
#[inline]
#[must_use]
pub fn verdict(corpus: Corpus) -> Verdict {
    match corpus {
        Corpus::Keep => Verdict::Passed,
        Corpus::Reject => Verdict::Rejected,
    }
}

/// What libFuzzer makes of it.
#[must_use]
pub fn code(corpus: Corpus) -> i32 {
    corpus.to_libfuzzer_code()
}

/// Writes the debug text of a value to where it is asked for; whether it was, so that the target is
/// not to run.
///
/// # Panics
/// If it cannot be written.
#[inline]
pub fn is_only_shown(value: &impl Debug) -> bool {
    rust_libfuzzer_debug_path().is_some_and(|path| {
        std::fs::write(path, format!("{value:#?}"))
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
        true
    })
}
