//! What both sides of a campaign know: the words, the formats, and the pure logic over them.
//!
//! The runtime in a user's test binary and the coordinator in `cargo-shakedown` never depend on
//! each other; they meet in this crate and at the pipe. It has no dependencies, no unsafe code,
//! does no I/O and reads no clock, so everything in it is tested by calling it.
//!
//! Not a public interface: versions of the runtime, the macros and the command go together.

pub mod codec;
pub mod corpus_file;
pub mod describe;
pub mod dictionary;
mod domain;
pub mod failure;
pub mod features;
#[cfg(test)]
mod fuzz_targets;
pub mod go_corpus;
pub mod hints;
pub mod known;
pub mod literal;
pub mod migration;
pub mod minimize;
pub mod mutate;
pub mod rng;
pub mod schema;
pub mod sequence_file;
pub mod testdata;
#[cfg(test)]
pub(crate) mod testing;
pub mod wire;

/// Environment variable that makes a test binary serve as a worker. Its value is
/// `ID:CALLS:ANSWERS:MEMORY:MAP`: the id of the one target to serve, and the numbers of the
/// inherited descriptors: pipe of calls, pipe of answers, memory of this worker, coverage map.
pub const WORKER_VARIABLE: &str = "SHAKEDOWN_WORKER";

/// Environment variable with the number of an inherited descriptor, to which what the target prints to
/// standard output is to go; without it, it is not wanted.
pub const OUTPUT_VARIABLE: &str = "SHAKEDOWN_OUTPUT";

/// Environment variable that makes tests write the values that they hand to `shakedown::capture!`, as
/// seeds. If its value is the absolute path of a file, the path of each seed is appended to that.
pub const CAPTURE_VARIABLE: &str = "SHAKEDOWN_CAPTURE";

/// Exit status of a worker after an internal error of its own.
pub const INTERNAL_ERROR_STATUS: i32 = 70;

/// The signal by which the coordinator asks a hanging worker where it is: SIGUSR2 of the platform.
pub const QUERY_SIGNAL: i32 =
    if cfg!(any(target_os = "linux", target_os = "android")) { 12 } else { 31 };

/// Chained mutations before a worker goes back to the entry.
pub const CHAIN: u64 = 5;

/// Mark before the path of a target in a test binary, by which the command recognizes targets among
/// the tests without running any. The path ends at the next `;`, with the one after that the place of
/// the target in its source, and with a third the patterns of its `seed_files`, one a line.
pub const TARGET_MARK: &str = "\u{1}shakedown target\u{1}";

/// Name of the test that the attribute adds in the module named after the target.
pub const TEST_NAME: &str = "fuzz";
