//! The coordinator's own work: results a second through the search, with simulated workers that
//! answer at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cargo_shakedown::campaign::{Action, Config, Event, Job, Origin, Search, Start, Task};
use criterion::{Criterion, criterion_group, criterion_main};
use shakedown_core::features::feature;
use shakedown_core::rng::Rng;

const WORKERS: usize = 8;
const COUNTERS: usize = 65_536;

/// Features that an entry of the simulation shows.
const SHOWN: usize = 500;

/// A pool without processes: the jobs of a search, answered in order.
struct Simulation {
    search: Search,
    jobs: std::collections::VecDeque<(usize, Job)>,
    rng: Rng,
    /// One batch in so many reports new coverage.
    news: Option<u32>,
    next_counter: usize,
}

impl Simulation {
    fn new(entries: usize, news: Option<u32>) -> Self {
        let config = Config {
            jobs: WORKERS,
            seed: 1,
            execs: None,
            fail_fast: false,
            counters: COUNTERS,
            minimize: true,
            known: std::sync::Arc::default(),
            samples: 0,
        };
        let start = |number: usize| Start {
            input: number.to_le_bytes().repeat(4).into(),
            origin: Origin::Attribute(number),
        };
        let search = Search::new(config, (0..entries).map(start).collect());
        let jobs = std::collections::VecDeque::new();
        let mut simulation = Self { search, jobs, rng: Rng::new(2), news, next_counter: 0 };
        for worker in 0..WORKERS {
            simulation.step(Event::Ready(worker));
        }
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
        let (task, execs, rng) = match job {
            Job::Execute(_) => (Task::Passed(self.features()), 1, (0, 0)),
            Job::Trim(input, ..) => {
                let best = Some((input, self.features()));
                (Task::Trimmed { best, others: Vec::new() }, 10, (0, 0))
            }
            Job::Fuzz(lease, _) if self.news.is_some_and(|n| self.rng.one_in(n)) => {
                let input: Arc<[u8]> = [&*lease.input, b"x"].concat().into();
                (Task::Coverage(input, self.features()), lease.execs / 2, lease.rng)
            }
            Job::Fuzz(lease, _) => (Task::Nothing, lease.execs, lease.rng),
            Job::Investigate(..) => unreachable!("no simulated input fails"),
        };
        self.step(Event::Done { worker, task, execs, rejected: 0, rng });
    }

    /// Features of an execution; one of them is new as long as there are counters.
    fn features(&mut self) -> Vec<u32> {
        let first = self.next_counter.saturating_sub(SHOWN);
        self.next_counter = (self.next_counter + 1).min(COUNTERS - 1);
        (first..=self.next_counter).map(|counter| feature(counter, 0)).collect()
    }
}

fn campaign(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("campaign");
    let kinds = [("nothing", None), ("one_in_100_new", Some(100)), ("one_in_10_new", Some(10))];
    for (name, news) in kinds {
        for entries in [1_000, 100_000] {
            let mut simulation = Simulation::new(entries, news);
            (0..entries + WORKERS).for_each(|_| simulation.answer());
            group.bench_function(format!("{name}/{entries}_entries"), |bencher| {
                bencher.iter_custom(|results| {
                    let started = Instant::now();
                    (0..results).for_each(|_| simulation.answer());
                    started.elapsed()
                });
            });
        }
    }
}

criterion_group!(benches, campaign);
criterion_main!(benches);
