//! Executions that tell whether a failure comes again: all of them are made here, in fresh processes,
//! and judged and counted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shakedown_core::failure::{Failure, Kind};
use shakedown_core::minimize::Verdict;
use shakedown_core::wire::{End, Fuzzed, Outcome};

use super::sequence::{Answer, Part, Sequence};
use crate::campaign::{Confidence, DEATH, HANG, Investigated, Spent, Trouble, Visit};
use crate::worker::{Done, Ended, How, Session};

/// Fresh processes in which a failure is run again before it is called reproducible.
const RUNS: u32 = 3;

/// Most failures of other keys that one investigation keeps.
const MAX_OTHERS: usize = 64;

/// Limits of one search for something better.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Most time.
    pub time: Duration,
    /// Most executions.
    pub execs: u64,
}

impl Budget {
    /// Whether it allows nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.time.is_zero() || self.execs == 0
    }

    /// What is left of it after so much.
    pub(super) fn without(self, spent: Spent) -> Self {
        let Spent { time, execs } = spent;
        Self { time: self.time.saturating_sub(time), execs: self.execs.saturating_sub(execs) }
    }

    const UNLIMITED: Self = Self { time: Duration::MAX, execs: u64::MAX };
}

/// A budget that is being spent.
struct Limit {
    budget: Budget,
    since: Instant,
    /// Executions before, and work of processes that have ended.
    spent: u64,
    lost: u64,
    /// Most work, as in [`crate::campaign::Stint`].
    work: u64,
}

/// Inputs of which the last fails after the others, if there are any.
pub(super) struct Case {
    pub(super) inputs: Vec<Arc<[u8]>>,
    /// How surely it fails.
    pub(super) confidence: Confidence,
    /// What with.
    pub(super) failure: Failure,
}

impl Case {
    /// Whether its inputs fail every time, and are all that it takes.
    pub(super) fn is_sure(&self) -> bool {
        match self.confidence {
            Confidence::Reproducible => true,
            Confidence::StateDependent { after } => after + 1 == self.inputs.len() as u64,
            Confidence::Flaky { .. } | Confidence::Unconfirmed => false,
        }
    }
}

/// What an execution came to.
pub(super) enum Run {
    /// The failure looked for.
    Same(Failure),
    /// Another one. The process may live on, and what it left behind be the cause of the next.
    Other(Failure),
    /// None; but the process may be lost.
    Nothing,
    /// There is no process any more, and there will be none.
    Over,
}

/// The trials of one investigation.
pub(super) struct Trials<'s> {
    pub(super) session: &'s mut Session,
    /// The failure looked for, and an input that fails with it.
    wanted: (Failure, Arc<[u8]>),
    /// Executions so far.
    pub(super) execs: u64,
    /// Work of processes that have ended so far.
    lost: u64,
    limit: Option<Limit>,
    others: Vec<(Arc<[u8]>, Failure)>,
    trouble: Option<Trouble>,
}

impl<'s> Trials<'s> {
    /// For failures like this one of an input.
    pub(super) fn new(session: &'s mut Session, failure: Failure, input: Arc<[u8]>) -> Self {
        Self {
            session,
            wanted: (failure, input),
            execs: 0,
            lost: 0,
            limit: None,
            others: Vec::new(),
            trouble: None,
        }
    }

    /// What to look for from now on.
    pub(super) fn want(&mut self, failure: Failure, input: Arc<[u8]>) {
        self.wanted = (failure, input);
    }

    /// The key of the failure looked for.
    fn key(&self) -> String {
        self.wanted.0.key()
    }

    /// The same, as far as a worker can tell.
    pub(super) fn key_of_any_caller(&self) -> String {
        self.wanted.0.key_of_any_caller()
    }

    /// Whether a failure may have the caller of the one looked for.
    pub(super) fn has_caller(&self, failure: &Failure) -> bool {
        failure.may_have_caller_of(&self.wanted.0)
    }

    /// Begins a search with this budget, of which no more than so much work is to be done now.
    pub(super) fn limit(&mut self, budget: Budget, work: u64) {
        let (since, spent, lost) = (Instant::now(), self.execs, self.lost);
        self.limit = Some(Limit { budget, since, spent, lost, work });
    }

    /// What is left of the budget; nothing if it is used up, or the user wants no search any more.
    pub(super) fn left(&self) -> Option<Budget> {
        let Some(Limit { budget, work, .. }) = &self.limit else {
            return Some(Budget::UNLIMITED);
        };
        let Budget { time, execs } = budget.without(self.spent());
        let left = Budget { time, execs: execs.min(work.saturating_sub(self.work())) };
        let is_over = self.session.control().is_hurried() || left.is_empty();
        (!is_over).then_some(left)
    }

