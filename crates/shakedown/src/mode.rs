//! What the test of a target does: it serves as a worker if the coordinator asks for that, else it
//! replays.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::thread;

use shakedown_core::WORKER_VARIABLE;

use crate::replay;
use crate::serve;
use crate::target::Target;

/// Where the standard library takes the stack size of new threads from.
const STACK_VARIABLE: &str = "RUST_MIN_STACK";

/// Exit status of a program whose inputs have failed, as that of a test binary.
pub(crate) const FAILED: i32 = 101;

/// The body of the test that the attribute adds.
///
/// # Panics
/// If an input fails, as tests do.
#[track_caller]
pub fn run(target: &'static Target) {
    match Mode::chosen(std::env::var_os(WORKER_VARIABLE), target.id()) {
        Mode::Worker(descriptors) => serve::serve(target, &descriptors),
        Mode::OtherWorker => {}
        Mode::Replay => replay::run(target),
    }
}

/// What a program does that is a target itself: it serves as a worker if the coordinator asks for that,
/// else it runs the inputs at `paths`, or the known ones if there are none. Returns its exit status.
///
/// Other threads have small stacks, so the target runs on the one that the program has begun with, as
/// under other fuzzers; unless `$RUST_MIN_STACK` asks for another size.
pub fn run_program(target: &'static Target, paths: Vec<PathBuf>) -> i32 {
    let body = move || run_or_replay(target, &paths);
    let ended = match std::env::var_os(STACK_VARIABLE) {
        Some(_) => thread::spawn(body).join(),
        None => catch_unwind(AssertUnwindSafe(body)),
    };
    ended.map_or(FAILED, |()| 0)
}

/// Serves as a worker if the coordinator asks for that, else runs the inputs at `paths`, or the known ones.
///
/// # Panics
/// If an input fails.
pub(crate) fn run_or_replay(target: &'static Target, paths: &[PathBuf]) {
    match paths.is_empty() || is_worker() {
        true => run(target),
        false => replay::run_paths(target, paths),
    }
}

/// The arguments of this process that may be files and folders of inputs. Options are not ours: those of
/// another fuzzer, or of the test harness.
#[must_use]
pub fn arguments() -> Vec<PathBuf> {
    let arguments = std::env::args_os().skip(1);
    let is_path = |argument: &OsString| !argument.as_encoded_bytes().starts_with(b"-");
    arguments.filter(is_path).map(PathBuf::from).collect()
}

/// Whether the coordinator has started this process.
#[must_use]
pub fn is_worker() -> bool {
    std::env::var_os(WORKER_VARIABLE).is_some()
}

#[derive(Debug, PartialEq, Eq)]
enum Mode {
    /// Serve the calls that come through these descriptors.
    Worker(String),
    /// The process was started for another target.
    OtherWorker,
    /// Run the known inputs.
    Replay,
}

impl Mode {
    /// The mode of target `id`, by the value of the worker variable: `ID:DESCRIPTORS`.
    fn chosen(variable: Option<OsString>, id: &str) -> Self {
        let Some(value) = variable else { return Self::Replay };
        let descriptors =
            value.to_str().and_then(|value| value.strip_prefix(id)?.strip_prefix(':'));
        match descriptors {
            // If the id is only the beginning of another, as `a` of `a::b`, a second colon follows.
            Some(descriptors) if !descriptors.starts_with(':') => Self::Worker(descriptors.into()),
            _ => Self::OtherWorker,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_target_serves() {
        let mode = |value: &str| Mode::chosen(Some(value.into()), "a::b");
        assert_eq!(mode("a::b:3:4:5:6"), Mode::Worker("3:4:5:6".into()));
        assert_eq!(mode("a::b::c:3:4:5:6"), Mode::OtherWorker);
        assert_eq!(mode("a::bc:3:4:5:6"), Mode::OtherWorker);
        assert_eq!(mode("a:3:4:5:6"), Mode::OtherWorker);
        assert_eq!(mode(""), Mode::OtherWorker);
        assert_eq!(Mode::chosen(None, "a::b"), Mode::Replay);
    }
}
