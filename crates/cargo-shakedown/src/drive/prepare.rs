//! What must be known and in order before a target can be fuzzed: its handshake, its seeds, its
//! cached entries, and how long inputs may be.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail};
use shakedown_core::known::KnownFailures;
use shakedown_core::schema::Schema;
use shakedown_core::wire::Greeting;

use super::files::Files;
use super::{Plan, Rate, Target};
use crate::build::TestBinary;
use crate::campaign::{Config, Input, Origin, Remembered, Search, Start};
use crate::report;
use crate::store::corpus::{Corpus, Stored as File};
use crate::store::coverage::{self, Build, Programs};
use crate::store::inputs::Inputs;
use crate::store::lock::CacheLock;
use crate::store::paths::Locations;
use crate::store::survey::survey;
use crate::worker::{Setup, describe};

/// Longest execution, if neither the target nor the user says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Longest input that mutation makes, if neither says otherwise, in bytes.
const MAX_LEN: u64 = 4096;

/// What the engine itself needs of a stack, in bytes.
pub const MIN_STACK_SIZE: u64 = 512 << 10;

/// Starts that are run a second time, to see how stable the coverage is.
const SAMPLES: usize = 32;

/// Most bytes of cached entries in memory.
const INPUTS_IN_MEMORY: usize = 256 << 20;

/// What the user wants of a target.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Longest execution.
    pub timeout: Option<Duration>,
    /// Most memory of a worker, in bytes.
    pub memory_limit: Option<u64>,
    /// Longest input that mutation makes, in bytes.
    pub max_len: Option<u64>,
    /// Tokens.
    pub dictionary: Vec<Vec<u8>>,
    /// Run every input in a process of its own.
    pub isolate: bool,
    /// Stack of the thread on which the target runs, in bytes.
    pub stack_size: Option<u64>,
    /// Show what the target prints.
    pub show_output: bool,
}

/// A target of the campaign before its worker was asked.
#[derive(Clone, Debug)]
pub struct TargetPlan {
    /// How to start its workers.
    pub setup: Arc<Setup>,
    /// Where its files are.
    pub locations: Locations,
}

/// A target that is ready to be fuzzed.
#[derive(Debug)]
pub struct Prepared {
    pub(super) label: report::TargetName,
    pub(super) plan: TargetPlan,
    pub(super) schema: Schema,
    pub(super) counters: usize,
    pub(super) starts: Vec<Start>,
    /// What need not be run again.
    pub(super) remembered: Remembered,
    pub(super) inputs: Arc<Inputs>,
    /// The program; nothing if it cannot be read.
    pub(super) build: Option<Build>,
    pub(super) lock: CacheLock,
    pub(super) known_failures: KnownFailures,
    /// Things to tell the user.
    pub warnings: Vec<String>,
    numbers: (usize, usize),
}

/// Asks a target about itself; returns how to start its workers, and its answer.
///
/// # Errors
/// If no worker starts.
pub fn ask(
    binary: &TestBinary,
    id: &str,
    wishes: &Wishes,
) -> anyhow::Result<(Setup, Box<Greeting>)> {
    let mut setup = Setup {
        binary: binary.clone(),
        target: id.to_owned(),
        timeout: wishes.timeout.unwrap_or(TIMEOUT),
        memory_limit: wishes.memory_limit,
        max_len: 0,
        capacity: 0,
        dictionary: wishes.dictionary.clone(),
        isolate: wishes.isolate,
        stack_size: wishes.stack_size,
        show_output: false,
    };
    let greeting = describe(&setup)?;
    if let (None, Some(ms)) = (wishes.timeout, greeting.timeout_ms) {
        setup.timeout = Duration::from_millis(ms);
    }
    let raw = greeting.schema.raw().is_some();
    let len = wishes.max_len.or(greeting.max_len).unwrap_or(MAX_LEN);
    // The count before the only argument is ours, not the user's.
    setup.max_len = usize::try_from(len).unwrap_or(usize::MAX).saturating_add(4 * usize::from(raw));
    setup.capacity = setup.max_len;
    setup.show_output = wishes.show_output;
    if setup.max_len > u32::MAX as usize {
        bail!("inputs can have at most 4 GiB");
    }
    Ok((setup, greeting))
}

