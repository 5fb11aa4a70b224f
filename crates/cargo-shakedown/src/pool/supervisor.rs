//! The supervisors: a thread for each worker that carries out its jobs, one after the other.

use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use shakedown_core::failure::Failure;
use shakedown_core::schema::Schema;
use shakedown_core::wire::{End, Fuzzed, Keep, Outcome, RngState};

use crate::campaign::{Event, Input, Job, Lease, Past, Ran, Task, Visit};
use crate::investigate::{Budget, investigate};
use crate::worker::memory::{CoverageMap, Window};
use crate::worker::process::{Control, Setup};
use crate::worker::session::{Done, Ended, How, Session};

/// Most time of trimming one entry, in milliseconds: only a net. The number of executions ends it
/// otherwise, so that a run can be repeated from its seed.
const TRIM_MS: u64 = 10_000;

/// Keys that a supervisor remembers, at most: more are a message that is another one every time.
const MAX_TOLD: usize = 4096;

/// Reads the input in the file of this name, if it is there.
pub type Fetch = Arc<dyn Fn(u64) -> Option<Arc<[u8]>> + Send + Sync>;

/// What a supervisor has to say.
#[derive(Debug)]
pub enum FromWorker {
    /// Something for the campaign.
    Event(Event),
    /// Something for the user.
    Log(String),
    /// A worker was replaced because it had grown; about how many bytes an execution.
    Leak(u64),
}

/// All workers of one target.
#[derive(Debug)]
pub struct Pool {
    jobs: Vec<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
    control: Arc<Control>,
    map: CoverageMap,
}

impl Pool {
    /// Starts `count` workers, whose inputs may be fetched from files. Each reports [`Event::Ready`] once it waits for jobs, through
    /// `report`, which is called from the supervisors' threads.
    ///
    /// # Errors
    /// If the system has no more files, memory or threads.
    pub fn start<R>(
        count: usize,
        setup: &Arc<Setup>,
        schema: &Arc<Schema>,
        counters: usize,
        budget: Budget,
        fetch: &Fetch,
        report: &R,
    ) -> io::Result<Self>
    where
        R: Fn(FromWorker) + Clone + Send + 'static,
    {
        let map = CoverageMap::new(counters)?;
        let control = Arc::new(Control::default());
        let mut pool = Self { jobs: Vec::new(), threads: Vec::new(), control, map };
        for number in 0..count {
            let (jobs, queue) = channel();
            let (setup, schema) = (setup.clone(), schema.clone());
            let session =
                Session::new(setup, pool.map.file(), pool.control.clone(), schema, counters)?;
            let report = report.clone();
            let told = HashSet::new();
            let supervisor = Supervisor { number, session, budget, fetch: fetch.clone(), told };
            let thread = std::thread::Builder::new().name(format!("supervisor {number}")).spawn(
                move || {
                    let run = AssertUnwindSafe(|| supervisor.run(&queue, &report));
                    if catch_unwind(run).is_err() {
                        // The campaign waits for every job, so it must hear of this end.
                        report(broken(number, "a supervisor panicked".into()));
                    }
                },
            )?;
            pool.jobs.push(jobs);
            pool.threads.push(thread);
        }
        Ok(pool)
    }

    /// Gives a worker a job; it must be waiting for one.
    pub fn assign(&self, worker: usize, job: Job) {
        // A supervisor that is gone has reported why.
        let _ = self.jobs[worker].send(job);
    }

    /// Shows bytes of the coverage map to all workers.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn publish(&self, bytes: &[(usize, u8)]) -> io::Result<()> {
        self.map.publish(bytes)
    }

    /// What the supervisors should know.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Ends all workers and waits for them.
    pub fn stop(self) {
        drop(self.jobs);
        for thread in self.threads {
            // A panic in a supervisor was printed when it happened.
            let _ = thread.join();
        }
    }
}

fn broken(worker: usize, reason: String) -> FromWorker {
    let task = Task::Broken(reason);
    FromWorker::Event(Event::Done { worker, task, execs: 0, rejected: 0, rng: (0, 0) })
}

struct Supervisor {
    number: usize,
    session: Session,
    budget: Budget,
    fetch: Fetch,
    /// Keys of the failures that were met.
    told: HashSet<String>,
}

/// An input that failed, and what its process had run.
type Met = (Arc<[u8]>, Failure, Past);

