//! Limits of what a value holds: the elements of a list, the keys and values of a map.

use super::{Alphabet, Int, Node, NodeId, SeqStyle, Types};

/// Which of the values that another holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The elements of a list, a set or an array; what an `Option` may hold.
    Item,
    /// The keys of a map.
    Key,
    /// The values of a map.
    Value,
}

impl Types {
    /// A copy of a node that holds others, with those limited by `limit`, which is given their node.
    ///
    /// Used by `#[input(items(..))]` of `field`. A node that holds no such values is an error, which
    /// [`Self::finish`] reports.
    pub fn limit_part(
        &mut self,
        field: &str,
        id: NodeId,
        part: Part,
        limit: impl FnOnce(&mut Self, NodeId) -> NodeId,
    ) -> NodeId {
        let mut node = self.nodes[id.0 as usize].clone();
        match (part, &mut node) {
            (Part::Item, Node::Bytes(bytes)) => {
                let byte = self.add(Node::Int(Int::full(false, 1)));
                let limited = limit(self, byte);
                let members = self.members(limited);
                let of_both = bytes.alphabet.as_ref().map(|all| all.and(&members));
                bytes.alphabet = Some(of_both.unwrap_or(members));
            }
            (Part::Item, Node::Seq { element, .. } | Node::Array { element, .. }) => {
                *element = limit(self, *element);
            }
            (Part::Item, Node::Choice { name, variants, .. }) if name == "Option" => {
                let held = variants.iter_mut().flat_map(|variant| &mut variant.fields).next();
                if let Some(held) = held {
                    held.node = limit(self, held.node);
                }
            }
            (Part::Key | Part::Value, Node::Seq { element, style: SeqStyle::Map, .. }) => {
                let position = usize::from(part == Part::Value);
                *element = self.limit_in_pair(*element, position, limit);
            }
            _ => return self.fail(id, format!("`{field}` holds no values of this kind")),
        }
        self.add(node)
    }

    /// A copy of a pair of which one is limited.
    fn limit_in_pair(
        &mut self,
        pair: NodeId,
        position: usize,
        limit: impl FnOnce(&mut Self, NodeId) -> NodeId,
    ) -> NodeId {
        let mut node = self.nodes[pair.0 as usize].clone();
        if let Node::Record(record) = &mut node
            && let Some(field) = record.fields.get_mut(position)
        {
            field.node = limit(self, field.node);
        }
        self.add(node)
    }

    /// The bytes that a limited byte may be.
    fn members(&self, byte: NodeId) -> Alphabet {
        match &self.nodes[byte.0 as usize] {
            Node::Int(int) => Alphabet::new([int.min as u32..=int.max as u32]),
            Node::OneOf { values, .. } => {
                let bytes = values.all().iter().flatten().map(|byte| u32::from(*byte));
                Alphabet::new(bytes.map(|byte| byte..=byte))
            }
            _ => Alphabet::new([0..=255]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bytes, Field, FieldStyle, Len, Record};
    use super::*;

    fn field(name: &str, node: NodeId) -> Field {
        Field { name: name.into(), node, default: None }
    }

    /// Limits a byte to what is above 8.
    fn above(types: &mut Types, node: NodeId) -> NodeId {
        let Node::Int(int) = types.nodes[node.0 as usize] else { panic!("no integer") };
        types.add(Node::Int(Int { min: 9, ..int }))
    }

    #[test]
    fn values_are_limited_where_they_are_held() {
        let mut types = Types::new();
        let byte = types.add(Node::Int(Int::full(false, 1)));
        let pair = Record {
            name: String::new(),
            style: FieldStyle::Tuple,
            fields: vec![field("0", byte), field("1", byte)],
        };
        let pair = types.add(Node::Record(pair));
        let len = Len { min: 1, max: 1 };
        let map = types.add(Node::Seq { element: pair, len, style: SeqStyle::Map });
        let array = types.add(Node::Array { element: byte, len: 2 });
        let bytes = types.add(Node::Bytes(Bytes::of_len(Len { min: 1, max: 2 })));
        let arguments = vec![
            field("keys", types.limit_part("f", map, Part::Key, above)),
            field("values", types.limit_part("f", map, Part::Value, above)),
            field("array", types.limit_part("f", array, Part::Item, above)),
            field("bytes", types.limit_part("f", bytes, Part::Item, above)),
            field("as it was", map),
        ];
        let schema = types.finish(arguments).unwrap();
        let expected: [&[u8]; 5] = [
            &[1, 0, 0, 0, 9, 0],
            &[1, 0, 0, 0, 0, 9],
            &[9, 9],
            b"\x01\0\0\x000",
            &[1, 0, 0, 0, 0, 0],
        ];
        assert_eq!(schema.simplest_input(), expected.concat());
    }

    #[test]
    fn what_holds_nothing_is_an_error() {
        let mut types = Types::new();
        let byte = types.add(Node::Int(Int::full(false, 1)));
        types.limit_part("f", byte, Part::Item, above);
        types.limit_part("g", byte, Part::Key, above);
        let error = types.finish(vec![]).unwrap_err();
        assert_eq!(error.0, "`f` holds no values of this kind; `g` holds no values of this kind");
    }
}
