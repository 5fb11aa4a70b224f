//! A modelled target and worker: pure functions from inputs and jobs to results.

use std::sync::Arc;

use shakedown_core::CHAIN;
use shakedown_core::failure::{Caller, Failure, Kind};
use shakedown_core::features::{feature, features};
use shakedown_core::rng::Rng;
use shakedown_core::wire::RngState;

use crate::campaign::{
    Confidence, Damage, FailedInput, Inquiry, Investigated, JobResult, Lease, Past, Spent, Stint,
};

/// What a modelled target does, by a hash of its input: how many inputs in a thousand fail, kill
/// the worker, or are rejected. All others pass, with features that depend on their bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    pub(crate) counters: usize,
    /// How many counters more there are that depend on the moment alone.
    pub(crate) shaky: usize,
    pub(crate) failing: u64,
    pub(crate) deadly: u64,
    pub(crate) rejected: u64,
    /// How many hang.
    pub(crate) hanging: u64,
    /// How many take too long unless nothing else is running.
    pub(crate) slow: u64,
}

/// What comes of one execution.
#[derive(Clone, Debug)]
pub(crate) enum Execution {
    Passed(Vec<u32>),
    Rejected,
    Failed(Failure),
}

impl Model {
    /// A target without failures.
    pub(crate) const PLAIN: Self =
        Self { counters: 40, shaky: 0, failing: 0, deadly: 0, rejected: 0, hanging: 0, slow: 0 };
    /// A target that does everything now and then.
    pub(crate) const MIXED: Self = Self { failing: 20, deadly: 5, rejected: 100, ..Self::PLAIN };

    /// Runs an input, at a moment that differs from execution to execution.
    pub(crate) fn run(&self, input: &[u8], moment: u64) -> Execution {
        let hash = hash(input);
        let (dice, kind) = (hash % 1000, hash / 1000 % 3);
        if dice < self.failing {
            Execution::Failed(failure(Kind::Panic, kind))
        } else if dice < self.failing + self.deadly {
            Execution::Failed(failure(Kind::Signal, kind))
        } else if dice < self.failing + self.deadly + self.rejected {
            Execution::Rejected
        } else if dice >= 1000 - self.hanging - self.slow {
            Execution::Failed(Failure { place: String::new(), ..failure(Kind::Timeout, 0) })
        } else {
            Execution::Passed(self.features(input, moment))
        }
    }

    fn features(&self, input: &[u8], moment: u64) -> Vec<u32> {
        let mut snapshot = vec![0; self.counters + self.shaky];
        for (number, bits) in snapshot[self.counters..].iter_mut().enumerate() {
            let dice = hash(&[moment.to_le_bytes(), number.to_le_bytes()].concat());
            *bits = if dice & 8 == 0 { 1 << (dice & 7) } else { 0 };
        }
        for (at, byte) in input.iter().enumerate().filter(|_| self.counters > 0) {
            snapshot[(at * 5 + usize::from(byte >> 4)) % self.counters] = 1 << (byte & 7);
        }
        features(&snapshot).collect()
    }

    /// Whether an input passes after all where nothing else is running.
    pub(crate) fn is_slow(&self, input: &[u8]) -> bool {
        hash(input) % 1000 >= 1000 - self.slow
    }

    /// Whether the counter of this feature depends on the input alone.
    pub(crate) fn is_stable(&self, number: u32) -> bool {
        ((number >> 3) as usize) < self.counters
    }

