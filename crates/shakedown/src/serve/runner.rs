//! One execution as the coordinator sees it: announced in the header, so that nothing is lost if the
//! process dies, and in a process of its own if that is wanted.

use shakedown_core::failure::Failure;
use shakedown_core::mutate::Variations;
use shakedown_core::wire::page::{Page, Phase};
use shakedown_core::wire::{self, Answer, Executed, Message};

use crate::coverage::{self, Counters};
use crate::execute::{Outcome, Stage};
use crate::panics;
use crate::process::isolate::Isolation;
use crate::process::room;

/// Most bytes of the message of a failure.
const MAX_MESSAGE: usize = 64 << 10;

/// Runs a target in a worker.
pub(crate) struct Runner<'t> {
    pub(crate) stage: Stage<'t>,
    /// What copies of the process leave their results in; nothing if the target runs in this one.
    pub(crate) isolation: Option<Isolation>,
}

impl Runner<'_> {
    /// Runs the target once, as execution number `execs` of the call. Its coverage is in the counters
    /// then.
    ///
    /// # Errors
    /// If the engine has made a mistake, or there can be no process.
    #[inline(always)]
    pub(crate) fn run(
        &mut self,
        counters: &mut Counters,
        page: Page<'_>,
        execs: u64,
        input: &[u8],
    ) -> Result<Outcome, String> {
        page.begin(execs, input.len());
        page.set_phase(Phase::Target);
        let outcome = match &mut self.isolation {
            None => self.stage.execute(input).map_err(|corrupt| corrupt.to_string()),
            Some(isolation) => run_isolated(&mut self.stage, isolation, counters, page, input),
        };
        page.set_phase(Phase::Engine);
        outcome.map(with_short_message)
    }
}

/// Most sums of an input that are repaired, one behind the other.
const MAX_REPAIRS: u64 = 4;

impl Runner<'_> {
    /// Runs an input that was made last, and if its comparisons look like a sum that is wrong, what
    /// becomes of it with the right one, until it fails or nothing is to be repaired; how often that was.
    ///
    /// # Errors
    /// As [`Self::run`].
    #[cold]
    #[inline(never)]
    pub(crate) fn run_repaired(
        &mut self,
        counters: &mut Counters,
        page: Page<'_>,
        execs: u64,
        variations: &mut Variations<'_>,
    ) -> Result<(Outcome, u64), String> {
        let mut repairs = 0;
        loop {
            let run = || self.run(counters, page, execs, variations.last());
            let (outcome, recorded) = coverage::record(run);
            let outcome = outcome?;
            let is_last = matches!(outcome, Outcome::Failed(_)) || repairs == MAX_REPAIRS;
            if is_last || !variations.repair(&recorded.comparisons) {
                return Ok((outcome, repairs));
            }
            counters.reset();
            repairs += 1;
        }
    }
}

/// Runs the target in a copy of this process, which sends its outcome as the answer to a call.
fn run_isolated(
    stage: &mut Stage<'_>,
    isolation: &mut Isolation,
    counters: &mut Counters,
    page: Page<'_>,
    input: &[u8],
) -> Result<Outcome, String> {
    let result = isolation.run(page, |copied| {
        let outcome = stage.execute(input);
        let recorded = coverage::take_recorded();
        page.set_phase(Phase::Engine);
        counters.copy_to(copied);
        let answer = match outcome {
            Ok(outcome) => {
                let mut outcome = with_short_message(outcome).into();
                add_backtrace(&mut outcome);
                let caught = stage.take_caught();
                Answer::Executed(Executed { outcome, caught, recorded })
            }
            Err(corrupt) => Answer::Internal(corrupt.to_string()),
        };
        answer.to_frame().split_off(4)
    });
    let (copied, body) = result.map_err(|error| format!("cannot isolate: {error}"))?;
    counters.copy_from(copied);
    match Answer::from_body(body) {
        Ok(Answer::Executed(Executed { outcome, caught, recorded })) => {
            coverage::give_recorded(recorded);
            stage.add_caught(caught);
            Ok(outcome.into())
        }
        Ok(Answer::Internal(reason)) => Err(reason),
        _ => Err("the process of an execution has left nonsense".into()),
    }
}

/// A failure whose message is cut to what people can read, so that it fits into an answer.
#[inline(always)]
fn with_short_message(mut outcome: Outcome) -> Outcome {
    if let Outcome::Failed(failure) = &mut outcome {
        shorten(failure);
    }
    outcome
}

#[cold]
fn shorten(Failure { message, .. }: &mut Failure) {
    let len = message.len();
    if len > MAX_MESSAGE {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        message.push_str(&format!("… ({len} bytes)"));
    }
}

/// Adds its backtrace to a failure that has none yet, if one was wanted.
pub(crate) fn add_backtrace(outcome: &mut wire::Outcome) {
    if let wire::Outcome::Failed(failure) = outcome
        && failure.backtrace.is_empty()
    {
        failure.backtrace = room::beyond_the_limit(panics::take_backtrace);
    }
}

#[cfg(test)]
mod tests {
    use shakedown_core::failure::{Caller, Kind};

    use super::*;

    #[test]
    fn messages_are_cut_to_what_fits_into_an_answer() {
        let cut = |message: String| {
            let (place, backtrace) = (String::new(), String::new());
            let failure =
                Failure { kind: Kind::Panic, place, message, caller: Caller::Unknown, backtrace };
            match with_short_message(Outcome::Failed(Box::new(failure))) {
                Outcome::Failed(failure) => failure.message,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(cut("short".into()), "short");
        let long = cut("ß".repeat(MAX_MESSAGE));
        assert!(long.ends_with("ß… (131072 bytes)"), "{}", &long[long.len() - 20..]);
        assert!(long.len() < MAX_MESSAGE + 30);
        let odd = cut(format!("x{}", "ß".repeat(MAX_MESSAGE)));
        assert!(odd.ends_with("ß… (131073 bytes)"));
    }
}
