//! Looking into a failure: does it happen again in a fresh process, how small can its input be,
//! and does the small one still do it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shakedown_core::failure::{Failure, Kind};
use shakedown_core::message::{Keep, Outcome};
use shakedown_core::minimize::{Verdict, minimize};

use super::rerun::{Found, Reruns};
use super::session::{Done, Ended, How, Session};
use crate::campaign::{Inquiry, Investigated, Past, Status, Trouble};

/// Fresh processes in which a failure is run again before it is called reproducible.
pub(super) const RUNS: u32 = 3;

/// Most failures of other keys that one investigation keeps.
const MAX_OTHERS: usize = 64;

/// First slice of a minimization within the worker, and the longest: how long the user waits after
/// ^C for the best input so far.
const FIRST_SLICE: Duration = Duration::from_millis(500);
const LONGEST_SLICE: Duration = Duration::from_secs(2);

/// Limits of one minimization, over all restarts.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Most time.
    pub time: Duration,
    /// Most executions.
    pub execs: u64,
}

/// Looks into a failure; makes its input smaller, within the budget, if that is wanted and it is
/// reproducible. If its input alone never fails again, that may depend on what else the process had
/// run, its `past`: then the shortest sequence is looked for that does, and made smaller.
pub fn investigate(
    session: &mut Session,
    input: &[u8],
    failure: Failure,
    past: &Past,
    inquiry: Inquiry,
    budget: Budget,
) -> Investigated {
    let mut result = Investigation::run(session, input, failure, inquiry, budget);
    if !past.is_empty() && matches!(result.status, Status::Flaky { failed: 0, .. }) {
        let mut reruns = Reruns::new(session, &result.failure.key());
        let found = reruns.look_back(past, &result.failure, budget);
        result.execs += reruns.execs;
        // One that never fails again is of no more use than the input.
        if let Some(found) = found.filter(|found| !is_never(found.status)) {
            let Found { status, before, input, failure } = found;
            result = Investigated { status, before, input, failure, ..result };
        }
        session.restart();
    }
    result
}

/// Whether a failure in a fresh process is what was seen of one whose place is not known.
fn explains(fresh: &Failure, seen: &Failure) -> bool {
    let is_deadly = |failure: &Failure| !failure.kind.survivable();
    seen.place.is_empty() && (fresh.kind == seen.kind || is_deadly(fresh) && is_deadly(seen))
}

/// Looks into a sequence whose last input fails, as [`investigate`] does into an input.
///
/// # Panics
/// If there is no input.
pub fn investigate_sequence(
    session: &mut Session,
    inputs: Vec<Arc<[u8]>>,
    failure: &Failure,
    budget: Budget,
) -> Investigated {
    let mut reruns = Reruns::new(session, &failure.key());
    let Found { status, before, input, failure } = reruns.settle(inputs, failure, budget);
    let execs = reruns.execs;
    session.restart();
    Investigated { status, before, input, failure, others: Vec::new(), execs, trouble: None }
}

fn is_never(status: Status) -> bool {
    matches!(status, Status::Flaky { failed: 0, .. } | Status::Unconfirmed)
}

/// An investigation that goes on.
struct Investigation<'s> {
    session: &'s mut Session,
    key: String,
    budget: Budget,
    started: Instant,
    execs: u64,
    others: Vec<(Vec<u8>, Failure)>,
    trouble: Option<Trouble>,
}

/// What one run came to.
enum Run {
    /// The failure looked for.
    Same(Failure),
    /// Anything else.
    Other,
    /// There is no process any more, and there will be none.
    Over,
}

impl<'s> Investigation<'s> {
    fn run(
        session: &'s mut Session,
        input: &[u8],
        failure: Failure,
        inquiry: Inquiry,
        budget: Budget,
    ) -> Investigated {
        let key = failure.key();
        let started = Instant::now();
        let others = Vec::new();
        let mut this = Self { session, key, budget, started, execs: 0, others, trouble: None };
        let (status, mut failure) = match inquiry {
            Inquiry::Minimize => (Status::Reproducible, failure),
            Inquiry::Verify | Inquiry::VerifyAndMinimize => this.verify(input, failure),
        };
        let mut best = input.to_vec();
        if status == Status::Reproducible && inquiry != Inquiry::Verify {
            let small = this.minimize(input);
            // The small input must prove itself in a fresh process, or it is not the finding.
            if small.len() < best.len() || small != best {
                this.session.restart();
                if let Run::Same(again) = this.replay(&small) {
                    best = small;
                    failure = again;
                }
            }
        }
        this.session.restart();
        let others =
            this.others.into_iter().map(|(input, failure)| (input.into(), failure)).collect();
        let (execs, trouble) = (this.execs, this.trouble.map(Box::new));
        let (input, before) = (best.into(), Vec::new());
        Investigated { status, input, before, failure, others, execs, trouble }
    }

