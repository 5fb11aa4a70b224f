//! Accepted and rejected files, after the cases of Go's own tests of its format.

use super::*;
use crate::literal::print_value;
use crate::rng::Rng;
use crate::schema::{Bytes, Int, NodeId, Text, Types};
use crate::testing::{cases, random_schema};

fn schema(nodes: &[Node]) -> Schema {
    let mut types = Types::new();
    let fields = nodes.iter().enumerate().map(|(index, node)| {
        let node = types.add(node.clone());
        Field { name: format!("arg{index}"), node, default: None }
    });
    let fields = fields.collect();
    types.finish(fields).unwrap()
}

/// The one value of a file as a Rust literal.
fn read(node: &Node, line: &str) -> Result<String, String> {
    let schema = schema(std::slice::from_ref(node));
    let parsed =
        parse(&schema, &format!("go test fuzz v1\n{line}\n")).map_err(|e| e.to_string())?;
    assert_eq!(parsed.warnings, []);
    Ok(print_value(&schema, NodeId(0), &parsed.input))
}

fn int(signed: bool, width: u8) -> Node {
    Node::Int(Int::full(signed, width))
}

const WIDE: Node = Node::Float { width: 8 };
const NARROW: Node = Node::Float { width: 4 };
const BYTES: Node = Node::Bytes(Bytes::ANY);
const STRING: Node = Node::Str(Text::ANY);

#[test]
fn every_integer_form() {
    let wide = int(true, 16);
    for (line, value) in [
        ("int(-23)", "-23"),
        ("int8(-128)", "-128"),
        ("int64(9223372036854775807)", "9223372036854775807"),
        ("uint(18446744073709551615)", "18446744073709551615"),
        ("uint16(0xFF)", "255"),
        ("int(0b101)", "5"),
        ("int(0o17)", "15"),
        ("int(017)", "15"),
        ("int(0)", "0"),
        ("int(+1_000)", "1000"),
        ("int32(-5)", "-5"),
        ("rune(65)", "65"),
        ("rune('œ')", "339"),
        (r"rune('\U0001F980')", "129408"),
        ("byte('*')", "42"),
        (r"byte('\xff')", "255"),
        (r"byte('\'')", "39"),
        (r"byte('\101')", "65"),
        ("uint8(')')", "41"),
        ("  int( 5 ) // five", "5"),
    ] {
        assert_eq!(read(&wide, line).as_deref(), Ok(value), "{line}");
    }
}

#[test]
fn every_float_form() {
    for (line, value) in [
        ("float64(1.5)", "1.5"),
        ("float64(-0)", "-0.0"),
        ("float64(-12345678.0e-3)", "-12345.678"),
        ("float64(+Inf)", "f64::INFINITY"),
        ("float64(-Inf)", "f64::NEG_INFINITY"),
        ("float64(NaN)", "f64::NAN"),
        ("float32(0.5)", "0.5"),
        ("math.Float64frombits(0x7ff8000000000002)", "f64::from_bits(0x7ff8000000000002)"),
    ] {
        assert_eq!(read(&WIDE, line).as_deref(), Ok(value), "{line}");
    }
    let bits = "math.Float32frombits(0xffc00001)";
    assert_eq!(read(&NARROW, bits).as_deref(), Ok("f32::from_bits(0xffc00001)"));
}

