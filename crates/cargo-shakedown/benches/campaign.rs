//! The coordinator's own work: results a second through the search, with simulated workers that
//! answer at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cargo_shakedown::internals::{
    Action, Drawing, Event, Input, Job, JobResult, Search, SearchConfig, Source, Start, Traced,
    execs_of,
};
use criterion::{Criterion, criterion_group, criterion_main};
use shakedown_core::features::feature;
use shakedown_core::rng::Rng;

const WORKERS: usize = 8;
const COUNTERS: usize = 65_536;

/// Counters that the entries to start from hit; the others are there to be found.
const STARTED: usize = COUNTERS / 2;

/// Features that an entry of the simulation shows.
const SHOWN: usize = 500;

/// Results after which a simulation is set back, so that it never runs out of counters.
const EPISODE: u64 = 10_000;

/// A pool without processes: the jobs of a search, answered in order.
#[derive(Clone)]
struct Simulation {
    search: Search,
    jobs: std::collections::VecDeque<(usize, Job)>,
    rng: Rng,
    /// One batch in this many reports new coverage.
    news: Option<u32>,
    /// Counters hit so far.
    hit: usize,
    warmed_up: usize,
    /// The counter that the last find of each worker hit, until that is run again.
    found: [Option<usize>; WORKERS],
}

impl Simulation {
    /// One that is through with the warm-up.
    fn new(entries: usize, news: Option<u32>) -> Self {
        let config = SearchConfig {
            jobs: WORKERS,
            seed: 1,
            execs: None,
            fail_fast: false,
            counters: COUNTERS,
            minimize: true,
            accepted: std::sync::Arc::default(),
            samples: 0,
            drawing: Drawing::Never,
            is_replay: false,
        };
        let start = |number: usize| Start {
            input: Input::Bytes(number.to_le_bytes().repeat(4).into()),
            source: Source::Attribute(number),
        };
        let search = Search::new(config, (0..entries).map(start).collect());
        let jobs = std::collections::VecDeque::new();
        let (rng, hit, warmed_up) = (Rng::new(2), STARTED, 0);
        let found = [None; WORKERS];
        let mut simulation = Self { search, jobs, rng, news, hit, warmed_up, found };
        for worker in 0..WORKERS {
            simulation.step(Event::Ready(worker));
        }
        (0..entries).for_each(|_| simulation.answer());
        simulation
    }

    fn step(&mut self, event: Event) {
        for action in self.search.step(Duration::ZERO, event) {
            if let Action::Assign(worker, job) = action {
                self.jobs.push_back((worker, job));
            }
        }
    }

    /// Answers the oldest job.
    fn answer(&mut self) {
        let (worker, job) = self.jobs.pop_front().expect("the search always has work");
        let (result, execs, rng) = match job {
            Job::Execute(_) => {
                let last = self.found[worker].take().unwrap_or_else(|| {
                    self.warmed_up += 1;
                    self.warmed_up % STARTED
                });
                (JobResult::Passed(shown(last)), 1, (0, 0))
            }
            Job::Trim(Input::Bytes(input), ..) => {
                let best = Some((input, shown(self.hit)));
                (JobResult::Trimmed { best, others: Vec::new() }, 10, (0, 0))
            }
            Job::Fuzz(round, _) if self.news.is_some_and(|n| self.rng.one_in(n)) => {
                let lease = &round[0];
                self.hit += 1;
                assert!(self.hit < COUNTERS, "nothing is left to be found");
                self.found[worker] = Some(self.hit);
                let input: Arc<[u8]> = vec![b'x'; lease.input.len() + 1].into();
                (JobResult::Coverage(input, shown(self.hit)), lease.execs / 2, lease.rng)
            }
            Job::Fuzz(round, _) => (JobResult::Nothing, execs_of(&round), round[0].rng),
            other => unreachable!("no simulated input fails or is in a file: {other:?}"),
        };
        self.step(Event::Done {
            worker,
            result,
            execs,
            rejected: 0,
            rng,
            traced: Traced::default(),
        });
    }
}

/// Features of an execution that hits this counter and those before it.
fn shown(last: usize) -> Vec<u32> {
    (last.saturating_sub(SHOWN)..=last).map(|counter| feature(counter, 0)).collect()
}

fn campaign(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("campaign");
    let kinds = [("nothing", None), ("one_in_100_new", Some(100)), ("one_in_10_new", Some(10))];
    for (name, news) in kinds {
        for entries in [1_000, 100_000] {
            let fresh = Simulation::new(entries, news);
            group.bench_function(format!("{name}/{entries}_entries"), |bencher| {
                bencher.iter_custom(|results| {
                    let mut elapsed = Duration::ZERO;
                    for done in (0..results).step_by(EPISODE as usize) {
                        let mut simulation = fresh.clone();
                        let started = Instant::now();
                        (done..results.min(done + EPISODE)).for_each(|_| simulation.answer());
                        elapsed += started.elapsed();
                    }
                    elapsed
                });
            });
        }
    }
}

criterion_group!(benches, campaign);
criterion_main!(benches);
