//! A campaign in virtual time: modelled workers around the real search. It checks each action
//! against what the workers really did, so that a test only has to choose the conditions.

mod model;
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use shakedown_core::failure::{Failure, Kind};
use shakedown_core::known::KnownFailures;
use shakedown_core::mutate::draws::MutatorId;
use shakedown_core::rng::Rng;

use super::round::execs_of;
use super::*;
use model::{Disturbance, Model, Work, is_new};

/// Events without an end in sight after which a simulation is stuck.
const MAX_EVENTS: u64 = 1_000_000;

/// The conditions of a simulation. Chances are in a thousand.
#[derive(Clone, Copy, Debug)]
struct World {
    model: Model,
    jobs: usize,
    seed: u64,
    execs: u64,
    starts: usize,
    samples: usize,
    accepted: &'static str,
    fail_fast: bool,
    /// Chance that a batch is cut by its clock.
    cut: usize,
    /// Chance that a job loses its worker.
    lost: usize,
    /// Chance that a job damages its worker.
    damaged: usize,
    /// Chance that the turn ends after an event.
    pause: usize,
    /// Chance that a job shows that the search cannot continue.
    broken: usize,
    /// Chance that a file is gone when it is to be read.
    gone: usize,
}

impl World {
    fn new(model: Model, jobs: usize, seed: u64) -> Self {
        Self {
            model,
            jobs,
            seed,
            execs: 2000,
            starts: 5,
            samples: 3,
            accepted: "",
            fail_fast: false,
            cut: 100,
            lost: 0,
            damaged: 0,
            pause: 0,
            broken: 0,
            gone: 0,
        }
    }

    fn run(self) -> Simulation {
        let mut simulation = Simulation::new(self);
        simulation.run();
        simulation
    }
}

/// Something that was seen from outside, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Executed(u64),
    Saved(Arc<[u8]>),
    Reported(String),
}

/// What a job asks of a worker.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// Most executions of the budget.
    execs: u64,
    /// Whether it is part of the search, not of what follows from its results.
    is_search: bool,
    /// Whether no other worker may be running.
    is_alone: bool,
}

impl Asked {
    fn of(job: &Job, starts: &[Arc<[u8]>]) -> Self {
        let is_start =
            |input: &Input| starts.iter().any(|start| *input == Input::Bytes(start.clone()));
        let (execs, is_search) = match job {
            Job::Execute(input) => (1, is_start(input)),
            Job::Fuzz(round, _) => (execs_of(round), true),
            Job::Trim(_, _, execs) => (*execs, false),
            Job::Investigate(..) => (0, false),
        };
        let is_alone = matches!(job, Job::Investigate(_, failure, _, Inquiry::Verify, _)
            if failure.kind == Kind::Timeout);
        Self { execs, is_search, is_alone }
    }
}

/// A simulation and all that is known about it from outside of the search.
struct Simulation {
    world: World,
    search: Search,
    /// Chances of the world, independent of those of the search.
    rng: Rng,
    /// Events to come, by their time and number.
    agenda: BTreeMap<(u64, u64), Event>,
    numbered: u64,
    now: u64,
    is_paused: bool,
    is_present: Vec<bool>,
    /// What each worker is asked for; nothing if it has no job.
    busy: Vec<Option<Asked>>,
    /// The map as shown to the workers.
    map: Vec<u8>,
    done_execs: u64,
    starts: Vec<Arc<[u8]>>,
    /// How often each start was run.
    warmed_up: BTreeMap<Arc<[u8]>, u32>,
    /// The entries that are in files, by name.
    files: HashMap<u64, Arc<[u8]>>,
    /// The new features of every input that is to be saved: those that depend on it alone.
    reasons: Vec<Vec<u32>>,
    /// Failures seen, by key.
    failures: HashMap<String, u64>,
    reported: BTreeSet<usize>,
    /// Length of the input of each finding that was reported.
    inputs: HashMap<usize, usize>,
    warnings: Vec<String>,
    damaged: u64,
    seen: Vec<Seen>,
}

