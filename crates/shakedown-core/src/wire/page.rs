//! The header of the shared memory: one page of numbers that a worker keeps up to date, so that
//! its sudden end loses nothing.
//!
//! The worker sees it live, as [`Page`], through relaxed atomics, and stores in all words but one: the
//! coordinator looks at it during a call to notice a hang, and after a death to learn what was
//! running. The one is for the coordinator, to ask for the answer before the call is done. The
//! coordinator sees it as [`PageCopy`], all of it at one moment, and believes none of it: the code
//! under test can write there too.

use std::sync::atomic::{AtomicU64, Ordering};

use super::RngState;
use crate::rng::Rng;

/// Size of the header in bytes: one page.
pub const SIZE: usize = 4096;

/// The numbers of the header.
pub const WORDS: usize = SIZE / 8;

/// The first number: "SHKDWN" and the version of the memory.
const MAGIC: u64 = u64::from_le_bytes(*b"SHKDWN\0\x05");

/// The position of a number in the page.
#[derive(Clone, Copy)]
struct Word(usize);

/// See [`MAGIC`].
const FORMAT: Word = Word(0);
/// Executions begun since the call began.
const EXECS: Word = Word(1);
/// What the worker is doing, a [`Phase`].
const PHASE: Word = Word(2);
/// Length in bytes of the input being executed.
const INPUT_LEN: Word = Word(3);
/// Executions of the call that the target rejected.
const REJECTED: Word = Word(4);
/// Executions begun in this call that count apart: inputs that were executed again, to learn which
/// of them reached something new, or beyond its end.
const REPEATED: Word = Word(5);
/// The process that runs the target, if that is not the worker itself, else 0.
const PROCESS: Word = Word(6);
/// Executions of the call before the window that runs, [`NO_WINDOW`] if there is none.
const WINDOW: Word = Word(7);
/// How many of these were rejected.
const WINDOW_REJECTED: Word = Word(8);
/// How many had been repeated by then: more of them are of this window.
const WINDOW_REPEATED: Word = Word(9);
/// State of the generator at the start of the window.
const WINDOW_RNG_STATE: Word = Word(10);
/// Increment of the generator.
const WINDOW_RNG_INC: Word = Word(11);
/// The signal that ended the worker, or by which it was asked where it is; [`FAULT_EXIT`] for a
/// call of `exit`; 0 for none. Written last, when the rest of the record is complete.
const FAULT: Word = Word(12);
/// The memory address that a faulting instruction asked for.
const FAULT_ADDRESS: Word = Word(13);
/// 1 if the fault was on another thread than the target's, else 0.
const FAULT_ELSEWHERE: Word = Word(14);
/// Number of the return addresses at [`FRAMES`].
const FRAME_COUNT: Word = Word(15);
/// The execution of the call in which a panic last began.
const PANIC_EXECS: Word = Word(16);
/// Length of the text at [`PANIC`] in bytes.
const PANIC_LEN: Word = Word(17);
/// 1 if the coordinator wants what the call has come to so far, else 0.
const STOP: Word = Word(18);
/// The first number that the coordinator does not set before each call.
const CALL_END: usize = 19;
/// The return addresses on the stack at the fault, innermost first.
const FRAMES: Word = Word(32);
/// Most return addresses.
pub const MAX_FRAMES: usize = 64;
/// Where the panic began, as text.
const PANIC: Word = Word(128);
/// Most bytes of that text.
pub const MAX_PANIC: usize = 1024;

/// The value of `FAULT` for a call of `exit`: no signal has this number.
pub const FAULT_EXIT: u64 = 1 << 32;

/// The value of [`WINDOW`] where there are no windows.
const NO_WINDOW: u64 = u64::MAX;

/// What a worker is doing: so that its end can be blamed on the right side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Phase {
    /// Waiting for a call.
    Idle = 0,
    /// In the engine's own code: an end now is an internal error.
    Engine = 1,
    /// In the target: an end now is a finding.
    Target = 2,
}

impl Phase {
    /// The phase with this number; foreign numbers count as [`Phase::Engine`].
    fn from_number(number: u64) -> Self {
        match number {
            0 => Self::Idle,
            2 => Self::Target,
            _ => Self::Engine,
        }
    }
}

/// Where a window begins.
#[derive(Clone, Copy, Debug)]
pub struct WindowStart {
    /// Executions of the call before it.
    pub execs: u64,
    /// How many of them were rejected.
    pub rejected: u64,
    /// How many were repeated.
    pub repeated: u64,
    /// Where the generator stands.
    pub rng: Rng,
}

