//! The run-time description of the shape of an input.
//!
//! A schema is a table of [`Node`]s that refer to each other by [`NodeId`], so recursive types are
//! ordinary cycles. It is made by [`Types`] from the argument types of a target, travels in the
//! handshake, and is all that the engine ever knows about them: generation, mutation,
//! minimization, printing and parsing walk an encoded input (see [`crate::codec`]) beside it.

pub mod shape;

use std::collections::HashMap;

/// The position of a node in its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// How deep the values of an input may nest, in nodes. Bounds the recursion of everything that
/// walks an input, in the engine and in derived code.
pub const MAX_DEPTH: usize = 256;

/// Bounds on the number of elements (or bytes) of a sequence, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Len {
    /// Fewest elements.
    pub min: u32,
    /// Most elements.
    pub max: u32,
}

impl Len {
    /// No bounds.
    pub const ANY: Self = Self { min: 0, max: u32::MAX };

    /// Whether `count` is within the bounds.
    #[must_use]
    pub fn contains(self, count: usize) -> bool {
        (self.min as usize..=self.max as usize).contains(&count)
    }
}

/// An integer type and the range of values it may take.
///
/// Values are compared by their *key*: the bits of the value as an unsigned number, with the sign
/// bit flipped for signed types, so that keys order as the values do for every type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int {
    /// Whether the type is signed.
    pub signed: bool,
    /// Width in bytes: 1, 2, 4, 8 or 16.
    pub width: u8,
    /// Key of the smallest value allowed.
    pub min: u128,
    /// Key of the largest value allowed.
    pub max: u128,
}

impl Int {
    /// The full range of a type.
    #[must_use]
    pub fn full(signed: bool, width: u8) -> Self {
        Self { signed, width, min: 0, max: u128::MAX >> (128 - 8 * u32::from(width)) }
    }

    /// The key of the value zero.
    #[must_use]
    pub fn zero(self) -> u128 {
        if self.signed { 1 << (8 * u32::from(self.width) - 1) } else { 0 }
    }

    /// The key of the value stored in the first `width` bytes of `bytes`, little-endian.
    ///
    /// # Panics
    /// If there are fewer bytes than that.
    #[inline]
    #[must_use]
    pub fn key(self, bytes: &[u8]) -> u128 {
        // A copy of variable length would stall the load that follows it.
        let bits = match *bytes {
            [a, ..] if self.width == 1 => u128::from(a),
            [a, b, ..] if self.width == 2 => u128::from(u16::from_le_bytes([a, b])),
            [a, b, c, d, ..] if self.width == 4 => u128::from(u32::from_le_bytes([a, b, c, d])),
            [a, b, c, d, e, f, g, h, ..] if self.width == 8 => {
                u128::from(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
            }
            _ => u128::from_le_bytes(bytes[..16].try_into().expect("sixteen bytes")),
        };
        bits ^ self.zero()
    }

    /// Stores the value with this key into the first `width` bytes of `bytes`.
    ///
    /// # Panics
    /// If there are fewer bytes than that.
    #[inline]
    pub fn store(self, key: u128, bytes: &mut [u8]) {
        let width = usize::from(self.width);
        bytes[..width].copy_from_slice(&(key ^ self.zero()).to_le_bytes()[..width]);
    }

    /// The key nearest to `key` within the range.
    #[must_use]
    pub fn clamp(self, key: u128) -> u128 {
        key.clamp(self.min, self.max)
    }

    /// The key of the value nearest to zero: the default of the type.
    #[must_use]
    pub fn simplest(self) -> u128 {
        self.clamp(self.zero())
    }

    /// The value with this key as text.
    #[must_use]
    pub fn text(self, key: u128) -> String {
        let zero = self.zero();
        if key >= zero { (key - zero).to_string() } else { format!("-{}", zero - key) }
    }
}

/// What a sequence is in the user's program; only printing and parsing care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeqStyle {
    /// `[a, b]`
    List,
    /// `{a, b}`
    Set,
    /// `{a: b}`; the element is a tuple of two.
    Map,
}

/// How the fields of a struct, tuple or variant are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldStyle {
    /// `Name { a: 1, b: 2 }`
    Named,
    /// `Name(1, 2)`
    Tuple,
    /// `Name`
    Unit,
}

