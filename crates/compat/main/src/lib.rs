//! The function `main` of programs that say `#![no_main]`, and nothing else.
//!
//! It is alone in its crate, so that a linker takes it only for programs that have none of their own:
//! tests and helpers beside the targets keep theirs.

#![no_std]
#![expect(unsafe_code, reason = "a symbol that the start of every program calls")]

use core::ffi::{c_char, c_int};

unsafe extern "Rust" {
    /// What the macro of the target defines. It does not unwind.
    safe fn __shakedown_main() -> i32;
}

/// Runs the program. Its arguments are where the standard library finds them.
// SAFETY: no other `main` is linked, else the linker would not have taken this one; and this is the
// signature that the C library calls.
#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, _argv: *const *const c_char) -> c_int {
    __shakedown_main()
}
