//! An input of several values while it is changed: its index, the other input that values may be
//! copied from, and the mutators that replace a value as a whole.

use super::generate::{append_fields, append_value};
use super::sources::Sources;
use crate::domain::edit::Buffer;
use crate::schema::shape::{Change, Site, Sites};
use crate::schema::{MAX_DEPTH, Node, NodeId, Schema, tag_width};

/// An input with the index of its values, as they lay before the change.
#[derive(Debug)]
pub(super) struct Tree<'a, 'b> {
    pub(super) schema: &'a Schema,
    pub(super) input: Buffer<'b>,
    pub(super) sites: &'a Sites,
    /// Another input with its index, if there is one.
    pub(super) donor: Option<(&'a [u8], &'a Sites)>,
    /// The sites of the elements of the sequence that is changed, and at the end the first site after them.
    pub(super) elements: &'a mut Vec<usize>,
    /// What elements were replaced, where it was not a value as a whole.
    pub(super) change: Option<Change>,
}

impl<'a> Tree<'a, '_> {
    /// The site with this index.
    pub(super) fn site(&self, index: usize) -> Site {
        self.sites.list()[index]
    }

    /// An input to copy from: usually the donor if there is one, else this input itself.
    pub(super) fn lender(&self, sources: &mut Sources) -> (&[u8], &'a Sites) {
        match self.donor {
            Some(donor) if !sources.rng.one_in(4) => donor,
            _ => (self.input.bytes(), self.sites),
        }
    }

    /// Whether values of both nodes are encoded alike and under the same bounds.
    pub(super) fn same_kind(&self, one: NodeId, two: NodeId) -> bool {
        self.schema.kind(one) == self.schema.kind(two)
    }
}

/// The first site that `wanted` accepts, from a random one on and around the end.
pub(super) fn find_site(
    sites: &Sites,
    sources: &mut Sources,
    mut wanted: impl FnMut(&Site) -> bool,
) -> Option<usize> {
    let list = sites.list();
    let first = sources.rng.below(list.len());
    (first..list.len()).chain(0..first).find(|index| wanted(&list[*index]))
}

/// How many levels of values lie below the sites `first..end`, of which the first is outermost.
pub(super) fn height(sites: &[Site]) -> usize {
    let deepest = sites.iter().map(|site| site.depth).max().unwrap_or(0);
    usize::from(deepest - sites.first().map_or(0, |site| site.depth))
}

/// Copies a value of the same kind from elsewhere in this input or from the donor.
pub(super) fn copy_value(tree: &mut Tree, index: usize, sources: &mut Sources) -> bool {
    let target = tree.site(index);
    let old = &tree.input.bytes()[target.range()];
    let (bytes, sites) = tree.lender(sources);
    let found = find_site(sites, sources, |site| {
        tree.same_kind(site.node, target.node) && &bytes[site.range()] != old
    });
    let Some(found) = found else { return false };
    let site = sites.list()[found];
    let levels = height(&sites.list()[found..site.next as usize]);
    if usize::from(target.depth) + levels >= MAX_DEPTH {
        return false;
    }
    sources.scratch.clear();
    sources.scratch.extend_from_slice(&bytes[site.range()]);
    tree.input.replace(target.range(), sources.scratch)
}

/// Puts a new random value in the place of one.
pub(super) fn regenerate(tree: &mut Tree, index: usize, sources: &mut Sources) -> bool {
    let site = tree.site(index);
    let room = tree.input.room() + site.range().len();
    sources.scratch.clear();
    append_value(tree.schema, site.node, usize::from(site.depth), room, sources)
        && tree.input.replace(site.range(), sources.scratch)
}

/// Makes an enum another variant. Leading fields that both have in common are kept, the others
/// are generated.
pub(super) fn change_variant(tree: &mut Tree, index: usize, sources: &mut Sources) -> bool {
    let (schema, site) = (tree.schema, tree.site(index));
    let Node::Choice { variants, weights, .. } = schema.node(site.node) else { return false };
    let width = tag_width(variants.len());
    let start = site.range().start + width;
    let mut tag = [0; 2];
    tag[..width].copy_from_slice(&tree.input.bytes()[start - width..start]);
    let old = usize::from(u16::from_le_bytes(tag));
    let new = weights.draw_other(old, variants.len(), sources.rng);
    let Some(new) = new else { return false };
    let depth = usize::from(site.depth) + 1;
    let (old, fields) = (&variants[old].fields, &variants[new].fields);
    if depth + schema.record_depth(&variants[new]) > MAX_DEPTH {
        return false;
    }
    let common = old.iter().zip(fields).take_while(|(a, b)| a.node == b.node).count();
    let kept = match common.checked_sub(1).and_then(|last| tree.sites.children(index).nth(last)) {
        Some(last) => start..tree.site(last).range().end,
        None => start..start,
    };
    sources.scratch.clear();
    sources.scratch.extend_from_slice(&(new as u16).to_le_bytes()[..width]);
    sources.scratch.extend_from_slice(&tree.input.bytes()[kept]);
    let room = (tree.input.room() + site.range().len()).checked_sub(sources.scratch.len());
    room.is_some_and(|room| append_fields(schema, &fields[common..], depth, room, sources))
        && tree.input.replace(site.range(), sources.scratch)
}
