//! The first line of a corpus file, which names the format and its version.

use super::diagnostic::{Diagnostic, quote};

/// The first line of a file in the text form.
pub const HEADER: &str = "shakedown v1";

/// Checks that the first line of `text` is `header`, and returns the offset of its end. The version
/// is the number at the end of the header.
pub(crate) fn skip_header(text: &str, header: &str) -> Result<usize, Diagnostic> {
    let line = text.split('\n').next().unwrap_or(text);
    let found = line.trim_end();
    if found == header {
        return Ok(line.len());
    }
    let message = if text.trim().is_empty() {
        format!("the file is empty; its first line should be `{header}`")
    } else if is_newer(found, header) {
        format!("{} is a newer format: upgrade shakedown to read this file", quote(found))
    } else {
        format!("the first line should be `{header}`, found {}", quote(found))
    };
    Err(Diagnostic::at(text, 0, message))
}

/// Whether the line is the header of a later version than `header`.
fn is_newer(line: &str, header: &str) -> bool {
    let format = header.trim_end_matches(|c: char| c.is_ascii_digit());
    let version = |line: &str| line.strip_prefix(format).and_then(|text| text.parse::<u32>().ok());
    version(line) > version(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        skip_header(text, HEADER).unwrap_err().to_string()
    }

    #[test]
    fn the_header_ends_with_its_line() {
        assert_eq!(skip_header("shakedown v1", HEADER), Ok(12));
        assert_eq!(skip_header("shakedown v1 \r\na: 1", HEADER), Ok(14));
    }

    #[test]
    fn other_first_lines_are_errors_that_say_what_to_do() {
        assert_eq!(error(" \n"), "1:1: the file is empty; its first line should be `shakedown v1`");
        assert_eq!(
            error("shakedown v2\n"),
            "1:1: `shakedown v2` is a newer format: upgrade shakedown to read this file"
        );
        assert!(error("shakedown v12").contains("newer"));
        assert_eq!(error("a: 1\n"), "1:1: the first line should be `shakedown v1`, found `a: 1`");
        assert!(error("shakedown v0").contains("should be"));
    }
}
