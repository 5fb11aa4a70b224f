//! `cargo shakedown replay`: runs inputs once each, every one in a fresh worker if the one before
//! was its end, and shows exactly what happens. The inputs of a sequence run in one worker.

use std::path::{Path, PathBuf};

use anyhow::Context;
use shakedown_core::failure::Failure;
use shakedown_core::literal;
use shakedown_core::testdata::Role;
use shakedown_core::wire::Outcome;

use super::output::Output;
use super::single::{Single, headline, interrupted};
use crate::report::{self, Paint, Screen, value_lines};
use crate::select::{self, Selection};
use crate::worker::{Limits, value};

/// What `replay` is to do.
#[derive(Debug)]
pub(crate) struct ReplayOptions {
    /// The target.
    pub target: Selection,
    /// Files, and folders of files.
    pub files: Vec<PathBuf>,
    /// Limits of the worker.
    pub limits: Limits,
}

pub(super) fn run(options: ReplayOptions, out: &mut Output) -> anyhow::Result<u8> {
    let files = expand(&options.files)?;
    let target = select::target(&options.target)?;
    let mut single = Single::open(&target, files, options.limits, true)?;
    let paint = Paint::new(Screen::of_stdout().colors);
    let mut failed = false;
    for (inputs, file) in std::mem::take(&mut single.files) {
        if single.is_hurried() {
            return Err(interrupted());
        }
        failed |= replay(&mut single, &inputs, &file, paint, out)?;
    }
    single.session.stop(&mut |_| {});
    Ok(u8::from(failed))
}

/// Runs the inputs of a file, and shows what came of each that failed, or of the last one. Whether
/// any failed.
fn replay(
    single: &mut Single,
    inputs: &[Vec<u8>],
    file: &Path,
    paint: Paint,
    out: &mut Output,
) -> anyhow::Result<bool> {
    let outcomes = single.replay_all(inputs, file)?;
    let last = outcomes.len() - 1;
    let any_failed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_)));
    for (index, outcome) in outcomes.into_iter().enumerate() {
        let name = match inputs.len() {
            1 => file.display().to_string(),
            all => format!("{}: input {} of {all}", file.display(), index + 1),
        };
        match outcome {
            Outcome::Failed(failure) => {
                let text = literal::print_arguments(&single.schema, &inputs[index]);
                let value = value(&single.reproducer.program, &single.schema, &inputs[index]);
                show(&name, &text, value.as_deref(), &failure, paint, out);
            }
            _ if any_failed || index < last => {}
            Outcome::Passed => writeln!(out, "{name}: {}", paint.good("ok")),
            Outcome::Rejected => writeln!(out, "{name}: {}", paint.mind("rejected")),
        }
    }
    Ok(any_failed)
}

fn show(
    name: &str,
    input: &str,
    value: Option<&str>,
    failure: &Failure,
    paint: Paint,
    out: &mut Output,
) {
    let kind = paint.bad(failure.kind.name());
    writeln!(out, "{}", headline(name, &kind, failure));
    if !failure.place.is_empty() {
        writeln!(out, "  at {}", report::visible(&failure.place));
    }
    let value = value.map(value_lines).unwrap_or_default();
    report::shown_lines(input).iter().for_each(|line| writeln!(out, "    {line}"));
    value.iter().for_each(|line| writeln!(out, "  {line}"));
    for line in failure.backtrace.trim_end().lines() {
        writeln!(out, "  {}", report::visible(line));
    }
}

/// The files themselves, and those directly in folders, sorted by name.
fn expand(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            // A wrong name is reported before the build, not after it.
            path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
            files.push(path.clone());
            continue;
        }
        let listed = crate::store::folder::files(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let inputs = listed.into_iter().filter(|file| Role::of(&file.name) == Role::Input);
        files.extend(inputs.map(|file| file.path));
    }
    Ok(files)
}
