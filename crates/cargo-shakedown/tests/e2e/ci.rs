//! What a campaign leaves for CI systems.

use crate::grammar::{self, JUNIT};
use crate::project::{Project, repository};
use crate::schema::Schema;

const TARGET: &str = r#"
#[shakedown::fuzz(seeds = ["seed"])]
fn short(text: &str) {
    assert_ne!(text, "seed", "</failure>\n::error::of the target");
}
"#;

const FUZZ: [&str; 4] = ["fuzz", "--execs=100", "--seed=1", "--jobs=1"];

#[test]
fn files_annotations_and_the_page_tell_of_a_finding() {
    let project = Project::inline(TARGET);
    let page = project.record().join("page.md");
    let project = project
        .with_variable("GITHUB_ACTIONS", "true")
        .with_variable("GITHUB_STEP_SUMMARY", page.to_str().expect("text"));
    let files = ["--junit=out/junit.xml", "--sarif=out/shakedown.sarif"];
    let run = project.shakedown(&[&FUZZ[..], &files].concat()).exits(1);
    let commands = run.stderr.lines().filter(|line| line.starts_with("::"));
    let commands: Vec<&str> = commands.collect();
    assert!(matches!(commands[..], [only] if only.starts_with("::error file=")), "{commands:?}");

    let junit = project.read("out/junit.xml");
    assert!(junit.contains("tests=\"1\" failures=\"1\" errors=\"0\""), "{junit}");
    assert_eq!(junit.matches("</failure>").count(), 1, "{junit}");
    let sarif: serde_json::Value =
        serde_json::from_str(&project.read("out/shakedown.sarif")).expect("JSON");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/lib.rs");
    assert_eq!(place["region"]["startLine"], 4);
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(page.starts_with("### Shakedown\n") && page.contains("panic in short"), "{page}");
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_the_search() {
    let project = Project::inline(TARGET);
    for path in ["--junit=src", "--sarif=Cargo.toml/sarif"] {
        let run = project.shakedown(&[&FUZZ[..], &[path]].concat()).exits(2);
        assert!(!run.says("cannot write").stderr.contains("Fuzzing"), "{path}");
    }
}

/// A target for every outcome: failures of two kinds, accepted, passed, and not searched.
const OUTCOMES: &str = r#"
#[cfg(test)]
#[shakedown::fuzz(seeds = ["one", "two"])]
fn fails(text: &str) {
    assert_ne!(text, "one", "]]></failure> & \u{0}\u{1b}[2J\u{ffff} \"it\"\nand\tmore");
    assert_ne!(text, "two", "the other one");
}

#[cfg(test)]
#[shakedown::fuzz(seeds = [true])]
fn dies(_: bool) {
    std::process::abort();
}

#[cfg(test)]
#[shakedown::fuzz(seeds = ["bad"])]
fn accepted(text: &str) {
    assert_ne!(text, "bad", "known");
}

#[cfg(test)]
#[shakedown::fuzz]
fn passes(_: bool) {}
"#;

#[test]
fn what_ci_systems_are_given_is_as_their_schemas_say() {
    let project = Project::inline(OUTCOMES);
    project.write("testdata/fuzz/accepted/known", "panic because \"it\" <is> & was\n");
    let manifest = project.read("Cargo.toml") + "\n[[test]]\nname = \"own\"\nharness = false\n";
    project.write("Cargo.toml", manifest);
    project.write("tests/own.rs", "#[shakedown::fuzz]\nfn own(_: bool) {}\nfn main() {}\n");
    let files = ["--junit=out/junit.xml", "--sarif=out/shakedown.sarif"];
    project.shakedown(&[&FUZZ[..], &files].concat()).exits(1);

    let junit = project.read("out/junit.xml");
    let junit = grammar::check(&junit, "testsuites", JUNIT);
    let count = |name: &str| junit.descendants().filter(|node| node.has_tag_name(name)).count();
    let said = |name: &str| junit.root_element().attribute(name).and_then(|n| n.parse().ok());
    assert_eq!(said("tests"), Some(count("testcase")), "{:?}", junit.input_text());
    assert_eq!([count("failure"), count("error")], [3, 1], "{}", junit.input_text());
    assert_eq!([said("failures"), said("errors")], [Some(3), Some(1)]);

    let path = repository().join("crates/cargo-shakedown/tests/schemas/sarif-2.1.0.json");
    let schema = Schema::new(&std::fs::read_to_string(path).expect("a schema"));
    let sarif = serde_json::from_str(&project.read("out/shakedown.sarif")).expect("JSON");
    schema.check(&sarif);
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let suppressed = results.iter().filter(|result| !result["suppressions"].is_null()).count();
    assert_eq!((results.len(), suppressed), (4, 1), "{sarif}");
    let mut wrong = sarif.clone();
    wrong["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(schema.error(&wrong).is_some(), "the schema is looked at");
}
