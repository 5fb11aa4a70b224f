//! A supervisor: carries out the jobs of one worker, one after the other.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use shakedown_core::failure::Failure;
use shakedown_core::hints::{Comparison, encode};
use shakedown_core::mutate::draws::MutatorId;
use shakedown_core::wire::page::Window;
use shakedown_core::wire::{Caught, End, Fuzzed, Keep, Outcome, Recorded, RngState};

use super::{Fetch, FromWorker, broken};
use crate::campaign::{Event, FailedInput, Input, Job, JobResult, Lease, Past, Ran, Traced, Visit};
use crate::investigate::{Budget, investigate};
use crate::worker::{Done, Ended, How, Session};

/// Most time of trimming one entry, in milliseconds: only a net. The number of executions ends it
/// otherwise, so that a run can be repeated from its seed.
const TRIM_MS: u64 = 10_000;

/// Keys that a supervisor remembers, at most: more are a message that is another one every time.
const MAX_KEYS: usize = 4096;

/// In how many fresh processes an input must end like the first one before it is to blame for an end
/// that somebody else may have caused: a worker may be killed twice by chance.
const REPETITIONS: u64 = 3;

pub(super) struct Supervisor {
    pub(super) number: usize,
    pub(super) session: Session,
    pub(super) budget: Budget,
    pub(super) fetch: Fetch,
    /// Keys of the failures that were met.
    pub(super) met_keys: HashSet<String>,
    /// Panics that the target has caught, until they are reported.
    pub(super) caught: Caught,
}

/// The result of a job.
pub(super) struct Finished {
    pub(super) result: JobResult,
    pub(super) execs: u64,
    pub(super) rejected: u64,
    /// Executions that count apart.
    pub(super) repeated: u64,
    pub(super) rng: RngState,
    /// What was recorded of the input that it ended with, or of what it stretched.
    pub(super) traced: Traced,
    /// Other inputs that failed.
    pub(super) met: Vec<FailedInput>,
    /// Whether the answer is about the first input of another process than the one that began.
    pub(super) looked_back: bool,
}

impl Finished {
    fn new(result: JobResult, execs: u64) -> Self {
        Self {
            result,
            execs,
            rejected: 0,
            repeated: 0,
            rng: (0, 0),
            traced: Traced::default(),
            met: Vec::new(),
            looked_back: false,
        }
    }
}

impl Supervisor {
    pub(super) fn run(mut self, queue: &Receiver<Job>, report: &impl Fn(FromWorker)) {
        match self.session.ready() {
            Ok(()) => report(FromWorker::Event(Event::Ready(self.number))),
            // Stopped before it started: nobody waits for it.
            Err(_) if self.session.control().is_aborted() => {}
            Err(error) => report(broken(self.number, error.to_string())),
        }
        while let Ok(job) = queue.recv() {
            let mut finished = self.carry_out(job, report);
            if finished.repeated > 0 {
                report(FromWorker::Event(Event::Repeated(finished.repeated)));
            }
            if let Some(bytes) = self.session.take_leak() {
                report(FromWorker::Leak(bytes));
            }
            if self.session.take_chatty() {
                report(FromWorker::Chatty);
            }
            if self.caught.count > 0 {
                report(FromWorker::Caught(std::mem::take(&mut self.caught)));
            }
            if let Some(id) = self.session.take_stuck() {
                report(FromWorker::Log(format!(
                    "the worker with process id {id} does not end although it was killed, and is left behind"
                )));
            }
            if finished.looked_back {
                report(FromWorker::Event(Event::Replaced(self.number)));
            }
            for failed in std::mem::take(&mut finished.met) {
                report(FromWorker::Event(Event::AlsoFailed(failed)));
            }
            report(self.event(finished));
            if self.session.take_outgrown() {
                report(FromWorker::Event(Event::Replaced(self.number)));
            }
        }
        self.session.stop(&mut |text| report(FromWorker::Log(text.to_owned())));
    }

    fn event(&self, finished: Finished) -> FromWorker {
        let Finished { result, execs, rejected, rng, traced, .. } = finished;
        FromWorker::Event(Event::Done { worker: self.number, result, execs, rejected, rng, traced })
    }