/// A worker's own header.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a>(&'a [AtomicU64; WORDS]);

impl<'a> Page<'a> {
    /// The header in these words.
    #[must_use]
    pub fn new(words: &'a [AtomicU64; WORDS]) -> Self {
        Self(words)
    }

    #[inline]
    fn get(self, field: Word) -> u64 {
        u64::from_le(self.0[field.0].load(Ordering::Relaxed))
    }

    #[inline]
    fn set(self, field: Word, value: u64) {
        self.0[field.0].store(value.to_le(), Ordering::Relaxed);
    }

    /// Whether the coordinator has formatted it, in this version.
    #[must_use]
    pub fn is_formatted(self) -> bool {
        self.get(FORMAT) == MAGIC
    }

    /// Says who is to blame for an end from now on.
    #[inline]
    pub fn set_phase(self, phase: Phase) {
        self.set(PHASE, phase as u64);
    }

    /// Whether the coordinator wants what the call has come to so far.
    #[must_use]
    pub fn is_to_stop(self) -> bool {
        self.get(STOP) != 0
    }

    /// Whether the target runs.
    #[must_use]
    pub fn is_in_target(self) -> bool {
        self.get(PHASE) == Phase::Target as u64
    }

    /// Announces execution number `execs` of the call, of the first `len` bytes of the input.
    #[inline]
    pub fn begin(self, execs: u64, len: usize) {
        self.set(INPUT_LEN, len as u64);
        self.set(EXECS, execs);
    }

    /// Leaves where a window begins; nothing if all coverage is looked at after each execution.
    #[inline]
    pub fn begin_window(self, window: Option<WindowStart>) {
        let Some(window) = window else { return self.set(WINDOW, NO_WINDOW) };
        self.set(WINDOW, window.execs);
        self.set(WINDOW_REJECTED, window.rejected);
        self.set(WINDOW_REPEATED, window.repeated);
        self.set(WINDOW_RNG_STATE, window.rng.state);
        self.set(WINDOW_RNG_INC, window.rng.inc);
    }

    /// Leaves the number of rejected executions.
    #[inline]
    pub fn set_rejected(self, rejected: u64) {
        self.set(REJECTED, rejected);
    }

    /// Leaves the number of executions that count apart.
    #[inline]
    pub fn set_repeated(self, repeated: u64) {
        self.set(REPEATED, repeated);
    }

    /// Leaves the id of the process that runs the target; 0 for the worker itself.
    pub fn set_process(self, process: u64) {
        self.set(PROCESS, process);
    }

    /// The signal or exit that was recorded; 0 for none.
    #[must_use]
    pub fn fault(self) -> u64 {
        self.get(FAULT)
    }

    /// Records return address number `index`, of [`MAX_FRAMES`] at most.
    ///
    /// # Panics
    /// If the number is larger.
    pub fn set_frame(self, index: usize, address: u64) {
        assert!(index < MAX_FRAMES, "room for the address");
        self.set(Word(FRAMES.0 + index), address);
    }

    /// Completes the record of a fault: the signal or [`FAULT_EXIT`], the memory address asked for,
    /// whether it was on another thread than the target's, and the number of return addresses that
    /// were recorded before.
    pub fn set_fault(self, fault: u64, address: u64, elsewhere: bool, frames: usize) {
        self.set(FAULT_ADDRESS, address);
        self.set(FAULT_ELSEWHERE, u64::from(elsewhere));
        self.set(FRAME_COUNT, frames as u64);
        self.0[FAULT.0].store(fault.to_le(), Ordering::Release);
    }

    /// Records where a panic began in the execution that runs; a long text is cut.
    pub fn set_panic(self, location: &str) {
        let bytes = &location.as_bytes()[..location.len().min(MAX_PANIC)];
        for (index, chunk) in bytes.chunks(8).enumerate() {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.set(Word(PANIC.0 + index), u64::from_le_bytes(word));
        }
        self.set(PANIC_LEN, bytes.len() as u64);
        self.set(PANIC_EXECS, self.get(EXECS));
    }
}

/// A header as it was at one moment.
#[derive(Clone, Debug)]
pub struct PageCopy([u8; SIZE]);

/// What a worker left in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastWords {
    /// What it was doing.
    pub phase: Phase,
    /// Executions begun since the call began.
    pub execs: u64,
    /// How many of them the target rejected.
    pub rejected: u64,
    /// Executions begun that count apart, of inputs that were executed again.
    pub repeated: u64,
    /// Length in bytes of the input being executed.
    pub input_len: u64,
    /// Executions before the window that was running, how many of them were rejected, and how many
    /// repeated.
    window: [u64; 3],
    window_rng: RngState,
}

