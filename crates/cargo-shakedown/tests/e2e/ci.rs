//! What a campaign leaves for CI systems.

use crate::project::Project;

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
