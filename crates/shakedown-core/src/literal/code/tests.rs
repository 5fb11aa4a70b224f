//! Calls as text. That they compile, the end-to-end tests show.

use super::*;
use crate::literal::parse;
use crate::schema::{Bytes, Field, Int, Len, Text, Types, Weights};

fn field(name: &str, node: NodeId) -> Field {
    Field { name: name.into(), node, default: None }
}

fn record(name: &str, style: FieldStyle, fields: Vec<Field>) -> Record {
    Record { name: name.into(), style, fields }
}

fn callee(parameters: &[(Taken, &str)]) -> Callee {
    let parameter = |(taken, ty): &(Taken, &str)| Parameter { taken: *taken, ty: (*ty).into() };
    let parameters = parameters.iter().map(parameter).collect();
    Callee { path: "url::tests::f".into(), parameters, is_fallible: false }
}

/// A call with the value of its one argument, of the node that `build` makes.
fn call(taken: Taken, ty: &str, value: &str, build: impl FnOnce(&mut Types) -> NodeId) -> String {
    let mut types = Types::new();
    let node = build(&mut types);
    let schema = types.finish(vec![field("x", node)]).unwrap();
    let parsed = parse(&schema, &format!("shakedown v1\nx: {value}\n")).unwrap();
    print_call(&schema, &parsed.input, &callee(&[(taken, ty)])).unwrap()
}

fn bytes(types: &mut Types) -> NodeId {
    types.add(Node::Bytes(Bytes::ANY))
}

fn text(types: &mut Types) -> NodeId {
    types.add(Node::Str(Text::ANY))
}

fn byte(types: &mut Types) -> NodeId {
    types.add(Node::Int(Int::full(false, 1)))
}

