//! The text form as a whole: what is printed reads back, what people write is understood, and no
//! text is too strange.

use super::*;
use crate::rng::Rng;
use crate::schema::shape;
use crate::schema::{
    Bytes, Field, FieldStyle, Int, Len, Node, NodeId, Record, Schema, SeqStyle, Text, Types,
    Weights,
};
use crate::testing::{cases, random_input, random_schema};

fn field(name: &str, node: NodeId) -> Field {
    Field { name: name.into(), node, default: None }
}

fn record(name: &str, style: FieldStyle, fields: Vec<Field>) -> Record {
    Record { name: name.into(), style, fields }
}

/// A schema with the one argument `x`.
fn single(build: impl FnOnce(&mut Types) -> NodeId) -> Schema {
    let mut types = Types::new();
    let node = build(&mut types);
    types.finish(vec![field("x", node)]).unwrap()
}

fn scalar(node: Node) -> Schema {
    single(|types| types.add(node))
}

fn byte(types: &mut Types) -> NodeId {
    types.add(Node::Int(Int::full(false, 1)))
}

/// `enum Op { Push(u8), Resize { len: u8, fill: Option<u8> }, Pop }`; `len` is 9 by default.
fn op(types: &mut Types) -> NodeId {
    let byte = byte(types);
    let option = types.add(Node::Choice {
        weights: Weights::EVEN,
        name: "Option".into(),
        variants: vec![
            record("None", FieldStyle::Unit, vec![]),
            record("Some", FieldStyle::Tuple, vec![field("0", byte)]),
        ],
    });
    let len = Field { default: Some(vec![9]), ..field("len", byte) };
    types.add(Node::Choice {
        weights: Weights::EVEN,
        name: "Op".into(),
        variants: vec![
            record("Push", FieldStyle::Tuple, vec![field("0", byte)]),
            record("Resize", FieldStyle::Named, vec![len, field("fill", option)]),
            record("Pop", FieldStyle::Unit, vec![]),
        ],
    })
}

fn seq(style: SeqStyle, element: impl FnOnce(&mut Types) -> NodeId) -> Schema {
    single(|types| {
        let element = element(types);
        types.add(Node::Seq { element, len: Len::ANY, style })
    })
}

fn map() -> Schema {
    seq(SeqStyle::Map, |types| {
        let byte = byte(types);
        let key = record("", FieldStyle::Tuple, vec![field("0", byte), field("1", byte)]);
        let key = types.add(Node::Record(key));
        let pair = record("", FieldStyle::Tuple, vec![field("0", key), field("1", byte)]);
        types.add(Node::Record(pair))
    })
}

fn read(schema: &Schema, value: &str) -> Result<Parsed, Diagnostic> {
    parse(schema, &format!("shakedown v1\nx: {value}\n"))
}

/// Reads `value` without warnings and prints it again.
fn reprint(schema: &Schema, value: &str) -> String {
    let parsed = read(schema, value).unwrap_or_else(|error| panic!("{value}: {error}"));
    assert_eq!(parsed.warnings, [], "{value}");
    assert_eq!(shape::check(schema, &parsed.input), Ok(()));
    print_value(schema, schema.arguments()[0].node, &parsed.input)
}

fn error(schema: &Schema, value: &str) -> String {
    read(schema, value).unwrap_err().to_string()
}

#[test]
fn a_whole_file() {
    let mut types = Types::new();
    let text = types.add(Node::Str(Text::ANY));
    let strict = types.add(Node::Bool);
    let element = op(&mut types);
    let ops = types.add(Node::Seq { element, len: Len::ANY, style: SeqStyle::List });
    let schema = types
        .finish(vec![field("text", text), field("strict", strict), field("ops", ops)])
        .unwrap();
    let file = "shakedown v1\n\
        // finding 3f2a91c0: panicked\n\
        // second line\u{20}\\u{1b}[0m\n\
        text: \"http://[::1\"\n\
        strict: true\n\
        ops: [Push(3), Resize { len: 10, fill: None }, Resize { len: 1, fill: Some(2) }, Pop]\n";
    let parsed = parse(&schema, file).unwrap();
    assert_eq!(parsed.warnings, []);
    let comment = "finding 3f2a91c0: panicked\r\nsecond line \u{1b}[0m";
    assert_eq!(print(&schema, &parsed.input, &[comment]), file);
    assert_eq!(
        print(&schema, b"\xff", &[""]),
        "shakedown v1\n//\n// not an input of this target: the input ends too early at byte 0\n"
    );
}

