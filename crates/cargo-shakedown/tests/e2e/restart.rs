//! What a campaign keeps for the next one with the same program.

use std::path::PathBuf;

use crate::project::{Project, Run};

/// Runs a campaign of so many executions.
fn fuzz(project: &Project, execs: u64) -> Run {
    let execs = format!("--execs={execs}");
    let args = ["fuzz", "recorded::curious", "--json", "--seed=1", "--jobs=1", &execs];
    project.shakedown(&args).exits(0)
}

/// The file with the coverage of the entries.
fn coverage_file(project: &Project) -> PathBuf {
    let entries = project.entries("recorded::curious");
    entries.first().expect("there are entries").with_file_name(".coverage")
}

fn numbers(run: &Run) -> [u64; 3] {
    ["entries", "edges", "features"].map(|name| run.number(name))
}

#[test]
fn remembered_entries_are_not_run_again() {
    let project = Project::copy("values");
    let first = numbers(&fuzz(&project, 20_000));
    let entries = project.entries("recorded::curious");
    assert!(entries.len() > 3, "{entries:?}");
    let kept = std::fs::read(coverage_file(&project)).expect("the coverage is kept");
    assert_eq!(numbers(&fuzz(&project, 1)), first, "all is remembered before the first execution");
    assert_eq!(std::fs::read(coverage_file(&project)).expect("it is there"), kept);
}

#[test]
fn without_their_coverage_the_entries_are_run() {
    let project = Project::copy("values");
    let first = numbers(&fuzz(&project, 20_000));
    for damage in ["nothing of ours", ""] {
        std::fs::write(coverage_file(&project), damage).expect("it can be written");
        let cold = numbers(&fuzz(&project, 1));
        assert!(cold[2] < first[2], "{cold:?}: nothing is believed of a damaged file");
    }
    // The entries that were not reached are not remembered, and are not forgotten.
    std::fs::remove_file(coverage_file(&project)).expect("it is there");
    assert!(numbers(&fuzz(&project, 1000))[2] >= first[2]);
}

#[test]
fn an_entry_that_went_takes_its_coverage_along() {
    let project = Project::copy("values");
    let first = numbers(&fuzz(&project, 20_000));
    for entry in project.entries("recorded::curious") {
        std::fs::remove_file(entry).expect("it is there");
    }
    let left = numbers(&fuzz(&project, 1));
    assert!(left[0] < first[0] && left[2] < first[2], "{left:?}");
}
