//! Coverage as text for people.

use super::{Blocker, Coverage, Totals};
use crate::report::counted;

/// Most characters of an input beside a place.
const MAX_INPUT: usize = 60;

/// How much of each file was executed, and of all together: a line each below a heading.
pub(crate) fn table(coverage: &Coverage) -> Vec<String> {
    let files = coverage.files.iter().map(|(name, file)| (name.as_str(), file.totals()));
    let rows: Vec<_> = files.chain([("all", coverage.totals())]).collect();
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let heading =
        format!("{:width$}  {:>18}  {:>18}  {:>8}", "file", "counters", "lines", "frontier");
    let line = |(name, totals): &(&str, Totals)| {
        let counters = share(totals.counters_hit, totals.counters);
        let lines = share(totals.lines_executed, totals.lines);
        format!("{name:width$}  {counters}  {lines}  {:>8}", totals.frontier)
    };
    [heading].into_iter().chain(rows.iter().map(line)).collect()
}

/// A part of a whole, in 18 columns. It is rounded down: 100% is all.
fn share(part: usize, whole: usize) -> String {
    let tenths = (part * 1000).checked_div(whole).unwrap_or(1000);
    format!("{:>11} {:>5}%", format!("{part}/{whole}"), format!("{}.{}", tenths / 10, tenths % 10))
}

/// What was not reached in functions that were entered: a line each, with what lies behind it and the
/// input that comes nearest.
pub(crate) fn frontier(blockers: &[Blocker]) -> Vec<String> {
    let line = |blocker: &Blocker| {
        let Blocker { file, position: (line, column), function, is_call, behind, nearest, .. } =
            blocker;
        let called = if *is_call { " called here" } else { "" };
        let mut text = format!("{file}:{line}:{column}: not reached, in `{function}`{called}");
        if *behind > 1 {
            text += &format!(", with {} behind it", counted(behind - 1, "counter"));
        }
        if let Some(nearest) = nearest {
            let input = nearest.text.lines().collect::<Vec<_>>().join(", ");
            text += &format!("; nearest input {}: {}", nearest.name, shortened(&input));
        }
        text
    };
    blockers.iter().map(line).collect()
}

/// As much of a text as fits beside others.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_INPUT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Nearest;
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn people_see_a_table_and_the_frontier() {
        let nearest =
            Nearest { len: 9, name: "0123".into(), text: "a: 1\nb: true".into(), number: 7 };
        let nearest = Some(nearest);
        let far = Blocker {
            file: "a.rs".into(),
            position: (3, 9),
            function: "demo::parse".into(),
            is_call: true,
            behind: 1,
            is_hidden: true,
            before: Vec::new(),
            nearest: None,
        };
        let near = Blocker { position: (2, 9), is_call: false, behind: 42, nearest, ..far.clone() };
        let text = [table(&sample()), frontier(&[near, far])].concat().join("\n");
        insta::assert_snapshot!(text, @"
        file             counters               lines  frontier
        a.rs           4/7  57.1%          4/5  80.0%         2
        b<.rs          0/1   0.0%          0/1   0.0%         0
        all            4/8  50.0%          4/6  66.6%         2
        a.rs:2:9: not reached, in `demo::parse`, with 41 counters behind it; nearest input 0123: a: 1, b: true
        a.rs:3:9: not reached, in `demo::parse` called here
        ");
    }

    #[test]
    fn only_all_is_everything() {
        assert_eq!(share(9999, 10_000).trim(), "9999/10000  99.9%");
        assert_eq!(share(7, 7).trim(), "7/7 100.0%");
        assert_eq!(share(0, 0).trim(), "0/0 100.0%");
    }
}
