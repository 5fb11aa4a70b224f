//! Typed inputs, for benchmarks that need no program.

use shakedown_core::literal;
use shakedown_core::schema::{
    Alphabet, Bytes, Expression, Field, FieldStyle, Int, Len, Node, NodeId, Pattern, Record,
    Schema, SeqStyle, Text, Types, Weights,
};

fn field(name: &str, node: NodeId) -> Field {
    Field { name: name.into(), node, default: None }
}

fn tuple(name: &str, nodes: &[NodeId]) -> Record {
    let fields = nodes.iter().zip(["0", "1", "2"]).map(|(node, name)| field(name, *node)).collect();
    let style = if nodes.is_empty() { FieldStyle::Unit } else { FieldStyle::Tuple };
    Record { name: name.into(), style, fields }
}

fn choice(name: &str, variants: Vec<Record>) -> Node {
    Node::Choice { name: name.into(), variants, weights: Weights::EVEN }
}

/// A target of one argument, and an input of it.
fn with_input(
    mut types: Types,
    node: impl Fn(&mut Types) -> NodeId,
    text: &str,
) -> (Schema, Vec<u8>) {
    let node = node(&mut types);
    let schema = types.finish(vec![field("value", node)]).expect("a sound schema");
    let file = format!("{}\nvalue: {text}\n", literal::HEADER);
    let input = literal::parse(&schema, &file).expect("an input of the schema").input;
    (schema, input)
}

/// A struct that holds another one, an enum, strings, numbers and a list: 20 values in 189 bytes.
pub(crate) fn record() -> (Schema, Vec<u8>) {
    let int = |types: &mut Types, signed, width| types.add(Node::Int(Int::full(signed, width)));
    let record = |types: &mut Types| {
        let [byte, short, word, long, signed] =
            [(false, 1), (false, 2), (false, 4), (false, 8), (true, 8)]
                .map(|(signed, width)| int(types, signed, width));
        let [text, flag, letter] =
            [Node::Str(Text::ANY), Node::Bool, Node::Char].map(|node| types.add(node));
        let [single, double] = [4, 8].map(|width| types.add(Node::Float { width }));
        let bytes = types.add(Node::Bytes(Bytes::ANY));
        let tags = types.add(Node::Seq { element: short, len: Len::ANY, style: SeqStyle::List });
        let kinds =
            vec![tuple("Plain", &[]), tuple("Level", &[byte]), tuple("Named", &[text, single])];
        let kind = types.add(choice("m::Kind", kinds));
        let inner = types.add(Node::Record(tuple("m::Inner", &[word, signed, tags])));
        let note = types.add(choice("Option", vec![tuple("None", &[]), tuple("Some", &[text])]));
        let fields = [
            ("id", long),
            ("name", text),
            ("flag", flag),
            ("kind", kind),
            ("inner", inner),
            ("note", note),
            ("ratio", double),
            ("data", bytes),
            ("letter", letter),
        ];
        let fields = fields.map(|(name, node)| field(name, node)).into();
        let record = Record { name: "m::Record".into(), style: FieldStyle::Named, fields };
        types.add(Node::Record(record))
    };
    let data = "7".repeat(50);
    let text = format!(
        "Record {{ id: 7, name: \"a name of some length\", flag: true, kind: Named(\"kind of kind\", 1.5), \
         inner: Inner(1, -2, [1, 2, 3]), note: Some(\"a note that is a bit longer than the name\"), \
         ratio: 0.5, data: b\"{data}\", letter: 'x' }}"
    );
    with_input(Types::new(), record, &text)
}

/// Characters, a number of times.
fn some(runs: &[(char, char)], min: u32, max: Option<u32>) -> Expression {
    let runs = runs.iter().map(|(first, last)| u32::from(*first)..=u32::from(*last));
    Expression::Repeat { of: Box::new(Expression::One(Alphabet::new(runs))), min, max }
}

fn pattern(expression: Expression, text: &str) -> (Schema, Vec<u8>) {
    let pattern = Pattern::new(expression).expect("a pattern");
    let node = |types: &mut Types| types.add(Node::Str(Text::of_pattern(pattern.clone())));
    with_input(Types::new(), node, &format!("{text:?}"))
}

/// `[a-z]{5,10}-[0-9]{3,8}(\\.[a-z]+)*`, and 40 characters that match.
pub(crate) fn words() -> (Schema, Vec<u8>) {
    let rest = Expression::All(vec![some(&[('.', '.')], 1, Some(1)), some(&[('a', 'z')], 1, None)]);
    let parts = vec![
        some(&[('a', 'z')], 5, Some(10)),
        some(&[('-', '-')], 1, Some(1)),
        some(&[('0', '9')], 3, Some(8)),
        Expression::Repeat { of: Box::new(rest), min: 0, max: None },
    ];
    pattern(Expression::All(parts), "abcdefgh-12345.abcdefghijkl.mnopqrstuvwx")
}

/// `[a-z0-9._]+@[a-z0-9-]+(\\.[a-z]{2,6})+`, and 40 characters that match.
pub(crate) fn address() -> (Schema, Vec<u8>) {
    let rest =
        Expression::All(vec![some(&[('.', '.')], 1, Some(1)), some(&[('a', 'z')], 2, Some(6))]);
    let parts = vec![
        some(&[('a', 'z'), ('0', '9'), ('.', '.'), ('_', '_')], 1, None),
        some(&[('@', '@')], 1, Some(1)),
        some(&[('a', 'z'), ('0', '9'), ('-', '-')], 1, None),
        Expression::Repeat { of: Box::new(rest), min: 1, max: None },
    ];
    pattern(Expression::All(parts), "first.last_name_and@mail-host.sample.org")
}
