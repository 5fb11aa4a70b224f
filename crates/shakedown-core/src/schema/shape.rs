//! Walking an encoded input along with its schema: where every value lies, and whether the bytes
//! have the shape at all.
//!
//! The encoding holds counts and tags but no byte lengths of composite values, so an edit within a
//! value never needs a repair further up. [`Sites`] is the index that mutation and minimization
//! pick from; making it is also the one check of foreign bytes.

use crate::domain::{boolean, bytes, character, int, text};
use crate::schema::{Field, Len, MAX_DEPTH, Node, NodeId, Record, Schema, tag_width};

/// Where one value lies in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// What it is.
    pub node: NodeId,
    /// First byte, in bytes from the start of the input; counts and tags included.
    pub start: u32,
    /// First byte after it.
    pub end: u32,
    /// Index of the site that holds it; its own index for the root.
    pub parent: u32,
    /// Index of the first site after it that it does not hold.
    pub next: u32,
    /// Nesting: 0 for the root.
    pub depth: u16,
}

impl Site {
    /// The bytes of the value within the input.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Lies `moved` bytes on, in wrapping arithmetic.
    fn shift(&mut self, moved: u32) {
        self.start = self.start.wrapping_add(moved);
        self.end = self.end.wrapping_add(moved);
    }

    /// The bytes after the count, for bytes, strings and sequences.
    #[must_use]
    pub fn content(&self) -> std::ops::Range<usize> {
        self.start as usize + 4..self.end as usize
    }
}

/// Bytes that do not have the shape that the schema asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError {
    /// Where, in bytes from the start.
    pub offset: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

impl std::fmt::Display for ShapeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at byte {}", self.reason, self.offset)
    }
}

impl std::error::Error for ShapeError {}

/// All values of an input, a value before those that it holds (preorder). Kept between uses so
/// that a rebuild does not allocate.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    list: Vec<Site>,
    /// What is new in [`Self::follow`].
    new: Vec<Site>,
}

/// Consecutive values that were replaced by others.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The sites that there were, with all that they held.
    pub(crate) sites: std::ops::Range<usize>,
    /// First byte of what is there now, from the start of the input.
    pub(crate) start: usize,
    /// Site of what holds them; their own for the root.
    pub(crate) parent: usize,
    /// Their nesting.
    pub(crate) depth: usize,
    /// The node of what is there now.
    pub(crate) node: NodeId,
    /// How many values are there now.
    pub(crate) count: usize,
    /// How many bytes longer the input is than before, in wrapping arithmetic.
    pub(crate) moved: u32,
}

impl Change {
    /// One value, the site with this index, that was replaced by another of the same kind.
    pub(crate) fn of_value(index: usize, site: Site) -> Self {
        Self {
            sites: index..site.next as usize,
            start: site.start as usize,
            parent: site.parent as usize,
            depth: usize::from(site.depth),
            node: site.node,
            count: 1,
            moved: 0,
        }
    }
}

