//! What an answer can be, given the call. Whatever a worker says is checked here or by the schema
//! before anybody believes it: its memory is that of the code under test.

use shakedown_core::schema::Schema;
use shakedown_core::schema::shape;
use shakedown_core::testdata;
use shakedown_core::wire::page::{LastWords, Phase};
use shakedown_core::wire::{Answer, Call, Greeting, Keep};

/// Most counters that a program can have. The coordinator keeps some bytes for each; the largest
/// programs have a few million.
const MAX_COUNTERS: u64 = 1 << 26;

/// Most executions that a call allows.
pub(super) fn max_execs(call: &Call) -> u64 {
    match call {
        Call::Hello(_) | Call::Attach(_) | Call::Ping | Call::Learn(_) => 0,
        Call::Execute(_) | Call::Replay(_) => 1,
        Call::Fuzz(fuzz) => fuzz.visits.iter().map(|visit| visit.execs).sum(),
        Call::Rerun(rerun) => rerun.visit.execs.saturating_sub(rerun.from),
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
    let told = |input: &[u8]| {
        shape::check(schema, input)
            .map_err(|error| format!("an input that it tells of is damaged: {error}"))
    };
    match (call, answer) {
        (_, Answer::Internal(reason)) => {
            return Err(format!("it reports an internal error: {reason}"));
        }
        (Call::Attach(_) | Call::Ping | Call::Learn(_), Answer::Done) => return Ok(()),
        (Call::Execute(_) | Call::Replay(_), Answer::Executed(_)) => counted(1, None)?,
        (Call::Fuzz(_) | Call::Rerun(_), Answer::Fuzzed(fuzzed)) => {
            counted(fuzzed.execs, Some(fuzzed.rejected))?;
            if let Some((input, _)) = &fuzzed.late {
                told(input)?;
            }
        }
        (Call::Minimize(asked), Answer::Minimized(minimized)) => {
            counted(minimized.execs, None)?;
            let is_kept = minimized.len.is_some() && matches!(asked.keep, Keep::Failure(_));
            if minimized.failure.is_some() != is_kept {
                return Err("it does not say what the smaller input fails with".into());
            }
            minimized.others.iter().try_for_each(|(input, _)| told(input))?;
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
            .map_err(|error| format!("{}: {error}", testdata::seed_name(index)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use shakedown_core::failure::{Caller, Failure, Kind};
    use shakedown_core::schema::{Bytes, Field, Node, Types};
    use shakedown_core::wire::layout::Layout;
    use shakedown_core::wire::{
        Caught, End, Execute, Executed, Fuzz, Fuzzed, Minimize, Minimized, Outcome, Recorded,
        Rerun, Visit,
    };

    use super::super::memory::Memory;
    use super::*;

    fn schema() -> Schema {
        let mut types = Types::new();
        let node = types.add(Node::Bytes(Bytes::ANY));
        types.finish(vec![Field { name: "bytes".into(), node, default: None }]).unwrap()
    }

    /// What is left in the memory after so many executions.
    fn words(execs: u64, rejected: u64, phase: Phase) -> LastWords {
        let mut memory = Memory::new().unwrap();
        memory.format(Layout { capacity: 10, counters: 1 }).unwrap();
        let mut words = memory.last_words().unwrap();
        (words.execs, words.rejected, words.phase) = (execs, rejected, phase);
        words
    }

    fn visit(execs: u64) -> Visit {
        let (donor_len, hints_len, tokens, weights) = (0, 0, 0, 0);
        Visit { entry_len: 4, donor_len, hints_len, tokens, weights, rng: (1, 1), execs }
    }

    fn fuzz(execs: u64) -> Call {
        Call::Fuzz(Fuzz { visits: vec![visit(1), visit(execs - 1)], max_ms: 1 })
    }

    fn fuzzed(execs: u64, rejected: u64) -> Answer {
        let (end, rng, late) = (End::Time, (1, 1), None);
        let (mutators, caught) = (Vec::new(), Caught::default());
        let (input_len, work) = (4, 0);
        Answer::Fuzzed(Fuzzed {
            execs,
            rejected,
            end,
            input_len,
            rng,
            mutators,
            work,
            late,
            caught,
        })
    }

    fn accepts(call: &Call, answer: &Answer, words: &LastWords) -> bool {
        check(call, answer, words, &schema()).is_ok()
    }

    #[test]
    fn counts_are_those_of_the_call_and_of_the_memory() {
        let idle = |execs, rejected| words(execs, rejected, Phase::Idle);
        assert!(accepts(&fuzz(9), &fuzzed(9, 2), &idle(9, 2)));
        assert!(accepts(&fuzz(9), &fuzzed(5, 5), &idle(5, 5)));
        assert!(!accepts(&fuzz(9), &fuzzed(10, 0), &idle(10, 0)), "more than asked for");
        assert!(!accepts(&fuzz(9), &fuzzed(0, 0), &idle(0, 0)), "it must get on");
        assert!(!accepts(&fuzz(9), &fuzzed(5, 6), &idle(5, 6)), "more rejected than run");
        assert!(!accepts(&fuzz(9), &fuzzed(5, 2), &idle(6, 2)), "not what the memory says");
        assert!(!accepts(&fuzz(9), &fuzzed(5, 2), &idle(5, 1)), "not what the memory says");
        assert!(!accepts(&fuzz(9), &fuzzed(5, 2), &words(5, 2, Phase::Target)), "still at it");
    }

    #[test]
    fn a_part_of_a_batch_may_be_made_without_being_run() {
        let rerun = |from, execs| Call::Rerun(Rerun { visit: visit(execs), from });
        let idle = |execs| words(execs, 0, Phase::Idle);
        assert!(accepts(&rerun(3, 9), &fuzzed(6, 0), &idle(6)));
        assert!(accepts(&rerun(9, 9), &fuzzed(0, 0), &idle(0)));
        assert!(!accepts(&rerun(3, 9), &fuzzed(7, 0), &idle(7)));
        assert!(!accepts(&rerun(3, 9), &fuzzed(0, 0), &idle(0)));
    }

    #[test]
    fn an_answer_is_of_the_kind_of_the_call() {
        let (caught, recorded) = (Caught::default(), Recorded::default());
        let executed = Answer::Executed(Executed { outcome: Outcome::Passed, caught, recorded });
        let execute = Call::Execute(Execute { len: 4, record: false });
        let idle = words(1, 0, Phase::Idle);
        assert!(accepts(&execute, &executed, &idle));
        assert!(accepts(&Call::Ping, &Answer::Done, &idle));
        assert!(!accepts(&execute, &fuzzed(1, 0), &idle));
        assert!(!accepts(&execute, &Answer::Done, &idle));
        assert!(!accepts(&fuzz(1), &executed, &idle));
        assert!(!accepts(&Call::Ping, &executed, &idle));
        assert!(!accepts(&execute, &Answer::Internal("why".into()), &idle));
    }

    #[test]
    fn what_a_minimization_tells_of_fits_together() {
        let failure = || Failure {
            kind: Kind::Panic,
            place: String::new(),
            message: String::new(),
            caller: Caller::Unknown,
            backtrace: String::new(),
        };
        let minimize =
            |keep| Call::Minimize(Minimize { entry_len: 4, keep, max_execs: 9, max_ms: 1 });
        let minimized = |len, failure, others| {
            let recorded = Recorded::default();
            Answer::Minimized(Minimized {
                execs: 3,
                len,
                failure,
                complete: true,
                others,
                recorded,
            })
        };
        let idle = words(3, 0, Phase::Idle);
        let by_key = minimize(Keep::Failure("key".into()));
        let by_features = minimize(Keep::Features(vec![1]));
        assert!(accepts(&by_key, &minimized(Some(4), Some(failure()), vec![]), &idle));
        assert!(accepts(&by_key, &minimized(None, None, vec![]), &idle));
        assert!(!accepts(&by_key, &minimized(Some(4), None, vec![]), &idle));
        assert!(!accepts(&by_key, &minimized(None, Some(failure()), vec![]), &idle));
        assert!(accepts(&by_features, &minimized(Some(4), None, vec![]), &idle));
        assert!(!accepts(&by_features, &minimized(Some(4), Some(failure()), vec![]), &idle));
        let other = |input: &[u8]| vec![(input.to_vec(), failure())];
        assert!(accepts(&by_key, &minimized(None, None, other(&[1, 0, 0, 0, 7])), &idle));
        assert!(!accepts(&by_key, &minimized(None, None, other(&[2, 0, 0, 0, 7])), &idle));
    }
}
