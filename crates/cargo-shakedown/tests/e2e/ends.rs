//! Every way in which an execution can end, and what becomes of it.

use crate::project::{Project, Run};

/// What the inputs of `every_end` that fail are to be reported as, sorted.
const KINDS: [&str; 11] = [
    "abort",
    "error",
    "exit",
    "exit",
    "exit",
    "exit",
    "out-of-memory",
    "panic",
    "signal",
    "stack-overflow",
    "timeout",
];

/// Low limits, so that the ends that are noticed from outside are noticed soon; but with time
/// enough to use up the memory on a machine that is busy.
const LIMITS: [&str; 2] = ["--timeout=2s", "--memory-limit=200MiB"];

fn fuzz(project: &Project, target: &str, more: &[&str]) -> Run {
    let args = ["fuzz", target, "--json", "--seed=1"];
    project.shakedown(&[&args[..], &LIMITS, more].concat())
}

/// A project where the inputs 0 to 12 of `every_end` are known: each end, and two that pass.
fn every_end() -> Project {
    let project = Project::copy("ends");
    for byte in 0..=12 {
        let text = format!("shakedown v1\nbyte: {byte}\n");
        project.write(format!("testdata/fuzz/every_end/{byte:02}"), text);
    }
    project
}

#[test]
fn every_kind_of_end_is_one_finding_and_the_campaign_goes_on() {
    for jobs in ["--jobs=1", "--jobs=2"] {
        let project = every_end();
        let run = fuzz(&project, "every_end", &[jobs, "--execs=13"]).exits(1);
        assert_eq!(run.kinds(), KINDS, "{}", run.stdout);
        assert_eq!((run.number("execs"), run.number("entries")), (13, 2));
        for finding in run.of_type("finding") {
            assert_eq!(finding["status"], "reproducible", "{finding}");
        }
        project.check_no_process_is_left();
    }
}

#[test]
fn making_a_backtrace_does_not_count_as_execution_time() {
    let project = Project::copy("ends");
    for (byte, kind) in [(1, "panic"), (10, "timeout")] {
        let text = format!("shakedown v1\nbyte: {byte}\n");
        project.write("testdata/fuzz/every_end/only", text);
        let run = project.shakedown(&[
            "fuzz",
            "every_end",
            "--json",
            "--jobs=1",
            "--execs=1",
            "--timeout=200ms",
        ]);
        let run = run.exits(1);
        assert_eq!(run.kinds(), [kind]);
        assert_eq!(run.of_type("finding")[0]["status"], "reproducible");
    }
}

#[test]
fn failing_seeds_are_reported_but_not_written() {
    let project = every_end();
    let before = project.testdata("every_end");
    let run = fuzz(&project, "every_end", &["--jobs=2", "--execs=13"]).exits(1);
    assert_eq!(project.testdata("every_end"), before);
    for finding in run.of_type("finding") {
        let file = finding["file"].as_str().expect("the file of the seed");
        assert!(before.iter().any(|seed| seed.to_str() == Some(file)), "{finding}");
    }
    let run = fuzz(&project, "bad_seed", &["--jobs=1", "--execs=2"]).exits(1);
    let findings = run.of_type("finding");
    assert_eq!(findings.len(), 1);
    assert!(findings[0]["file"].is_null() && project.testdata("bad_seed").is_empty());
}

#[test]
fn a_failing_cached_entry_is_a_new_finding_and_is_written() {
    let project = Project::copy("ends");
    fuzz(&project, "long_texts", &["--jobs=1", "--execs=1"]).exits(0);
    let folder = files_below(&project, "long_texts");
    std::fs::write(folder.join("long"), "abcdefghijklmnopqrst").expect("the cache is there");
    let run = fuzz(&project, "long_texts", &["--jobs=1", "--execs=2"]).exits(1);
    let findings = project.testdata("long_texts");
    assert_eq!(findings.len(), 1, "{}", run.stdout);
    assert_eq!(std::fs::read(&findings[0]).expect("it is there").len(), 10);
}

/// The folder of the cached entries of a target, made if need be.
fn files_below(project: &Project, target: &str) -> std::path::PathBuf {
    let path = project.shakedown(&["corpus", "stats", target, "--json"]).exits(0);
    let stats = path.json().pop().expect("one target");
    let folder = stats["cache"].as_str().unwrap_or_else(|| panic!("{stats}"));
    std::fs::create_dir_all(folder).expect("the cache can be made");
    folder.into()
}

#[test]
fn threads_exits_elsewhere_and_odd_payloads_are_told_apart() {
    let project = Project::copy("ends");
    for byte in 0..=5 {
        let text = format!("shakedown v1\nbyte: {byte}\n");
        project.write(format!("testdata/fuzz/threads/{byte}"), text);
    }
    let run = fuzz(&project, "threads", &["--jobs=1", "--execs=6"]).exits(1);
    assert_eq!(run.kinds(), ["exit", "panic", "panic"], "{}", run.stdout);
    assert_eq!((run.number("execs"), run.number("rejected")), (6, 1));
}

