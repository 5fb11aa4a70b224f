//! `cargo shakedown minimize`: a smaller input, or sequence of inputs, that fails in the same way.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use shakedown_core::failure::Failure;
use shakedown_core::schema::Schema;
use shakedown_core::wire::Outcome;
use shakedown_core::{corpus_file, sequence_file};

use super::Internal;
use super::output::{Notes, Output};
use super::single::{self, Single, interrupted};
use crate::campaign::{Confidence, Inquiry, Investigated, Past, Stint, Trouble};
use crate::investigate::{Budget, investigate};
use crate::report::counted;
use crate::report::words::headline;
use crate::select::{self, Selected, Selection};
use crate::store::corpus::{Corpus, NO_LIMIT};
use crate::store::file;
use crate::worker::Limits;

/// What `minimize` is to do.
#[derive(Debug)]
pub(crate) struct MinimizeOptions {
    /// The target.
    pub target: Selection,
    /// The file with the input, or with a sequence of them.
    pub file: PathBuf,
    /// Where to write the result, if not with the target's other findings.
    pub output: Option<PathBuf>,
    /// Most time and executions to spend.
    pub budget: Budget,
    /// Limits of the worker.
    pub limits: Limits,
}

pub(super) fn run(options: MinimizeOptions, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.target)?;
    let mut single = Single::open(&target, vec![options.file.clone()], options.limits, false)?;
    let (inputs, file) = single.files.remove(0);
    let (inputs, failure) = fail(&mut single, inputs, &file)?;
    let result = minimize(&mut single, &inputs, failure, &file, options.budget)?;
    single.session.stop(&mut |_| {});
    let smaller: Vec<_> = result.before.iter().chain([&result.input]).cloned().collect();
    let (before, after) = (size(&single.schema, &inputs), size(&single.schema, &smaller));
    let execs = counted(result.execs as usize, "execution");
    writeln!(Notes, "{before} before, {after} after, {execs}");
    if single.is_hurried() {
        writeln!(Notes, "interrupted: a smaller one may be possible");
    }
    let path = if smaller == inputs && options.output.is_none() {
        writeln!(Notes, "nothing smaller was found, so nothing is written");
        options.file
    } else {
        save(&target, &single.schema, &result, options.output)?
    };
    writeln!(out, "{}", path.display());
    Ok(0)
}

/// Runs the inputs; returns the first ones, up to the first that fails as the last failure, and that
/// failure.
fn fail(
    single: &mut Single,
    inputs: Vec<Vec<u8>>,
    file: &Path,
) -> anyhow::Result<(Vec<Arc<[u8]>>, Failure)> {
    let name = file.display().to_string();
    let outcomes = single.replay_all(&inputs, file)?;
    let failures: Vec<_> = outcomes.into_iter().map(failure_of).collect();
    let Some(failure) = failures.iter().flatten().last().cloned() else {
        bail!("{name} does not fail, so there is nothing to minimize")
    };
    writeln!(Notes, "{}", single::headline(&name, failure.kind.name(), &failure));
    let is_same = |other: &Option<Failure>| other.as_ref().map(Failure::key) == Some(failure.key());
    let needed = failures.iter().take_while(|other| !is_same(other)).count() + 1;
    Ok((inputs.into_iter().take(needed).map(Arc::from).collect(), failure))
}

/// Makes inputs smaller that fail every time.
fn minimize(
    single: &mut Single,
    inputs: &[Arc<[u8]>],
    failure: Failure,
    file: &Path,
    budget: Budget,
) -> anyhow::Result<Investigated> {
    let past = Past::default();
    let inquiry = Inquiry::VerifyAndMinimize;
    let (session, inputs) = (&mut single.session, inputs.to_vec());
    let mut result =
        investigate(session, inputs, failure, &past, inquiry, (budget, Stint::ALL), &mut |_, _| {});
    match result.trouble.take().map(|trouble| *trouble) {
        Some(Trouble::Broken(reason)) => bail!(Internal(reason)),
        Some(Trouble::Damaged(damage)) => bail!(Internal(damage.reason)),
        None if matches!(
            result.confidence,
            Confidence::Reproducible | Confidence::StateDependent { .. }
        ) =>
        {
            Ok(result)
        }
        None if single.is_hurried() => Err(interrupted()),
        None => bail!(
            "{} does not fail every time ({}), so it is left as it is",
            file.display(),
            result.confidence
        ),
    }
}

/// Writes the result to `output`, or to a new file with the target's other findings; returns where.
fn save(
    target: &Selected,
    schema: &Schema,
    result: &Investigated,
    output: Option<PathBuf>,
) -> anyhow::Result<PathBuf> {
    let comment = headline(&result.failure);
    let (before, input) = (&result.before, &result.input);
    let Some(path) = output else {
        let corpus = Corpus::open(target.locations.clone(), schema.clone(), NO_LIMIT);
        return Ok(corpus.add_finding(result.failure.kind, input, before, &[comment])?.path);
    };
    let content = if before.is_empty() {
        corpus_file::encode(schema, input, &[&comment])
    } else {
        let all: Vec<_> = before.iter().chain([input]).cloned().collect();
        sequence_file::print(schema, &all, &[&comment]).into_bytes()
    };
    file::write(&path, &content)?;
    Ok(path)
}

fn failure_of(outcome: Outcome) -> Option<Failure> {
    match outcome {
        Outcome::Failed(failure) => Some(failure),
        Outcome::Passed | Outcome::Rejected => None,
    }
}

/// The size of inputs in words, as the user sees them.
fn size(schema: &Schema, inputs: &[Arc<[u8]>]) -> String {
    let bytes: usize = inputs.iter().map(|input| schema.content_len(input.len())).sum();
    match inputs.len() {
        1 => format!("{bytes} bytes"),
        count => format!("{bytes} bytes in {}", counted(count, "input")),
    }
}