    fn carry_out(&mut self, job: Job, report: &impl Fn(FromWorker)) -> Finished {
        match job {
            Job::Execute(input) => self.with(&input, Self::execute),
            Job::Fuzz(round, max_ms) => self.fuzz(&round, max_ms),
            Job::Trim(input, features, execs) => {
                self.with(&input, |own, input| own.trim(input, features, execs))
            }
            Job::Investigate(input, failure, past, inquiry, stint) => {
                let (session, inputs, limit) =
                    (&mut self.session, vec![input], (self.budget, stint));
                let mut verified = |input: &Arc<[u8]>, failure: &Failure| {
                    report(FromWorker::Verified(input.clone(), failure.clone()));
                };
                let result =
                    investigate(session, inputs, failure, &past, inquiry, limit, &mut verified);
                Finished::new(JobResult::Investigated(Box::new(result)), 0)
            }
        }
    }

    fn met(&mut self, input: Vec<u8>, failure: Failure) -> FailedInput {
        let past = self.past_of(&failure);
        FailedInput { input: input.into(), failure, past }
    }

    /// What the process had run, if a failure is the first with its key: no other is looked into, and
    /// there may be thousands a second.
    fn past_of(&mut self, failure: &Failure) -> Past {
        let is_first = self.met_keys.len() < MAX_KEYS && self.met_keys.insert(failure.key());
        if is_first { self.session.past() } else { Past::default() }
    }

    fn ended(&mut self, ended: Ended) -> Finished {
        let mut repeated = 0;
        let result = match ended.how {
            How::Target(input, failure) => JobResult::Failed(self.met(input, failure)),
            How::Unclear(input, failure) => {
                match self.comes_again(&input, &failure, &mut repeated) {
                    true => JobResult::Failed(self.met(input, failure)),
                    false => JobResult::Lost(format!("{}, but not again", failure.message)),
                }
            }
            How::Lost(reason) => JobResult::Lost(reason),
            How::Damaged(damage) => JobResult::Damaged(damage),
            How::Broken(reason) => JobResult::Broken(reason),
        };
        Finished { rejected: ended.rejected, repeated, ..Finished::new(result, ended.execs) }
    }

    /// Whether an input ends fresh processes in this way, too. Counts the executions.
    fn comes_again(&mut self, input: &[u8], failure: &Failure, execs: &mut u64) -> bool {
        let key = failure.key();
        if self.met_keys.contains(&key) {
            return true;
        }
        let mut ends_again = || {
            *execs += 1;
            self.session.restart();
            match self.session.execute(input) {
                Done::Ended(Ended { how: How::Unclear(_, again), .. }) => again.key() == key,
                _ => false,
            }
        };
        let comes_again = (0..REPETITIONS).all(|_| ends_again());
        // What is run next begins in a process that has run nothing.
        self.session.restart();
        comes_again
    }

    fn bytes(&self, input: &Input) -> Option<Arc<[u8]>> {
        match input {
            Input::Bytes(bytes) => Some(bytes.clone()),
            Input::Stored(stored) => (self.fetch)(stored.name),
        }
    }

    /// Does something with the bytes of an input, if they are still there.
    fn with(
        &mut self,
        input: &Input,
        work: impl FnOnce(&mut Self, &Arc<[u8]>) -> Finished,
    ) -> Finished {
        match self.bytes(input) {
            Some(bytes) => work(self, &bytes),
            None => Finished::new(JobResult::Gone, 0),
        }
    }

    fn execute(&mut self, input: &Arc<[u8]>) -> Finished {
        let done = self.session.execute_recorded(input);
        self.session.remember(Ran::Input(input.clone()));
        let (executed, features) = match done {
            Done::Answered(answer) => answer,
            Done::Ended(ended) => return self.ended(ended),
        };
        self.caught.add(executed.caught);
        match executed.outcome {
            Outcome::Passed => Finished {
                traced: traced(&executed.recorded),
                ..Finished::new(JobResult::Passed(features), 1)
            },
            Outcome::Rejected => Finished { rejected: 1, ..Finished::new(JobResult::Rejected, 1) },
            Outcome::Failed(failure) => {
                Finished::new(JobResult::Failed(self.met(input.to_vec(), failure)), 1)
            }
        }
    }

