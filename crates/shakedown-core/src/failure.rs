//! What a failure of the target is, and when two of them are the same one.

mod echo;
mod generalize;

use generalize::generalize;

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

    /// Whether the worker survives such a failure.
    #[must_use]
    pub fn survivable(self) -> bool {
        matches!(self, Self::Panic | Self::Error)
    }
}

/// Where the function that panicked was called: what tells two mistakes apart that meet in one helper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// Not known, or no panic.
    #[default]
    Unknown,
    /// Addresses of the calls that led to the panic, innermost first, each once: all that a worker
    /// knows, for names take long.
    Stack(Vec<u64>),
    /// `file:line:column`.
    Place(String),
}

impl Caller {
    /// What these addresses, if there are any, say of it.
    #[must_use]
    pub fn on_stack(addresses: Vec<u64>) -> Self {
        if addresses.is_empty() { Self::Unknown } else { Self::Stack(addresses) }
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
    /// Where from.
    pub caller: Caller,
    /// Backtrace as text; empty unless one was asked for.
    pub backtrace: String,
}

impl Failure {
    /// What makes two failures the same: kind, place, the message without its particulars, and the
    /// caller if that is known.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.caller {
            Caller::Place(caller) => format!("{}, called at {caller}", self.key_of_any_caller()),
            Caller::Unknown | Caller::Stack(_) => self.key_of_any_caller(),
        }
    }

    /// The key as far as a worker knows it.
    #[must_use]
    pub fn key_of_any_caller(&self) -> String {
        let message = self.general_message();
        match self.place.is_empty() {
            true => format!("{}: {message}", self.kind.name()),
            false => format!("{} at {}: {message}", self.kind.name(), self.place),
        }
    }

    /// Whether this failure of an input is the same as another one of another input: by their keys, or
    /// because their messages differ in nothing but what each repeats of its input.
    #[must_use]
    pub fn is_alike(&self, input: &[u8], other: &Self, other_input: &[u8]) -> bool {
        let says_more = matches!(self.kind, Kind::Panic | Kind::Error | Kind::Abort);
        (self.kind, &self.place) == (other.kind, &other.place)
            && self.may_have_caller_of(other)
            && (self.key_of_any_caller() == other.key_of_any_caller()
                || says_more
                    && echo::differ_by_input((&self.message, input), (&other.message, other_input)))
    }

    /// Whether nothing says that they were called at different places.
    #[must_use]
    pub fn may_have_caller_of(&self, other: &Self) -> bool {
        match (&self.caller, &other.caller) {
            (Caller::Place(own), Caller::Place(other)) => own == other,
            _ => true,
        }
    }

    /// The same with `*` in the place of what the message repeats of its input.
    #[must_use]
    pub(crate) fn without_input(&self, input: &[u8]) -> Self {
        let message = match self.kind {
            Kind::Panic | Kind::Error | Kind::Abort => echo::without_input(&self.message, input),
            _ => self.message.clone(),
        };
        Self { message, ..self.clone() }
    }

    /// The message without its particulars: one line.
    #[must_use]
    pub fn general_message(&self) -> String {
        match self.kind {
            // The status is all that such a failure says.
            Kind::Exit => self.message.clone(),
            // An error is shown as its `Debug`: a string would be all quotation, and say nothing.
            Kind::Error => generalize(self.message.trim_matches('"')),
            // How much it was cannot always be read.
            Kind::OutOfMemory if self.message.starts_with("memory allocation") => {
                "memory allocation of # bytes failed".to_owned()
            }
            _ => generalize(&self.message),
        }
    }
}

/// Whether a place is in the sources of the standard library, as the compiler names them without and
/// with the `rust-src` component, or of the packages that it is built from.
#[must_use]
pub fn is_standard_place(place: &str) -> bool {
    ["/rustc/", "/rust/deps/"].iter().any(|folder| place.starts_with(folder))
        || place.contains("/lib/rustlib/src/rust/")
}

