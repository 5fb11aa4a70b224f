//! Failures that need more than their last input: what the process had run before is run again in
//! fresh ones, until it is known which inputs it takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shakedown_core::failure::Failure;
use shakedown_core::message::{End, Executed, Fuzzed, Outcome};
use shakedown_core::minimize::{Verdict, minimize};

use super::investigate::{Budget, RUNS};
use super::sequence::{Answer, Part, Sequence, shorten, shortest_end, simplify};
use super::session::{Done, Ended, How, Session};
use crate::campaign::{Batch, MAX_SEQUENCE, Past, Ran, Status};

/// Limits of looking for a sequence; making it smaller has its own.
const SEARCH: Budget = Budget { time: Duration::from_secs(30), execs: 50_000_000 };

/// A sequence whose last input fails.
#[derive(Debug)]
pub(super) struct Found {
    /// How surely.
    pub(super) status: Status,
    /// The inputs before the last one; none if they are too many to be kept.
    pub(super) before: Vec<Arc<[u8]>>,
    /// The last one.
    pub(super) input: Arc<[u8]>,
    /// What it fails with.
    pub(super) failure: Failure,
}

/// Runs sequences in fresh processes.
pub(super) struct Reruns<'s> {
    session: &'s mut Session,
    key: String,
    limits: Budget,
    started: Instant,
    /// Executions before the limits were set.
    spent: u64,
    /// Executions so far.
    pub(super) execs: u64,
}

/// What one run came to.
enum Run {
    /// The failure looked for.
    Same(Failure),
    /// The process lives on.
    Passed,
    /// Another failure, which may depend on the sequence as well; the process may live on, and what
    /// it left behind be the cause of the next failure.
    Other,
    /// There is no process any more, and there will be none.
    Over,
}

impl<'s> Reruns<'s> {
    /// For failures with this key.
    pub(super) fn new(session: &'s mut Session, key: &str) -> Self {
        let (limits, started) = (SEARCH, Instant::now());
        Self { session, key: key.to_owned(), limits, started, spent: 0, execs: 0 }
    }

    /// Looks for the end of `past` that fails with its last execution, and makes it smaller within
    /// the budget. Nothing if it does not fail, or not twice in the same place.
    pub(super) fn look_back(
        &mut self,
        past: &Past,
        failure: &Failure,
        budget: Budget,
    ) -> Option<Found> {
        let history = self.history(past)?;
        let mut end = shortest_end(&history, &mut |sequence| self.ask(sequence))?;
        if end.len() > MAX_SEQUENCE as u64 {
            end = shorten(end, &mut |sequence| self.ask(sequence));
        }
        if end.len() > MAX_SEQUENCE as u64 {
            let input = self.inputs(&end.last())?.pop()?;
            let status = Status::StateDependent { after: end.len() - 1 };
            return Some(Found { status, before: Vec::new(), input, failure: failure.clone() });
        }
        let inputs = self.inputs(&end)?;
        Some(self.settle(inputs, failure, budget))
    }

    /// Makes a failing sequence smaller within the budget, and verifies what comes of it.
    pub(super) fn settle(
        &mut self,
        inputs: Vec<Arc<[u8]>>,
        failure: &Failure,
        budget: Budget,
    ) -> Found {
        (self.limits, self.started, self.spent) = (budget, Instant::now(), self.execs);
        let small = self.smaller(inputs.clone());
        let found = self.verify(&small, failure);
        match found.status {
            Status::Flaky { .. } if small != inputs => self.verify(&inputs, failure),
            _ => found,
        }
    }

    fn smaller(&mut self, inputs: Vec<Arc<[u8]>>) -> Vec<Arc<[u8]>> {
        let schema = self.session.schema().clone();
        let simplest: Arc<[u8]> = schema.simplest_input().into();
        // An input is left out with less effort than it is made smaller, but put in place of others
        // with less than either.
        let inputs = simplify(inputs, &simplest, &mut |sequence| self.ask(sequence));
        let short = shorten(Sequence::of_inputs(&inputs), &mut |sequence| self.ask(sequence));
        let mut inputs: Vec<_> = short.parts().iter().filter_map(Part::input).collect();
        for index in (0..inputs.len()).rev() {
            let mut trial = inputs.clone();
            let minimum = minimize(&schema, &inputs[index], &mut |candidate| {
                if candidate.len() > self.session.capacity() {
                    return Verdict::Reject;
                }
                trial[index] = candidate.into();
                match self.ask(&Sequence::of_inputs(&trial)) {
                    Answer::FailsAt(at) if at == trial.len() as u64 => Verdict::Keep,
                    Answer::FailsAt(_) | Answer::Passes => Verdict::Reject,
                    Answer::Stop => Verdict::Stop,
                }
            });
            inputs[index] = minimum.input.into();
        }
        inputs
    }