fn failed((input, failure, past): Met) -> Task {
    Task::Failed(input, failure, past)
}

/// The result of a job.
struct Finished {
    task: Task,
    execs: u64,
    rejected: u64,
    /// Executions beside those.
    repeated: u64,
    rng: RngState,
    /// Failures that were met beside.
    met: Vec<Met>,
    /// Whether the answer is about the first input of another process than the one that began.
    looked_back: bool,
}

impl Finished {
    fn new(task: Task, execs: u64) -> Self {
        Self {
            task,
            execs,
            rejected: 0,
            repeated: 0,
            rng: (0, 0),
            met: Vec::new(),
            looked_back: false,
        }
    }
}

impl Supervisor {
    fn run(mut self, queue: &Receiver<Job>, report: &impl Fn(FromWorker)) {
        match self.session.ready() {
            Ok(()) => report(FromWorker::Event(Event::Ready(self.number))),
            // Stopped before it started: nobody waits for it.
            Err(_) if self.session.control().is_aborted() => {}
            Err(error) => report(broken(self.number, error.to_string())),
        }
        while let Ok(job) = queue.recv() {
            let mut finished = self.carry_out(job);
            if finished.repeated > 0 {
                report(FromWorker::Event(Event::Repeated(finished.repeated)));
            }
            if let Some(bytes) = self.session.take_leak() {
                report(FromWorker::Leak(bytes));
            }
            if finished.looked_back {
                report(FromWorker::Event(Event::Replaced(self.number)));
            }
            for (input, failure, past) in std::mem::take(&mut finished.met) {
                report(FromWorker::Event(Event::Met(input, failure, past)));
            }
            report(self.event(finished));
            if self.session.take_outgrown() {
                report(FromWorker::Event(Event::Replaced(self.number)));
            }
        }
        self.session.stop(&mut |text| report(FromWorker::Log(text.to_owned())));
    }

    fn event(&self, finished: Finished) -> FromWorker {
        let Finished { task, execs, rejected, rng, .. } = finished;
        FromWorker::Event(Event::Done { worker: self.number, task, execs, rejected, rng })
    }

    fn carry_out(&mut self, job: Job) -> Finished {
        match job {
            Job::Execute(input) => self.with(&input, Self::execute),
            Job::Fuzz(round, max_ms) => self.fuzz(&round, max_ms),
            Job::Trim(input, features, execs) => {
                self.with(&input, |own, input| own.trim(input, features, execs))
            }
            Job::Investigate(input, failure, past, inquiry) => {
                let (session, inputs) = (&mut self.session, vec![input]);
                let result = investigate(session, inputs, failure, &past, inquiry, self.budget);
                Finished::new(Task::Investigated(Box::new(result)), 0)
            }
        }
    }

    fn met(&mut self, input: Vec<u8>, failure: Failure) -> Met {
        let past = self.past_of(&failure);
        (input.into(), failure, past)
    }

    /// What the process had run, if a failure is the first with its key: no other is looked into, and
    /// there may be thousands a second.
    fn past_of(&mut self, failure: &Failure) -> Past {
        let is_first = self.told.len() < MAX_TOLD && self.told.insert(failure.key());
        if is_first { self.session.past() } else { Past::default() }
    }

    fn ended(&mut self, ended: Ended) -> Finished {
        let task = match ended.how {
            How::Target(input, failure) => failed(self.met(input, failure)),
            How::Lost(reason) => Task::Lost(reason),
            How::Damaged(damage) => Task::Damaged(damage),
            How::Broken(reason) => Task::Broken(reason),
        };
        Finished { rejected: ended.rejected, ..Finished::new(task, ended.execs) }
    }

    fn bytes(&self, input: &Input) -> Option<Arc<[u8]>> {
        match input {
            Input::Kept(bytes) => Some(bytes.clone()),
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
            None => Finished::new(Task::Gone, 0),
        }
    }

    fn execute(&mut self, input: &Arc<[u8]>) -> Finished {
        let done = self.session.execute(input);
        self.session.remember(Ran::Input(input.clone()));
        match done {
            Done::Answered((executed, features)) => match executed.outcome {
                Outcome::Passed => Finished::new(Task::Passed(features), 1),
                Outcome::Rejected => Finished { rejected: 1, ..Finished::new(Task::Rejected, 1) },
                Outcome::Failed(failure) => {
                    Finished::new(failed(self.met(input.to_vec(), failure)), 1)
                }
            },
            Done::Ended(ended) => self.ended(ended),
        }
    }

