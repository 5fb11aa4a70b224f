//! What makes a table of nodes a schema: references that lead somewhere, values that end, and
//! defaults that fit.

use super::{Len, MAX_DEPTH, NEVER, Node, NodeId, Raw, Record, Schema, SchemaError, shape};

impl Schema {
    /// Checks a table of nodes.
    ///
    /// # Errors
    /// If `root` is not a record, a reference leads nowhere, bounds are empty, an enum has no
    /// variants or too many, a type has no finite value, or a default does not fit its field.
    pub fn new(nodes: Vec<Node>, root: NodeId) -> Result<Self, SchemaError> {
        check_references(&nodes, root)?;
        // What lies beyond a limited depth is finite in itself.
        check_finite(&nodes, &least_depths(&nodes, 1))?;
        let depths = least_depths(&nodes, NEVER);
        if depths[root.0 as usize] >= NEVER {
            return Err(SchemaError("a `depth` is so small that the type has no value".into()));
        }
        let kinds = kinds(&nodes);
        let mut schema = Self { nodes, root, depths, kinds, raw: None, aliases: Vec::new() };
        schema.check_values()?;
        schema.check_defaults()?;
        if let [only] = schema.arguments() {
            schema.raw = match schema.node(only.node) {
                Node::Bytes(bytes) => Some(Raw::Bytes(bytes.clone())),
                Node::Str(text) => Some(Raw::Str(text.clone())),
                Node::Bool
                | Node::Int(_)
                | Node::Float { .. }
                | Node::Char
                | Node::OneOf { .. }
                | Node::Seq { .. }
                | Node::Array { .. }
                | Node::Record(_)
                | Node::Choice { .. } => None,
            };
        }
        Ok(schema)
    }

    fn check_values(&self) -> Result<(), SchemaError> {
        for node in &self.nodes {
            let Node::OneOf { node, values } = node else { continue };
            for value in values.all() {
                shape::check_value(self, *node, value).map_err(|error| {
                    SchemaError(format!("`one_of` has a value that the type has not: {error}"))
                })?;
            }
        }
        Ok(())
    }

    fn check_defaults(&self) -> Result<(), SchemaError> {
        let records = self.nodes.iter().flat_map(Node::records);
        for field in records.flat_map(|record| &record.fields) {
            if let Some(value) = &field.default {
                shape::check_value(self, field.node, value).map_err(|error| {
                    SchemaError(format!(
                        "the default of `{}` is not a value of its type: {error}",
                        field.name
                    ))
                })?;
            }
        }
        Ok(())
    }
}

/// Most kinds of scalars that are told apart by what they are.
const MAX_KINDS: usize = 256;

/// For each node the first one of its kind: an equal scalar, or itself.
fn kinds(nodes: &[Node]) -> Vec<NodeId> {
    let mut scalars: Vec<usize> = Vec::new();
    let ids = nodes.iter().enumerate().map(|(index, node)| match node {
        Node::Seq { .. } | Node::Array { .. } | Node::Record(_) | Node::Choice { .. } => index,
        Node::Bool
        | Node::Int(_)
        | Node::Float { .. }
        | Node::Char
        | Node::OneOf { .. }
        | Node::Bytes(_)
        | Node::Str(_) => match scalars.iter().find(|first| nodes[**first] == *node) {
            Some(first) => *first,
            None => {
                if scalars.len() < MAX_KINDS {
                    scalars.push(index);
                }
                index
            }
        },
    });
    ids.map(|index| NodeId(index as u32)).collect()
}

fn check_references(nodes: &[Node], root: NodeId) -> Result<(), SchemaError> {
    let known = |id: &NodeId| (id.0 as usize) < nodes.len();
    if !matches!(nodes.get(root.0 as usize), Some(Node::Record(_))) {
        return Err(SchemaError("the root of a schema is not a record".into()));
    }
    for node in nodes {
        let sound = match node {
            Node::Bool | Node::Char => true,
            Node::Int(int) => int.is_sound(),
            Node::Float { width } => matches!(width, 4 | 8),
            Node::Bytes(bytes) => bytes.is_sound(),
            Node::Str(text) => text.is_sound(),
            Node::Seq { element, len, .. } => known(element) && len.is_sound(),
            Node::Array { element, .. } => known(element),
            Node::OneOf { node, .. } => {
                let is_plain = !matches!(nodes.get(node.0 as usize), Some(Node::OneOf { .. }));
                known(node) && is_plain
            }
            Node::Record(record) => record.fields.iter().all(|field| known(&field.node)),
            Node::Choice { variants, weights, .. } => {
                (1..=65536).contains(&variants.len())
                    && weights.is_sound(variants.len())
                    && variants.iter().flat_map(|v| &v.fields).all(|field| known(&field.node))
            }
        };
        if !sound {
            return Err(SchemaError(format!("no value can have this shape: {node:?}")));
        }
    }
    Ok(())
}

/// Least nesting of a value of each node, as a least fixed point from [`NEVER`]; `beyond` is that of what
/// lies beyond a limited depth.
fn least_depths(nodes: &[Node], beyond: usize) -> Vec<usize> {
    let mut depths = vec![NEVER; nodes.len()];
    let deepest = |depths: &[usize], record: &Record| {
        record.fields.iter().map(|field| depths[field.node.0 as usize]).max().unwrap_or(0)
    };
    loop {
        let mut changed = false;
        for (index, node) in nodes.iter().enumerate() {
            let inner = match node {
                Node::OneOf { values, .. } if values.all().is_empty() => beyond - 1,
                Node::Seq { element, len: Len { min: 1.., .. }, .. }
                | Node::Array { element, len: 1.. } => depths[element.0 as usize],
                Node::Record(record) => deepest(&depths, record),
                Node::Choice { variants, .. } => {
                    variants.iter().map(|v| deepest(&depths, v)).min().unwrap_or(NEVER)
                }
                Node::Bool
                | Node::Int(_)
                | Node::Float { .. }
                | Node::Char
                | Node::OneOf { .. }
                | Node::Bytes(_)
                | Node::Str(_)
                | Node::Seq { .. }
                | Node::Array { .. } => 0,
            };
            let depth = (inner + 1).min(NEVER);
            if depth < depths[index] {
                depths[index] = depth;
                changed = true;
            }
        }
        if !changed {
            return depths;
        }
    }
}

fn check_finite(nodes: &[Node], depths: &[usize]) -> Result<(), SchemaError> {
    match depths.iter().position(|depth| *depth > MAX_DEPTH / 2) {
        Some(index) => Err(SchemaError(format!(
            "this type has no finite value, or nests too deeply: {:?}",
            nodes[index]
        ))),
        None => Ok(()),
    }
}