    /// What the search has taken so far.
    pub(super) fn spent(&self) -> Spent {
        let spent =
            |limit: &Limit| Spent { time: limit.since.elapsed(), execs: self.execs - limit.spent };
        self.limit.as_ref().map(spent).unwrap_or_default()
    }

    /// The work of it.
    fn work(&self) -> u64 {
        let lost = self.limit.as_ref().map_or(0, |limit| self.lost - limit.lost);
        self.spent().execs.saturating_add(lost)
    }

    /// Whether the search has ended for no other reason than that no more work was to be done now.
    pub(super) fn is_cut(&self) -> bool {
        let Some(Limit { budget, work, .. }) = self.limit else { return false };
        let is_within = !budget.without(self.spent()).is_empty();
        is_within && self.work() >= work && !self.session.control().is_hurried()
    }

    /// Says whether the time of the budget is over, or the user wants no search any more: for what is
    /// worked out between two executions.
    pub(super) fn clock(&self) -> impl Fn() -> bool + use<> {
        let control = self.session.shared_control();
        let limit = self.limit.as_ref().map(|limit| (limit.since, limit.budget.time));
        move || {
            let is_late = |(since, time): (Instant, Duration)| since.elapsed() >= time;
            control.is_hurried() || limit.is_some_and(is_late)
        }
    }

    /// Runs inputs in fresh processes, to see whether the last one fails every time. That is no
    /// search, and has no budget.
    pub(super) fn verify(&mut self, inputs: Vec<Arc<[u8]>>, mut failure: Failure) -> Case {
        self.limit = None;
        let sequence = Sequence::of_inputs(&inputs);
        let is_timeout = failure.kind == Kind::Timeout;
        let wanted = if is_timeout { 1 } else { RUNS };
        let (mut failed, mut runs) = (0, 0);
        while runs < wanted {
            self.session.restart();
            // What takes long once in a process is not held against the input that comes first.
            if is_timeout && let Some(again) = self.warm_up(&inputs) {
                (failed, runs, failure) = (1, 1, again);
                break;
            }
            // Making a backtrace takes longer than many a target, so only the last run has one.
            match self.run(&sequence, runs + 1 == wanted) {
                (at, Run::Same(again)) if at == sequence.len() => {
                    failed += 1;
                    failure = again;
                }
                (_, Run::Over) => break,
                _ => {}
            }
            runs += 1;
        }
        let confidence = match sequence.len() - 1 {
            _ if runs == 0 => Confidence::Unconfirmed,
            _ if failed < runs => Confidence::Flaky { failed, runs },
            0 => Confidence::Reproducible,
            after => Confidence::StateDependent { after },
        };
        Case { inputs, confidence, failure }
    }

    /// Runs the simplest input first in a process; the failure, if that is the input looked into, and it
    /// even fails with more time.
    fn warm_up(&mut self, inputs: &[Arc<[u8]>]) -> Option<Failure> {
        self.execs += 1;
        let done = self.session.warm_up();
        let simplest = self.session.schema().simplest_input();
        let is_it = *inputs == [simplest[..].into()];
        match self.judge(done, &simplest) {
            Run::Same(again) if is_it => Some(again),
            _ => None,
        }
    }

    /// Whether a sequence fails in a fresh process, and where first.
    pub(super) fn ask(&mut self, sequence: &Sequence) -> Answer {
        self.session.restart();
        match self.run(sequence, false) {
            (at, Run::Same(_)) => Answer::FailsAt(at),
            (_, Run::Over) => Answer::Stop,
            _ => Answer::Passes,
        }
    }

    /// Whether the last of these inputs fails, and none before it. One alone needs no fresh process:
    /// what it was made from failed in those.
    pub(super) fn fails(&mut self, inputs: &[Arc<[u8]>]) -> Verdict {
        if inputs.len() > 1 {
            self.session.restart();
        }
        let sequence = Sequence::of_inputs(inputs);
        match self.run(&sequence, false) {
            (at, Run::Same(_)) if at == sequence.len() => Verdict::Keep,
            (_, Run::Over) => Verdict::Stop,
            _ => Verdict::Reject,
        }
    }

    /// Runs a sequence up to the failure looked for, its last input with a backtrace if wanted. How
    /// many executions that were, and what the last of them came to.
    fn run(&mut self, sequence: &Sequence, backtrace: bool) -> (u64, Run) {
        let mut at = 0;
        let mut last = Run::Nothing;
        for part in sequence.parts() {
            if self.left().is_none() {
                return (at, Run::Over);
            }
            let (execs, run) = match part {
                Part::Input(input) if backtrace && at + 1 == sequence.len() => self.replay(input),
                Part::Input(input) => self.execute(input),
                Part::Visit(visit) => self.rerun(visit),
            };
            at += execs;
            last = run;
            // Without its process, what is left would run in another one.
            if matches!(last, Run::Same(_) | Run::Over) || !self.session.is_alive() {
                break;
            }
        }
        // What fails after others may do so because of them.
        if let (Run::Other(failure), [Part::Input(input)]) = (&last, sequence.parts()) {
            self.note_other(input.clone(), failure.clone());
        }
        (at, last)
    }