#[test]
fn people_write_files_in_their_own_way() {
    let mut types = Types::new();
    let node = byte(&mut types);
    let schema = types.finish(vec![field("a", node), field("r#type", node)]).unwrap();
    let file = "\u{feff}shakedown v1\r\n/* a */ r#type /* b */ : // c\r\n  2,\r\n\r\n a:1";
    assert_eq!(parse(&schema, file).unwrap().input, [1, 2]);
    let twice = parse(&schema, "shakedown v1\na: 1\na: 2").unwrap_err();
    assert_eq!(twice.to_string(), "3:1: `a` is given twice");
}

#[test]
fn integers() {
    let signed = scalar(Node::Int(Int::full(true, 1)));
    for (text, value) in [("-128", -128), ("1_2u8", 12), ("0x7f", 127), ("'a'", 97), ("b'\\n'", 10)]
    {
        assert_eq!(reprint(&signed, text), value.to_string());
    }
    assert_eq!(
        error(&signed, "-129"),
        "2:4: `-129` is out of range: expected an integer from -128 to 127"
    );
    assert!(error(&signed, &"9".repeat(50)).contains("is out of range"));
    assert_eq!(error(&signed, "1.5"), "2:4: expected an integer, found `1.5`");
    assert_eq!(error(&signed, ""), "3:1: expected an integer, found the end of the file");
    let wide = scalar(Node::Int(Int::full(true, 16)));
    for value in [i128::MIN, -1, 0, i128::MAX] {
        assert_eq!(reprint(&wide, &value.to_string()), value.to_string());
    }
    assert_eq!(reprint(&scalar(Node::Int(Int::full(false, 1))), "-0"), "0");
}

#[test]
fn floats() {
    let wide = scalar(Node::Float { width: 8 });
    for text in ["1.5", "1e100", "-0.0", "5e-324", "f64::INFINITY", "f64::NEG_INFINITY"] {
        assert_eq!(reprint(&wide, text), text);
    }
    for (text, printed) in [
        ("3", "3.0"),
        ("inf", "f64::INFINITY"),
        ("-inf", "f64::NEG_INFINITY"),
        ("NaN", "f64::NAN"),
        ("-std::f64::NAN", "f64::from_bits(0xfff8000000000000)"),
        ("f64::from_bits(0x7ff0_0000_0000_0001)", "f64::from_bits(0x7ff0000000000001)"),
        ("f32::from_bits(0x3fc00000)", "1.5"),
        ("f64::MAX", "1.7976931348623157e308"),
    ] {
        assert_eq!(reprint(&wide, text), printed);
    }
    let narrow = scalar(Node::Float { width: 4 });
    assert_eq!(reprint(&narrow, "0.1f64"), "0.1");
    assert_eq!(reprint(&narrow, "f32::from_bits(0xffc00001)"), "f32::from_bits(0xffc00001)");
    assert_eq!(error(&narrow, "1e39"), "2:4: `1e39` is too large for a float");
    assert_eq!(
        error(&narrow, "f32::from_bits(0x100000000)"),
        "2:19: expected the bits of a float, found `0x100000000`"
    );
    assert_eq!(error(&narrow, "f32::PI"), "2:4: expected a float, found `f32`");
}