#[test]
fn every_text_form() {
    for (line, value) in [
        (r#"string("abc\nxyz\t\"\a\v")"#, r#"b"abc\nxyz\t\"\x07\x0b""#),
        (
            r#"[]byte("\x00\xff\101é\u00e9\U0001f980")"#,
            r#"b"\0\xffA\xc3\xa9\xc3\xa9\xf0\x9f\xa6\x80""#,
        ),
        (r#"string(`a\n"")`)"#, r#"b"a\\n\"\")""#),
    ] {
        assert_eq!(read(&BYTES, line).as_deref(), Ok(value), "{line}");
    }
    assert_eq!(read(&STRING, r#"[]byte("é")"#).as_deref(), Ok("\"é\""));
    assert_eq!(
        read(&STRING, r#"string("\xff")"#).unwrap_err(),
        "2:1: argument `arg0`: expected UTF-8, found other bytes"
    );
    assert_eq!(read(&Node::Bool, "bool(true)").as_deref(), Ok("true"));
    assert_eq!(read(&Node::Char, "rune('é')").as_deref(), Ok("'é'"));
    assert_eq!(read(&Node::Char, "int32(65)").as_deref(), Ok("'A'"));
}

#[test]
fn what_go_rejects_is_an_error_at_its_place() {
    let wide = int(true, 16);
    for (node, line, error) in [
        (&wide, "int(20*5)", "2:5: expected one integer in int(..), found `20*5`"),
        (&wide, "int(--5)", "2:5: expected one integer in int(..), found `--5`"),
        (&wide, "int()", "2:5: expected one integer in int(..), found ``"),
        (
            &wide,
            "uint(-32)",
            "2:6: this uint is out of range: expected an integer from 0 to 18446744073709551615",
        ),
        (
            &wide,
            "int8(1234456)",
            "2:6: this int8 is out of range: expected an integer from -128 to 127",
        ),
        (
            &wide,
            "int64(9223372036854775808)",
            "2:7: this int64 is out of range: expected an integer from -9223372036854775808 to 9223372036854775807",
        ),
        (&wide, "byte('☺')", "2:6: this byte is out of range: expected an integer from 0 to 255"),
        (&wide, "byte(256)", "2:6: this byte is out of range: expected an integer from 0 to 255"),
        (&wide, "byte('abc')", "2:6: expected one character and a closing `'`"),
        (&wide, "  int(1) int(2)", "2:10: expected the end of the line, found `int(2)`"),
        (&wide, "int(1", "2:6: expected `)`, found the end of the line"),
        (&wide, "int(1)) ", "2:7: expected the end of the line, found `)`"),
        (&wide, "uintptr(1)", "2:1: `uintptr` is not a type of Go's fuzzer"),
        (&wide, "1", "2:1: expected a value such as `int(1)`, found `1`"),
        (&Node::Bool, "bool(0)", "2:6: this is not a value of bool"),
        (&WIDE, "float64(1e999)", "2:9: this is not a value of float64"),
        (&WIDE, "float64(inf)", "2:9: this is not a value of float64"),
        (&BYTES, "string(\"a", "2:8: unterminated string"),
        (&BYTES, r#"string("a\q")"#, r"2:10: unknown escape `\q`"),
        (&BYTES, r#"string("\400")"#, "2:9: this escape is larger than a byte"),
        (&BYTES, r#"string("\ud800")"#, "2:9: d800 is not the code of a character"),
        (&BYTES, r#"string("\x4")"#, "2:9: expected 2 digits in this escape"),
        (&Node::Bool, "int(1)", "2:1: argument `arg0`: expected a bool, found an integer"),
    ] {
        assert_eq!(read(node, line).unwrap_err(), error, "{line}");
    }
}

#[test]
fn values_that_do_not_fit_their_argument_are_errors() {
    let small = int(false, 1);
    assert_eq!(
        read(&small, "int(-1)").unwrap_err(),
        "2:1: argument `arg0`: `-1` is out of range: expected an integer from 0 to 255"
    );
    assert_eq!(
        read(&Node::Bytes(Bytes::of_len(Len { min: 2, max: 3 })), "string(\"\")").unwrap_err(),
        "2:1: argument `arg0`: expected 2 to 3 bytes, found 0"
    );
}

#[test]
fn headers_are_checked() {
    let schema = schema(&[Node::Bool]);
    let error = |text| parse(&schema, text).unwrap_err().message;
    assert!(error("").contains("empty"));
    assert_eq!(error("int(1)"), "the first line should be `go test fuzz v1`, found `int(1)`");
    assert!(error("go test fuzz v2\nbool(true)").contains("upgrade"));
}

#[test]
fn values_are_matched_by_position() {
    let schema = schema(&[Node::Bool, int(false, 1)]);
    let parsed = parse(&schema, "\u{feff}go test fuzz v1\r\n\r\n bool(true) \r\n").unwrap();
    assert_eq!((parsed.input, parsed.warnings), (vec![1, 0], vec![]));
    let parsed = parse(&schema, "go test fuzz v1\nbool(true)\nint(2)\nint(3)").unwrap();
    assert_eq!(parsed.input, [1, 2]);
    assert_eq!(parsed.warnings[0].to_string(), "4:1: skipped value 3, `int(3)`: no such argument");
}

#[test]
fn no_text_is_too_strange() {
    const PIECES: [&str; 24] = [
        "int",
        "[]byte",
        "string",
        "rune",
        "float64",
        "math.Float64frombits",
        "bool",
        "(",
        ")",
        "\"",
        "`",
        "'",
        "\\",
        "x",
        "u",
        "0",
        "7",
        "-",
        "é",
        "\n",
        " ",
        "true",
        "1.5",
        "🦀",
    ];
    for seed in 0..cases(3000) {
        let mut rng = Rng::new(seed);
        let schema = random_schema(&mut rng);
        let mut text = String::from("go test fuzz v1\n");
        (0..rng.below(12)).for_each(|_| text.push_str(PIECES[rng.below(PIECES.len())]));
        if let Ok(parsed) = parse(&schema, &text) {
            assert_eq!(shape::check(&schema, &parsed.input), Ok(()));
        }
    }
}
