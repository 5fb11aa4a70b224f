//! The threads that look after the workers of a target: one supervisor for each, which carries out
//! its jobs.

mod look_back;
mod supervisor;

use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use shakedown_core::failure::Failure;
use shakedown_core::wire::{Caught, Learn};

use crate::campaign::{Event, Job, JobResult, Traced};
use crate::investigate::Budget;
use crate::worker::{Control, CoverageMap, Session, Shared, Tables};
use supervisor::Supervisor;

/// Reads the input in the file of this name, if it is there.
pub(crate) type Fetch = Arc<dyn Fn(u64) -> Option<Arc<[u8]>> + Send + Sync>;

/// What a supervisor has to say.
#[derive(Debug)]
pub(crate) enum FromWorker {
    /// Something for the campaign.
    Event(Event),
    /// Something for the user.
    Log(String),
    /// This input fails every time in this way; it is being made smaller.
    Verified(Arc<[u8]>, Failure),
    /// A worker was replaced because it had grown; about how many bytes an execution.
    Leak(u64),
    /// The target writes in most of its executions.
    Chatty,
    /// The target has caught panics.
    Caught(Caught),
}

/// All workers of one target.
#[derive(Debug)]
pub(crate) struct Pool {
    jobs: Vec<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
    control: Arc<Control>,
    map: Arc<CoverageMap>,
    tables: Arc<Tables>,
}

impl Pool {
    /// Starts `count` workers, whose inputs may be fetched from files. Each reports [`Event::Ready`]
    /// once it waits for jobs, through `report`, which is called from the supervisors' threads.
    ///
    /// # Errors
    /// If the system has no more files, memory or threads.
    pub(crate) fn start<R>(
        count: usize,
        shared: &Shared,
        budget: Budget,
        fetch: &Fetch,
        report: &R,
    ) -> io::Result<Self>
    where
        R: Fn(FromWorker) + Clone + Send + 'static,
    {
        let (control, map, tables) =
            (shared.control.clone(), shared.map.clone(), shared.tables.clone());
        let mut pool = Self { jobs: Vec::new(), threads: Vec::new(), control, map, tables };
        for number in 0..count {
            let (jobs, queue) = channel();
            let session = Session::new(shared.clone())?;
            let (fetch, report, met_keys) = (fetch.clone(), report.clone(), HashSet::new());
            let caught = Caught::default();
            let supervisor = Supervisor { number, session, budget, fetch, met_keys, caught };
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
    pub(crate) fn assign(&self, worker: usize, job: Job) {
        // A supervisor that is gone has reported why.
        let _ = self.jobs[worker].send(job);
    }

    /// Shows bytes of the coverage map to all workers.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn publish(&self, bytes: &[(usize, u8)]) -> io::Result<()> {
        self.map.publish(bytes)
    }

    /// Has all workers learn this before their next job.
    pub(crate) fn learn(&self, learned: Learn) {
        self.tables.add(learned);
    }

    /// What the supervisors should know.
    #[must_use]
    pub(crate) fn control(&self) -> &Control {
        &self.control
    }

    /// Ends all workers and waits for them.
    pub(crate) fn stop(self) {
        drop(self.jobs);
        for thread in self.threads {
            // A panic in a supervisor was printed when it happened.
            let _ = thread.join();
        }
    }
}

fn broken(worker: usize, reason: String) -> FromWorker {
    let result = JobResult::Broken(reason);
    FromWorker::Event(Event::Done {
        worker,
        result,
        execs: 0,
        rejected: 0,
        rng: (0, 0),
        traced: Traced::default(),
    })
}
