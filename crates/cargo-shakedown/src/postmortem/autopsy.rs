//! What a dead worker's record says about its failure: the place that tells it from others, and a
//! backtrace.

use std::path::Path;

use shakedown_core::QUERY_SIGNAL;
use shakedown_core::failure::{Failure, Kind};
use shakedown_core::wire::page::DeathRecord;

use crate::symbols::{Mapped, Symbols, backtrace, outermost, own_place, recursion};

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

    /// Adds place and backtrace to a failure whose backtrace is the worker's standard error so far.
    pub(crate) fn complete(&mut self, failure: Failure, record: DeathRecord) -> Failure {
        let frames = self.symbols.frames(&self.mapped, &record.frames);
        let place = match failure.kind {
            Kind::StackOverflow => recursion(&frames).map(str::to_owned),
            _ if record.fault == QUERY_SIGNAL as u64 => outermost(&frames),
            // A panic that may not unwind says where it began; the stack is the runtime's by then.
            Kind::Abort => record.panic.or_else(|| own_place(&frames).map(str::to_owned)),
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
