//! `cargo shakedown minimize`: a smaller input, or sequence of inputs, that fails in the same way.

use std::sync::Arc;

use anyhow::bail;
use shakedown_core::failure::Failure;
use shakedown_core::schema::Schema;
use shakedown_core::wire::Outcome;
use shakedown_core::{corpus_file, sequence_file};

use super::Internal;
use super::output::{Notes, Output};
use super::single::{self, Single, interrupted};
use crate::campaign::{Inquiry, Past, Status, Trouble};
use crate::cli;
use crate::investigate::{Budget, investigate};
use crate::report::counted;
use crate::report::words::headline;
use crate::select;
use crate::store::corpus::Corpus;
use crate::store::file;

/// Most executions.
const EXECS: u64 = 10_000_000;

pub(super) fn run(options: &cli::Minimize, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.build, &options.target)?;
    let mut single = Single::open(&target, vec![options.file.clone()], &options.limits, false)?;
    let (inputs, file) = single.files.remove(0);
    let name = file.display().to_string();
    let outcomes = single.replay_all(&inputs, &file)?;
    let failures: Vec<_> = outcomes.into_iter().map(failure_of).collect();
    let Some(failure) = failures.iter().flatten().last().cloned() else {
        bail!("{name} does not fail, so there is nothing to keep while making it smaller")
    };
    // The first that fails in the way of the last: what follows it is not needed.
    let is_same = |other: &Option<Failure>| other.as_ref().map(Failure::key) == Some(failure.key());
    let needed = failures.iter().take_while(|other| !is_same(other)).count() + 1;
    let inputs: Vec<Arc<[u8]>> = inputs.into_iter().take(needed).map(Arc::from).collect();
    writeln!(Notes, "{}", single::headline(&name, failure.kind.name(), &failure));
    let budget = Budget { time: options.minimize_time, execs: EXECS };
    let inquiry = Inquiry::VerifyAndMinimize;
    let session = &mut single.session;
    let result = investigate(session, inputs.clone(), failure, &Past::default(), inquiry, budget);
    match result.trouble.map(|trouble| *trouble) {
        Some(Trouble::Broken(reason)) => bail!(Internal(reason)),
        Some(Trouble::Damaged(damage)) => bail!(Internal(damage.reason)),
        None if matches!(result.status, Status::Reproducible | Status::StateDependent { .. }) => {}
        None if single.is_hurried() => return Err(interrupted()),
        None => {
            bail!("{name} does not fail every time ({}), so it is left as it is", result.status)
        }
    }
    single.session.stop(&mut |_| {});
    let is_hurried = single.is_hurried();
    let schema = single.schema;
    let smaller: Vec<_> = result.before.iter().chain([&result.input]).cloned().collect();
    writeln!(
        Notes,
        "{} before, {} after, {}",
        size(&schema, &inputs),
        size(&schema, &smaller),
        counted(result.execs as usize, "execution")
    );
    if is_hurried {
        writeln!(Notes, "interrupted: a smaller one may be possible");
    }
    if smaller == inputs && options.output.is_none() {
        writeln!(Notes, "nothing smaller was found, so nothing is written");
        writeln!(out, "{}", options.file.display());
        return Ok(0);
    }
    let comment = headline(&result.failure);
    let path = match &options.output {
        Some(path) => {
            let content = match result.before.is_empty() {
                true => corpus_file::encode(&schema, &result.input, &[&comment]),
                false => sequence_file::print(&schema, &smaller, &[&comment]).into_bytes(),
            };
            file::write(path, &content)?;
            path.clone()
        }
        None => {
            let schema = schema.as_ref().clone();
            Corpus::open(target.locations, schema, usize::MAX)
                .add_finding(&result.input, &result.before, &[comment])?
                .path
        }
    };
    writeln!(out, "{}", path.display());
    Ok(0)
}

fn failure_of(outcome: Outcome) -> Option<Failure> {
    match outcome {
        Outcome::Failed(failure) => Some(failure),
        Outcome::Passed | Outcome::Rejected => None,
    }
}

/// The size of inputs in words, as the user sees them: without the count before the only argument of
/// a raw target.
fn size(schema: &Schema, inputs: &[Arc<[u8]>]) -> String {
    let prefix = if corpus_file::is_raw(schema) { 4 } else { 0 };
    let bytes: usize = inputs.iter().map(|input| input.len() - prefix).sum();
    match inputs.len() {
        1 => format!("{bytes} bytes"),
        count => format!("{bytes} bytes in {}", counted(count, "input")),
    }
}
