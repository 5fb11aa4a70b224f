//! Failing inputs made smaller: as few as possible, then each as simple as possible.

use std::sync::Arc;
use std::time::Duration;

use shakedown_core::minimize::{Verdict, minimize};
use shakedown_core::wire::Keep;

use super::sequence::{Part, Sequence, shorten, simplify};
use super::trials::{Budget, Run, Trials};
use crate::worker::{Done, How};

/// Executions of the first part of a minimization within the worker; each later part has twice as
/// many. If the worker dies of a candidate, what was reached before its part is not lost. Parts are
/// counted in executions, for the same must come out each time.
const FIRST_PART: u64 = 1000;

/// Longest time that a worker is given at once.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The smallest inputs of which the last one fails. One alone is made smaller in the worker for as
/// long as that survives, all else candidate by candidate.
pub(super) fn smaller(
    trials: &mut Trials<'_>,
    inputs: &[Arc<[u8]>],
    budget: Budget,
    work: u64,
) -> Vec<Arc<[u8]>> {
    trials.limit(budget, work);
    let mut inputs = fewer(trials, inputs.to_vec());
    if let [input] = &mut inputs[..] {
        let is_complete;
        (*input, is_complete) = in_worker(trials, input);
        if is_complete {
            return inputs;
        }
    }
    for index in (0..inputs.len()).rev() {
        inputs[index] = one_by_one(trials, &inputs, index);
    }
    inputs
}

/// Those that the last one needs, and of these the simplest where it does not matter what they are.
fn fewer(trials: &mut Trials<'_>, inputs: Vec<Arc<[u8]>>) -> Vec<Arc<[u8]>> {
    let plain: Arc<[u8]> = trials.session.schema().simplest_input().into();
    // An input is left out with less effort than it is made smaller, but put in place of others with
    // less than either.
    let inputs = simplify(inputs, &plain, &mut |sequence| trials.ask(sequence));
    let short = shorten(Sequence::of_inputs(&inputs), &mut |sequence| trials.ask(sequence));
    short.parts().iter().filter_map(Part::input).collect()
}

/// How small an input gets in a worker that must survive its failure, and whether that is all.
fn in_worker(trials: &mut Trials<'_>, input: &[u8]) -> (Arc<[u8]>, bool) {
    let mut best = input.to_vec();
    let mut part = FIRST_PART;
    while let Some(left) = trials.left() {
        let keep = Keep::Failure(trials.key_of_any_caller());
        let ms = left.time.min(LONGEST).as_millis() as u64;
        match trials.session.minimize(&best, keep, left.execs.min(part), ms) {
            Done::Answered((minimized, smaller)) => {
                trials.execs += minimized.execs;
                for (input, failure) in minimized.others {
                    trials.note_other(input.into(), failure);
                }
                let is_complete = minimized.complete || smaller.is_none();
                let smaller = smaller.unwrap_or_else(|| best.clone());
                if let Some(failure) = minimized.failure {
                    // A worker does not know where from the function was called that panicked.
                    if !trials.has_caller(&failure) {
                        trials.note_other(smaller.into(), failure);
                        break;
                    }
                    // It may say something else of this input than of the one before.
                    trials.want(failure, smaller.as_slice().into());
                }
                best = smaller;
                if is_complete {
                    return (best.into(), true);
                }
            }
            Done::Ended(ended) => {
                trials.execs += ended.execs;
                let candidate = match &ended.how {
                    How::Target(input, _) | How::Unclear(input, _) => input.clone(),
                    _ => Vec::new(),
                };
                match trials.judge(Done::Ended(ended), &candidate) {
                    Run::Same(_) if candidate.len() < best.len() => best = candidate,
                    Run::Other(failure) => trials.note_other(candidate.into(), failure),
                    Run::Same(_) | Run::Nothing | Run::Over => {}
                }
                break;
            }
        }
        part = part.saturating_mul(2);
    }
    (best.into(), false)
}

/// How simple one of the inputs gets, where every candidate is tried from here.
fn one_by_one(trials: &mut Trials<'_>, inputs: &[Arc<[u8]>], index: usize) -> Arc<[u8]> {
    let schema = trials.session.schema().clone();
    let mut candidates = inputs.to_vec();
    let is_over = trials.clock();
    let mut ask = |candidate: &[u8]| {
        if candidate.len() > trials.session.capacity() {
            return Verdict::Reject;
        }
        candidates[index] = candidate.into();
        trials.fails(&candidates)
    };
    minimize(&schema, &inputs[index], &mut ask, &is_over).input.into()
}