/// Whether a place, `file:line:column`, is in the engine's own libraries, from a registry or not.
#[must_use]
pub fn is_engine_place(place: &str) -> bool {
    let is_version = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    let is_engine = |folder: &str| {
        let rest = folder.strip_prefix("shakedown").unwrap_or("?");
        let rest = rest.strip_prefix("-core").unwrap_or(rest);
        rest.is_empty() || rest.strip_prefix('-').is_some_and(is_version)
    };
    let folders = || place.split('/');
    folders().zip(folders().skip(1)).any(|(folder, inner)| inner == "src" && is_engine(folder))
}

/// A place without what differs between machines: of files of a package from a registry only the
/// name of the package and what follows is kept.
#[must_use]
pub fn short_place(place: &str) -> &str {
    let registry = place.split_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/'));
    registry.map_or(place, |(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_engine_are_told_from_others() {
        for engine in [
            "crates/shakedown/src/execute.rs:3:1",
            "/w/crates/shakedown-core/src/codec.rs:3:1",
            "/h/.cargo/registry/src/index/shakedown-0.1.0/src/worker.rs:3:1",
            "/h/.cargo/registry/src/index/shakedown-core-0.1.0/src/rng.rs:3:1",
        ] {
            assert!(is_engine_place(engine), "{engine}");
        }
        for other in [
            "src/lib.rs:3:1",
            "/w/shakedown/lib.rs",
            "/w/shakedown-demo/src/a.rs",
            "/w/cargo-shakedown/src/a.rs",
        ] {
            assert!(!is_engine_place(other), "{other}");
        }
    }

    fn key(message: &str) -> String {
        Failure {
            kind: Kind::Panic,
            place: "src/lib.rs:4:9".into(),
            message: message.into(),
            caller: Caller::Unknown,
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
    fn exits_differ_by_status_and_errors_by_text() {
        let key = |kind, message: &str| {
            let (place, backtrace) = (String::new(), String::new());
            Failure { kind, place, message: message.into(), caller: Caller::Unknown, backtrace }
                .key()
        };
        assert_ne!(key(Kind::Exit, "exit status 1"), key(Kind::Exit, "exit status 2"));
        assert_ne!(key(Kind::Error, "\"too long\""), key(Kind::Error, "\"too short\""));
        assert_eq!(key(Kind::Error, "\"at 1\""), key(Kind::Error, "\"at 2\""));
    }

    #[test]
    fn places_are_the_same_on_every_machine() {
        let place =
            "/home/me/.cargo/registry/src/index-1949cf8c6b5b557f/semver-0.11.0/src/lib.rs:7:5";
        assert_eq!(short_place(place), "semver-0.11.0/src/lib.rs:7:5");
        assert_eq!(short_place("src/lib.rs:7:5"), "src/lib.rs:7:5");
    }

    #[test]
    fn failures_of_two_callers_are_two() {
        let of = |caller: &str| Failure {
            kind: Kind::Panic,
            place: "src/lib.rs:4:9".into(),
            message: "no".into(),
            caller: Caller::Place(caller.into()),
            backtrace: String::new(),
        };
        let (one, other) = (of("src/lib.rs:8:5"), of("src/lib.rs:9:5"));
        assert_eq!(one.key(), "panic at src/lib.rs:4:9: no, called at src/lib.rs:8:5");
        assert!(!one.is_alike(b"", &other, b""));
        for unnamed in [Caller::Unknown, Caller::Stack(vec![1])] {
            let unnamed = Failure { caller: unnamed, ..other.clone() };
            assert_eq!(unnamed.key(), one.key_of_any_caller());
            assert!(unnamed.is_alike(b"", &one, b"") && one.is_alike(b"", &unnamed, b""));
        }
    }

    #[test]
    fn what_is_said_does() {
        assert_ne!(key("called u8 code"), key("called u16 code"));
        assert_ne!(key("unwrap on None"), key("unwrap on Err"));
        assert_ne!(key("don't"), key("do"));
    }
}
