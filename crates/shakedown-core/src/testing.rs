//! Random schemas and random valid inputs, for the property tests of this crate.
//!
//! Everything is small on purpose: a property fails on a small case as well as on a large one, and
//! a thousand small cases cost little.

use crate::domain::pattern;
use crate::rng::Rng;
use crate::schema::{
    Alphabet, Bytes, Expression, Field, FieldStyle, Int, Len, NEVER, Node, NodeId, Pattern, Record,
    Schema, SeqStyle, Text, TypeKey, Types, Values, Weights, tag_width,
};

/// Nesting of the types of a random schema, in nodes.
const MAX_TYPE_DEPTH: usize = 4;

/// Nesting of a random value before it takes the simplest way out.
const MAX_VALUE_DEPTH: usize = 12;

/// Characters that some printer or parser is likely to get wrong.
const CHARS: &str = "aZ0 \"'\\/*{}\0\n\r\t\u{1b}\u{7f}é漢🦀\u{301}\u{202e}\u{feff}\u{10ffff}";

/// Floats (as the bits of an `f64`) that some printer or parser is likely to get wrong.
const FLOATS: [u64; 10] = [
    0,
    1 << 63,
    0x3ff8_0000_0000_0000,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
    0xfff8_0000_0000_0001,
    0x7ff0_0000_0000_0001,
    1,
    0x54b2_49ad_2594_c37d,
];

/// How many cases a test tries: `count`, or a hundredth of it under Miri, which takes a hundred times
/// as long for each. Tests that need all of theirs to see every outcome are left out there instead.
pub(crate) const fn cases(count: u64) -> u64 {
    if cfg!(miri) { count.div_ceil(100) } else { count }
}

/// A schema of up to four arguments with types of every kind, recursive ones and declared
/// defaults included.
pub(crate) fn random_schema(rng: &mut Rng) -> Schema {
    let mut maker = SchemaMaker { rng, types: Types::new(), names: 0 };
    let arguments = if maker.rng.one_in(8) {
        let len = maker.len();
        let node = if maker.rng.one_in(2) { maker.bytes(len) } else { maker.text(len) };
        vec![maker.field(node)]
    } else {
        (0..maker.rng.below(5))
            .map(|_| {
                let node = maker.node(MAX_TYPE_DEPTH);
                Field { name: maker.name("arg"), node, default: None }
            })
            .collect()
    };
    let schema = maker.types.finish(arguments).expect("a sound schema");
    with_random_defaults(&schema, rng)
}

/// A valid input of `schema`.
pub(crate) fn random_input(schema: &Schema, rng: &mut Rng) -> Vec<u8> {
    random_value(schema, schema.root(), rng)
}

/// A valid value of the node `id` of `schema`.
pub(crate) fn random_value(schema: &Schema, id: NodeId, rng: &mut Rng) -> Vec<u8> {
    let mut maker = ValueMaker { schema, rng, out: Vec::new(), budget: 200 };
    maker.value(id, 0);
    maker.out
}

/// The schema again, with values declared for about one field in four.
fn with_random_defaults(schema: &Schema, rng: &mut Rng) -> Schema {
    let mut nodes = schema.nodes().to_vec();
    for node in &mut nodes {
        let records = match node {
            Node::Record(record) => std::slice::from_mut(record),
            Node::Choice { variants, .. } => variants,
            _ => &mut [],
        };
        for field in records.iter_mut().flat_map(|record| &mut record.fields) {
            if rng.one_in(4) {
                field.default = Some(random_value(schema, field.node, rng));
            }
        }
    }
    Schema::new(nodes, schema.root()).expect("the defaults fit")
}

/// A pattern of a few characters, in which everything may repeat.
pub(crate) fn random_pattern(rng: &mut Rng) -> Pattern {
    Pattern::new(random_expression(3, rng)).expect("a small pattern of sound parts")
}

fn random_expression(depth: usize, rng: &mut Rng) -> Expression {
    let alphabets = [('a', 'c'), ('c', 'c'), ('0', 'z'), ('!', '0'), ('α', 'γ'), (' ', '漢')];
    let part = |rng: &mut Rng| random_expression(depth - 1, rng);
    match rng.below(if depth > 0 { 5 } else { 1 }) {
        0 => {
            let (first, last) = alphabets[rng.below(alphabets.len())];
            Expression::One(Alphabet::new([first.into()..=last.into()]))
        }
        1 => Expression::All((0..rng.below(4)).map(|_| part(rng)).collect()),
        2 => Expression::Any((0..1 + rng.below(3)).map(|_| part(rng)).collect()),
        _ => {
            let min = rng.below(3) as u32;
            let max = rng.one_in(2).then(|| min + rng.below(3) as u32);
            Expression::Repeat { of: Box::new(part(rng)), min, max }
        }
    }
}

