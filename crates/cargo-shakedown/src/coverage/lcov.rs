//! Coverage in the format of lcov, which most tools and services read.
//!
//! Counters say whether, and not how often, so a count is 1 or 0.
//! Source: the manual page of geninfo, "TRACEFILE FORMAT".

use std::fmt::Write;

use super::{Coverage, File};

/// The content of a tracefile.
pub(crate) fn lcov(coverage: &Coverage) -> String {
    coverage.files.iter().map(|(name, file)| record(name, file)).collect()
}

fn record(name: &str, file: &File) -> String {
    let mut text = format!("TN:\nSF:{name}\n");
    let totals = file.totals();
    for (number, line) in file.lines() {
        let _ = writeln!(text, "DA:{number},{}", u8::from(line.is_executed()));
    }
    let _ = writeln!(text, "LF:{}\nLH:{}\nend_of_record", totals.lines, totals.lines_executed);
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn every_known_line_has_a_count() {
        insta::assert_snapshot!(lcov(&sample()), @"
        TN:
        SF:a.rs
        DA:1,1
        DA:2,1
        DA:3,0
        DA:4,1
        DA:6,1
        LF:5
        LH:4
        end_of_record
        TN:
        SF:b<.rs
        DA:9,0
        LF:1
        LH:0
        end_of_record
        ");
    }
}
