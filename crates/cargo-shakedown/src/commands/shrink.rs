//! `cargo shakedown corpus minimize`: the fewest and smallest entries that reach the same.

use std::path::PathBuf;

use anyhow::Context;

use super::output::{Notes, Output};
use super::reach::{Reach, Reached};
use crate::report::counted;
use crate::select::{self, Selection};
use crate::store::corpus::{Corpus, NO_LIMIT, Stored};
use crate::store::exchange::{Cleanable, clean};
use crate::worker::{Limits, Orphans, Setup, greet};

/// What `corpus minimize` is to do.
#[derive(Debug)]
pub(crate) struct ShrinkOptions {
    /// The target.
    pub target: Selection,
    /// Only say what would be deleted.
    pub dry_run: bool,
    /// Limits of the worker.
    pub limits: Limits,
}

pub(super) fn run(options: &ShrinkOptions, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.target)?;
    let mut setup =
        Setup::new(target.program.clone(), &target.label.target, options.limits.clone());
    let _orphans = Orphans::adopt();
    let greeting = greet(&mut setup)?;
    let corpus = Corpus::open(target.locations, greeting.schema.clone(), NO_LIMIT);
    let lock = corpus.lock()?;
    let cached = corpus.load_cache([])?;
    let mut entries = cached.entries;
    entries.sort_by(|a, b| (a.input.len(), &a.name).cmp(&(b.input.len(), &b.name)));
    let mut reach = Reach::start(setup, &greeting)?;
    let sorted = Sorted::of(&mut reach, entries, cached.duplicates)?;
    let reached = reach.stop();
    let removed = match options.dry_run {
        true => "would be removed",
        false => clean(&corpus, &lock, &sorted.found).map(|()| "removed")?,
    };
    if sorted.failed > 0 {
        let failed = counted(sorted.failed, "entry that fails");
        writeln!(Notes, "warning: {failed} kept, for what it reaches is not known");
    }
    writeln!(
        out,
        "{}: {} ({}) {removed} from {}, {} kept, {} reached",
        target.label.label,
        counted(sorted.found.files.len(), "file"),
        counted(sorted.found.bytes as usize, "byte"),
        corpus.locations().cache.display(),
        sorted.found.kept.len(),
        counted(reached, "feature"),
    );
    Ok(0)
}

/// Entries by whether they are needed.
#[derive(Default)]
struct Sorted {
    found: Cleanable,
    failed: usize,
}

impl Sorted {
    /// Runs these entries in their order.
    fn of(
        reach: &mut Reach,
        entries: Vec<Stored>,
        duplicates: Vec<PathBuf>,
    ) -> anyhow::Result<Self> {
        let mut sorted = Self::default();
        for path in duplicates {
            let bytes = path.metadata().map_or(0, |data| data.len());
            sorted.remove(path, bytes);
        }
        for entry in entries {
            let reached = reach
                .run(&entry.input)
                .with_context(|| format!("{} could not be run", entry.path.display()))?;
            sorted.failed += usize::from(reached == Reached::Failed);
            match reached {
                Reached::New | Reached::Failed => sorted.found.kept.push(entry.path),
                Reached::Known => sorted.remove(entry.path, entry.size),
            }
        }
        Ok(sorted)
    }

    fn remove(&mut self, path: PathBuf, bytes: u64) {
        self.found.files.push(path);
        self.found.bytes += bytes;
    }
}
