//! Passes over whole values: to their default, to a part of themselves, to another variant.

use super::order::read_tag;
use super::search::{Copies, Search};
use crate::domain::trial::Stopped;
use crate::schema::{Node, tag_width};

/// Most parts of a value, and most variants, that are tried in its place.
const MAX_ALTERNATIVES: usize = 64;

/// Sets whole arguments to their default.
pub(super) fn reset_arguments(search: &mut Search<'_>) -> Result<(), Stopped> {
    for argument in 0..search.order().schema.arguments().len() {
        let index = search.best().sites.children(0).nth(argument);
        reset(search, &mut index.into_iter().collect())?;
    }
    Ok(())
}

/// Sets a field to its default, an element to the simplest value.
pub(super) fn reset(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let Some(&index) = copies.first() else { return Ok(()) };
    let default = search.order().default_at(search.best(), index);
    search.replace(copies, &default).map(drop)
}

/// Sets ever smaller runs of elements to the simplest value.
pub(super) fn reset_elements(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let (Node::Seq { element, .. } | Node::Array { element, .. }) = search.node(copies) else {
        return Ok(());
    };
    let mut simplest = Vec::new();
    search.order().schema.write_simplest(*element, &mut simplest);
    let mut size = usize::MAX;
    while size > 0 {
        let elements = other_elements(search, copies, &simplest);
        size = size.min(elements.len());
        for run in elements.chunks(size.max(1)) {
            let value = with_elements(search, copies, run, &simplest);
            search.replace(copies, &value)?;
        }
        size /= 2;
    }
    Ok(())
}

/// The positions of the elements that differ from `value`.
fn other_elements(search: &Search<'_>, copies: &Copies, value: &[u8]) -> Vec<usize> {
    let children = search.best().sites.children(copies[0]).enumerate();
    let other = children.filter(|&(_, child)| search.best().value(child) != value);
    other.map(|(position, _)| position).collect()
}

/// A sequence with some of its elements replaced, given by their positions in ascending order.
fn with_elements(
    search: &Search<'_>,
    copies: &Copies,
    positions: &[usize],
    element: &[u8],
) -> Vec<u8> {
    let header = if matches!(search.node(copies), Node::Seq { .. }) { 4 } else { 0 };
    let mut value = search.value(copies)[..header].to_vec();
    let mut positions = positions.iter().peekable();
    for (position, child) in search.best().sites.children(copies[0]).enumerate() {
        let replaced = positions.next_if(|&&next| next == position).is_some();
        value.extend_from_slice(if replaced { element } else { search.best().value(child) });
    }
    value
}

/// Replaces a value of a recursive type by one of the same type that it holds, again and again.
pub(super) fn hoist(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    while hoist_once(search, copies)? {}
    Ok(())
}

fn hoist_once(search: &mut Search<'_>, copies: &mut Copies) -> Result<bool, Stopped> {
    let best = search.best();
    let site = best.site(copies[0]);
    let parts: Vec<Vec<u8>> = (copies[0] + 1..site.next as usize)
        .filter(|&part| search.order().are_kin(best.site(part).node, site.node))
        .take(MAX_ALTERNATIVES)
        .map(|part| best.value(part).to_vec())
        .collect();
    for part in parts {
        if search.replace(copies, &part)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Changes an enum to another variant, the simplest one first, with as much of the payload as fits.
pub(super) fn change_variant(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let Node::Choice { variants, .. } = search.node(copies) else { return Ok(()) };
    let simplest = search.order().schema.simplest_variant(variants);
    let others = (0..variants.len()).filter(|&tag| tag != simplest);
    for tag in std::iter::once(simplest).chain(others).take(MAX_ALTERNATIVES) {
        let current = read_tag(search.value(copies), variants.len());
        if tag == current {
            continue;
        }
        for keep in [false, true] {
            let value = as_variant(search, copies, tag, keep);
            if search.replace(copies, &value)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The value as variant `tag`, its fields at their defaults, or taken from the first fields of the
/// same type that the value has.
fn as_variant(search: &Search<'_>, copies: &Copies, tag: usize, keep: bool) -> Vec<u8> {
    let Node::Choice { variants, .. } = search.node(copies) else { return Vec::new() };
    let best = search.best();
    let mut payload: Vec<usize> = match keep {
        true => best.sites.children(copies[0]).collect(),
        false => Vec::new(),
    };
    let mut value = (tag as u16).to_le_bytes()[..tag_width(variants.len())].to_vec();
    let defaults = search.order().defaults(best.site(copies[0]).node, tag);
    for (field, default) in variants[tag].fields.iter().zip(defaults) {
        match payload
            .iter()
            .position(|&part| search.order().alike(best.site(part).node, field.node))
        {
            Some(position) => value.extend_from_slice(best.value(payload.remove(position))),
            None => value.extend_from_slice(default),
        }
    }
    value
}
