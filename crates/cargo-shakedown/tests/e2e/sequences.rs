//! Failures that depend on what the same process has run before: the inputs that it takes are
//! found, kept as one file, and fail together wherever that is replayed.

use std::path::PathBuf;

use serde_json::Value;

use crate::project::{Project, Run, contents};

fn fuzz(project: &Project, target: &str, more: &[&str]) -> Run {
    fuzz_with(project, target, 1, more)
}

fn fuzz_with(project: &Project, target: &str, jobs: u32, more: &[&str]) -> Run {
    let jobs = format!("--jobs={jobs}");
    let args = ["fuzz", target, "--json", "--seed=1", &jobs];
    project.shakedown(&[&args[..], more].concat())
}

/// The only finding of this kind, and its file, which must be the only sequence.
fn sequence(project: &Project, target: &str, run: &Run, kind: &str) -> (Value, String) {
    let mut findings = run.of_type("finding");
    findings.retain(|finding| finding["kind"] == kind);
    assert_eq!(findings.len(), 1, "{}", run.stdout);
    let files = sequences(project, target);
    assert_eq!(files.len(), 1, "{}", run.stdout);
    assert_eq!(findings[0]["file"], files[0].to_str().expect("a readable path"));
    (findings.remove(0), project.read(&files[0]))
}

fn sequences(project: &Project, target: &str) -> Vec<PathBuf> {
    let mut files = project.testdata(target);
    files.retain(|file| file.extension().is_some_and(|suffix| suffix == "sequence"));
    files
}

#[test]
fn a_death_that_needs_another_input_first_is_kept_with_it() {
    let project = Project::copy("stateful");
    let target = "aborts_on_b_after_a";
    let run = fuzz(&project, target, &["--execs=30000"]).exits(1);
    let (finding, text) = sequence(&project, target, &run, "abort");
    assert_eq!(finding["status"], "state-dependent");
    assert_eq!(finding["input"], "bytes: b\"a\"\n---\nbytes: b\"b\"");
    let field = |name: &str| finding[name].as_str().expect("a text").to_owned();
    let comment = format!("// abort at {}: {}", field("place"), field("message"));
    let inputs = "bytes: b\"a\"\n---\nbytes: b\"b\"\n";
    assert_eq!(text, format!("shakedown sequence v1\n{comment}\n{inputs}"));
    assert_eq!(run.number("execs"), 30_000);

    // The plain test dies of it, and says which input it was.
    let file = sequences(&project, target).remove(0);
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    let plain = project.cargo(&["test", "--quiet", "--lib", "aborts_on_b_after_a::fuzz"]);
    plain.exits(101).says(&format!("ran input 2 of 2 in testdata/fuzz/{target}/{name}"));

    // So does a replay, in a process that has run nothing else.
    let path = file.to_str().expect("a readable path");
    let harmless = project.path("harmless");
    std::fs::write(&harmless, "b").expect("it can be written");
    let harmless = harmless.to_str().expect("a readable path");
    let replay = project.shakedown(&["replay", target, path, harmless]).exits(1);
    replay.says(&format!("{name}: input 2 of 2: abort: ")).says("harmless: ok");

    // The next campaign knows it.
    let again = fuzz(&project, target, &["--execs=3000"]).exits(1);
    let findings = again.of_type("finding");
    assert_eq!(findings.len(), 1, "{}", again.stdout);
    assert_eq!((&findings[0]["known"], &findings[0]["file"]), (&true.into(), &path.into()));
    assert_eq!(sequences(&project, target).len(), 1);
}

#[test]
fn whichever_worker_looks_into_it_knows_what_the_other_had_run() {
    let project = Project::copy("stateful");
    let target = "aborts_on_b_after_a";
    let run = fuzz_with(&project, target, 2, &["--execs=30000"]).exits(1);
    let (finding, text) = sequence(&project, target, &run, "abort");
    assert_eq!(finding["status"], "state-dependent");
    assert!(text.ends_with("\nbytes: b\"a\"\n---\nbytes: b\"b\"\n"), "{text}");
}