    /// Runs a sequence in fresh processes, to see whether its last input fails every time.
    fn verify(&mut self, inputs: &[Arc<[u8]>], failure: &Failure) -> Found {
        let (last, before) = inputs.split_last().expect("a sequence has a last input");
        let mut failure = failure.clone();
        let (mut failed, mut runs) = (0, 0);
        while runs < RUNS {
            match self.run_to_last(before, last) {
                Run::Same(again) => {
                    failed += 1;
                    failure = again;
                }
                Run::Passed | Run::Other => {}
                Run::Over => break,
            }
            runs += 1;
        }
        let status = match failed == runs && runs > 0 {
            true if before.is_empty() => Status::Reproducible,
            true => Status::StateDependent { after: before.len() as u64 },
            false if runs == 0 => Status::Unconfirmed,
            false => Status::Flaky { failed, runs },
        };
        Found { status, before: before.to_vec(), input: last.clone(), failure }
    }

    /// Runs inputs in a fresh process, the last one with a backtrace.
    fn run_to_last(&mut self, before: &[Arc<[u8]>], last: &[u8]) -> Run {
        self.session.restart();
        for input in before {
            match self.execute(input) {
                Run::Passed | Run::Other if self.session.is_alive() => {}
                Run::Same(_) | Run::Passed | Run::Other => return Run::Other,
                Run::Over => return Run::Over,
            }
        }
        self.execs += 1;
        let done = self.session.replay(last);
        self.judge(done.map(|executed: Executed| executed.outcome))
    }

    /// Runs a sequence in a fresh process, up to the failure looked for.
    fn ask(&mut self, sequence: &Sequence) -> Answer {
        self.session.restart();
        let mut position = 0;
        for part in sequence.parts() {
            if self.is_over() {
                return Answer::Stop;
            }
            let (run, execs) = match part {
                Part::Input(input) => (self.execute(input), 1),
                Part::Batch(batch) => self.rerun(batch),
            };
            position += execs;
            match run {
                Run::Same(_) => return Answer::FailsAt(position),
                // Without its process, what is left would run in another one.
                Run::Passed | Run::Other if self.session.is_alive() => {}
                Run::Passed | Run::Other => return Answer::Passes,
                Run::Over => return Answer::Stop,
            }
        }
        Answer::Passes
    }

    fn execute(&mut self, input: &[u8]) -> Run {
        self.execs += 1;
        let done = self.session.execute(input);
        self.judge(done.map(|(executed, _)| executed.outcome))
    }

    /// Runs the executions of a batch up to the failure looked for; and how many there were.
    fn rerun(&mut self, batch: &Batch) -> (Run, u64) {
        let mut execs = batch.execs.clone();
        loop {
            let done = self.session.rerun(batch, execs.clone());
            let made = match &done {
                Done::Answered((fuzzed, _)) => fuzzed.execs,
                Done::Ended(ended) => ended.execs,
            };
            self.execs += made;
            execs.start += made;
            let run = self.judge(done.map(|(fuzzed, _)| outcome(fuzzed)));
            // Where the batch was run for the first time, it went on after such failures too.
            let goes_on = matches!(run, Run::Other) && self.session.is_alive() && made > 0;
            if !goes_on || execs.is_empty() {
                return (run, execs.start - batch.execs.start);
            }
        }
    }

    fn judge(&self, done: Done<Outcome>) -> Run {
        match done {
            Done::Answered(Outcome::Failed(failure))
            | Done::Ended(Ended { how: How::Target(_, failure), .. }) => {
                match failure.key() == self.key {
                    true => Run::Same(failure),
                    false => Run::Other,
                }
            }
            Done::Answered(_) => Run::Passed,
            Done::Ended(Ended { how: How::Lost(_) | How::Damaged(_), .. })
                if !self.session.control().is_aborted() =>
            {
                Run::Other
            }
            Done::Ended(_) => Run::Over,
        }
    }