#[test]
fn text_and_bytes_are_what_the_function_takes() {
    use Taken::{Borrowed, Lent, LentMut, Owned};
    for (taken, ty, expected) in [
        (Borrowed, "&str", "f(\"a\\\"\")"),
        (Owned, "String", "f(\"a\\\"\".to_owned())"),
        (Owned, "Box<str>", "f(\"a\\\"\".into())"),
        (Lent, "String", "f(&\"a\\\"\".to_owned())"),
        (LentMut, "str", "f(&mut \"a\\\"\".to_owned())"),
        (Lent, "&str", "f(&\"a\\\"\".into())"),
        (Lent, "Box<str>", "f(&\"a\\\"\".into())"),
    ] {
        assert_eq!(call(taken, ty, r#""a\"""#, text), expected);
    }
    for (taken, ty, expected) in [
        (Borrowed, "&[u8]", r#"f(b"\xff")"#),
        (Owned, "Vec<u8>", r#"f(b"\xff".to_vec())"#),
        (Lent, "Box<[u8]>", r#"f(&b"\xff".as_slice().into())"#),
        (Lent, "ffi::CString", r#"f(&ffi::CString::new(b"\xff").unwrap())"#),
        (Owned, "Rc<[u8]>", r#"f(b"\xff".as_slice().into())"#),
        (LentMut, "[u8]", r#"f(&mut b"\xff".to_owned())"#),
        (LentMut, "Vec<u8>", r#"f(&mut b"\xff".to_vec())"#),
        (
            Owned,
            "shakedown::Arbitrary<Vec<u16>>",
            r#"f(shakedown::Arbitrary::from_bytes(b"\xff").unwrap())"#,
        ),
    ] {
        assert_eq!(call(taken, ty, r#"b"\xff""#, bytes), expected);
    }
}

/// `enum Tree { Pair(Tree, Tree), List([Tree]), r#type { r#in: str }, Leaf }`
fn tree(types: &mut Types) -> NodeId {
    let key = crate::schema::TypeKey { name: "Tree", place: ("lib.rs", 1, 1) };
    types.recursive(key, |types| {
        let this = types.recursive(key, |_| unreachable!());
        let list = types.add(Node::Seq { element: this, len: Len::ANY, style: SeqStyle::List });
        let text = text(types);
        let name = "url::tree::Tree".to_owned();
        let variants = vec![
            record("Pair", FieldStyle::Tuple, vec![field("0", this), field("1", this)]),
            record("List", FieldStyle::Tuple, vec![field("0", list)]),
            record("type", FieldStyle::Named, vec![field("in", text)]),
            record("Leaf", FieldStyle::Unit, vec![]),
        ];
        Node::Choice { name, variants, weights: Weights::EVEN }
    })
}

#[test]
fn a_value_of_its_own_type_is_behind_a_pointer_but_not_in_a_list() {
    let call = |ty, value| call(Taken::Owned, ty, value, tree);
    assert_eq!(
        call("Tree", "Pair(Leaf, type { in: \"\" })"),
        "f(Tree::Pair(Tree::Leaf.into(), Tree::r#type { r#in: \"\".into() }.into()))"
    );
    assert_eq!(call("Tree", "List([Leaf, Leaf])"), "f(Tree::List(vec![Tree::Leaf, Tree::Leaf]))");
    assert_eq!(call("Box<Tree>", "Leaf"), "f(Tree::Leaf.into())");
}

#[test]
fn types_have_the_path_that_the_function_writes_or_that_leads_to_them() {
    let call = |ty, value| call(Taken::Lent, ty, value, tree);
    assert_eq!(call("[Tree]", "Leaf"), "f(&Tree::Leaf)");
    assert_eq!(call("super::trees::Tree", "Leaf"), "f(&super::trees::Tree::Leaf)");
    assert_eq!(call("Alias", "Leaf"), "f(&crate::tree::Tree::Leaf)");
    let named = |name: &'static str| {
        let build =
            |types: &mut Types| types.add(Node::Record(record(name, FieldStyle::Unit, vec![])));
        super::tests::call(Taken::Owned, "Alias", name.rsplit("::").next().unwrap(), build)
    };
    assert_eq!(named("url::tests::Here"), "f(Here)");
    assert_eq!(named("url::Root"), "f(crate::Root)");
    assert_eq!(named("urls::Other"), "f(urls::Other)");
}

#[test]
fn standard_types_are_made_as_people_make_them() {
    let range = |types: &mut Types| {
        let byte = byte(types);
        let fields = vec![field("start", byte), field("end", byte)];
        types.add(Node::Record(record("Range", FieldStyle::Named, fields)))
    };
    assert_eq!(call(Taken::Owned, "Range<u8>", "Range { start: 1, end: 2 }", range), "f((1..2))");
    let address = |types: &mut Types| {
        let element = byte(types);
        let array = types.add(Node::Array { element, len: 2 });
        let variants = vec![record("V4", FieldStyle::Tuple, vec![field("0", array)])];
        types.add(Node::Choice { name: "IpAddr".into(), variants, weights: Weights::EVEN })
    };
    let made = call(Taken::Owned, "IpAddr", "V4([1, 2])", address);
    assert_eq!(made, "f(core::net::IpAddr::V4([1, 2].into()))");
    assert_eq!(call(Taken::Owned, "NonZero<u8>", "3", byte), "f(NonZero::new(3).unwrap())");
    let set = |types: &mut Types| {
        let element = byte(types);
        types.add(Node::Seq { element, len: Len::ANY, style: SeqStyle::Set })
    };
    assert_eq!(call(Taken::Lent, "HashSet<u8>", "{1}", set), "f(&[1].into_iter().collect())");
}

#[test]
fn a_test_runs_a_sequence_and_demands_success_of_the_last() {
    let mut types = Types::new();
    let node = byte(&mut types);
    let schema = types.finish(vec![field("x", node)]).unwrap();
    let callee = Callee { is_fallible: true, path: "c::r#match".into(), parameters: vec![] };
    assert_eq!(
        print_test(&schema, &[[1], [2]], &callee, "de0e.sequence").unwrap(),
        "#[test]\nfn match_de0e_sequence() {\n    let _ = r#match(1);\n    \
         r#match(2).unwrap();\n}\n"
    );
    assert_eq!(print_test(&schema, &[b"" as &[u8]], &callee, "a"), None);
    assert_eq!(print_call(&schema, b"", &callee), None);
}

#[test]
fn what_a_function_makes_is_made_in_code() {
    let made = call(Taken::Made, "&(|log| 1 << log)(\u{1})", "3", byte);
    assert_eq!(made, "f(&(|log| 1 << log)(3))");
    let made = call(Taken::Made, "from(tree(), \u{1}).unwrap()", "b\"a\"", bytes);
    assert_eq!(made, "f(from(tree(), b\"a\".as_slice().into()).unwrap())");
}
