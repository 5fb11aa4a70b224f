//! What must be known and in order before a target can be fuzzed: its handshake, its seeds, its
//! cached entries, and how long inputs may be.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use shakedown_core::known::KnownFailures;
use shakedown_core::schema::Schema;
use shakedown_core::wire::Greeting;

use super::files::Files;
use super::{Plan, Rate, Target};
use crate::campaign::{Input, Remembered, Search, SearchConfig, Source, Start};
use crate::report;
use crate::store::corpus::{Corpus, NO_LIMIT, Stored as File};
use crate::store::coverage::{self, Build, Programs};
use crate::store::inputs::Inputs;
use crate::store::lock::CacheLock;
use crate::store::paths::Locations;
use crate::store::survey::survey;
use crate::worker::{Setup, greet};

/// Starts that are run a second time, to see how stable the coverage is.
const SAMPLES: usize = 32;

/// Most bytes of cached entries in memory.
const INPUTS_IN_MEMORY: usize = 256 << 20;

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
    pub(super) label: report::Target,
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

/// Makes a target ready.
///
/// # Errors
/// If no worker starts, a seed is malformed, a folder cannot be read, or another coordinator is at
/// work on the corpus.
pub fn prepare(
    mut setup: Setup,
    label: report::Target,
    locations: Locations,
    programs: &mut Programs,
) -> anyhow::Result<Prepared> {
    let greeting = greet(&mut setup)?;
    let Greeting { schema, counters, seeds: attribute, max_len, .. } = *greeting;
    let unbounded = Corpus::open(locations.clone(), schema.clone(), NO_LIMIT);
    let known_failures = unbounded.load_known().map_err(|error| anyhow!(error))?;
    let seeds = unbounded.load_seeds().map_err(|error| {
        anyhow!(
            "these seeds of `{}` cannot be read; correct them, or move them elsewhere:\n{error}",
            label.label
        )
    })?;
    let is_default = setup.limits.max_len.or(max_len).is_none();
    let inputs = attribute.iter().chain(seeds.entries.iter().flat_map(File::inputs));
    let longest = inputs.map(Vec::len).max().unwrap_or(0);
    if is_default {
        setup.max_len = setup.max_len.max(longest);
    }
    setup.capacity = setup.max_len.max(longest).max(schema.simplest_input().len());

    let seeds_count = attribute.len() + seeds.entries.len();
    let corpus = Corpus::open(locations.clone(), schema.clone(), setup.capacity);
    let lock = corpus.lock()?;
    let build = programs.build(&setup.program.path, counters);
    let remembered =
        build.map(|build| coverage::load(&locations.cache, &build)).unwrap_or_default();
    let inputs = Arc::new(Inputs::new(corpus, INPUTS_IN_MEMORY));

    let mut starts: Vec<Start> = Vec::new();
    let start = |input: Vec<u8>, source| Start { input: Input::Bytes(input.into()), source };
    for (index, input) in attribute.into_iter().enumerate() {
        starts.push(start(input, Source::Attribute(index)));
    }
    for seed in seeds.entries {
        // A sequence is no more here than its inputs, but a single worker runs it as it stands.
        let inputs = seed.before.into_iter().chain([seed.input]);
        starts.extend(inputs.map(|input| start(input, Source::Testdata(seed.path.clone()))));
    }

    if starts.is_empty() {
        starts.push(start(schema.simplest_input(), Source::Simplest));
    }
    let kept = starts.iter().filter_map(|start| match &start.input {
        Input::Bytes(input) => Some(&**input),
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
    starts.extend(others.map(|input| Start { input, source: Source::Cache }));
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
        let config = SearchConfig {
            jobs: plan.jobs,
            seed: plan.seed,
            execs: plan.execs,
            fail_fast: plan.fail_fast,
            counters: self.counters,
            minimize: !plan.minimize_time.is_zero(),
            accepted: Arc::new(self.known_failures),
            samples: SAMPLES,
        };
        let (seeds, cached) = self.numbers;
        let mut search = Search::new(config, self.starts);
        search.remember(&self.remembered);
        Target {
            prepared: report::Prepared {
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
