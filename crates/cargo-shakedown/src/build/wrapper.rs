//! This program in the role of cargo's rustc wrapper.
//!
//! Cargo runs it as `cargo-shakedown RUSTC ARGS..` for every crate; it appends the flags that the
//! crate is to have and becomes the compiler. Unlike `RUSTFLAGS` this replaces nothing that the
//! user configured, and reaches exactly the crates that it should.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use super::flags;

/// Environment variable that selects this role. Its value is the archive of [`super::stubs`].
pub(crate) const VARIABLE: &str = "SHAKEDOWN_RUSTC_WRAPPER";

/// Environment variable with the wrapper that the user had configured, called by ours.
pub(crate) const NEXT_VARIABLE: &str = "SHAKEDOWN_NEXT_RUSTC_WRAPPER";

/// Environment variable that, if set, leaves the instrumentation out.
pub(crate) const BLIND_VARIABLE: &str = "SHAKEDOWN_NO_INSTRUMENT";

/// Environment variable with the name of the sanitizer to build with.
pub(crate) const SANITIZER_VARIABLE: &str = "SHAKEDOWN_SANITIZER";

/// Environment variable about a runtime that is built apart: see [`flags::runtime_arguments`].
pub(crate) const RUNTIME_VARIABLE: &str = "SHAKEDOWN_RUNTIME";

/// Exit status where the compiler could not be run at all.
const CANNOT_RUN: u8 = 101;

/// Whether this process was started by cargo to compile a crate; then `main` calls [`run`].
#[must_use]
pub(crate) fn invoked() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Runs the compiler with the arguments of this process and those that the crate is to have.
///
/// On Unix it only returns if the compiler cannot be run; elsewhere with the compiler's status.
#[must_use]
pub(crate) fn run() -> ExitCode {
    let stubs = std::env::var_os(VARIABLE).unwrap_or_default();
    let mut args: Vec<OsString> = std::env::args_os().skip(1).collect();
    // Build scripts inherit the variable. What they compile themselves is not the user's crate.
    if std::env::var_os("CARGO_CFG_TARGET_ARCH").is_none() {
        let blind = std::env::var_os(BLIND_VARIABLE).is_some();
        let expanded = with_files_expanded(&args);
        args.extend(flags::extra_arguments(&expanded, &stubs, blind));
        if let Ok(sanitizer) = std::env::var(SANITIZER_VARIABLE) {
            args.extend(flags::sanitizer_arguments(&expanded, &sanitizer));
        }
        if let Ok(libraries) = std::env::var(RUNTIME_VARIABLE) {
            args.extend(flags::runtime_arguments(&expanded, &libraries));
        }
    }
    if let Some(next) = std::env::var_os(NEXT_VARIABLE) {
        args.insert(0, next);
    }
    let Some((program, args)) = args.split_first() else {
        eprintln!("error: {VARIABLE} is set, but there is no compiler to run");
        return ExitCode::from(CANNOT_RUN);
    };
    let mut command = Command::new(program);
    command.args(args);
    become_command(command, Path::new(program))
}

/// Replaces each `@file`, which cargo passes where a command line is too long, by its lines.
fn with_files_expanded(args: &[OsString]) -> Vec<OsString> {
    args.iter()
        .flat_map(|arg| {
            let file = arg.to_str().and_then(|arg| arg.strip_prefix('@'));
            match file.and_then(|file| std::fs::read_to_string(file).ok()) {
                Some(text) => text.lines().map(OsString::from).collect(),
                None => vec![arg.clone()],
            }
        })
        .collect()
}

#[cfg(unix)]
fn become_command(mut command: Command, program: &Path) -> ExitCode {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    eprintln!("error: cannot run `{}`: {error}", program.display());
    ExitCode::from(CANNOT_RUN)
}

#[cfg(not(unix))]
fn become_command(mut command: Command, program: &Path) -> ExitCode {
    match command.status() {
        Ok(status) => {
            ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
        }
        Err(error) => {
            eprintln!("error: cannot run `{}`: {error}", program.display());
            ExitCode::from(CANNOT_RUN)
        }
    }
}
