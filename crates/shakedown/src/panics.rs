//! What the target panicked with, and whether a panic in another thread is its failure.
//!
//! Panics are judged where they end: those that leave the target or end another thread are
//! failures, those that the target itself catches are not. A payload does not say where its panic
//! began, so a hook takes notes of all panics of an execution, on any thread. In a worker the hook
//! is silent, because a campaign meets the same panic thousands of times; only of a panic that ends
//! the process does it say why, for nobody else can any more.

use std::any::Any;
use std::backtrace::Backtrace;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use shakedown_core::failure::{
    Caller, Failure, Kind, is_engine_place, is_standard_place, short_place,
};
use shakedown_core::wire::Caught;

use crate::process::{fork, record, room, unwind};

/// Payload of `reject`.
pub(crate) struct Rejected;

/// How many panics of one execution are remembered.
const MAX_NOTES: usize = 16;

/// How many stacks are remembered.
const MAX_STACKS: usize = 1024;

/// What the standard library panics with before it ends the process: a panic has met another one
/// that was unwinding, or code that cannot unwind.
const MET_ANOTHER: &str = "panic in a destructor during cleanup";
const CANNOT_UNWIND: &str = "panic in a function that cannot unwind";

/// Said of a payload of another type.
const NOT_TEXT: &[u8] = b"a panic whose payload is not a string";

/// Most bytes of a message that are said of a panic that ends the process, or that was caught.
const MAX_SAID: usize = 1000;

/// A panic that began in this execution.
#[derive(Debug)]
struct Note {
    /// The thread.
    thread: usize,
    /// `file:line:column`.
    location: String,
    message: String,
    /// Addresses of the calls that led to it.
    calls: Vec<u64>,
    /// Where, if not on the thread of the target.
    elsewhere: Option<Elsewhere>,
    /// Captured, but not yet turned into names and lines: that takes longer than many a timeout.
    backtrace: Option<Backtrace>,
}

#[derive(Debug)]
struct Elsewhere {
    /// Name of the thread.
    name: Option<String>,
    /// Whether nothing but the start of the thread catches the panic.
    ends_thread: bool,
}

/// How many panics there were: checked after every execution.
static NOTED: AtomicU64 = AtomicU64::new(0);
/// Whether the hook that was there before ours is to run, too.
static EXTENDS: AtomicBool = AtomicBool::new(false);
static NOTES: Mutex<Vec<Note>> = Mutex::new(Vec::new());
/// By their hashes: making the text of a backtrace takes milliseconds, so it is made once for each.
static STACKS: Mutex<Option<HashMap<u64, Stack>>> = Mutex::new(None);
static WANT_BACKTRACE: AtomicBool = AtomicBool::new(false);
/// The backtrace of the last failure.
static BACKTRACE: Mutex<Option<Backtrace>> = Mutex::new(None);

/// The thread that runs the target.
static THREAD: AtomicUsize = AtomicUsize::new(0);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says that the target runs in the calling thread from now on.
pub(crate) fn enter_thread() {
    THREAD.store(record::current_thread(), Ordering::Relaxed);
}

/// Replaces the panic hook by the silent one. Cheap, and repeated often, because a target may have
/// replaced it.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        note(info);
        say_why_it_ends(info);
    }));
}

/// Makes the current panic hook take notes too, once.
pub(crate) fn extend_hook() {
    if !EXTENDS.swap(true, Ordering::Relaxed) {
        extend_current_hook();
    }
}

fn extend_current_hook() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        note(info);
        before(info);
    }));
}

/// Has panics noted again, after the target has put a hook of its own in the place of ours.
pub(crate) fn renew_hook() {
    match EXTENDS.load(Ordering::Relaxed) {
        true => extend_current_hook(),
        false => install_hook(),
    }
}

/// Sets whether panics keep a backtrace from now on, for [`take_backtrace`].
pub(crate) fn want_backtrace(want: bool) {
    WANT_BACKTRACE.store(want, Ordering::Relaxed);
}

/// Takes note of a panic. For panic hooks; may be called on any thread at any time.
pub(crate) fn note(info: &PanicHookInfo<'_>) {
    // In a copy the lock may be held by a thread that does not exist there.
    if !fork::is_copy() {
        room::beyond_the_limit(|| take_note(info));
    }
}

