//! `cargo shakedown corpus minimize`: the fewest and smallest entries that reach the same.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use shakedown_core::wire::Outcome;

use super::output::{Notes, Output};
use crate::report::counted;
use crate::select::{self, Selection};
use crate::store::corpus::{Corpus, NO_LIMIT, Stored};
use crate::store::exchange::{Cleanable, clean};
use crate::worker::{Done, Ended, How, Limits, Orphans, Session, Setup, Shared, greet};

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
    if greeting.counters == 0 {
        bail!("nothing tells what entries reach, for the program is not instrumented");
    }
    let corpus = Corpus::open(target.locations, greeting.schema.clone(), NO_LIMIT);
    let lock = corpus.lock()?;
    let cached = corpus.load_cache([])?;
    let mut entries = cached.entries;
    entries.sort_by(|a, b| (a.input.len(), &a.name).cmp(&(b.input.len(), &b.name)));
    let longest = entries.iter().map(|entry| entry.input.len()).max().unwrap_or(0);
    setup.capacity = setup.max_len.max(longest);
    let shared =
        Shared::new(Arc::new(setup), Arc::new(greeting.schema), greeting.counters as usize)?;
    let mut session = Session::new(shared)?;
    let sorted = Sorted::of(&mut session, entries, cached.duplicates)?;
    session.stop(&mut |_| {});
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
        counted(sorted.reached.len(), "feature"),
    );
    Ok(0)
}

/// Entries by whether they are needed.
#[derive(Default)]
struct Sorted {
    found: Cleanable,
    /// All that entries reach.
    reached: HashSet<u32>,
    failed: usize,
}

impl Sorted {
    /// Runs these entries in their order.
    fn of(
        session: &mut Session,
        entries: Vec<Stored>,
        duplicates: Vec<PathBuf>,
    ) -> anyhow::Result<Self> {
        let mut sorted = Self::default();
        for path in duplicates {
            let bytes = path.metadata().map_or(0, |data| data.len());
            sorted.remove(path, bytes);
        }
        for entry in entries {
            let is_needed = sorted
                .is_needed(session, &entry.input)
                .with_context(|| format!("{} could not be run", entry.path.display()))?;
            match is_needed {
                true => sorted.found.kept.push(entry.path),
                false => sorted.remove(entry.path, entry.size),
            }
        }
        Ok(sorted)
    }

    fn remove(&mut self, path: PathBuf, bytes: u64) {
        self.found.files.push(path);
        self.found.bytes += bytes;
    }

    /// Whether an input reaches anything that is not reached yet, or fails.
    fn is_needed(&mut self, session: &mut Session, input: &[u8]) -> anyhow::Result<bool> {
        match session.execute(input) {
            Done::Answered((executed, features)) => {
                let has_failed = matches!(executed.outcome, Outcome::Failed(_));
                self.failed += usize::from(has_failed);
                let before = self.reached.len();
                self.reached.extend(features);
                Ok(has_failed || self.reached.len() > before)
            }
            Done::Ended(Ended { how: How::Target(..) | How::Unclear(..), .. }) => {
                self.failed += 1;
                Ok(true)
            }
            Done::Ended(Ended { how: How::Lost(reason) | How::Broken(reason), .. }) => {
                bail!(reason)
            }
            Done::Ended(Ended { how: How::Damaged(damage), .. }) => bail!(damage.reason),
        }
    }
}
