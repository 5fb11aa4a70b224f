//! The real thing, for the benchmarks: the package `bench/targets`, built with instrumentation as
//! `cargo shakedown` builds it, and sessions with worker processes of its test binaries.
#![allow(dead_code, reason = "every benchmark uses its own part of this")]

use std::path::Path;
use std::sync::Arc;

use cargo_shakedown::internals::{
    BuildOptions, Coverage, CoverageMap, Done, Limits, Program, Session, Setup, Shared, Verbosity,
    Visit, build, greet,
};
use shakedown_core::rng::Rng;
use shakedown_core::wire::{End, Greeting, RngState};

/// Most milliseconds of a call: what a campaign asks for.
const BATCH_MS: u64 = 100;

/// The command, which is the rustc wrapper of its builds.
const OWN: &str = env!("CARGO_BIN_EXE_cargo-shakedown");

/// A target and how to start its workers.
pub(crate) struct Target {
    pub(crate) setup: Arc<Setup>,
    pub(crate) greeting: Box<Greeting>,
}

/// Builds all targets.
pub(crate) fn build_targets() -> Vec<Program> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/targets/Cargo.toml");
    let options = BuildOptions {
        manifest_path: Some(manifest),
        verbosity: Verbosity::Quiet,
        ..BuildOptions::default()
    };
    build(OWN.as_ref(), &options).expect("the targets build").programs
}

impl Target {
    /// The target `id`, with inputs of up to `max_len` bytes.
    pub(crate) fn new(programs: &[Program], id: &str, max_len: u64) -> Self {
        let has = |program: &&Program| program.targets.iter().any(|target| target.id == id);
        let program = programs.iter().find(has).expect("there is such a target");
        let limits = Limits { max_len: Some(max_len), ..Limits::default() };
        let mut setup = Setup::new(program.clone(), id, limits);
        let greeting = greet(&mut setup).expect("a worker starts");
        Self { setup: Arc::new(setup), greeting }
    }

    /// A session whose worker runs.
    pub(crate) fn start(&self) -> Running {
        let counters = self.greeting.counters as usize;
        let schema = Arc::new(self.greeting.schema.clone());
        let shared = Shared::new(self.setup.clone(), schema, counters).expect("shared memory");
        let map = shared.map.clone();
        let mut session = Session::new(shared).expect("a session");
        session.ready().expect("a worker starts");
        let Rng { state, inc } = Rng::new(1);
        Running { session, map, coverage: Coverage::new(counters), rng: (state, inc) }
    }
}

/// A worker with what a campaign knows about it.
pub(crate) struct Running {
    pub(crate) session: Session,
    map: Arc<CoverageMap>,
    coverage: Coverage,
    rng: RngState,
}

impl Running {
    /// The state of the generator after the last execution.
    pub(crate) fn rng(&self) -> RngState {
        self.rng
    }

    /// As [`Self::fuzz`], with a generator that starts from `seed`.
    pub(crate) fn fuzz_from(&mut self, seed: u64, entry: &[u8], execs: u64) -> bool {
        let Rng { state, inc } = Rng::new(seed);
        self.rng = (state, inc);
        self.fuzz(entry, execs)
    }

    /// Executes variations of `entry`, `execs` of them, in batches as a campaign makes them. New
    /// coverage is published, so that the same is not reported again. Whether there was any.
    pub(crate) fn fuzz(&mut self, entry: &[u8], execs: u64) -> bool {
        let mut left = execs;
        let mut news = false;
        while left > 0 {
            let (donor, hints, tokens, weights) = Default::default();
            let (entry, rng, execs) = (entry.into(), self.rng, 0..left);
            let visit = Visit { entry, donor, hints, tokens, weights, rng, execs };
            let Done::Answered((fuzzed, _)) = self.session.fuzz(&[visit], BATCH_MS) else {
                panic!("the worker ended");
            };
            match fuzzed.end {
                End::Execs | End::Time => {}
                End::Coverage => {
                    news = true;
                    self.publish();
                }
                End::Failed(failure) => panic!("the target failed: {}", failure.message),
            }
            left -= fuzzed.execs;
            self.rng = fuzzed.rng;
        }
        news
    }

    fn publish(&mut self) {
        let features = self.session.features().expect("a snapshot");
        for feature in self.coverage.merge(&features) {
            let counter = (feature >> 3) as usize;
            let byte = self.coverage.map()[counter];
            self.map.publish(&[(counter, byte)]).expect("the map can be written");
        }
    }
}

/// `content` as the engine holds the only argument of a target: after its length.
pub(crate) fn encoded(content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len()).expect("a short input");
    [&len.to_le_bytes()[..], content].concat()
}
