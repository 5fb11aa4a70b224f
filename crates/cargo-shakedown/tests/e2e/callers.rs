//! Mistakes that meet in one helper, at one place with one message, are told apart by its callers.

use serde_json::Value;

use crate::project::{Project, Run};

/// Targets that panic in helpers; in each of them a helper is small enough to be inlined.
const SOURCE: &str = r#"
#[cfg(test)]
mod tests {
    fn check(is_right: bool) {
        assert!(is_right);
    }

    #[shakedown::fuzz]
    fn two_mistakes(one: u8, other: u8) {
        check(one < 100);
        check(other < 200);
    }

    #[shakedown::fuzz]
    fn many_mistakes(bytes: [u8; 6]) {
        check(bytes[0] < 250);
        check(bytes[1] < 250);
        check(bytes[2] < 250);
        check(bytes[3] < 250);
        check(bytes[4] < 250);
        check(bytes[5] < 250);
    }

    fn depth(text: &[u8]) -> usize {
        match text {
            [b'(', rest @ ..] => 1 + depth(rest),
            [first, rest @ ..] => {
                assert!(*first != b'!');
                depth(rest)
            }
            [] => 0,
        }
    }

    #[shakedown::fuzz(max_len = 200, seeds = [b"((((", b"(a(a", b"!"])]
    fn recursion(text: &[u8]) {
        std::hint::black_box(depth(text));
    }
}
"#;

fn fuzz(project: &Project, target: &str) -> Run {
    let limits = ["--seed", "1", "--jobs", "1", "--execs", "20000", "--json"];
    project.shakedown(&[&["fuzz", target], &limits[..]].concat()).exits(1)
}

/// The keys of the findings, as they were told.
fn keys(run: &Run) -> Vec<String> {
    let findings = run.of_type("finding");
    findings.iter().map(|finding| finding["key"].as_str().unwrap_or("").to_owned()).collect()
}

#[test]
fn two_mistakes_in_one_helper_are_two_findings_however_often_it_fails() {
    let project = Project::inline(SOURCE).with_variable("RUST_BACKTRACE", "1");
    let run = fuzz(&project, "two_mistakes");
    let place = "panic at src/lib.rs:5:9: assertion failed: is_right";
    let wanted = [10, 11].map(|line| format!("{place}, called at src/lib.rs:{line}:9"));
    let mut found = keys(&run);
    found.sort();
    assert_eq!(found, wanted);
    let inputs = |finding: &Value| finding["input"].as_str().map(str::to_owned);
    let mut inputs: Vec<_> = run.of_type("finding").iter().filter_map(inputs).collect();
    inputs.sort();
    assert_eq!(inputs, ["one: 0\nother: 200", "one: 100\nother: 0"], "each is as small as it gets");
    assert_eq!(run.of_type("finding")[0]["caller"], Value::Null);
    assert!(run.of_type("finding")[1]["caller"].is_string());
    let extra = run.summary()["targets"][0]["extra_execs"].as_u64().expect("it is a number");
    assert!(extra < 1000, "most inputs fail, and {extra} executions were made for that");
    assert_eq!(run.number("execs"), 20_000);

    // The same without the variable, and the same again.
    let project = Project::inline(SOURCE).with_variable("RUST_BACKTRACE", "0");
    assert_eq!(keys(&fuzz(&project, "two_mistakes")), keys(&run));
}

#[test]
fn a_helper_with_many_callers_has_few_findings() {
    let project = Project::inline(SOURCE);
    let run = fuzz(&project, "many_mistakes");
    assert_eq!(keys(&run).len(), 4, "{:?}", keys(&run));
    let more = run.summary()["findings"][0]["more"].as_u64().expect("it is a number");
    assert!(more > 0, "what is not looked into is counted");
    // Once these are mended, the next campaign begins with the others.
    let is_told = |line: usize| keys(&run).iter().any(|key| key.ends_with(&format!(":{line}:9")));
    let lines = SOURCE.lines().zip(1..).filter(|(_, line)| !is_told(*line));
    project.write("src/lib.rs", lines.map(|(text, _)| format!("{text}\n")).collect::<String>());
    let args = ["fuzz", "many_mistakes", "--seed", "1", "--jobs", "1", "--execs", "20", "--json"];
    assert_eq!(keys(&project.shakedown(&args).exits(1)).len(), 2);
}

#[test]
fn one_mistake_in_a_recursion_is_one_finding() {
    let project = Project::inline(SOURCE);
    assert_eq!(keys(&fuzz(&project, "recursion")).len(), 1);
}