fn take_note(info: &PanicHookInfo<'_>) {
    let mut location = info.location().map_or_else(String::new, ToString::to_string);
    let thread = record::current_thread();
    if let Some(back) = cause_of_end(info) {
        return with_last(thread, back, |note| record::panic_at(&note.location));
    }
    record::panic_at(&location);
    let is_elsewhere = thread != THREAD.load(Ordering::Relaxed);
    let elsewhere = is_elsewhere.then(|| Elsewhere {
        name: std::thread::current().name().map(str::to_owned),
        // The frame that catches at the start of a thread is optimized away where the code of the
        // thread catches everything itself.
        ends_thread: unwind::catching_frames() == 1 && !Stack::of_this_thread().catches,
    });
    // The standard library does not always name its caller, for example when it slices a string.
    if is_standard_place(&location)
        && let Some(caller) = Stack::of_this_thread().caller
    {
        location = caller;
    }
    let want = WANT_BACKTRACE.load(Ordering::Relaxed);
    let backtrace = want.then(Backtrace::force_capture);
    let message = message(info.payload()).into_owned();
    let calls = unwind::calls();
    let note = Note { thread, location, message, calls, elsewhere, backtrace };
    let mut notes = lock(&NOTES);
    if notes.len() == MAX_NOTES {
        let harmless = notes.iter().position(|note| !note.ends_thread());
        notes.remove(harmless.unwrap_or(MAX_NOTES - 1));
    }
    notes.push(note);
    drop(notes);
    NOTED.fetch_add(1, Ordering::Release);
}

/// Which of the panics before, counted back from the last, is the cause of one that the standard
/// library ends the process with: of two that met, the first. Nothing for all others.
fn cause_of_end(info: &PanicHookInfo<'_>) -> Option<usize> {
    info.location().filter(|location| is_standard_place(location.file()))?;
    match *info.payload().downcast_ref::<&'static str>()? {
        MET_ANOTHER => Some(1),
        CANNOT_UNWIND => Some(0),
        _ => None,
    }
}

/// Does something with a note of this thread, counted back from the last, if there is one.
fn with_last(thread: usize, back: usize, act: impl FnOnce(&Note)) {
    let notes = lock(&NOTES);
    if let Some(note) = notes.iter().rev().filter(|note| note.thread == thread).nth(back) {
        act(note);
    }
}

/// Says on standard error why a panic ends the process, in a line for the coordinator and a person.
fn say_why_it_ends(info: &PanicHookInfo<'_>) {
    let Some(back) = cause_of_end(info).filter(|_| !fork::is_copy()) else { return };
    let say = |begin: &str, note: &Note| {
        // Not by `eprintln`, which the test harness would keep to itself.
        let _ = writeln!(std::io::stderr(), "{begin} at {}", note.in_short());
    };
    let thread = record::current_thread();
    with_last(thread, back, |note| say("thread panicked", note));
    if back > 0 {
        with_last(thread, 0, |note| say("and then, as that unwound,", note));
    }
}

/// What the text of a backtrace says.
#[derive(Clone, Debug)]
struct Stack {
    /// The innermost location that is neither in the standard library nor in this crate.
    caller: Option<String>,
    /// Whether the code of this thread catches panics. Functions that are inlined into a program
    /// without debug information are not seen.
    catches: bool,
}

impl Stack {
    fn of_this_thread() -> Self {
        let hash = unwind::stack_hash();
        let known = lock(&STACKS).as_ref().and_then(|stacks| stacks.get(&hash).cloned());
        known.unwrap_or_else(|| {
            let stack = Self::from_backtrace(&Backtrace::force_capture().to_string());
            let mut stacks = lock(&STACKS);
            let stacks = stacks.get_or_insert_default();
            if stacks.len() == MAX_STACKS {
                stacks.clear();
            }
            stacks.insert(hash, stack.clone());
            stack
        })
    }

    fn from_backtrace(backtrace: &str) -> Self {
        let locations = backtrace.lines().filter_map(|line| line.trim_start().strip_prefix("at "));
        let is_foreign =
            |location: &&str| !is_standard_place(location) && !is_engine_place(location);
        let caller = locations
            .map(|location| location.strip_prefix("./").unwrap_or(location))
            .find(is_foreign)
            .map(str::to_owned);
        // The standard library calls the code of a thread through this function.
        let code = backtrace.rsplit_once("__rust_begin_short_backtrace").map(|(code, _)| code);
        Self { caller, catches: code.is_some_and(|code| code.contains("catch_unwind")) }
    }
}

impl Note {
    /// Place and message, in a line of bounded length.
    fn in_short(&self) -> String {
        let line = self.message.lines().next().unwrap_or("");
        let end = line.floor_char_boundary(MAX_SAID);
        format!("{}: {}", short_place(&self.location), &line[..end])
    }

    fn ends_thread(&self) -> bool {
        self.elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.ends_thread)
    }

    fn into_failure(self) -> Failure {
        let message = match &self.elsewhere {
            Some(Elsewhere { name: Some(name), ends_thread: true }) => {
                format!("{} (in thread `{name}`)", self.message)
            }
            Some(Elsewhere { name: None, ends_thread: true }) => {
                format!("{} (in another thread)", self.message)
            }
            _ => self.message,
        };
        *lock(&BACKTRACE) = self.backtrace;
        let caller = Caller::on_stack(self.calls);
        Failure { caller, ..panic_failure(short_place(&self.location), message) }
    }
}

fn panic_failure(location: &str, message: String) -> Failure {
    Failure {
        kind: Kind::Panic,
        place: location.to_owned(),
        message,
        caller: Caller::Unknown,
        backtrace: String::new(),
    }
}

