//! What machines read: `docs/json.schema.json` and `docs/json.md` hold for the lines of real runs.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::project::{Project, repository};

/// One target that fails on a seed, one whose failure is accepted, and one that many inputs kill.
const TARGETS: &str = r#"
#[shakedown::fuzz(seeds = ["bad seed"])]
fn seeded(text: &str) {
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
const TYPES: [&str; 11] = [
    "start",
    "prepared",
    "status",
    "finding",
    "warning",
    "summary",
    "target",
    "corpus",
    "saved",
    "coverage",
    "coverage_summary",
];

#[test]
fn the_schema_and_the_page_hold_for_every_line_that_is_written() {
    let schema = Schema::load();
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
    let schema = Schema::load();
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

/// As much of JSON Schema as `docs/json.schema.json` uses. Unlike others, it wants every field to be
/// described.
struct Schema(Value);

impl Schema {
    fn load() -> Self {
        Self(serde_json::from_str(&document("json.schema.json")).expect("JSON"))
    }

    #[track_caller]
    fn check(&self, line: &Value) {
        if let Some(error) = self.error(line) {
            panic!("{error}: {line}");
        }
    }

    /// What is wrong with a line: it must be exactly one of those in the schema.
    fn error(&self, line: &Value) -> Option<String> {
        let all = self.0["oneOf"].as_array().expect("a list");
        let errors: Vec<_> = all.iter().map(|schema| self.mismatch(schema, line)).collect();
        match errors.iter().filter(|error| error.is_none()).count() {
            1 => None,
            0 => Some(errors.into_iter().flatten().collect::<Vec<_>>().join("; ")),
            count => Some(format!("{count} schemas fit")),
        }
    }

    /// Why a value is not as a schema says.
    fn mismatch(&self, schema: &Value, value: &Value) -> Option<String> {
        let schema = self.resolve(schema);
        let types = schema.get("type").map(|types| list(types.clone()));
        let fits = |kind: &Value| kind.as_str().is_some_and(|kind| is_of_type(value, kind));
        if types.is_some_and(|types| !types.iter().any(fits)) {
            return Some(format!("{value} is not of type {}", schema["type"]));
        }
        let allowed = schema.get("const").map(|only| vec![only.clone()]);
        let allowed = allowed.or_else(|| schema.get("enum").map(|all| list(all.clone())));
        if allowed.is_some_and(|allowed| !allowed.contains(value)) {
            return Some(format!("{value} is none of the values"));
        }
        let below = |limit: &Value| value.as_f64() < limit.as_f64();
        let above = |limit: &Value| value.as_f64() > limit.as_f64();
        if schema.get("minimum").is_some_and(below) || schema.get("maximum").is_some_and(above) {
            return Some(format!("{value} is out of bounds"));
        }
        match value {
            Value::Array(items) => {
                items.iter().find_map(|item| self.mismatch(&schema["items"], item))
            }
            Value::Object(object) => self.mismatch_of_fields(schema, object),
            _ => None,
        }
    }

    fn mismatch_of_fields(&self, schema: &Value, object: &Map<String, Value>) -> Option<String> {
        let (properties, required) = self.properties(schema);
        let missing = required.iter().find(|name| !object.contains_key(*name));
        if let Some(name) = missing {
            return Some(format!("`{name}` is missing"));
        }
        object.iter().find_map(|(name, value)| match properties.get(name) {
            Some(schema) => self.mismatch(schema, value).map(|error| format!("`{name}`: {error}")),
            None => Some(format!("`{name}` is not described")),
        })
    }

    /// The fields that an object may have, and those that it must have.
    fn properties(&self, schema: &Value) -> (Map<String, Value>, Vec<String>) {
        let schema = self.resolve(schema);
        let mut properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let names = schema["required"].as_array().into_iter().flatten();
        let mut required: Vec<_> =
            names.filter_map(|name| name.as_str().map(String::from)).collect();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let (more, needed) = self.properties(part);
            properties.extend(more);
            required.extend(needed);
        }
        (properties, required)
    }

    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let Some(reference) = schema["$ref"].as_str() else { return schema };
        self.0.pointer(reference.trim_start_matches('#')).expect("a definition")
    }

    /// The names of all fields that are described.
    fn fields(&self) -> BTreeSet<String> {
        let definitions = self.0["$defs"].as_object().expect("definitions").values();
        definitions.flat_map(|schema| self.properties(schema).0).map(|(name, _)| name).collect()
    }
}

/// The elements of an array, or the only one.
fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        only => vec![only],
    }
}

fn is_of_type(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("the test does not know the type {other}"),
    }
}
