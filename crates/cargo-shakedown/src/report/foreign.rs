//! Text that is not ours, as it may stand among ours: messages of the target, what its processes print,
//! names of files. It comes from inputs, so it may be anything: sequences that clear the screen or
//! set its title, characters that turn a line around, lines that look like a finding, or a megabyte.

use std::fmt::Write;

/// Most lines of a text that are shown.
const MAX_LINES: usize = 20;

/// Most characters of a line that are shown.
const MAX_COLUMNS: usize = 500;

/// What continued lines begin with: no line of ours does.
const CONTINUED: &str = "\n  | ";

/// As much of a text as is worth reading, in lines that cannot be taken for ours.
#[must_use]
pub(crate) fn foreign(text: &str) -> String {
    shown_lines(text).join(CONTINUED)
}

/// All of a text, in lines that cannot be taken for ours.
#[must_use]
pub(crate) fn whole_foreign(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().lines().map(visible).collect();
    lines.join(CONTINUED)
}

/// The first line of a text, as far as it is worth reading.
#[must_use]
pub(crate) fn first_line(text: &str) -> String {
    shown_line(text.trim_start().lines().next().unwrap_or(""))
}

/// The lines of a text, cut to what fits a screen.
#[must_use]
pub(crate) fn shown_lines(text: &str) -> Vec<String> {
    let text = text.trim_end();
    let all = text.lines().count();
    let mut lines: Vec<String> = text.lines().take(MAX_LINES).map(shown_line).collect();
    if all > MAX_LINES {
        lines.push(format!("… and {} more lines", all - MAX_LINES));
    }
    lines
}

/// What a target has made of its input, below that.
#[must_use]
pub(crate) fn value_lines(value: &str) -> Vec<String> {
    let lines = shown_lines(value).into_iter().enumerate();
    let indented = |(at, line): (usize, String)| match at {
        0 => format!("  which is {line}"),
        _ => format!("  {line}"),
    };
    lines.map(indented).collect()
}

fn shown_line(line: &str) -> String {
    match line.char_indices().nth(MAX_COLUMNS) {
        Some((end, _)) => format!("{}… ({} bytes)", visible(&line[..end]), line.len()),
        None => visible(line),
    }
}

/// A text whose characters are all to be seen: those that would do something else, other than to end a
/// line or to move to the next column, are written as Rust would escape them.
#[must_use]
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match acts(char) {
            // Writing to a string cannot fail.
            true => drop(write!(out, "{}", char.escape_default())),
            false => out.push(char),
        }
    }
    out
}

/// Whether a terminal does something else with a character than to show it. Beside the controls these
/// are the marks, embeddings, overrides and isolates of the bidirectional algorithm, separators of lines
/// and paragraphs, what has no width, and tags. The joiners are left: words and symbols need them.
fn acts(char: char) -> bool {
    char.is_control() && !matches!(char, '\n' | '\t')
        || matches!(char,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_all_else_stays() {
        assert_eq!(visible("\u{1b}[2J\u{7}\r\u{9b}31m"), r"\u{1b}[2J\u{7}\r\u{9b}31m");
        assert_eq!(visible("a\u{202e}b\u{2066}c\u{feff}\0"), r"a\u{202e}b\u{2066}c\u{feff}\u{0}");
        let plain = "tab\t, two\nlines, é, 漢, 👩\u{200d}🔬, e\u{301}";
        assert_eq!(visible(plain), plain);
    }

    #[test]
    fn a_line_of_a_text_never_looks_like_one_of_ours() {
        let text = "assertion failed\nfinding: panic in x\r\n  input written to y\n\n";
        let shown = "assertion failed\n  | finding: panic in x\n  |   input written to y";
        assert_eq!(foreign(text), shown);
        assert_eq!(whole_foreign(text), shown);
        assert_eq!(first_line("\n one\ntwo"), "one");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let shown = foreign(&"line\n".repeat(3000));
        assert_eq!(shown.lines().count(), MAX_LINES + 1);
        assert!(shown.ends_with("\n  | … and 2980 more lines"), "{shown}");
        let shown = foreign(&"é".repeat(MAX_COLUMNS + 1));
        assert!(shown.ends_with("é… (1002 bytes)"), "{shown}");
        assert_eq!(whole_foreign(&"line\n".repeat(3000)).lines().count(), 3000);
    }
}
