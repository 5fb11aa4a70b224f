//! What GitHub Actions shows of a campaign: annotations at the lines that failed, and a page for the
//! step. <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write;
use std::path::Path;

use super::super::foreign::visible;
use super::super::words::{clock, finding_body, short};
use super::super::{FindingNotice, Summary, TargetName};
use super::{spot, title};

/// Most bytes of a step summary; GitHub refuses one of more than a mebibyte.
const MAX_SUMMARY: usize = 900_000;

/// Workflow commands for a step's log, one a line: findings first, since only ten of each level are
/// shown. Paths start at `root`, the repository's.
#[must_use]
pub(crate) fn annotations(summary: &Summary, root: &Path) -> String {
    let errors = failing(summary).map(|finding| error(finding, root));
    let unsearched = summary.unsearched.iter().map(unsearched);
    let not_run = summary.not_run.iter().map(|reason| warning("not searched", &visible(reason)));
    errors.chain(unsearched).chain(not_run).collect()
}

fn failing(summary: &Summary) -> impl Iterator<Item = &FindingNotice> {
    summary.findings.iter().filter(|finding| !finding.is_accepted())
}

fn error(finding: &FindingNotice, root: &Path) -> String {
    let mut properties = String::new();
    if let Some(spot) = spot(finding, root) {
        let _ = write!(properties, "file={},", property(&spot.file.to_string_lossy()));
        if let Some((line, column)) = spot.position {
            let _ = write!(properties, "line={line},col={column},");
        }
    }
    let (title, message) = (property(&title(finding)), data(&finding_body(finding)));
    format!("::error {properties}title={title}::{message}\n")
}

fn unsearched(target: &TargetName) -> String {
    warning("not searched", &format!("there was no time for {}", target.label))
}

fn warning(title: &str, message: &str) -> String {
    format!("::warning title={}::{}\n", property(title), data(message))
}

/// A text after the `::` of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The page of a step, in Markdown: a table of the targets, then every finding with its input and the
/// commands that show it again.
#[must_use]
pub(crate) fn step_summary(summary: &Summary) -> String {
    let mut page = String::from(
        "### Shakedown\n\n| target | time | execs | execs/s | edges | findings |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for progress in &summary.targets {
        let numbers = &progress.numbers;
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} | {} |",
            progress.target.label,
            clock(progress.elapsed),
            numbers.execs,
            short(progress.execs_per_sec),
            numbers.edges,
            numbers.findings,
        );
    }
    for finding in failing(summary) {
        let section = section(finding);
        if page.len() + section.len() > MAX_SUMMARY {
            page += "\nFurther findings are in the log.\n";
            break;
        }
        page += &section;
    }
    page
}

fn section(finding: &FindingNotice) -> String {
    let body = finding_body(finding);
    // A fence ends at one as long as itself.
    let longest = body.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let title = title(finding);
    format!("\n#### {title}\n\n{fence}text\n{body}\n{fence}\n")
}