struct SchemaMaker<'a> {
    rng: &'a mut Rng,
    types: Types,
    names: usize,
}

impl SchemaMaker<'_> {
    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn field(&mut self, node: Node) -> Field {
        let node = self.types.add(node);
        Field { name: self.name("field"), node, default: None }
    }

    fn len(&mut self) -> Len {
        let min = self.rng.below(3) as u32;
        match self.rng.below(3) {
            0 => Len::ANY,
            1 => Len { min: 0, max: min + 4 },
            _ => Len { min, max: min + self.rng.below(5) as u32 },
        }
    }

    fn bytes(&mut self, len: Len) -> Node {
        let alphabets = [Alphabet::ascii(), Alphabet::new([1..=255]), Alphabet::new([7..=7])];
        let alphabet = self.rng.one_in(3).then(|| alphabets[self.rng.below(3)].clone());
        Node::Bytes(Bytes { len, alphabet })
    }

    fn text(&mut self, len: Len) -> Node {
        if self.rng.one_in(5) {
            return Node::Str(Text::of_pattern(random_pattern(self.rng)));
        }
        let of = |chars: &str| Alphabet::new(chars.chars().map(|c| u32::from(c)..=u32::from(c)));
        let alphabets = [Alphabet::ascii(), of("a"), of("z!é漢"), of("αβγ")];
        let alphabet = self.rng.one_in(3).then(|| alphabets[self.rng.below(4)].clone());
        let text = Text { len, alphabet, pattern: None };
        // Not every alphabet has a text of every length.
        let is_sound = text.is_sound();
        Node::Str(if is_sound { text } else { Text::of_len(len) })
    }

    fn int(&mut self) -> Int {
        let width = 1 << self.rng.below(5);
        let full = Int::full(self.rng.one_in(2), width);
        if self.rng.one_in(2) {
            return full;
        }
        let (a, b) = (self.rng.u128() & full.max, self.rng.u128() & full.max);
        Int { min: a.min(b), max: a.max(b), ..full }
    }

    fn node(&mut self, depth: usize) -> NodeId {
        if depth > 1 && self.rng.one_in(10) {
            return self.recursive();
        }
        let kinds = if depth > 1 { 11 } else { 7 };
        let node = match self.rng.below(kinds) {
            0 => Node::Bool,
            1 => Node::Int(self.int()),
            2 => Node::Float { width: if self.rng.one_in(2) { 4 } else { 8 } },
            3 => Node::Char,
            4 => {
                let len = self.len();
                self.bytes(len)
            }
            5 => {
                let len = self.len();
                self.text(len)
            }
            6 => self.one_of(),
            7 => self.sequence(depth - 1),
            8 => {
                let element = self.node(depth - 1);
                Node::Array { element, len: self.rng.below(4) as u32 }
            }
            9 => self.structure(depth - 1),
            _ => {
                let count = 1 + self.rng.below(4);
                let variants = (0..count).map(|_| self.record("Variant", depth - 1)).collect();
                let drawn = self.rng.below(count);
                let weights =
                    (0..count).map(|tag| 2 * u32::from(tag == drawn) + self.rng.below(2) as u32);
                let weights = Weights::new(weights.collect());
                let weights = if self.rng.one_in(3) { weights } else { Weights::EVEN };
                Node::Choice { name: self.name("Enum"), variants, weights }
            }
        };
        self.types.add(node)
    }

    /// One of a few texts or optional numbers.
    fn one_of(&mut self) -> Node {
        let (node, values) = match self.rng.one_in(2) {
            true => {
                let node = self.types.add(Node::Str(Text::ANY));
                let of =
                    |text: &str| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
                (node, ["b", "", "é\"", "aaaaaaaa"].map(of).to_vec())
            }
            false => {
                let node = self.types.add(Node::Int(Int::full(true, 2)));
                (node, [7i16, -1, 0, 300].map(|number| number.to_le_bytes().to_vec()).to_vec())
            }
        };
        let count = 1 + self.rng.below(values.len());
        Node::OneOf { node, values: Values::new(values.into_iter().take(count)) }
    }

    fn sequence(&mut self, depth: usize) -> Node {
        let len = self.len();
        let style = [SeqStyle::List, SeqStyle::Set, SeqStyle::Map][self.rng.below(3)];
        let element = match style {
            SeqStyle::Map => {
                let fields = vec![self.numbered(0, depth), self.numbered(1, depth)];
                self.types.add(Node::Record(Record {
                    name: String::new(),
                    style: FieldStyle::Tuple,
                    fields,
                }))
            }
            SeqStyle::List | SeqStyle::Set => self.node(depth),
        };
        Node::Seq { element, len, style }
    }

    fn structure(&mut self, depth: usize) -> Node {
        let mut record = self.record("Struct", depth);
        if record.style != FieldStyle::Named && self.rng.one_in(2) {
            record.name.clear();
            record.style = FieldStyle::Tuple;
        }
        Node::Record(record)
    }

    fn record(&mut self, prefix: &str, depth: usize) -> Record {
        let count = self.rng.below(4);
        let name = self.name(prefix);
        let (style, fields) = match self.rng.below(5) {
            0 | 1 => {
                let field = |maker: &mut Self| {
                    let node = maker.node(depth);
                    Field { name: maker.name("field"), node, default: None }
                };
                (FieldStyle::Named, (0..count).map(|_| field(self)).collect())
            }
            2 | 3 => (FieldStyle::Tuple, (0..count).map(|i| self.numbered(i, depth)).collect()),
            _ => (FieldStyle::Unit, Vec::new()),
        };
        Record { name, style, fields }
    }

    fn numbered(&mut self, index: usize, depth: usize) -> Field {
        Field { name: index.to_string(), node: self.node(depth), default: None }
    }

    /// `enum Tree { Leaf(u8), Node(Vec<Tree>) }`.
    fn recursive(&mut self) -> NodeId {
        let key = TypeKey { name: "Tree", place: ("testing.rs", 1, 1) };
        let depth = if self.rng.one_in(2) { 1 + self.rng.below(3) } else { usize::MAX };
        Self::tree(&mut self.types, key, depth)
    }

    fn tree(types: &mut Types, key: TypeKey, depth: usize) -> NodeId {
        let build = |types: &mut Types| {
            let inner = Self::tree(types, key, depth);
            let byte = types.add(Node::Int(Int::full(false, 1)));
            let list =
                types.add(Node::Seq { element: inner, len: Len::ANY, style: SeqStyle::List });
            let variant = |name: &str, node| Record {
                name: name.into(),
                style: FieldStyle::Tuple,
                fields: vec![Field { name: "0".into(), node, default: None }],
            };
            Node::Choice {
                weights: Weights::EVEN,
                name: "Tree".into(),
                variants: vec![variant("Leaf", byte), variant("Node", list)],
            }
        };
        match depth {
            usize::MAX => types.recursive(key, build),
            _ => types.nested(key, depth, build),
        }
    }
}

