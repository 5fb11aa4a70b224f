//! Modelled workers in virtual time around the real search. The coordinator is a server that
//! serves one answer after the other; what that takes is measured for each, and added to the
//! virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cargo_shakedown::internals::{
    Action, Drawing, Event, Job, JobResult, Remembered, Search, SearchConfig, Traced, execs_of,
};
use shakedown_core::rng::Rng;

/// Counters of the modelled program.
pub(crate) const COUNTERS: usize = 1 << 17;

/// Features of which the entries to start from are the witnesses.
pub(crate) const OWNED_FEATURES: usize = 100_000;

/// What an execution takes.
const EXECUTION: Duration = Duration::from_nanos(1000);

/// What passes between the coordinator's call and the first execution, and back: two pipes and a
/// thread that wakes up.
const ROUND_TRIP: Duration = Duration::from_micros(15);

/// What the coordinator spends on receiving an answer and on sending a job to a thread that
/// sleeps, apart from the search itself: the cost of `drive`'s queue.
const QUEUE: Duration = Duration::from_micros(2);

/// One in this many executions shows a new feature.
const RARITY: u64 = 20_000_000;

/// Features that a new input shows.
const SHOWN: usize = 300;

/// Answers that are measured, after as many to get going.
const ANSWERS: usize = 100_000;

/// The conditions of a run.
pub(crate) struct World {
    pub(crate) workers: usize,
    pub(crate) entries: usize,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Real time of the search for an answer, in nanoseconds.
    pub(crate) ns: f64,
    /// Share of the workers' time in which they execute.
    pub(crate) busy: f64,
    /// From a discovery to the moment in which all workers see it: median and worst.
    pub(crate) staleness: Duration,
    pub(crate) worst_staleness: Duration,
}

/// A search that knows these entries.
pub(crate) fn search(jobs: usize, remembered: &Remembered) -> Search {
    let config = SearchConfig {
        jobs,
        seed: 1,
        execs: None,
        fail_fast: false,
        counters: COUNTERS,
        minimize: true,
        accepted: Arc::default(),
        samples: 0,
        drawing: Drawing::Never,
        is_replay: false,
    };
    let mut search = Search::new(config, Vec::new());
    search.remember(remembered);
    search
}

/// A run, with all times in nanoseconds.
struct Run {
    search: Search,
    rng: Rng,
    /// Answers to come: when, from whom, the executions, and what they are.
    agenda: BinaryHeap<Reverse<(u64, usize, u64)>>,
    answers: Vec<Option<JobResult>>,
    /// The features of what each worker found last, which it runs again.
    found: Vec<Vec<u32>>,
    /// Executions left until something new is found, by anyone.
    until_news: u64,
    next_feature: usize,
    /// When the coordinator is free again.
    free_at: u64,
    real: u64,
    executed: u64,
    staleness: Vec<u64>,
}

impl World {
    pub(crate) fn run(&self) -> Measured {
        let mut run = Run {
            search: search(self.workers, &crate::remembered(self.entries)),
            rng: Rng::new(1),
            agenda: BinaryHeap::new(),
            answers: (0..self.workers).map(|_| None).collect(),
            found: vec![Vec::new(); self.workers],
            until_news: RARITY,
            next_feature: OWNED_FEATURES,
            free_at: 0,
            real: 0,
            executed: 0,
            staleness: Vec::new(),
        };
        for worker in 0..self.workers {
            run.serve(0, Event::Ready(worker));
        }
        (0..ANSWERS.max(20 * self.workers)).for_each(|_| run.answer());
        let (begun, executed) = (run.free_at, run.executed);
        run.real = 0;
        run.staleness.clear();
        (0..ANSWERS).for_each(|_| run.answer());
        let elapsed = (run.free_at - begun) as f64 * self.workers as f64;
        let busy = (run.executed - executed) as f64 * EXECUTION.as_nanos() as f64 / elapsed;
        run.staleness.sort_unstable();
        let at = |index: usize| {
            Duration::from_nanos(run.staleness.get(index).copied().unwrap_or_default())
        };
        Measured {
            ns: run.real as f64 / ANSWERS as f64,
            // An answer counts whole in the interval in which it arrives.
            busy: busy.min(1.0),
            staleness: at(run.staleness.len() / 2),
            worst_staleness: at(run.staleness.len().saturating_sub(1)),
        }
    }
}

impl Run {
    /// The next answer arrives.
    fn answer(&mut self) {
        let Reverse((time, worker, execs)) = self.agenda.pop().expect("workers are running");
        let result = self.answers[worker].take().expect("an answer");
        self.executed += execs;
        let is_news = matches!(result, JobResult::Coverage(..));
        let done = Event::Done {
            worker,
            result,
            execs,
            rejected: 0,
            rng: (1, 1),
            traced: Traced::default(),
        };
        self.serve(time, done);
        if is_news {
            // The map is in memory that all workers watch: they see it at once when it is written.
            let discovered = time - ROUND_TRIP.as_nanos() as u64 / 2;
            self.staleness.push(self.free_at - discovered);
        }
    }

    /// The coordinator deals with an event that arrives at this time.
    fn serve(&mut self, time: u64, event: Event) {
        let now = self.free_at.max(time);
        let started = Instant::now();
        let actions = self.search.step(Duration::from_nanos(now), event);
        let real = started.elapsed().as_nanos() as u64;
        self.real += real;
        self.free_at = now + real + QUEUE.as_nanos() as u64;
        for action in actions {
            match action {
                Action::Assign(worker, job) => self.work(worker, job),
                // Entries are written by a thread of their own.
                Action::Publish(_) | Action::Learn(_) | Action::SaveEntry(..) => {}
                other => unreachable!("nothing fails: {other:?}"),
            }
        }
    }

    /// A worker does its job; the answer arrives later.
    fn work(&mut self, worker: usize, job: Job) {
        let (result, execs) = match job {
            Job::Fuzz(round, max_ms) => {
                let most = u128::from(max_ms) * 1_000_000 / EXECUTION.as_nanos();
                self.fuzz(worker, execs_of(&round).min(most as u64))
            }
            Job::Execute(_) => (JobResult::Passed(self.found[worker].clone()), 1),
            Job::Trim(input, features, execs) => {
                let best = Some((vec![0; input.len()].into(), features));
                (JobResult::Trimmed { best, others: Vec::new() }, execs / 2)
            }
            other => unreachable!("all entries are remembered, and none fails: {other:?}"),
        };
        self.answers[worker] = Some(result);
        let nanos = execs * EXECUTION.as_nanos() as u64 + ROUND_TRIP.as_nanos() as u64;
        self.agenda.push(Reverse((self.free_at + nanos, worker, execs)));
    }

    fn fuzz(&mut self, worker: usize, execs: u64) -> (JobResult, u64) {
        if self.until_news > execs {
            self.until_news -= execs;
            return (JobResult::Nothing, execs);
        }
        let done = self.until_news.max(1);
        self.until_news = 1 + self.rng.below(2 * RARITY as usize) as u64;
        self.next_feature = (self.next_feature + 1).min(COUNTERS * 8 - 1);
        let features =
            (self.next_feature - SHOWN..=self.next_feature).map(|feature| feature as u32);
        let features: Vec<u32> = features.collect();
        self.found[worker].clone_from(&features);
        let input: Arc<[u8]> = vec![0; 100].into();
        (JobResult::Coverage(input, features), done)
    }
}
