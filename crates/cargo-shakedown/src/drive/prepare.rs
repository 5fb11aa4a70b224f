//! What must be known and in order before a target can be fuzzed: its handshake, its seeds, its
//! cached entries, and how long inputs may be.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use shakedown_core::known::KnownFailures;
use shakedown_core::schema::Schema;
#[cfg(feature = "ui")]
use shakedown_core::testdata::seed_name;
use shakedown_core::wire::{Caught, Greeting};

use super::Plan;
use super::clock::Rate;
use super::files::Files;
use super::reproduce::Reproducer;
use super::seen::Seen;
use super::target::Target;
#[cfg(feature = "ui")]
use crate::build::Program;
use crate::campaign::{Drawing, Input, Search, SearchConfig, Source, Start};
use crate::report::{TargetName, TargetStart, words};
use crate::store::corpus::{Corpus, NO_LIMIT, Seeds, Stored as File};
use crate::store::coverage::Programs;
use crate::store::inputs::Inputs;
use crate::store::paths::Locations;
use crate::store::survey::{Survey, survey};
use crate::worker::{Setup, greet};

/// Starts that are run a second time, to see how stable the coverage is.
const SAMPLES: usize = 32;

/// Most bytes of cached entries in memory.
const INPUTS_IN_MEMORY: usize = 256 << 20;

/// A target that is ready to be fuzzed.
#[derive(Debug)]
pub(crate) struct Prepared {
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

/// Makes a target ready.
///
/// # Errors
/// If no worker starts, a seed is malformed, a folder cannot be read, or another coordinator is
/// working on the corpus.
pub(crate) fn prepare(
    mut setup: Setup,
    target: TargetName,
    locations: Locations,
    programs: &mut Programs,
) -> anyhow::Result<Prepared> {
    let greeting = greet(&mut setup)?;
    let Greeting { schema, callee, counters, seeds: attribute, max_len, .. } = *greeting;
    let unbounded = Corpus::open(locations.clone(), schema.clone(), NO_LIMIT);
    let known_failures = unbounded.load_known().map_err(|error| anyhow!(error))?;
    let seeds = load_seeds(&unbounded, &target)?;
    let seed_count = attribute.len() + seeds.entries.len();
    let mut starts = starts_of(attribute, seeds.entries);
    let longest = kept(&starts).map(<[u8]>::len).max().unwrap_or(0);
    let is_default = setup.limits.max_len.or(max_len).is_none();
    make_room(&mut setup, &schema, longest, is_default);
    if starts.is_empty() {
        let input = Input::Bytes(schema.simplest_input().into());
        starts.push(Start { input, source: Source::Simplest });
    }

    let corpus = Corpus::open(locations, schema.clone(), setup.capacity);
    let lock = corpus.lock()?;
    let build = programs.build(&setup.program.path, counters);
    let inputs = Arc::new(Inputs::new(corpus, INPUTS_IN_MEMORY));
    let (program, id) = (setup.program.clone(), target.target.clone());
    let reproducer = Reproducer { program, target: id, callee };
    let files = Files::new(target.clone(), reproducer, inputs, build, lock);
    let seen: Vec<_> = kept(&starts).collect();
    let cached = survey(files.inputs(), &seen, &files.load_coverage())?;
    let mut warnings = seeds.warnings;
    warnings.extend(about_skipped(&target.label, &cached));
    let start = TargetStart {
        target,
        seeds: seed_count,
        cached: cached.remembered.count() + cached.others.len(),
        counters: counters as usize,
        tokens: setup.dictionary.len(),
        replay_only: false,
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
    let start = |input: Vec<u8>, source| Start { input: Input::Bytes(input.into()), source };
    let attribute = attribute.into_iter().enumerate();
    let mut starts: Vec<_> =
        attribute.map(|(index, input)| start(input, Source::Attribute(index))).collect();
    for file in files {
        // Only the inputs of a sequence count here; a single worker runs it as it stands.
        let inputs = file.before.into_iter().chain([file.input]);
        starts.extend(inputs.map(|input| start(input, Source::Testdata(file.path.clone()))));
    }
    starts
}

/// The inputs that are in memory.
fn kept(starts: &[Start]) -> impl Iterator<Item = &[u8]> {
    starts.iter().filter_map(|start| match &start.input {
        Input::Bytes(input) => Some(&**input),
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
    /// Only runs what is known of the target.
    pub(crate) fn only_replay(&mut self) {
        self.start.replay_only = true;
    }

    /// The program that the target is in.
    #[cfg(feature = "ui")]
    pub(crate) fn program(&self) -> &Program {
        &self.setup.program
    }

    /// The corpus of the target, for whoever wants to look at it.
    #[cfg(feature = "ui")]
    pub(crate) fn corpus(&self) -> &Corpus {
        self.files.inputs().corpus()
    }

    /// What the search starts from that is in no file of the corpus, each with what it is called.
    #[cfg(feature = "ui")]
    pub(crate) fn others(&self) -> Vec<(String, Vec<u8>)> {
        let testdata = &self.corpus().locations().testdata;
        let named = self.starts.iter().filter_map(|start| match (&start.source, &start.input) {
            (Source::Testdata(path), Input::Bytes(input)) if !path.starts_with(testdata) => {
                Some((words::from_here(path).display().to_string(), input.to_vec()))
            }
            (Source::Attribute(at), Input::Bytes(input)) => Some((seed_name(*at), input.to_vec())),
            (Source::Simplest, Input::Bytes(input)) => {
                Some(("the simplest input".to_owned(), input.to_vec()))
            }
            _ => None,
        });
        named.collect()
    }

    pub(super) fn into_target(self, plan: &Plan) -> Target {
        let config = SearchConfig {
            jobs: plan.jobs,
            seed: plan.seed,
            execs: plan.execs,
            fail_fast: plan.fail_fast,
            counters: self.start.counters,
            minimize: !plan.minimize.is_empty(),
            accepted: Arc::new(self.known_failures),
            samples: SAMPLES,
            drawing: Drawing::of(&self.schema, self.start.seeds > 0),
            is_replay: self.start.replay_only,
        };
        let mut starts = self.starts;
        let cached = self.cached.others.into_iter();
        starts.extend(cached.map(|input| Start { input, source: Source::Cache }));
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
            seen: Seen::new(plan.is_watched),
            is_announced: false,
            is_leak_reported: false,
            is_chatter_reported: false,
            is_hang_announced: false,
            is_enough: false,
            curve: Vec::new(),
            caught: Caught::default(),
        }
    }
}
