//! What the code under test does to the process it runs in, and to what the engine keeps there.

use crate::project::{Project, Run};

/// A project where these texts are known inputs of a target.
fn with_inputs<T: AsRef<str>>(target: &str, inputs: impl IntoIterator<Item = T>) -> Project {
    let project = Project::copy("wild");
    for (number, input) in inputs.into_iter().enumerate() {
        let text = format!("shakedown v1\n{}\n", input.as_ref());
        project.write(format!("testdata/fuzz/{}/{number:02}", target.replace("::", ".")), text);
    }
    project
}

/// Runs just the known inputs of a target, `execs` in all.
fn run_known(project: &Project, target: &str, execs: u32, more: &[&str]) -> Run {
    let execs = format!("--execs={execs}");
    let args = ["fuzz", target, "--json", "--seed=1", "--jobs=1", "--minimize-time=0s", &execs];
    project.shakedown(&[&args[..], more].concat())
}

/// Runs the plain test of a target.
fn test(project: &Project, target: &str) -> Run {
    project.cargo(&["test", "--quiet", "--tests", target])
}

/// Demands that all findings be reproducible, and returns one of their fields, sorted.
#[track_caller]
fn reproducible(run: &Run, field: &str) -> Vec<String> {
    let findings = run.of_type("finding");
    let mut values: Vec<_> = findings
        .iter()
        .map(|finding| {
            assert_eq!(finding["status"], "reproducible", "{finding}");
            finding[field].as_str().unwrap_or_else(|| panic!("{finding}")).to_owned()
        })
        .collect();
    values.sort();
    values
}

#[test]
fn reading_past_the_end_is_a_finding_and_fails_the_plain_test() {
    let project = Project::copy("wild");
    let target = "memory::reads_past_bytes";
    let args = ["fuzz", target, "--json", "--seed=1", "--jobs=1", "--execs=5000"];
    let run = project.shakedown(&args).exits(1);
    assert_eq!(reproducible(&run, "kind"), ["signal"]);
    let files = project.testdata(target);
    assert_eq!(files.len(), 1);
    assert_eq!(std::fs::read(&files[0]).expect("it is there").len(), 3, "the shortest that fails");
    let name = files[0].file_name().expect("a file").to_string_lossy().into_owned();
    test(&project, target).exits(101).says(&name).says("SIGSEGV");
    std::fs::remove_file(&files[0]).expect("it is there");
    test(&project, target).exits(0);
}

#[test]
fn strings_within_a_value_are_guarded_too() {
    let target = "memory::reads_past_text";
    let texts = ["[\"a\", \"b\"]\nflag: true", "[\"\", \"b\"]\nflag: true", "[\"a\"]\nflag: true"];
    let project = with_inputs(target, texts.map(|text| format!("texts: {text}")));
    // Of the two that fail, one is counted only: they fail in the same place.
    let run = run_known(&project, target, 4, &[]).exits(1);
    assert_eq!(reproducible(&run, "kind"), ["signal"]);
    assert_eq!(run.number("execs"), 4);
    for file in ["00", "01"] {
        let file = format!("testdata/fuzz/memory.reads_past_text/{file}");
        project.shakedown(&["replay", target, &file]).exits(1).says("SIGSEGV");
    }
    project.shakedown(&["replay", target, "testdata/fuzz/memory.reads_past_text/02"]).exits(0);
}

#[test]
fn writing_to_what_the_engine_only_reads_is_a_finding() {
    let project = Project::copy("wild");
    let target = "memory::writes_to_the_entry";
    let run = run_known(&project, target, 300, &[]).exits(1);
    assert_eq!(reproducible(&run, "kind"), ["signal"]);
    assert_eq!(run.number("execs"), 300);
}

#[test]
fn copies_of_the_process_do_not_serve_and_leave_no_record() {
    let target = "forks::forks";
    let project = with_inputs(target, (0..=4).map(|what| format!("what: {what}")));
    let run = run_known(&project, target, 200, &[]).exits(0);
    assert_eq!((run.of_type("finding").len(), run.number("execs")), (0, 200), "{}", run.stdout);
    assert!(run.of_type("warning").is_empty(), "{}", run.stdout);
    project.check_no_process_is_left();
    test(&project, target).exits(0);

    let target = "forks::forks_and_fails";
    let project = with_inputs(target, ["what: 200"]);
    let run = run_known(&project, target, 1, &[]).exits(1);
    assert_eq!(reproducible(&run, "kind"), ["panic"]);
    project.check_no_process_is_left();
}

#[test]
fn a_panic_that_ends_another_thread_is_a_finding_and_named_for_where_it_began() {
    let target = "threads::panics_elsewhere";
    let project = with_inputs(target, (0..=8).map(|what| format!("what: {what}")));
    let run = run_known(&project, target, 9, &[]).exits(1);
    assert_eq!(
        reproducible(&run, "message"),
        [
            "asked for (in another thread)",
            "by name (in thread `reader`)",
            "in a pool",
            "in a scope (in another thread)",
            "never begun",
            "nobody asks (in another thread)",
            "the first",
        ]
    );
    for finding in run.of_type("finding") {
        let has_place = finding["key"].to_string().contains("src/threads.rs:");
        assert_eq!(has_place, finding["message"] != "never begun", "{finding}");
    }
    assert_eq!(run.number("execs"), 9);
    let run = test(&project, target).exits(101).says("7 known inputs");
    for file in ["01", "03", "04", "05", "06", "07", "08"] {
        assert!(run.stdout.contains(&format!("threads.panics_elsewhere/{file}")), "{file}");
    }
}

