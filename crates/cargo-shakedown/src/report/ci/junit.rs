//! JUnit's XML, as `cargo nextest` writes it, so that viewers show both as one: a package is a suite,
//! a target a case, and each finding a failure.

use std::fmt::Write;

use super::super::foreign::{first_line, visible};
use super::super::markup::{escaped, quoted};
use super::super::words::finding_body;
use super::super::{FindingNotice, Summary, TargetName, TargetProgress};

/// The class name of what cannot be run, and so has no target.
const NOT_RUN: &str = "not run";

/// One `<testcase>`.
struct Case {
    suite: String,
    name: String,
    seconds: f64,
    outcome: Outcome,
    /// What is worth knowing beside the outcome.
    output: String,
}

enum Outcome {
    Passed,
    Failed { kind: &'static str, message: String, body: String },
    Error { message: String },
}

/// The campaign as the content of a JUnit file. Accepted failures pass, and are told in the output of
/// their target.
#[must_use]
pub(crate) fn junit(summary: &Summary) -> String {
    let cases = cases(summary);
    let mut suites: Vec<&str> = Vec::new();
    for case in &cases {
        if !suites.contains(&case.suite.as_str()) {
            suites.push(&case.suite);
        }
    }
    let seconds = summary.elapsed.as_secs_f64();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<&Case> = cases.iter().collect();
    let _ = writeln!(xml, "<testsuites name=\"shakedown\" {}>", counts(&all, seconds));
    for suite in suites {
        let cases: Vec<&Case> = all.iter().copied().filter(|case| case.suite == suite).collect();
        let seconds = cases.iter().map(|case| case.seconds).sum();
        let _ = writeln!(xml, "  <testsuite name={} {}>", quoted(suite), counts(&cases, seconds));
        cases.into_iter().for_each(|case| write_case(&mut xml, case));
        xml += "  </testsuite>\n";
    }
    xml + "</testsuites>\n"
}

/// A case for every target, for each of its findings beyond the first, and for what was not run.
fn cases(summary: &Summary) -> Vec<Case> {
    let mut cases = Vec::new();
    for progress in &summary.targets {
        let is_here = |finding: &&FindingNotice| finding.target == progress.target;
        let (accepted, failing): (Vec<_>, Vec<_>) =
            summary.findings.iter().filter(is_here).partition(|finding| finding.is_accepted());
        let mut failing = failing.into_iter();
        let outcome = match failing.next() {
            Some(finding) => failed(finding),
            None if summary.unsearched.contains(&progress.target) => {
                Outcome::Error { message: "not searched: there was no time".into() }
            }
            None => Outcome::Passed,
        };
        cases.push(Case {
            seconds: progress.elapsed.as_secs_f64(),
            output: output(progress, &accepted),
            ..case(&progress.target, progress.target.target.clone(), outcome)
        });
        cases.extend(failing.map(|finding| {
            let name = format!("{}[{}]", finding.target.target, finding.key);
            case(&finding.target, name, failed(finding))
        }));
    }
    cases.extend(summary.not_run.iter().map(|reason| Case {
        suite: NOT_RUN.into(),
        name: first_line(reason),
        seconds: 0.0,
        outcome: Outcome::Error { message: visible(reason) },
        output: String::new(),
    }));
    cases
}

fn case(target: &TargetName, name: String, outcome: Outcome) -> Case {
    Case { suite: target.package.clone(), name, seconds: 0.0, outcome, output: String::new() }
}

fn failed(finding: &FindingNotice) -> Outcome {
    let message = first_line(&finding.message);
    Outcome::Failed { kind: finding.kind, message, body: finding_body(finding) }
}

/// How far the search came, and what failed but is accepted.
fn output(progress: &TargetProgress, accepted: &[&FindingNotice]) -> String {
    let numbers = &progress.numbers;
    let mut text = format!(
        "executions: {}\nentries: {}\nedges: {}\nfeatures: {}\n",
        numbers.execs, numbers.entries, numbers.edges, numbers.features
    );
    for finding in accepted {
        let reason = finding.accepted.as_deref().unwrap_or_default();
        let (message, reason) = (first_line(&finding.message), first_line(reason));
        let _ = writeln!(text, "accepted {}: {message}, because {reason}", finding.kind);
    }
    text
}

/// The attributes that a suite and all suites share.
fn counts(cases: &[&Case], seconds: f64) -> String {
    let count = |is: fn(&Outcome) -> bool| cases.iter().filter(|case| is(&case.outcome)).count();
    let failures = count(|outcome| matches!(outcome, Outcome::Failed { .. }));
    let errors = count(|outcome| matches!(outcome, Outcome::Error { .. }));
    let tests = cases.len();
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{seconds:.3}\"")
}

fn write_case(xml: &mut String, case: &Case) {
    let (name, class) = (quoted(&case.name), quoted(&case.suite));
    let seconds = case.seconds;
    let _ = writeln!(xml, "    <testcase name={name} classname={class} time=\"{seconds:.3}\">");
    let _ = match &case.outcome {
        Outcome::Passed => Ok(()),
        Outcome::Failed { kind, message, body } => {
            let (message, body) = (quoted(message), escaped(body));
            writeln!(xml, "      <failure type=\"{kind}\" message={message}>{body}</failure>")
        }
        Outcome::Error { message } => {
            writeln!(xml, "      <error type=\"not-run\" message={}/>", quoted(message))
        }
    };
    if !case.output.is_empty() {
        let _ = writeln!(xml, "      <system-out>{}</system-out>", escaped(&case.output));
    }
    *xml += "    </testcase>\n";
}
