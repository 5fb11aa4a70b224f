//! Values of ordinary tests become seeds, where that is asked for and nowhere else.

use crate::project::{Project, files};

const TARGETS: &str = r#"
#[derive(Clone, Debug, PartialEq, shakedown::Input)]
#[cfg(test)]
pub struct Order { #[input(range = 1..=9)] count: u8, names: Vec<String> }

#[cfg(test)]
pub(crate) mod capture_tests {
    use super::*;

    #[shakedown::fuzz(seeds = [(Order { count: 2, names: vec![] }, "known")])]
    fn orders(order: &Order, note: &str) {
        assert!((1..=9).contains(&order.count), "{note}");
    }

    #[shakedown::fuzz(max_len = 40)]
    pub(crate) fn raw(data: &[u8]) {
        assert!(data.len() <= 40);
    }

    #[test]
    fn captures() {
        let order = Order { count: 3, names: vec!["a".into()] };
        for _ in 0..3 {
            shakedown::capture!(orders, order, "twice");
            shakedown::capture!(orders, &order, String::from("owned"));
        }
        shakedown::capture!(orders, Order { count: 2, names: vec![] }, "known");
        shakedown::capture!(orders, Order { count: 10, ..order.clone() }, "out of range");
        assert_eq!(order.count, 3);
    }

    mod deeper {
        #[test]
        fn captures_too() {
            shakedown::capture!(crate::capture_tests::raw, b"bytes");
            shakedown::capture!(super::raw, vec![b'x'; 41]);
            (0..300u32).for_each(|n| shakedown::capture!(super::raw, n.to_le_bytes()));
        }
    }
}

#[cfg(test)]
mod elsewhere {
    #[test]
    fn captures_by_a_path() {
        shakedown::capture!(crate::capture_tests::raw, "text");
    }
}
"#;

#[test]
fn values_of_tests_become_seeds_once_and_only_where_that_is_asked_for() {
    let project = Project::inline(TARGETS);
    project.cargo_test().exits(0);
    assert!(!project.path("testdata").exists(), "a plain test writes nothing");

    let run = project.shakedown(&["capture", "captures"]).exits(0);
    let texts: Vec<_> =
        project.testdata("capture_tests::orders").iter().map(|file| project.read(file)).collect();
    let line = "order: Order { count: 3, names: [\"a\"] }";
    let mut expected =
        ["owned", "twice"].map(|note| format!("shakedown v1\n{line}\nnote: {note:?}\n"));
    expected.sort();
    let mut sorted = texts.clone();
    sorted.sort();
    assert_eq!(sorted, expected);
    assert_eq!(project.testdata("capture_tests::raw").len(), 256, "no more than that");
    let run = run
        .says("seed written to testdata/fuzz/capture_tests.orders/seed-")
        .says("captured 258 new seeds")
        .says("not captured for capture_tests::orders: ")
        .says("it is longer than an input may be (41 > 40 bytes)")
        .says("these are more than 256 values, of which the first are kept");
    assert_eq!(run.stderr.matches("not captured for capture_tests::orders").count(), 1);
    assert_eq!(run.stderr.matches("more than 256 values").count(), 1, "{}", run.stderr);

    let before = files(&project.path("testdata"));
    project.shakedown(&["capture", "capture_tests::captures"]).exits(0).says("no new seed");
    assert_eq!(files(&project.path("testdata")), before);
    assert_eq!(before.len(), 258, "no other files");

    project.cargo_test().exits(0);
    let fuzz = ["fuzz", "orders", "--json", "--execs", "50", "--jobs", "1", "--seed", "1"];
    let run = project.shakedown(&fuzz).exits(0);
    assert_eq!(run.of_type("prepared")[0]["seeds"], 3, "two, and that of the attribute");
}

#[test]
fn tests_that_fail_are_told_and_what_was_captured_stays() {
    let source = "#[cfg(test)]\nmod capture_fails {\n    #[shakedown::fuzz]\n    fn raw(text: &str) { \
                  assert!(text.len() < 100_000); }\n    #[test]\n    fn fails() {\n        \
                  shakedown::capture!(raw, \"before\");\n        panic!(\"as it must\");\n    }\n}\n";
    let project = Project::inline(source);
    let run = project.shakedown(&["capture", "--lib"]).exits(1);
    run.says("captured 1 new seed").says("`cargo test` has not passed");
    let seeds = project.testdata("capture_fails::raw");
    assert_eq!(seeds.iter().map(|file| project.read(file)).collect::<Vec<_>>(), ["before"]);
}
