//! `cargo shakedown capture`: runs `cargo test`, and keeps what tests hand to `shakedown::capture!` as
//! seeds.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use shakedown_core::CAPTURE_VARIABLE;

use super::output::{Notes, Output};
use crate::build::cargo;
use crate::report::{counted, from_here, visible};

/// Exit status where tests have failed.
const FAILED: u8 = 1;

/// What `capture` is to do.
#[derive(Debug)]
pub(crate) struct CaptureOptions {
    /// The arguments of `cargo test`.
    pub arguments: Vec<OsString>,
}

pub(super) fn run(options: &CaptureOptions, out: &mut Output) -> anyhow::Result<u8> {
    // Every test process appends to it.
    let list = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    let status = Command::new(cargo())
        .arg("test")
        .args(&options.arguments)
        .env(CAPTURE_VARIABLE, list.path())
        .status()
        .context("cannot run cargo")?;
    let paths = std::fs::read_to_string(list.path()).context("cannot read what was captured")?;
    let paths: BTreeSet<&str> = paths.lines().collect();
    for path in &paths {
        let path = from_here(Path::new(path));
        writeln!(out, "seed written to {}", visible(&path.to_string_lossy()));
    }
    match paths.len() {
        0 => writeln!(
            Notes,
            "no new seed: no test that was run has handed a new value to `shakedown::capture!`"
        ),
        count => writeln!(Notes, "captured {}", counted(count, "new seed")),
    }
    if !status.success() {
        writeln!(Notes, "note: `cargo test` has not passed: not all tests may have been run");
        return Ok(FAILED);
    }
    Ok(0)
}
