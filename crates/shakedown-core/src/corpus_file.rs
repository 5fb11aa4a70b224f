//! The content of a corpus file, to and from an encoded input.
//!
//! Where a target takes one string or bytes and nothing else, a file is that content as it is, so
//! that corpora can be exchanged with other fuzzers; otherwise it is text ([`crate::literal`]).
//! The files of Go's fuzzer ([`crate::go_corpus`]) are read too, and so are those that hold a whole
//! sequence of inputs ([`crate::sequence_file`]).

use crate::codec::Reader;
use crate::domain::{bytes, text};
use crate::literal::{self, Diagnostic, Parsed, Strangers, length_text};
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

/// Reads a file that holds one input. Arguments that the target does not have are skipped, those that
/// the file does not have take their defaults: entries of a corpus outlive changes of the target.
///
/// # Errors
/// As [`decode_all`], but for that; several inputs.
pub fn decode(schema: &Schema, file: &[u8]) -> Result<Parsed, Diagnostic> {
    only(decode_file(schema, file, Strangers::Skipped)?)
}

fn only(sequence: Sequence) -> Result<Parsed, Diagnostic> {
    let Sequence { mut inputs, warnings, given } = sequence;
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
/// As [`decode_all`]; several inputs.
pub fn decode_stranger(schema: &Schema, file: &[u8]) -> Result<Parsed, Diagnostic> {
    only(decode_all(schema, file)?)
}

/// Reads a file: the inputs of a sequence in order, or the only one.
///
/// The file of a raw target is taken as text only if it begins like it and can be read so.
///
/// # Errors
/// Arguments that the target does not have, or that the file does not and that have no default: the
/// file would not test what it was written for. As [`literal::parse`], [`go_corpus::parse`] and [`sequence_file::parse`]; text or the content of a
/// string argument that is not UTF-8; content of a raw file whose length is out of bounds.
pub fn decode_all(schema: &Schema, file: &[u8]) -> Result<Sequence, Diagnostic> {
    decode_file(schema, file, Strangers::Refused)
}

fn decode_file(schema: &Schema, file: &[u8], strangers: Strangers) -> Result<Sequence, Diagnostic> {
    let Some(raw) = schema.raw() else {
        return decode_text(schema, file, strangers);
    };
    if !has_header(file) {
        return decode_raw(schema, raw, file).map(Sequence::from);
    }
    decode_text(schema, file, strangers).or_else(|error| {
        // Text that only gives the wrong arguments is text.
        if decode_text(schema, file, Strangers::Skipped).is_ok() {
            return Err(error);
        }
        let mut parsed = decode_raw(schema, raw, file)?;
        let message =
            format!("read as raw content, because it cannot be read as text: {}", error.message);
        parsed.warnings.push(Diagnostic { message, ..error });
        Ok(parsed.into())
    })
}

/// The content of a valid input of a raw target, whatever it looks like.
#[must_use]
pub fn raw_content<'a>(schema: &Schema, input: &'a [u8]) -> Option<&'a [u8]> {
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

fn decode_text(schema: &Schema, file: &[u8], strangers: Strangers) -> Result<Sequence, Diagnostic> {
    let text = utf8(file)?;
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    if bare.starts_with("shakedown sequence v") {
        return sequence_file::parse_file(schema, text, strangers);
    }
    let parsed = match bare.starts_with("go test fuzz v") {
        true => go_corpus::parse(schema, text),
        false => literal::parse_file(schema, text, strangers),
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
    let allowed = match raw {
        Raw::Bytes(of) => bytes::check(of, file),
        Raw::Str(of) => text::check(of, file),
    };
    allowed.map_err(|reason| {
        let name = &schema.arguments()[0].name;
        Diagnostic { line: 1, column: 1, message: format!("{reason} in `{name}`") }
    })?;
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
    use crate::schema::{Bytes, Field, Len, Node, Text, Types};
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
        let schema = single(Node::Bytes(Bytes::of_len(Len { min: 0, max: 40 })));
        assert_eq!((schema.content_len(9), schema.encoded_len(5)), (5, 9));
        assert_eq!(encode(&schema, b"\x02\0\0\0\xffa", &["gone"]), b"\xffa");
        assert_eq!(decode(&schema, b"").unwrap().input, [0; 4]);
        assert_eq!(error(&schema, &[0; 41]), "1:1: expected at most 40 bytes for `data`, found 41");
        let typed = single(Node::Bool);
        assert_eq!((typed.content_len(1), typed.encoded_len(1)), (1, 1));
    }

    #[test]
    fn content_that_looks_like_text_is_written_as_text() {
        let schema = single(Node::Bytes(Bytes::ANY));
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
        let schema = single(Node::Bytes(Bytes::ANY));
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
        let schema = single(Node::Bytes(Bytes::ANY));
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
    fn arguments_that_are_not_the_targets_are_refused_but_in_the_cache() {
        for schema in [single(Node::Bool), single(Node::Bytes(Bytes::ANY))] {
            let refused = |file: &str| {
                let error = decode_all(&schema, file.as_bytes()).unwrap_err();
                assert_eq!(decode_stranger(&schema, file.as_bytes()), Err(error.clone()));
                assert!(decode(&schema, file.as_bytes()).is_ok(), "{file}");
                error.to_string()
            };
            assert_eq!(
                refused("shakedown v1\n\nops: [Push(1)]\nn: 2\n"),
                "3:1: the target has no argument `ops`, only `data`: rename it here or remove it, \
                 unless the file is another target's"
            );
            let missing = "2:1: the argument `data` is missing: add a line `data: ..`, or declare \
                           what it is then with #[input(default = ..)]";
            assert_eq!(refused("shakedown v1\n"), missing);
        }
        let one_more = b"shakedown v1\ndata: true\nn: 2\n";
        assert!(decode_all(&single(Node::Bool), one_more).unwrap_err().message.contains("`n`"));
        let go = decode_stranger(&single(Node::Bool), b"go test fuzz v1\nbool(true)\nint(7)\n");
        assert_eq!(go.map(|go| (go.given, go.warnings.len())), Ok((1, 1)));
    }

    #[test]
    fn one_argument_of_another_name_and_the_same_shape_is_a_rename() {
        let schema = single(Node::Bytes(Bytes::ANY));
        for read in
            [decode_all, |schema: &Schema, file: &[u8]| decode(schema, file).map(Into::into)]
        {
            let read = read(&schema, b"shakedown v1\nline: b\"ab\"\n").unwrap();
            assert_eq!(read.inputs, [b"\x02\0\0\0ab"]);
            assert_eq!(
                read.warnings[0].to_string(),
                "2:1: `line` is read as `data`, the only argument that is missing"
            );
        }
    }

    #[test]
    fn an_argument_with_a_default_may_be_missing() {
        let mut types = Types::new();
        let node = types.add(Node::Bool);
        let field = |name: &str, default| Field { name: name.into(), node, default };
        let schema = types.finish(vec![field("a", None), field("b", Some(vec![1]))]).unwrap();
        let input = |file: &str| decode_all(&schema, file.as_bytes()).map(|read| read.inputs);
        assert_eq!(input("shakedown v1\na: false\n"), Ok(vec![vec![0, 1]]));
        assert_eq!(input("shakedown v1\na: false\nold: false\n"), Ok(vec![vec![0, 0]]));
        assert!(input("shakedown v1\nb: false\n").unwrap_err().message.contains("`a` is missing"));
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