#[test]
fn an_error_is_found_through_the_failures_that_have_nothing_to_do_with_it() {
    let project = Project::copy("stateful");
    let target = "errs_on_fire_once_armed";
    let run = fuzz(&project, target, &["--execs=20000"]).exits(1);
    assert_eq!(run.kinds(), ["error", "panic"], "{}", run.stdout);
    let (finding, text) = sequence(&project, target, &run, "error");
    assert_eq!(finding["status"], "state-dependent");
    let expected =
        "step: Step::Arm { code: 201 }\n_note: false\n---\nstep: Step::Fire\n_note: false\n";
    let expected = expected.replace("Step::", "");
    assert!(text.replace("Step::", "").ends_with(&expected), "{text}");
    let path = finding["file"].as_str().expect("a file");
    project.shakedown(&["replay", target, path]).exits(1).says("input 2 of 2: error: \"fired\"");

    // A longer one of somebody's own becomes the same.
    let step = |step: &str| format!("step: {step}\n_note: true\n");
    let steps = ["Wait(7)", "Arm { code: 255 }", "Wait(3)", "Arm { code: 5 }", "Fire", "Fire"];
    let steps = steps.map(step).join("---\n");
    project.write("long.sequence", format!("shakedown sequence v1\n{steps}"));
    let replay = project.shakedown(&["replay", target, "long.sequence"]).exits(1);
    let replay = replay.says("input 4 of 6: panic: an odd code").says("input 5 of 6: error: ");
    assert!(!replay.says("input 6 of 6: error: ").stdout.contains("input 3 of 6"));
    let minimize = ["minimize", target, "long.sequence", "--output=short"];
    project.shakedown(&minimize).exits(0).says("in 5 inputs before").says("in 2 inputs after");
    assert_eq!(project.read("short"), text);
}

#[test]
fn what_a_failure_leaves_behind_can_be_the_cause_of_another() {
    let project = Project::copy("stateful");
    let target = "panics_with_a_lock";
    let run = fuzz(&project, target, &["--execs=30000"]).exits(1);
    assert_eq!(run.kinds(), ["panic", "panic"], "{}", run.stdout);
    let text = project.read(&sequences(&project, target)[0]);
    assert!(text.ends_with("\nbytes: b\"p\"\n---\nbytes: b\"q\"\n"), "{text}");
    assert!(text.contains("a lock that works"), "{text}");
    let path = sequences(&project, target)[0].display().to_string();
    let replay = project.shakedown(&["replay", target, &path]).exits(1);
    replay.says("input 1 of 2: panic: with a lock").says("input 2 of 2: panic: a lock that works");
}

#[test]
fn a_count_of_executions_is_a_sequence_of_so_many_inputs() {
    let project = Project::copy("stateful");
    let target = "panics_at_the_300th";
    let run = fuzz(&project, target, &["--execs=2000"]).exits(1);
    let (finding, text) = sequence(&project, target, &run, "panic");
    assert_eq!(finding["status"], "state-dependent");
    assert_eq!(text.lines().filter(|line| *line == "---").count(), 299);
    let plain = project.cargo(&["test", "--quiet", "--lib", "panics_at_the_300th::fuzz"]);
    // The seed was an execution too.
    plain.exits(101).says("input 299 of 300: panicked at ").says(".sequence");
}

#[test]
fn too_many_inputs_are_told_and_not_kept() {
    let project = Project::copy("stateful");
    let target = "panics_at_the_6000th";
    let args = ["fuzz", target, "--seed=1", "--jobs=1", "--execs=7000", "--minimize-time=0s"];
    let run = project.shakedown(&args).exits(1);
    run.says("state-dependent: needs 5999 other inputs before it in the same process, too many");
    assert_eq!(sequences(&project, target).len(), 0);
    assert_eq!(project.testdata(target).len(), 1, "its last input");
}

#[test]
fn chance_is_not_taken_for_a_state() {
    let project = Project::copy("stateful");
    let run = fuzz(&project, "panics_by_chance", &["--execs=5000"]).exits(1);
    let findings = run.of_type("finding");
    assert_eq!(findings.len(), 1, "{}", run.stdout);
    assert_eq!(findings[0]["status"], "flaky");
    assert_eq!(sequences(&project, "panics_by_chance").len(), 0);
    assert_eq!(project.testdata("panics_by_chance").len(), 1, "it is kept all the same");
}

#[test]
fn the_same_seed_finds_the_same_sequence() {
    let found = ["aborts_on_b_after_a", "errs_on_fire_once_armed"].map(|target| {
        let run = || {
            let project = Project::copy("stateful");
            fuzz(&project, target, &["--execs=20000"]).exits(1);
            contents(&project.path("testdata"))
        };
        (run(), run())
    });
    for (first, second) in found {
        assert_eq!(first, second);
        assert!(first.iter().any(|(path, _)| path.extension().is_some()));
    }
}
