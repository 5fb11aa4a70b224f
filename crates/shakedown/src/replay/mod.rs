//! The plain test of a target: its known inputs, run one after the other.
//!
//! A failing input does not keep the others from running; all failures are reported together at
//! the end. Where an input takes the whole process down, or hangs, its name is written right then.

mod inputs;
mod report;
mod seed_files;
mod watchdog;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use shakedown_core::failure::{Failure, Kind};
use shakedown_core::known::KnownFailures;
use shakedown_core::schema::Schema;
use shakedown_core::schema::shape;
use shakedown_core::testdata::DEFAULT_TIMEOUT;

use crate::execute::{Outcome, Stage};
use crate::panics;
use crate::target::Target;
use inputs::{Case, Failed, Origin};
use watchdog::Watchdog;

/// Runs the seeds of the attribute and the files of the target's `testdata` folder.
///
/// # Panics
/// If an input fails or cannot be read; the message names all of them.
#[track_caller]
pub(crate) fn run(target: &Target) {
    complain(target, &replay(target, &package_dir(target)));
}

/// Runs these files, and all that is in these folders.
///
/// # Panics
/// As [`run`].
#[track_caller]
pub(crate) fn run_paths(target: &Target, paths: &[PathBuf]) {
    let load = |schema: &Schema, failed: &mut Vec<Failed>| {
        (inputs::load_paths(schema, paths, failed), KnownFailures::default())
    };
    complain(target, &replay_loaded(target, load));
}

#[track_caller]
fn complain(target: &Target, failed: &[Failed]) {
    if let Some(report) = report::text(target.id(), failed) {
        // Said without a panic of ours, whose backtrace would hide that of the target.
        eprintln!("{report}");
        std::panic::resume_unwind(Box::new(report));
    }
}

/// The folder of the package: of the one that cargo tests now, for a binary may have moved.
pub(crate) fn package_dir(target: &Target) -> PathBuf {
    let now = std::env::var_os("CARGO_MANIFEST_DIR");
    now.map_or_else(|| target.manifest_dir.into(), PathBuf::from)
}

/// There is one record of the input being replayed in a process, and one of panics, so targets run
/// one at a time.
pub(crate) static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs all known inputs; those that failed.
fn replay(target: &Target, package: &Path) -> Vec<Failed> {
    replay_loaded(target, |schema, failed| {
        let mut cases = inputs::load(target, schema, package, failed);
        seed_files::load(target, schema, package, &mut cases);
        (cases, inputs::load_accepted(target, package, failed))
    })
}

/// Runs the inputs that `load` loads, with the failures that are accepted; those that failed, with
/// those that could not be loaded.
fn replay_loaded(
    target: &Target,
    load: impl FnOnce(&Schema, &mut Vec<Failed>) -> (Vec<Case>, KnownFailures),
) -> Vec<Failed> {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);

    let schema = (target.schema)().unwrap_or_else(|error| panic!("the argument types: {error}"));
    // A dictionary that cannot be read should fail now, not in the next campaign.
    let _checked = (target.dictionary)();
    let mut failed = Vec::new();
    let (cases, accepted) = load(&schema, &mut failed);
    let longest = cases.iter().flat_map(|case| &case.inputs).map(Vec::len).max();
    let mut stage = Stage::new(target, longest.unwrap_or(0))
        .unwrap_or_else(|error| panic!("no memory for the inputs: {error}"));
    panics::enter_thread();
    panics::extend_hook();
    let watchdog = Watchdog::new(target.timeout.unwrap_or(DEFAULT_TIMEOUT));
    std::thread::scope(|scope| {
        let _stops = watchdog.start(scope);
        for Case { origin, inputs } in cases {
            let troubles = execute_all(target, &mut stage, &schema, &watchdog, &origin, &inputs);
            let why = |trouble: &Trouble| accepted.reason(trouble.failure.as_ref()?);
            let whys: Option<Vec<&str>> = troubles.iter().map(why).collect();
            let reasons: Vec<_> = troubles.iter().map(|trouble| &*trouble.reason).collect();
            let reason = reasons.join("\n");
            match whys.as_deref() {
                Some([]) => {}
                Some([why, ..]) => report::print_accepted(&origin, &reason, why),
                None => {
                    let shown = troubles.into_iter().map(|trouble| trouble.shown).collect();
                    failed.push(Failed { origin, reason, shown });
                }
            }
        }
    });
    failed.sort_by(|a, b| a.origin.cmp(&b.origin));
    failed
}

/// What is wrong with an input.
struct Trouble {
    reason: String,
    /// How the target failed on it, if that was it.
    failure: Option<Box<Failure>>,
    /// As in [`Failed`].
    shown: String,
}

impl From<String> for Trouble {
    fn from(reason: String) -> Self {
        Self { reason, failure: None, shown: String::new() }
    }
}

/// Runs the inputs of a sequence, or the only one; what is wrong with those that fail.
fn execute_all(
    target: &Target,
    stage: &mut Stage<'_>,
    schema: &Schema,
    watchdog: &Watchdog,
    origin: &Origin,
    inputs: &[Vec<u8>],
) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let position = match inputs.len() {
            1 => String::new(),
            all => format!("input {} of {all}", index + 1),
        };
        let running = watchdog.begin(report::last_words(target.id(), origin, &position));
        let result = execute(stage, schema, input);
        drop(running);
        if let Err(mut trouble) = result {
            trouble.shown = report::input(target, schema, input);
            if !position.is_empty() {
                trouble.reason = format!("{position}: {}", trouble.reason);
            }
            troubles.push(trouble);
        }
    }
    troubles
}

/// Runs one input; what is wrong, if anything.
fn execute(stage: &mut Stage<'_>, schema: &Schema, input: &[u8]) -> Result<(), Trouble> {
    shape::check(schema, input).map_err(|error| format!("the input does not fit: {error}"))?;
    let mut outcome = stage.execute(input);
    // The panic of a thread may be that of another test of the process; then it does not happen
    // again.
    if stage.failed_elsewhere() {
        outcome = stage.execute(input);
    }
    match outcome.map_err(|corrupt| corrupt.to_string())? {
        Outcome::Passed | Outcome::Rejected => Ok(()),
        Outcome::Failed(failure) => {
            let Failure { kind, place, message, .. } = &*failure;
            let reason = match kind {
                Kind::Error => format!("returned an error: {message}"),
                _ if place.is_empty() => format!("panicked: {message}"),
                _ => format!("panicked at {place}: {message}"),
            };
            Err(Trouble { reason, failure: Some(failure), shown: String::new() })
        }
    }
}

#[cfg(test)]
mod tests;