    fn failure(&self, input: &[u8]) -> Option<Failure> {
        match self.run(input, 0) {
            Execution::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

/// A failure of one of a few keys.
pub(crate) fn failure(kind: Kind, number: u64) -> Failure {
    Failure {
        kind,
        place: format!("src/lib.rs:{number}:1"),
        message: "wrong".into(),
        caller: Caller::Unknown,
        backtrace: String::new(),
    }
}

fn failed(input: impl Into<Arc<[u8]>>, failure: Failure) -> FailedInput {
    FailedInput { input: input.into(), failure, past: Past::default() }
}

/// FNV-1a with a last stir.
pub(crate) fn hash(input: &[u8]) -> u64 {
    let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325, fnv);
    (hash ^ hash >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 8
}

/// What a modelled worker made of a job.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) result: JobResult,
    pub(crate) execs: u64,
    pub(crate) rejected: u64,
    pub(crate) rng: RngState,
    /// Hashes of all inputs executed.
    pub(crate) trace: Vec<u64>,
}

impl Work {
    pub(crate) fn new(result: JobResult, execs: u64) -> Self {
        Self { result, execs, rejected: 0, rng: (0, 0), trace: Vec::new() }
    }
}

/// What disturbs a batch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Disturbance {
    /// When it begins.
    pub(crate) moment: u64,
    /// The time is up after this many executions, at the next border of a chain.
    pub(crate) cut_at: Option<u64>,
    /// The worker is killed from outside during this execution; before any if it is 0.
    pub(crate) lost_at: Option<u64>,
}

pub(crate) fn lost() -> JobResult {
    JobResult::Lost("terminated by SIGKILL".into())
}

pub(crate) fn damaged() -> JobResult {
    JobResult::Damaged(Damage { reason: "it speaks in riddles".into(), input: None })
}

pub(crate) fn execute(model: &Model, input: &Arc<[u8]>, moment: u64) -> Work {
    match model.run(input, moment) {
        Execution::Passed(features) => Work::new(JobResult::Passed(features), 1),
        Execution::Rejected => Work { rejected: 1, ..Work::new(JobResult::Rejected, 1) },
        Execution::Failed(failure) => {
            Work::new(JobResult::Failed(failed(input.clone(), failure)), 1)
        }
    }
}

/// A batch of these leases, each with its entry and donor, judged by the coverage map `seen`.
pub(crate) fn fuzz(
    model: &Model,
    leases: &[(Lease, [Arc<[u8]>; 2])],
    seen: &[u8],
    disturbance: Disturbance,
) -> Work {
    let mut work =
        Work::new(if leases.is_empty() { JobResult::Gone } else { JobResult::Nothing }, 0);
    for (lease, inputs) in leases {
        let is_through = run_lease(model, lease, inputs, seen, disturbance, &mut work);
        if !is_through {
            break;
        }
    }
    // A dead worker leaves no state of the generator.
    if !is_survived(&work.result) {
        work.rng = (0, 0);
    }
    work
}

/// Runs a lease; returns whether it went by without anything of note.
fn run_lease(
    model: &Model,
    lease: &Lease,
    [entry, donor]: &[Arc<[u8]>; 2],
    seen: &[u8],
    disturbance: Disturbance,
    work: &mut Work,
) -> bool {
    let Disturbance { moment, cut_at, lost_at } = disturbance;
    let mut rng = Rng { state: lease.rng.0, inc: lease.rng.1 };
    // Visits that make their changes in order have a generator that is none.
    let is_in_order = rng.inc.is_multiple_of(2);
    let mut input = Vec::new();
    for made in 0..lease.execs {
        if made.is_multiple_of(CHAIN) {
            if work.execs > 0 && cut_at.is_some_and(|cut| work.execs >= cut) {
                return false;
            }
            input = entry.to_vec();
        }
        if lost_at == Some(work.execs) {
            work.result = lost();
            return false;
        }
        match is_in_order {
            true => {
                input = entry.to_vec();
                mutate(&mut Rng::with_stream(rng.state, hash(entry)), &mut input, donor);
                rng.state += 1;
            }
            false => mutate(&mut rng, &mut input, donor),
        }
        work.rng = (rng.state, rng.inc);
        work.execs += 1;
        // Other weights would make another input.
        work.trace.push(hash(&input) ^ u64::from(lease.weights));
        match model.run(&input, moment + work.execs) {
            Execution::Rejected => work.rejected += 1,
            Execution::Passed(features) if features.iter().any(|f| is_new(seen, *f)) => {
                work.result = JobResult::Coverage(input.into(), features);
                return false;
            }
            Execution::Passed(_) => {}
            Execution::Failed(failure) => {
                work.result = JobResult::Failed(failed(input, failure));
                return false;
            }
        }
    }
    true
}

/// Whether the worker lives on after such a result.
fn is_survived(result: &JobResult) -> bool {
    match result {
        JobResult::Lost(_) | JobResult::Damaged(_) | JobResult::Broken(_) => false,
        JobResult::Failed(failed) => failed.failure.kind.survivable(),
        _ => true,
    }
}

/// Whether the map lacks a feature.
pub(crate) fn is_new(seen: &[u8], number: u32) -> bool {
    seen[(number >> 3) as usize] >> (number & 7) & 1 == 0
}

fn mutate(rng: &mut Rng, input: &mut Vec<u8>, donor: &[u8]) {
    let at = rng.below(input.len());
    match rng.below(4) {
        0 if input.len() < 24 => input.insert(at, rng.u32() as u8),
        1 if input.len() > 1 => drop(input.remove(at)),
        2 if !donor.is_empty() => input.push(donor[rng.below(donor.len())]),
        _ if !input.is_empty() => input[at] = rng.u32() as u8,
        _ => input.push(rng.u32() as u8),
    }
    input.truncate(24);
}

/// Leaves out bytes as long as these features stay.
pub(crate) fn trim(model: &Model, input: &[u8], wanted: &[u32], max_execs: u64) -> Work {
    let has_all = |shown: &[u32]| wanted.iter().all(|feature| shown.contains(feature));
    let keeps = |run: &Execution| matches!(run, Execution::Passed(shown) if has_all(shown));
    let mut best = input.to_vec();
    let mut others = Vec::new();
    let mut execs = 1;
    for at in (0..input.len()).rev() {
        if execs + 1 >= max_execs {
            break;
        }
        let mut candidate = best.clone();
        candidate.remove(at);
        execs += 1;
        match model.run(&candidate, execs) {
            Execution::Failed(failure) if failure.kind.survivable() => {
                others.push(failed(candidate, failure));
            }
            Execution::Failed(failure) => {
                return Work::new(JobResult::Failed(failed(candidate, failure)), execs);
            }
            execution if keeps(&execution) => best = candidate,
            _ => {}
        }
    }
    let best = match model.run(&best, execs) {
        Execution::Passed(features) => Some((best.into(), features)),
        _ => None,
    };
    Work::new(JobResult::Trimmed { best, others }, execs + 1)
}

/// Looks into a failure: bytes are left out as long as the key stays; only those of the second half
/// in the first stint of several.
pub(crate) fn investigate(
    model: &Model,
    input: &[u8],
    failure: &Failure,
    inquiry: Inquiry,
    stint: Stint,
) -> Work {
    let mut best = input.to_vec();
    let mut others = Vec::new();
    let is_cut = inquiry != Inquiry::Verify
        && stint.work < u64::MAX
        && stint.before == Spent::default()
        && input.len() > 1;
    let first = if is_cut { input.len() / 2 } else { 0 };
    for at in (first..input.len()).rev().filter(|_| inquiry != Inquiry::Verify) {
        let mut candidate = best.clone();
        candidate.remove(at);
        match model.failure(&candidate) {
            Some(other) if other.key() == failure.key() => best = candidate,
            Some(other) => others.push((candidate.into(), other)),
            None => {}
        }
    }
    // Run alone, or the model could not know.
    let confidence = match inquiry == Inquiry::Verify && model.is_slow(input) {
        true => Confidence::Flaky { failed: 0, runs: 1 },
        false => Confidence::Reproducible,
    };
    let investigated = Investigated {
        confidence,
        input: best.into(),
        before: Vec::new(),
        failure: failure.clone(),
        others,
        execs: 3,
        unfinished: is_cut.then_some(Spent { execs: 3, ..Spent::default() }),
        trouble: None,
    };
    Work::new(JobResult::Investigated(Box::new(investigated)), 0)
}

#[test]
fn features_of_the_model_are_those_of_its_counters() {
    let Execution::Passed(features) = Model::PLAIN.run(&[0x23, 0x01], 7) else {
        panic!("it passes")
    };
    assert_eq!(features, [feature(2, 3), feature(5, 1)]);
}
