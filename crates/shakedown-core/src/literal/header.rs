//! The first line of a corpus file, which names the format and its version.

use super::diagnostic::{Diagnostic, quote};

/// The first line of a file in the text form.
pub const HEADER: &str = "shakedown v1";

/// Checks the first line of `text` and returns the offset of the second.
pub(super) fn skip(text: &str) -> Result<usize, Diagnostic> {
    let line = text.split('\n').next().unwrap_or(text);
    let found = line.trim_end();
    if found == HEADER {
        return Ok(line.len());
    }
    let message = if text.trim().is_empty() {
        format!("the file is empty; its first line should be `{HEADER}`")
    } else if is_newer(found) {
        format!("{} is a newer format: upgrade shakedown to read this file", quote(found))
    } else {
        format!("the first line should be `{HEADER}`, found {}", quote(found))
    };
    Err(Diagnostic::at(text, 0, message))
}

/// Whether the line is a header of a version after ours.
fn is_newer(line: &str) -> bool {
    let version = line.strip_prefix("shakedown v").unwrap_or_default();
    !version.is_empty()
        && version.bytes().all(|byte| byte.is_ascii_digit())
        && version.trim_start_matches('0') > "1"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        skip(text).unwrap_err().to_string()
    }

    #[test]
    fn the_header_ends_with_its_line() {
        assert_eq!(skip("shakedown v1"), Ok(12));
        assert_eq!(skip("shakedown v1 \r\na: 1"), Ok(14));
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
