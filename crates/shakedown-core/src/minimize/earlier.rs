//! Passes over lists of operations that refer to earlier ones: they delete operations, and have those after
//! them refer to the same as before.

use super::order::read_count;
use super::search::{Copies, Search};
use crate::domain::trial::Stopped;
use crate::schema::{EARLIER, Node};

/// Most pairs of elements that are tried.
const MAX_PAIRS: usize = 1024;

/// Deletes single elements, the last ones first, where others refer to what stands before them.
pub(super) fn delete_referred(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let mut element = deletable(search, copies, 1).unwrap_or(0);
    while element > 0 && deletable(search, copies, 1).is_some() {
        element -= 1;
        if let Some(value) = without(search, copies[0], &[element]) {
            search.replace(copies, &value)?;
        }
    }
    Ok(())
}

/// Deletes two elements at once, the near ones first: one that opens something, and one that closes it.
pub(super) fn delete_referred_pairs(
    search: &mut Search<'_>,
    copies: &mut Copies,
) -> Result<(), Stopped> {
    let Some(count) = deletable(search, copies, 2) else { return Ok(()) };
    for gap in 1..=MAX_PAIRS.checked_div(count).unwrap_or(0) {
        let mut first = 0;
        while deletable(search, copies, 2).is_some_and(|count| first + gap < count) {
            let value = without(search, copies[0], &[first, first + gap]);
            let is_deleted = match value {
                Some(value) => search.replace(copies, &value)?,
                None => false,
            };
            first += usize::from(!is_deleted);
        }
    }
    Ok(())
}

/// The number of elements, if the value is a list of operations that can spare so many.
fn deletable(search: &Search<'_>, copies: &Copies, gone: u32) -> Option<usize> {
    let Node::Seq { len, .. } = search.node(copies) else { return None };
    let count = read_count(search.value(copies));
    let is_spare = count.checked_sub(gone).is_some_and(|left| left >= len.min);
    (is_spare && search.order().schema.nodes().iter().any(is_earlier)).then_some(count as usize)
}

fn is_earlier(node: &Node) -> bool {
    matches!(node, Node::Record(record) if record.name == EARLIER)
}

/// The list without some elements, and with other distances where that is what keeps them leading where
/// they led; nothing if there is none: other passes delete such elements. A distance beyond the first
/// element goes on from the last one, so it leads elsewhere in a shorter list.
fn without(search: &Search<'_>, index: usize, deleted: &[usize]) -> Option<Vec<u8>> {
    let best = search.best();
    let base = best.site(index).start as usize;
    let mut value = best.value(index).to_vec();
    let elements: Vec<usize> = best.sites.children(index).collect();
    let mut is_changed = false;
    for (position, &element) in elements.iter().enumerate().skip(deleted[0] + 1) {
        for site in &best.sites.list()[element..best.site(element).next as usize] {
            if !is_earlier(search.order().schema.node(site.node)) {
                continue;
            }
            let distance = &mut value[site.start as usize - base];
            let whole = usize::from(*distance) % position;
            let target = position - 1 - whole;
            let between = deleted.iter().filter(|gone| (target + 1..position).contains(gone));
            let kept = (whole - between.count()) as u8;
            is_changed |= kept != *distance;
            *distance = kept;
        }
    }
    for &gone in deleted.iter().rev() {
        let gone = best.site(*elements.get(gone)?).range();
        value.drain(gone.start - base..gone.end - base);
    }
    let left = elements.len() - deleted.len();
    value[..4].copy_from_slice(&(left as u32).to_le_bytes());
    is_changed.then_some(value)
}
