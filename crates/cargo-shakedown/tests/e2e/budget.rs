//! `--execs` is exact, and a seed repeats a campaign.

use std::path::Path;

use serde_json::Value;

use crate::project::{Project, Run, contents};

/// Executions that the target itself has counted so far, in all processes.
fn counted(project: &Project) -> u64 {
    contents(&project.record()).iter().map(|(_, marks)| marks.len() as u64).sum()
}

fn check_exact(target: &str, finds: bool) {
    let project = Project::copy("values");
    let target = format!("recorded::{target}");
    let mut before = 0;
    for (jobs, execs) in [("--jobs=1", 3001), ("--jobs=2", 3000), ("--jobs=4", 2999)] {
        let limit = format!("--execs={execs}");
        let run = project.shakedown(&["fuzz", &target, "--json", "--seed=1", jobs, &limit]);
        let run = run.exits(i32::from(finds));
        assert_eq!(run.number("execs"), execs, "{jobs}");
        let now = counted(&project);
        assert_eq!(now - before, execs + run.number("extra_execs"), "{jobs}");
        if !finds {
            assert_eq!(run.number("extra_execs"), 0, "{jobs}");
        }
        before = now;
    }
}

#[test]
fn a_target_that_reaches_nothing_new_is_searched_enough() {
    let project = Project::copy("values");
    let fuzz = ["fuzz", "recorded::quiet", "--json", "--jobs=1", "--stop-when=bound 1e-3"];
    let run = project.shakedown(&fuzz).exits(0);
    assert!(run.number("since_new_execs") >= 3000, "{}", run.stdout);
    let notes: Vec<Value> = run.of_type("note");
    let said = notes.iter().filter_map(|note| note["message"].as_str());
    assert_eq!(said.filter(|text| text.contains("that is enough")).count(), 1, "{notes:?}");
}

#[test]
fn a_limit_of_executions_is_exact_where_nothing_is_found() {
    check_exact("quiet", false);
}

#[test]
fn a_limit_of_executions_is_exact_where_coverage_is_found() {
    check_exact("curious", false);
}

/// In a program of many counters some executions are repeated, to learn which input hit counters
/// that nothing had hit before; they are counted apart, and change nothing in what is found.
#[test]
fn a_limit_of_executions_leaves_out_what_is_repeated() {
    let project = Project::copy("large");
    let fuzz = ["fuzz", "scattered", "--json", "--seed=1", "--jobs=1", "--execs=5000"];
    let first = project.shakedown(&fuzz).exits(0);
    assert_eq!(first.number("execs"), 5000);
    assert!(first.number("extra_execs") > 0, "nothing was repeated");
    assert_eq!(counted(&project), 5000 + first.number("extra_execs"));
    std::fs::remove_dir_all(project.cache()).expect("it can be removed");
    let again = project.shakedown(&fuzz).exits(0);
    for number in ["execs", "entries", "edges", "features"] {
        assert_eq!(first.number(number), again.number(number), "{number}");
    }
}

#[test]
fn a_limit_of_executions_leaves_out_what_findings_take() {
    check_exact("failing", true);
}

#[test]
fn a_limit_of_executions_is_exact_where_workers_die() {
    check_exact("deadly", true);
}

#[test]
fn fewer_executions_than_workers_or_seeds_are_exact_too() {
    let project = Project::copy("values");
    for (byte, jobs) in [("1", "--jobs=4"), ("2", "--jobs=4"), ("3", "--jobs=1")] {
        for seed in 0..5 {
            project.write(format!("testdata/fuzz/recorded.quiet/{seed}"), [seed]);
        }
        let execs = format!("--execs={byte}");
        let run = project.shakedown(&["fuzz", "recorded::quiet", "--json", jobs, &execs]).exits(0);
        assert_eq!(run.number("execs").to_string(), byte);
    }
    assert_eq!(counted(&project), 6);
}

#[test]
fn a_time_limit_ends_without_a_finding() {
    let project = Project::copy("values");
    let run = project.shakedown(&["fuzz", "quiet", "--json", "--time=500ms", "--jobs=2"]).exits(0);
    assert!(run.of_type("finding").is_empty() && run.number("execs") > 0);
}

#[test]
fn the_same_seed_with_one_job_repeats_a_campaign() {
    let project = Project::copy("values");
    for target in ["recorded::curious", "recorded::failing", "discounts"] {
        let first = campaign(&project, target);
        let second = campaign(&project, target);
        assert_eq!(first, second, "{target}");
        assert!(!first.0.is_empty() || !first.1.is_empty(), "{target}: nothing to compare");
    }
}

type Files = Vec<(std::path::PathBuf, Vec<u8>)>;

/// The entries, the findings and the numbers of a campaign; its files are removed.
fn campaign(project: &Project, target: &str) -> (Files, Files, Vec<Value>) {
    let corpus = project.record().join("corpus");
    let path = corpus.to_str().expect("a readable path");
    let run = project.shakedown(&[
        "fuzz",
        target,
        "--json",
        "--seed=7",
        "--jobs=1",
        "--execs=20000",
        "--corpus",
        path,
    ]);
    let numbers = timeless(&run);
    let testdata = project.path("testdata");
    let files = (contents(&corpus), contents(&testdata), numbers);
    for folder in [&corpus as &Path, &testdata] {
        let _ = std::fs::remove_dir_all(folder);
    }
    files
}

/// The findings and the summary without what the clock says.
fn timeless(run: &Run) -> Vec<Value> {
    let mut values = run.of_type("finding");
    values.extend(run.summary()["targets"].as_array().cloned().unwrap_or_default());
    for value in &mut values {
        let fields = value.as_object_mut().expect("all lines are objects");
        fields.retain(|name, _| !name.ends_with("_ms") && name != "execs_per_sec");
    }
    values
}

/// Fails on everything, but takes long over that in each process.
const SLOW_TO_VERIFY: &str = r#"
#[shakedown::fuzz]
fn slow(what: u8) {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| std::thread::sleep(std::time::Duration::from_millis(2600)));
    assert!(what == 77, "bad");
}
"#;

#[test]
fn what_is_left_to_verify_when_time_is_over_is_told_as_unconfirmed() {
    let project = Project::inline(SLOW_TO_VERIFY);
    // The first execution ends after the time, and a second one would end after what is granted then.
    let run = project.shakedown(&["fuzz", "slow", "--json", "--time=1s", "--jobs=1"]).exits(1);
    assert_eq!(run.of_type("finding").len(), 1, "{}", run.stdout);
    assert_eq!(run.of_type("finding")[0]["status"], "unconfirmed", "{}", run.stdout);
}

#[test]
fn a_target_without_time_is_named() {
    let project = Project::copy("values");
    let run = project.shakedown(&["fuzz", "--json", "--time=1ms", "--jobs=1"]);
    let summary = run.summary();
    let idle = |target: &&Value| target["execs"] == 0;
    let targets = summary["targets"].as_array().map_or(&[][..], Vec::as_slice);
    let idle: Vec<_> = targets.iter().filter(idle).map(|target| &target["target"]).collect();
    let named = summary["unsearched"].as_array().map_or(&[][..], Vec::as_slice);
    assert_eq!(named.iter().map(|name| &name["target"]).collect::<Vec<_>>(), idle);
    assert!(!idle.is_empty() && summary["exit"] != 0, "{summary}");
}
