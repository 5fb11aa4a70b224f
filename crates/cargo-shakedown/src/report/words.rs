//! Everything that is said to people about a campaign: numbers, durations, lines and paragraphs.
//! Reporters arrange it.

mod files;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use shakedown_core::failure::Failure;

use super::foreign::{first_line, foreign, shown_lines, value_lines, visible};
use super::paint::Paint;
use super::{Accept, CampaignStart, FindingNotice, TargetName, TargetProgress, TargetStart};
use crate::campaign::{Phase, Silence};
pub(crate) use files::{
    coverage_not_saved, entries_lost, entry_not_saved, finding_elsewhere, finding_lost,
    finding_not_saved, oversized_entries, unreadable_entries,
};

/// Fewest executions without anything new of which something can be said.
const MIN_SILENCE: u64 = 1000;

/// The least stability with which news are more than noise.
pub(crate) const MIN_STABILITY: f64 = 0.95;

/// A path as people are shown it: from the working directory, if it is below.
#[must_use]
pub(crate) fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf))
        .unwrap_or_else(|| path.to_path_buf())
}

/// Longest call that is shown, in bytes.
const MAX_CALL: usize = 200;

/// The same as text.
fn shown_path(path: &Path) -> String {
    visible(&from_here(path).to_string_lossy())
}

/// A duration as people say it: `0.4s`, `12s`, `3m05s`, `2h07m`.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1}s", time.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// A number in at most four digits: `999`, `12.3k`, `4.56M`.
pub(super) fn short(number: f64) -> String {
    let (value, unit) = match number {
        n if n < 10_000.0 => return format!("{n:.0}"),
        n if n < 1e6 => (n / 1e3, "k"),
        n if n < 1e9 => (n / 1e6, "M"),
        n => (n / 1e9, "G"),
    };
    match value {
        v if v < 10.0 => format!("{v:.2}{unit}"),
        v if v < 100.0 => format!("{v:.1}{unit}"),
        v => format!("{v:.0}{unit}"),
    }
}

/// A number of things with a regular plural: `1 job`, `2 jobs`, `0 entries`.
#[must_use]
pub(crate) fn counted(count: usize, one: &str) -> String {
    match one.strip_suffix('y') {
        _ if count == 1 => format!("1 {one}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {one}s"),
    }
}

/// The share of stable counters, where it is worth a word; never rounded up to all of them.
pub(super) fn stability(progress: &TargetProgress) -> Option<String> {
    let stability = progress.numbers.stability;
    (stability < 1.0).then(|| format!("{:.0}%", (stability * 100.0).floor()))
}

/// What a failure is, in one sentence: it stands above the input in its file.
#[must_use]
pub(crate) fn headline(failure: &Failure) -> String {
    let message = shown_lines(&failure.message).join("\n");
    format!("{}: {message}", kind_at(failure.kind.name(), &failure.place))
}

fn kind_at(kind: &str, place: &str) -> String {
    let at = if place.is_empty() { "" } else { " at " };
    format!("{kind}{at}{}", visible(place))
}

/// A campaign begins.
pub(super) fn campaign_start(start: &CampaignStart, paint: Paint) -> String {
    let targets = match &start.targets[..] {
        [only] => only.label.clone(),
        many => counted(many.len(), "target"),
    };
    let jobs = counted(start.jobs, "job");
    format!("{} {targets}, {jobs}, seed {}", paint.good("Fuzzing"), start.seed)
}

/// What a target starts from.
pub(super) fn target_start(start: &TargetStart, paint: Paint) -> String {
    let TargetStart { target, seeds, cached, counters, replay_only, .. } = start;
    let mut line = format!(
        "{}: {}, {}, ",
        paint.strong(&target.label),
        counted(*seeds, "seed"),
        counted(*cached, "cached entry"),
    );
    line += &match counters {
        0 => "no coverage counters: searching without coverage feedback".to_owned(),
        _ => counted(*counters, "counter"),
    };
    if *replay_only {
        line += ", not affected by what changed: only these are run";
    } else if seeds + cached == 0 {
        line += " (starting from the simplest input; seeds would help)";
    }
    line
}