    fn is_over(&self) -> bool {
        self.session.control().is_hurried()
            || self.started.elapsed() >= self.limits.time
            || self.execs - self.spent >= self.limits.execs
    }

    /// The executions of a process as a sequence. Nothing if there is no process to ask.
    fn history(&mut self, past: &Past) -> Option<Sequence> {
        self.session.restart();
        let mut parts = Vec::new();
        for ran in past.iter() {
            match ran {
                Ran::Input(input) => parts.push(Part::Input(input.clone())),
                Ran::Batch(batch) => parts.push(Part::Batch(batch.clone())),
                Ran::Trim { input, features, max_execs } => {
                    let inputs = self.trimmed(input, features, *max_execs)?;
                    parts.extend(inputs.into_iter().map(Part::Input));
                }
            }
        }
        Some(Sequence::new(parts))
    }

    /// The inputs that a worker runs as it trims one: the same as here, where it is asked about each.
    /// Nothing if there is no worker to ask.
    fn trimmed(
        &mut self,
        input: &Arc<[u8]>,
        features: &[u32],
        max_execs: u64,
    ) -> Option<Vec<Arc<[u8]>>> {
        let schema = self.session.schema().clone();
        let mut ran = Vec::new();
        let mut over = false;
        let minimum = minimize(&schema, input, &mut |candidate| {
            over |= self.is_over();
            // The input itself comes first, and the smallest one again in the end.
            if over || ran.len() as u64 + 2 >= max_execs {
                return Verdict::Stop;
            }
            if candidate.len() > self.session.capacity() {
                return Verdict::Reject;
            }
            ran.push(candidate.into());
            self.execs += 1;
            match self.session.execute(candidate) {
                Done::Answered((executed, seen)) => {
                    let passed = executed.outcome == Outcome::Passed;
                    let keeps = passed && features.iter().all(|f| seen.binary_search(f).is_ok());
                    if keeps { Verdict::Keep } else { Verdict::Reject }
                }
                // There the trimming ended too.
                Done::Ended(_) => Verdict::Stop,
            }
        });
        let inputs = std::iter::once(input.clone()).chain(ran);
        (!over).then(|| inputs.chain([minimum.input.into()]).collect())
    }

    /// The inputs of a sequence. Nothing if there is no process to make them.
    fn inputs(&mut self, sequence: &Sequence) -> Option<Vec<Arc<[u8]>>> {
        self.session.restart();
        let mut inputs = Vec::new();
        for part in sequence.parts() {
            match part {
                Part::Input(input) => inputs.push(input.clone()),
                Part::Batch(batch) => self.variations(batch, &mut inputs)?,
            }
        }
        Some(inputs)
    }

    /// Adds the variations of a batch, made by a worker, but not run.
    fn variations(&mut self, batch: &Batch, inputs: &mut Vec<Arc<[u8]>>) -> Option<()> {
        // Where a chain of variations begins, the generator is all there is to a batch.
        let mut chain = Batch { execs: 0..0, ..batch.clone() };
        let mut begin = 0;
        for number in batch.execs.clone() {
            let chain_begin = number - number % shakedown_core::CHAIN;
            if chain_begin > begin {
                chain.rng = self.make(&chain, chain_begin - begin)?.0;
                begin = chain_begin;
            }
            inputs.push(self.make(&chain, number - begin + 1)?.1.into());
        }
        Some(())
    }

    /// Makes so many variations; where the generator then stands, and the last of them.
    fn make(&mut self, batch: &Batch, count: u64) -> Option<((u64, u64), Vec<u8>)> {
        match self.session.rerun(batch, count..count) {
            Done::Answered((fuzzed, input)) => Some((fuzzed.rng, input)),
            Done::Ended(_) => None,
        }
    }
}

fn outcome(fuzzed: Fuzzed) -> Outcome {
    match fuzzed.end {
        End::Failed(failure) => Outcome::Failed(failure),
        _ => Outcome::Passed,
    }
}
