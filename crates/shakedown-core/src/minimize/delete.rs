//! Passes that take items out of bytes, strings and sequences.

use std::ops::Range;
use std::slice;

use super::order::read_count;
use super::search::{Copies, Search};
use crate::domain::trial::Stopped;
use crate::schema::{Len, Node};

/// Most pairs of items of one sequence that are tried.
const MAX_PAIRS: usize = 4096;

/// The items of a sequence: bytes, chars or elements.
pub(super) struct Items {
    /// Where they lie: item `k` is at `bounds[k]..bounds[k + 1]`, from the start of the value.
    bounds: Vec<usize>,
    /// Whether the count before them is of bytes, not of items.
    counts_bytes: bool,
    /// By how much the count may fall: the schema asks for the rest.
    spare: usize,
}

impl Items {
    /// The items of the value at a site; `None` if it is not a sequence.
    pub(super) fn new(search: &Search<'_>, index: usize) -> Option<Self> {
        let value = search.best().value(index);
        let node = search.order().schema.node(search.best().site(index).node);
        let (len, mut bounds): (Len, Vec<usize>) = match node {
            Node::Bytes(bytes) => (bytes.len, (4..value.len()).collect()),
            Node::Str(text) => {
                let is_start = |&at: &usize| value[at] & 0xc0 != 0x80;
                (text.len, (4..value.len()).filter(is_start).collect())
            }
            Node::Seq { len, .. } => {
                let start = search.best().site(index).start;
                let starts = search.best().sites.children(index);
                let start_of = |child| (search.best().site(child).start - start) as usize;
                (*len, starts.map(start_of).collect())
            }
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Array { .. }
            | Node::Record(_)
            | Node::Choice { .. } => return None,
        };
        bounds.push(value.len());
        let spare = read_count(value).saturating_sub(len.min) as usize;
        Some(Self { bounds, counts_bytes: !matches!(node, Node::Seq { .. }), spare })
    }

    /// Whether the schema allows the value to be any shorter.
    pub(super) fn can_spare_any(&self) -> bool {
        self.spare > 0
    }

    /// Whether the schema allows the value to be without some items.
    pub(super) fn can_spare(&self, items: Range<usize>) -> bool {
        self.counted(items) <= self.spare
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// The first item that starts at byte `at` of the value or later.
    pub(super) fn first_from(&self, at: usize) -> usize {
        self.bounds.partition_point(|&bound| bound < at).min(self.len())
    }

    /// The bytes of some items, from the start of the value.
    pub(super) fn range(&self, items: Range<usize>) -> Range<usize> {
        self.bounds[items.start]..self.bounds[items.end]
    }

    /// By how much the count falls without some items.
    pub(super) fn counted(&self, items: Range<usize>) -> usize {
        if self.counts_bytes { self.range(items).len() } else { items.len() }
    }

    /// The value without some items: ranges in ascending order that do not overlap.
    fn without(&self, value: &[u8], removed: &[Range<usize>]) -> Vec<u8> {
        let gone: usize = removed.iter().map(|items| self.counted(items.clone())).sum();
        let count = read_count(value) - gone as u32;
        let mut out = count.to_le_bytes().to_vec();
        let mut at = 4;
        for items in removed {
            let range = self.range(items.clone());
            out.extend_from_slice(&value[at..range.start]);
            at = range.end;
        }
        out.extend_from_slice(&value[at..]);
        out
    }
}

/// Deletes ever smaller runs of items, from all of them down to single ones, the last ones first:
/// what comes later more often depends on what comes before than the other way round.
pub(super) fn delete_chunks(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let Some(mut items) = Items::new(search, copies[0]) else { return Ok(()) };
    let mut size = items.len().min(items.spare);
    while size > 0 && items.can_spare_any() {
        let mut end = items.len();
        while end > 0 {
            let start = end.saturating_sub(size);
            delete(search, copies, &mut items, slice::from_ref(&(start..end)))?;
            end = start;
        }
        size = (size / 2).min(items.len());
    }
    Ok(())
}

/// Deletes two items at once, or all from the one to the other, the near ones first: brackets, a
/// separator and what it separates, a prefix and a suffix.
pub(super) fn delete_pairs(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let items = Items::new(search, copies[0]).filter(Items::can_spare_any);
    let Some(mut items) = items else { return Ok(()) };
    let reach = MAX_PAIRS.checked_div(items.len()).unwrap_or(0);
    for gap in 1..=reach {
        let mut first = 0;
        while first + gap < items.len() {
            let last = first + gap;
            let run = first..last + 1;
            let pair = [first..first + 1, last..last + 1];
            if !delete(search, copies, &mut items, slice::from_ref(&run))?
                && !delete(search, copies, &mut items, &pair)?
            {
                first += 1;
            }
        }
    }
    Ok(())
}

/// Considers the value without some items; on success `items` are those that are left.
fn delete(
    search: &mut Search<'_>,
    copies: &mut Copies,
    items: &mut Items,
    removed: &[Range<usize>],
) -> Result<bool, Stopped> {
    let gone: usize = removed.iter().map(|run| items.counted(run.clone())).sum();
    if gone > items.spare {
        return Ok(false);
    }
    let value = items.without(search.value(copies), removed);
    let deleted = search.replace(copies, &value)?;
    if let Some(left) = deleted.then(|| Items::new(search, copies[0])).flatten() {
        *items = left;
    }
    Ok(deleted)
}
