//! The plain test of a target: its known inputs, run one after the other.
//!
//! A failing input does not keep the others from running; what failed is told together at the
//! end. Where an input takes the whole process down, or hangs, its name is written right then.

mod inputs;
mod panic_place;
mod report;
mod watchdog;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shakedown_core::codec::Reader;
use shakedown_core::schema::Schema;
use shakedown_core::shape;

use crate::panics::{self, Rejected};
use crate::target::{Target, Verdict};
use inputs::{Known, Origin};
use report::Failed;
use watchdog::Watchdog;

/// The longest execution, unless the target says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Runs the seeds of the attribute and the files of the target's `testdata` folder.
///
/// # Panics
/// If an input fails or cannot be read; the message names all of them.
#[track_caller]
pub(crate) fn run(target: &Target) {
    let failed = replay(target, &package_dir(target));
    if let Some(report) = report::text(target.id(), &failed) {
        panic!("{report}");
    }
}

/// The folder of the package: of the one that cargo tests now, for a binary may have moved.
fn package_dir(target: &Target) -> PathBuf {
    let now = std::env::var_os("CARGO_MANIFEST_DIR");
    now.map_or_else(|| target.manifest_dir.into(), PathBuf::from)
}

/// Runs all known inputs; those that failed.
fn replay(target: &Target, package: &Path) -> Vec<Failed> {
    // There is one record of the input being replayed in a process, so one target at a time.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);

    let schema = (target.schema)().unwrap_or_else(|error| panic!("the argument types: {error}"));
    // A dictionary that cannot be read is better told now than by the next campaign.
    let _checked = (target.dictionary)();
    let mut failed = Vec::new();
    let known = inputs::load(target, &schema, package, &mut failed);
    panic_place::install();
    let watchdog = Watchdog::new(target.timeout.unwrap_or(TIMEOUT));
    std::thread::scope(|scope| {
        let _stops = watchdog.start(scope);
        for Known { origin, inputs } in known {
            if let Err(reason) = execute_all(target, &schema, &watchdog, &origin, &inputs) {
                failed.push(Failed { origin, reason });
            }
        }
    });
    failed.sort_by(|a, b| a.origin.cmp(&b.origin));
    failed
}

/// Runs the inputs of a sequence, or the only one; what is wrong with those that fail.
fn execute_all(
    target: &Target,
    schema: &Schema,
    watchdog: &Watchdog,
    origin: &Origin,
    inputs: &[Vec<u8>],
) -> Result<(), String> {
    let mut reasons = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let position = match inputs.len() {
            1 => String::new(),
            all => format!("input {} of {all}", index + 1),
        };
        let running = watchdog.begin(report::last_words(target.id(), origin, &position));
        let result = execute(target, schema, input);
        drop(running);
        if let Err(reason) = result {
            reasons.push(match position.is_empty() {
                true => reason,
                false => format!("{position}: {reason}"),
            });
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(reasons.join("\n")) }
}

/// Runs one input; what is wrong, if anything.
fn execute(target: &Target, schema: &Schema, input: &[u8]) -> Result<(), String> {
    shape::check(schema, input).map_err(|error| format!("the input does not fit: {error}"))?;
    panic_place::forget();
    let mut reader = Reader::new(input);
    // The target may leave its own statics in any state; that is for its author to avoid.
    match catch_unwind(AssertUnwindSafe(|| (target.call)(&mut reader))) {
        Ok(Ok(Verdict::Passed)) => Ok(()),
        Ok(Ok(Verdict::Error(error))) => Err(format!("returned an error: {error}")),
        Ok(Err(corrupt)) => Err(corrupt.to_string()),
        Err(payload) if payload.is::<Rejected>() => Ok(()),
        Err(payload) => {
            let message = panics::message(&*payload);
            Err(match panic_place::last() {
                Some(place) => format!("panicked at {place}: {message}"),
                None => format!("panicked: {message}"),
            })
        }
    }
}

#[cfg(test)]
mod tests;
