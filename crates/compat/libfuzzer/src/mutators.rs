//! `fuzz_mutator!` and `fuzz_crossover!`, and what their code calls.

/// Replaces the engine's mutators by one of the target's own.
///
/// The body changes the first `size` bytes of `data` and returns how many there are then. All of its
/// choices must be made by `seed`, so that a campaign can be repeated; [`fuzzer_mutate`](crate::fuzzer_mutate) is
/// the engine's own means.
///
/// ```no_run
/// # #![no_main]
/// # use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
/// fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
///     let size = fuzzer_mutate(data, size, max_size);
///     data[..size].make_ascii_lowercase();
///     size
/// });
/// # fuzz_target!(|data: &[u8]| drop(data));
/// ```
#[macro_export]
macro_rules! fuzz_mutator {
    (
        |$data:ident: &mut [u8],
         $size:ident: usize,
         $max_size:ident: usize,
         $seed:ident: u32 $(,)*|
        $body:block
    ) => {
        const _: () = {
            fn __shakedown_body(
                $data: &mut [u8],
                $size: usize,
                $max_size: usize,
                $seed: u32,
            ) -> usize {
                $body
            }

            fn __shakedown_change(
                data: &mut [u8],
                size: usize,
                max_size: usize,
                seed: u32,
            ) -> usize {
                $crate::__private::call_own(seed, || __shakedown_body(data, size, max_size, seed))
            }

            extern "C" fn __shakedown_register() {
                $crate::__private::register_own($crate::__private::Own {
                    change: ::core::option::Option::Some(__shakedown_change),
                    cross: ::core::option::Option::None,
                });
            }

            // There is no other way to say before `main` that the program has this.
            #[used]
            #[unsafe(link_section = ".init_array")]
            static __SHAKEDOWN_REGISTER: extern "C" fn() = __shakedown_register;

            #[unsafe(no_mangle)]
            unsafe extern "C" fn LLVMFuzzerCustomMutator(
                data: *mut u8,
                size: usize,
                max_size: usize,
                seed: ::core::ffi::c_uint,
            ) -> usize {
                unsafe { $crate::__private::change(__shakedown_change, data, size, max_size, seed) }
            }
        };
    };
}

/// Makes inputs from two others by the target's own means.
///
/// The body writes to `out` and returns how many bytes it has written. All of its choices must be made
/// by `seed`.
///
/// ```no_run
/// # #![no_main]
/// # use libfuzzer_sys::{fuzz_crossover, fuzz_target};
/// fuzz_crossover!(|data1: &[u8], data2: &[u8], out: &mut [u8], _seed: u32| {
///     let pairs = data1.iter().zip(data2).zip(out);
///     pairs.map(|((one, two), out)| *out = one ^ two).count()
/// });
/// # fuzz_target!(|data: &[u8]| drop(data));
/// ```
#[macro_export]
macro_rules! fuzz_crossover {
    (
        |$data1:ident: &[u8],
         $data2:ident: &[u8],
         $out:ident: &mut [u8],
         $seed:ident: u32 $(,)*|
        $body:block
    ) => {
        const _: () = {
            fn __shakedown_body(
                $data1: &[u8],
                $data2: &[u8],
                $out: &mut [u8],
                $seed: u32,
            ) -> usize {
                $body
            }

            fn __shakedown_cross(data1: &[u8], data2: &[u8], out: &mut [u8], seed: u32) -> usize {
                $crate::__private::call_own(seed, || __shakedown_body(data1, data2, out, seed))
            }

            extern "C" fn __shakedown_register() {
                $crate::__private::register_own($crate::__private::Own {
                    change: ::core::option::Option::None,
                    cross: ::core::option::Option::Some(__shakedown_cross),
                });
            }

            #[used]
            #[unsafe(link_section = ".init_array")]
            static __SHAKEDOWN_REGISTER: extern "C" fn() = __shakedown_register;

            #[unsafe(no_mangle)]
            unsafe extern "C" fn LLVMFuzzerCustomCrossOver(
                data1: *const u8,
                size1: usize,
                data2: *const u8,
                size2: usize,
                out: *mut u8,
                max_out_size: usize,
                seed: ::core::ffi::c_uint,
            ) -> usize {
                let inputs = [(data1, size1), (data2, size2)];
                unsafe {
                    $crate::__private::cross(__shakedown_cross, inputs, out, max_out_size, seed)
                }
            }
        };
    };
}