#[test]
fn texts_and_bytes() {
    let string = scalar(Node::Str(Text::ANY));
    for (text, printed) in [
        (r#""é\n\u{202e}\0\"'""#, r#""é\n\u{202e}\0\"'""#),
        (r###"r#"a"b"#"###, r#""a\"b""#),
        ("b\"abc\"", "\"abc\""),
        ("&\"a\\\n   b\"", "\"ab\""),
    ] {
        assert_eq!(reprint(&string, text), printed);
    }
    assert_eq!(error(&string, "b\"\\xff\""), "2:4: expected a string of UTF-8, found `b\"\\xff\"`");
    assert_eq!(error(&string, "\"\\xff\"").split(": ").next(), Some("2:5"));
    let bytes = scalar(Node::Bytes(Bytes::of_len(Len { min: 1, max: 3 })));
    for text in ["b\"a\\xff\"", "[b'a', 255]", "vec![97, 0xff]", "&[97, 255,]"] {
        assert_eq!(reprint(&bytes, text), "b\"a\\xff\"");
    }
    assert_eq!(reprint(&bytes, "\"é\""), "b\"\\xc3\\xa9\"");
    assert_eq!(error(&bytes, "b\"\""), "2:4: expected 1 to 3 bytes, found 0");
    assert_eq!(error(&bytes, "[1,2,3,4]"), "2:11: too many bytes: expected 1 to 3 bytes");
    assert_eq!(reprint(&scalar(Node::Char), r"'\''"), r"'\''");
    assert_eq!(reprint(&scalar(Node::Char), "\"a\""), "'a'");
    assert_eq!(reprint(&string, "'é'"), "\"é\"");
    assert_eq!(
        error(&scalar(Node::Char), "\"ab\""),
        "2:4: expected a character such as `'a'`, found `\"ab\"`"
    );
}

#[test]
fn sequences() {
    let list = seq(SeqStyle::List, byte);
    for text in ["[1, 2]", "vec![1, 2,]", "&[1,\n2]", "{1, 2}"] {
        assert_eq!(reprint(&list, text), "[1, 2]");
    }
    assert_eq!(error(&list, "[1 2]"), "2:7: expected `,` or `]`, found `2`");
    assert_eq!(error(&list, "[1, 2"), "3:1: expected `,` or `]`, found the end of the file");
    let set = seq(SeqStyle::Set, byte);
    assert_eq!(reprint(&set, "[1, 2]"), "{1, 2}");
    assert_eq!(reprint(&set, "{}"), "{}");
    for text in ["{(1, 2): 3}", "[((1, 2), 3)]", "{((1, 2), 3)}"] {
        assert_eq!(reprint(&map(), text), "{(1, 2): 3}");
    }
    assert_eq!(reprint(&map(), "[]"), "{}");
    let array = single(|types| {
        let element = byte(types);
        types.add(Node::Array { element, len: 2 })
    });
    assert_eq!(reprint(&array, "[1, 2]"), "[1, 2]");
    assert_eq!(error(&array, "[1]"), "2:4: expected exactly 2 elements, found 1");
    assert_eq!(error(&array, "[1, 2, 3]"), "2:11: too many elements: expected exactly 2");
}

#[test]
fn variants() {
    let op = single(op);
    for (text, printed) in [
        ("Push(3)", "Push(3)"),
        ("crate::Op::Push(3,)", "Push(3)"),
        ("Push()", "Push(0)"),
        ("Op::Resize {\nfill: Option::Some(1), len: 2,\n}", "Resize { len: 2, fill: Some(1) }"),
        ("Resize {}", "Resize { len: 9, fill: None }"),
        ("Pop", "Pop"),
    ] {
        assert_eq!(reprint(&op, text), printed);
    }
    assert_eq!(error(&op, "Psh(1)"), "2:4: `Op` has no variant `Psh`: did you mean `Push`?");
    assert_eq!(
        error(&op, "Quit"),
        "2:4: `Op` has no variant `Quit`: expected `Push`, `Resize` or `Pop`"
    );
    assert_eq!(error(&op, "3"), "2:4: expected a variant of `Op`, found `3`");
    assert_eq!(error(&op, "Resize(true)"), "2:11: expected an integer, found `true`");
    assert_eq!(error(&op, "Resize { len: 1, len: 1 }"), "2:21: `len` is given twice");
}

#[test]
fn structs_and_tuples() {
    let structure = |name: &str, style, count: usize| {
        single(|types| {
            let byte = byte(types);
            let named = style == FieldStyle::Named;
            let name_of = |i: usize| if named { format!("f{i}") } else { i.to_string() };
            let fields = (0..count).map(|i| field(&name_of(i), byte)).collect();
            types.add(Node::Record(record(name, style, fields)))
        })
    };
    assert_eq!(reprint(&structure("", FieldStyle::Tuple, 0), "()"), "()");
    assert_eq!(reprint(&structure("", FieldStyle::Tuple, 1), "(1)"), "(1,)");
    assert_eq!(reprint(&structure("", FieldStyle::Tuple, 2), "(1, 2)"), "(1, 2)");
    assert_eq!(reprint(&structure("A", FieldStyle::Unit, 0), "crate::A"), "A");
    assert_eq!(reprint(&structure("A", FieldStyle::Tuple, 2), "A(1, 2)"), "A(1, 2)");
    assert_eq!(reprint(&structure("m::A<u8>", FieldStyle::Named, 1), "A { f0: 1 }"), "A { f0: 1 }");
    let renamed = read(&structure("B", FieldStyle::Tuple, 1), "A(1)").unwrap();
    assert_eq!(renamed.input, [1]);
    assert_eq!(renamed.warnings[0].to_string(), "2:4: `A` is read as `B`");
}

#[test]
fn what_is_unknown_is_skipped_and_told() {
    let schema = single(op);
    let file = "shakedown v1\n\
        old: Some::Path { a: [1, (2, \"}\")], ..b } gone: -1.5 a: vec![1] b: None\n\
        x: Resize { before: &[1], len: 3, after: b'x' }\n";
    let parsed = parse(&schema, file).unwrap();
    assert_eq!(parsed.input, [1, 3, 0]);
    let warnings: Vec<String> = parsed.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "2:1: skipped the unknown argument `old`",
            "2:43: skipped the unknown argument `gone`",
            "2:54: skipped the unknown argument `a`",
            "2:65: skipped the unknown argument `b`",
            "3:13: skipped the unknown field `before`",
            "3:35: skipped the unknown field `after`",
        ]
    );
    let extra = read(&schema, "Push(1, {2})").unwrap();
    assert_eq!(extra.warnings[0].message, "skipped the unknown field 1 of `Push`");
    assert_eq!(error(&schema, "Push(1, [2)"), "2:14: expected `]`, found `)`");
    assert_eq!(error(&schema, "Push(1, ="), "2:12: expected a value, found `=`");
}

