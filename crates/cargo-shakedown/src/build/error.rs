//! What can go wrong while building, each in one line, with its source after it: cargo has
//! printed the details itself.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why there are no test binaries.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A program could not be started.
    #[error("cannot run `{}`", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file or directory could not be used.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// rustc did not answer questions about itself.
    #[error("`{}` does not answer as a Rust compiler does", .0.display())]
    Toolchain(PathBuf),
    /// Cargo found no usable workspace, and said why.
    #[error("cargo cannot read the workspace")]
    Workspace,
    /// There is no package with the name that the user gave.
    #[error("no package `{0}` in this workspace")]
    UnknownPackage(String),
    /// The package that the user named does not use Shakedown.
    #[error(
        "package `{0}` does not depend on shakedown; add it with `cargo add --dev shakedown -p {0}`"
    )]
    NotADependent(String),
    /// No package uses Shakedown.
    #[error(
        "no package of this workspace depends on shakedown; add it with `cargo add --dev shakedown`"
    )]
    NoDependents,
    /// The archive of callbacks was refused by rustc.
    #[error("cannot compile the coverage stubs: {0}")]
    Stubs(String),
    /// The compiler found errors, and said which.
    #[error("the tests do not build")]
    Compile,
    /// Cargo's messages make no sense.
    #[error("cannot understand the output of cargo: {0}")]
    Output(String),
    /// There is no compiler that takes unstable flags.
    #[error(
        "a sanitizer needs a nightly compiler, and none is installed: `rustup toolchain install nightly`"
    )]
    NoNightly,
    /// The crates of other fuzzers are optional, and none is enabled.
    #[error("no feature that is enabled brings a fuzzer; write one of: --features {0}")]
    NoFuzzer(String),
    /// A drop-in cannot stand in for the crate that a package names.
    #[error("`{package}` cannot stand in for {original}: {reason}")]
    StandIn {
        /// The drop-in.
        package: &'static str,
        /// The other crate, with its version if that is known.
        original: String,
        /// Why not, and what helps.
        reason: String,
    },
    /// A test binary did not list its tests.
    #[error("`{} --list` failed: {message}", path.display())]
    List {
        /// The test binary.
        path: PathBuf,
        /// Its status, and what it printed.
        message: String,
    },
    /// A test binary took too long to list its tests.
    #[error(
        "`{} --list` has not ended within {}, and was ended: does it run something before `main`?",
        path.display(), humantime::format_duration(*limit)
    )]
    ListTimeout {
        /// The test binary.
        path: PathBuf,
        /// How long it may take.
        limit: Duration,
    },
}

impl BuildError {
    /// For `map_err`: makes a [`BuildError::Spawn`].
    pub(super) fn spawn(program: &Path) -> impl FnOnce(io::Error) -> Self {
        let program = program.to_owned();
        move |source| Self::Spawn { program, source }
    }

    /// For `map_err`: makes a [`BuildError::File`].
    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { action, path, source }
    }
}