    fn execute(&mut self, input: &[u8]) -> (u64, Run) {
        self.execs += 1;
        let done = self.session.execute(input);
        (1, self.judge(done.map(|(executed, _)| executed.outcome), input))
    }

    fn replay(&mut self, input: &[u8]) -> (u64, Run) {
        self.execs += 1;
        let done = self.session.replay(input);
        (1, self.judge(done.map(|executed| executed.outcome), input))
    }

    /// Runs the executions of a visit.
    fn rerun(&mut self, visit: &Visit) -> (u64, Run) {
        let mut execs = visit.execs.clone();
        loop {
            let done = self.session.rerun(visit, execs.clone());
            let (made, last) = match &done {
                Done::Answered((fuzzed, input)) => (fuzzed.execs, input.clone()),
                Done::Ended(ended) => (ended.execs, Vec::new()),
            };
            self.execs += made;
            execs.start += made;
            let run = self.judge(done.map(|(fuzzed, _)| outcome(fuzzed)), &last);
            // Where the visit was run for the first time, it went on after such failures too.
            let goes_on = matches!(run, Run::Other(_)) && self.session.is_alive() && made > 0;
            if !goes_on || execs.is_empty() {
                return (execs.start - visit.execs.start, run);
            }
        }
    }

    /// What an execution of an input came to. Notes what is wrong with the worker, if it is that.
    pub(super) fn judge(&mut self, done: Done<Outcome>, input: &[u8]) -> Run {
        let how = match done {
            Done::Answered(Outcome::Failed(failure)) => return self.compare(failure, input),
            Done::Answered(Outcome::Passed | Outcome::Rejected) => return Run::Nothing,
            Done::Ended(Ended { how, .. }) => how,
        };
        self.lost += match &how {
            How::Target(_, failure) if failure.kind == Kind::Timeout => HANG,
            _ => DEATH,
        };
        match how {
            How::Target(input, failure) => self.compare(failure, &input),
            How::Unclear(_, failure) if failure.key() == self.key() => Run::Same(failure),
            How::Lost(_) | How::Unclear(..) if self.session.is_dropping() => Run::Over,
            How::Lost(_) | How::Unclear(..) => Run::Nothing,
            How::Damaged(damage) => {
                let is_first = self.trouble.is_none();
                self.trouble.get_or_insert(Trouble::Damaged(damage));
                // One may be by chance; where it goes on, nothing can be learned here.
                if is_first { Run::Nothing } else { Run::Over }
            }
            How::Broken(reason) => {
                self.trouble = Some(Trouble::Broken(reason));
                Run::Over
            }
        }
    }

    fn compare(&self, failure: Failure, input: &[u8]) -> Run {
        let (wanted, wanted_input) = &self.wanted;
        match failure.is_alike(input, wanted, wanted_input) {
            true => Run::Same(failure),
            false => Run::Other(failure),
        }
    }

    /// Keeps one input for each key: a deadly failure can meet another thousands of times.
    pub(super) fn note_other(&mut self, input: Arc<[u8]>, failure: Failure) {
        let key = failure.key();
        let is_noted = self.others.iter().any(|(_, other)| other.key() == key);
        if !is_noted && self.others.len() < MAX_OTHERS {
            self.others.push((input, failure));
        }
    }

    /// Takes out the first other failure of this kind.
    pub(super) fn take_other(&mut self, is_it: impl Fn(&Failure) -> bool) -> Option<Failure> {
        let at = self.others.iter().position(|(_, failure)| is_it(failure))?;
        Some(self.others.remove(at).1)
    }

    /// Ends the last process; the result.
    pub(super) fn end(self, case: Case) -> Investigated {
        self.session.restart();
        let Self { execs, others, trouble, .. } = self;
        let Case { inputs: mut before, confidence, failure } = case;
        let input = before.pop().expect("a sequence has a last input");
        let trouble = trouble.map(Box::new);
        let unfinished = None;
        Investigated { confidence, input, before, failure, others, execs, unfinished, trouble }
    }
}

fn outcome(fuzzed: Fuzzed) -> Outcome {
    match fuzzed.end {
        End::Failed(failure) => Outcome::Failed(failure),
        _ => Outcome::Passed,
    }
}