#[test]
fn the_backtrace_of_a_caught_panic_is_not_that_of_an_error() {
    let project = Project::copy("wild");
    let target = "threads::catches_and_errs";
    project.write("input", "shakedown v1\narg0: 0\n");
    let run = project.shakedown(&["replay", target, "input"]).exits(1).says("an error");
    assert!(!run.stdout.contains("catches_and_errs::{"), "{}", run.stdout);
}

#[test]
fn a_target_may_replace_the_panic_hook() {
    let target = "threads::replaces_the_hook";
    let project = with_inputs(target, ["what: 1", "what: 2"]);
    let run = run_known(&project, target, 2, &[]).exits(1);
    assert_eq!(reproducible(&run, "message"), ["with a hook"]);
    assert!(run.of_type("finding")[0]["key"].to_string().contains("src/threads.rs:"));
}

#[test]
fn a_thread_that_is_left_behind_is_not_taken_for_the_engine() {
    let target = "threads::leaves_a_thread_behind";
    for what in ["what: 0", "what: 1"] {
        let project = with_inputs(target, [what]);
        let run = run_known(&project, target, 500, &[]);
        assert_ne!(run.status.code(), Some(3), "{}\n{}", run.stdout, run.stderr);
        assert_eq!(run.number("execs"), 500);
    }
}

#[test]
fn a_target_may_change_what_belongs_to_the_process() {
    let project = Project::copy("wild");
    let target = "limits::moves_about";
    let args = ["fuzz", target, "--json", "--seed=1", "--jobs=2", "--execs=20000"];
    let run = project.shakedown(&args).exits(1);
    assert_eq!(reproducible(&run, "message"), ["too many bytes"]);
    assert_eq!((run.number("execs"), project.testdata(target).len()), (20_000, 1));
}

#[test]
fn a_target_may_cut_the_files_that_it_finds_open() {
    let project = Project::copy("wild");
    let target = "limits::cuts_descriptors";
    for more in [&[][..], &["--isolate"]] {
        let run = run_known(&project, target, 300, more).exits(0);
        assert_eq!(run.number("execs"), 300);
        assert!(run.of_type("warning").is_empty(), "{}", run.stdout);
    }
}

#[test]
fn with_isolation_no_input_sees_what_another_has_left() {
    let project = Project::copy("wild");
    let target = "limits::third_in_a_process";
    let run = run_known(&project, target, 300, &[]).exits(1);
    assert_eq!((run.kinds(), run.number("execs")), (vec!["panic".to_owned()], 300));
    std::fs::remove_dir_all(project.path("testdata")).expect("there is a finding");
    for jobs in ["--jobs=1", "--jobs=2"] {
        let args = ["fuzz", target, "--json", "--seed=1", "--execs=300", "--isolate", jobs];
        let run = project.shakedown(&args).exits(0);
        assert_eq!((run.of_type("finding").len(), run.number("execs")), (0, 300));
        assert!(run.of_type("warning").is_empty(), "{}", run.stdout);
    }
}

#[test]
fn with_isolation_coverage_guides_the_search_all_the_same() {
    let project = Project::copy("values");
    let entries = |more: &[&str]| {
        let args = ["fuzz", "maze", "--json", "--seed=1", "--jobs=1", "--execs=2000"];
        let run = project.shakedown(&[&args[..], more].concat()).exits(0);
        assert!(run.number("entries") > 3, "{}", run.stdout);
        std::fs::remove_dir_all(project.cache()).expect("there are entries");
        (run.number("entries"), run.number("features"), run.number("execs"))
    };
    assert_eq!(entries(&["--isolate"]), entries(&[]));
}

#[test]
fn with_isolation_every_end_is_what_it_is_without() {
    let project = Project::copy("ends");
    for byte in 0..=12 {
        let text = format!("shakedown v1\nbyte: {byte}\n");
        project.write(format!("testdata/fuzz/every_end/{byte:02}"), text);
    }
    let findings = |more: &[&str]| {
        let limits = ["--timeout=2s", "--memory-limit=200MiB"];
        let run = run_known(&project, "every_end", 13, &[&limits[..], more].concat()).exits(1);
        assert_eq!(run.number("execs"), 13);
        project.check_no_process_is_left();
        reproducible(&run, "key")
    };
    let isolated = findings(&["--isolate"]);
    assert_eq!(isolated.len(), 11);
    assert_eq!(isolated, findings(&[]));
}

#[test]
fn the_stack_is_that_of_a_test_unless_one_is_given() {
    let project = Project::copy("wild");
    let target = "limits::deep";
    let args = ["fuzz", target, "--json", "--seed=1", "--jobs=1", "--execs=300"];
    let large = project.shakedown(&[&args[..], &["--stack-size=8MiB"]].concat()).exits(0);
    assert_eq!(large.number("execs"), 300);
    let run = project.shakedown(&args).exits(1);
    assert_eq!(reproducible(&run, "kind"), ["stack-overflow"]);
    let files = project.testdata(target);
    let name = files[0].file_name().expect("a file").to_string_lossy().into_owned();
    test(&project, target).exits(101).says(&name).says("has overflowed its stack");
    let file = files[0].to_str().expect("a path");
    project.shakedown(&["replay", target, file]).exits(1).says("stack-overflow");
    project.shakedown(&["replay", target, file, "--stack-size=8MiB"]).exits(0);
}
