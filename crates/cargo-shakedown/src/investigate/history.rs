//! What a process had run that met a failure, run again: for a failure that needs more than its last
//! input, until it is known which inputs it takes.

use std::sync::Arc;
use std::time::Duration;

use shakedown_core::failure::Failure;
use shakedown_core::minimize::{Verdict, minimize};
use shakedown_core::wire::{Outcome, RngState};

use super::sequence::{Part, Sequence, shorten, shortest_end};
use super::trials::{Budget, Case, Trials};
use crate::campaign::{Confidence, MAX_SEQUENCE, Past, Ran, Visit};
use crate::worker::Done;

/// Limits of looking for a sequence; making it smaller has its own.
const SEARCH: Budget = Budget { time: Duration::from_secs(30), execs: 50_000_000 };

/// Looks for the end of `past` that fails with its last execution. Nothing if it does not fail, or
/// not twice in the same place.
pub(super) fn look_back(trials: &mut Trials<'_>, past: &Past, failure: &Failure) -> Option<Case> {
    trials.limit(SEARCH, u64::MAX);
    let history = history(trials, past)?;
    let mut end = shortest_end(&history, &mut |sequence| trials.ask(sequence))?;
    if end.len() > MAX_SEQUENCE as u64 {
        end = shorten(end, &mut |sequence| trials.ask(sequence));
    }
    if end.len() > MAX_SEQUENCE as u64 {
        let confidence = Confidence::StateDependent { after: end.len() - 1 };
        return Some(Case {
            inputs: inputs(trials, &end.last())?,
            confidence,
            failure: failure.clone(),
        });
    }
    let inputs = inputs(trials, &end)?;
    Some(trials.verify(inputs, failure.clone()))
}

/// The executions of a process as a sequence. Nothing if there is no process to ask.
fn history(trials: &mut Trials<'_>, past: &Past) -> Option<Sequence> {
    trials.session.restart();
    let mut parts = Vec::new();
    for ran in past.iter() {
        match ran {
            Ran::Input(input) => parts.push(Part::Input(input.clone())),
            Ran::Visit(visit) => parts.push(Part::Visit(visit.clone())),
            Ran::Trim { input, features, max_execs } => {
                let inputs = trimmed(trials, input, features, *max_execs)?;
                parts.extend(inputs.into_iter().map(Part::Input));
            }
        }
    }
    Some(Sequence::new(parts))
}

/// The inputs that a worker runs as it trims one: the same as here, where it is asked about each.
/// Nothing if there is no worker to ask.
fn trimmed(
    trials: &mut Trials<'_>,
    input: &Arc<[u8]>,
    features: &[u32],
    max_execs: u64,
) -> Option<Vec<Arc<[u8]>>> {
    let schema = trials.session.schema().clone();
    let mut ran = Vec::new();
    let mut over = false;
    let is_over = trials.clock();
    let mut ask = |candidate: &[u8]| {
        over |= trials.left().is_none();
        // The input itself comes first, and the smallest one again in the end.
        if over || ran.len() as u64 + 2 >= max_execs {
            return Verdict::Stop;
        }
        if candidate.len() > trials.session.capacity() {
            return Verdict::Reject;
        }
        ran.push(candidate.into());
        trials.execs += 1;
        match trials.session.execute(candidate) {
            Done::Answered((executed, seen)) => {
                let passed = executed.outcome == Outcome::Passed;
                let keeps = passed && features.iter().all(|f| seen.binary_search(f).is_ok());
                if keeps { Verdict::Keep } else { Verdict::Reject }
            }
            // There the trimming ended too.
            Done::Ended(ended) => {
                trials.judge(Done::Ended(ended), candidate);
                Verdict::Stop
            }
        }
    };
    let minimum = minimize(&schema, input, &mut ask, &is_over);
    over |= is_over();
    let inputs = std::iter::once(input.clone()).chain(ran);
    (!over).then(|| inputs.chain([minimum.input.into()]).collect())
}

/// The inputs of a sequence. Nothing if there is no process to make them.
fn inputs(trials: &mut Trials<'_>, sequence: &Sequence) -> Option<Vec<Arc<[u8]>>> {
    trials.session.restart();
    let mut inputs = Vec::new();
    for part in sequence.parts() {
        match part {
            Part::Input(input) => inputs.push(input.clone()),
            Part::Visit(visit) => variations(trials, visit, &mut inputs)?,
        }
    }
    Some(inputs)
}

/// Adds the variations of a visit, made by a worker, but not run.
fn variations(trials: &mut Trials<'_>, visit: &Visit, inputs: &mut Vec<Arc<[u8]>>) -> Option<()> {
    // Where a chain of variations begins, the generator is all there is to a visit.
    let mut chain = Visit { execs: 0..0, ..visit.clone() };
    let mut begin = 0;
    for number in visit.execs.clone() {
        let chain_begin = number - number % shakedown_core::CHAIN;
        if chain_begin > begin {
            chain.rng = make(trials, &chain, chain_begin - begin)?.0;
            begin = chain_begin;
        }
        inputs.push(make(trials, &chain, number - begin + 1)?.1.into());
    }
    Some(())
}

/// Makes so many variations; where the generator then stands, and the last of them.
fn make(trials: &mut Trials<'_>, visit: &Visit, count: u64) -> Option<(RngState, Vec<u8>)> {
    match trials.session.rerun(visit, count..count) {
        Done::Answered((fuzzed, input)) => Some((fuzzed.rng, input)),
        Done::Ended(ended) => {
            trials.judge(Done::Ended(ended), &[]);
            None
        }
    }
}
