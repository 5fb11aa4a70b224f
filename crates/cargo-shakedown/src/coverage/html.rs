//! Coverage as one page that needs nothing else: a table, and the source with marks.
//!
//! Everything that is not ours is escaped, and the page says itself that nothing may be loaded or run.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Coverage, File, Line, Point, Position, Totals};
use crate::report::escaped;

/// What all pages begin with.
const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta http-equiv=\"Content-Security-Policy\" \
content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Coverage</title>
";

const STYLE: &str = include_str!("page.css");

/// What the marks mean, below the table.
const LEGEND: &str = "<p class=\"legend\"><b class=\"executed\"></b> executed \
<b class=\"partial\"></b> executed, but not every point of it \
<b class=\"unexecuted\"></b> a point that was not reached; other code of the line may have been \
<br>A line without a mark has no counter of its own in this program. <i class=\"frontier\">Marked</i> \
characters are points that were not reached in functions that were entered.</p>
";

/// The page. `text` has the source of a file by its name, if it can be read.
pub(crate) fn html(coverage: &Coverage, text: impl Fn(&str) -> Option<String>) -> String {
    let mut page = format!("{HEAD}<style>\n{STYLE}</style>\n<h1>Coverage</h1>\n");
    page.push_str(&overview(coverage));
    page.push_str(LEGEND);
    for (number, (name, file)) in coverage.files.iter().enumerate() {
        let _ = writeln!(page, "<h2 id=\"f{number}\">{}</h2>", escaped(name));
        match text(name) {
            Some(text) => page.push_str(&source(file, &text)),
            None => page.push_str("<p>The source cannot be read.</p>\n"),
        }
    }
    page
}

/// A table of all files.
fn overview(coverage: &Coverage) -> String {
    let heads = ["file", "counters", "", "lines", "", "frontier"].map(|head| format!("<th>{head}"));
    let mut table = format!("<table>\n<tr>{}\n", heads.concat());
    for (number, (name, file)) in coverage.files.iter().enumerate() {
        let link = format!("<a href=\"#f{number}\">{}</a>", escaped(name));
        table.push_str(&row(&link, &file.totals()));
    }
    table.push_str(&row("all", &coverage.totals()));
    table.push_str("</table>\n");
    table
}

fn row(name: &str, totals: &Totals) -> String {
    let share = |part: usize, whole: usize| {
        format!("<td>{part}/{whole}<td><meter max=\"{whole}\" value=\"{part}\"></meter>")
    };
    let counters = share(totals.counters_hit, totals.counters);
    let lines = share(totals.lines_executed, totals.lines);
    format!("<tr><td>{name}{counters}{lines}<td>{}\n", totals.frontier)
}

/// The lines of a file with their marks.
fn source(file: &File, text: &str) -> String {
    let states = file.lines();
    let mut page = String::from("<pre>\n");
    for (number, line) in (1..).zip(text.lines()) {
        let class = states.get(&number).map_or("", |state| class(*state));
        let code = code(file.points.range((number, 0)..(number + 1, 0)), line);
        let _ = writeln!(page, "<s>{number:>5}</s><b class=\"{class}\"></b>{code}");
    }
    page.push_str("</pre>\n");
    page
}

fn class(line: Line) -> &'static str {
    match line {
        Line::Executed => "executed",
        Line::Partial => "partial",
        Line::Unexecuted => "unexecuted",
    }
}

/// A line in which the points of the frontier are marked, each by the word or character at it.
fn code<'p>(points: impl Iterator<Item = (&'p Position, &'p Point)>, line: &str) -> String {
    // Columns of the compiler count characters.
    let starts: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
    let missing = points.filter(|(_, point)| point.is_frontier());
    let marks: BTreeMap<usize, &Point> = missing
        .filter_map(|((_, column), point)| {
            Some((*starts.get(column.checked_sub(1)? as usize)?, point))
        })
        .collect();
    let (mut code, mut done) = (String::new(), 0);
    for (start, point) in marks {
        if start < done {
            continue;
        }
        let end = start + token_len(&line[start..]);
        let _ = write!(
            code,
            "{}<i class=\"frontier\" title=\"not reached, in {}\">{}</i>",
            escaped(&line[done..start]),
            escaped(&point.function),
            escaped(&line[start..end])
        );
        done = end;
    }
    code + &escaped(&line[done..])
}

/// Bytes of the word that a text begins with, or of its first character.
fn token_len(text: &str) -> usize {
    let word = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    word.max(text.chars().next().map_or(0, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    /// The page of a text that is the source of every file, without what all pages have.
    fn page(text: &str) -> String {
        let page = html(&sample(), |name| (name == "a.rs").then(|| text.to_owned()));
        page.split_once("</style>\n").unwrap().1.to_owned()
    }

    #[test]
    fn lines_and_points_are_marked() {
        let text = "fn f() {\n    aa; bb(cc);\n        ü?;\n}\n";
        insta::assert_snapshot!(page(text).replace(LEGEND, "(legend)\n"));
    }

    #[test]
    fn what_a_source_says_stays_text() {
        let page = page("</pre><script>alert(1)</script>\n\u{202e}<img src=x onerror='f()'>\n");
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        assert!(page.contains("&lt;script&gt;") && page.contains("\\u{202e}&lt;img"), "{page}");
        assert!(!page.contains("b<.rs"), "names of files, too: {page}");
    }

    #[test]
    fn a_page_loads_nothing() {
        let page = html(&sample(), |_| None);
        assert!(page.contains("default-src 'none'"));
        let loads = ["src=", "url(", "@import", "<link", "http:", "https:", "<script"];
        for load in loads {
            assert!(!page.contains(load), "{load}");
        }
    }
}
