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
use shakedown_core::failure::{Failure, Kind, is_standard_place, short_place};
use shakedown_core::schema::Schema;
use shakedown_core::shape;

use crate::panics::{self, Rejected};
use crate::target::{Target, Verdict};
use inputs::Known;
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
    let accepted = inputs::load_accepted(target, package, &mut failed);
    panic_place::install();
    let watchdog = Watchdog::new(target.timeout.unwrap_or(TIMEOUT));
    std::thread::scope(|scope| {
        let _stops = watchdog.start(scope);
        for Known { origin, input } in known {
            let running = watchdog.begin(report::last_words(target.id(), &origin));
            let result = execute(target, &schema, &input);
            drop(running);
            let Err(Trouble { reason, failure }) = result else { continue };
            match failure.as_ref().and_then(|failure| accepted.reason(failure)) {
                Some(why) => report::print_accepted(&origin, &reason, why),
                None => failed.push(Failed { origin, reason }),
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
    failure: Option<Failure>,
}

impl From<String> for Trouble {
    fn from(reason: String) -> Self {
        Self { reason, failure: None }
    }
}

impl Trouble {
    fn failed(reason: String, kind: Kind, place: &str, message: &str) -> Self {
        // Of a panic in the standard library only a worker finds out who called it.
        let place = if is_standard_place(place) { "" } else { short_place(place) };
        let (place, message) = (place.to_owned(), message.to_owned());
        let failure = Failure { kind, place, message, backtrace: String::new() };
        Self { reason, failure: Some(failure) }
    }
}

/// Runs one input; what is wrong, if anything.
fn execute(target: &Target, schema: &Schema, input: &[u8]) -> Result<(), Trouble> {
    shape::check(schema, input).map_err(|error| format!("the input does not fit: {error}"))?;
    panic_place::forget();
    let mut reader = Reader::new(input);
    // The target may leave its own statics in any state; that is for its author to avoid.
    match catch_unwind(AssertUnwindSafe(|| (target.call)(&mut reader))) {
        Ok(Ok(Verdict::Passed)) => Ok(()),
        Ok(Ok(Verdict::Error(error))) => {
            let reason = format!("returned an error: {error}");
            Err(Trouble::failed(reason, Kind::Error, "", &error))
        }
        Ok(Err(corrupt)) => Err(corrupt.to_string().into()),
        Err(payload) if payload.is::<Rejected>() => Ok(()),
        Err(payload) => {
            let message = panics::message(&*payload);
            let place = panic_place::last();
            let reason = match &place {
                Some(place) => format!("panicked at {place}: {message}"),
                None => format!("panicked: {message}"),
            };
            Err(Trouble::failed(reason, Kind::Panic, &place.unwrap_or_default(), message))
        }
    }
}

#[cfg(test)]
mod tests;
