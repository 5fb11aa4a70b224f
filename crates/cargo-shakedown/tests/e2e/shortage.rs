//! Targets that run out of memory: that is what it is called, whatever makes it hard to see.

use crate::project::{Project, Run};

/// Runs these inputs of a target of `wild`, and nothing else.
fn run_known(project: &Project, target: &str, inputs: &[&str], more: &[&str]) -> Run {
    let _ = std::fs::remove_dir_all(project.path("testdata"));
    let folder = format!("testdata/fuzz/{}", target.replace("::", "."));
    for (number, input) in inputs.iter().enumerate() {
        project.write(format!("{folder}/{number:02}"), format!("shakedown v1\n{input}\n"));
    }
    let execs = format!("--execs={}", inputs.len());
    let args = ["fuzz", target, "--json", "--jobs=1", "--minimize-time=0s", &execs];
    project.shakedown(&[&args[..], more].concat())
}

#[test]
fn a_failed_allocation_is_one_in_all_circumstances() {
    for backtrace in ["0", "1", "full"] {
        let project = Project::copy("wild").with_variable("RUST_BACKTRACE", backtrace);
        for how in ["Plain", "Deep", "Silent", "Noisy", "Twice"] {
            let input = format!("how: {how}");
            let limit = "--memory-limit=256MiB";
            let run = run_known(&project, "shortage::runs_short", &[&input], &[limit]).exits(1);
            assert_eq!(run.kinds(), ["out-of-memory"], "{how} {backtrace}: {}", run.stdout);
            assert_eq!(run.of_type("finding")[0]["status"], "reproducible", "{how} {backtrace}");
        }
    }
}

#[test]
fn memory_that_is_nearly_used_up_when_the_time_is_over_is_what_matters() {
    let project = Project::copy("wild");
    // A MiB takes 5 ms at least, so it takes longer than the timeout on any machine.
    let limits = ["--memory-limit=256MiB", "--timeout=600ms"];
    let run = run_known(&project, "shortage::runs_short", &["how: Slow"], &limits).exits(1);
    assert_eq!(run.kinds(), ["out-of-memory"], "{}", run.stdout);
}

#[test]
fn words_about_memory_do_not_make_another_end_one_for_want_of_it() {
    let project = Project::copy("wild");
    let inputs = ["says: true\naborts: false", "says: true\naborts: true"];
    let run = run_known(&project, "shortage::only_says_so", &inputs, &[]).exits(1);
    assert_eq!(run.kinds(), ["abort"], "{}", run.stdout);
}

#[test]
fn a_panic_without_memory_is_a_finding_and_no_damage() {
    for backtrace in ["0", "1"] {
        let project = Project::copy("wild").with_variable("RUST_BACKTRACE", backtrace);
        let inputs = ["panics: false", "panics: true"];
        let limit = "--memory-limit=128MiB";
        let target = "shortage::panics_without_memory";
        let run = run_known(&project, target, &inputs, &[limit]).exits(1);
        assert_eq!(run.of_type("finding").len(), 1, "{}", run.stdout);
        assert_eq!((run.number("damaged"), run.number("execs")), (0, 2), "{}", run.stdout);
    }
}
