//! A schema as text: the argument types of a target, nearly as they stand in its source.

use crate::literal::plain_name;
use crate::schema::{FieldStyle, Node, NodeId, Schema, SeqStyle};

/// The arguments as `name: type, name: type`.
#[must_use]
pub fn describe_arguments(schema: &Schema) -> String {
    let arguments = schema.arguments().iter();
    let texts: Vec<_> = arguments
        .map(|field| format!("{}: {}", field.name, describe(schema, field.node)))
        .collect();
    texts.join(", ")
}

/// The type of a node. Named types stand for themselves, so the text is finite.
#[must_use]
pub fn describe(schema: &Schema, id: NodeId) -> String {
    match schema.node(id) {
        Node::Bool => "bool".into(),
        Node::Int(int) => {
            format!("{}{}", if int.signed { 'i' } else { 'u' }, 8 * u32::from(int.width))
        }
        Node::Float { width } => format!("f{}", 8 * u32::from(*width)),
        Node::Char => "char".into(),
        Node::Bytes(_) => "[u8]".into(),
        Node::Str(_) => "str".into(),
        Node::Seq { element, style, .. } => {
            let element = describe(schema, *element);
            match style {
                SeqStyle::List => format!("[{element}]"),
                SeqStyle::Set => format!("set of {element}"),
                SeqStyle::Map => format!("map of {element}"),
            }
        }
        Node::OneOf { node, .. } => describe(schema, *node),
        Node::Array { element, len } => format!("[{}; {len}]", describe(schema, *element)),
        Node::Record(record) if !record.name.is_empty() => plain_name(&record.name).into(),
        Node::Record(record) => match record.style {
            FieldStyle::Unit => "()".into(),
            FieldStyle::Named | FieldStyle::Tuple => {
                let fields = record.fields.iter().map(|field| describe(schema, field.node));
                format!("({})", fields.collect::<Vec<_>>().join(", "))
            }
        },
        Node::Choice { name, variants, .. } if name == "Option" && variants.len() == 2 => {
            let inner = variants.iter().flat_map(|variant| &variant.fields).next();
            format!("Option<{}>", inner.map_or("()".into(), |field| describe(schema, field.node)))
        }
        Node::Choice { name, .. } => plain_name(name).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, Int, Len, Text, Types};

    #[test]
    fn arguments_read_like_their_source() {
        let mut types = Types::new();
        let field = |name: &str, node| Field { name: name.into(), node, default: None };
        let number = types.add(Node::Int(Int::full(true, 4)));
        let text = types.add(Node::Str(Text::ANY));
        let list = types.add(Node::Seq { element: number, len: Len::ANY, style: SeqStyle::List });
        let schema = types.finish(vec![field("text", text), field("list", list)]).unwrap();
        assert_eq!(describe_arguments(&schema), "text: str, list: [i32]");
    }
}