    /// Runs the input in fresh processes. What little was seen of a failure whose place is not known,
    /// because the process was not what it should be by then, gives way to what a fresh one shows.
    fn verify(&mut self, input: &[u8], mut failure: Failure) -> (Status, Failure) {
        let wanted = if failure.kind == Kind::Timeout { 1 } else { RUNS };
        let (mut failed, mut runs) = (0, 0);
        while runs < wanted {
            self.session.restart();
            // Making a backtrace takes longer than many a target, so only the last run has one.
            let run = match runs + 1 == wanted {
                true => self.replay(input),
                false => self.execute(input),
            };
            match run {
                Run::Same(again) => {
                    failed += 1;
                    failure = again;
                }
                Run::Other
                    if runs == 0 && self.others.iter().any(|(_, met)| explains(met, &failure)) =>
                {
                    failed += 1;
                    (_, failure) = self.others.remove(0);
                    self.key = failure.key();
                }
                Run::Other => {}
                Run::Over if runs == 0 => return (Status::Unconfirmed, failure),
                Run::Over => break,
            }
            runs += 1;
        }
        let status =
            if failed == runs { Status::Reproducible } else { Status::Flaky { failed, runs } };
        (status, failure)
    }

    fn replay(&mut self, input: &[u8]) -> Run {
        self.execs += 1;
        let done = self.session.replay(input);
        self.judge(input, done.map(|executed| executed.outcome))
    }

    fn execute(&mut self, input: &[u8]) -> Run {
        self.execs += 1;
        let done = self.session.execute(input);
        self.judge(input, done.map(|(executed, _)| executed.outcome))
    }

    fn judge(&mut self, input: &[u8], done: Done<Outcome>) -> Run {
        match done {
            Done::Answered(Outcome::Failed(failure))
            | Done::Ended(Ended { how: How::Target(_, failure), .. }) => {
                if failure.key() == self.key {
                    return Run::Same(failure);
                }
                self.note_other(input.to_vec(), failure);
                Run::Other
            }
            Done::Answered(_) => Run::Other,
            Done::Ended(Ended { how: How::Lost(_), .. })
                if !self.session.control().is_aborted() =>
            {
                Run::Other
            }
            Done::Ended(Ended { how: How::Damaged(damage), .. }) => {
                let is_first = self.trouble.is_none();
                self.trouble.get_or_insert(Trouble::Damaged(damage));
                // One may be by chance; where it goes on, nothing can be learned here.
                if is_first { Run::Other } else { Run::Over }
            }
            Done::Ended(Ended { how: How::Broken(reason), .. }) => {
                self.trouble = Some(Trouble::Broken(reason));
                Run::Over
            }
            Done::Ended(_) => Run::Over,
        }
    }

    /// Keeps one input for each key: a deadly failure can meet another thousands of times.
    fn note_other(&mut self, input: Vec<u8>, failure: Failure) {
        let key = failure.key();
        let is_known = self.others.iter().any(|(_, other)| other.key() == key);
        if !is_known && self.others.len() < MAX_OTHERS {
            self.others.push((input, failure));
        }
    }

    fn is_over(&self) -> bool {
        self.session.control().is_hurried()
            || self.started.elapsed() >= self.budget.time
            || self.execs >= self.budget.execs
    }

    /// The smallest input that fails in the same way: in the worker for as long as it survives,
    /// else candidate by candidate with a new worker after each that kills.
    fn minimize(&mut self, input: &[u8]) -> Vec<u8> {
        let mut best = input.to_vec();
        let mut slice = FIRST_SLICE;
        while !self.is_over() {
            let left = self.budget.time.saturating_sub(self.started.elapsed());
            let keep = Keep::Failure(self.key.clone());
            let execs = self.budget.execs - self.execs;
            let ms = slice.min(left).as_millis() as u64;
            match self.session.minimize(&best, keep, execs, ms) {
                Done::Answered((minimized, smaller)) => {
                    self.execs += minimized.execs;
                    for (input, failure) in minimized.others {
                        self.note_other(input, failure);
                    }
                    let Some(smaller) = smaller else { return best };
                    best = smaller;
                    if minimized.complete {
                        return best;
                    }
                }
                Done::Ended(ended) => {
                    self.execs += ended.execs;
                    return match ended.how {
                        How::Target(candidate, failure) => {
                            if failure.key() != self.key {
                                self.note_other(candidate, failure);
                            } else if candidate.len() < best.len() {
                                best = candidate;
                            }
                            self.minimize_deadly(&best)
                        }
                        How::Damaged(damage) => {
                            self.trouble.get_or_insert(Trouble::Damaged(damage));
                            best
                        }
                        How::Broken(reason) => {
                            self.trouble = Some(Trouble::Broken(reason));
                            best
                        }
                        How::Lost(_) => best,
                    };
                }
            }
            slice = (slice * 2).min(LONGEST_SLICE);
        }
        best
    }

    fn minimize_deadly(&mut self, input: &[u8]) -> Vec<u8> {
        let schema = self.session.schema().clone();
        minimize(&schema, input, &mut |candidate| {
            if self.is_over() {
                return Verdict::Stop;
            }
            if candidate.len() > self.session.capacity() {
                return Verdict::Reject;
            }
            match self.execute(candidate) {
                Run::Same(_) => Verdict::Keep,
                Run::Other => Verdict::Reject,
                Run::Over => Verdict::Stop,
            }
        })
        .input
    }
}
