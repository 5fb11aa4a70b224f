//! A target beside a `main` that is not ours, called through its symbols as other languages do.
#![expect(unsafe_code, reason = "calls functions that take pointers")]

use std::sync::atomic::{AtomicUsize, Ordering};

use libfuzzer_sys::{Corpus, fuzz_target};

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
