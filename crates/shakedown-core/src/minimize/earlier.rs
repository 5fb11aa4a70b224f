//! A pass over lists of operations that refer to earlier ones: deletes an operation, and has those after
//! it refer to the same as before.

use super::order::read_count;
use super::search::{Copies, Search};
use crate::domain::trial::Stopped;
use crate::schema::{EARLIER, Node};

/// Deletes single elements, the last ones first, where others refer to what stands before them.
pub(super) fn delete_referred(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let Node::Seq { len, .. } = search.node(copies) else { return Ok(()) };
    if !search.order().schema.nodes().iter().any(is_earlier) {
        return Ok(());
    }
    let mut element = read_count(search.value(copies));
    while element > 0 && read_count(search.value(copies)) > len.min {
        element -= 1;
        if let Some(value) = without(search, copies[0], element as usize) {
            search.replace(copies, &value)?;
        }
    }
    Ok(())
}

fn is_earlier(node: &Node) -> bool {
    matches!(node, Node::Record(record) if record.name == EARLIER)
}

/// The list without an element, and with lower distances where they lead across it; nothing if none
/// does: other passes delete such elements.
fn without(search: &Search<'_>, index: usize, deleted: usize) -> Option<Vec<u8>> {
    let best = search.best();
    let base = best.site(index).start as usize;
    let mut value = best.value(index).to_vec();
    let elements: Vec<usize> = best.sites.children(index).collect();
    let mut is_lowered = false;
    for (position, &element) in elements.iter().enumerate().skip(deleted + 1) {
        for site in &best.sites.list()[element..best.site(element).next as usize] {
            let distance = &mut value[site.start as usize - base];
            let target = (position - 1).checked_sub(usize::from(*distance));
            if is_earlier(search.order().schema.node(site.node))
                && target.is_some_and(|target| target < deleted)
            {
                *distance -= 1;
                is_lowered = true;
            }
        }
    }
    let gone = best.site(*elements.get(deleted)?).range();
    value.drain(gone.start - base..gone.end - base);
    value[..4].copy_from_slice(&(elements.len() as u32 - 1).to_le_bytes());
    is_lowered.then_some(value)
}
