//! Coverage guides the search: counted in executions, not in seconds.

use crate::project::Project;

/// A few times what the maze takes with coverage; without, 256^8 would be needed.
const EXECS: &str = "--execs=10000000";

#[test]
fn the_maze_is_solved_with_instrumentation_and_not_without() {
    let project = Project::copy("values");
    for seed in ["--seed=1", "--seed=2", "--seed=3"] {
        let fuzz = ["fuzz", "maze", "--json", "--jobs=1", "--fail-fast", EXECS, seed];
        let guided = project.shakedown(&fuzz).exits(1);
        let finding = &guided.of_type("finding")[0];
        assert!(finding["message"].as_str().is_some_and(|text| text.contains("out of the maze")));
        let file = finding["file"].as_str().expect("it was written");
        assert_eq!(std::fs::read(file).expect("it is there"), b"deepdown");

        std::fs::remove_dir_all(project.path("testdata")).expect("it can be removed");
        std::fs::remove_dir_all(project.cache()).expect("it can be removed");
    }
    let fuzz = ["fuzz", "maze", "--json", "--jobs=1", EXECS, "--seed=1", "--no-instrument"];
    let blind = project.shakedown(&fuzz).exits(0);
    assert_eq!(blind.of_type("prepared")[0]["counters"], 0);
    assert_eq!(blind.number("execs"), 10_000_000);
    assert_eq!((blind.number("edges"), blind.number("features")), (0, 0));
}

#[test]
fn a_blind_search_says_so_and_still_finds_what_is_easy() {
    let project = Project::copy("ends");
    let run = project.shakedown(&["fuzz", "long_texts", "--execs=20000", "--no-instrument"]);
    run.exits(1).says("searching without coverage feedback").says("the text is too long");
    assert_eq!(project.testdata("long_texts").len(), 1);
}

#[test]
fn what_is_compared_is_found_without_a_dictionary() {
    let project = Project::copy("values");
    for needle in [
        "whole_string",
        "number_in_text",
        "magic_in_both_orders",
        "nested_chunks",
        "offset_integer",
        "narrow_range",
        "key_behind_a_state",
        "negative_number_in_text",
        "character",
        "bytes_plus_something",
        "product",
        "float",
        "sums_of_sums",
    ] {
        let needle = format!("needles::{needle}");
        let fuzz = ["fuzz", &needle, "--json", "--jobs=1", "--seed=1", "--execs=2000000"];
        let run = project.shakedown(&[&fuzz[..], &["--fail-fast", "--minimize-time=0s"]].concat());
        assert_eq!(run.exits(1).of_type("finding").len(), 1, "{needle}");
    }
}

#[test]
fn hints_are_tried_alike_in_every_campaign_from_one_seed() {
    let corpus = |_| {
        let project = Project::copy("values");
        let needles = ["needles::nested_chunks", "needles::number_in_text"];
        let fuzz = ["--json", "--jobs=1", "--seed=7", "--execs=20000", "--minimize-time=0s"];
        project.shakedown(&[&["fuzz"][..], &needles, &fuzz].concat());
        let read = |path: std::path::PathBuf| std::fs::read(path).expect("it is there");
        let entries = needles.map(|needle| project.entries(needle));
        entries.into_iter().flatten().map(read).collect::<Vec<_>>()
    };
    assert!(!corpus(1).is_empty());
    assert_eq!(corpus(1), corpus(2));
}
