//! The content of a corpus file, to and from an encoded input.
//!
//! Where a target takes one string or bytes and nothing else, a file is that content as it is, so
//! that corpora can be exchanged with other fuzzers; otherwise it is text ([`crate::literal`]).
//! The files of Go's fuzzer ([`crate::go_corpus`]) are read too, and so are those that hold a whole
//! sequence of inputs ([`crate::sequence_file`]).

use crate::codec::Reader;
use crate::literal::{self, Diagnostic, Parsed, length_text};
use crate::schema::shape;
use crate::schema::{Raw, Schema};
use crate::sequence_file::Sequence;
use crate::{go_corpus, sequence_file};

/// The file of an input. Text holds `comments`, a raw file has no place for them.
///
/// Raw content that looks like text is written as text, so that [`decode`] gives back the same
/// input for every file.
#[must_use]
pub fn encode(schema: &Schema, input: &[u8], comments: &[&str]) -> Vec<u8> {
    match raw_content(schema, input) {
        Some(content) if !has_header(content) => content.to_vec(),
        _ => literal::print(schema, input, comments).into_bytes(),
    }
}

/// Reads a file that holds one input.
///
/// # Errors
/// As [`decode_all`]; several inputs.
pub fn decode(schema: &Schema, file: &[u8]) -> Result<Parsed, Diagnostic> {
    let Sequence { mut inputs, warnings, given } = decode_all(schema, file)?;
    match (inputs.pop(), inputs.len()) {
        (Some(input), 0) => Ok(Parsed { input, warnings, given }),
        (_, before) => {
            let message = format!("expected one input, found a sequence of {}", before + 1);
            Err(Diagnostic { line: 1, column: 1, message })
        }
    }
}

/// As [`decode`], for a file that may belong to another target.
///
/// # Errors
/// As [`decode`]; arguments of which the target has none, so that only defaults would be left.
pub fn decode_stranger(schema: &Schema, file: &[u8]) -> Result<Parsed, Diagnostic> {
    let parsed = decode(schema, file)?;
    match parsed.warnings.first() {
        Some(first) if parsed.given == 0 => {
            let names = schema.arguments().iter().map(|argument| format!("`{}`", argument.name));
            let names = names.collect::<Vec<_>>().join(", ");
            let message = format!(
                "the file gives none of this target's arguments ({names}): it belongs to another \
                 target, or the arguments were renamed"
            );
            Err(Diagnostic { message, ..first.clone() })
        }
        _ => Ok(parsed),
    }
}

/// Reads a file: the inputs of a sequence in order, or the only one.
///
/// The file of a raw target is taken as text only if it begins like it and can be read so.
///
/// # Errors
/// As [`literal::parse`], [`go_corpus::parse`] and [`sequence_file::parse`]; text or the content of a
/// string argument that is not UTF-8; content of a raw file whose length is out of bounds.
pub fn decode_all(schema: &Schema, file: &[u8]) -> Result<Sequence, Diagnostic> {
    let Some(raw) = schema.raw() else {
        return decode_text(schema, file);
    };
    if !has_header(file) {
        return decode_raw(schema, raw, file).map(Sequence::from);
    }
    decode_text(schema, file).or_else(|error| {
        let mut parsed = decode_raw(schema, raw, file)?;
        let message =
            format!("read as raw content, because it cannot be read as text: {}", error.message);
        parsed.warnings.push(Diagnostic { message, ..error });
        Ok(parsed.into())
    })
}

/// The content of a valid input of a raw target.
fn raw_content<'a>(schema: &Schema, input: &'a [u8]) -> Option<&'a [u8]> {
    schema.raw()?;
    shape::check(schema, input).ok()?;
    Reader::new(input).bytes().ok()
}

/// Whether a file begins like text.
fn has_header(file: &[u8]) -> bool {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let headers = [literal::HEADER, sequence_file::HEADER, go_corpus::HEADER];
    headers.iter().any(|header| file.starts_with(header.as_bytes()))
}

