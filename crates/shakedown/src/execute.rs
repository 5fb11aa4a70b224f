//! One execution of a target: decode, call, and judge how it ended.

use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use shakedown_core::codec::{Corrupt, Reader};
use shakedown_core::failure::{Caller, Failure, Kind};
use shakedown_core::wire::{self, Caught};

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
    caught: Caught,
}

impl<'t> Stage<'t> {
    /// For inputs of up to `capacity` bytes.
    ///
    /// # Errors
    /// If the system has no more memory.
    pub(crate) fn new(target: &'t Target, capacity: usize) -> io::Result<Self> {
        let guard = Guard::new(capacity)?;
        Ok(Self { target, guard, failed_elsewhere: false, caught: Caught::default() })
    }

    /// Whether the last execution failed by nothing but a panic on another thread.
    pub(crate) fn failed_elsewhere(&self) -> bool {
        self.failed_elsewhere
    }

    /// Panics that the target has caught since this was last asked.
    pub(crate) fn take_caught(&mut self) -> Caught {
        mem::take(&mut self.caught)
    }

    /// Adds panics that the target has caught in a copy of this process.
    pub(crate) fn add_caught(&mut self, caught: Caught) {
        self.caught.add(caught);
    }

    /// Runs the target on an encoded input. Needs [`panics::install_hook`] for the location of a
    /// panic.
    ///
    /// # Errors
    /// If the input does not have the shape of the arguments: a mistake of the engine.
    #[inline(always)]
    pub(crate) fn execute(&mut self, input: &[u8]) -> Result<Outcome, Corrupt> {
        match self.run(input)? {
            Outcome::Failed(failure) if is_unseen(&failure) => self.run_seen(input, failure),
            outcome => Ok(outcome),
        }
    }

    /// Runs the target once more after a panic that no hook of ours has seen, because the target
    /// has set its own: now it is seen, and has a place.
    #[cold]
    fn run_seen(&mut self, input: &[u8], unseen: Box<Failure>) -> Result<Outcome, Corrupt> {
        panics::renew_hook();
        let seen = match self.run(input)? {
            Outcome::Failed(failure) if failure.message == unseen.message => failure,
            _ => unseen,
        };
        Ok(Outcome::Failed(seen))
    }

    #[inline(always)]
    fn run(&mut self, input: &[u8]) -> Result<Outcome, Corrupt> {
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
            Ok(Ok(Verdict::Rejected)) if !panics::are_noted() => Ok(Outcome::Rejected),
            result => room::beyond_the_limit(|| self.judge(result)),
        }
    }

    /// The outcome of an execution that did not simply pass.
    #[cold]
    fn judge(
        &mut self,
        result: thread::Result<Result<Verdict, Corrupt>>,
    ) -> Result<Outcome, Corrupt> {
        let outcome = match result {
            Ok(returned) => match returned? {
                Verdict::Passed => Outcome::Passed,
                Verdict::Rejected => Outcome::Rejected,
                Verdict::Error(message) => Outcome::Failed(Box::new(returned_error(&message))),
            },
            Err(payload) if payload.is::<Rejected>() => Outcome::Rejected,
            Err(payload) => {
                let failure = panics::failure(&*payload);
                panics::drop_payload(payload);
                return Ok(Outcome::Failed(Box::new(failure)));
            }
        };
        let elsewhere = panics::failure_elsewhere(&mut self.caught);
        self.failed_elsewhere = elsewhere.is_some();
        Ok(elsewhere.map_or(outcome, |failure| Outcome::Failed(Box::new(failure))))
    }
}

/// Whether it is a panic that was not noted where it began.
fn is_unseen(failure: &Failure) -> bool {
    failure.kind == Kind::Panic && failure.place.is_empty()
}

/// What unsafe code has made of a text need not be UTF-8.
fn returned_error(message: &str) -> Failure {
    let message = String::from_utf8_lossy(message.as_bytes()).into_owned();
    let (place, backtrace) = (String::new(), String::new());
    Failure { kind: Kind::Error, place, message, caller: Caller::Unknown, backtrace }
}
