//! The order of simplicity, by which every step of the minimizer goes down.
//!
//! First counts the number of values an input holds, each byte of bytes and strings being one, and
//! fields at their default none. Among inputs of one size the first value that differs decides: a
//! field at its default before any other, then fewer elements, earlier variants, and leaves by
//! their domain. The order is total, and only finitely many inputs come before any one.

use std::cmp::Ordering;

use super::class::classes;
use crate::domain::{character, float, int, rank};
use crate::schema::shape::{Site, Sites};
use crate::schema::{Node, NodeId, Record, Schema, tag_width};

/// An input with the index of its values and its size in values.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    /// The encoded input.
    pub bytes: Vec<u8>,
    /// Its values.
    pub sites: Sites,
    /// Number of values that are not defaults.
    size: u64,
}

impl Measured {
    /// Measures an input; `None` if it does not have the shape of the schema.
    pub(super) fn new(order: &Order<'_>, bytes: Vec<u8>) -> Option<Self> {
        let mut sites = Sites::new();
        sites.rebuild(order.schema, &bytes).ok()?;
        let mut measured = Self { bytes, sites, size: 0 };
        measured.size = order.size(&measured, 0);
        Some(measured)
    }

    /// The value at a site with its count or tag.
    pub(super) fn value(&self, index: usize) -> &[u8] {
        &self.bytes[self.site(index).range()]
    }

    /// The site with this index.
    pub(super) fn site(&self, index: usize) -> &Site {
        &self.sites.list()[index]
    }
}

/// The order for one schema.
#[derive(Clone, Debug)]
pub(super) struct Order<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// Encoded defaults of the fields: by node, tag (0 for records) and field.
    defaults: Vec<Vec<Vec<Vec<u8>>>>,
    classes: Vec<NodeId>,
}

impl<'a> Order<'a> {
    /// The order of the inputs of a schema.
    pub(super) fn new(schema: &'a Schema) -> Self {
        let of_record = |record: &Record| -> Vec<Vec<u8>> {
            let encode = |field| {
                let mut out = Vec::new();
                schema.write_default(field, &mut out);
                out
            };
            record.fields.iter().map(encode).collect()
        };
        let of_node = |node: &Node| node.records().iter().map(of_record).collect();
        let defaults = schema.nodes().iter().map(of_node).collect();
        Self { schema, defaults, classes: classes(schema) }
    }

    /// Whether two nodes describe the same values.
    pub(super) fn alike(&self, a: NodeId, b: NodeId) -> bool {
        self.classes[a.0 as usize] == self.classes[b.0 as usize]
    }

    /// Whether a value of one node may be one of the other: they are alike, or of one type on two levels of
    /// a limited depth.
    pub(super) fn are_kin(&self, a: NodeId, b: NodeId) -> bool {
        let name = |id| match self.schema.node(id) {
            Node::Record(Record { name, .. }) | Node::Choice { name, .. } => Some(name),
            _ => None,
        };
        self.alike(a, b) || name(a).is_some_and(|a| !a.is_empty() && name(b) == Some(a))
    }

    /// The encoded defaults of the fields of one variant, or of a record (tag 0).
    pub(super) fn defaults(&self, node: NodeId, tag: usize) -> &[Vec<u8>] {
        &self.defaults[node.0 as usize][tag]
    }

    /// The default of the value at a site: that of its field, or the simplest value of its node.
    pub(super) fn default_at(&self, input: &Measured, index: usize) -> Vec<u8> {
        if let Some(default) = self.field_default(input, index) {
            return default.to_vec();
        }
        let mut out = Vec::new();
        self.schema.write_simplest(input.site(index).node, &mut out);
        out
    }

    /// Whether `a` is simpler than `b`, as simple (then they are the same), or less simple.
    pub(super) fn compare(&self, a: &Measured, b: &Measured) -> Ordering {
        a.size.cmp(&b.size).then_with(|| self.compare_values(a, b))
    }

    fn size(&self, input: &Measured, index: usize) -> u64 {
        let site = input.site(index);
        let own = match self.schema.node(site.node) {
            Node::Bytes(_) | Node::Str(_) => 1 + site.content().len() as u64,
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Seq { .. }
            | Node::Array { .. }
            | Node::Record(_)
            | Node::Choice { .. } => 1,
        };
        let defaults = self.field_defaults(input, index);
        let parts =
            input.sites.children(index).enumerate().map(|(position, child)| match defaults {
                Some(defaults) if defaults[position] == input.value(child) => 0,
                _ => self.size(input, child),
            });
        own + parts.sum::<u64>()
    }

