//! The three outputs of one campaign: whole, and with texts that mean something to their readers.

use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::report::samples::{campaign, finding};
use crate::report::{Location, Notice, Summary};

fn summary() -> Summary {
    let last = campaign().pop();
    let Some(Notice::Summary(mut summary)) = last else { panic!("not a summary: {last:?}") };
    let at = |location: Location| Location { path: Some("/w/src/lib.rs".into()), ..location };
    for finding in &mut summary.findings {
        finding.location = finding.location.take().map(at);
    }
    summary
}

/// A campaign with one finding, whose message and input are this.
fn summary_with(text: &str) -> Summary {
    let finding = FindingNotice { message: text.into(), input: text.into(), ..finding() };
    Summary { findings: vec![finding], ..summary() }
}

#[test]
fn junit_has_a_case_for_each_target_and_finding() {
    insta::assert_snapshot!(junit(&summary()));
}

#[test]
fn sarif_has_a_result_for_each_finding() {
    insta::assert_snapshot!(sarif(&summary(), Path::new("/w")));
}

#[test]
fn github_gets_commands_and_a_page() {
    let text =
        format!("{}\n{}", annotations(&summary(), Path::new("/w")), step_summary(&summary()));
    insta::assert_snapshot!(text);
}

#[test]
fn text_of_a_target_stays_text_in_xml() {
    let xml = junit(&summary_with("]]></failure>\n\"&\u{1b}\u{fffe}\u{202e}"));
    assert_eq!(xml.matches("</failure>").count(), 1, "{xml}");
    assert!(xml.contains("message=\"]]&gt;&lt;/failure&gt;\""), "{xml}");
    assert!(xml.contains("\n&quot;&amp;\\u{1b}\u{fffd}\\u{202e}\n"), "{xml}");
}

#[test]
fn text_of_a_target_stays_text_on_github() {
    let summary = summary_with("50%\n::error::no\n````\n<b>");
    let log = annotations(&summary, Path::new("/elsewhere"));
    let errors = log.lines().filter(|line| line.starts_with("::error"));
    assert_eq!(errors.count(), 1, "{log}");
    assert!(log.contains("::50%25%0A::error::no%0A"), "{log}");
    let page = step_summary(&summary);
    assert_eq!(page.lines().filter(|line| *line == "`````").count(), 1, "{page}");
}

#[test]
fn a_page_is_never_too_large_for_github() {
    let summary = Summary { findings: vec![finding(); 10_000], ..summary() };
    let page = step_summary(&summary);
    assert!(page.len() < 1 << 20 && page.ends_with("Further findings are in the log.\n"));
}

#[test]
fn a_finding_is_shown_in_the_repository_or_nowhere() {
    let spot = |location: Option<&str>, file: Option<&str>, root: &str| {
        let location = location.map(|path| Location {
            path: Some(path.into()),
            ..Location::parse("lib.rs:42:9").expect("a place")
        });
        let file = file.map(PathBuf::from);
        let spot = spot(&FindingNotice { location, file, ..finding() }, Path::new(root));
        spot.map(|spot| (spot.file.to_str().expect("text").to_owned(), spot.position))
    };
    let at = |file: &str, position| Some((file.to_owned(), position));
    let ours = spot(Some("/w/src/lib.rs"), Some("/w/testdata/a"), "/w");
    assert_eq!(ours, at("src/lib.rs", Some((42, 9))));
    let foreign = spot(Some("/registry/lib.rs"), Some("/w/testdata/a"), "/w");
    assert_eq!(foreign, at("testdata/a", None));
    let known = at("testdata/fuzz/tests.round_trips/known", None);
    assert_eq!(spot(None, None, "/w"), known);
    assert_eq!(spot(Some("/w/src/lib.rs"), Some("/w/testdata/a"), "/v"), None);
}

#[test]
fn rules_and_paths_of_sarif_are_for_machines() {
    let mut summary = summary_with("text");
    summary.findings[0].location = None;
    summary.findings[0].file = Some("/w/a b/ü".into());
    let report: Value = serde_json::from_str(&sarif(&summary, Path::new("/w"))).expect("JSON");
    let run = &report["runs"][0];
    let place = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%BC");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let is_rule = |rule: &&Value| rule["id"] == run["results"][0]["ruleId"];
    assert_eq!(rules.iter().filter(is_rule).count(), 1);
}
