//! `fuzz!` and its kin.

/// Runs the closure on inputs.
///
/// ```no_run
/// # fn parse(data: &[u8]) {}
/// afl::fuzz!(|data: &[u8]| {
///     parse(data);
/// });
/// ```
///
/// The argument is `&[u8]`, also where it has no type, or of any type with `arbitrary::Arbitrary`, for
/// which the package needs that crate itself.
#[macro_export]
macro_rules! fuzz {
    ($($target:tt)*) => {
        $crate::__fuzz!($($target)*)
    };
}

/// The same as [`fuzz!`]: a panic that the target catches is no failure.
#[macro_export]
macro_rules! fuzz_nohook {
    ($($target:tt)*) => {
        $crate::__fuzz!($($target)*)
    };
}

/// As [`fuzz!`], and after a comma a closure that undoes what an input has left behind.
///
/// ```no_run
/// # use std::sync::Mutex;
/// # static CACHE: Mutex<Vec<u8>> = Mutex::new(Vec::new());
/// afl::fuzz_with_reset!(|data: &[u8]| CACHE.lock().unwrap().extend(data), || {
///     CACHE.lock().unwrap().clear();
/// });
/// ```
#[macro_export]
macro_rules! fuzz_with_reset {
    ($($target:tt)*) => {
        $crate::__fuzz!($($target)*)
    };
}

/// The same as [`fuzz_with_reset!`].
#[macro_export]
macro_rules! fuzz_with_reset_nohook {
    ($($target:tt)*) => {
        $crate::__fuzz!($($target)*)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __fuzz {
    (|$data:ident| $body:expr $(, $reset:expr)? $(,)?) => {
        $crate::__fuzz!(|$data: &[u8]| $body $(, $reset)?)
    };
    (|$data:ident: &[u8]| $body:expr $(, $reset:expr)? $(,)?) => {
        $crate::__run!(
            |bytes| ::core::result::Result::Ok::<&[u8], ()>(bytes);
            $data: &[u8]; $body; $($reset)?
        )
    };
    (|$data:ident: $type:ty| $body:expr $(, $reset:expr)? $(,)?) => {
        $crate::__run!(
            |bytes| <$type as ::arbitrary::Arbitrary>::arbitrary(
                &mut ::arbitrary::Unstructured::new(bytes)
            );
            $data: $type; $body; $($reset)?
        )
    };
}

/// Runs a target whose argument is made of the bytes by `$make`.
#[doc(hidden)]
#[macro_export]
macro_rules! __run {
    (|$bytes:ident| $make:expr; $data:ident: $type:ty; $body:expr; $($reset:expr)?) => {{
        static __SHAKEDOWN_TARGET: $crate::__private::Target = $crate::__private::closure_target!();
        #[allow(clippy::redundant_closure_call, reason = "a body may return")]
        let mut body =
            $crate::__private::closure_body!(|$bytes| $make; $data: $type; $body);
        $crate::__private::run(&__SHAKEDOWN_TARGET, &mut body, $crate::__reset!($($reset)?));
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __reset {
    () => {
        || {}
    };
    ($reset:expr) => {
        $reset
    };
}
