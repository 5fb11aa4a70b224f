//! Findings get smaller: within a worker that survives, and from outside for those that do not.

use crate::project::{Project, Run};

fn fuzz(project: &Project, target: &str, more: &[&str]) -> Run {
    let execs = ["--execs=5000"];
    let limit = if more.iter().any(|arg| arg.starts_with("--execs")) { &[][..] } else { &execs };
    let args = ["fuzz", target, "--json", "--seed=1", "--jobs=1"];
    project.shakedown(&[&args[..], limit, more].concat())
}

/// The only finding of a target.
fn finding(project: &Project, target: &str) -> Vec<u8> {
    let files = project.testdata(target);
    assert_eq!(files.len(), 1);
    std::fs::read(&files[0]).expect("it is there")
}

#[test]
fn a_panic_is_minimized_to_the_shortest_and_simplest_input() {
    let project = Project::copy("ends");
    let run = fuzz(&project, "long_texts", &[]).exits(1);
    let text = finding(&project, "long_texts");
    assert_eq!(text.len(), 10, "{}", run.stdout);
    assert!(text.iter().all(|byte| *byte == text[0]), "{:?}", text.escape_ascii().to_string());
}

#[test]
fn a_deadly_failure_is_minimized_from_outside() {
    let project = Project::copy("ends");
    let run = fuzz(&project, "long_texts_abort", &["--fail-fast"]).exits(1);
    assert_eq!(run.kinds(), ["exit"]);
    assert_eq!(finding(&project, "long_texts_abort").len(), 10);
}

#[test]
fn no_time_for_minimization_leaves_the_input_as_it_was_found() {
    let project = Project::copy("ends");
    project.write("testdata/fuzz/slow_failure/near", [200; 39]);
    let near = ["--minimize-time=0s", "--fail-fast"];
    fuzz(&project, "slow_failure", &near).exits(1);
    let found = project.testdata("slow_failure").len();
    assert_eq!(found, 2, "the seed and the finding");
    project.shakedown(&["fuzz", "slow_failure", "--minimize-time=-1s"]).exits(2);
}

#[test]
fn the_message_in_the_file_belongs_to_the_minimized_input() {
    let project = Project::copy("values");
    let run = project.shakedown(&[
        "fuzz",
        "discounts",
        "--json",
        "--seed=3",
        "--jobs=1",
        "--execs=200000",
        "--fail-fast",
    ]);
    let message = run.of_type("finding")[0]["message"].as_str().map(str::to_owned);
    let text = String::from_utf8(finding(&project, "discounts")).expect("it is text");
    let message = message.expect("a message");
    assert!(text.contains(&message), "{message}\n{text}");
    let file = project.testdata("discounts")[0].display().to_string();
    project.shakedown(&["replay", "discounts", &file]).exits(1).says(&message);
}

#[test]
fn minimize_makes_a_given_file_smaller() {
    let project = Project::copy("ends");
    project.write("big", "a long text that is anything but short");
    let run = project.shakedown(&["minimize", "long_texts", "big", "--output=small"]);
    run.exits(0);
    assert_eq!(project.read("small").len(), 10);
    assert_eq!(project.read("big").len(), 38);
}

#[test]
fn a_much_smaller_input_that_is_met_later_takes_the_place_of_the_file() {
    let project = Project::copy("values");
    let limit = ["--execs=400000"];
    let run = fuzz(&project, "two_sizes", &limit);
    let run = run.exits(1);
    let found = &run.of_type("finding")[0];
    let replaced = run.of_type("replaced");
    assert_eq!(replaced.len(), 1, "{}", run.stdout);
    assert_eq!(found["key"], replaced[0]["key"]);
    assert_ne!(found["file"], replaced[0]["file"]);
    let text = finding(&project, "two_sizes");
    assert!(text.starts_with(b"d") && text.ends_with(b"n") && text.len() < 5, "{text:?}");
}

/// Fails for every input, and each of those is large and of one length.
const FIXED: &str = r#"
#[shakedown::fuzz]
fn picture(pixels: Box<[[u8; 512]; 256]>) {
    assert!(pixels[7][7] == 1, "not initialised");
}
"#;

#[test]
fn a_large_input_of_fixed_length_keeps_to_the_limits_of_time() {
    let project = Project::inline(FIXED);
    let limits = ["--time=500ms", "--minimize-time=500ms", "--fail-fast"];
    // Without limits this takes longer than the net under every test.
    project.shakedown(&[&["fuzz", "picture", "--jobs=1"][..], &limits].concat()).exits(1);
    assert_eq!(project.testdata("picture").len(), 1);
}

#[test]
fn a_finding_is_in_its_file_before_it_is_small() {
    let project = Project::copy("ends");
    project.write("testdata/fuzz/slow_failure/near", [200; 39]);
    let running = project.start(&["fuzz", "slow_failure", "--jobs=1", "--seed=1"]);
    while project.testdata("slow_failure").len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    running.signal(rustix::process::Signal::KILL);
    let run = running.finish();
    assert!(!run.stderr.contains("finding:"), "it was reported already: {}", run.stderr);
    let is_new = |path: &&std::path::PathBuf| !path.ends_with("near");
    let files = project.testdata("slow_failure");
    let found = files.iter().find(is_new).expect("the finding").display().to_string();
    project.shakedown(&["replay", "slow_failure", &found]).exits(1);
}