/// What is worth saying about a target in a status line, the most important first.
pub(super) fn progress(progress: &TargetProgress) -> Vec<String> {
    let numbers = &progress.numbers;
    let rate = short(progress.execs_per_sec);
    let mut fields = vec![
        clock(progress.elapsed),
        counted(numbers.findings, "finding"),
        format!("{} execs ({rate}/s)", short(numbers.execs as f64)),
        counted(numbers.entries, "entry"),
    ];
    if progress.phase == Phase::WarmUp {
        let (done, all) = numbers.warm_up;
        fields.push(format!("warm-up {done}/{all}"));
    }
    if numbers.investigating > 0 {
        fields.push(format!("investigating {}", numbers.investigating));
    }
    if progress.instrumented {
        fields.push(format!("last new {} ago", clock(progress.since_new)));
        fields.push(format!("{} features", numbers.features));
        fields.push(format!("{} edges", numbers.edges));
        fields.extend(stability(progress).map(|stability| format!("stability {stability}")));
    }
    fields
}

/// Everything about a finding.
pub(super) fn finding(finding: &FindingNotice, paint: Paint) -> String {
    if let Some(reason) = &finding.accepted {
        return accepted(finding, reason, paint);
    }
    let mut text = format!(
        "{} {} in {}: {}",
        paint.bad("finding:"),
        finding.kind,
        paint.strong(&finding.target.label),
        foreign(&finding.message),
    );
    details(finding, paint).iter().for_each(|line| text.extend(["\n  ", line]));
    text
}

/// Everything about a finding but what it is and where it belongs, for pages that say so elsewhere.
pub(super) fn finding_body(finding: &FindingNotice) -> String {
    let message = shown_lines(&finding.message);
    message.into_iter().chain(details(finding, Paint::new(false))).collect::<Vec<_>>().join("\n")
}

/// The lines below the headline of a finding.
fn details(finding: &FindingNotice, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    if !finding.place.is_empty() {
        lines.push(format!("at {}", visible(&finding.place_and_caller())));
    }
    lines.push(circumstances(finding));
    lines.extend(shown_lines(&finding.input).iter().map(|shown| format!("  {shown}")));
    lines.extend(finding.value.iter().flat_map(|value| value_lines(value)));
    lines.extend(finding.call.as_deref().and_then(as_test));
    if let Some(file) = &finding.file {
        let what = if finding.is_seed { "this seed already exists:" } else { "input written to" };
        lines.push(format!("{what} {}", shown_path(file)));
    }
    lines.extend(finding.reproduce.iter().map(|command| paint.dim(&visible(command))));
    lines
}

/// Another target has met a failure that was told before.
pub(super) fn same_finding(finding: &FindingNotice, first: &str, paint: Paint) -> String {
    format!("{}, as in {first}{}", finding_line(finding, paint), finding_file(finding))
}

/// A call that does the same, if it is short: cut off, it would be of no use.
pub(crate) fn as_test(call: &str) -> Option<String> {
    (call.len() <= MAX_CALL).then(|| format!("as a test: {}", visible(call)))
}

/// How a finding was met, and how surely it comes again.
fn circumstances(finding: &FindingNotice) -> String {
    let FindingNotice { status_text, found_len, len, .. } = finding;
    let execs = counted(finding.execs as usize, "execution");
    let mut text = format!("{status_text}, after {execs}, {}", clock(finding.elapsed));
    if found_len != len {
        let _ = write!(text, ", minimized from {found_len} to {len} bytes");
    }
    text
}

/// How to accept these failures.
pub(super) fn advice<'f>(
    findings: impl Iterator<Item = &'f FindingNotice>,
    paint: Paint,
) -> Option<String> {
    let line = |Accept { file, line }: &Accept| {
        format!("\n  {}: {} because <reason>", shown_path(file), visible(line))
    };
    let mut lines: Vec<_> = findings.map(|finding| line(&finding.accept)).collect();
    lines.dedup();
    let text = format!("to accept a failure for now, add its line to the file:{}", lines.concat());
    (!lines.is_empty()).then(|| paint.dim(&text))
}

/// One line about a failure that is accepted.
fn accepted(finding: &FindingNotice, reason: &str, paint: Paint) -> String {
    format!(
        "{} {}: {} ({}) because {}",
        paint.mind("accepted:"),
        finding.target.label,
        first_line(&finding.message),
        kind_at(finding.kind, &finding.place),
        foreign(reason),
    )
}

/// A smaller input has taken the place of another.
pub(super) fn replaced(finding: &FindingNotice, paint: Paint) -> String {
    let intro = paint.bad("finding:");
    let label = paint.strong(&finding.target.label);
    let size = counted(finding.len, "byte");
    let mut text = format!("{intro} a smaller input of {size} for the {} in {label}", finding.kind);
    if let Some(file) = &finding.file {
        let _ = write!(text, ", saved in {}", shown_path(file));
    }
    text
}

