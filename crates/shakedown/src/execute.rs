//! One execution of a target: decode, call, and judge how it ended.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use shakedown_core::codec::{Corrupt, Reader};
use shakedown_core::failure::{Failure, Kind};
use shakedown_core::wire;

use crate::panics::{self, Rejected};
use crate::process::guard::Guard;
use crate::process::{fork, room};
use crate::target::{Target, Verdict};

/// How an execution ended. Small, because it is returned after each.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Nothing is wrong.
    Passed,
    /// The target rejected the input.
    Rejected,
    /// The target failed.
    Failed(Box<Failure>),
}

impl From<Outcome> for wire::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Rejected => Self::Rejected,
            Outcome::Failed(failure) => Self::Failed(*failure),
        }
    }
}

impl From<wire::Outcome> for Outcome {
    fn from(outcome: wire::Outcome) -> Self {
        match outcome {
            wire::Outcome::Passed => Self::Passed,
            wire::Outcome::Rejected => Self::Rejected,
            wire::Outcome::Failed(failure) => Self::Failed(Box::new(failure)),
        }
    }
}

/// A target, and the memory that its borrowed arguments point to.
pub(crate) struct Stage<'t> {
    target: &'t Target,
    guard: Guard,
    failed_elsewhere: bool,
}

impl<'t> Stage<'t> {
    /// For inputs of up to `capacity` bytes.
    ///
    /// # Errors
    /// If the system has no more memory.
    pub(crate) fn new(target: &'t Target, capacity: usize) -> io::Result<Self> {
        Ok(Self { target, guard: Guard::new(capacity)?, failed_elsewhere: false })
    }

    /// Whether the last execution failed by nothing but a panic on another thread.
    pub(crate) fn failed_elsewhere(&self) -> bool {
        self.failed_elsewhere
    }

    /// Runs the target on an encoded input. Needs [`panics::install_hook`] for the location of a
    /// panic.
    ///
    /// # Errors
    /// If the input does not have the shape of the arguments: a mistake of the engine.
    #[inline(always)]
    pub(crate) fn execute(&mut self, input: &[u8]) -> Result<Outcome, Corrupt> {
        self.guard.clear();
        self.failed_elsewhere = false;
        let mut reader = Reader::lending(input, &self.guard);
        panics::forget();
        // A panic may leave the target's own statics in any state, which its author has to avoid.
        // It cannot affect state of the engine.
        let result = catch_unwind(AssertUnwindSafe(|| (self.target.call)(&mut reader)));
        if fork::is_copy() {
            fork::end_copy();
        }
        match result {
            Ok(Ok(Verdict::Passed)) if !panics::are_noted() => Ok(Outcome::Passed),
            result => room::beyond_the_limit(|| self.judge(result)),
        }
    }

    /// The outcome of an execution that did not simply pass.
    #[cold]
    fn judge(
        &mut self,
        result: thread::Result<Result<Verdict, Corrupt>>,
    ) -> Result<Outcome, Corrupt> {
        Ok(match result {
            Ok(Err(corrupt)) => return Err(corrupt),
            Err(payload) if !payload.is::<Rejected>() => {
                Outcome::Failed(Box::new(panics::failure(&*payload)))
            }
            returned => match (panics::failure_elsewhere(), returned) {
                (Some(failure), _) => {
                    self.failed_elsewhere = true;
                    Outcome::Failed(Box::new(failure))
                }
                (None, Ok(Ok(Verdict::Error(message)))) => Outcome::Failed(Box::new(Failure {
                    kind: Kind::Error,
                    place: String::new(),
                    message,
                    backtrace: String::new(),
                })),
                (None, Ok(_)) => Outcome::Passed,
                (None, Err(_)) => Outcome::Rejected,
            },
        })
    }
}
