//! The functions of a target under the names by which other languages and services know them.
#![expect(unsafe_code, reason = "symbols of C, and the pointers that they take")]

use std::ffi::c_char;

unsafe extern "Rust" {
    /// Runs the expression after `init:`; the macro of the target defines it.
    safe fn __shakedown_initialize();
}

unsafe extern "C" {
    /// Runs an input; the macro of the target defines it. Both sides are Rust.
    #[allow(improper_ctypes)]
    safe fn rust_fuzzer_test_input(bytes: &[u8]) -> i32;
}

/// Runs the target on an input, and returns libFuzzer's code for what it says of it.
///
/// # Safety
/// There are `size` bytes at `data`.
// SAFETY: no other function has this name: a program is either for libFuzzer or for this crate.
#[unsafe(export_name = "LLVMFuzzerTestOneInput")]
pub unsafe extern "C" fn test_input_wrap(data: *const u8, size: usize) -> i32 {
    if size == 0 {
        // Callers in other languages may have no place for no bytes.
        return rust_fuzzer_test_input(&[]);
    }
    // SAFETY: by the contract of this function.
    rust_fuzzer_test_input(unsafe { std::slice::from_raw_parts(data, size) })
}

/// Prepares the target for its first input. The arguments of the program are left as they are.
// SAFETY: as above.
#[unsafe(export_name = "LLVMFuzzerInitialize")]
pub extern "C" fn initialize(_argc: *const isize, _argv: *const *const *const c_char) -> isize {
    __shakedown_initialize();
    0
}

/// Makes one change to the first `size` bytes at `data` by the engine's own means.
///
/// # Safety
/// There are `max(size, max_size)` bytes at `data`.
// SAFETY: as above.
#[unsafe(export_name = "LLVMFuzzerMutate")]
pub unsafe extern "C" fn mutate(data: *mut u8, size: usize, max_size: usize) -> usize {
    // SAFETY: by the contract of this function.
    let data = unsafe { std::slice::from_raw_parts_mut(data, size.max(max_size)) };
    shakedown::__private::mutate(data, size, max_size)
}

/// Calls a mutator of the target as C does.
///
/// # Safety
/// There are `max(size, max_size)` bytes at `data`.
pub unsafe fn change(
    change: fn(&mut [u8], usize, usize, u32) -> usize,
    data: *mut u8,
    size: usize,
    max_size: usize,
    seed: u32,
) -> usize {
    // SAFETY: by the contract of this function.
    let data = unsafe { std::slice::from_raw_parts_mut(data, size.max(max_size)) };
    change(data, size, max_size, seed).min(max_size)
}

/// As [`change`], for one that makes an input from two.
///
/// # Safety
/// There are as many bytes at each pointer as is said, and `max_size` at `out`.
pub unsafe fn cross(
    cross: fn(&[u8], &[u8], &mut [u8], u32) -> usize,
    inputs: [(*const u8, usize); 2],
    out: *mut u8,
    max_size: usize,
    seed: u32,
) -> usize {
    // SAFETY: by the contract of this function.
    let [first, second] =
        inputs.map(|(data, size)| unsafe { std::slice::from_raw_parts(data, size) });
    // SAFETY: the same.
    let out = unsafe { std::slice::from_raw_parts_mut(out, max_size) };
    cross(first, second, out, seed).min(max_size)
}
