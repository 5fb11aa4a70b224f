//! What must be known and in order before a target can be fuzzed: its handshake, its seeds, its
//! cached entries, and how long inputs may be.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail};
use shakedown_core::known::KnownFailures;
use shakedown_core::schema::Schema;
use shakedown_core::wire::Greeting;

use super::Plan;
use super::clock::Rate;
use super::files::Files;
use super::target::Target;
use crate::build::TestBinary;
use crate::campaign::{Config, Input, Origin, Search, Start};
use crate::report::{TargetName, TargetStart, words};
use crate::store::corpus::{Corpus, Seeds, Stored as File};
use crate::store::coverage::Programs;
use crate::store::inputs::Inputs;
use crate::store::paths::Locations;
use crate::store::survey::{Survey, survey};
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

/// A target that is ready to be fuzzed.
#[derive(Debug)]
pub struct Prepared {
    start: TargetStart,
    setup: Setup,
    schema: Schema,
    /// The seeds, or the simplest input.
    starts: Vec<Start>,
    cached: Survey,
    files: Files,
    known_failures: KnownFailures,
    /// What the user should know before the campaign begins.
    pub warnings: Vec<String>,
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
/// If no worker starts, a seed is malformed, a folder cannot be read, or another coordinator is
/// working on the corpus.
pub fn prepare(
    binary: &TestBinary,
    target: TargetName,
    locations: Locations,
    wishes: &Wishes,
    programs: &mut Programs,
) -> anyhow::Result<Prepared> {
    let (mut setup, greeting) = ask(binary, &target.target, wishes)?;
    let Greeting { schema, counters, seeds: attribute, max_len, .. } = *greeting;
    let unbounded = Corpus::open(locations.clone(), schema.clone(), usize::MAX);
    let known_failures = unbounded.load_known().map_err(|error| anyhow!(error))?;
    let seeds = load_seeds(&unbounded, &target)?;
    let seed_count = attribute.len() + seeds.entries.len();
    let mut starts = starts_of(attribute, seeds.entries);
    let longest = kept(&starts).map(<[u8]>::len).max().unwrap_or(0);
    make_room(&mut setup, &schema, longest, wishes.max_len.or(max_len).is_none());
    if starts.is_empty() {
        let input = Input::Kept(schema.simplest_input().into());
        starts.push(Start { input, origin: Origin::Simplest });
    }

    let corpus = Corpus::open(locations, schema.clone(), setup.capacity);
    let lock = corpus.lock()?;
    let build = programs.build(&binary.path, counters);
    let inputs = Arc::new(Inputs::new(corpus, INPUTS_IN_MEMORY));
    let files = Files::new(target.clone(), inputs, build, lock);
    let seen: Vec<_> = kept(&starts).collect();
    let cached = survey(files.inputs(), &seen, &files.load_coverage())?;
    let mut warnings = seeds.warnings;
    warnings.extend(about_skipped(&target.label, &cached));
    let start = TargetStart {
        target,
        seeds: seed_count,
        cached: cached.remembered.count() + cached.others.len(),
        counters: counters as usize,
    };
    Ok(Prepared { start, setup, schema, starts, cached, files, known_failures, warnings })
}

fn load_seeds(corpus: &Corpus, target: &TargetName) -> anyhow::Result<Seeds> {
    corpus.load_seeds().map_err(|error| {
        anyhow!(
            "these seeds of `{}` cannot be read; correct them or move them elsewhere:\n{error}",
            target.label
        )
    })
}

/// Makes room for inputs of this length, which mutation may make, too, if it is the `default`.
fn make_room(setup: &mut Setup, schema: &Schema, longest: usize, is_default: bool) {
    if is_default {
        setup.max_len = setup.max_len.max(longest);
    }
    setup.capacity = setup.max_len.max(longest).max(schema.simplest_input().len());
}

/// The seeds of the attribute, and those in files.
fn starts_of(attribute: Vec<Vec<u8>>, files: Vec<File>) -> Vec<Start> {
    let start = |input: Vec<u8>, origin| Start { input: Input::Kept(input.into()), origin };
    let attribute = attribute.into_iter().enumerate();
    let mut starts: Vec<_> =
        attribute.map(|(index, input)| start(input, Origin::Attribute(index))).collect();
    for file in files {
        // Only the inputs of a sequence count here; a single worker runs it as it stands.
        let inputs = file.before.into_iter().chain([file.input]);
        starts.extend(inputs.map(|input| start(input, Origin::Testdata(file.path.clone()))));
    }
    starts
}

/// The inputs that are in memory.
fn kept(starts: &[Start]) -> impl Iterator<Item = &[u8]> {
    starts.iter().filter_map(|start| match &start.input {
        Input::Kept(input) => Some(&**input),
        Input::Stored(_) => None,
    })
}

/// What to say about files in the cache that are not used.
fn about_skipped(label: &str, cached: &Survey) -> Vec<String> {
    let mut warnings = Vec::new();
    if cached.bad > 0 {
        warnings.push(words::unreadable_entries(label, cached.bad));
    }
    if cached.oversized > 0 {
        warnings.push(words::oversized_entries(label, cached.oversized));
    }
    warnings
}

impl Prepared {
    pub(super) fn into_target(self, plan: &Plan) -> Target {
        let config = Config {
            jobs: plan.jobs,
            seed: plan.seed,
            execs: plan.execs,
            fail_fast: plan.fail_fast,
            counters: self.start.counters,
            minimize: !plan.minimize_time.is_zero(),
            known: Arc::new(self.known_failures),
            samples: SAMPLES,
        };
        let mut starts = self.starts;
        let cached = self.cached.others.into_iter();
        starts.extend(cached.map(|input| Start { input, origin: Origin::Cache }));
        let mut search = Search::new(config, starts);
        search.remember(&self.cached.remembered);
        Target {
            start: self.start,
            setup: Arc::new(self.setup),
            schema: Arc::new(self.schema),
            search,
            files: self.files,
            elapsed: Duration::ZERO,
            rate: Rate::default(),
            is_announced: false,
            is_leak_reported: false,
        }
    }
}
