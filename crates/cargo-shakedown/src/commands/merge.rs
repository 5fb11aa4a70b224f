//! `cargo shakedown corpus import --only-new`: what adds to what a corpus reaches.

use std::path::PathBuf;

use super::output::Notes;
use super::reach::{Reach, Reached};
use crate::report::counted;
use crate::select::Selected;
use crate::store::corpus::{Corpus, Stored};
use crate::store::exchange::{Everything, Imported, import};
use crate::store::lock::CacheLock;
use crate::worker::{Limits, Orphans, Setup, greet};

/// Takes the inputs in `paths` that reach what nothing reaches that is known, nor a smaller one of
/// them. Those that fail are left out.
///
/// # Errors
/// If a file cannot be read or written, or the target cannot be run.
pub(super) fn import_new(
    target: &Selected,
    limits: &Limits,
    corpus: &Corpus,
    lock: &CacheLock,
    paths: &[PathBuf],
) -> anyhow::Result<Imported> {
    let mut setup = Setup::new(target.program.clone(), &target.label.target, limits.clone());
    let _orphans = Orphans::adopt();
    let greeting = greet(&mut setup)?;
    let mut reach = Reach::start(setup, &greeting)?;
    let known = Everything::load(corpus)?;
    for input in greeting.seeds.iter().chain(known.files().flat_map(Stored::inputs)) {
        reach.run(input)?;
    }
    let mut failed = 0;
    let mut imported = import(corpus, lock, paths, |input| {
        let reached = reach.run(input)?;
        failed += usize::from(reached == Reached::Failed);
        anyhow::Ok(reached == Reached::New)
    })?;
    reach.stop();
    imported.unwanted -= failed;
    if failed > 0 {
        let failed = counted(failed, "input that fails");
        writeln!(Notes, "warning: {failed} left out: `cargo shakedown replay` tells how");
    }
    Ok(imported)
}
