//! ^C and SIGTERM end a campaign cleanly at any moment: nothing announced is lost, and no process
//! is left behind.

use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::project::{Project, Run, Running};

fn start(project: &Project, target: &str, seed: u64) -> Running {
    let seed = format!("--seed={seed}");
    let mut running = project.start(&["fuzz", target, "--json", "--jobs=2", &seed]);
    running.wait_for(|line| line["type"] == "prepared").expect("it begins");
    running
}

/// Demands what holds however a campaign was interrupted.
#[track_caller]
fn check_clean_end(project: &Project, target: &str, run: Run) -> Run {
    let findings = run.of_type("finding");
    let status = match (findings.is_empty(), run.number("execs")) {
        (false, _) => 1,
        (true, 0) => 4,
        (true, _) => 0,
    };
    let run = run.exits(status);
    assert_eq!(run.summary()["exit"], status);
    assert_eq!(run.number("findings"), findings.len() as u64, "{}", run.stdout);
    for finding in findings {
        let file = finding["file"].as_str().unwrap_or_else(|| panic!("no file: {finding}"));
        assert!(Path::new(file).exists(), "{finding}");
    }
    let known = &run.of_type("prepared")[0];
    let known = known["seeds"].as_u64().unwrap_or(0) + known["cached"].as_u64().unwrap_or(0);
    let saved = project.entries(target).len() as u64;
    // Where there is no seed, the simplest input is an entry that is not saved.
    assert!(run.number("entries") <= saved + known.max(1), "{}", run.stdout);
    project.check_no_process_is_left();
    run
}

#[test]
fn an_interrupt_at_any_moment_ends_cleanly() {
    let project = Project::copy("ends");
    let near: Vec<u8> = vec![200; 39];
    for (number, signal) in [Signal::INT, Signal::TERM].into_iter().cycle().take(8).enumerate() {
        let _ = std::fs::remove_dir_all(project.path("testdata"));
        let _ = std::fs::remove_dir_all(project.cache());
        project.write("testdata/fuzz/slow_failure/near", &near);
        let running = start(&project, "slow_failure", number as u64);
        // Moments of every kind: before the first worker is there, in the search, while findings
        // are looked into. None of them may make a difference.
        std::thread::sleep(Duration::from_millis([0, 3, 11, 40, 90, 170, 400, 900][number]));
        running.signal(signal);
        check_clean_end(&project, "slow_failure", running.finish());
    }
}

#[test]
fn an_interrupt_during_the_warm_up_ends_cleanly() {
    let project = Project::copy("ends");
    for seed in 0..=255 {
        project.write(format!("testdata/fuzz/slow/{seed}"), [seed, seed]);
    }
    let mut running = start(&project, "slow", 1);
    running.wait_for(|line| line["type"] == "status" && line["execs"] != 0).expect("it runs");
    running.signal(Signal::INT);
    let run = check_clean_end(&project, "slow", running.finish());
    assert_eq!(run.of_type("finding").len(), 0);
}

#[test]
fn an_interrupt_during_minimization_keeps_the_finding() {
    let project = Project::copy("ends");
    project.write("testdata/fuzz/slow_failure/near", [200; 39]);
    let mut running = start(&project, "slow_failure", 1);
    let found = |line: &Value| line["type"] == "status" && line["findings"] == 1;
    running.wait_for(found).expect("it finds something");
    running.signal(Signal::INT);
    let run = check_clean_end(&project, "slow_failure", running.finish());
    assert_eq!(run.of_type("finding").len(), 1);
    assert_eq!(project.testdata("slow_failure").len(), 2);
}

#[test]
fn a_second_interrupt_stops_at_once_and_still_loses_nothing() {
    let project = Project::copy("ends");
    for signal in [Signal::INT, Signal::TERM] {
        let _ = std::fs::remove_dir_all(project.path("testdata"));
        let _ = std::fs::remove_dir_all(project.cache());
        project.write("testdata/fuzz/slow_failure/near", [200; 39]);
        let mut running = start(&project, "slow_failure", 1);
        let found = |line: &Value| line["type"] == "status" && line["findings"] == 1;
        running.wait_for(found).expect("it finds something");
        running.signal(signal);
        std::thread::sleep(Duration::from_millis(20));
        running.signal(signal);
        check_clean_end(&project, "slow_failure", running.finish());
    }
}

/// Fails at once.
const OVER: &str = r#"
#[shakedown::fuzz(seeds = [SEED])]
fn over(what: u8) {
    assert_ne!(what, 1);
}
"#;

