//! As much of JSON Schema as the schemas of our outputs use. What it does not know is no schema of ours:
//! it panics, so that nothing is passed over.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Map, Value};

/// What says nothing of a value by itself: texts, and what other keywords look at.
const SILENT: [&str; 8] =
    ["$schema", "$id", "$defs", "definitions", "title", "description", "default", "required"];

/// A schema.
pub(crate) struct Schema {
    root: Value,
    /// Whether an object may have described fields only, whatever the schema says.
    is_closed: bool,
}

impl Schema {
    /// A schema that means what the standard says.
    pub(crate) fn new(text: &str) -> Self {
        Self { root: serde_json::from_str(text).expect("JSON"), is_closed: false }
    }

    /// One in which every field has to be described.
    pub(crate) fn closed(text: &str) -> Self {
        Self { is_closed: true, ..Self::new(text) }
    }

    #[track_caller]
    pub(crate) fn check(&self, value: &Value) {
        if let Some(error) = self.error(value) {
            panic!("{error}: {value}");
        }
    }

    /// What is wrong with a value.
    pub(crate) fn error(&self, value: &Value) -> Option<String> {
        self.mismatch(&self.root, value)
    }

    /// Why a value is not as a schema says.
    fn mismatch(&self, schema: &Value, value: &Value) -> Option<String> {
        let schema = self.resolve(schema).as_object().expect("a schema is an object");
        schema.iter().find_map(|(keyword, rule)| self.breaks(keyword, rule, value)).or_else(|| {
            match value {
                Value::Object(object) => self.mismatch_of_fields(schema, object),
                _ => None,
            }
        })
    }

    /// How a value breaks the rule of a keyword.
    fn breaks(&self, keyword: &str, rule: &Value, value: &Value) -> Option<String> {
        let fits = |schema: &&Value| self.mismatch(schema, value).is_none();
        let number = || rule.as_f64().expect("a number");
        let items = value.as_array();
        let is_broken = match keyword {
            "type" => !list(rule).iter().any(|kind| is_of_type(value, kind)),
            "const" => rule != value,
            "enum" => !list(rule).contains(&value),
            "minimum" => value.as_f64().is_some_and(|value| value < number()),
            "maximum" => value.as_f64().is_some_and(|value| value > number()),
            "pattern" => value.as_str().is_some_and(|text| !is_match(rule, text)),
            "format" => value.as_str().is_some_and(|text| !has_format(rule, text)),
            "minItems" => items.is_some_and(|items| (items.len() as f64) < number()),
            "uniqueItems" => rule == true && items.is_some_and(|items| has_twins(items)),
            "items" => {
                let mut items = items.into_iter().flatten();
                return items.find_map(|item| self.mismatch(rule, item));
            }
            "oneOf" | "anyOf" => {
                let count = list(rule).into_iter().filter(fits).count();
                if count == 0 {
                    let errors = list(rule).into_iter().filter_map(|s| self.mismatch(s, value));
                    return Some(errors.collect::<Vec<_>>().join("; "));
                }
                keyword == "oneOf" && count > 1
            }
            "properties" | "additionalProperties" | "allOf" => false,
            keyword if SILENT.contains(&keyword) => false,
            other => panic!("the test does not know the keyword {other}"),
        };
        is_broken.then(|| format!("{value} breaks {keyword} {rule}"))
    }

    fn mismatch_of_fields(
        &self,
        schema: &Map<String, Value>,
        object: &Map<String, Value>,
    ) -> Option<String> {
        let (properties, required) = self.properties(schema);
        let missing = required.iter().find(|name| !object.contains_key(*name));
        if let Some(name) = missing {
            return Some(format!("`{name}` is missing"));
        }
        let others = match schema.get("additionalProperties") {
            None => Value::Bool(!self.is_closed || !describes_fields(schema)),
            Some(others) => others.clone(),
        };
        object.iter().find_map(|(name, value)| match (properties.get(name), &others) {
            (Some(schema), _) | (None, schema @ Value::Object(_)) => {
                self.mismatch(schema, value).map(|error| format!("`{name}`: {error}"))
            }
            (None, Value::Bool(true)) => None,
            (None, _) => Some(format!("`{name}` is not described")),
        })
    }