struct ValueMaker<'a> {
    schema: &'a Schema,
    rng: &'a mut Rng,
    out: Vec<u8>,
    /// Values that may still be made before every sequence is as short as it may be.
    budget: usize,
}

impl ValueMaker<'_> {
    fn value(&mut self, id: NodeId, depth: usize) {
        self.budget = self.budget.saturating_sub(1);
        let schema = self.schema;
        match schema.node(id) {
            Node::Bool => self.out.push(self.rng.below(2) as u8),
            Node::Int(int) => self.int(*int),
            Node::Float { width } => self.float(*width),
            Node::Char => {
                let c = self.char();
                self.out.extend_from_slice(&u32::from(c).to_le_bytes());
            }
            Node::Bytes(of) => {
                let count = self.count(of.len);
                let bytes: Vec<u8> = (0..count)
                    .map(|_| match &of.alphabet {
                        Some(alphabet) => alphabet.draw(self.rng) as u8,
                        None => self.rng.u32() as u8,
                    })
                    .collect();
                self.counted(&bytes);
            }
            Node::Str(text) => self.string(text),
            Node::OneOf { values, .. } => {
                let value = values.draw(self.rng);
                self.out.extend_from_slice(value);
            }
            Node::Seq { element, len, .. } => {
                let tired = self.budget == 0
                    || depth >= MAX_VALUE_DEPTH
                    || schema.least_depth(*element) >= NEVER;
                let count = if tired { len.min as usize } else { self.count(*len) };
                self.out.extend_from_slice(&(count as u32).to_le_bytes());
                (0..count).for_each(|_| self.value(*element, depth + 1));
            }
            Node::Array { element, len } => {
                (0..*len).for_each(|_| self.value(*element, depth + 1));
            }
            Node::Record(record) => self.fields(record, depth),
            Node::Choice { variants, .. } => {
                let tag = if self.budget == 0 || depth >= MAX_VALUE_DEPTH {
                    schema.simplest_variant(variants)
                } else {
                    self.rng.below(variants.len())
                };
                let is_possible = schema.record_depth(&variants[tag]) < NEVER;
                let tag = if is_possible { tag } else { schema.simplest_variant(variants) };
                let tag_bytes = (tag as u16).to_le_bytes();
                self.out.extend_from_slice(&tag_bytes[..tag_width(variants.len())]);
                self.fields(&variants[tag], depth);
            }
        }
    }

    fn fields(&mut self, record: &Record, depth: usize) {
        record.fields.iter().for_each(|field| self.value(field.node, depth + 1));
    }

    fn int(&mut self, int: Int) {
        let key = match self.rng.below(4) {
            0 => int.min,
            1 => int.max,
            2 => int.clamp(int.zero().wrapping_add(self.rng.below(300) as u128)),
            _ => int.clamp(self.rng.u128() & Int::full(int.signed, int.width).max),
        };
        let start = self.out.len();
        self.out.resize(start + usize::from(int.width), 0);
        int.store(key, &mut self.out[start..]);
    }

    fn float(&mut self, width: u8) {
        let bits = match self.rng.below(3) {
            0 => self.rng.u64(),
            1 => (self.rng.below(2000) as f64 / 8.0 - 50.0).to_bits(),
            _ => FLOATS[self.rng.below(FLOATS.len())],
        };
        match width {
            4 if self.rng.one_in(2) => self.out.extend_from_slice(&(bits as u32).to_le_bytes()),
            4 => {
                let narrow = (f64::from_bits(bits) as f32).to_bits();
                self.out.extend_from_slice(&narrow.to_le_bytes());
            }
            _ => self.out.extend_from_slice(&bits.to_le_bytes()),
        }
    }

    fn char(&mut self) -> char {
        match self.rng.below(3) {
            0 => char::from_u32(self.rng.below(0x11_0000) as u32).unwrap_or('x'),
            1 => char::from(self.rng.below(128) as u8),
            _ => CHARS.chars().nth(self.rng.below(CHARS.chars().count())).expect("in range"),
        }
    }

    fn string(&mut self, of: &Text) {
        if let Some(pattern) = &of.pattern {
            let (mut text, count) = (Vec::new(), self.rng.below(12));
            pattern::draw(pattern, count, &mut text, self.rng);
            return self.counted(&text);
        }
        let count = self.count(of.len);
        let mut text = String::new();
        while text.len() < count {
            let c = of.alphabet.as_ref().map(|alphabet| alphabet.draw_char(self.rng));
            let c = c.unwrap_or_else(|| self.char());
            let fits = text.len() + c.len_utf8() <= count;
            match &of.alphabet {
                Some(_) if !fits => break,
                _ => text.push(if fits { c } else { '0' }),
            }
        }
        match of.len.contains(text.len()) {
            true => self.counted(text.as_bytes()),
            false => of.write_simplest(&mut self.out),
        }
    }

    fn counted(&mut self, content: &[u8]) {
        self.out.extend_from_slice(&(content.len() as u32).to_le_bytes());
        self.out.extend_from_slice(content);
    }

    fn count(&mut self, len: Len) -> usize {
        let spread = (len.max - len.min).min(6) as usize;
        len.min as usize + self.rng.below(spread + 1)
    }
}

mod tests {
    use super::*;
    use crate::schema::shape;

    #[test]
    #[cfg_attr(miri, ignore = "needs all of its cases")]
    fn random_inputs_are_valid_and_of_every_kind() {
        let mut kinds = std::collections::HashSet::new();
        for seed in 0..500 {
            let mut rng = Rng::new(seed);
            let schema = random_schema(&mut rng);
            kinds.extend(schema.nodes().iter().map(std::mem::discriminant));
            let input = random_input(&schema, &mut rng);
            assert_eq!(shape::check(&schema, &input), Ok(()), "seed {seed}");
            assert_eq!(shape::check(&schema, &schema.simplest_input()), Ok(()), "seed {seed}");
        }
        assert_eq!(kinds.len(), 11);
    }
}
