//! The builder of schemas, which the `Input` implementations of argument types are handed.

use std::collections::{BTreeSet, HashMap};

use super::{
    Alias, Alphabet, Bytes, Expression, Field, FieldStyle, Int, Len, Node, NodeId, Pattern, Record,
    Schema, SchemaError, Text, Values,
};

/// Identifies a user's type while its schema is made: its name and the place of its derive.
///
/// Lifetimes rule out `TypeId`; a type name alone is not promised to be unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeKey {
    /// `std::any::type_name` of the type.
    pub name: &'static str,
    /// `file!()`, `line!()` and `column!()` of its derive.
    pub place: (&'static str, u32, u32),
}

/// Builds a schema from types; handed to `Input::schema`.
#[derive(Debug, Default)]
pub struct Types {
    pub(super) nodes: Vec<Node>,
    named: HashMap<(TypeKey, Vec<TypeKey>), NodeId>,
    /// The types that are being made, outermost first.
    making: Vec<(TypeKey, NodeId)>,
    /// Those of them whose depth is limited, once for each time, in any fixed order.
    limited: Vec<TypeKey>,
    errors: Vec<String>,
    pub(super) aliases: BTreeSet<Alias>,
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
    ///
    /// Within a type of [limited depth](Self::nested) it is another node for each level of that.
    pub fn recursive(&mut self, key: TypeKey, build: impl FnOnce(&mut Self) -> Node) -> NodeId {
        let place = (key, self.limited.clone());
        if let Some(id) = self.named.get(&place) {
            return *id;
        }
        let id = self.add(Node::Bool);
        self.named.insert(place, id);
        self.making.push((key, id));
        let node = build(self);
        self.making.pop();
        self.nodes[id.0 as usize] = node;
        id
    }

    /// As [`Self::recursive`], for a type of which at most `depth` values may lie within one another: on
    /// the last level, what would hold a further one has no value.
    pub fn nested(
        &mut self,
        key: TypeKey,
        depth: usize,
        build: impl FnOnce(&mut Self) -> Node,
    ) -> NodeId {
        let levels = self.limited.iter().filter(|limited| **limited == key).count();
        let outer = self.making.iter().rev().find(|(making, _)| *making == key);
        if let Some((_, node)) = outer.filter(|_| levels >= depth) {
            let values = Values::new([]);
            return self.add(Node::OneOf { node: *node, values });
        }
        let at = self.limited.partition_point(|limited| *limited < key);
        self.limited.insert(at, key);
        let id = self.recursive(key, build);
        self.limited.remove(at);
        id
    }

    /// A copy of an integer node, limited to the values from `min` to `max`, given as `i128` or
    /// `u128` in little-endian form with their sign; the bounds are cut to the type.
    ///
    /// Used by `#[input(range = ..)]` of `field`. A node of another kind is an error, which
    /// [`Self::finish`] reports.
    pub fn limit_range(&mut self, field: &str, id: NodeId, min: Bound, max: Bound) -> NodeId {
        let Node::Int(int) = self.nodes[id.0 as usize] else {
            return self.fail(id, format!("`range` of `{field}` needs an integer"));
        };
        let limited = Int { min: min.key(int), max: max.key(int), ..int };
        if limited.min > limited.max {
            return self.fail(id, format!("`range` of `{field}` allows nothing: it is empty"));
        }
        self.add(Node::Int(limited))
    }

    /// A copy of a sequence, string or bytes node with further bounds on its length: those that it
    /// has already stay in force.
    ///
    /// Used by `#[input(len = ..)]` of `field`. A node of another kind, or bounds that no length is
    /// within, are an error, which [`Self::finish`] reports.
    pub fn limit_len(&mut self, field: &str, id: NodeId, len: Len) -> NodeId {
        let mut node = self.nodes[id.0 as usize].clone();
        if has_pattern(&node) {
            return self.fail(id, format!("`len` of `{field}`: its `regex` says how long it is"));
        }
        let bounds = match &mut node {
            Node::Bytes(Bytes { len: bounds, .. })
            | Node::Str(Text { len: bounds, .. })
            | Node::Seq { len: bounds, .. } => bounds,
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Array { .. }
            | Node::Record(_)
            | Node::Choice { .. } => {
                let message = format!("`len` of `{field}` needs a string or a sequence");
                return self.fail(id, message);
            }
        };
        *bounds = Len { min: bounds.min.max(len.min), max: bounds.max.min(len.max) };
        match bounds.is_sound() {
            true => self.add(node),
            false => {
                self.fail(id, format!("`len` of `{field}` allows nothing: its range is empty"))
            }
        }
    }

    /// A copy of a string or bytes node that only holds what is of this alphabet too.
    ///
    /// Used by `#[input(chars = ..)]` of `field`. A node of another kind, or an alphabet that makes no
    /// value, are an error, which [`Self::finish`] reports.
    pub fn limit_chars(&mut self, field: &str, id: NodeId, alphabet: &Alphabet) -> NodeId {
        let mut node = self.nodes[id.0 as usize].clone();
        if has_pattern(&node) {
            return self.fail(id, format!("`chars` of `{field}`: its `regex` says what is in it"));
        }
        match &mut node {
            Node::Bytes(Bytes { alphabet: all, .. }) | Node::Str(Text { alphabet: all, .. }) => {
                let of_both = all.as_ref().map(|all| all.and(alphabet));
                *all = Some(of_both.unwrap_or_else(|| alphabet.clone()));
            }
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Seq { .. }
            | Node::Array { .. }
            | Node::Record(_)
            | Node::Choice { .. } => {
                let message = format!("`chars` of `{field}` needs a string or bytes");
                return self.fail(id, message);
            }
        }
        self.add(node)
    }

