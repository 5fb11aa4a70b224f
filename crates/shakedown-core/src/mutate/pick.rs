//! Which value of an input to mutate.
//!
//! Arguments and fields are weighed by the logarithm of their size, so that a long string does not
//! drown a `bool` next to it, nor the other way round. Within a collection or an enum every value
//! is as likely as any other, except that its outer ones, where insertion and removal happen, get
//! a good share for themselves.

use crate::rng::Rng;
use crate::schema::shape::{Site, Sites};
use crate::schema::{Node, Schema};

/// The index of a random site, of one with at least a byte where there is any.
pub(super) fn pick(schema: &Schema, sites: &Sites, rng: &mut Rng) -> usize {
    let list = sites.list();
    let node = |site: usize| schema.node(list[site].node);
    let top = into_fields(schema, sites, 0, rng);
    let mut site = top + rng.below(list[top].next as usize - top);
    while site > top && rng.one_in(3) {
        site = enclosing(site, top, list, node);
    }
    match node(site) {
        Node::Record(_) if !rng.one_in(4) => into_fields(schema, sites, site, rng),
        Node::Bool
        | Node::Int(_)
        | Node::Float { .. }
        | Node::Char
        | Node::OneOf { .. }
        | Node::Bytes(_)
        | Node::Str(_)
        | Node::Seq { .. }
        | Node::Array { .. }
        | Node::Record(_)
        | Node::Choice { .. } => site,
    }
}

/// The innermost site around `site` that is not a record, not further out than `top`.
fn enclosing<'s>(
    site: usize,
    top: usize,
    list: &[Site],
    node: impl Fn(usize) -> &'s Node,
) -> usize {
    let mut outer = list[site].parent as usize;
    while outer > top && matches!(node(outer), Node::Record(_)) {
        outer = list[outer].parent as usize;
    }
    outer
}

/// Goes down from a record through its fields to the first value that is none.
fn into_fields(schema: &Schema, sites: &Sites, mut site: usize, rng: &mut Rng) -> usize {
    let list = sites.list();
    while matches!(schema.node(list[site].node), Node::Record(_)) {
        let (first, end) = (site + 1, list[site].next as usize);
        if first < end && list[first].next as usize == end {
            // There is no choice.
            if list[first].start == list[first].end {
                return site;
            }
            site = first;
            continue;
        }
        let total: usize = sites.children(site).map(|child| weight(&sites.list()[child])).sum();
        let mut left = rng.below(total);
        let heavier = sites.children(site).find(|child| {
            let weight = weight(&sites.list()[*child]);
            let found = left < weight;
            left = left.saturating_sub(weight);
            found
        });
        match heavier {
            Some(child) => site = child,
            None => return site,
        }
    }
    site
}

/// The number of binary digits of the length; 0 for a value without bytes.
fn weight(site: &Site) -> usize {
    (u32::BITS - (site.end - site.start).leading_zeros()) as usize
}
