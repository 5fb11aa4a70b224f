//! What a user of `cargo test` sees when known inputs fail: this test binary runs itself again,
//! with the targets below made to fail.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use shakedown::Input;

/// Set in the processes whose targets are to fail.
const FAILING: &str = "SHAKEDOWN_TEST_FAILING";

fn failing() -> bool {
    std::env::var_os(FAILING).is_some()
}

#[derive(Input)]
struct Step {
    count: u8,
}

#[shakedown::fuzz(seeds = [("seed", vec![Step { count: 3 }])], timeout = "100ms")]
fn fails(how: &str, steps: Vec<Step>) {
    if !failing() {
        return;
    }
    match how {
        "panic" => panic!("after {} steps", steps[0].count),
        "abort" => std::process::abort(),
        "overflow" => assert_eq!(endless(1), 0),
        "hang" => loop {
            std::thread::park();
        },
        _ => {}
    }
}

#[expect(unconditional_recursion, reason = "to overflow the stack")]
fn endless(depth: u64) -> u64 {
    let page = std::hint::black_box([depth; 512]);
    endless(depth + 1) + page[0]
}

/// A package folder that is removed in the end.
struct Package(PathBuf);

impl Package {
    fn with(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = format!("shakedown-{name}-{}", std::process::id());
        let package = Self(std::env::temp_dir().join(folder));
        let folder = package.0.join("testdata/fuzz/fails");
        fs::create_dir_all(&folder).expect("a temporary folder");
        for (name, content) in files {
            fs::write(folder.join(name), content).expect("a temporary file");
        }
        package
    }

    /// Runs the target in its own process, as `cargo test` does.
    fn test(&self) -> Output {
        Command::new(std::env::current_exe().expect("this test binary"))
            .args(["--exact", "fails::fuzz"])
            .env("CARGO_MANIFEST_DIR", &self.0)
            .env("RUST_BACKTRACE", "0")
            .env(FAILING, "1")
            .output()
            .expect("a process")
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn contains(text: &str, part: &str) {
    assert!(text.contains(part), "no {part:?} in:\n{text}");
}

#[test]
fn inputs_that_pass_are_silent() {
    let fine = "shakedown v1\nhow: \"fine\"\nsteps: []\n";
    let output = Package::with("fine", &[("1", fine)]).test();
    assert!(output.status.success());
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn every_failing_file_is_named() {
    let panic = "shakedown v1\nhow: \"panic\"\nsteps: [Step { count: 7 }]\n";
    let malformed = "shakedown v1\nhow: \"panic\"\nsteps: [Step { count: 700 }]\n";
    let files = [("malformed", malformed), ("panic1", panic), ("panic2", panic)];
    let output = Package::with("named", &files).test();
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(101), "{shown}");
    contains(&shown, "3 known inputs of the target `fails` failed");
    contains(&shown, "testdata/fuzz/fails/malformed:3:");
    contains(&shown, "\n  testdata/fuzz/fails/panic1\n    panicked at ");
    contains(&shown, "replay.rs:");
    contains(
        &shown,
        ": after 7 steps\n      how: \"panic\"\n      steps: [Step { count: 7 }]\n    \
         as a test: fails(\"panic\", vec![Step { count: 7 }])\n    to see it alone:",
    );
    contains(&shown, "to see it alone: cargo shakedown replay -p ");
    contains(&shown, "/testdata/fuzz/fails/panic2\n");
}

#[test]
fn one_argument_of_another_name_is_read_and_told() {
    let renamed = "shakedown v1\nhowever: \"\"\nsteps: []\n";
    let package = Package::with("renamed", &[("1", renamed)]);
    let output = package.test();
    assert!(output.status.success(), "{}", text(&output.stdout));
    let warning = "warning: testdata/fuzz/fails/1:2:1: `however` is read as `how`";
    contains(&text(&output.stderr), warning);
}

#[test]
fn arguments_that_the_target_does_not_have_are_a_failure() {
    let unknown = "shakedown v1\nhow: \"\"\nsteps: []\nspeed: 3\n";
    let package = Package::with("unknown", &[("1", unknown), ("2", "shakedown v1\nsteps: []\n")]);
    let output = package.test();
    assert!(!output.status.success());
    let shown = text(&output.stdout);
    contains(&shown, "fails/1:4:1: the target has no argument `speed`, only `how`, `steps`: ");
    contains(&shown, "fails/2:3:1: the argument `how` is missing: ");
}

#[test]
fn an_input_of_a_sequence_that_ends_the_process_is_named_by_its_number() {
    let sequence =
        ["fine", "abort", "fine"].map(|how| format!("how: {how:?}\nsteps: []\n")).join("---\n");
    let sequence = format!("shakedown sequence v1\n{sequence}");
    let output = Package::with("sequence", &[("deadly.sequence", &sequence)]).test();
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), None, "it ends by a signal:\n{shown}");
    contains(&shown, "ran input 2 of 3 in testdata/fuzz/fails/deadly.sequence\n");
}

/// The end of a process is no time for a report, so the one input is named on the error output.
#[test]
fn an_input_that_ends_the_process_is_named() {
    for how in ["abort", "overflow", "hang"] {
        let deadly = format!("shakedown v1\nhow: {how:?}\nsteps: []\n");
        let output = Package::with(how, &[("deadly", &deadly)]).test();
        let shown = text(&output.stderr);
        assert_eq!(output.status.code(), None, "{how} ends by a signal:\n{shown}");
        contains(&shown, "target `fails`");
        contains(&shown, "testdata/fuzz/fails/deadly\n");
        contains(&shown, "to see it alone: cargo shakedown replay -p ");
        match how {
            "hang" => contains(&shown, "it runs for longer than 100ms, the timeout"),
            "overflow" => contains(&shown, "overflowed its stack"),
            _ => {}
        }
    }
}