impl Simulation {
    fn new(world: World) -> Self {
        let mut rng = Rng::new(world.seed ^ 0x5eed);
        let input = |_| Arc::from_iter((0..8).map(|_| rng.u32() as u8));
        let inputs: Vec<Arc<[u8]>> = (0..world.starts).map(input).collect();
        let start =
            |input: &Arc<[u8]>| Start { input: input.clone().into(), source: Source::Attribute(0) };
        let counters = world.model.counters + world.model.shaky;
        let config = SearchConfig {
            jobs: world.jobs,
            seed: world.seed,
            execs: Some(world.execs),
            fail_fast: world.fail_fast,
            counters,
            minimize: true,
            accepted: Arc::new(KnownFailures::parse(world.accepted).expect("an accepted failure")),
            drawing: Drawing::Never,
            samples: world.samples,
            is_replay: false,
        };
        Self {
            search: Search::new(config, inputs.iter().map(start).collect()),
            rng,
            agenda: BTreeMap::new(),
            numbered: 0,
            now: 0,
            is_paused: false,
            is_present: vec![false; world.jobs],
            busy: vec![None; world.jobs],
            map: vec![0; counters],
            done_execs: 0,
            starts: inputs,
            warmed_up: BTreeMap::new(),
            files: HashMap::new(),
            reasons: Vec::new(),
            failures: HashMap::new(),
            reported: BTreeSet::new(),
            inputs: HashMap::new(),
            warnings: Vec::new(),
            damaged: 0,
            seen: Vec::new(),
            world,
        }
    }

    /// Runs turns until there is nothing left to do, and checks what is left.
    fn run(&mut self) {
        while !self.search.is_finished() {
            self.turn();
        }
        self.check_end();
    }

    fn turn(&mut self) {
        self.is_paused = false;
        self.step(Event::Resume);
        for worker in 0..self.world.jobs {
            let delay = self.rng.below(1000) as u64;
            self.plan(delay, Event::Ready(worker));
        }
        while !self.search.is_idle() {
            let next = self.agenda.pop_first();
            let ((time, _), event) = next.expect("a search that is not idle waits for something");
            self.now = time;
            self.happen(event);
            assert!(self.numbered < MAX_EVENTS, "the search does not end");
            if !self.is_paused && self.chance(self.world.pause) {
                self.is_paused = true;
                self.step(Event::Pause);
            }
        }
        assert!(self.busy.iter().all(Option::is_none), "idle, but a worker is running");
        self.agenda.clear();
        self.is_present.fill(false);
        self.step(Event::Retired);
    }

    fn chance(&mut self, in_a_thousand: usize) -> bool {
        self.rng.below(1000) < in_a_thousand
    }

    fn plan(&mut self, delay: u64, event: Event) {
        self.numbered += 1;
        self.agenda.insert((self.now + delay, self.numbered), event);
    }

    /// Notes what an event means outside of the search, and passes it to the search.
    fn happen(&mut self, event: Event) {
        match &event {
            Event::Ready(worker) => self.is_present[*worker] = true,
            Event::Done { worker, result, execs, .. } => {
                let asked = self.busy[*worker].take().expect("a worker with a job");
                assert!(*execs <= asked.execs);
                self.done_execs += execs;
                self.note(result, asked);
            }
            _ => {}
        }
        self.step(event);
    }

    fn note(&mut self, result: &JobResult, asked: Asked) {
        match result {
            JobResult::Coverage(_, features) if asked.is_search => {
                let is_reason =
                    |f: &&u32| self.world.model.is_stable(**f) && is_new(&self.map, **f);
                let new = features.iter().filter(is_reason);
                let new: Vec<u32> = new.copied().collect();
                self.reasons.extend((!new.is_empty()).then_some(new));
            }
            JobResult::Failed(failed) => self.note_failure(&failed.failure),
            JobResult::Trimmed { others, .. } => {
                others.iter().for_each(|failed| self.note_failure(&failed.failure));
            }
            JobResult::Investigated(result) => {
                result.others.iter().for_each(|(_, failure)| self.note_failure(failure));
            }
            _ => {}
        }
    }

    fn note_failure(&mut self, failure: &Failure) {
        *self.failures.entry(failure.key()).or_default() += 1;
    }

