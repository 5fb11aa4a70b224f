//! What a dead worker's record says about its failure: the place that tells it from others, and a
//! backtrace.

use std::path::Path;
use std::process::ExitStatus;

use shakedown_core::QUERY_SIGNAL;
use shakedown_core::failure::{Caller, Failure, Kind};
use shakedown_core::wire::page::{DeathRecord, Phase};

use super::blame::{Blame, End, blame};
use crate::symbols::{
    Mapped, Symbols, backtrace, is_failed_allocation, outermost, own_place, recursion,
};

/// Most addresses of a stack that are named: whoever says more does not tell the truth.
const MAX_NAMED: usize = 64;

/// Completes failures of the workers of one session.
pub(crate) struct Autopsy {
    symbols: Symbols,
    mapped: Mapped,
}

impl Autopsy {
    /// For workers that run this program, built in the workspace at `root`.
    pub(crate) fn new(program: &Path, root: &Path) -> Self {
        Self { symbols: Symbols::new(program, root), mapped: Mapped::default() }
    }

    /// Notes where the program lies in the memory of a worker that has just started.
    pub(crate) fn admit(&mut self, mapped: Mapped) {
        self.mapped = mapped;
    }

    /// Judges the end of a worker by its status, by what it was doing, and by its last words.
    pub(crate) fn blame(
        &mut self,
        status: ExitStatus,
        phase: Phase,
        record: &DeathRecord,
        stderr: &str,
    ) -> Blame {
        // The stack of another signal does not say what ended it.
        let is_last = record.fault == libc::SIGABRT as u64;
        let is_allocation = is_last.then(|| self.failed_allocation(record)).flatten();
        blame(&End { status, phase, record, is_allocation, stderr })
    }

    /// Whether an allocation had failed where the record was made; nothing if that is not known.
    pub(crate) fn failed_allocation(&mut self, record: &DeathRecord) -> Option<bool> {
        is_failed_allocation(&self.symbols.frames(&self.mapped, &record.frames))
    }

    /// Names the caller of the function that a panic began in, if its stack is known.
    pub(crate) fn name_caller(&mut self, failure: &mut Failure) {
        if let Caller::Stack(calls) = &failure.caller {
            let caller = self.symbols.caller(&self.mapped, &calls[..calls.len().min(MAX_NAMED)]);
            failure.caller = caller.map_or(Caller::Unknown, Caller::Place);
        }
    }

    /// Adds place and backtrace to a failure whose backtrace is the worker's standard error so far.
    pub(crate) fn complete(&mut self, failure: Failure, record: DeathRecord) -> Failure {
        let frames = self.symbols.frames(&self.mapped, &record.frames);
        let place = match failure.kind {
            Kind::StackOverflow => recursion(&frames).map(str::to_owned),
            _ if record.fault == QUERY_SIGNAL as u64 => outermost(&frames),
            // A panic that may not unwind says where it began; the stack is the runtime's by then.
            Kind::Abort => record.panic.or_else(|| own_place(&frames).map(str::to_owned)),
            // What looks into a panic may find no memory, after the target's code has ended.
            Kind::OutOfMemory => own_place(&frames).map(str::to_owned).or(record.panic),
            _ => own_place(&frames).map(str::to_owned),
        };
        let mut message = failure.message;
        if failure.kind == Kind::Signal && record.address != 0 {
            message = format!("{message}, address {:#x}", record.address);
        }
        let mut text = backtrace(&frames);
        let stderr = failure.backtrace.trim_end();
        if !stderr.is_empty() {
            text = format!("{text}standard error:\n{stderr}\n");
        }
        Failure { message, place: place.unwrap_or_default(), backtrace: text, ..failure }
    }
}