/// One field of a struct, tuple or variant, or one argument of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name; the position as a number for tuples.
    pub name: String,
    /// Its type.
    pub node: NodeId,
    /// The encoded value that stands in for a missing field; without one, the simplest value of
    /// the type does.
    pub default: Option<Vec<u8>>,
}

/// A struct, a tuple, or the payload of an enum variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Name of the struct or variant; empty for a tuple.
    pub name: String,
    /// How its fields are written.
    pub style: FieldStyle,
    /// Its fields, in order of declaration, which is the order of encoding.
    pub fields: Vec<Field>,
}

/// The shape of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// One byte, 0 or 1.
    Bool,
    /// Little-endian two's complement.
    Int(Int),
    /// IEEE 754, little-endian; width 4 or 8 bytes.
    Float {
        /// Width in bytes.
        width: u8,
    },
    /// A Unicode scalar value, as a `u32`.
    Char,
    /// A `u32` count, then that many bytes.
    Bytes(Len),
    /// A `u32` count of bytes, then that many bytes of UTF-8. The bounds are on bytes.
    Str(Len),
    /// A `u32` count, then that many elements.
    Seq {
        /// Type of the elements.
        element: NodeId,
        /// Bounds on their number.
        len: Len,
        /// How it is written.
        style: SeqStyle,
    },
    /// A fixed number of elements, one after the other.
    Array {
        /// Type of the elements.
        element: NodeId,
        /// Their number.
        len: u32,
    },
    /// The fields one after the other.
    Record(Record),
    /// A tag (one byte up to 256 variants, else two), then the fields of the variant.
    Choice {
        /// Name of the enum.
        name: String,
        /// The variants, by tag.
        variants: Vec<Record>,
    },
}

/// Width of the tag of an enum with this many variants, in bytes.
#[must_use]
pub fn tag_width(variants: usize) -> usize {
    if variants <= 256 { 1 } else { 2 }
}

/// A mistake in the user's types that no input can satisfy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError(pub String);

impl std::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SchemaError {}

/// The shape of all arguments of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    nodes: Vec<Node>,
    root: NodeId,
    /// Least nesting of a value of each node; what bounds generation of recursive types.
    depths: Vec<usize>,
    raw: Option<Raw>,
}

/// The only argument of a target, if it is bytes or a string: the input itself, but for its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw {
    /// Bounds of its length in bytes.
    pub len: Len,
    /// Whether it is a string.
    pub is_text: bool,
}

impl Schema {
    /// Checks a table of nodes.
    ///
    /// # Errors
    /// If `root` is not a record, a reference leads nowhere, bounds are empty, an enum has no
    /// variants or too many, a type has no finite value, or a default does not fit its field.
    pub fn new(nodes: Vec<Node>, root: NodeId) -> Result<Self, SchemaError> {
        check_references(&nodes, root)?;
        let depths = least_depths(&nodes)?;
        let mut schema = Self { nodes, root, depths, raw: None };
        schema.check_defaults()?;
        if let [only] = schema.arguments() {
            schema.raw = match *schema.node(only.node) {
                Node::Bytes(len) => Some(Raw { len, is_text: false }),
                Node::Str(len) => Some(Raw { len, is_text: true }),
                _ => None,
            };
        }
        Ok(schema)
    }

    /// All nodes, by id.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The record of the arguments.
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// The node with this id.
    ///
    /// # Panics
    /// If the id is of another schema.
    #[inline]
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The arguments of the target.
    #[inline]
    #[must_use]
    pub fn arguments(&self) -> &[Field] {
        match self.node(self.root) {
            Node::Record(record) => &record.fields,
            _ => unreachable!("checked by Schema::new"),
        }
    }

    /// What the only argument is, if it is bytes or a string: files then hold the input as it is.
    #[inline]
    #[must_use]
    pub fn raw(&self) -> Option<Raw> {
        self.raw
    }

    /// The length of an input as people see it, who know nothing of the count that is encoded before
    /// the content of a raw input.
    #[must_use]
    pub fn content_len(&self, encoded_len: usize) -> usize {
        encoded_len.saturating_sub(self.prefix())
    }

    /// The length that an input of this length for people has when it is encoded.
    #[must_use]
    pub fn encoded_len(&self, content_len: usize) -> usize {
        content_len.saturating_add(self.prefix())
    }

    fn prefix(&self) -> usize {
        if self.raw.is_some() { size_of::<u32>() } else { 0 }
    }