/// A window, as far as it was run. What came before it was looked at in all its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Executions of the call before it.
    pub execs: u64,
    /// The same and those of its own that have come to their end.
    pub end: u64,
    /// How many of them were rejected.
    pub rejected: u64,
    /// Where the generator stood.
    pub rng: RngState,
}

/// What a worker recorded of its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeathRecord {
    /// The signal that arrived, or [`FAULT_EXIT`]; 0 if neither was seen.
    pub fault: u64,
    /// Whether that was on another thread than the target's.
    pub is_elsewhere: bool,
    /// Addresses on the stack then, innermost first.
    pub frames: Vec<u64>,
    /// The memory address that a faulting instruction asked for.
    pub address: u64,
    /// Where a panic began in the last execution, as `file:line:column`.
    pub panic: Option<String>,
}

impl PageCopy {
    /// The header in these bytes.
    #[must_use]
    pub fn new(bytes: [u8; SIZE]) -> Self {
        Self(bytes)
    }

    /// What the front of a header is set to before each call: nothing has happened yet.
    #[must_use]
    pub fn before_call() -> [u8; CALL_END * 8] {
        let mut bytes = [0; CALL_END * 8];
        for (field, value) in [(FORMAT, MAGIC), (WINDOW, NO_WINDOW)] {
            bytes[field.0 * 8..][..8].copy_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    /// What to write to a header to ask for what the call has come to so far, and where.
    #[must_use]
    pub fn to_stop() -> (usize, [u8; 8]) {
        (STOP.0 * 8, 1_u64.to_le_bytes())
    }

    fn get(&self, field: Word) -> u64 {
        self.0[field.0 * 8..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// What the worker was doing.
    #[must_use]
    pub fn last_words(&self) -> LastWords {
        LastWords {
            phase: Phase::from_number(self.get(PHASE)),
            execs: self.get(EXECS),
            rejected: self.get(REJECTED),
            repeated: self.get(REPEATED),
            input_len: self.get(INPUT_LEN),
            window: [WINDOW, WINDOW_REJECTED, WINDOW_REPEATED].map(|field| self.get(field)),
            window_rng: (self.get(WINDOW_RNG_STATE), self.get(WINDOW_RNG_INC)),
        }
    }

    /// The process that runs the target, if it is not the worker itself.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        u32::try_from(self.get(PROCESS)).ok().filter(|id| *id != 0)
    }

    /// What the worker recorded of its end. Garbage gives a record of nothing, or of garbage.
    #[must_use]
    pub fn record(&self) -> DeathRecord {
        let fault = self.get(FAULT);
        let mut record = DeathRecord { fault, ..DeathRecord::default() };
        if fault != 0 {
            record.is_elsewhere = self.get(FAULT_ELSEWHERE) == 1;
            record.address = self.get(FAULT_ADDRESS);
            let count = self.get(FRAME_COUNT).min(MAX_FRAMES as u64) as usize;
            record.frames = (0..count).map(|at| self.get(Word(FRAMES.0 + at))).collect();
        }
        if self.get(EXECS) != 0 && self.get(EXECS) == self.get(PANIC_EXECS) {
            let len = self.get(PANIC_LEN).min(MAX_PANIC as u64) as usize;
            let text = std::str::from_utf8(&self.0[PANIC.0 * 8..][..len]);
            record.panic = text.ok().map(str::to_owned);
        }
        record
    }
}

impl LastWords {
    /// The window that was running, if any execution of it has come to its end. The last one has if
    /// they were being repeated.
    #[must_use]
    pub fn window(&self) -> Option<Window> {
        let [execs, rejected, repeated] = self.window;
        let end = self.execs.saturating_sub(u64::from(self.repeated <= repeated));
        let window = Window { execs, end, rejected, rng: self.window_rng };
        (execs < end && rejected <= execs).then_some(window)
    }

    /// The same with counts that a call which allows this many executions can have: what has
    /// damaged the header must not count.
    #[must_use]
    pub fn within(self, max_execs: u64) -> Self {
        let execs = self.execs.min(max_execs);
        let rejected = self.rejected.min(execs);
        // Each is executed once more at most.
        Self { execs, rejected, repeated: self.repeated.min(max_execs), ..self }
    }

    /// All executions begun since the call began: as long as the number changes, nothing hangs.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.execs.wrapping_add(self.repeated)
    }
}

#[cfg(test)]
mod tests;
