//! One execution of a target: decode, call, and judge how it ended.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shakedown_core::codec::{Corrupt, Reader};
use shakedown_core::failure::{Failure, Kind};
use shakedown_core::message::Outcome;

use crate::panics::{self, Rejected};
use crate::target::{Target, Verdict};

/// Runs the target on an encoded input. Needs [`panics::install_hook`] for the place of a panic.
///
/// # Errors
/// If the input does not have the shape of the arguments: a mistake of the engine.
#[inline]
pub(crate) fn execute(target: &Target, input: &[u8]) -> Result<Outcome, Corrupt> {
    let mut reader = Reader::new(input);
    // The target may leave its own statics in any state; that is for its author to avoid, and
    // nothing of ours is touched by it.
    match catch_unwind(AssertUnwindSafe(|| (target.call)(&mut reader))) {
        Ok(Ok(Verdict::Passed)) => Ok(Outcome::Passed),
        Ok(Ok(Verdict::Error(message))) => Ok(Outcome::Failed(Failure {
            kind: Kind::Error,
            place: String::new(),
            message,
            backtrace: String::new(),
        })),
        Ok(Err(corrupt)) => Err(corrupt),
        Err(payload) if payload.is::<Rejected>() => Ok(Outcome::Rejected),
        Err(payload) => Ok(Outcome::Failed(panics::failure(&*payload))),
    }
}