#[test]
fn the_same_failure_is_counted_and_not_reported_again() {
    let project = Project::copy("ends");
    let run = fuzz(&project, "long_texts", &["--jobs=2", "--execs=20000"]).exits(1);
    assert_eq!(run.kinds(), ["panic"]);
    assert_eq!((run.number("findings"), run.number("execs")), (1, 20_000));
    let run = fuzz(&project, "long_texts", &["--jobs=2", "--execs=20000", "--fail-fast"]).exits(1);
    assert!(run.number("execs") < 20_000);
}

#[test]
fn a_huge_allocation_fails_at_its_place() {
    let project = Project::copy("ends");
    for byte in 0..=2 {
        let text = format!("shakedown v1\nbyte: {byte}\n");
        project.write(format!("testdata/fuzz/huge_allocations/{byte}"), text);
    }
    let run = fuzz(&project, "huge_allocations", &["--jobs=1", "--execs=3"]).exits(1);
    assert_eq!(run.kinds(), ["out-of-memory"], "{}", run.stdout);
    let finding = &run.of_type("finding")[0];
    assert_eq!(finding["message"], "memory allocation of 1073741824 bytes failed");
    assert_eq!(finding["status"], "reproducible");
    let place = finding["place"].as_str().expect("a place");
    assert!(place.starts_with("src/lib.rs:"), "{place}");
}

#[test]
fn a_slow_leak_restarts_workers_and_is_no_finding() {
    let project = Project::copy("ends");
    let limit = "--memory-limit=64MiB";
    let run = project.shakedown(&["fuzz", "leaks", "--json", "--jobs=1", "--execs=1500", limit]);
    let run = run.exits(0);
    assert_eq!((run.number("execs"), run.number("damaged")), (1500, 0));
    let warnings = run.of_type("warning");
    assert_eq!(warnings.len(), 1, "told once: {warnings:?}");
    let told = warnings[0]["message"].as_str().expect("a text");
    let bytes = told.strip_prefix("leaks leaks about ").and_then(|rest| rest.split(' ').next());
    let bytes: u64 = bytes.and_then(|bytes| bytes.parse().ok()).expect("a number of bytes");
    assert!((60_000..80_000).contains(&bytes), "{told}");
}

#[test]
fn a_crash_signal_that_was_sent_ends_the_worker_too() {
    let project = Project::copy("ends");
    for byte in 0..=7 {
        let text = format!("shakedown v1\nbyte: {byte}\n");
        project.write(format!("testdata/fuzz/signals_to_itself/{byte}"), text);
    }
    let run = project.shakedown(&["fuzz", "signals_to_itself", "--json", "--jobs=2", "--execs=8"]);
    let run = run.exits(1);
    // Where in its code it was then, and so whether it is the same finding, is up to the system.
    let findings = run.of_type("finding");
    for signal in ["SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS", "SIGABRT"] {
        let says = |line: &serde_json::Value| line["message"].to_string().contains(signal);
        assert!(findings.iter().any(says), "{signal}: {}", run.stdout);
    }
    assert!(!run.stdout.contains("timeout") && !run.stdout.contains("address"), "{}", run.stdout);
    assert_eq!(run.number("entries"), 1, "only one input passes");
}

#[test]
fn a_hang_that_does_not_come_again_is_no_finding() {
    let project = Project::copy("values");
    let fuzz = ["fuzz", "hangs_once", "--json", "--seed=1", "--jobs=2", "--execs=3000"];
    let run = project.shakedown(&[&fuzz[..], &["--timeout=2s", "--fail-fast"]].concat()).exits(0);
    assert_eq!((run.number("execs"), run.number("findings"), run.number("slow")), (3000, 0, 1));
    assert!(
        run.of_type("finding").is_empty() && project.testdata("recorded::hangs_once").is_empty()
    );
    run.says("finished in time when run alone");
}

#[test]
fn a_target_that_writes_in_every_execution_is_told_of() {
    let project = Project::inline(
        "#[cfg(test)]\nmod tests {\n    #[shakedown::fuzz]\n    fn loud(data: &[u8]) { \
         println!(\"{data:?}\"); }\n    #[shakedown::fuzz]\n    fn silent(_data: &[u8]) {}\n}\n",
    );
    let warnings = |target: &str| {
        let run = project.shakedown(&["fuzz", target, "--json", "--jobs=2", "--execs=20000"]);
        run.exits(0).of_type("warning")
    };
    assert_eq!(warnings("silent").len(), 0);
    let [warning] = &warnings("loud")[..] else { panic!("told once") };
    let told = warning["message"].as_str().unwrap_or_default();
    assert!(told.contains("tests::loud writes output, logs or files"), "{told}");
}
