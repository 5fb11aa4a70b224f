//! Failures that are known and accepted for now: the file `known` beside the inputs of a target.
//!
//! ```text
//! # A comment.
//! panic at src/parse.rs: byte index # is not a char boundary* because issue 12 waits for a release
//! timeout because deep nesting is quadratic
//! ```
//!
//! Each line has a kind, a place without its line and column (those change with every edit), the
//! message as [`Failure::key`] has it, and a reason. Place and message may be left out, and `*` stands
//! for any text in them.

use std::fmt;

use crate::failure::{Failure, Kind, short_place};

/// Name of the file in the folder of a target's seeds and findings.
pub const KNOWN_FILE: &str = "known";

/// What stands between a failure and the reason why it is accepted.
const BECAUSE: &str = " because ";

/// The known failures of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownFailures(Vec<KnownFailure>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct KnownFailure {
    kind: Kind,
    place: Option<String>,
    message: Option<String>,
    reason: String,
}

/// A line that says no known failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownError {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for KnownError {
    /// As `line: message`, to follow the name of a file and a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}

impl std::error::Error for KnownError {}

impl KnownFailures {
    /// Reads a file's text. Empty lines, and those that begin with `#` or `//`, say nothing.
    ///
    /// # Errors
    /// For the first line that is not in the format.
    pub fn parse(text: &str) -> Result<Self, KnownError> {
        let mut known = Vec::new();
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
                continue;
            }
            let failure = KnownFailure::parse(line);
            known.push(failure.map_err(|message| KnownError { line: index + 1, message })?);
        }
        Ok(Self(known))
    }

    /// Why a failure is accepted; nothing if it is not.
    #[must_use]
    pub fn reason(&self, failure: &Failure) -> Option<&str> {
        let known = self.0.iter().find(|known| known.covers(failure))?;
        Some(&known.reason)
    }
}

/// The line that would make the failure of an input a known one, up to the reason. It covers the same
/// failure of other inputs, whatever its message repeats of them.
#[must_use]
pub fn line_for(failure: &Failure, input: &[u8]) -> String {
    let message = failure.without_input(input).general_message();
    let message = match format!("{} ", message.trim()).split_once(BECAUSE) {
        Some((start, _)) => format!("{start}*"),
        None => message.trim().to_owned(),
    };
    let kind = failure.kind.name();
    match without_line(short_place(&failure.place)) {
        "" => format!("{kind}: {message}"),
        place => format!("{kind} at {place}: {message}"),
    }
}

impl KnownFailure {
    fn parse(line: &str) -> Result<Self, String> {
        // The reason may be missing after a `because` at the end.
        let padded = format!("{line} ");
        let split = padded.split_once(BECAUSE).map(|(what, reason)| (what, reason.trim()));
        let (what, reason) = split
            .filter(|(_, reason)| reason.chars().any(char::is_alphanumeric))
            .ok_or("a reason is missing: the line must end with `because` and words of yours")?;
        let (head, message) = match what.trim_end().split_once(": ") {
            Some((head, message)) => (head, Some(message.trim().to_owned())),
            None => match what.trim_end().strip_suffix(':') {
                Some(head) => (head, Some(String::new())),
                None => (what.trim_end(), None),
            },
        };
        let (name, place) = match head.split_once(" at ") {
            Some((name, place)) => (name, Some(without_line(place.trim()).to_owned())),
            None => (head, None),
        };
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name.trim());
        let kind = kind.ok_or_else(|| {
            let names = Kind::ALL.map(Kind::name).join(", ");
            format!("`{}` is no kind of failure; there are {names}", name.trim())
        })?;
        Ok(Self { kind, place, message, reason: reason.to_owned() })
    }

    fn covers(&self, failure: &Failure) -> bool {
        let place = without_line(short_place(&failure.place));
        let message = || failure.message.lines().next().unwrap_or("").trim();
        self.kind == failure.kind
            // A place that is not known cannot be another one.
            && self.place.as_deref().is_none_or(|known| place.is_empty() || is_like(known, place))
            && self.message.as_deref().is_none_or(|known| {
                is_like(known, failure.general_message().trim())
                    || is_like(known, message())
                    // What it repeats of the input may have ended its line.
                    || is_like(known, failure.message.trim())
            })
    }
}

/// A place without its line and column.
fn without_line(place: &str) -> &str {
    let without_number = |place| match str::rsplit_once(place, ':') {
        Some((rest, number)) if number.parse::<u32>().is_ok() => rest,
        _ => place,
    };
    without_number(without_number(place))
}