/// A finding in the summary, with the same failure in other targets.
pub(super) fn finding_in_short(
    finding: &FindingNotice,
    others: &[&FindingNotice],
    paint: Paint,
) -> String {
    if let Some(reason) = &finding.accepted {
        return accepted(finding, reason, paint);
    }
    let mut text = finding_line(finding, paint);
    if finding.more > 0 {
        let _ = write!(text, " and {} more like it, inputs kept in the corpus", finding.more);
    }
    if !others.is_empty() {
        let names: Vec<_> = others.iter().map(|other| other.target.label.as_str()).collect();
        let _ = write!(text, ", also in {}", names.join(", "));
    }
    text += &finding_file(finding);
    others.iter().for_each(|other| text += &finding_file(other));
    text
}

fn finding_line(finding: &FindingNotice, paint: Paint) -> String {
    format!(
        "{} {}: {} ({}, {})",
        paint.bad("finding:"),
        finding.target.label,
        first_line(&finding.message),
        kind_at(finding.kind, &finding.place_and_caller()),
        finding.status_text,
    )
}

/// A line with the file of a finding, if it has one.
fn finding_file(finding: &FindingNotice) -> String {
    finding.file.as_ref().map_or_else(String::new, |file| format!("\n  {}", shown_path(file)))
}

/// A warning.
pub(super) fn warning(message: &str, paint: Paint) -> String {
    // Not cut: it may hold what could not be saved.
    let message = visible(message.trim_end()).replace('\n', "\n    ");
    format!("{}: {message}", paint.mind("warning"))
}

/// What is being done.
pub(super) fn note(message: &str, paint: Paint) -> String {
    paint.dim(&format!("note: {}", visible(message)))
}

/// How many of all targets something has changed for.
#[must_use]
pub(crate) fn affected(count: usize, all: usize, commit: &str) -> String {
    let (what, others) = (format!("by what changed since {commit}"), "only what is known is run");
    match count {
        0 => format!("no target is affected {what}: {others}"),
        _ if count == all => format!("all targets are affected {what}"),
        _ => format!("{count} of {all} targets are affected {what}; of the others {others}"),
    }
}

/// How to look at the page from the machine that the user sits at.
#[cfg(feature = "ui")]
#[must_use]
pub(crate) fn forward(port: u16) -> String {
    format!(
        "the page is for this machine; from yours, forward it: ssh -L {port}:127.0.0.1:{port} HOST"
    )
}

/// Where the page is.
pub(super) fn page(url: &str, paint: Paint) -> String {
    format!("page: {}", paint.strong(url))
}

/// What is odd about a target in the end, and may be the reason why it found little.
pub(super) fn remarks(progress: &TargetProgress, paint: Paint) -> Vec<String> {
    let name = &progress.target.label;
    let numbers = &progress.numbers;
    let mut remarks = Vec::new();
    if let Some(stability) = stability(progress) {
        remarks.push(format!("{name}: stability {stability}"));
    }
    if numbers.execs >= 1000 && numbers.rejected * 10 > numbers.execs * 9 {
        let share = numbers.rejected * 100 / numbers.execs;
        let message = format!(
            "{name} rejected {share}% of its inputs; the search would be faster with types or \
             field attributes that rule them out"
        );
        remarks.push(warning(&message, paint));
    }
    remarks.extend(outlook(progress));
    if numbers.caught > 0 {
        let panics = counted(usize::try_from(numbers.caught).unwrap_or(usize::MAX), "panic");
        let example = first_line(&progress.caught_example);
        remarks.push(format!("{name} caught {panics} itself, which are no findings: {example}"));
    }
    remarks
}

/// A target had damaged workers, which decides the exit status.
pub(super) fn damage(progress: &TargetProgress, exit: u8, paint: Paint) -> String {
    let workers =
        counted(usize::try_from(progress.numbers.damaged).unwrap_or(usize::MAX), "worker");
    let name = &progress.target.label;
    let message = format!(
        "{name} corrupted {workers}; the search may have missed something, so the exit status is \
         {exit}"
    );
    warning(&message, paint)
}

/// Targets had no execution.
pub(super) fn unsearched(targets: &[TargetName], paint: Paint) -> Option<String> {
    let names: Vec<_> = targets.iter().map(|target| target.label.as_str()).collect();
    let message = format!(
        "not searched, for there was no time: {} (give more with --time)",
        names.join(", ")
    );
    (!names.is_empty()).then(|| warning(&message, paint))
}

