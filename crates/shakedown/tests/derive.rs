//! `#[derive(Input)]` on every kind of type, and the attributes of fields.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::num::NonZero;
use std::ops::{Range, RangeInclusive};
use std::panic::catch_unwind;

use common::{decode, encode, inputs_are_values, node_of, schema_of, survives};
use shakedown::__private::{field, schema};
use shakedown::Input;
use shakedown::input::Reader;
use shakedown_core::literal;
use shakedown_core::mutate::Mutator;
use shakedown_core::rng::Rng;
use shakedown_core::schema::shape;
use shakedown_core::schema::{FieldStyle, Node, Record, Schema, SchemaError, Text};

#[derive(Input, Debug, PartialEq)]
struct Named {
    a: u8,
    r#type: String,
}

#[derive(Input, Debug, PartialEq)]
struct Pair(i16, Option<Named>);

#[derive(Input, Debug, PartialEq)]
struct Unit;

#[derive(Input, Debug, PartialEq)]
struct Empty {}

#[derive(Input, Debug, PartialEq)]
enum Op {
    Push(u8),
    Resize { len: u32, fill: Option<u8> },
    Pop,
    Nested(Vec<Op>),
}

#[derive(Input, Debug, PartialEq)]
enum Tree<T> {
    Leaf(T),
    Branch(Box<Tree<T>>, Box<Tree<T>>),
}

#[derive(Input, Debug, PartialEq)]
struct Borrowing<'a, 'b: 'a, T: Clone, const N: usize>
where
    T: PartialEq,
{
    key: &'a str,
    value: &'b [u8],
    inner: Option<Box<Borrowing<'a, 'b, T, N>>>,
    rest: [T; N],
    marker: PhantomData<T>,
}

