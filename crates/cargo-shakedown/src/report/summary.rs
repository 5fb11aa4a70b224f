//! The table at the end of a campaign.

use std::fmt::Write;

use super::paint::Paint;
use super::text::{clock, counted, known_text, short, stability};
use super::{Summary, TargetProgress, from_here};

const HEAD: [&str; 8] =
    ["target", "time", "execs", "execs/s", "entries", "edges", "features", "findings"];

/// The table, the findings in one line each, and a verdict.
pub(super) fn text(summary: &Summary, paint: Paint) -> String {
    let mut text = String::from("\n");
    table(summary, paint, &mut text);
    for finding in &summary.findings {
        if let Some(reason) = &finding.known {
            let _ = write!(text, "\n{}", known_text(finding, reason, paint));
            continue;
        }
        let message = finding.message.lines().next().unwrap_or("");
        let _ = write!(text, "\n{} {}: {} ", paint.bad("finding:"), finding.target.label, message);
        let at = if finding.place.is_empty() { "" } else { " at " };
        let _ = write!(text, "({}{at}{}, {})", finding.kind, finding.place, finding.status);
        if finding.more > 0 {
            let _ = write!(text, " and {} more like it", finding.more);
        }
        if let Some(file) = &finding.file {
            let _ = write!(text, "\n  {}", from_here(file).display());
        }
    }
    for status in &summary.targets {
        if let Some(stability) = stability(status) {
            let _ = write!(text, "\n{}: stability {stability}", status.target.label);
        }
        if status.execs >= 1000 && status.rejected * 10 > status.execs * 9 {
            let share = status.rejected * 100 / status.execs;
            let name = &status.target.label;
            let _ = write!(
                text,
                "\n{}: {name} rejected {share} % of its inputs; types or field attributes that \
                 rule them out would search faster",
                paint.mind("warning"),
            );
        }
    }
    for status in summary.targets.iter().filter(|status| status.damaged > 0) {
        let workers = counted(usize::try_from(status.damaged).unwrap_or(usize::MAX), "worker");
        let name = &status.target.label;
        let _ = write!(
            text,
            "\n{}: {name} damaged {workers}: the search may have missed something, so the exit \
             status is {}",
            paint.mind("warning"),
            summary.exit,
        );
    }
    let ended = summary.ended.as_ref().map_or(String::new(), |ended| format!("{ended}; "));
    let known = summary.findings.iter().filter(|finding| finding.is_known()).count();
    let verdict = match summary.findings.len() - known {
        0 if known > 0 => paint.good(&format!("no findings but {known} known")),
        0 => paint.good("no findings"),
        count => paint.bad(&counted(count, "finding")),
    };
    let _ = write!(text, "\n{ended}{verdict} in {}", clock(summary.elapsed));
    text
}

fn table(summary: &Summary, paint: Paint, text: &mut String) {
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
    text.push_str(&paint.strong(&line(HEAD)));
    for row in &rows {
        text.push('\n');
        text.push_str(&line(row.each_ref().map(String::as_str)));
    }
}

fn row(status: &TargetProgress) -> [String; 8] {
    [
        status.target.label.clone(),
        clock(status.elapsed),
        status.execs.to_string(),
        short(status.execs_per_sec),
        status.entries.to_string(),
        status.edges.to_string(),
        status.features.to_string(),
        status.findings.to_string(),
    ]
}
