//! Which nodes of a schema describe the same values, so that a value of one can stand for a value
//! of the other: the table holds a node for every mention of a type, not one for every type.

use crate::schema::{Node, NodeId, Record, Schema};

/// The class of each node; two nodes are of one class if they hold the same values.
///
/// Starts from a single class and divides until nothing changes (partition refinement, E. F. Moore,
/// 1956), so that recursive types that are written out twice fall together too.
pub(super) fn classes(schema: &Schema) -> Vec<NodeId> {
    let mut classes = vec![NodeId(0); schema.nodes().len()];
    let mut count = 1;
    loop {
        let mut found: Vec<Node> = Vec::new();
        let mut divided = Vec::with_capacity(classes.len());
        for node in schema.nodes() {
            let node = with_classes(node, &classes);
            let class = found.iter().position(|known| *known == node).unwrap_or(found.len());
            if class == found.len() {
                found.push(node);
            }
            divided.push(NodeId(class as u32));
        }
        classes = divided;
        if found.len() == count {
            return classes;
        }
        count = found.len();
    }
}

/// The node with the classes of its parts in place of the parts.
fn with_classes(node: &Node, classes: &[NodeId]) -> Node {
    let mut node = node.clone();
    let renumber = |record: &mut Record| {
        record.fields.iter_mut().for_each(|field| field.node = classes[field.node.0 as usize]);
    };
    match &mut node {
        Node::Seq { element, .. } | Node::Array { element, .. } => {
            *element = classes[element.0 as usize];
        }
        Node::Record(record) => renumber(record),
        Node::Choice { variants, .. } => variants.iter_mut().for_each(renumber),
        Node::Bool
        | Node::Int(_)
        | Node::Float { .. }
        | Node::Char
        | Node::OneOf { .. }
        | Node::Bytes(_)
        | Node::Str(_) => {}
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, Int, Len, SeqStyle, Types};

    #[test]
    fn equal_types_fall_together_and_others_do_not() {
        let mut types = Types::new();
        let mut list_of = |width| {
            let element = types.add(Node::Int(Int::full(false, width)));
            types.add(Node::Seq { element, len: Len::ANY, style: SeqStyle::List })
        };
        let lists = [list_of(2), list_of(2), list_of(4)];
        let field = |node| Field { name: "f".into(), node, default: None };
        let schema = types.finish(lists.map(field).into()).unwrap();
        let classes = classes(&schema);
        let [a, b, c] = lists.map(|list| classes[list.0 as usize]);
        assert_eq!(a, b);
        assert_ne!(a, c);
    }
}
