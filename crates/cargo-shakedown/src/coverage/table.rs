//! Coverage as text for people.

use super::{Coverage, Totals};

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

/// What was not executed in functions that were entered: a line each.
pub(crate) fn frontier(coverage: &Coverage) -> Vec<String> {
    let files = coverage.files.iter();
    let of_file = files.flat_map(|(name, file)| file.points.iter().map(move |point| (name, point)));
    let missing = of_file.filter(|(_, (_, point))| point.is_frontier());
    let line = |(name, ((line, column), point)): (&String, (&super::Position, &super::Point))| {
        format!("{name}:{line}:{column}: not reached, in `{}`", point.function)
    };
    missing.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn people_see_a_table_and_the_frontier() {
        let text = [table(&sample()), frontier(&sample())].concat().join("\n");
        insta::assert_snapshot!(text, @"
        file             counters               lines  frontier
        a.rs           4/7  57.1%          4/5  80.0%         2
        b<.rs          0/1   0.0%          0/1   0.0%         0
        all            4/8  50.0%          4/6  66.6%         2
        a.rs:2:9: not reached, in `demo::parse`
        a.rs:3:9: not reached, in `demo::parse`
        ");
    }

    #[test]
    fn only_all_is_everything() {
        assert_eq!(share(9999, 10_000).trim(), "9999/10000  99.9%");
        assert_eq!(share(7, 7).trim(), "7/7 100.0%");
        assert_eq!(share(0, 0).trim(), "0/0 100.0%");
    }
}