/// Whether there were panics since they were last forgotten, no matter where they ended.
#[inline]
pub(crate) fn are_noted() -> bool {
    NOTED.load(Ordering::Acquire) > 0
}

/// Forgets the panics so far: they do not belong to the execution that begins.
#[inline]
pub(crate) fn forget() {
    if are_noted() {
        drop(take_notes());
    }
}

fn take_notes() -> Vec<Note> {
    lock(&BACKTRACE).take();
    NOTED.store(0, Ordering::Relaxed);
    std::mem::take(&mut lock(&NOTES))
}

/// The failure that a panic on another thread is, after the target returned. All panics were caught
/// if there is none.
pub(crate) fn failure_elsewhere(caught: &mut Caught) -> Option<Failure> {
    if !are_noted() {
        return None;
    }
    let count = NOTED.load(Ordering::Relaxed);
    let mut notes = take_notes();
    if let Some(index) = notes.iter().position(Note::ends_thread) {
        return Some(notes.swap_remove(index).into_failure());
    }
    let is_first = caught.example.is_empty();
    let example = notes.first().filter(|_| is_first).map_or_else(String::new, Note::in_short);
    caught.add(Caught { count, example });
    None
}

/// Drops a payload. Its code is the target's, and may panic in turn.
pub(crate) fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(another);
    }
}

/// The failure that a panic on this thread is, after it was caught.
pub(crate) fn failure(payload: &(dyn Any + Send)) -> Failure {
    let message = message(payload);
    let mut notes = take_notes();
    // The payload may be that of an earlier panic that was caught, here or in another thread. A
    // panic that no hook saw gets no location, instead of that of another.
    let own = notes.iter().rposition(|note| note.message == message);
    // A panic that ended another thread before is the cause: of a `join().unwrap()`, for example.
    let cause = notes[..own.unwrap_or(notes.len())].iter().position(Note::ends_thread);
    match cause.or(own) {
        Some(index) => notes.swap_remove(index).into_failure(),
        None => panic_failure("", message.into_owned()),
    }
}

/// The backtrace of the last failure as text; empty if it was not a panic, or if none was wanted.
/// The first one of a process reads the debug information, which can take a second.
pub(crate) fn take_backtrace() -> String {
    let backtrace = lock(&BACKTRACE).take();
    backtrace.map_or_else(String::new, |backtrace| without_engine(&backtrace.to_string()))
}

/// A backtrace without the frames of the panic machinery and of this crate around the target. Each
/// frame is a line `number: function`, usually followed by a line `at location`.
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
    // Not all compilers give the path of a function, but all give its location.
    let is_place = |line: &str| line.trim_start().strip_prefix("at ").is_some_and(is_engine_place);
    let is_engine =
        |at: &usize| is_place(lines[*at]) || is(*at, &|name| name.contains("shakedown::execute"));
    let engine = (start..lines.len()).find(is_engine);
    // The name is above its location.
    let end = engine.and_then(|at| (start..=at).rfind(|name| names[*name].is_some()));
    let end = end.unwrap_or(lines.len());
    lines[start..end].join("\n")
}

/// The text in a panic's payload. What unsafe code has made of a string need not be UTF-8.
pub(crate) fn message(payload: &(dyn Any + Send)) -> Cow<'_, str> {
    // A payload that was caught and is raised again may have got into another box.
    if let Some(inner) = payload.downcast_ref::<Box<dyn Any + Send>>() {
        return message(&**inner);
    }
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&'static str>().copied());
    let text = text.or_else(|| payload.downcast_ref::<Box<str>>().map(|text| &**text));
    let text = text.or_else(|| payload.downcast_ref::<Cow<'static, str>>().map(|text| &**text));
    String::from_utf8_lossy(text.map_or(NOT_TEXT, str::as_bytes))
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
        let backtrace = "   0: __rustc::rust_begin_unwind\n   1: demo\n      at ./src/lib.rs:7:5\n   \
                         2: {closure#0}\n      at /w/crates/shakedown/src/execute.rs:21:44\n   3: main";
        assert_eq!(without_engine(backtrace), "   1: demo\n      at ./src/lib.rs:7:5");
        assert_eq!(without_engine("   0: demo\n   1: main"), "   0: demo\n   1: main");
    }

    #[test]
    fn the_start_of_a_thread_is_not_its_code() {
        let start = "  3: std::sys::backtrace::__rust_begin_short_backtrace\n  \
                     4: std::panicking::catch_unwind::do_call\n";
        let own =
            "  2: std::panicking::catch_unwind\n     at /rustc/x/library/std/panicking.rs:1:1\n";
        let code = "  1: demo::work\n     at ./src/lib.rs:7:5\n";
        let stack = Stack::from_backtrace(&format!("{code}{start}"));
        assert_eq!((stack.caller.as_deref(), stack.catches), (Some("src/lib.rs:7:5"), false));
        assert!(Stack::from_backtrace(&format!("{code}{own}{start}")).catches);
    }
}
