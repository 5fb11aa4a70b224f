//! The table at the end of a campaign, its findings in short, and the verdict.

use std::fmt::Write;

use super::foreign::first_line;
use super::paint::Paint;
use super::words::{self, clock, short};
use super::{FindingNotice, Summary, TargetProgress};

const HEAD: [&str; 8] =
    ["target", "time", "execs", "execs/s", "entries", "edges", "features", "findings"];

/// The table, the findings, what is odd, and the verdict.
pub(super) fn text(summary: &Summary, paint: Paint) -> String {
    let Summary { targets, findings, .. } = summary;
    let damaged = targets.iter().filter(|target| target.numbers.damaged > 0);
    let mut text = format!("\n{}", table(summary, paint));
    let lines = once(findings).into_iter().map(|failure| match &failure[..] {
        [first, others @ ..] => words::finding_in_short(first, others, paint),
        [] => String::new(),
    });
    let news = findings.iter().filter(|finding| !finding.is_accepted());
    let lines = lines.chain(words::advice(news, paint));
    let lines = lines.chain(targets.iter().flat_map(|target| words::remarks(target, paint)));
    let lines = lines.chain(damaged.map(|target| words::damage(target, summary.exit, paint)));
    let lines = lines.chain(words::unsearched(&summary.unsearched, paint));
    let lines = lines.chain(summary.not_run.iter().map(|reason| words::not_run(reason, paint)));
    lines.for_each(|line| text.extend(["\n", &line]));

    let accepted = findings.iter().filter(|finding| FindingNotice::is_accepted(finding)).count();
    let verdict = words::verdict(findings.len() - accepted, accepted, paint);
    let ended =
        summary.ended.as_ref().map_or(String::new(), |ended| format!("{}; ", first_line(ended)));
    let _ = write!(text, "\n{ended}{verdict} in {}", clock(summary.elapsed));
    text
}

/// The findings, those together that are the same failure in several targets.
fn once(findings: &[FindingNotice]) -> Vec<Vec<&FindingNotice>> {
    let mut failures: Vec<Vec<&FindingNotice>> = Vec::new();
    for finding in findings {
        match failures.iter_mut().find(|failure| failure[0].is_same_failure(finding)) {
            Some(failure) => failure.push(finding),
            None => failures.push(vec![finding]),
        }
    }
    failures
}

fn table(summary: &Summary, paint: Paint) -> String {
    let rows: Vec<[String; 8]> = summary.targets.iter().map(row).collect();
    let widths: [usize; 8] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEAD[column].len()]).max().unwrap_or(0)
    });
    let line = |cells: [&str; 8]| {
        let mut line = format!("{:<width$}", cells[0], width = widths[0]);
        for (cell, width) in cells.iter().zip(widths).skip(1) {
            let _ = write!(line, "  {cell:>width$}");
        }
        line
    };
    let mut text = paint.strong(&line(HEAD));
    rows.iter().for_each(|row| text.extend(["\n", &line(row.each_ref().map(String::as_str))]));
    text
}

fn row(progress: &TargetProgress) -> [String; 8] {
    let numbers = &progress.numbers;
    [
        progress.target.label.clone(),
        clock(progress.elapsed),
        numbers.execs.to_string(),
        short(progress.execs_per_sec),
        numbers.entries.to_string(),
        numbers.edges.to_string(),
        numbers.features.to_string(),
        numbers.findings.to_string(),
    ]
}
