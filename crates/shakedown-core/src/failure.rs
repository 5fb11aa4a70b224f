//! What a failure of the target is, and when two of them are the same one.

/// The ways in which a target can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// It panicked.
    Panic,
    /// It returned `Err`.
    Error,
    /// It called `abort`, or SIGABRT ended the process.
    Abort,
    /// Another crash signal ended the process.
    Signal,
    /// It ended the process by `exit`.
    Exit,
    /// It overflowed its stack.
    StackOverflow,
    /// It ran longer than the timeout.
    Timeout,
    /// It used more memory than allowed.
    OutOfMemory,
    /// A sanitizer complained.
    Sanitizer,
}

impl Kind {
    /// All kinds, by wire number.
    pub const ALL: [Self; 9] = [
        Self::Panic,
        Self::Error,
        Self::Abort,
        Self::Signal,
        Self::Exit,
        Self::StackOverflow,
        Self::Timeout,
        Self::OutOfMemory,
        Self::Sanitizer,
    ];

    /// The name used in reports and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Error => "error",
            Self::Abort => "abort",
            Self::Signal => "signal",
            Self::Exit => "exit",
            Self::StackOverflow => "stack-overflow",
            Self::Timeout => "timeout",
            Self::OutOfMemory => "out-of-memory",
            Self::Sanitizer => "sanitizer",
        }
    }

    /// Whether the worker lives on after such a failure.
    #[must_use]
    pub fn survivable(self) -> bool {
        matches!(self, Self::Panic | Self::Error)
    }
}

/// One failure, as seen in one execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How it failed.
    pub kind: Kind,
    /// Where, as `file:line:column` or a signal's name; empty if unknown.
    pub place: String,
    /// What it said.
    pub message: String,
    /// Backtrace as text; empty unless one was asked for.
    pub backtrace: String,
}

impl Failure {
    /// What makes two failures the same: kind, place, and the message without its particulars.
    #[must_use]
    pub fn key(&self) -> String {
        let message = generalize(&self.message);
        match self.place.is_empty() {
            true => format!("{}: {message}", self.kind.name()),
            false => format!("{} at {}: {message}", self.kind.name(), self.place),
        }
    }
}

/// A message with what varies between inputs taken out: numbers (addresses included) become `#`,
/// quoted text becomes `"…"`, everything after the first line is dropped, and so is what follows
/// the first 200 characters.
fn generalize(message: &str) -> String {
    let line = message.lines().next().unwrap_or("");
    let mut out = String::new();
    let mut chars = line.chars().peekable();
    let mut kept = 0;
    while let Some(c) = chars.next() {
        kept += 1;
        if kept > 200 {
            break;
        }
        let within_word =
            out.chars().next_back().is_some_and(|last| last.is_alphanumeric() || last == '_');
        if c.is_ascii_digit() && !within_word {
            while chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_').is_some() {}
            out.push('#');
        } else if matches!(c, '"' | '`') && closes(chars.clone(), c) {
            while chars.next().is_some_and(|next| next != c) {}
            out.push(c);
            out.push('…');
            out.push(c);
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a quotation opened by `quote` ends in what follows.
fn closes(mut rest: impl Iterator<Item = char>, quote: char) -> bool {
    rest.any(|c| c == quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(message: &str) -> String {
        Failure {
            kind: Kind::Panic,
            place: "src/lib.rs:4:9".into(),
            message: message.into(),
            backtrace: String::new(),
        }
        .key()
    }

    #[test]
    fn particulars_do_not_tell_failures_apart() {
        assert_eq!(
            key("index out of bounds: the len is 3 but the index is 17"),
            "panic at src/lib.rs:4:9: index out of bounds: the len is # but the index is #"
        );
        assert_eq!(key("at 0x7f3a_00ff"), key("at 0x1"));
        assert_eq!(key("bad token \"a b\" here"), key("bad token \"\" here"));
        assert_eq!(key("byte index 1 of `é`"), key("byte index 22 of `日本`"));
        assert_eq!(key("left\n left: 1"), key("left\n left: 2"));
    }

    #[test]
    fn what_is_said_does() {
        assert_ne!(key("called u8 code"), key("called u16 code"));
        assert_ne!(key("unwrap on None"), key("unwrap on Err"));
        assert_ne!(key("don't"), key("do"));
    }
}
