//! A target beside a `main` that is not ours, called through its symbols as other languages do.
#![expect(unsafe_code, reason = "calls functions that take pointers")]

use std::sync::atomic::{AtomicUsize, Ordering};

use libfuzzer_sys::{Corpus, fuzz_crossover, fuzz_mutator, fuzz_target, fuzzer_mutate};

static PREPARED: AtomicUsize = AtomicUsize::new(0);

struct IsEven(bool);

impl From<IsEven> for Corpus {
    fn from(IsEven(is_even): IsEven) -> Self {
        if is_even { Self::Keep } else { Self::Reject }
    }
}

fuzz_target!(
    init: PREPARED.fetch_add(1, Ordering::Relaxed),
    |pair: (u16, &str)| -> IsEven {
        let (number, text) = pair;
        assert_eq!(text, "word");
        IsEven(number % 2 == 0)
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    data[..size].fill(seed as u8);
    size
});

fuzz_crossover!(|data1: &[u8], data2: &[u8], out: &mut [u8], _seed: u32| {
    out[..2].copy_from_slice(&[data1[0], data2[0]]);
    2
});

unsafe extern "C" {
    fn LLVMFuzzerCustomMutator(data: *mut u8, size: usize, max_size: usize, seed: u32) -> usize;
    fn LLVMFuzzerCustomCrossOver(
        data1: *const u8,
        size1: usize,
        data2: *const u8,
        size2: usize,
        out: *mut u8,
        max_out_size: usize,
        seed: u32,
    ) -> usize;
}

#[test]
fn mutators_of_the_target_are_called_with_all_that_they_need() {
    let mut data = *b"abcdef..";
    // SAFETY: there are eight bytes.
    let size = unsafe { LLVMFuzzerCustomMutator(data.as_mut_ptr(), 6, 8, b'z'.into()) };
    assert!(size <= 8 && data[..size].iter().all(|byte| *byte == b'z'));
    // SAFETY: there are that many bytes at each.
    let size = unsafe {
        LLVMFuzzerCustomCrossOver(b"x".as_ptr(), 1, b"y".as_ptr(), 1, data.as_mut_ptr(), 8, 0)
    };
    assert_eq!(&data[..size], b"xy");
}

fn run(bytes: &[u8]) -> i32 {
    // SAFETY: that many bytes are there.
    unsafe { libfuzzer_sys::test_input_wrap(bytes.as_ptr(), bytes.len()) }
}

#[test]
fn an_input_is_kept_or_rejected_by_what_the_target_returns() {
    assert_eq!(run(b"\x02\0word"), 0);
    assert_eq!(run(b"\x03\0word"), -1);
}

#[test]
fn bytes_that_make_no_value_are_rejected_and_do_not_reach_the_target() {
    assert_eq!(run(b"\x02"), -1);
    // SAFETY: there are no bytes.
    assert_eq!(unsafe { libfuzzer_sys::test_input_wrap(std::ptr::null(), 0) }, -1);
}

#[test]
fn the_target_is_prepared_when_it_is_asked_for() {
    assert_eq!(PREPARED.load(Ordering::Relaxed), 0);
    libfuzzer_sys::initialize(std::ptr::null(), std::ptr::null());
    assert_eq!(PREPARED.load(Ordering::Relaxed), 1);
}
