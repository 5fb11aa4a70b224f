//! `cargo shakedown findings`: the findings that are kept, how each fails now, and one of them as a
//! test in plain Rust.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde_json::json;
use shakedown_core::failure::{Failure, Kind};
use shakedown_core::known::KnownFailures;
use shakedown_core::literal::print_test;
use shakedown_core::sequence_file;
use shakedown_core::wire::Outcome;

use super::output::{Notes, Output};
use super::single::Single;
use super::{USAGE, write_failed};
use crate::report::words::{as_test, headline};
use crate::report::{from_here, shown_lines, value_lines, visible};
use crate::select::{self, Selected, Selection};
use crate::store::corpus::{Corpus, NO_LIMIT};
use crate::store::findings::{input_files, is_finding};
use crate::worker::{Limits, value};

/// Digits of a finding's name that the name of its test ends with.
const SUFFIX_LEN: usize = 8;

/// How long a finding is run to show how it fails, if the user does not say: a hang would take all of
/// its timeout each time.
const LONGEST: Duration = Duration::from_secs(1);

/// What to do with findings.
#[derive(Debug)]
pub(crate) enum FindingsCommand {
    /// All of them, a line each.
    List(ListFindingsOptions),
    /// Everything about one.
    Show(ShowFindingOptions),
}

/// What `findings list` is to do.
#[derive(Debug)]
pub(crate) struct ListFindingsOptions {
    /// The targets.
    pub targets: Selection,
    /// Write JSON instead of text.
    pub json: bool,
    /// Limits of the workers.
    pub limits: Limits,
}

/// What `findings show` is to do.
#[derive(Debug)]
pub(crate) struct ShowFindingOptions {
    /// Where to look.
    pub targets: Selection,
    /// The name of a finding or the beginning of one, or a file.
    pub finding: PathBuf,
    /// Write a test instead.
    pub as_test: bool,
    /// Limits of the worker.
    pub limits: Limits,
}

pub(super) fn run(command: FindingsCommand, out: &mut Output) -> anyhow::Result<u8> {
    match command {
        FindingsCommand::List(options) => run_list(&options, out),
        FindingsCommand::Show(options) => run_show(options, out),
    }
}

fn run_list(options: &ListFindingsOptions, out: &mut Output) -> anyhow::Result<u8> {
    let (mut status, mut any) = (0, false);
    for target in select::targets(&options.targets)? {
        let mut files = input_files(&target.locations)?;
        files.retain(|file| is_finding(file));
        if files.is_empty() || out.is_closed() {
            continue;
        }
        any = true;
        if let Err(error) = list(&target, files, options, out) {
            write_failed(&target.label, "saved", &error, options.json, out);
            status = USAGE;
        }
    }
    if !any {
        writeln!(Notes, "no findings");
    }
    Ok(status)
}

fn list(
    target: &Selected,
    files: Vec<PathBuf>,
    options: &ListFindingsOptions,
    out: &mut Output,
) -> anyhow::Result<()> {
    let limits = options.limits.clone();
    let mut single = Single::open_for(Some(LONGEST), target, files, limits, false)?;
    let known = known_failures(target, &single)?;
    if !options.json {
        writeln!(out, "{}", target.label.whole());
    }
    for (inputs, file) in std::mem::take(&mut single.files) {
        let failure = failure_of(&mut single, &inputs, &file)?;
        let reason = failure.as_ref().and_then(|failure| known.reason(failure));
        let failure = failure.clone().map(|failure| as_known(&single, failure));
        match options.json {
            true => writeln!(out, "{}", line(target, &file, failure.as_ref(), reason)),
            false => {
                let path = from_here(&file);
                let state = state(failure.as_ref(), reason);
                writeln!(out, "    {}: {state}", visible(&path.to_string_lossy()));
            }
        }
    }
    single.session.stop(&mut |_| {});
    Ok(())
}

/// The failures of a target that are accepted.
pub(super) fn known_failures(target: &Selected, single: &Single) -> anyhow::Result<KnownFailures> {
    let schema = (*single.schema).clone();
    let corpus = Corpus::open(target.locations.clone(), schema, NO_LIMIT);
    corpus.load_known().map_err(|error| anyhow!(error))
}

/// How the last of the inputs that fail does so.
pub(super) fn failure_of(
    single: &mut Single,
    inputs: &[Vec<u8>],
    file: &Path,
) -> anyhow::Result<Option<Failure>> {
    let outcomes = single.replay_all(inputs, file)?.into_iter().rev();
    let mut failures = outcomes.filter_map(|outcome| match outcome {
        Outcome::Failed(failure) => Some(failure),
        Outcome::Passed | Outcome::Rejected => None,
    });
    Ok(failures.next())
}