#[test]
fn signals_after_the_summary_do_not_take_its_status_back() {
    // What is not written to the page is no success.
    for (seed, said, status) in [("1", 1, 1), ("0", 0, 130)] {
        let project = Project::inline(&OVER.replace("SEED", seed));
        // Nobody reads from this pipe, so the command cannot end by itself.
        let page = project.record().join("page");
        let pipe = Command::new("mkfifo").arg(&page).status();
        assert!(pipe.is_ok_and(|status| status.success()));
        let project = project
            .with_variable("GITHUB_ACTIONS", "true")
            .with_variable("GITHUB_STEP_SUMMARY", page.to_str().expect("text"));
        let mut running = project.start(&["fuzz", "over", "--json", "--jobs=1", "--execs=1"]);
        let summary = running.wait_for(|line| line["type"] == "summary").expect("it is over");
        assert_eq!(summary["exit"], said);
        for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::INT] {
            running.signal(signal);
            std::thread::sleep(Duration::from_millis(20));
        }
        running.finish().exits(status);
    }
}

/// Hangs for good, in a worker that nobody waits for after a second signal.
const ENDLESS: &str = r#"
#[shakedown::fuzz(seeds = [1])]
fn endless(what: u8) {
    while what == 1 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}
"#;

#[test]
fn a_second_signal_ends_what_would_go_on_for_an_hour() {
    for signal in [Signal::INT, Signal::TERM] {
        let project = Project::inline(ENDLESS);
        let mut running = project.start(&["fuzz", "endless", "--json", "--jobs=1", "--timeout=1h"]);
        running.wait_for(|line| line["type"] == "status").expect("it begins");
        running.signal(signal);
        running.wait_for(|line| line["type"] == "warning").expect("it says what a second one does");
        running.signal(signal);
        let run = running.finish();
        run.says("a second ^C drops it");
        project.check_no_process_is_left();
    }
}

/// Targets that say with how many bytes they are run: one that is slow and fails on many large
/// ones, and two that fail on many and hang on some, one of them deadly.
const SINGLE: &str = r#"
use std::time::Duration;

fn say(bytes: &[u8]) {
    let record = std::path::PathBuf::from(std::env::var_os("RECORD").unwrap());
    std::fs::write(record.join(bytes.len().to_string()), "").unwrap();
}

fn hang_on_some(bytes: &[u8]) {
    while (10..20).contains(&bytes.len()) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[shakedown::fuzz]
fn slow(bytes: &[u8]) {
    say(bytes);
    std::thread::sleep(Duration::from_micros(500));
    assert!(bytes.iter().filter(|byte| **byte > 100).count() < 40, "forty large bytes");
}

#[shakedown::fuzz]
fn hanging(bytes: &[u8]) {
    say(bytes);
    hang_on_some(bytes);
    assert!(bytes.len() < 20, "twenty bytes");
}

#[shakedown::fuzz]
fn deadly(bytes: &[u8]) {
    say(bytes);
    hang_on_some(bytes);
    if bytes.len() >= 20 {
        std::process::abort();
    }
}
"#;

/// Interrupts a command for one input of a target in [`SINGLE`] once that runs with so many bytes.
fn interrupt_single(
    project: &Project,
    command: &str,
    target: &str,
    input: usize,
    awaited: Range<usize>,
) -> Run {
    project.write("input", vec![200; input]);
    let running = project.start(&[command, target, "input", "--timeout=1h"]);
    while !awaited.clone().any(|len| project.record().join(len.to_string()).exists()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    running.signal(Signal::INT);
    let run = running.finish();
    project.check_no_process_is_left();
    run
}

#[test]
fn an_interrupt_ends_what_has_come_to_nothing() {
    for command in ["replay", "minimize"] {
        let project = Project::inline(SINGLE);
        let run = interrupt_single(&project, command, "hanging", 10, 10..11);
        run.exits(2).says("error: interrupted");
    }
}

#[test]
fn an_interrupt_of_minimize_keeps_the_smallest_input_so_far() {
    for (target, awaited, least) in [("slow", 40..4000, 40), ("deadly", 10..20, 20)] {
        let project = Project::inline(SINGLE);
        let run = interrupt_single(&project, "minimize", target, 4000, awaited).exits(0);
        let written = run.stdout.lines().last().expect("the path of the result");
        let written = std::fs::read(project.path(written)).expect("it is there");
        assert!((least..4000).contains(&written.len()), "{} bytes", written.len());
        assert!(written.iter().filter(|byte| **byte > 100).count() >= 40 || target != "slow");
    }
}

#[test]
fn an_interrupt_of_minimize_ends_a_worker_that_hangs() {
    let project = Project::inline(SINGLE);
    let run = interrupt_single(&project, "minimize", "hanging", 4000, 10..20).exits(0);
    run.says("nothing smaller was found");
}