/// `enum Tree { Leaf, Node(Box<Tree>) }`
fn chain() -> Schema {
    single(|types| {
        let key = crate::schema::TypeKey { name: "Tree", place: ("tests.rs", 1, 1) };
        types.recursive(key, |types| {
            let inner = types.recursive(key, |_| unreachable!());
            Node::Choice {
                weights: Weights::EVEN,
                name: "Tree".into(),
                variants: vec![
                    record("Leaf", FieldStyle::Unit, vec![]),
                    record("Node", FieldStyle::Tuple, vec![field("0", inner)]),
                ],
            }
        })
    })
}

#[test]
fn nesting_is_bounded_where_inputs_are() {
    let nested = |depth| format!("{}Leaf{}", "Node(".repeat(depth), ")".repeat(depth));
    let schema = chain();
    let many = cases(1_000_000) as usize;
    assert_eq!(reprint(&schema, &nested(254)), nested(254));
    assert!(error(&schema, &nested(255)).ends_with("nested too deeply: at most 256 levels"));
    assert!(error(&schema, &"Node(".repeat(many)).contains("nested too deeply"));
    let unknown = |text: &str| parse(&schema, &format!("shakedown v1\ny: {text}"));
    for bracket in ["(", "[", "{", "A {"] {
        let error = unknown(&bracket.repeat(many)).unwrap_err();
        assert!(error.message.contains("nested too deeply"), "{error}");
    }
    assert!(unknown(&"&".repeat(many)).is_err());
    assert!(unknown(&"/*".repeat(many)).is_err());
}

#[test]
fn what_is_printed_reads_back() {
    for seed in 0..cases(3000) {
        let mut rng = Rng::new(seed);
        let schema = random_schema(&mut rng);
        let input = random_input(&schema, &mut rng);
        let text = print(&schema, &input, &["a comment\n", "// */ /* \""]);
        let parsed = parse(&schema, &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let given = schema.arguments().len();
        assert_eq!(parsed, Parsed { input, warnings: vec![], given }, "seed {seed}\n{text}");
        assert_eq!(text.lines().count(), 3 + schema.arguments().len(), "one line each");
    }
}

#[test]
fn an_empty_file_gives_the_defaults() {
    for seed in 0..cases(300) {
        let schema = random_schema(&mut Rng::new(seed));
        assert_eq!(parse(&schema, HEADER).unwrap().input, schema.simplest_input());
    }
}

#[test]
fn damaged_text_is_read_or_refused() {
    const PIECES: [&str; 24] = [
        "(", ")", "[", "]", "{", "}", "\"", "'", "b\"", "r#\"", "\\", "\n", ":", "::", ",", "-",
        "/*", "//", "é", "🦀", "0x", "1e", "vec!", "Some",
    ];
    let mut accepted = 0;
    for seed in 0..cases(4000) {
        let mut rng = Rng::new(seed);
        let schema = random_schema(&mut rng);
        let input = random_input(&schema, &mut rng);
        let mut text = print(&schema, &input, &[]);
        for _ in 0..1 + rng.below(4) {
            let from = text.floor_char_boundary(HEADER.len() + rng.below(text.len()));
            let to = text.ceil_char_boundary(from + rng.below(4)).max(from);
            match rng.below(3) {
                0 => text.replace_range(from..to, ""),
                1 => text.insert_str(from, PIECES[rng.below(PIECES.len())]),
                _ => text.replace_range(from..to, PIECES[rng.below(PIECES.len())]),
            }
        }
        if let Ok(parsed) = parse(&schema, &text) {
            assert_eq!(shape::check(&schema, &parsed.input), Ok(()), "seed {seed}\n{text}");
            accepted += 1;
        }
    }
    assert!((cases(200)..cases(3900)).contains(&accepted), "both outcomes are met: {accepted}");
}