    /// The defaults of the fields directly within a site; `None` if these are not fields.
    fn field_defaults(&self, input: &Measured, index: usize) -> Option<&[Vec<u8>]> {
        let node = input.site(index).node;
        match self.schema.node(node) {
            Node::Record(_) => Some(self.defaults(node, 0)),
            Node::Choice { variants, .. } => {
                Some(self.defaults(node, read_tag(input.value(index), variants.len())))
            }
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Bytes(_)
            | Node::Str(_)
            | Node::Seq { .. }
            | Node::Array { .. } => None,
        }
    }

    /// The default of the field at a site; `None` for elements and for the root.
    fn field_default(&self, input: &Measured, index: usize) -> Option<&[u8]> {
        let parent = input.site(index).parent as usize;
        let defaults = self.field_defaults(input, parent)?;
        let position = input.sites.children(parent).position(|child| child == index)?;
        Some(&defaults[position])
    }

    fn is_default(&self, input: &Measured, index: usize) -> bool {
        self.field_default(input, index) == Some(input.value(index))
    }

    /// Compares by the first value that differs. Up to there both inputs hold the same sites, since
    /// nothing before a value depends on bytes after it.
    fn compare_values(&self, a: &Measured, b: &Measured) -> Ordering {
        let Some(at) = first_difference(&a.bytes, &b.bytes) else { return Ordering::Equal };
        let index = innermost(&a.sites, at);
        for around in path(&a.sites, index) {
            match (self.is_default(a, around), self.is_default(b, around)) {
                (true, false) => return Ordering::Less,
                (false, true) => return Ordering::Greater,
                (true, true) | (false, false) => {}
            }
        }
        let site = a.site(index);
        self.compare_own(site.node, a.value(index), b.value(index), at - site.start as usize)
    }

    /// Compares two values of a node that differ first at byte `at`, which is not in a part.
    fn compare_own(&self, node: NodeId, a: &[u8], b: &[u8], at: usize) -> Ordering {
        match self.schema.node(node) {
            Node::Bool => a.cmp(b),
            Node::Int(int) => int::compare(*int, a, b),
            Node::Float { .. } => float::compare(a, b),
            Node::Char => character::compare(a, b),
            Node::OneOf { values, .. } => values.compare(a, b),
            Node::Bytes(_) | Node::Str(_) if at >= 4 => rank::compare(a[at], b[at]),
            Node::Bytes(_) | Node::Str(_) | Node::Seq { .. } => read_count(a).cmp(&read_count(b)),
            Node::Choice { variants, .. } => {
                let simplest = self.schema.simplest_variant(variants);
                let rank = |value| {
                    let tag = read_tag(value, variants.len());
                    (tag != simplest, tag)
                };
                rank(a).cmp(&rank(b))
            }
            Node::Array { .. } | Node::Record(_) => unreachable!("all bytes belong to parts"),
        }
    }
}

/// The `u32` that a value starts with.
pub(super) fn read_count(value: &[u8]) -> u32 {
    u32::from_le_bytes(value[..4].try_into().expect("four bytes"))
}

/// The tag that a value of an enum with this many variants starts with.
pub(super) fn read_tag(value: &[u8], variants: usize) -> usize {
    let mut tag = [0; 2];
    let width = tag_width(variants);
    tag[..width].copy_from_slice(&value[..width]);
    u16::from_le_bytes(tag).into()
}

/// Where two inputs first differ. Neither can be a mere beginning of the other.
fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    // Whole blocks first: comparing slices is many times faster than comparing bytes.
    const BLOCK: usize = 256;
    let same = a.chunks(BLOCK).zip(b.chunks(BLOCK)).take_while(|(a, b)| a == b).count() * BLOCK;
    let (a, b) = (a.get(same..)?, b.get(same..)?);
    a.iter().zip(b).position(|(a, b)| a != b).map(|at| same + at)
}

/// The innermost site that holds byte `at`.
fn innermost(sites: &Sites, at: usize) -> usize {
    let list = sites.list();
    let mut index = list.partition_point(|site| site.start as usize <= at) - 1;
    while list[index].end as usize <= at {
        index = list[index].parent as usize;
    }
    index
}

/// A site and those that hold it, the outermost below the root first.
fn path(sites: &Sites, index: usize) -> Vec<usize> {
    let parent = |&index: &usize| Some(sites.list()[index].parent as usize);
    let mut path: Vec<usize> =
        std::iter::successors(Some(index), parent).take_while(|&index| index > 0).collect();
    path.reverse();
    path
}