fn decode_text(schema: &Schema, file: &[u8]) -> Result<Sequence, Diagnostic> {
    let text = utf8(file)?;
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    if bare.starts_with("shakedown sequence v") {
        return sequence_file::parse(schema, text);
    }
    let parsed = match bare.starts_with("go test fuzz v") {
        true => go_corpus::parse(schema, text),
        false => literal::parse(schema, text),
    };
    parsed.map(Sequence::from)
}

fn decode_raw(schema: &Schema, raw: &Raw, file: &[u8]) -> Result<Parsed, Diagnostic> {
    if matches!(raw, Raw::Str(_)) {
        utf8(file)?;
    }
    if !raw.len().contains(file.len()) {
        let expected = length_text(raw.len(), "bytes");
        let name = &schema.arguments()[0].name;
        let message = format!("expected {expected} for `{name}`, found {}", file.len());
        return Err(Diagnostic { line: 1, column: 1, message });
    }
    let mut input = Vec::with_capacity(schema.encoded_len(file.len()));
    input.extend_from_slice(&(file.len() as u32).to_le_bytes());
    input.extend_from_slice(file);
    Ok(Parsed { input, warnings: Vec::new(), given: 1 })
}

fn utf8(file: &[u8]) -> Result<&str, Diagnostic> {
    std::str::from_utf8(file).map_err(|error| {
        let (valid, rest) = file.split_at(error.valid_up_to());
        let valid = std::str::from_utf8(valid).unwrap_or_default();
        let byte = rest.first().copied().unwrap_or_default();
        Diagnostic::at(valid, valid.len(), format!("expected UTF-8, found the byte 0x{byte:02x}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::schema::{Field, Len, Node, Text, Types};
    use crate::testing::{cases, random_input, random_schema};

    fn single(node: Node) -> Schema {
        let mut types = Types::new();
        let node = types.add(node);
        types.finish(vec![Field { name: "data".into(), node, default: None }]).unwrap()
    }

    fn error(schema: &Schema, file: &[u8]) -> String {
        decode(schema, file).unwrap_err().to_string()
    }

    #[test]
    fn what_is_encoded_decodes() {
        for seed in 0..cases(3000) {
            let mut rng = Rng::new(seed);
            let schema = random_schema(&mut rng);
            let input = random_input(&schema, &mut rng);
            let file = encode(&schema, &input, &["found yesterday"]);
            let given = schema.arguments().len();
            assert_eq!(decode(&schema, &file), Ok(Parsed { input, warnings: vec![], given }));
        }
    }

    #[test]
    fn one_bytes_argument_is_the_file() {
        let schema = single(Node::Bytes(Len { min: 0, max: 40 }));
        assert_eq!((schema.content_len(9), schema.encoded_len(5)), (5, 9));
        assert_eq!(encode(&schema, b"\x02\0\0\0\xffa", &["gone"]), b"\xffa");
        assert_eq!(decode(&schema, b"").unwrap().input, [0; 4]);
        assert_eq!(error(&schema, &[0; 41]), "1:1: expected at most 40 bytes for `data`, found 41");
        let typed = single(Node::Bool);
        assert_eq!((typed.content_len(1), typed.encoded_len(1)), (1, 1));
    }

    #[test]
    fn content_that_looks_like_text_is_written_as_text() {
        let schema = single(Node::Bytes(Len::ANY));
        for content in [
            &b"shakedown v1\ndata: b\"x\""[..],
            b"shakedown v12",
            b"shakedown sequence v1\n---\n",
            b"go test fuzz v1\nstring(\"x\")",
            b"\xef\xbb\xbfshakedown v1\n\xff",
        ] {
            let mut input = (content.len() as u32).to_le_bytes().to_vec();
            input.extend_from_slice(content);
            let file = encode(&schema, &input, &[]);
            assert!(file.starts_with(b"shakedown v1\ndata: b\""));
            assert_eq!(decode(&schema, &file), Ok(Parsed { input, warnings: vec![], given: 1 }));
        }
    }

    #[test]
    fn raw_targets_read_text_that_can_be_read() {
        let schema = single(Node::Bytes(Len::ANY));
        let content = |file: &[u8]| decode(&schema, file).unwrap().input[4..].to_vec();
        assert_eq!(content(b"go test fuzz v1\n[]byte(\"\\xff\")\n"), b"\xff");
        assert_eq!(content(b"shakedown v1\n// why\ndata: b\"\\xff\"\n"), b"\xff");
        let taken = decode(&schema, b"shakedown v1\ndata: [\xff").unwrap();
        assert_eq!(&taken.input[4..], b"shakedown v1\ndata: [\xff");
        assert_eq!(
            taken.warnings[0].to_string(),
            "2:8: read as raw content, because it cannot be read as text: expected UTF-8, found the byte 0xff"
        );
    }

    #[test]
    fn a_sequence_is_not_taken_for_an_input() {
        let schema = single(Node::Bytes(Len::ANY));
        let file = b"shakedown sequence v1\ndata: b\"a\"\n---\ndata: b\"b\"\n";
        assert_eq!(error(&schema, file), "1:1: expected one input, found a sequence of 2");
        let inputs = decode_all(&schema, file).unwrap().inputs;
        assert_eq!(inputs, [b"\x01\0\0\0a", b"\x01\0\0\0b"]);
        // Unless it cannot be one.
        let raw = b"shakedown sequence v1\ndata: b\"a";
        let taken = decode(&schema, raw).unwrap();
        assert_eq!((&taken.input[4..], taken.warnings.len()), (&raw[..], 1));
        assert!(error(&single(Node::Bool), b"shakedown sequence v2\n").contains("upgrade"));
    }

    #[test]
    fn a_file_of_another_target_is_no_stranger_to_be_taken_in() {
        for schema in [single(Node::Bool), single(Node::Bytes(Len::ANY))] {
            let stranger = |file: &str| {
                let read = decode_stranger(&schema, file.as_bytes());
                read.map(|parsed| parsed.warnings.len()).map_err(|error| error.to_string())
            };
            let refused = stranger("shakedown v1\n\nops: [1]\nn: 2\n").unwrap_err();
            assert!(
                refused.starts_with("3:1: the file gives none of this target's arguments (`data`)")
            );
            assert_eq!(stranger("shakedown v1\n"), Ok(0), "all defaults are wanted");
            assert_eq!(decode(&schema, b"shakedown v1\nops: [1]\nn: 2\n").unwrap().given, 0);
        }
        let schema = single(Node::Bool);
        let known = decode_stranger(&schema, b"shakedown v1\ndata: true\nn: 2\n").unwrap();
        assert_eq!((known.given, known.warnings.len()), (1, 1));
        let go = decode_stranger(&schema, b"go test fuzz v1\nbool(true)\nint(7)\n").unwrap();
        assert_eq!((go.given, go.warnings.len()), (1, 1));
    }

    #[test]
    fn errors_tell_the_place() {
        let string = single(Node::Str(Text::ANY));
        assert_eq!(
            error(&string, "a\né\u{1F980}".as_bytes().split_last().unwrap().1),
            "2:2: expected UTF-8, found the byte 0xf0"
        );
        let text = single(Node::Bool);
        assert_eq!(
            error(&text, b""),
            "1:1: the file is empty; its first line should be `shakedown v1`"
        );
        assert_eq!(error(&text, b"\xff"), "1:1: expected UTF-8, found the byte 0xff");
        assert_eq!(
            error(&text, b"true"),
            "1:1: the first line should be `shakedown v1`, found `true`"
        );
        assert!(error(&text, b"shakedown v2\n").contains("upgrade"));
        assert!(error(&text, b"go test fuzz v2\n").contains("upgrade"));
        assert_eq!(decode(&text, b"go test fuzz v1\nbool(true)").unwrap().input, [1]);
    }

    #[test]
    fn any_bytes_are_read_or_refused() {
        for seed in 0..cases(2000) {
            let mut rng = Rng::new(seed);
            let schema = random_schema(&mut rng);
            let mut file = encode(&schema, &random_input(&schema, &mut rng), &[]);
            for _ in 0..rng.below(4) {
                let at = rng.below(file.len() + 1);
                file.insert(at, rng.u32() as u8);
            }
            if let Ok(parsed) = decode(&schema, &file) {
                assert_eq!(shape::check(&schema, &parsed.input), Ok(()));
            }
        }
    }
}