    /// The node of the texts that an expression describes, in place of a node of strings or bytes without
    /// bounds: bytes that match are UTF-8, and encoded alike.
    ///
    /// Used by `#[input(regex = ..)]` of `field`. A node of another kind, or an expression that
    /// describes nothing or is too large, are an error, which [`Self::finish`] reports.
    pub fn limit_pattern(&mut self, field: &str, id: NodeId, expression: Expression) -> NodeId {
        let node = &self.nodes[id.0 as usize];
        if *node != Node::Str(Text::ANY) && *node != Node::Bytes(Bytes::ANY) {
            let message =
                format!("`regex` of `{field}` needs a string or bytes that nothing else limits");
            return self.fail(id, message);
        }
        match Pattern::new(expression) {
            Some(pattern) => self.add(Node::Str(Text::of_pattern(pattern))),
            None => self.fail(id, format!("`regex` of `{field}` matches nothing, or is too large")),
        }
    }

    /// A copy of a node of which only these encoded values are allowed.
    ///
    /// Used by `#[input(one_of = ..)]`.
    pub fn one_of(&mut self, id: NodeId, values: impl IntoIterator<Item = Vec<u8>>) -> NodeId {
        let node = match self.nodes[id.0 as usize] {
            Node::OneOf { node, .. } => node,
            _ => id,
        };
        self.add(Node::OneOf { node, values: Values::new(values) })
    }

    /// Notes a mistake in the attributes of a field.
    pub(super) fn fail(&mut self, id: NodeId, message: String) -> NodeId {
        self.errors.push(message);
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
            true => Ok(Schema::new(self.nodes, root)?.with_aliases(self.aliases)),
            false => Err(SchemaError(self.errors.join("; "))),
        }
    }
}

/// Whether a node is of the texts of a pattern.
fn has_pattern(node: &Node) -> bool {
    matches!(node, Node::Str(Text { pattern: Some(_), .. }))
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
    use super::super::{SeqStyle, Weights, shape};
    use super::*;

    fn field(name: &str, node: NodeId) -> Field {
        Field { name: name.into(), node, default: None }
    }

    fn key(name: &'static str) -> TypeKey {
        TypeKey { name, place: ("lib.rs", 1, 1) }
    }

    #[test]
    fn ranges_are_cut_to_the_type_and_decide_the_default() {
        let mut types = Types::new();
        let byte = types.add(Node::Int(Int::full(false, 1)));
        let limited = types.limit_range("n", byte, Bound::Positive(3), Bound::Positive(1000));
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
                weights: Weights::EVEN,
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
    fn a_limited_depth_has_no_further_level() {
        let list = |types: &mut Types, depth| {
            fn node(types: &mut Types, depth: usize) -> NodeId {
                types.nested(key("List"), depth, |types| {
                    let inner = node(types, depth);
                    let rest = Node::Seq { element: inner, len: Len::ANY, style: SeqStyle::List };
                    let rest = types.add(rest);
                    Node::Record(Record {
                        name: "List".into(),
                        style: FieldStyle::Tuple,
                        fields: vec![field("0", rest)],
                    })
                })
            }
            node(types, depth)
        };
        for depth in 1..5usize {
            let mut types = Types::new();
            let list = list(&mut types, depth);
            let schema = types.finish(vec![field("l", list)]).unwrap();
            let nested = |levels: usize| {
                let one = 1u32.to_le_bytes().repeat(levels - 1);
                shape::check(&schema, &[one, vec![0; 4]].concat())
            };
            assert!((1..=depth).all(|levels| nested(levels).is_ok()));
            let error = nested(depth + 1).unwrap_err().to_string();
            assert!(error.starts_with("nested deeper than `depth` allows"), "{error}");
        }
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
        let itself = types.add(Node::OneOf { node: NodeId(0), values: Values::new([vec![1]]) });
        assert!(types.finish(vec![field("i", itself)]).is_err());

        let mut types = Types::new();
        let never = types.add(Node::Choice {
            name: "Never".into(),
            variants: vec![],
            weights: Weights::EVEN,
        });
        assert!(types.finish(vec![field("n", never)]).is_err());

        let mut types = Types::new();
        let text = types.add(Node::Str(Text::ANY));
        let text = types.limit_range("t", text, Bound::Positive(0), Bound::Positive(1));
        let error = types.finish(vec![field("t", text)]).unwrap_err();
        assert_eq!(error.0, "`range` of `t` needs an integer");

        let mut types = Types::new();
        let text = types.add(Node::Str(Text::ANY));
        types.limit_len("t", text, Len { min: 3, max: 2 });
        let error = types.finish(vec![]).unwrap_err();
        assert_eq!(error.0, "`len` of `t` allows nothing: its range is empty");
    }
}
