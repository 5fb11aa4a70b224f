//! The text form of a sequence of inputs, which fails only as a whole: the last input does what it
//! does because of those that the same process has run before.
//!
//! ```text
//! shakedown sequence v1
//! // abort: the process was aborted (SIGABRT)
//! data: b"a"
//! ---
//! data: b"b"
//! ```
//!
//! Between two inputs stands a line `---`; each has its arguments as in [`crate::literal`]. A raw
//! target has such files too, for its own have no room for more than one input.

use crate::literal::{
    self, BYTE_ORDER_MARK, Diagnostic, Parsed, Strangers, parse_from, skip_header,
};
use crate::schema::Schema;

/// The first line of such a file.
pub const HEADER: &str = "shakedown sequence v1";

/// How the names of such findings end. Reading goes by the content, not by the name.
pub const SUFFIX: &str = ".sequence";

/// The line between two inputs.
const SEPARATOR: &str = "---";

/// The inputs that were read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The encoded inputs, in order; never empty. They have the shape that the schema asks for.
    pub inputs: Vec<Vec<u8>>,
    /// What was skipped or read with reservations, in the order of the file.
    pub warnings: Vec<Diagnostic>,
    /// As [`Parsed::given`], of all inputs together.
    pub given: usize,
}

impl From<Parsed> for Sequence {
    fn from(parsed: Parsed) -> Self {
        Self { inputs: vec![parsed.input], warnings: parsed.warnings, given: parsed.given }
    }
}

/// The file of a sequence, with `comments`.
///
/// # Panics
/// If there are no inputs.
#[must_use]
pub fn print(schema: &Schema, inputs: &[impl AsRef<[u8]>], comments: &[&str]) -> String {
    let (first, rest) = inputs.split_first().expect("a sequence has an input");
    let text = literal::print(schema, first.as_ref(), comments);
    let mut text = text.replacen(literal::HEADER, HEADER, 1);
    for input in rest {
        text.push_str(&separated(schema, input.as_ref()));
    }
    text
}

/// The inputs as they stand in such a file, without its header.
#[must_use]
pub fn print_arguments(schema: &Schema, inputs: &[impl AsRef<[u8]>]) -> String {
    let Some((first, rest)) = inputs.split_first() else { return String::new() };
    let first = literal::print_arguments(schema, first.as_ref());
    let rest = rest.iter().map(|input| separated(schema, input.as_ref()));
    std::iter::once(first).chain(rest).collect()
}

fn separated(schema: &Schema, input: &[u8]) -> String {
    format!("{SEPARATOR}\n{}", literal::print_arguments(schema, input))
}

/// Reads such a file. No value in it may hold the line `---`, not even a raw string.
///
/// # Errors
/// As [`literal::parse`].
pub fn parse(schema: &Schema, text: &str) -> Result<Sequence, Diagnostic> {
    parse_file(schema, text, Strangers::Refused)
}

/// As [`parse`], but `strangers` decides as it does for a file of one input.
pub(crate) fn parse_file(
    schema: &Schema,
    text: &str,
    strangers: Strangers,
) -> Result<Sequence, Diagnostic> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut sequence = Sequence { inputs: Vec::new(), warnings: Vec::new(), given: 0 };
    let mut start = Some(skip_header(text, HEADER)?);
    while let Some(from) = start {
        let (end, next) = end_of_input(text, from);
        let parsed = parse_from(schema, &text[..end], from, strangers)?;
        sequence.inputs.push(parsed.input);
        sequence.warnings.extend(parsed.warnings);
        sequence.given += parsed.given;
        start = next;
    }
    Ok(sequence)
}

/// Where the input that begins at `from` ends, and where the next one begins.
fn end_of_input(text: &str, from: usize) -> (usize, Option<usize>) {
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        if line.trim_end() == SEPARATOR {
            return (at, Some(at + line.len()));
        }
        at += line.len();
    }
    (text.len(), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::schema::{Field, Int, Node, Types};
    use crate::testing::{cases, random_input, random_schema};

    fn numbers() -> Schema {
        let mut types = Types::new();
        let node = types.add(Node::Int(Int::full(false, 1)));
        types.finish(vec![Field { name: "n".into(), node, default: None }]).unwrap()
    }

    #[test]
    fn what_is_printed_is_read() {
        for seed in 0..cases(1000) {
            let mut rng = Rng::new(seed);
            let schema = random_schema(&mut rng);
            let count = 1 + rng.below(5);
            let inputs: Vec<_> = (0..count).map(|_| random_input(&schema, &mut rng)).collect();
            let text = print(&schema, &inputs, &["panic at a:1:1: no\n---"]);
            let given = count * schema.arguments().len();
            let sequence = Sequence { inputs, warnings: vec![], given };
            assert_eq!(parse(&schema, &text), Ok(sequence), "{text}");
        }
    }

    #[test]
    fn a_file_is_a_header_comments_and_inputs() {
        let text = print(&numbers(), &[[1], [2]], &["why"]);
        assert_eq!(text, "shakedown sequence v1\n// why\nn: 1\n---\nn: 2\n");
        assert_eq!(print_arguments(&numbers(), &[[1], [2]]), "n: 1\n---\nn: 2\n");
    }

    #[test]
    fn people_may_write_it_too() {
        let text = "\u{feff}shakedown sequence v1\r\nn: 0x_ff // the first\r\n---  \r\nm: [1]\n---";
        let error = parse(&numbers(), text).unwrap_err().to_string();
        assert!(error.starts_with("4:1: the target has no argument `m`"), "{error}");
        let read = parse_file(&numbers(), text, Strangers::Skipped).unwrap();
        assert_eq!(read.inputs, [[255], [0], [0]]);
        let warnings: Vec<_> = read.warnings.iter().map(Diagnostic::to_string).collect();
        assert_eq!(warnings, ["4:1: skipped the unknown argument `m`"]);
    }

    #[test]
    fn errors_tell_the_line_in_the_whole_file() {
        let error = |text: &str| parse(&numbers(), text).unwrap_err().to_string();
        assert!(error("shakedown sequence v1\nn: 1\n---\nn: 256\n").starts_with("4:4: "));
        assert!(error("shakedown v1\nn: 1").starts_with("1:1: the first line should be"));
        assert!(error("shakedown sequence v1\nn: 1\n--\nn: 2").starts_with("3:1: "));
    }
}