    fn step(&mut self, event: Event) {
        let actions = self.search.step(Duration::from_micros(self.now), event);
        for action in actions {
            self.act(action);
        }
        assert_eq!(self.search.statistics().execs, self.done_execs);
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Assign(worker, job) => self.begin(worker, job),
            Action::Publish(bytes) => {
                for (at, buckets) in bytes {
                    let is_distrusted = buckets == 0xff;
                    let is_new = self.map[at] | buckets != self.map[at];
                    assert!(is_new || is_distrusted, "nothing new");
                    self.map[at] = buckets;
                }
            }
            Action::Learn(_) => {}
            Action::SaveEntry(entry, input) => self.save(entry, input),
            Action::KeepFailing(input) => {
                let outcome = self.world.model.run(&input, 0);
                assert!(!matches!(outcome, model::Execution::Passed(_)), "it does not fail");
            }
            Action::Found(index) => {
                assert!(self.reported.insert(index), "reported twice");
                let finding = &self.search.findings()[index];
                self.seen.push(Seen::Reported(finding.key.clone()));
                self.inputs.insert(index, finding.input.len());
            }
            Action::Replace(index) => {
                assert!(self.reported.contains(&index), "replaced before it was reported");
                let finding = &self.search.findings()[index];
                let length = self.inputs.get(&index).copied().unwrap_or(usize::MAX);
                assert!(finding.input.len() < length, "replaced by a larger one");
            }
            Action::Tell(_) => {}
            Action::Warn(text) => self.warnings.push(text),
            Action::Damaged(damage, is_first) => {
                assert_eq!(is_first, self.damaged == 0);
                assert_eq!(damage.reason, "it speaks in riddles");
                self.damaged += 1;
            }
        }
    }

    fn save(&mut self, entry: EntryId, input: Arc<[u8]>) {
        let model::Execution::Passed(features) = self.world.model.run(&input, 0) else {
            panic!("an entry that does not pass")
        };
        let is_reason = |new: &Vec<u32>| new.iter().all(|f| features.contains(f));
        let has_reason = self.reasons.iter().any(is_reason);
        assert!(has_reason || self.world.model.shaky > 0, "an entry without new features");
        self.seen.push(Seen::Saved(input.clone()));
        let name = model::hash(&input);
        self.files.insert(name, input);
        let delay = self.rng.below(3000) as u64;
        self.plan(delay, Event::Saved(entry, name));
    }

    /// The bytes of an input, unless its file is gone.
    fn bytes(&mut self, input: &Input) -> Option<Arc<[u8]>> {
        match input {
            Input::Bytes(bytes) => Some(bytes.clone()),
            Input::Stored(stored) if self.chance(self.world.gone) => {
                self.files.remove(&stored.name);
                None
            }
            Input::Stored(stored) => self.files.get(&stored.name).cloned(),
        }
    }

    /// Has a worker do its job at once; the result arrives later.
    fn begin(&mut self, worker: usize, job: Job) {
        assert!(self.is_present[worker], "worker {worker} is not there");
        assert!(self.busy[worker].is_none(), "worker {worker} is busy");
        assert_eq!(self.map, self.search.coverage().counters(), "published too late");
        let asked = Asked::of(&job, &self.starts);
        let others = || self.busy.iter().flatten();
        assert!(!asked.is_alone || others().count() == 0, "a timeout is verified under load");
        assert!(others().all(|other| !other.is_alone), "begun while a timeout is verified");
        self.busy[worker] = Some(asked);
        let promised: u64 = self.busy.iter().flatten().map(|asked| asked.execs).sum();
        assert!(self.done_execs + promised <= self.world.execs, "too many executions");
        let ends_fast = self.world.fail_fast && self.world.accepted.is_empty();
        let must_end = self.is_paused || ends_fast && !self.failures.is_empty();
        assert!(!(must_end && asked.is_search), "begun after the end");
        let work = self.work(job, asked);
        self.seen.extend(work.trace.iter().map(|hash| Seen::Executed(*hash)));
        let Work { result, execs, rejected, rng, .. } = work;
        let delay = 1 + self.rng.below(500) as u64 + execs;
        let mutators = match &result {
            JobResult::Coverage(input, _) => vec![MutatorId(input.len() as u8 % 8)],
            _ => Vec::new(),
        };
        let traced = Traced { mutators, ..Traced::default() };
        self.plan(delay, Event::Done { worker, result, execs, rejected, rng, traced });
    }

    fn work(&mut self, job: Job, asked: Asked) -> Work {
        if self.chance(self.world.broken) {
            return Work::new(JobResult::Broken("the worker reports an internal error".into()), 0);
        }
        if self.chance(self.world.damaged) {
            return Work::new(model::damaged(), asked.execs.min(1));
        }
        let is_lost = self.chance(self.world.lost);
        let model = self.world.model;
        match job {
            Job::Fuzz(round, _) => self.fuzz(&round, is_lost),
            Job::Execute(input) => self.execute(&input, is_lost),
            Job::Trim(input, _, _) if is_lost => {
                assert!(input.len() > 0);
                Work::new(model::lost(), 2)
            }
            Job::Investigate(..) if is_lost => Work::new(model::lost(), 0),
            Job::Trim(input, features, execs) => {
                let input = self.bytes(&input).expect("what is trimmed is in memory");
                model::trim(&model, &input, &features, execs)
            }
            Job::Investigate(input, failure, _, inquiry, stint) => {
                model::investigate(&model, &input, &failure, inquiry, stint)
            }
        }
    }

    fn fuzz(&mut self, round: &[Lease], is_lost: bool) -> Work {
        assert!(!round.is_empty() && round.iter().all(|lease| lease.execs > 0));
        let lost_at = is_lost.then(|| self.rng.below(10) as u64);
        let cut_at = self.chance(self.world.cut).then(|| self.rng.below(100) as u64);
        let with_bytes = |lease: &Lease| {
            let entry = self.bytes(&lease.input)?;
            let donor = self.bytes(&lease.donor).unwrap_or_default();
            Some((lease.clone(), [entry, donor]))
        };
        let leases: Vec<_> = round.iter().map_while(with_bytes).collect();
        let disturbance = Disturbance { moment: self.moment(), cut_at, lost_at };
        model::fuzz(&self.world.model, &leases, &self.map, disturbance)
    }

    fn execute(&mut self, input: &Input, is_lost: bool) -> Work {
        let input = self.bytes(input).expect("what is run again is in memory");
        let is_begun = !is_lost || self.chance(500);
        if is_begun && self.search.phase() == Phase::WarmUp && self.starts.contains(&input) {
            let runs = self.warmed_up.entry(input.clone()).or_default();
            *runs += 1;
            assert!(*runs <= 1 + 2 * u32::from(self.world.samples > 0), "run once more");
        }
        match is_lost {
            true => Work::new(model::lost(), u64::from(is_begun)),
            false => model::execute(&self.world.model, &input, self.moment()),
        }
    }

    /// A number for now that no execution before had.
    fn moment(&self) -> u64 {
        self.numbered << 32
    }

    fn check_end(&self) {
        let statistics = self.search.statistics();
        assert!(self.search.is_idle() && self.search.is_finished());
        for (_, features) in self.search.remembered().iter() {
            let is_trusted = |feature: &u32| self.search.coverage().trusts(*feature);
            assert!(features.iter().all(is_trusted), "what is not trusted is remembered");
        }
        // A counter that changes may seem not to, once; and what is found when no execution is left
        // is kept unchecked, by each worker once.
        let shaky = self.world.model.shaky;
        let unfounded = if shaky > 0 { self.world.jobs + shaky } else { 0 };
        let reasons = self.reasons.len();
        // One whose second run damaged its worker is not kept.
        let least = reasons.saturating_sub(self.damaged as usize);
        assert!((least..=reasons + unfounded).contains(&self.saved()), "one for each reason");
        let reported = statistics.findings + statistics.accepted;
        assert_eq!(self.reported.len(), reported, "a finding was not reported");
        let mut counts: HashMap<String, u64> = HashMap::new();
        for finding in self.search.findings() {
            *counts.entry(finding.key.clone()).or_default() += finding.count;
        }
        assert_eq!(counts, self.failures);
        if self.search.broken().is_none() && !self.world.fail_fast {
            assert_eq!(statistics.execs, self.world.execs, "executions of the budget are left");
            let starts = self.warmed_up.len() as u64;
            let wanted = self.world.execs.min(self.world.starts as u64);
            assert!(starts <= wanted && starts + self.damaged >= wanted);
        }
    }

    fn saved(&self) -> usize {
        self.seen.iter().filter(|seen| matches!(seen, Seen::Saved(_))).count()
    }
}