#[test]
fn structs_and_enums_survive() {
    survives(&Named { a: 1, r#type: "x".into() });
    survives(&Pair(-1, Some(Named { a: 1, r#type: "x".into() })));
    survives(&Unit);
    survives(&Empty {});
    survives(&Op::Push(1));
    survives(&Op::Nested(vec![Op::Resize { len: 7, fill: Some(1) }, Op::Pop]));
    let leaf = |n| Box::new(Tree::Leaf(n));
    survives(&Tree::Branch(leaf(1u8), Box::new(Tree::Branch(leaf(2), leaf(3)))));
    inputs_are_values::<(Pair, Unit, Empty)>();
    inputs_are_values::<Op>();
    inputs_are_values::<Tree<Op>>();
}

#[test]
fn borrowing_types_survive() {
    let inner = Borrowing { key: "b", value: b"c", inner: None, rest: [3, 4], marker: PhantomData };
    let value = Borrowing {
        key: "a",
        value: b"",
        inner: Some(Box::new(inner)),
        rest: [1u32, 2],
        marker: PhantomData,
    };
    let bytes = encode(&value);
    shape::check(&schema_of::<Borrowing<'_, '_, u32, 2>>(), &bytes).unwrap();
    assert_eq!(decode::<Borrowing<'_, '_, u32, 2>>(&bytes), value);
}

#[test]
fn schemas_use_the_names_of_the_program() {
    let Node::Record(Record { name, style, fields }) = node_of::<Named>() else {
        panic!("a record")
    };
    assert_eq!((name.as_str(), style), ("derive::Named", FieldStyle::Named));
    assert_eq!(fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["a", "type"]);

    let Node::Choice { name, variants, .. } = node_of::<Op>() else { panic!("a choice") };
    assert_eq!(name, "derive::Op");
    let names: Vec<_> = variants.iter().map(|v| (v.name.as_str(), v.style)).collect();
    let (named, tuple, unit) = (FieldStyle::Named, FieldStyle::Tuple, FieldStyle::Unit);
    assert_eq!(names, [("Push", tuple), ("Resize", named), ("Pop", unit), ("Nested", tuple)]);
    assert!(matches!(node_of::<Unit>(), Node::Record(Record { style: FieldStyle::Unit, .. })));
}

#[test]
fn a_type_is_in_a_schema_once() {
    let schema = schema(|types| {
        let first = field("a", Op::schema(types), None);
        vec![first, field("b", <Vec<Op>>::schema(types), None)]
    })
    .unwrap();
    let choices = schema
        .nodes()
        .iter()
        .filter(|n| matches!(n, Node::Choice { name, .. } if name == "derive::Op"));
    assert_eq!(choices.count(), 1);
    // The same name with other parameters is another type.
    let trees = node_of::<(Tree<u8>, Tree<bool>)>();
    let Node::Record(Record { fields, .. }) = trees else { panic!("a record") };
    assert_ne!(fields[0].node, fields[1].node);
}

const MOST: i8 = 9;
const SCORES: RangeInclusive<u16> = 0..=500;
const COUNTS: Range<usize> = 1..5;

#[derive(Input, Debug, PartialEq)]
struct Limited {
    #[input(range = 1..=100)]
    inclusive: u8,
    #[input(range = -5..0)]
    exclusive: i32,
    #[input(range = 10..)]
    from: u64,
    #[input(range = ..=MOST)]
    to: i8,
    #[input(range = ..)]
    full: u16,
    #[input(range = SCORES)]
    constant: u16,
    #[input(range = ..=3)]
    non_zero: NonZero<u8>,
    #[input(range = 0..=u128::MAX)]
    wide: Box<u128>,
    #[input(len = 2..=3)]
    list: Vec<u16>,
    #[input(len = ..5)]
    text: String,
    #[input(len = COUNTS)]
    counted: Vec<bool>,
    #[input(len = 1..)]
    map: BTreeMap<u8, u8>,
}

#[test]
fn limits_are_in_the_schema() {
    let schema = schema_of::<Limited>();
    let Node::Record(Record { fields, .. }) = node_of::<Limited>() else { panic!("a record") };
    let limits: Vec<String> = fields
        .iter()
        .map(|field| match schema.node(field.node) {
            Node::Int(int) => format!("{}..={}", int.text(int.min), int.text(int.max)),
            Node::Seq { len, .. } | Node::Str(Text { len, .. }) => match len.max {
                u32::MAX => format!("{}..", len.min),
                max => format!("{}..={max}", len.min),
            },
            other => panic!("{other:?}"),
        })
        .collect();
    let (from, wide) = (format!("10..={}", u64::MAX), format!("0..={}", u128::MAX));
    let expected = [
        "1..=100",
        "-5..=-1",
        &from,
        "-128..=9",
        "0..=65535",
        "0..=500",
        "1..=3",
        &wide,
        "2..=3",
        "0..=4",
        "1..=4",
        "1..",
    ];
    assert_eq!(limits, expected);
    let simplest: Limited = decode(&schema.simplest_input().leak()[..]);
    assert_eq!((simplest.inclusive, simplest.exclusive, simplest.from), (1, -1, 10));
    assert_eq!((simplest.list, simplest.text.as_str()), (vec![0, 0], ""));
    inputs_are_values::<Limited>();
}

#[derive(Input, Debug, PartialEq)]
struct Spelt {
    #[input(chars = "a-z_", len = 1..=8)]
    name: String,
    #[input(chars = "α-ω", len = 3..)]
    greek: String,
    #[input(ascii)]
    ascii: Vec<u8>,
    #[input(chars = r"+\-")]
    escaped: String,
}

#[test]
fn alphabets_are_in_the_schema_and_kept() {
    let schema = schema_of::<Spelt>();
    let simplest = schema.simplest_input();
    let Spelt { name, greek, ascii, escaped } = decode(&simplest);
    assert_eq!((name.as_str(), greek.as_str(), escaped.as_str()), ("a", "αα", ""));
    inputs_are_values::<Spelt>();
    let foreign = Spelt { name: "A".into(), greek, ascii, escaped };
    let error = shape::check(&schema, &encode(&foreign)).unwrap_err();
    assert_eq!(error.reason, "a character is not allowed");
}

fn seven() -> u8 {
    7
}

#[derive(Input, Debug, PartialEq)]
struct Defaults<'a> {
    #[input(default = seven())]
    number: u8,
    #[input(default = "text")]
    text: String,
    #[input(default = b"bytes")]
    bytes: &'a [u8],
    #[input(default = vec![1, 2], len = 1..)]
    list: Vec<u16>,
}

#[test]
fn defaults_stand_in() {
    let bytes = schema_of::<Defaults<'_>>().simplest_input();
    let expected = Defaults { number: 7, text: "text".into(), bytes: b"bytes", list: vec![1, 2] };
    assert_eq!(decode::<Defaults<'_>>(&bytes), expected);
}

fn is_trimmed(text: &str) -> bool {
    text.trim() == text
}

/// A number of a kind that no range describes.
#[derive(Debug, PartialEq)]
struct Square(u64);

impl Square {
    fn of(root: u32) -> Self {
        Self(u64::from(root) * u64::from(root))
    }

    fn root(&self) -> u32 {
        self.0.isqrt() as u32
    }
}

#[derive(Input, Debug, PartialEq)]
struct Made {
    #[input(map = Square::of, unmap = Square::root, default = Square(9))]
    square: Square,
    #[input(map = |text: &str| text.len(), len = ..=3)]
    text_len: usize,
    #[input(sorted, unique)]
    numbers: Vec<u8>,
    #[input(filter = is_trimmed)]
    trimmed: String,
    #[input(skip, default = 5)]
    skipped: u16,
    #[input(skip)]
    cache: Option<Square>,
    #[input(default)]
    flag: Option<bool>,
}

#[test]
fn values_are_made_on_their_way() {
    let schema = schema_of::<Made>();
    let parse = |fields: &str| {
        let file = format!("{}\nvalue: Made {{ {fields} }}", literal::HEADER);
        literal::parse(&schema, &file).unwrap().input
    };
    let input = parse(r#"square: 3, text_len: "ab", numbers: b"cab", trimmed: "x""#);
    let made: Made = decode(&input);
    let numbers = b"abc".to_vec();
    let expected = Made {
        square: Square(9),
        text_len: 2,
        numbers,
        trimmed: "x".into(),
        skipped: 5,
        cache: None,
        flag: None,
    };
    assert_eq!(made, expected);
    let simplest: Made = decode(schema.simplest_input().leak());
    assert_eq!(simplest.square, Square(9));
    let spaced = parse(r#"trimmed: " x""#);
    assert!(catch_unwind(|| Made::decode(&mut Reader::new(&spaced)).is_ok()).is_err(), "rejected");
}

#[test]
fn what_has_no_known_source_cannot_be_written() {
    let made: Made = decode(schema_of::<Made>().simplest_input().leak());
    let message = *catch_unwind(|| encode(&made)).unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("`text_len` is made by `map`"), "{message}");
}

/// A number whose last bit is not used.
#[derive(Debug, PartialEq)]
struct Even(u8);

/// How to make an [`Even`].
mod even {
    use super::Even;
    use shakedown::Input;
    use shakedown::input::{Corrupt, NodeId, Reader, Types, Writer};

    pub(super) fn schema(types: &mut Types) -> NodeId {
        u8::schema(types)
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Even, Corrupt> {
        Ok(Even(u8::decode(reader)? & !1))
    }

    pub(super) fn encode(value: &Even, writer: &mut Writer) {
        value.0.encode(writer);
    }
}

#[derive(Input, Debug, PartialEq)]
struct WithModule {
    #[input(with = even, default = Even(8))]
    even: Even,
}

#[test]
fn a_module_does_what_a_type_cannot() {
    survives(&WithModule { even: Even(4) });
    assert_eq!(decode::<WithModule>(&[7]).even, Even(6));
    assert_eq!(schema_of::<WithModule>().simplest_input(), [8]);
}

fn error_of<T: for<'a> Input<'a>>() -> SchemaError {
    let result: Result<Schema, _> = schema(|types| vec![field("a", T::schema(types), None)]);
    result.expect_err("not a sound schema")
}

#[test]
fn impossible_attributes_are_told_when_the_schema_is_made() {
    /// What no name tells.
    type Byte = u8;
    #[derive(Input)]
    struct NotASequence(#[input(len = 1..)] Byte);
    #[derive(Input)]
    struct EmptyRange(#[input(range = ..=0)] NonZero<u128>);
    #[derive(Input)]
    struct EmptyLen(#[input(len = ..=4)] [u8; 5]);
    #[derive(Input)]
    struct BadValue(#[input(one_of = [1, 9], range = 1..5)] u8);
    #[derive(Input)]
    struct BadDefault(#[input(range = 1..5, default = 9)] u8);
    #[derive(Input)]
    struct Endless(Box<Endless>);

    assert_eq!(error_of::<NotASequence>().0, "`len` of `0` needs a string or a sequence");
    assert_eq!(error_of::<EmptyRange>().0, "`range` of `0` allows nothing: it is empty");
    assert_eq!(error_of::<EmptyLen>().0, "`len` of `0` allows nothing: its range is empty");
    assert!(error_of::<BadValue>().0.contains("`one_of` has a value that the type has not"));
    assert!(error_of::<BadDefault>().0.contains("the default of `0` is not a value of its type"));
    assert!(error_of::<Endless>().0.contains("no finite value"));
}

#[derive(Input, Debug, PartialEq)]
struct Chosen<'a> {
    #[input(one_of = ["GET", "PUT", "DELETE"])]
    method: &'a str,
    #[input(one_of = [Op::Pop, Op::Push(7), Op::Nested(vec![])])]
    op: Op,
    #[input(one_of = [80, 443], range = 1..)]
    port: u16,
}

#[test]
fn values_may_be_listed() {
    let schema = schema_of::<Chosen<'_>>();
    let simplest = schema.simplest_input();
    let chosen: Chosen<'_> = decode(&simplest);
    assert_eq!(chosen, Chosen { method: "GET", op: Op::Pop, port: 80 });
    let file = |fields: &str| format!("{}\nvalue: Chosen {{ {fields} }}", literal::HEADER);
    let given = literal::parse(&schema, &file("op: Push(7), method: \"PUT\"")).unwrap().input;
    assert_eq!(decode::<Chosen<'_>>(&given), Chosen { method: "PUT", op: Op::Push(7), port: 80 });
    let error = literal::parse(&schema, &file("port: 81")).unwrap_err();
    assert_eq!((error.line, error.column), (2, 23));
    assert_eq!(error.message, "81 is not one of 80, 443");
    let mut mutator = Mutator::new(Rng::new(1), Vec::new());
    let mut input = [&simplest[..], &[0; 64]].concat();
    let (mut len, mut methods) = (simplest.len(), BTreeSet::new());
    for _ in 0..100 {
        len = mutator.mutate(&schema, &mut input, len, &[]);
        let chosen: Chosen<'_> = decode(&input[..len]);
        methods.insert(chosen.method.to_owned());
        assert!([80, 443].contains(&chosen.port), "{chosen:?}");
    }
    assert_eq!(methods.len(), 3);
}

#[derive(Input, Debug, PartialEq)]
enum Weighted {
    #[input(weight = 5)]
    Often,
    Sometimes,
    #[input(weight = 0)]
    Never,
}

#[test]
fn weights_of_variants_are_in_the_schema() {
    let Node::Choice { weights, .. } = node_of::<Weighted>() else { panic!("a choice") };
    assert_eq!(weights.each(), [5, 1, 0]);
    survives(&Weighted::Never);
    let Node::Choice { weights, .. } = node_of::<Op>() else { panic!("a choice") };
    assert!(weights.each().is_empty());
}

/// One variant more than a byte can tell apart.
#[derive(Input, Debug, PartialEq)]
#[rustfmt::skip]
enum Many {
    V0, V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12, V13, V14, V15, V16, V17, V18, V19, V20,
    V21, V22, V23, V24, V25, V26, V27, V28, V29, V30, V31, V32, V33, V34, V35, V36, V37, V38, V39,
    V40, V41, V42, V43, V44, V45, V46, V47, V48, V49, V50, V51, V52, V53, V54, V55, V56, V57, V58,
    V59, V60, V61, V62, V63, V64, V65, V66, V67, V68, V69, V70, V71, V72, V73, V74, V75, V76, V77,
    V78, V79, V80, V81, V82, V83, V84, V85, V86, V87, V88, V89, V90, V91, V92, V93, V94, V95, V96,
    V97, V98, V99, V100, V101, V102, V103, V104, V105, V106, V107, V108, V109, V110, V111, V112,
    V113, V114, V115, V116, V117, V118, V119, V120, V121, V122, V123, V124, V125, V126, V127,
    V128, V129, V130, V131, V132, V133, V134, V135, V136, V137, V138, V139, V140, V141, V142,
    V143, V144, V145, V146, V147, V148, V149, V150, V151, V152, V153, V154, V155, V156, V157,
    V158, V159, V160, V161, V162, V163, V164, V165, V166, V167, V168, V169, V170, V171, V172,
    V173, V174, V175, V176, V177, V178, V179, V180, V181, V182, V183, V184, V185, V186, V187,
    V188, V189, V190, V191, V192, V193, V194, V195, V196, V197, V198, V199, V200, V201, V202,
    V203, V204, V205, V206, V207, V208, V209, V210, V211, V212, V213, V214, V215, V216, V217,
    V218, V219, V220, V221, V222, V223, V224, V225, V226, V227, V228, V229, V230, V231, V232,
    V233, V234, V235, V236, V237, V238, V239, V240, V241, V242, V243, V244, V245, V246, V247,
    V248, V249, V250, V251, V252, V253, V254, V255, V256,
}

#[test]
fn many_variants_have_a_wider_tag() {
    survives(&Many::V0);
    survives(&Many::V256);
    assert_eq!(encode(&Many::V256), [0, 1]);
}
