//! What an answer can be, given the call. Whatever a worker says is checked here or by the schema
//! before anybody believes it: its memory is that of the code under test.

use shakedown_core::layout::Phase;
use shakedown_core::message::{Answer, Call, Greeting, Keep};
use shakedown_core::schema::Schema;
use shakedown_core::shape;

use super::memory::LastWords;

/// Most counters that a program can have: of those of LLVM, no more fit into a binary that can be
/// linked.
const MAX_COUNTERS: u64 = 1 << 30;

/// Most executions that a call allows.
pub(super) fn max_execs(call: &Call) -> u64 {
    match call {
        Call::Hello(_) | Call::Attach(_) | Call::Ping => 0,
        Call::Execute(_) | Call::Replay(_) => 1,
        Call::Fuzz(fuzz) => fuzz.max_execs,
        Call::Minimize(minimize) => minimize.max_execs,
    }
}

/// Checks an answer against its call, and against what the worker left in the header.
///
/// # Errors
/// If it is not an answer that a sound worker can give; why.
pub(super) fn check(
    call: &Call,
    answer: &Answer,
    words: &LastWords,
    schema: &Schema,
) -> Result<(), String> {
    let counted = |execs: u64, rejected: Option<u64>| {
        let most = max_execs(call);
        if execs > most || execs == 0 && most > 0 {
            return Err(format!("it claims {execs} executions, where it was asked for {most}"));
        }
        if rejected.is_some_and(|rejected| rejected > execs) {
            return Err(format!("it claims more rejected executions than the {execs} it made"));
        }
        if execs != words.execs || rejected.is_some_and(|rejected| rejected != words.rejected) {
            return Err("its answer contradicts its shared memory".into());
        }
        Ok(())
    };
    match (call, answer) {
        (_, Answer::Internal(reason)) => {
            return Err(format!("it reports an internal error: {reason}"));
        }
        (Call::Attach(_) | Call::Ping, Answer::Done) => return Ok(()),
        (Call::Execute(_) | Call::Replay(_), Answer::Executed(_)) => counted(1, None)?,
        (Call::Fuzz(_), Answer::Fuzzed(fuzzed)) => counted(fuzzed.execs, Some(fuzzed.rejected))?,
        (Call::Minimize(asked), Answer::Minimized(minimized)) => {
            counted(minimized.execs, None)?;
            let is_kept = minimized.len.is_some() && matches!(asked.keep, Keep::Failure(_));
            if minimized.failure.is_some() != is_kept {
                return Err("it does not say what the smaller input fails with".into());
            }
            for (input, _) in &minimized.others {
                shape::check(schema, input)
                    .map_err(|error| format!("an input that it tells of is damaged: {error}"))?;
            }
        }
        _ => return Err("it gave the answer to another call".into()),
    }
    match words.phase {
        Phase::Idle => Ok(()),
        Phase::Engine | Phase::Target => Err("it answered, but its memory says it is busy".into()),
    }
}

/// Checks the answer to the handshake.
///
/// # Errors
/// If it is not one that a sound worker can give; why.
pub(super) fn check_greeting(greeting: &Greeting) -> Result<(), String> {
    if greeting.counters > MAX_COUNTERS {
        return Err(format!("it claims to have {} counters", greeting.counters));
    }
    if greeting.timeout_ms == Some(0) {
        return Err("it asks for a timeout of no time at all".into());
    }
    for (index, seed) in greeting.seeds.iter().enumerate() {
        shape::check(&greeting.schema, seed)
            .map_err(|error| format!("seed number {index} of the attribute: {error}"))?;
    }
    Ok(())
}
