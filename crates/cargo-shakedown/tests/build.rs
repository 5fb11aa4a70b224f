//! Builds `fixtures/awkward` for real, and runs what comes out of it.

use std::path::Path;
use std::process::Command;

use cargo_shakedown::internals::{BuildOptions, Program, Verbosity, build};
use shakedown_core::TEST_NAME;

/// The command, which is the rustc wrapper of its builds.
const OWN: &str = env!("CARGO_BIN_EXE_cargo-shakedown");

/// Set in the process that does the work: cargo's configuration depends on the directory and the
/// environment of a process, so the test runs itself again in one of its own.
const INNER: &str = "SHAKEDOWN_TEST_INNER";

#[test]
fn the_awkward_package_builds_and_runs() {
    if std::env::var_os(INNER).is_some() {
        return check_awkward();
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/awkward");
    let mut command = Command::new(std::env::current_exe().expect("the path of this test"));
    command.args(["the_awkward_package_builds_and_runs", "--exact", "--nocapture"]);
    command.current_dir(fixture).env(INNER, "1");
    command.env("CARGO_TARGET_DIR", folder.path().join("target with spaces"));
    for other_settings in
        ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"]
    {
        command.env_remove(other_settings);
    }
    assert!(command.status().expect("this test can be run").success());
}

fn check_awkward() {
    let options = BuildOptions { verbosity: Verbosity::Quiet, ..BuildOptions::default() };
    let binaries = build(OWN.as_ref(), &options).expect("the fixture builds").programs;
    check_targets(&binaries);
    for binary in &binaries {
        check_instrumented(binary);
        for target in &binary.targets {
            run(binary, &format!("{}::{TEST_NAME}", target.id));
        }
    }
    run(&binaries[2], "is_that_of_cargo_test");
    let how = run(&binaries[1], "tests::says_how_it_was_built");
    assert!(how.contains("fuzzing: true, user flags: (true, true)"), "{how}");

    assert_eq!(build(OWN.as_ref(), &options).expect("it is still there").programs, binaries);
    let selected = BuildOptions { packages: vec!["awkward-macros".into()], ..options };
    assert!(
        build(OWN.as_ref(), &selected).is_err_and(|error| error.to_string().contains("cargo add"))
    );
}

/// Files without targets and with a harness of their own are left out; targets of the same id in
/// two binaries are kept apart.
fn check_targets(binaries: &[Program]) {
    let found: Vec<(&str, &str, Vec<&str>)> = binaries
        .iter()
        .map(|binary| {
            let targets = binary.targets.iter().map(|target| target.id.as_str()).collect();
            (binary.kind.as_str(), binary.name.as_str(), targets)
        })
        .collect();
    let expected = [
        ("bin", "awkward_tool", vec!["tests::shared"]),
        ("lib", "awkward", vec!["tests::shared", "tests::sums_commute"]),
        ("test", "environment", vec!["at_the_root"]),
    ];
    assert_eq!(found, expected);
    assert!(binaries.iter().all(|binary| binary.package == "awkward"));
}

fn check_instrumented(binary: &Program) {
    let bytes = std::fs::read(&binary.path).expect("the binary is there");
    let section = memchr::memmem::find(&bytes, b"__sancov_cntrs");
    assert!(section.is_some(), "{} has no counters", binary.name);
}

/// Runs one test of a binary, which passes, and returns what it printed.
fn run(binary: &Program, test: &str) -> String {
    let mut command = binary.command();
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    let output = command.output().expect("the binary can be run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{test}: {text}{complaints}");
    text
}
