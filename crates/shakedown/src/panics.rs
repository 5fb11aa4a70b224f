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

use shakedown_core::failure::{Failure, Kind, short_place};

use crate::record;

/// Payload of `reject`.
pub(crate) struct Rejected;

#[derive(Default)]
struct Origin {
    place: String,
    /// Captured, but not yet turned into names and lines: that takes longer than many a timeout.
    backtrace: Option<Backtrace>,
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
            record::panic_at(&last.place);
            let want = WANT_BACKTRACE.load(Ordering::Relaxed);
            last.backtrace = want.then(Backtrace::force_capture);
        });
    }));
}

/// Whether panics from now on are to keep a backtrace, for [`take_backtrace`].
pub(crate) fn want_backtrace(want: bool) {
    WANT_BACKTRACE.store(want, Ordering::Relaxed);
}

/// The failure that a panic on this thread is, after it was caught.
pub(crate) fn failure(payload: &(dyn Any + Send)) -> Failure {
    LAST.with_borrow_mut(|last| Failure {
        kind: Kind::Panic,
        place: short_place(&last.place).to_owned(),
        message: message(payload).to_owned(),
        backtrace: String::new(),
    })
}

/// The backtrace of the last panic on this thread as text; empty if none was wanted. The first
/// one of a process reads the debug information, which can take a second.
pub(crate) fn take_backtrace() -> String {
    let backtrace = LAST.with_borrow_mut(|last| last.backtrace.take());
    backtrace.map_or_else(String::new, |backtrace| backtrace.to_string())
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