/// Makes a target ready.
///
/// # Errors
/// If no worker starts, a seed is malformed, a folder cannot be read, or another coordinator is at
/// work on the corpus.
pub fn prepare(
    binary: &TestBinary,
    label: report::TargetName,
    locations: Locations,
    wishes: &Wishes,
    programs: &mut Programs,
) -> anyhow::Result<Prepared> {
    let (mut setup, greeting) = ask(binary, &label.target, wishes)?;
    let Greeting { schema, counters, seeds: attribute, max_len, .. } = *greeting;
    let unbounded = Corpus::open(locations.clone(), schema.clone(), usize::MAX);
    let known_failures = unbounded.load_known().map_err(|error| anyhow!(error))?;
    let seeds = unbounded.load_seeds().map_err(|error| {
        anyhow!(
            "these seeds of `{}` cannot be read; correct them, or move them elsewhere:\n{error}",
            label.label
        )
    })?;
    let is_default = wishes.max_len.or(max_len).is_none();
    let inputs = attribute.iter().chain(seeds.entries.iter().flat_map(File::inputs));
    let longest = inputs.map(Vec::len).max().unwrap_or(0);
    if is_default {
        setup.max_len = setup.max_len.max(longest);
    }
    setup.capacity = setup.max_len.max(longest).max(schema.simplest_input().len());

    let seeds_count = attribute.len() + seeds.entries.len();
    let corpus = Corpus::open(locations.clone(), schema.clone(), setup.capacity);
    let lock = corpus.lock()?;
    let build = programs.build(&binary.path, counters);
    let remembered =
        build.map(|build| coverage::load(&locations.cache, &build)).unwrap_or_default();
    let inputs = Arc::new(Inputs::new(corpus, INPUTS_IN_MEMORY));

    let mut starts: Vec<Start> = Vec::new();
    let start = |input: Vec<u8>, origin| Start { input: Input::Kept(input.into()), origin };
    for (index, input) in attribute.into_iter().enumerate() {
        starts.push(start(input, Origin::Attribute(index)));
    }
    for seed in seeds.entries {
        // A sequence is no more here than its inputs, but a single worker runs it as it stands.
        let inputs = seed.before.into_iter().chain([seed.input]);
        starts.extend(inputs.map(|input| start(input, Origin::Testdata(seed.path.clone()))));
    }

    if starts.is_empty() {
        starts.push(start(schema.simplest_input(), Origin::Simplest));
    }
    let kept = starts.iter().filter_map(|start| match &start.input {
        Input::Kept(input) => Some(&**input),
        Input::Stored(_) => None,
    });
    let cached = survey(&inputs, &kept.collect::<Vec<_>>(), &remembered)?;
    let mut warnings = seeds.warnings;
    warnings.extend(about_bad(&label.label, cached.bad, "cannot be read as an input"));
    if cached.oversized > 0 {
        warnings.push(format!(
            "{} of the cached entries of {} is longer than allowed (skipped and kept; raise \
             --max-len to use it)",
            cached.oversized, label.label
        ));
    }
    let numbers = (seeds_count, cached.remembered.count() + cached.others.len());
    let others = cached.others.into_iter();
    starts.extend(others.map(|input| Start { input, origin: Origin::Cache }));
    let plan = TargetPlan { setup: Arc::new(setup), locations };
    let counters = counters as usize;
    Ok(Prepared {
        label,
        plan,
        schema,
        counters,
        starts,
        remembered: cached.remembered,
        inputs,
        build,
        lock,
        known_failures,
        warnings,
        numbers,
    })
}

fn about_bad(label: &str, count: usize, what: &str) -> Option<String> {
    (count > 0).then(|| {
        format!(
            "{count} of the cached entries of {label} {what} (skipped and kept; \
             `cargo shakedown corpus stats` names them)",
        )
    })
}

impl Prepared {
    pub(super) fn into_target(self, plan: &Plan) -> Target {
        let config = Config {
            jobs: plan.jobs,
            seed: plan.seed,
            execs: plan.execs,
            fail_fast: plan.fail_fast,
            counters: self.counters,
            minimize: !plan.minimize_time.is_zero(),
            known: Arc::new(self.known_failures),
            samples: SAMPLES,
        };
        let (seeds, cached) = self.numbers;
        let mut search = Search::new(config, self.starts);
        search.remember(&self.remembered);
        Target {
            prepared: report::TargetStart {
                target: self.label.clone(),
                seeds,
                cached,
                counters: self.counters,
            },
            label: self.label,
            plan: self.plan,
            schema: Arc::new(self.schema),
            counters: self.counters,
            search,
            files: Files::new(self.inputs, self.build, self.lock),
            elapsed: Duration::ZERO,
            rate: Rate::default(),
            announced: false,
            told_leak: false,
        }
    }
}
