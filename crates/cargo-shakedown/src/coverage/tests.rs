//! Coverage of made-up counters.

use super::*;

/// A place, written `file:line:column`.
fn place(text: &str) -> Place {
    let fields: Vec<&str> = text.split(':').collect();
    let number = |at: usize| fields[at].parse().unwrap();
    Place { file: fields[0].into(), line: number(1), column: number(2) }
}

/// A counter that begins a function if it is said to.
fn counted(is_entry: bool, chain: &[&str]) -> Counted {
    let chain = chain.iter().map(|text| place(text)).collect();
    Counted { chain, function: "demo::parse".into(), is_entry }
}

/// Names every file but those of the standard library.
fn name(path: &str) -> Option<String> {
    (path != "core.rs").then(|| path.to_owned())
}

/// A function of one line that was executed, one that was not, and a branch; one that was never
/// entered; and code of the standard library.
pub(super) fn sample() -> Coverage {
    let counters = [
        (counted(true, &["a.rs:1:1"]), true),
        (counted(false, &["a.rs:2:5"]), true),
        (counted(false, &["a.rs:2:9"]), false),
        (counted(false, &["a.rs:3:9"]), false),
        (counted(false, &["core.rs:7:9", "a.rs:4:5"]), true),
        (counted(false, &["core.rs:8:9", "a.rs:5:5"]), false),
        (counted(false, &["a.rs:0:0", "a.rs:6:5"]), true),
        (counted(true, &["b<.rs:9:1"]), false),
    ];
    let (counters, is_hit): (Vec<_>, Vec<_>) = counters.into_iter().unzip();
    let mut coverage = Coverage::default();
    coverage.add(&counters, &is_hit, &mut name);
    coverage
}

#[test]
fn what_was_not_hit_never_looks_executed() {
    let coverage = sample();
    let lines: Vec<_> = coverage.files["a.rs"].lines().into_iter().collect();
    let expected = [
        (1, Line::Executed),
        (2, Line::Partial),
        (3, Line::Unexecuted),
        (4, Line::Executed),
        (6, Line::Executed),
    ];
    assert_eq!(lines, expected, "of line 5 nothing is known: only what it calls was not executed");
    assert_eq!(coverage.unplaced, 1);
    assert!(!coverage.files.contains_key("core.rs"));
}

#[test]
fn the_frontier_is_in_functions_that_were_entered() {
    let coverage = sample();
    let is_frontier = |file: &str, at| coverage.files[file].points.get(&at).unwrap().is_frontier();
    assert!(is_frontier("a.rs", (2, 9)) && is_frontier("a.rs", (3, 9)));
    assert!(!is_frontier("a.rs", (1, 1)), "it was reached");
    assert!(!is_frontier("b<.rs", (9, 1)), "its function was not entered");
    assert_eq!(coverage.totals().frontier, 2);
}

#[test]
fn instances_and_programs_are_one_place() {
    let mut coverage = Coverage::default();
    let instance = [counted(true, &["a.rs:1:1"]), counted(false, &["a.rs:2:5"])];
    let mut add = |is_hit: &[bool]| coverage.add(&instance, is_hit, &mut name);
    add(&[true, false]);
    add(&[false, false]);
    add(&[true, true]);
    let points: Vec<_> = coverage.files["a.rs"].points.values().cloned().collect();
    assert_eq!((points[0].hit, points[0].counters), (2, 3));
    assert_eq!((points[1].hit, points[1].counters), (1, 3));
    assert!(!points[1].is_frontier());
}