    /// The least nesting of a value of this node: 1 for a scalar.
    #[must_use]
    pub fn least_depth(&self, id: NodeId) -> usize {
        self.depths[id.0 as usize]
    }

    /// The least nesting of the fields of a record or variant.
    #[must_use]
    pub fn record_depth(&self, record: &Record) -> usize {
        record.fields.iter().map(|field| self.least_depth(field.node)).max().unwrap_or(0)
    }

    /// The tag of the variant that nests least, the first of equals: where recursion ends.
    #[must_use]
    pub fn simplest_variant(&self, variants: &[Record]) -> usize {
        (0..variants.len()).min_by_key(|&tag| self.record_depth(&variants[tag])).unwrap_or(0)
    }

    /// Appends the encoding of the simplest value of a node: zero, empty, `None`, the variant that
    /// nests least; declared defaults where fields have them.
    pub fn write_simplest(&self, id: NodeId, out: &mut Vec<u8>) {
        match self.node(id) {
            Node::Bool => out.push(0),
            Node::Int(int) => {
                let start = out.len();
                out.resize(start + usize::from(int.width), 0);
                int.store(int.simplest(), &mut out[start..]);
            }
            Node::Float { width } => out.resize(out.len() + usize::from(*width), 0),
            Node::Char => out.extend_from_slice(&[0; 4]),
            Node::Bytes(len) => write_filled(len.min, 0, out),
            Node::Str(len) => write_filled(len.min, b'0', out),
            Node::Seq { element, len, .. } => {
                out.extend_from_slice(&len.min.to_le_bytes());
                (0..len.min).for_each(|_| self.write_simplest(*element, out));
            }
            Node::Array { element, len } => {
                (0..*len).for_each(|_| self.write_simplest(*element, out));
            }
            Node::Record(record) => self.write_simplest_fields(record, out),
            Node::Choice { variants, .. } => {
                let tag = self.simplest_variant(variants);
                out.extend_from_slice(&(tag as u16).to_le_bytes()[..tag_width(variants.len())]);
                self.write_simplest_fields(&variants[tag], out);
            }
        }
    }

    /// Appends the default of every field of a record.
    fn write_simplest_fields(&self, record: &Record, out: &mut Vec<u8>) {
        record.fields.iter().for_each(|field| self.write_default(field, out));
    }

    /// Appends the value that stands in for a missing field.
    pub fn write_default(&self, field: &Field, out: &mut Vec<u8>) {
        match &field.default {
            Some(value) => out.extend_from_slice(value),
            None => self.write_simplest(field.node, out),
        }
    }

    /// The simplest input: what a campaign without any seed starts from.
    #[must_use]
    pub fn simplest_input(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_simplest(self.root, &mut out);
        out
    }

    fn check_defaults(&self) -> Result<(), SchemaError> {
        let records = self.nodes.iter().flat_map(|node| match node {
            Node::Record(record) => std::slice::from_ref(record),
            Node::Choice { variants, .. } => variants,
            _ => &[],
        });
        for field in records.flat_map(|record| &record.fields) {
            if let Some(value) = &field.default {
                crate::schema::shape::check_value(self, field.node, value).map_err(|error| {
                    SchemaError(format!("the default of `{}` does not fit it: {error}", field.name))
                })?;
            }
        }
        Ok(())
    }
}

fn write_filled(count: u32, fill: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(&count.to_le_bytes());
    out.resize(out.len() + count as usize, fill);
}

fn check_references(nodes: &[Node], root: NodeId) -> Result<(), SchemaError> {
    let known = |id: &NodeId| (id.0 as usize) < nodes.len();
    if !matches!(nodes.get(root.0 as usize), Some(Node::Record(_))) {
        return Err(SchemaError("the root of a schema is not a record".into()));
    }
    for node in nodes {
        let sound = match node {
            Node::Bool | Node::Char => true,
            Node::Int(int) => {
                matches!(int.width, 1 | 2 | 4 | 8 | 16)
                    && int.min <= int.max
                    && int.max <= Int::full(int.signed, int.width).max
            }
            Node::Float { width } => matches!(width, 4 | 8),
            Node::Bytes(len) | Node::Str(len) => len.min <= len.max,
            Node::Seq { element, len, .. } => known(element) && len.min <= len.max,
            Node::Array { element, .. } => known(element),
            Node::Record(record) => record.fields.iter().all(|field| known(&field.node)),
            Node::Choice { variants, .. } => {
                (1..=65536).contains(&variants.len())
                    && variants.iter().flat_map(|v| &v.fields).all(|field| known(&field.node))
            }
        };
        if !sound {
            return Err(SchemaError(format!("no value can have this shape: {node:?}")));
        }
    }
    Ok(())
}