/// Whether a text is like a pattern, in which `*` stands for any text.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut pieces = rest.split('*');
    let end = pieces.next_back().unwrap_or_default();
    // The first occurrence of each piece leaves the most text to the others.
    for piece in pieces {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Caller;

    fn failure(kind: Kind, place: &str, message: &str) -> Failure {
        let (place, message) = (place.into(), message.into());
        Failure { kind, place, message, caller: Caller::Unknown, backtrace: String::new() }
    }

    fn known(text: &str) -> KnownFailures {
        KnownFailures::parse(text).unwrap()
    }

    #[test]
    fn a_line_covers_its_failure_and_no_other() {
        let text = "# why\n\npanic at src/lib.rs: index # of # because it's being fixed\n";
        let known = known(text);
        let reason = |kind, place, message| known.reason(&failure(kind, place, message));
        let expected = Some("it's being fixed");
        assert_eq!(reason(Kind::Panic, "src/lib.rs:4:9", "index 3 of 4\nmore"), expected);
        assert_eq!(reason(Kind::Panic, "src/lib.rs:77:1", "index 9 of 12"), expected);
        assert_eq!(reason(Kind::Panic, "", "index 9 of 12"), expected, "an unknown place");
        assert_eq!(reason(Kind::Panic, "src/main.rs:4:9", "index 3 of 4"), None);
        assert_eq!(reason(Kind::Panic, "src/lib.rs:4:9", "index 3 of 4!"), None);
        assert_eq!(reason(Kind::Error, "src/lib.rs:4:9", "index 3 of 4"), None);
    }

    #[test]
    fn place_and_message_may_be_left_out_or_have_gaps() {
        let cases = [
            ("timeout because slow", "", "took longer than 10s", true),
            ("timeout at a.rs because slow", "a.rs:1:2", "any", true),
            ("timeout at a.rs:9:9 because slow", "a.rs:1:2", "any", true),
            ("timeout at *.rs: a*c*e because slow", "x/a.rs:1:2", "a b c d e", true),
            ("timeout: a*c*e because slow", "", "a e c", false),
            ("timeout: *ab*b because slow", "", "ab", false),
            ("timeout: took longer than 10s because slow", "", "took longer than 10s", true),
            ("timeout: because slow", "", "", true),
            ("timeout: because slow", "", "any", false),
        ];
        for (line, place, message, expected) in cases {
            let reason = known(line).reason(&failure(Kind::Timeout, place, message)).is_some();
            assert_eq!(reason, expected, "{line} of {message} at {place}");
        }
    }

    #[test]
    fn the_line_made_for_a_failure_covers_it() {
        let registry =
            "/home/me/.cargo/registry/src/index-1949cf8c6b5b557f/semver-0.11.0/src/a.rs:7:5";
        let failures = [
            failure(Kind::Panic, "src/lib.rs:4:9", "index 3 of 4 *"),
            failure(Kind::Panic, registry, "called `Option::unwrap()` on a `None` value"),
            failure(Kind::Error, "", "\"bad because of it because\""),
            failure(Kind::Exit, "", "the target ended the process with exit status 3"),
            failure(Kind::Abort, "src/lib.rs:4:9", ""),
            failure(Kind::StackOverflow, "SIGSEGV", "at: the end: because"),
        ];
        for failure in failures {
            let line = line_for(&failure, b"input");
            let known = known(&format!("{line} because of something"));
            assert_eq!(known.reason(&failure), Some("of something"), "{line}");
        }
        let panic = failure(Kind::Panic, "src/lib.rs:4:9", "index 3 of 4");
        assert_eq!(line_for(&panic, b""), "panic at src/lib.rs: index # of #");
        let echo =
            |token: &str| failure(Kind::Panic, "src/lib.rs:4:9", &format!("bad {token}: no"));
        let line = line_for(&echo("foo"), b"=foo");
        assert_eq!(line, "panic at src/lib.rs: bad *: no");
        let known = known(&format!("{line} because so"));
        assert!(["", "bar", "a b [c] 17"].iter().all(|token| known.reason(&echo(token)).is_some()));
    }

    #[test]
    fn a_malformed_line_is_named() {
        let error = |text| KnownFailures::parse(text).unwrap_err().to_string();
        let missing = "a reason is missing: the line must end with `because` and words of yours";
        assert_eq!(error("# a comment\npanic at src/lib.rs: oh"), format!("2: {missing}"));
        assert_eq!(error("panic because"), format!("1: {missing}"));
        assert_eq!(error("panic because  "), format!("1: {missing}"));
        let unknown = error("panics at a.rs: oh because so");
        assert!(unknown.starts_with("1: `panics` is no kind of failure; there are panic, error,"));
    }
}
