//! What machines read: `docs/json.schema.json` and `docs/json.md` hold for the lines of real runs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::project::{Project, repository};
use crate::schema::Schema;

/// One target that fails on a seed, one whose failure is accepted, and one that many inputs kill.
const TARGETS: &str = r#"
#[shakedown::fuzz(seeds = ["bad seed"])]
fn seeded(text: &str) {
    if std::hint::black_box(false) {
        panic!("never: {text}");
    }
    assert!(text != "bad seed", "the seed is bad");
}

#[shakedown::fuzz]
fn accepted(bytes: &[u8]) {
    assert!(bytes.len() < 4, "four bytes");
}

#[shakedown::fuzz]
fn deadly(bytes: &[u8]) {
    if bytes.len() > 30 {
        std::process::abort();
    }
}
"#;

/// Types of lines that the runs below write, at least.
const TYPES: [&str; 13] = [
    "start",
    "prepared",
    "status",
    "finding",
    "warning",
    "mutators",
    "summary",
    "target",
    "corpus",
    "saved",
    "coverage",
    "blocker",
    "coverage_summary",
];

#[test]
fn the_schema_and_the_page_hold_for_every_line_that_is_written() {
    let schema = schema();
    let page = document("json.md");
    let project = Project::inline(TARGETS);
    project.write("testdata/fuzz/accepted/known", "panic because it is accepted\n");
    project.write("testdata/fuzz/renamed/seed", "of a target that is no more");
    let fuzz = ["fuzz", "--json", "--execs=3000", "--seed=1", "--jobs=1"];
    let run = project.shakedown(&fuzz).exits(1);
    let first = run.stdout.lines().next().expect("a line");
    assert!(first.starts_with("{\"type\":"), "the type comes first: {first}");
    let mut lines = run.json();
    let findings = &["findings", "list", "--json"];
    let coverage = &["coverage", "--json"];
    for command in [&["list", "--json"][..], &["corpus", "stats", "--json"], findings, coverage] {
        lines.extend(project.shakedown(command).exits(0).json());
    }
    for line in &lines {
        schema.check(line);
        for field in fields(line) {
            assert!(page.contains(&format!("`{field}`")), "json.md lacks `{field}`: {line}");
        }
    }
    let types: BTreeSet<_> = lines.iter().filter_map(|line| line["type"].as_str()).collect();
    assert!(TYPES.iter().all(|kind| types.contains(kind)), "{types:?}");
    for field in schema.fields() {
        assert!(page.contains(&format!("`{field}`")), "json.md lacks `{field}` of the schema");
    }
    let findings = run.of_type("finding");
    let is_accepted = |finding: &&Value| finding["accepted"] == true && finding["is_seed"] == false;
    assert_eq!(findings.iter().filter(is_accepted).count(), 1);
    assert_eq!(findings.iter().filter(|finding| finding["is_seed"] == true).count(), 1);
}

#[test]
fn the_check_against_the_schema_sees_what_is_wrong() {
    let schema = schema();
    let good = serde_json::json!({ "type": "warning", "message": "mind the gap" });
    assert_eq!(schema.error(&good), None);
    let with = |field: &str, value: Value| {
        let mut line = good.clone();
        line[field] = value;
        schema.error(&line)
    };
    assert!(with("message", 1.into()).is_some(), "a wrong type");
    assert!(with("type", "other".into()).is_some(), "an unknown line");
    assert!(with("more", 1.into()).is_some(), "a field that is not described");
    let without = serde_json::json!({ "type": "warning" });
    assert!(schema.error(&without).is_some(), "a missing field");
}

/// That of all lines, in which every field is described.
fn schema() -> Schema {
    Schema::closed(&document("json.schema.json"))
}

fn document(name: &str) -> String {
    let path = repository().join("docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of all fields of a value, at any depth.
pub(crate) fn fields(value: &Value) -> BTreeSet<String> {
    let (names, values): (Vec<&String>, Vec<&Value>) = match value {
        Value::Object(object) => object.iter().unzip(),
        Value::Array(array) => (Vec::new(), array.iter().collect()),
        _ => return BTreeSet::new(),
    };
    names.into_iter().cloned().chain(values.into_iter().flat_map(fields)).collect()
}