impl Sites {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Becomes the index that `other` is.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        // What is derived would give the memory back and take new.
        self.list.clone_from(&other.list);
    }

    /// Indexes `input`, and thereby checks it completely: bounds, tags, UTF-8, lengths, ranges,
    /// nesting, and that nothing follows the last value.
    ///
    /// # Errors
    /// The first place where the bytes do not have the shape; the index is then empty.
    pub fn rebuild(&mut self, schema: &Schema, input: &[u8]) -> Result<(), ShapeError> {
        self.rebuild_value(schema, schema.root(), input)
    }

    /// As [`Self::rebuild`], for a single value of node `id`.
    ///
    /// # Errors
    /// As [`Self::rebuild`].
    pub fn rebuild_value(
        &mut self,
        schema: &Schema,
        id: NodeId,
        value: &[u8],
    ) -> Result<(), ShapeError> {
        self.list.clear();
        let mut walk = Walk { schema, bytes: value, at: 0, list: &mut self.list, first: 0 };
        let result = match walk.bytes.len() > u32::MAX as usize {
            true => walk.error("more than 4 GiB"),
            false => walk.value(id, 0, 0),
        };
        let result = match result {
            Ok(()) if walk.at < walk.bytes.len() => walk.error("unexpected bytes after the value"),
            other => other,
        };
        if result.is_err() {
            self.list.clear();
        }
        result
    }

    /// Follows a change of the content of bytes or a string, the site with this index, which made
    /// the input `moved` bytes longer, in wrapping arithmetic.
    pub(crate) fn follow_content(&mut self, index: usize, moved: u32) {
        if moved == 0 {
            return;
        }
        let Site { next, parent, .. } = self.list[index];
        self.list[index].end = self.list[index].end.wrapping_add(moved);
        self.list[next as usize..].iter_mut().for_each(|site| site.shift(moved));
        self.widen((index > 0).then_some(parent as usize), moved, 0);
    }

    /// Follows a change of the input. False if the new bytes do not have the shape; the index is then
    /// empty.
    pub(crate) fn follow(&mut self, schema: &Schema, input: &[u8], change: Change) -> bool {
        let Change { sites, start, parent, depth, node, count, moved } = change;
        self.new.clear();
        let first = sites.start;
        let mut walk = Walk { schema, bytes: input, at: start, list: &mut self.new, first };
        if (0..count).try_for_each(|_| walk.value(node, parent, depth)).is_err() {
            self.list.clear();
            return false;
        }
        let more = (self.new.len() as u32).wrapping_sub(sites.len() as u32);
        self.replace(sites.clone());
        // What comes after it moves: as many bytes and sites on as there are more now.
        let last = sites.start + self.new.len();
        match (more, moved) {
            (0, 0) => {}
            (0, moved) => self.list[last..].iter_mut().for_each(|site| site.shift(moved)),
            (more, moved) => {
                for site in &mut self.list[last..] {
                    site.shift(moved);
                    site.next = site.next.wrapping_add(more);
                    let is_after = site.parent as usize >= sites.end;
                    site.parent = site.parent.wrapping_add(if is_after { more } else { 0 });
                }
            }
        }
        self.widen((sites.start > 0).then_some(parent), moved, more);
        true
    }

    /// Puts the new sites in the place of these.
    fn replace(&mut self, sites: std::ops::Range<usize>) {
        let (before, count) = (self.list.len(), self.new.len());
        let end = sites.start + count;
        let len = before - sites.len() + count;
        if len > before {
            // Whatever is there is overwritten.
            self.list.resize(len, self.new[0]);
        }
        self.list.copy_within(sites.end..before, end);
        self.list.truncate(len);
        self.list[sites.start..end].copy_from_slice(&self.new);
    }

    /// Moves the end of a site, and of all that hold it, `moved` bytes and `more` sites on, in
    /// wrapping arithmetic.
    fn widen(&mut self, mut site: Option<usize>, moved: u32, more: u32) {
        while let Some(at) = site {
            let Site { end, next, parent, .. } = &mut self.list[at];
            *end = end.wrapping_add(moved);
            *next = next.wrapping_add(more);
            site = (at > 0).then_some(*parent as usize);
        }
    }

    /// The sites, in preorder.
    #[must_use]
    pub fn list(&self) -> &[Site] {
        &self.list
    }

    /// The indices of the values directly within site `index`, in order.
    pub fn children(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.list[index].next as usize;
        let mut at = index + 1;
        std::iter::from_fn(move || {
            let child = (at < end).then_some(at)?;
            at = self.list[child].next as usize;
            Some(child)
        })
    }
}

/// Checks that `value` is one value of node `id`.
///
/// # Errors
/// The first place where it is not.
pub fn check_value(schema: &Schema, id: NodeId, value: &[u8]) -> Result<(), ShapeError> {
    Sites::new().rebuild_value(schema, id, value)
}

/// Checks that `input` has the shape of the schema.
///
/// # Errors
/// The first place where it does not.
pub fn check(schema: &Schema, input: &[u8]) -> Result<(), ShapeError> {
    check_value(schema, schema.root(), input)
}

struct Walk<'a> {
    schema: &'a Schema,
    bytes: &'a [u8],
    at: usize,
    list: &'a mut Vec<Site>,
    /// Index of what is the first of the list.
    first: usize,
}