    /// The fields that an object may have, and those that it must have.
    fn properties(&self, schema: &Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut properties = properties.cloned().unwrap_or_default();
        let names = schema.get("required").map(list).unwrap_or_default();
        let mut required: Vec<_> =
            names.into_iter().filter_map(|name| name.as_str().map(String::from)).collect();
        for part in schema.get("allOf").map(list).unwrap_or_default() {
            let part = self.resolve(part).as_object().expect("a schema is an object");
            let (more, needed) = self.properties(part);
            properties.extend(more);
            required.extend(needed);
        }
        (properties, required)
    }

    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let Some(reference) = schema["$ref"].as_str() else { return schema };
        self.root.pointer(reference.trim_start_matches('#')).expect("a definition")
    }

    /// The names of all fields that are described.
    pub(crate) fn fields(&self) -> BTreeSet<String> {
        let definitions = self.root["$defs"].as_object().expect("definitions").values();
        let schemas = definitions.filter_map(Value::as_object);
        schemas.flat_map(|schema| self.properties(schema).0).map(|(name, _)| name).collect()
    }
}

fn describes_fields(schema: &Map<String, Value>) -> bool {
    ["properties", "allOf"].iter().any(|keyword| schema.contains_key(*keyword))
}

/// The elements of an array, or the only one.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        only => vec![only],
    }
}

fn is_of_type(value: &Value, kind: &Value) -> bool {
    match kind.as_str().expect("the name of a type") {
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

fn is_match(pattern: &Value, text: &str) -> bool {
    Regex::new(pattern.as_str().expect("a pattern")).expect("a pattern").is_match(text)
}

/// What a URI is made of (RFC 3986), and a date (RFC 3339).
fn has_format(format: &Value, text: &str) -> bool {
    const REFERENCE: &str = r"^([a-zA-Z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9a-fA-F]{2})*$";
    let pattern = match format.as_str().expect("a name") {
        "uri-reference" => REFERENCE,
        "uri" => return is_match(&REFERENCE.into(), text) && is_match(&"^[a-z+.-]+:".into(), text),
        "date-time" => r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
        other => panic!("the test does not know the format {other}"),
    };
    is_match(&pattern.into(), text)
}

fn has_twins(items: &[Value]) -> bool {
    (1..items.len()).any(|at| items[..at].contains(&items[at]))
}

#[test]
fn the_check_against_a_schema_sees_what_is_wrong() {
    let schema = Schema::new(
        r##"{ "type": "object", "required": ["a"], "additionalProperties": { "minimum": 7 },
        "properties": { "a": { "$ref": "#/definitions/names" },
            "b": { "anyOf": [{ "enum": ["x", "y"] }, { "format": "uri" }] },
            "c": { "oneOf": [{ "minimum": 1 }, { "maximum": 2 }] } },
        "definitions": { "names": { "type": "array", "minItems": 1, "uniqueItems": true,
            "items": { "type": "string", "pattern": "^n" } } } }"##,
    );
    let is_good = |text: &str| schema.error(&serde_json::from_str(text).expect("JSON")).is_none();
    for good in [
        r#"{"a": ["n", "no"]}"#,
        r#"{"a": ["n"], "b": "y", "c": 0, "d": 7}"#,
        r#"{"a": ["n"], "b": "a://b?c%20d", "c": 3}"#,
    ] {
        assert!(is_good(good), "{good}");
    }
    for bad in [
        "[]",
        "{}",
        r#"{"a": []}"#,
        r#"{"a": ["n", "n"]}"#,
        r#"{"a": ["o"]}"#,
        r#"{"a": [1]}"#,
        r#"{"a": ["n"], "b": "z"}"#,
        r#"{"a": ["n"], "b": "a://b c"}"#,
        r#"{"a": ["n"], "c": 1}"#,
        r#"{"a": ["n"], "d": 6}"#,
    ] {
        assert!(!is_good(bad), "{bad}");
    }
}
