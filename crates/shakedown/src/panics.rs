//! What the target panicked with: place from the hook, message from the payload.
//!
//! Panics are judged where they end, at the border of the target, so those that the target itself
//! catches are no failures. The hook only notes where the last panic of a thread began, and is
//! silent, because a campaign meets the same panic thousands of times.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use shakedown_core::failure::{Failure, Kind, is_standard_place, short_place};

use crate::record;

/// Payload of `reject`.
pub(crate) struct Rejected;

#[derive(Default)]
struct Origin {
    place: String,
    /// Captured, but not yet turned into names and lines: that takes longer than many a timeout.
    backtrace: Option<Backtrace>,
    /// Who called the standard library, by the hash of the stack: finding out takes milliseconds,
    /// so it is done once for each stack.
    callers: HashMap<u64, Option<String>>,
}

thread_local! {
    static LAST: RefCell<Origin> = RefCell::default();
}

static WANT_BACKTRACE: AtomicBool = AtomicBool::new(false);

/// The innermost place on the stack of this thread that is neither in the standard library nor in
/// this crate.
fn caller_place() -> Option<String> {
    let backtrace = Backtrace::force_capture().to_string();
    let places = backtrace.lines().filter_map(|line| line.trim_start().strip_prefix("at "));
    let is_foreign = |place: &&str| !is_standard_place(place) && !place.contains("/shakedown/src/");
    places
        .map(|place| place.strip_prefix("./").unwrap_or(place))
        .find(is_foreign)
        .map(str::to_owned)
}

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
            // That of a function that does not name its caller, such as a bad slice of a string.
            if is_standard_place(&last.place) {
                let hash = record::stack_hash();
                let caller = last.callers.entry(hash).or_insert_with(caller_place);
                if let Some(caller) = caller {
                    last.place.clone_from(caller);
                }
            }
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
    // Taken, so that a later unwinding that no hook saw has no place rather than a wrong one.
    let place = LAST.with_borrow_mut(|last| std::mem::take(&mut last.place));
    Failure {
        kind: Kind::Panic,
        place: short_place(&place).to_owned(),
        message: message(payload).to_owned(),
        backtrace: String::new(),
    }
}

/// The backtrace of the last panic on this thread as text; empty if none was wanted. The first
/// one of a process reads the debug information, which can take a second.
pub(crate) fn take_backtrace() -> String {
    let backtrace = LAST.with_borrow_mut(|last| last.backtrace.take());
    backtrace.map_or_else(String::new, |backtrace| without_engine(&backtrace.to_string()))
}

/// A backtrace without the frames of the panic machinery and of this crate around the target. Each
/// frame is a line `number: function`, mostly followed by one `at place`.
fn without_engine(backtrace: &str) -> String {
    let function = |line: &&str| {
        let (number, name) = line.trim_start().split_once(": ")?;
        number.parse::<u32>().ok().map(|_| name.to_owned())
    };
    let is_machinery =
        |name: &str| name.contains("rust_begin_unwind") || name.contains("panic_fmt");
    let lines: Vec<&str> = backtrace.lines().collect();
    let names: Vec<Option<String>> = lines.iter().map(function).collect();
    let is = |at: usize, what: &dyn Fn(&str) -> bool| names[at].as_deref().is_some_and(what);
    let next = |from: usize| (from..lines.len()).find(|at| names[*at].is_some());
    let start = (0..lines.len()).rfind(|at| is(*at, &is_machinery)).and_then(|at| next(at + 1));
    let start = start.unwrap_or(0);
    let is_engine = |name: &str| name.starts_with("shakedown::execute");
    let end = (start..lines.len()).find(|at| is(*at, &is_engine)).unwrap_or(lines.len());
    lines[start..end].join("\n")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backtraces_show_the_target_only() {
        let backtrace = "   0: std::backtrace::Backtrace::create\n   1: shakedown::panics::hook\n   \
                         2: __rustc::rust_begin_unwind\n   3: core::panicking::panic_fmt\n             \
                         at /rustc/x.rs:1:1\n   4: demo::parse\n             at ./src/lib.rs:7:5\n   \
                         5: demo::target\n   6: shakedown::execute::execute\n   7: main";
        let shown = without_engine(backtrace);
        assert_eq!(
            shown,
            "   4: demo::parse\n             at ./src/lib.rs:7:5\n   5: demo::target"
        );
        assert_eq!(without_engine("unknown"), "unknown");
    }
}