    fn fuzz(&mut self, round: &[Lease], max_ms: u64) -> Finished {
        let visits = self.visits(round);
        if visits.is_empty() {
            return Finished::new(Task::Gone, 0);
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
        let (mut entries, mut donors) = (0, 0);
        let visit = |lease: &Lease| {
            let entry = self.bytes(&lease.input)?;
            let donor = self.bytes(&lease.donor).unwrap_or_default();
            entries += entry.len();
            donors += donor.len();
            let fits = entries.max(donors) <= room;
            fits.then_some(Visit { entry, donor, rng: lease.rng, execs: 0..lease.execs })
        };
        round.iter().map_while(visit).collect()
    }

    /// Runs visits, in one call; what came of it, and the window that had begun if the worker ended.
    fn run_visits(&mut self, visits: &[Visit], max_ms: u64) -> (Finished, Option<Window>) {
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
                let window = ended.window;
                return (Finished { repeated, ..self.ended(ended) }, window);
            }
        };
        let task = match fuzzed.end {
            End::Execs | End::Time => Task::Nothing,
            End::Failed(failure) => failed(self.met(input, failure)),
            End::Coverage => match self.session.features() {
                Ok(features) => Task::Coverage(input.into(), features),
                Err(reason) => Task::Broken(reason),
            },
        };
        let Fuzzed { execs, rejected, rng, beside, .. } = fuzzed;
        let met = beside.into_iter().map(|(input, failure)| self.met(input, failure)).collect();
        (Finished { task, execs, rejected, repeated, rng, met, looked_back: false }, None)
    }

    /// Looks for the new coverage that a worker may have met before it died, and not looked at yet:
    /// what came before the death in its window is run again. If there is some, the call ended with
    /// that, and the death is something that was met beside.
    fn look_back(&mut self, visits: &[Visit], window: Window, died: Finished) -> Finished {
        let Task::Failed(input, failure, past) = died.task else { return died };
        let death = (input, failure, past);
        let mut end = 0;
        let has_window = |visit: &&Visit| {
            end += visit.execs.end;
            window.execs < end
        };
        let Some(visit) = visits.iter().find(has_window) else {
            return Finished { task: failed(death), ..died };
        };
        let execs = window.end.min(end).saturating_sub(window.execs);
        let again = Visit { rng: window.rng, execs: 0..execs, ..visit.clone() };
        // What a window has met must not depend on the clock.
        let (mut again, _) = self.run_visits(&[again], u64::MAX);
        let repeated = died.repeated + again.repeated;
        if let Task::Coverage(..) = again.task {
            again.met.push(death);
            return Finished {
                execs: window.execs + again.execs,
                rejected: window.rejected + again.rejected,
                repeated: repeated + died.execs - window.execs,
                looked_back: again.execs == 1,
                ..again
            };
        }
        // Whatever else it came to must not be lost over the death, nor the death over that.
        let mut met = again.met;
        let task = match again.task {
            Task::Nothing => failed(death),
            Task::Failed(input, failure, past) => {
                met.push((input, failure, past));
                failed(death)
            }
            task => {
                met.push(death);
                task
            }
        };
        Finished { task, repeated: repeated + again.execs, met, ..died }
    }

    fn trim(&mut self, input: &Arc<[u8]>, features: Vec<u32>, execs: u64) -> Finished {
        let wanted = features.as_slice().into();
        let done = self.session.minimize(input, Keep::Features(features), execs, TRIM_MS);
        let input = input.clone();
        self.session.remember(Ran::Trim { input, features: wanted, max_execs: execs });
        match done {
            Done::Answered((minimized, best)) => {
                let others = minimized.others.into_iter();
                let others = others.map(|(input, failure)| {
                    let past = self.past_of(&failure);
                    (input.into(), failure, past)
                });
                let others = others.collect();
                let with_features = |best: Vec<u8>| Ok((best.into(), self.session.features()?));
                let task = match best.map(with_features).transpose() {
                    Ok(best) => Task::Trimmed { best, others },
                    Err(reason) => Task::Broken(reason),
                };
                Finished::new(task, minimized.execs)
            }
            Done::Ended(ended) => self.ended(ended),
        }
    }
}
