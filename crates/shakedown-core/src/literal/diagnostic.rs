//! What is wrong with a file, and where.

use std::fmt;

/// Characters of a file shown in a message, at most.
const MAX_SHOWN: usize = 40;

/// A remark about a place in a file: an error, or a warning about a part that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong there: one sentence, without the place.
    pub message: String,
}

impl Diagnostic {
    /// A remark about the byte `offset` of `text`. An offset past the end means the end, one within
    /// a character that character.
    #[must_use]
    pub fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        Remark::new(offset, message).locate(text)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// An input that was read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The encoded input; it has the shape that the schema asks for.
    pub input: Vec<u8>,
    /// What was skipped or read with reservations, in the order of the file.
    pub warnings: Vec<Diagnostic>,
    /// How many of the target's arguments the file gives; the others have taken their defaults.
    pub given: usize,
}

/// A diagnostic whose place is still an offset in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) offset: usize,
    pub(crate) message: String,
}

impl Remark {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }

    /// The remark about a part of a text that begins at the byte `base`.
    pub(crate) fn moved(self, base: usize) -> Self {
        Self { offset: base + self.offset, ..self }
    }

    /// The diagnostic, once the text is at hand.
    pub(crate) fn locate(self, text: &str) -> Diagnostic {
        Locator::default().locate(text, self)
    }

    /// As [`Self::locate`] for many remarks; one pass over the text if their offsets rise.
    pub(crate) fn locate_all(remarks: Vec<Self>, text: &str) -> Vec<Diagnostic> {
        let mut locator = Locator::default();
        remarks.into_iter().map(|remark| locator.locate(text, remark)).collect()
    }
}

/// Turns offsets into lines and columns; continues from the last place if it can.
#[derive(Debug, Default)]
struct Locator {
    offset: usize,
    lines: usize,
    columns: usize,
}

impl Locator {
    fn locate(&mut self, text: &str, remark: Remark) -> Diagnostic {
        let offset = text.floor_char_boundary(remark.offset);
        if offset < self.offset {
            *self = Self::default();
        }
        for c in text[self.offset..offset].chars() {
            if c == '\n' {
                self.lines += 1;
                self.columns = 0;
            } else {
                self.columns += 1;
            }
        }
        self.offset = offset;
        Diagnostic { line: self.lines + 1, column: self.columns + 1, message: remark.message }
    }
}

/// Source text for a message: between backquotes, on one line, cut where it gets long.
pub(crate) fn quote(source: &str) -> String {
    let mut chars = source.chars();
    let mut shown = String::from("`");
    for c in chars.by_ref().take(MAX_SHOWN) {
        push_visible(c, &mut shown);
    }
    shown.push_str(if chars.next().is_some() { "..`" } else { "`" });
    shown
}

/// Appends a character so that it can do no harm on a terminal or to the lines of a file: what is
/// not printable is escaped, bidirectional controls included.
pub(crate) fn push_visible(c: char, out: &mut String) {
    match c {
        '"' | '\'' | '\\' => out.push(c),
        _ => out.extend(c.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters() {
        let at = |offset| Diagnostic::at("ab\r\né\u{1F980}x", offset, "m").to_string();
        assert_eq!(at(0), "1:1: m");
        assert_eq!(at(4), "2:1: m");
        assert_eq!(at(6), "2:2: m");
        assert_eq!(at(8), "2:2: m", "within a character");
        assert_eq!(at(10), "2:3: m");
        assert_eq!(at(999), "2:4: m");
    }

    #[test]
    fn remarks_may_come_in_any_order() {
        let remarks = [4, 4, 2, 0].map(|offset| Remark::new(offset, "")).to_vec();
        let lines =
            Remark::locate_all(remarks, "a\nb\nc").iter().map(|d| d.line).collect::<Vec<_>>();
        assert_eq!(lines, [3, 3, 2, 1]);
    }

    #[test]
    fn quoted_source_is_short_and_harmless() {
        assert_eq!(quote("\"it's\"\n\u{202e}"), "`\"it's\"\\n\\u{202e}`");
        assert_eq!(quote(&"x".repeat(100)), format!("`{}..`", "x".repeat(40)));
    }
}