/// A failure with what is known of it: an execution that was ended before its own time was over may be
/// a hang, or slow.
fn as_known(single: &Single, mut failure: Failure) -> Failure {
    if let Some(own) = single.cut.filter(|_| failure.kind == Kind::Timeout) {
        let more = format!(", of the {own:?} that it may take: `--timeout {own:?}` waits for it");
        failure.message.push_str(&more);
    }
    failure
}

/// What is the matter with a finding, in one line.
fn state(failure: Option<&Failure>, accepted: Option<&str>) -> String {
    let Some(failure) = failure else { return "does not fail any more".to_owned() };
    let text = headline(failure);
    let text = text.lines().next().unwrap_or_default();
    match accepted {
        Some(reason) => format!("accepted: {text} (because {})", visible(reason)),
        None => text.to_owned(),
    }
}

fn line(
    target: &Selected,
    file: &Path,
    failure: Option<&Failure>,
    accepted: Option<&str>,
) -> serde_json::Value {
    json!({
        "type": "saved",
        "package": target.label.package,
        "target": target.label.target,
        "file": file.to_string_lossy(),
        "kind": failure.map(|failure| failure.kind.name()),
        "message": failure.map(|failure| &failure.message),
        "place": failure.map(|failure| &failure.place),
        "accepted": accepted.is_some(),
        "accepted_reason": accepted,
    })
}

fn run_show(options: ShowFindingOptions, out: &mut Output) -> anyhow::Result<u8> {
    let (target, file) = find(select::targets(&options.targets)?, &options.finding)?;
    let mut single = Single::open_for(Some(LONGEST), &target, vec![file], options.limits, false)?;
    let (inputs, file) = single.files.remove(0);
    let failure = failure_of(&mut single, &inputs, &file)?;
    let known = known_failures(&target, &single)?;
    let reason = failure.as_ref().and_then(|failure| known.reason(failure));
    let failure = failure.clone().map(|failure| as_known(&single, failure));
    let state = state(failure.as_ref(), reason);
    single.session.stop(&mut |_| {});
    match options.as_test {
        true => write_test(&target, &single, &inputs, &file, &state, out),
        false => write_finding(&target, &single, &inputs, &file, &state, out),
    }
    Ok(0)
}

fn write_finding(
    target: &Selected,
    single: &Single,
    inputs: &[Vec<u8>],
    file: &Path,
    state: &str,
    out: &mut Output,
) {
    writeln!(out, "{}", visible(&from_here(file).to_string_lossy()));
    writeln!(out, "  of {}", target.label.whole());
    writeln!(out, "  {state}");
    let text = sequence_file::print_arguments(&single.schema, inputs);
    shown_lines(&text).iter().for_each(|line| writeln!(out, "    {line}"));
    let last = inputs.last().and_then(|last| value(&target.program, &single.schema, last));
    let value = last.as_deref().map(value_lines).unwrap_or_default();
    value.iter().for_each(|line| writeln!(out, "  {line}"));
    let call = single.reproducer.call(&single.schema, inputs);
    call.as_deref().and_then(as_test).iter().for_each(|line| writeln!(out, "  {line}"));
    for command in single.reproducer.commands(Some(file)) {
        writeln!(out, "  {}", visible(&command));
    }
}

fn write_test(
    target: &Selected,
    single: &Single,
    inputs: &[Vec<u8>],
    file: &Path,
    state: &str,
    out: &mut Output,
) {
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let suffix = if is_finding(file) { &name[..SUFFIX_LEN] } else { &name };
    let module = target.label.target.rsplit_once("::");
    let place = match module {
        Some((module, _)) => format!("module `{module}`"),
        None => "the root".to_owned(),
    };
    let program = &target.program;
    writeln!(out, "// For {place} of {} `{}`: {state}", program.kind, program.name);
    let test = print_test(&single.schema, inputs, &single.reproducer.callee, suffix);
    // What was read has the shape of the arguments.
    writeln!(out, "{}", test.unwrap_or_default().trim_end());
}

/// The only file of these targets that is meant, with its target.
fn find(targets: Vec<Selected>, wanted: &Path) -> anyhow::Result<(Selected, PathBuf)> {
    let path = if wanted.is_file() { wanted.canonicalize().ok() } else { None };
    let beginning = wanted.to_string_lossy();
    let is_meant = |file: &Path| match &path {
        Some(path) => file.canonicalize().is_ok_and(|file| file == *path),
        None => file.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&*beginning)),
    };
    let mut found = Vec::new();
    for target in targets {
        let files = input_files(&target.locations)?;
        let meant = files.into_iter().filter(|file| is_meant(file));
        found.extend(meant.map(|file| (target.clone(), file)));
    }
    if found.len() > 1 {
        let paths: Vec<_> = found.iter().map(|(_, file)| from_here(file)).collect();
        let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        bail!("`{beginning}` is ambiguous: {}", paths.join(", "));
    }
    found.pop().with_context(|| {
        format!("no finding `{beginning}`; `cargo shakedown findings list` names all of them")
    })
}
