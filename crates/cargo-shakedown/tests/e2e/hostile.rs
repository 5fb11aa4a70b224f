//! A worker that breaks the protocol in every way there is: the coordinator goes on or gives up,
//! says why, and neither hangs nor claims that all is well.

use crate::project::{Project, Run};

/// What happens while a batch is run, and what the user reads about it. The campaign goes on to its
/// end every time: as many executions as asked for are counted.
const DAMAGES: [(&str, &str); 18] = [
    ("random bytes", "broke the protocol"),
    ("a truncated frame, then the end", "exit status 0 outside the target"),
    ("a truncated frame, then silence", "did not answer within 10s outside the target"),
    ("silence", "did not answer within 10s outside the target"),
    ("a byte at a time", "did not answer within 10s outside the target"),
    ("an oversized length", "it announced an answer of 4294967295 bytes"),
    ("an answer to another call", "it gave the answer to another call"),
    ("executions", "executions, where it was asked for"),
    ("executions in the answer", "its answer contradicts its shared memory"),
    ("rejections", "it claims more rejected executions"),
    ("a long input", "the worker claims an input of 1099511627776 bytes"),
    ("a bad input", "the input in shared memory is damaged"),
    ("twice", "it said more than it was asked"),
    // The one or the other is noticed first.
    ("garbage, then a crash", ""),
    ("garbage in the target, then a crash", ""),
    ("another entry", "the entry in its shared memory"),
    ("execute: another answer", "it gave the answer to another call"),
    ("an internal error", "it reports an internal error: as told"),
];

fn fuzz(project: &Project, how: &str) -> Run {
    let mut command = project.command(env!("CARGO_BIN_EXE_cargo-shakedown"));
    command.args(["shakedown", "fuzz", "victim", "--json", "--jobs=2", "--execs=129", "--seed=1"]);
    command.arg("--timeout=1s").env("HOSTILE", how);
    let run = crate::project::Running::new(command).finish();
    project.check_no_process_is_left();
    assert!(!run.stderr.contains("panicked"), "{how}:\n{}", run.stderr);
    run
}

#[test]
fn a_worker_that_keeps_the_protocol_is_one() {
    for how in ["sound", "less memory"] {
        let run = fuzz(&Project::copy("hostile"), how).exits(0);
        assert_eq!((run.number("execs"), run.number("damaged")), (129, 0), "{how}");
    }
    // What is beyond the counters, and the cells of what a target observes, is not looked at.
    let run = fuzz(&Project::copy("hostile"), "features").exits(0);
    assert_eq!((run.number("edges"), run.number("features")), (100, 100 + 16_384));
}

#[test]
fn a_damaged_worker_is_replaced_told_and_never_a_success() {
    let project = Project::copy("hostile");
    for (how, reason) in DAMAGES {
        let run = fuzz(&project, how).exits(3);
        assert_eq!(run.summary()["exit"], 3, "{how}");
        assert!(run.number("damaged") > 0, "{how}: {}", run.stdout);
        assert_eq!(run.number("execs"), 129, "{how}: {}", run.stdout);
        let warnings = run.of_type("warning");
        assert_eq!(warnings.len(), 1, "{how}: {warnings:?}");
        let told = warnings[0]["message"].as_str().expect("a text");
        assert!(
            told.starts_with("a worker for victim was corrupted and has been replaced"),
            "{how}: {told}"
        );
        assert!(told.contains(reason), "{how}: {told}");
        assert_eq!(run.of_type("finding").len(), 0, "{how}: {}", run.stdout);
    }
}

#[test]
fn the_last_input_of_a_damaged_worker_is_kept() {
    let project = Project::copy("hostile");
    let run = fuzz(&project, "an oversized length").exits(3);
    let kept: Vec<_> = crate::project::files(&project.cache())
        .into_iter()
        .filter(|path| path.parent().is_some_and(|folder| folder.ends_with("victim/damaged")))
        .collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(std::fs::read(&kept[0]).expect("it is there"), b"ok");
    run.says(kept[0].to_str().expect("a readable path"));
    // It is no entry.
    let run = fuzz(&project, "sound").exits(0);
    assert_eq!(run.of_type("prepared")[0]["cached"], 0);
}

#[test]
fn damage_while_a_failure_is_looked_into_counts_as_damage() {
    let run = fuzz(&Project::copy("hostile"), "rerun: another answer").exits(3);
    assert!(run.number("damaged") > 0, "{}", run.stdout);
    assert_eq!(run.of_type("warning").len(), 1, "{}", run.stdout);
    let findings = run.of_type("finding");
    assert_eq!(findings.len(), 1, "{}", run.stdout);
    assert_eq!(findings[0]["status"], "flaky");
}

#[test]
fn a_worker_that_runs_nothing_is_not_tried_for_ever() {
    let run = fuzz(&Project::copy("hostile"), "no executions").exits(3);
    assert!(run.number("damaged") < 10, "{}", run.stdout);
    run.says("workers in a row failed before they ran anything");
}

#[test]
fn silence_in_the_target_is_a_timeout_and_a_finding_only_if_it_comes_again() {
    let run = fuzz(&Project::copy("hostile"), "silence in the target").exits(0);
    assert_eq!((run.number("findings"), run.number("damaged")), (0, 0));
    // One for each job that had a share of the executions before the other took them all.
    assert!((1..=2).contains(&run.number("slow")), "{}", run.stdout);
}

#[test]
fn a_handshake_that_fails_is_told_in_plain_words() {
    for (how, reason) in [
        ("hello: random bytes", "it broke the protocol"),
        ("hello: nothing", "ended before it was ready: exit status: 0"),
        ("hello: killed", "ended before it was ready: signal: 9 (SIGKILL)"),
        ("hello: version", "upgrade the command"),
        ("hello: counters", "it claims to have 18446744073709551615 counters"),
        ("hello: a bad seed", "seed number 1 of the attribute"),
    ] {
        fuzz(&Project::copy("hostile"), how).exits(2).says("victim").says(reason);
    }
}

#[test]
fn a_worker_killed_before_its_handshake_is_started_again() {
    let project = Project::copy("hostile");
    let run = fuzz(&project, "hello: killed once").exits(0);
    assert!(project.record().join("killed").exists());
    assert_eq!((run.number("execs"), run.of_type("warning").len()), (129, 0));
}
