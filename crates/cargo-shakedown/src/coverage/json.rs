//! Coverage for machines: see docs/json.md.

use serde_json::{Value, json};

use super::{Blocker, Coverage, File, Line};

/// A value for each file.
pub(crate) fn json(coverage: &Coverage) -> impl Iterator<Item = Value> {
    coverage.files.iter().map(|(name, file)| of_file(name, file))
}

/// A value for a place that stops a search.
pub(crate) fn of_blocker(blocker: &Blocker) -> Value {
    let (line, column) = blocker.position;
    let nearest = blocker.nearest.as_ref();
    json!({
        "type": "blocker",
        "file": blocker.file,
        "line": line,
        "column": column,
        "function": blocker.function,
        "is_call": blocker.is_call,
        "behind": blocker.behind,
        "nearest": nearest.map(|nearest| json!({ "name": &*nearest.name, "input": &*nearest.text })),
    })
}

fn of_file(name: &str, file: &File) -> Value {
    let lines = file.lines();
    let those = |wanted: Line| -> Vec<u32> {
        lines.iter().filter(|(_, line)| **line == wanted).map(|(number, _)| *number).collect()
    };
    let points = file.points.iter().map(|((line, column), point)| {
        json!({
            "line": line,
            "column": column,
            "function": point.function,
            "counters": point.counters,
            "hit": point.hit,
            "is_frontier": point.is_frontier(),
        })
    });
    json!({
        "type": "coverage",
        "file": name,
        "counters": file.counters,
        "counters_hit": file.counters_hit,
        "executed": those(Line::Executed),
        "partial": those(Line::Partial),
        "unexecuted": those(Line::Unexecuted),
        "points": points.collect::<Vec<_>>(),
    })
}