impl Walk<'_> {
    fn error<T>(&self, reason: &'static str) -> Result<T, ShapeError> {
        Err(ShapeError { offset: self.at, reason })
    }

    fn value(&mut self, id: NodeId, parent: usize, depth: usize) -> Result<(), ShapeError> {
        if depth >= MAX_DEPTH {
            return self.error("nested too deeply");
        }
        let position = self.list.len();
        self.list.push(Site {
            node: id,
            start: self.at as u32,
            end: 0,
            parent: parent as u32,
            next: 0,
            depth: depth as u16,
        });
        self.body(id, self.first + position, depth + 1)?;
        let next = self.first + self.list.len();
        let site = &mut self.list[position];
        (site.end, site.next) = (self.at as u32, next as u32);
        Ok(())
    }

    fn body(&mut self, id: NodeId, index: usize, depth: usize) -> Result<(), ShapeError> {
        let schema = self.schema;
        match schema.node(id) {
            Node::Bool => self.fixed(1, boolean::check),
            Node::Int(int) => self.fixed(int.width, |value| int::check(*int, value)),
            Node::Float { width } => self.skip(usize::from(*width)),
            Node::Char => self.fixed(4, character::check),
            Node::Bytes(bytes) => {
                let content = self.counted(bytes.len)?;
                bytes::check(bytes, &self.bytes[content]).or_else(|reason| self.error(reason))
            }
            Node::Str(text) => {
                let content = self.counted(text.len)?;
                text::check(text, &self.bytes[content]).or_else(|reason| self.error(reason))
            }
            Node::OneOf { values, .. } => {
                let len =
                    values.check(&self.bytes[self.at..]).or_else(|reason| self.error(reason))?;
                self.skip(len)
            }
            Node::Seq { element, len, .. } => {
                let count = self.count(*len)?;
                self.elements(*element, count, index, depth)
            }
            Node::Array { element, len } => self.elements(*element, *len as usize, index, depth),
            Node::Record(record) => self.fields(&record.fields, index, depth),
            Node::Choice { variants, .. } => {
                let variant = self.variant(variants)?;
                self.fields(&variant.fields, index, depth)
            }
        }
    }

    fn elements(
        &mut self,
        element: NodeId,
        count: usize,
        index: usize,
        depth: usize,
    ) -> Result<(), ShapeError> {
        // Elements without bytes are limited to a fixed number: a count of 2^32 in a short input must
        // not cost 2^32 steps.
        if count > (self.bytes.len() - self.at).max(1 << 16) {
            return self.error("a count exceeds the rest of the input");
        }
        (0..count).try_for_each(|_| self.value(element, index, depth))
    }

    fn fields(&mut self, fields: &[Field], index: usize, depth: usize) -> Result<(), ShapeError> {
        fields.iter().try_for_each(|field| self.value(field.node, index, depth))
    }

    fn variant<'s>(&mut self, variants: &'s [Record]) -> Result<&'s Record, ShapeError> {
        let width = tag_width(variants.len());
        let at = self.at;
        self.skip(width)?;
        let tag = match self.bytes[at..self.at] {
            [tag] => usize::from(tag),
            [low, high] => usize::from(u16::from_le_bytes([low, high])),
            _ => unreachable!("tags are one or two bytes wide"),
        };
        match variants.get(tag) {
            Some(variant) => Ok(variant),
            None => self.error("not a variant"),
        }
    }

    fn skip(&mut self, count: usize) -> Result<(), ShapeError> {
        if self.bytes.len() - self.at < count {
            return self.error("the input ends too early");
        }
        self.at += count;
        Ok(())
    }

    /// A value of fixed width that its domain checks.
    fn fixed(
        &mut self,
        width: u8,
        check: impl FnOnce(&[u8]) -> Result<(), &'static str>,
    ) -> Result<(), ShapeError> {
        let at = self.at;
        self.skip(usize::from(width))?;
        check(&self.bytes[at..self.at]).map_err(|reason| ShapeError { offset: at, reason })
    }

    fn u32(&mut self) -> Result<u32, ShapeError> {
        let at = self.at;
        self.skip(4)?;
        Ok(u32::from_le_bytes(self.bytes[at..at + 4].try_into().expect("four bytes")))
    }

    fn count(&mut self, len: Len) -> Result<usize, ShapeError> {
        let count = self.u32()? as usize;
        len.check(count).or_else(|reason| self.error(reason))?;
        Ok(count)
    }

    fn counted(&mut self, len: Len) -> Result<std::ops::Range<usize>, ShapeError> {
        let count = self.count(len)?;
        let start = self.at;
        self.skip(count)?;
        Ok(start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Weights;
    use crate::schema::{FieldStyle, Int, SeqStyle, Text, Types};

    fn ops() -> Schema {
        let mut types = Types::new();
        let number = types.add(Node::Int(Int::full(false, 2)));
        let field = |name: &str, node| Field { name: name.into(), node, default: None };
        let op = types.add(Node::Choice {
            weights: Weights::EVEN,
            name: "Op".into(),
            variants: vec![
                Record {
                    name: "Push".into(),
                    style: FieldStyle::Tuple,
                    fields: vec![field("0", number)],
                },
                Record { name: "Pop".into(), style: FieldStyle::Unit, fields: vec![] },
            ],
        });
        let ops = types.add(Node::Seq { element: op, len: Len::ANY, style: SeqStyle::List });
        let text = types.add(Node::Str(Text::of_len(Len { min: 0, max: 8 })));
        types.finish(vec![field("ops", ops), field("text", text)]).unwrap()
    }

    #[test]
    fn sites_tell_where_everything_is() {
        let schema = ops();
        let input = b"\x02\0\0\0\x00\x07\x00\x01\x02\0\0\0hi";
        let mut sites = Sites::new();
        sites.rebuild(&schema, input).unwrap();
        let ranges: Vec<_> = sites.list().iter().map(Site::range).collect();
        assert_eq!(ranges, [0..14, 0..8, 4..7, 5..7, 7..8, 8..14]);
        assert_eq!(sites.children(0).collect::<Vec<_>>(), [1, 5]);
        assert_eq!(sites.children(1).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(sites.list()[3].parent, 2);
        assert_eq!(&input[sites.list()[5].content()], b"hi");
    }

    #[test]
    fn foreign_bytes_are_refused_with_the_place() {
        let check = |input: &[u8]| check(&ops(), input).unwrap_err().to_string();
        assert_eq!(check(b"\x01\0\0\0\x02"), "not a variant at byte 5");
        assert_eq!(check(b"\x01\0\0\0\x00\x07"), "the input ends too early at byte 5");
        assert_eq!(check(b"\0\0\0\0\x01\0\0\0\xff"), "not UTF-8 at byte 9");
        assert_eq!(check(b"\0\0\0\0\x09\0\0\x00123456789"), "a length is out of bounds at byte 8");
        assert_eq!(check(b"\0\0\0\0\0\0\0\0x"), "unexpected bytes after the value at byte 8");
        assert_eq!(check(b"\xff\xff\xff\xff"), "a count exceeds the rest of the input at byte 4");
    }
}
