//! A closure that a program has made, for as long as it is the program's target. Functions are all that
//! a target can name, so it lies where one finds it.
#![expect(unsafe_code, reason = "a reference whose lifetime no type can say")]

use std::cell::Cell;
use std::ptr::NonNull;

use crate::target::Verdict;

/// Runs an input.
pub(crate) type Body<'b> = dyn FnMut(&[u8]) -> Verdict + 'b;

thread_local! {
    static BODY: Cell<Option<NonNull<Body<'static>>>> = const { Cell::new(None) };
}

/// Puts something back where it was, whatever happens.
struct Restore(Option<NonNull<Body<'static>>>);

impl Drop for Restore {
    fn drop(&mut self) {
        BODY.set(self.0);
    }
}

/// Has [`call`] call `body` in this thread, while `run` runs.
pub(crate) fn with<R>(body: &mut Body<'_>, run: impl FnOnce() -> R) -> R {
    let body: NonNull<Body<'_>> = NonNull::from(body);
    // SAFETY: only the lifetime changes, and the pointer is gone again before that ends: `_restore` is
    // dropped before this function returns or unwinds, and until then nobody else can use what the
    // pointer was made of, for it was borrowed mutably.
    let body: NonNull<Body<'static>> = unsafe { std::mem::transmute(body) };
    let _restore = Restore(BODY.replace(Some(body)));
    run()
}

/// Calls the closure that is lent to this thread.
///
/// # Panics
/// If there is none, as in a call from within itself.
pub(crate) fn call(bytes: &[u8]) -> Verdict {
    let mut body = BODY.take().expect("a closure is lent to this thread");
    let _restore = Restore(Some(body));
    // SAFETY: the pointer is from `with`, which has not returned; and it was taken, so that nobody else
    // has it now.
    unsafe { body.as_mut()(bytes) }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn a_closure_is_called_while_it_is_lent_and_after_a_panic_too() {
        let mut seen = Vec::new();
        let mut body = |bytes: &[u8]| {
            assert_ne!(bytes, b"bad");
            seen.push(bytes.to_vec());
            Verdict::Rejected
        };
        with(&mut body, || {
            assert_eq!(call(b"one"), Verdict::Rejected);
            assert!(catch_unwind(|| call(b"bad")).is_err());
            assert_eq!(call(b"two"), Verdict::Rejected);
        });
        assert_eq!(seen, [b"one", b"two"]);
        assert!(catch_unwind(|| call(b"gone")).is_err());
    }

    #[test]
    fn a_closure_cannot_be_called_from_within_itself() {
        let mut calls = 0;
        let mut body = |_: &[u8]| {
            calls += 1;
            assert!(catch_unwind(AssertUnwindSafe(|| call(b"again"))).is_err());
            Verdict::Passed
        };
        with(&mut body, || assert_eq!(call(b""), Verdict::Passed));
        assert_eq!(calls, 1);
    }
}