/// Something that was asked for cannot be run.
pub(super) fn not_run(reason: &str, paint: Paint) -> String {
    warning(&format!("not searched: {reason}"), paint)
}

/// What a campaign came to, by the number of its findings and of failures that are accepted.
pub(super) fn verdict(findings: usize, accepted: usize, paint: Paint) -> String {
    match findings {
        0 if accepted > 0 => {
            let seen = counted(accepted, "accepted failure");
            paint.good(&format!("no new findings ({seen} seen)"))
        }
        0 => paint.good("no findings"),
        count => paint.bad(&counted(count, "finding")),
    }
}

/// The user wants an end.
#[must_use]
pub(crate) fn stopping() -> String {
    "stopping, once what is running has ended; a second ^C drops it".to_owned()
}

/// An execution has run for long.
#[must_use]
pub(crate) fn may_hang(time: Duration, timeout: Duration) -> String {
    let timeout = humantime::format_duration(timeout);
    format!("one execution has run for {} of {timeout}", clock(time))
}

/// A failure is in a file, and not reported yet.
#[must_use]
pub(crate) fn being_minimized(failure: &Failure, path: &Path) -> String {
    format!(
        "{}; making its input smaller, which is in {} so far",
        first_line(&headline(failure)),
        from_here(path).display()
    )
}

/// Why a campaign ended, if not by itself.
#[must_use]
pub(crate) fn ended(internal: Option<&str>, is_interrupted: bool) -> Option<String> {
    match internal {
        Some(reason) => Some(format!("stopped by an error: {reason}")),
        None => is_interrupted.then(|| "interrupted".to_owned()),
    }
}

/// A target has been searched as long as the user wanted.
#[must_use]
pub(crate) fn enough(target: &str, silence: Silence) -> String {
    let (time, execs) = (clock(silence.time), short(silence.execs as f64));
    format!("{target} has reached nothing new for {time} and {execs} executions: that is enough")
}

/// How little is to be expected of a target that reaches nothing new any more.
#[must_use]
pub(crate) fn outlook(progress: &TargetProgress) -> Option<String> {
    let TargetProgress { target, since_new_execs: execs, numbers, .. } = progress;
    let silence = Silence { time: progress.since_new, execs: *execs };
    let is_quiet = *execs >= MIN_SILENCE.max(numbers.execs / 4);
    let is_known = progress.instrumented && numbers.stability >= MIN_STABILITY;
    let one_in = short(1.0 / silence.discovery_bound());
    (is_quiet && is_known).then(|| {
        format!(
            "{}: nothing new in the last {} executions, so as the search goes the next one reaches \
             something new with a chance below 1 in {one_in} (95%)",
            target.label,
            short(*execs as f64)
        )
    })
}

/// What more of the same search is expected to bring.
#[must_use]
pub(crate) fn forecast(target: &str, edges: usize) -> String {
    let edges = counted(edges, "edge");
    format!("{target}: as the search goes, as many executions again bring about {edges} more")
}

/// A target cannot be fuzzed any more.
#[must_use]
pub(crate) fn stopped(target: &str, reason: &str) -> String {
    format!("stopped fuzzing {target}: {reason}")
}

/// A target leaks memory.
#[must_use]
pub(crate) fn leak(target: &str, bytes: u64) -> String {
    format!(
        "{target} leaks about {bytes} bytes per execution; its workers are restarted when they grow"
    )
}

/// A target writes in most of its executions.
#[must_use]
pub(crate) fn chatter(target: &str) -> String {
    format!(
        "{target} writes output, logs or files in most of its executions, which slows the search down"
    )
}

/// A worker was damaged; and where its last input is, or why nowhere, if it is known.
#[must_use]
pub(crate) fn damaged_worker(
    target: &str,
    reason: &str,
    saved: Option<Result<PathBuf, String>>,
) -> String {
    let input = match saved {
        Some(Ok(path)) => format!("; its last input is saved in {}", path.display()),
        Some(Err(error)) => format!("; {error}"),
        None => String::new(),
    };
    format!(
        "a worker for {target} was corrupted and has been replaced, most likely by unsafe code in \
         the target writing out of bounds: {reason}{input}"
    )
}

/// What stands above the last input of a damaged worker in its file.
#[must_use]
pub(crate) fn damaged_input(reason: &str) -> String {
    format!("the last input of a corrupted worker: {}", first_line(reason))
}
