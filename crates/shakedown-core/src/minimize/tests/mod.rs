//! Schemas, encodings and predicates for the tests of the minimizer.

mod properties;
mod quality;

use super::{Minimum, Verdict};
use crate::schema::{
    Bytes, Field, FieldStyle, Int, Len, Node, NodeId, Record, Schema, SeqStyle, Text, TypeKey,
    Types,
};

/// Minimizes without a limit of time.
fn minimize(schema: &Schema, input: &[u8], ask: &mut dyn FnMut(&[u8]) -> Verdict) -> Minimum {
    super::minimize(schema, input, ask, &|| false)
}

/// Minimizes by a predicate; the minimum and the number of questions.
fn run(schema: &Schema, input: &[u8], wanted: impl Fn(&[u8]) -> bool) -> (Minimum, usize) {
    assert!(wanted(input), "the original is interesting");
    let mut asked = 0;
    let minimum = minimize(schema, input, &mut |candidate| {
        asked += 1;
        if wanted(candidate) { Verdict::Keep } else { Verdict::Reject }
    });
    assert!(wanted(&minimum.input) && minimum.complete);
    (minimum, asked)
}

/// A schema of arguments named `a`, `b` and so on.
fn schema(build: impl FnOnce(&mut Types) -> Vec<NodeId>) -> Schema {
    let mut types = Types::new();
    let nodes = build(&mut types);
    let names = ('a'..).map(String::from);
    types
        .finish(nodes.into_iter().zip(names).map(|(node, name)| field(&name, node)).collect())
        .unwrap()
}

fn field(name: &str, node: NodeId) -> Field {
    Field { name: name.into(), node, default: None }
}

fn variant(name: &str, fields: &[NodeId]) -> Record {
    let fields = fields.iter().map(|&node| field("0", node)).collect();
    Record { name: name.into(), style: FieldStyle::Tuple, fields }
}

fn list(types: &mut Types, element: NodeId) -> NodeId {
    types.add(Node::Seq { element, len: Len::ANY, style: SeqStyle::List })
}

fn int(types: &mut Types, signed: bool, width: u8) -> NodeId {
    types.add(Node::Int(Int::full(signed, width)))
}

/// The encoding of bytes or a string.
fn counted(content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    [&(content.len() as u32).to_le_bytes(), content].concat()
}

/// Minimizes a target of one `&[u8]`.
fn bytes(input: &[u8], wanted: impl Fn(&[u8]) -> bool) -> (Vec<u8>, usize) {
    let schema = schema(|types| vec![types.add(Node::Bytes(Bytes::ANY))]);
    let (minimum, asked) = run(&schema, &counted(input), |encoded| wanted(&encoded[4..]));
    (minimum.input[4..].to_vec(), asked)
}

/// Minimizes a target of one `&str`.
fn text(input: &str, wanted: impl Fn(&str) -> bool) -> (String, usize) {
    let schema = schema(|types| vec![types.add(Node::Str(Text::ANY))]);
    let wanted = |encoded: &[u8]| wanted(std::str::from_utf8(&encoded[4..]).unwrap());
    let (minimum, asked) = run(&schema, &counted(input), wanted);
    (String::from_utf8(minimum.input[4..].to_vec()).unwrap(), asked)
}
