//! What the target panicked with: place from the hook, message from the payload.
//!
//! Panics are judged where they end, at the border of the target, so those that the target itself
//! catches are no failures. The hook only notes where the last panic of a thread began, and is
//! silent, because a campaign meets the same panic thousands of times.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use shakedown_core::failure::{Failure, Kind};

/// Payload of `reject`.
pub(crate) struct Rejected;

#[derive(Default)]
struct Origin {
    place: String,
    backtrace: String,
}

thread_local! {
    static LAST: RefCell<Origin> = RefCell::default();
}

static WANT_BACKTRACE: AtomicBool = AtomicBool::new(false);

/// Replaces the panic hook by the silent one.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        LAST.with_borrow_mut(|last| {
            last.place.clear();
            if let Some(place) = info.location() {
                // Writing to a string cannot fail.
                let _ = write!(last.place, "{place}");
            }
            last.backtrace.clear();
            if WANT_BACKTRACE.load(Ordering::Relaxed) {
                last.backtrace = Backtrace::force_capture().to_string();
            }
        });
    }));
}

/// Whether panics from now on are to carry a backtrace, which takes milliseconds.
pub(crate) fn want_backtrace(want: bool) {
    WANT_BACKTRACE.store(want, Ordering::Relaxed);
}

/// The failure that a panic on this thread is, after it was caught.
pub(crate) fn failure(payload: &(dyn Any + Send)) -> Failure {
    LAST.with_borrow_mut(|last| Failure {
        kind: Kind::Panic,
        place: std::mem::take(&mut last.place),
        message: message(payload).to_owned(),
        backtrace: std::mem::take(&mut last.backtrace),
    })
}

/// The text in a panic's payload.
pub(crate) fn message(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else {
        "a panic whose payload is not a string"
    }
}