    fn fuzz(&mut self, round: &[Lease], max_ms: u64) -> Finished {
        let visits = self.visits(round);
        if visits.is_empty() {
            return Finished::new(JobResult::Gone, 0);
        }
        let (finished, window) = self.run_visits(&visits, max_ms);
        match window {
            Some(window) => self.look_back(&visits, window, finished),
            None => finished,
        }
    }

    /// As much of a round as a worker can be given at once: up to the first entry whose file is gone, or
    /// that finds no more room in the memory.
    fn visits(&self, round: &[Lease]) -> Vec<Visit> {
        let room = self.session.room();
        let (mut entries, mut donors, mut hints) = (0, 0, 0);
        let visit = |lease: &Lease| {
            let entry = self.bytes(&lease.input)?;
            let donor = self.bytes(&lease.donor).unwrap_or_default();
            entries += entry.len();
            donors += donor.len();
            hints += lease.hints.len();
            let fits = entries.max(donors).max(hints) <= room;
            let Lease { rng, tokens, weights, .. } = *lease;
            let (hints, execs) = (lease.hints.clone(), 0..lease.execs);
            fits.then_some(Visit { entry, donor, hints, tokens, weights, rng, execs })
        };
        round.iter().map_while(visit).collect()
    }

    /// Runs visits, in one call; what came of it, and the window that had begun if the worker ended.
    pub(super) fn run_visits(
        &mut self,
        visits: &[Visit],
        max_ms: u64,
    ) -> (Finished, Option<Window>) {
        let done = self.session.fuzz(visits, max_ms);
        let execs = match &done {
            Done::Answered((fuzzed, _)) => fuzzed.execs,
            Done::Ended(ended) => ended.execs,
        };
        let repeated = self.session.repeated();
        let mut left = execs;
        for visit in visits {
            let ran = left.min(visit.execs.end);
            left -= ran;
            if ran > 0 {
                self.session.remember(Ran::Visit(Visit { execs: 0..ran, ..visit.clone() }));
            }
        }
        let (fuzzed, input) = match done {
            Done::Answered(answer) => answer,
            Done::Ended(ended) => {
                let window = ended.window.as_deref().copied();
                let finished = self.ended(ended);
                return (Finished { repeated: repeated + finished.repeated, ..finished }, window);
            }
        };
        let result = match fuzzed.end {
            End::Execs | End::Time => JobResult::Nothing,
            End::Failed(failure) => JobResult::Failed(self.met(input, failure)),
            End::Coverage => match self.session.features() {
                Ok(features) => JobResult::Coverage(input.into(), features),
                Err(reason) => JobResult::Broken(reason),
            },
        };
        let Fuzzed { execs, rejected, rng, mutators, work, late, caught, .. } = fuzzed;
        self.caught.add(caught);
        let met = late.into_iter().map(|(input, failure)| self.met(input, failure)).collect();
        let mutators = mutators.into_iter().map(MutatorId).collect();
        let traced = Traced { work, mutators, ..Traced::default() };
        let finished =
            Finished { rejected, repeated, rng, traced, met, ..Finished::new(result, execs) };
        (finished, None)
    }

    fn trim(&mut self, input: &Arc<[u8]>, features: Vec<u32>, execs: u64) -> Finished {
        let wanted = features.as_slice().into();
        let done = self.session.minimize(input, Keep::Features(features), execs, TRIM_MS);
        let input = input.clone();
        self.session.remember(Ran::Trim { input, features: wanted, max_execs: execs });
        match done {
            Done::Answered((minimized, best)) => {
                let others = minimized.others.into_iter();
                let others = others.map(|(input, failure)| self.met(input, failure)).collect();
                let with_features = |best: Vec<u8>| Ok((best.into(), self.session.features()?));
                let result = match best.map(with_features).transpose() {
                    Ok(best) => JobResult::Trimmed { best, others },
                    Err(reason) => JobResult::Broken(reason),
                };
                let traced = traced(&minimized.recorded);
                Finished { traced, ..Finished::new(result, minimized.execs) }
            }
            Done::Ended(ended) => self.ended(ended),
        }
    }
}

/// What the search is told of what was recorded.
fn traced(recorded: &Recorded) -> Traced {
    let hints = encode(&recorded.comparisons).into();
    let has_sum = recorded.comparisons.iter().any(|it| matches!(it, Comparison::Same(_)));
    Traced { hints, has_sum, work: recorded.work, ..Traced::default() }
}
