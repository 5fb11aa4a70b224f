//! The run-time description of the shape of an input.
//!
//! A schema is a table of [`Node`]s that refer to each other by [`NodeId`], so recursive types are
//! ordinary cycles. It is made by [`Types`] from the argument types of a target, travels in the
//! handshake, and is all that the engine ever knows about them: generation, mutation,
//! minimization, printing and parsing walk it along with an encoded input (see [`crate::codec`]).

mod aliases;
mod check;
mod parts;
pub mod shape;
mod types;
mod written;

pub use crate::domain::{
    Alphabet, Bytes, Expression, Int, Len, MAX_LEVELS, MAX_PLACES, Pattern, Text, Values, Weights,
};
pub use aliases::Alias;
pub use parts::Part;
pub use types::{Bound, TypeKey, Types};
pub use written::Written;

/// The position of a node in its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// How deep the values of an input may nest, in nodes. Bounds the recursion of everything that
/// walks an input, in the engine and in derived code.
pub const MAX_DEPTH: usize = 256;

/// The name of a struct that refers to an earlier element of the outermost list that it is in: a byte says
/// how many elements lie between.
pub const EARLIER: &str = "shakedown::stateful::Earlier";

/// The least nesting of what has no value, because it would lie beyond a limited depth.
pub(crate) const NEVER: usize = usize::MAX / 4;

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
    Bytes(Bytes),
    /// A `u32` count of bytes, then that many bytes of UTF-8.
    Str(Text),
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
    /// A value of another node, of which only some are allowed. It counts as one, whatever it holds.
    OneOf {
        /// What the values are of.
        node: NodeId,
        /// Those that are allowed.
        values: Values,
    },
    /// The fields one after the other.
    Record(Record),
    /// A tag (one byte up to 256 variants, else two), then the fields of the variant.
    Choice {
        /// Name of the enum.
        name: String,
        /// The variants, by tag.
        variants: Vec<Record>,
        /// How often each is drawn.
        weights: Weights,
    },
}

impl Node {
    /// The record that the node is, the variants of an enum by tag, and none for everything else.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        match self {
            Self::Record(record) => std::slice::from_ref(record),
            Self::Choice { variants, .. } => variants,
            Self::Bool
            | Self::Int(_)
            | Self::Float { .. }
            | Self::Char
            | Self::OneOf { .. }
            | Self::Bytes(_)
            | Self::Str(_)
            | Self::Seq { .. }
            | Self::Array { .. } => &[],
        }
    }

    /// The record, if the node is one of two fields: what an element of a map is written as.
    #[must_use]
    pub fn pair(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => (record.fields.len() == 2).then_some(record),
            Self::Bool
            | Self::Int(_)
            | Self::Float { .. }
            | Self::Char
            | Self::OneOf { .. }
            | Self::Bytes(_)
            | Self::Str(_)
            | Self::Seq { .. }
            | Self::Array { .. }
            | Self::Choice { .. } => None,
        }
    }
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
    /// For each node the first one whose values may stand in the place of its own.
    kinds: Vec<NodeId>,
    raw: Option<Raw>,
    aliases: Vec<Alias>,
}

/// The only argument of a target, if it is bytes or a string: the input itself, but for its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// Bytes.
    Bytes(Bytes),
    /// A string.
    Str(Text),
}

impl Raw {
    /// Bounds of its length in bytes.
    #[must_use]
    pub fn len(&self) -> Len {
        match self {
            Self::Bytes(bytes) => bytes.len,
            Self::Str(text) => text.len,
        }
    }
}

impl Schema {
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

    /// The node that values of `id` are encoded as: another one where only some of its values are
    /// allowed.
    #[must_use]
    pub fn value_node(&self, id: NodeId) -> NodeId {
        if let Node::OneOf { node, .. } = self.node(id) { *node } else { id }
    }

    /// The same for nodes whose values are encoded alike and under the same bounds.
    #[inline]
    #[must_use]
    pub(crate) fn kind(&self, id: NodeId) -> NodeId {
        self.kinds[id.0 as usize]
    }

    /// The arguments of the target.
    #[inline]
    #[must_use]
    pub fn arguments(&self) -> &[Field] {
        let Node::Record(record) = self.node(self.root) else {
            unreachable!("checked by Schema::new")
        };
        &record.fields
    }

    /// What the only argument is, if it is bytes or a string: files then hold the input as it is.
    #[inline]
    #[must_use]
    pub fn raw(&self) -> Option<&Raw> {
        self.raw.as_ref()
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

    /// Appends the encoding of the simplest value of a node, if it has any: zero, empty, `None`, the variant that
    /// nests least; declared defaults where fields have them.
    pub fn write_simplest(&self, id: NodeId, out: &mut Vec<u8>) {
        if self.least_depth(id) >= NEVER {
            return;
        }
        match self.node(id) {
            Node::Bool => out.push(0),
            Node::Int(int) => {
                let start = out.len();
                out.resize(start + usize::from(int.width), 0);
                int.store(int.simplest(), &mut out[start..]);
            }
            Node::Float { width } => out.resize(out.len() + usize::from(*width), 0),
            Node::Char => out.extend_from_slice(&[0; 4]),
            Node::Bytes(bytes) => bytes.write_simplest(out),
            Node::Str(text) => text.write_simplest(out),
            Node::OneOf { values, .. } => out.extend_from_slice(values.simplest()),
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
}