/// Least nesting of a value of each node, as a least fixed point from "infinite".
fn least_depths(nodes: &[Node]) -> Result<Vec<usize>, SchemaError> {
    let mut depths = vec![usize::MAX; nodes.len()];
    let deepest = |depths: &[usize], record: &Record| {
        record.fields.iter().map(|field| depths[field.node.0 as usize]).max().unwrap_or(0)
    };
    loop {
        let mut changed = false;
        for (index, node) in nodes.iter().enumerate() {
            let inner = match node {
                Node::Seq { element, len, .. } if len.min > 0 => depths[element.0 as usize],
                Node::Array { element, len } if *len > 0 => depths[element.0 as usize],
                Node::Record(record) => deepest(&depths, record),
                Node::Choice { variants, .. } => {
                    variants.iter().map(|v| deepest(&depths, v)).min().unwrap_or(usize::MAX)
                }
                _ => 0,
            };
            let depth = inner.saturating_add(1);
            if depth < depths[index] {
                depths[index] = depth;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    match depths.iter().position(|depth| *depth > MAX_DEPTH / 2) {
        Some(index) => Err(SchemaError(format!(
            "a value of this type never ends, or nests too deep: {:?}",
            nodes[index]
        ))),
        None => Ok(depths),
    }
}

/// Identifies a user's type while its schema is made: its name and the place of its derive.
///
/// Lifetimes rule out `TypeId`; a type name alone is not promised to be unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeKey {
    /// `std::any::type_name` of the type.
    pub name: &'static str,
    /// `file!()`, `line!()` and `column!()` of its derive.
    pub place: (&'static str, u32, u32),
}

/// Builds a schema from types; handed to `Input::schema`.
#[derive(Debug, Default)]
pub struct Types {
    nodes: Vec<Node>,
    named: HashMap<TypeKey, NodeId>,
    errors: Vec<String>,
}

impl Types {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node.
    pub fn add(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).expect("fewer than 2^32 types"));
        self.nodes.push(node);
        id
    }

    /// The node of a type that may refer to itself: `build` runs once for each key, and references
    /// met meanwhile get the id of the node that it will return.
    pub fn recursive(&mut self, key: TypeKey, build: impl FnOnce(&mut Self) -> Node) -> NodeId {
        if let Some(id) = self.named.get(&key) {
            return *id;
        }
        let id = self.add(Node::Bool);
        self.named.insert(key, id);
        let node = build(self);
        self.nodes[id.0 as usize] = node;
        id
    }

    /// A copy of an integer node, limited to the values from `min` to `max`, given as `i128` or
    /// `u128` in little-endian form with their sign; the bounds are cut to the type.
    ///
    /// Used by `#[input(range = ..)]`. A node of another kind is an error, told by [`Self::finish`].
    pub fn limit_range(&mut self, id: NodeId, min: Bound, max: Bound) -> NodeId {
        let Node::Int(int) = self.nodes[id.0 as usize] else {
            return self.fail(id, "`range` needs an integer");
        };
        let limited = Int { min: min.key(int), max: max.key(int), ..int };
        if limited.min > limited.max {
            return self.fail(id, "`range` is empty");
        }
        self.add(Node::Int(limited))
    }

    /// A copy of a sequence, string or bytes node with bounds on its length.
    ///
    /// Used by `#[input(len = ..)]`. A node of another kind is an error, told by [`Self::finish`].
    pub fn limit_len(&mut self, id: NodeId, len: Len) -> NodeId {
        if len.min > len.max {
            return self.fail(id, "`len` is empty");
        }
        let node = match self.nodes[id.0 as usize].clone() {
            Node::Bytes(_) => Node::Bytes(len),
            Node::Str(_) => Node::Str(len),
            Node::Seq { element, style, .. } => Node::Seq { element, len, style },
            _ => return self.fail(id, "`len` needs a string or a sequence"),
        };
        self.add(node)
    }

    fn fail(&mut self, id: NodeId, message: &str) -> NodeId {
        self.errors.push(format!("{message}, not {:?}", self.nodes[id.0 as usize]));
        id
    }

    /// Completes the schema of a target with these arguments.
    ///
    /// # Errors
    /// As [`Schema::new`], and for attributes on fields that they do not fit.
    pub fn finish(mut self, arguments: Vec<Field>) -> Result<Schema, SchemaError> {
        let root = Record { name: String::new(), style: FieldStyle::Named, fields: arguments };
        let root = self.add(Node::Record(root));
        match self.errors.is_empty() {
            true => Schema::new(self.nodes, root),
            false => Err(SchemaError(self.errors.join("; "))),
        }
    }
}

/// An integer of any type, as the bound of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A value below zero.
    Negative(i128),
    /// Any other value.
    Positive(u128),
}

