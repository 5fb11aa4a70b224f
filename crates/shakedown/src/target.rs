//! What the attribute makes of a function: bytes in, a verdict out, and its options.

use std::fmt::Debug;
use std::time::Duration;

use shakedown_core::TARGET_MARK;
use shakedown_core::codec::{Corrupt, Reader, Writer};
use shakedown_core::literal::{Callee, Parameter, Taken};
use shakedown_core::schema::{Field, Schema, SchemaError, Types};
use shakedown_core::testdata;

use crate::Input;
use crate::input::shapes::field;

/// A fuzz target, as `#[shakedown::fuzz]` describes it.
#[derive(Debug)]
pub struct Target {
    /// [`TARGET_MARK`], the path of the target with its crate, its place, and the patterns of its
    /// `seed_files`, one a line, each with `;`. The command finds the targets of a binary by these bytes.
    pub mark: &'static str,
    /// Cargo's name of the program, where the program is the target and has no test harness: then it
    /// is the id, and inputs are kept as `cargo fuzz` keeps them. Drop-ins for other fuzzers say so.
    pub program: Option<&'static str>,
    /// The folder of the package, when it was compiled.
    pub manifest_dir: &'static str,
    /// Makes the shape of the arguments.
    pub schema: fn() -> Result<Schema, SchemaError>,
    /// Decodes the arguments and calls the function.
    pub call: for<'a> fn(&mut Reader<'a>) -> Result<Verdict, Corrupt>,
    /// Encodes the seeds of the attribute.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// The tokens of the attribute's dictionary.
    pub dictionary: fn() -> Vec<Vec<u8>>,
    /// Maximum length of an input, in bytes.
    pub max_len: Option<usize>,
    /// Time limit of an execution.
    pub timeout: Option<Duration>,
    /// How the function takes its arguments, and their types as they are written, without the
    /// reference where one is lent.
    pub parameters: &'static [(Taken, &'static str)],
    /// Whether the function returns a result.
    pub is_fallible: bool,
}

impl Target {
    /// How it is called in Rust.
    pub(crate) fn callee(&self) -> Callee {
        let parameter = |(taken, ty): &(Taken, &str)| Parameter { taken: *taken, ty: (*ty).into() };
        let parameters = self.parameters.iter().map(parameter).collect();
        Callee { path: self.path().into(), parameters, is_fallible: self.is_fallible }
    }

    /// The path of the function with its crate.
    fn path(&self) -> &'static str {
        let parts = self.mark.strip_prefix(TARGET_MARK).and_then(|parts| parts.split_once(';'));
        parts.expect("a whole mark").0
    }

    /// The patterns of the files that are seeds, too.
    pub(crate) fn seed_patterns(&self) -> Vec<&'static str> {
        testdata::seed_patterns(self.mark.split(';').nth(2).unwrap_or_default()).collect()
    }

    /// The id: the path of the function within its test binary, or the name of its program.
    pub(crate) fn id(&self) -> &'static str {
        if let Some(program) = self.program {
            return program;
        }
        let (_crate_name, id) = self.path().split_once("::").expect("a whole mark");
        id
    }
}

/// How an execution ended that returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is wrong.
    Passed,
    /// The target has no use for the input. Unlike [`reject`](fn@crate::reject), a value that says so
    /// costs nothing.
    Rejected,
    /// The target returned an error; this is its debug text.
    Error(String),
}

/// What a target may return.
#[diagnostic::on_unimplemented(
    message = "a fuzz target cannot return `{Self}`",
    label = "a target returns `()`, or `Result<(), E>` with `E: Debug`"
)]
pub trait Returned {
    /// What the returned value says about the execution.
    fn verdict(self) -> Verdict;
}

impl Returned for () {
    #[inline]
    fn verdict(self) -> Verdict {
        Verdict::Passed
    }
}

impl<E: Debug> Returned for Result<(), E> {
    #[inline]
    fn verdict(self) -> Verdict {
        match self {
            Ok(()) => Verdict::Passed,
            Err(error) => Verdict::Error(format!("{error:?}")),
        }
    }
}

/// The schema of a target whose arguments `arguments` adds.
///
/// # Errors
/// If no input can have that shape.
pub fn schema(arguments: impl FnOnce(&mut Types) -> Vec<Field>) -> Result<Schema, SchemaError> {
    let mut types = Types::new();
    let arguments = arguments(&mut types);
    types.finish(arguments)
}

/// The schema of a target that takes plain bytes, under this name.
///
/// # Errors
/// Never: it is what [`Target::schema`] returns.
pub fn raw_schema(name: &str) -> Result<Schema, SchemaError> {
    schema(|types| vec![field(name, <&[u8]>::schema(types), None)])
}

/// The bytes that `write` writes.
pub fn encoded(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer);
    writer.into_bytes()
}

/// Writes a slice as the vector that a target's `&[T]` argument is decoded to.
pub fn encode_slice<'a, T: Input<'a>>(slice: &[T], writer: &mut Writer) {
    T::vec_encode(slice, writer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_the_path_without_the_crate() {
        let target = Target {
            mark: "\u{1}shakedown target\u{1}url::tests::round_trips;src/lib.rs:1;",
            program: None,
            manifest_dir: "",
            schema: || schema(|_| Vec::new()),
            call: |_| Ok(Verdict::Passed),
            seeds: Vec::new,
            dictionary: Vec::new,
            max_len: None,
            timeout: None,
            parameters: &[],
            is_fallible: false,
        };
        assert_eq!(target.id(), "tests::round_trips");
        assert_eq!(target.seed_patterns(), [""; 0]);
        let mark = "\u{1}shakedown target\u{1}url::trips;src/lib.rs:1;a/*\nb/**/*.txt;";
        assert_eq!(Target { mark, ..target }.seed_patterns(), ["a/*", "b/**/*.txt"]);
        let target = Target { program: Some("fuzz-url"), ..target };
        assert_eq!(target.id(), "fuzz-url");
    }

    #[test]
    fn an_error_is_reported_by_its_debug_text() {
        assert_eq!(().verdict(), Verdict::Passed);
        assert_eq!(Ok::<_, u8>(()).verdict(), Verdict::Passed);
        assert_eq!(Err("it's bad").verdict(), Verdict::Error("\"it's bad\"".into()));
    }
}