impl Bound {
    /// The key of this value in `int`, cut to what the type can hold.
    fn key(self, int: Int) -> u128 {
        let zero = int.zero();
        let key = match self {
            Self::Negative(value) => zero.saturating_sub(value.unsigned_abs()),
            Self::Positive(value) => zero.saturating_add(value),
        };
        key.min(Int::full(int.signed, int.width).max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, node: NodeId) -> Field {
        Field { name: name.into(), node, default: None }
    }

    fn key(name: &'static str) -> TypeKey {
        TypeKey { name, place: ("lib.rs", 1, 1) }
    }

    #[test]
    fn keys_order_as_values_do() {
        let int = Int::full(true, 2);
        let keys: Vec<u128> =
            [i16::MIN, -1, 0, 1, i16::MAX].map(|v| int.key(&v.to_le_bytes())).into();
        assert!(keys.is_sorted());
        assert_eq!(
            keys.iter().map(|k| int.text(*k)).collect::<Vec<_>>(),
            ["-32768", "-1", "0", "1", "32767"]
        );
        let wide = Int::full(true, 16);
        assert_eq!(wide.text(wide.key(&i128::MIN.to_le_bytes())), i128::MIN.to_string());
    }

    #[test]
    fn ranges_are_cut_to_the_type_and_decide_the_default() {
        let mut types = Types::new();
        let byte = types.add(Node::Int(Int::full(false, 1)));
        let limited = types.limit_range(byte, Bound::Positive(3), Bound::Positive(1000));
        let schema = types.finish(vec![field("a", limited)]).unwrap();
        assert_eq!(schema.simplest_input(), [3]);
        assert_eq!(
            schema.node(limited),
            &Node::Int(Int { min: 3, max: 255, ..Int::full(false, 1) })
        );
    }

    #[test]
    fn recursive_types_end_in_their_simplest_variant() {
        let mut types = Types::new();
        let tree = types.recursive(key("Tree"), |types| {
            let inner = types.recursive(key("Tree"), |_| unreachable!());
            Node::Choice {
                name: "Tree".into(),
                variants: vec![
                    Record {
                        name: "Branch".into(),
                        style: FieldStyle::Tuple,
                        fields: vec![field("0", inner), field("1", inner)],
                    },
                    Record { name: "Leaf".into(), style: FieldStyle::Unit, fields: vec![] },
                ],
            }
        });
        let schema = types.finish(vec![field("tree", tree)]).unwrap();
        assert_eq!(schema.simplest_input(), [1]);
        assert_eq!(schema.least_depth(tree), 1);
    }

    #[test]
    fn impossible_types_are_refused() {
        let mut types = Types::new();
        let endless = types.recursive(key("Endless"), |types| {
            let inner = types.recursive(key("Endless"), |_| unreachable!());
            Node::Record(Record {
                name: "Endless".into(),
                style: FieldStyle::Tuple,
                fields: vec![field("0", inner)],
            })
        });
        assert!(types.finish(vec![field("e", endless)]).is_err());

        let mut types = Types::new();
        let never = types.add(Node::Choice { name: "Never".into(), variants: vec![] });
        assert!(types.finish(vec![field("n", never)]).is_err());

        let mut types = Types::new();
        let text = types.add(Node::Str(Len::ANY));
        let text = types.limit_range(text, Bound::Positive(0), Bound::Positive(1));
        let error = types.finish(vec![field("t", text)]).unwrap_err();
        assert!(error.0.contains("`range` needs an integer"), "{error}");
    }
}
