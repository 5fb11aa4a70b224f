//! The first visit to an entry with hints: each of them is tried where the entry has what it is
//! about, in order, one change of the entry at a time; then follow random single changes.
//!
//! A visit is of this kind if its generator has no increment, which no generator has: its state is
//! then the number of the next variation. So what remains of it is told by the same record.

use crate::domain::edit::{Buffer, Content};
use crate::domain::hinted::{Form, Formed, fit, put};
use crate::domain::int::solve;
use crate::domain::{bytes, text};
use crate::hints::{Hint, Hints};
use crate::schema::shape::Sites;
use crate::schema::{Node, Schema};

/// Most changes that hints give rise to.
const MAX_SOLUTIONS: usize = 256;

/// Most places of one value in one content that are tried.
const MAX_PLACES: usize = 4;

/// The increment of the generator of such a visit.
pub(super) const INCREMENT: u64 = 0;

/// The state from which a visit of this kind begins.
pub const SOLVING: (u64, u64) = (0, INCREMENT);

/// A change of the entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Solution {
    /// The site of the value.
    site: u32,
    edit: Edit,
}

#[derive(Clone, Copy, Debug)]
enum Edit {
    /// A compared integer in some form takes the place of another, `old` bytes at `at`.
    Formed { at: u32, old: u32, new: Formed },
    /// What a hint of memory wants takes this place.
    Memory { at: u32, old: u32, hint: u16 },
    /// The content gets this length.
    Fit(u64),
    /// The integer gets this key.
    Key(u128),
}

/// All changes that these hints suggest for an entry, in order.
pub(super) fn solutions(
    schema: &Schema,
    entry: &[u8],
    sites: &Sites,
    hints: Hints<'_>,
    out: &mut Vec<Solution>,
) {
    out.clear();
    for (number, hint) in hints.iter().enumerate() {
        for (index, site) in sites.list().iter().enumerate() {
            let mut add = |edit| {
                if out.len() < MAX_SOLUTIONS {
                    out.push(Solution { site: index as u32, edit });
                }
            };
            match schema.node(site.node) {
                Node::Bytes(_) => {
                    of_content(&entry[site.content()], false, number, hint, &mut add);
                }
                Node::Str(_) => of_content(&entry[site.content()], true, number, hint, &mut add),
                Node::Int(int) => {
                    let key = int.key(&entry[site.range()]);
                    solve(*int, key, hint)
                        .into_iter()
                        .flatten()
                        .for_each(|key| add(Edit::Key(key)));
                }
                Node::Bool
                | Node::Float { .. }
                | Node::Char
                | Node::OneOf { .. }
                | Node::Seq { .. }
                | Node::Array { .. }
                | Node::Record(_)
                | Node::Choice { .. } => {}
            }
        }
    }
}

fn of_content(
    content: &[u8],
    is_text: bool,
    number: usize,
    hint: Hint<'_>,
    add: &mut impl FnMut(Edit),
) {
    match hint {
        Hint::Memory { live, .. } => {
            for at in places(content, live) {
                add(Edit::Memory { at, old: live.len() as u32, hint: number as u16 });
            }
            add(Edit::Memory { at: 0, old: content.len() as u32, hint: number as u16 });
        }
        Hint::Int { width, live, wanted } => {
            if live == content.len() as u64 {
                add(Edit::Fit(wanted));
            }
            for form in Form::ALL.into_iter().filter(|form| form.suits(width, is_text)) {
                let live = Formed::new(form, width, live);
                for at in places(content, live.as_slice()) {
                    let old = live.as_slice().len() as u32;
                    for wanted in [wanted, wanted.wrapping_add(1), wanted.wrapping_sub(1)] {
                        add(Edit::Formed { at, old, new: Formed::new(form, width, wanted) });
                    }
                }
            }
        }
    }
}

/// The first places of a value in a content.
fn places<'c>(content: &'c [u8], live: &'c [u8]) -> impl Iterator<Item = u32> + 'c {
    let all = content.windows(live.len().max(1)).enumerate();
    let is_there = move |(_, part): &(usize, &[u8])| *part == live;
    all.filter(is_there).map(|(at, _)| at as u32).take(MAX_PLACES)
}

/// Makes a change of the entry that lies in the buffer; its new length.
pub(super) fn apply(
    schema: &Schema,
    sites: &Sites,
    hints: Hints<'_>,
    solution: Solution,
    mut input: Buffer<'_>,
) -> usize {
    let site = sites.list()[solution.site as usize];
    if let (Edit::Key(key), Node::Int(int)) = (solution.edit, schema.node(site.node)) {
        int.store(key, &mut input.bytes_mut()[site.range()]);
        return input.len();
    }
    let node = schema.node(site.node);
    let (bounds, is_limited, is_text) = match node {
        Node::Bytes(bytes) => (bytes.len, bytes.alphabet.is_some(), false),
        Node::Str(text) => (text.len, text.alphabet.is_some() || text.pattern.is_some(), true),
        _ => return input.len(),
    };
    let mut content = Content::new(&mut input, site.content(), bounds, is_text);
    let before = is_limited.then(|| content.bytes().to_vec());
    edit_content(&mut content, hints, solution.edit);
    if let Some(before) = before
        && !is_allowed(node, content.bytes())
    {
        content.replace(0..content.len(), &before);
    }
    input.len()
}

/// Whether bytes or a text may have this content.
fn is_allowed(node: &Node, content: &[u8]) -> bool {
    match node {
        Node::Bytes(of) => bytes::check(of, content).is_ok(),
        Node::Str(of) => text::check(of, content).is_ok(),
        _ => false,
    }
}

fn edit_content(content: &mut Content<'_, '_>, hints: Hints<'_>, edit: Edit) {
    match edit {
        Edit::Formed { at, old, new } => {
            put(content, at as usize, old as usize, new.as_slice());
        }
        Edit::Memory { at, old, hint } => {
            if let Hint::Memory { wanted, .. } = hints.get(usize::from(hint)) {
                put(content, at as usize, old as usize, wanted);
            }
        }
        Edit::Fit(wanted) => drop(fit(content, wanted, wanted)),
        Edit::Key(_) => {}
    }
}

#[cfg(test)]
mod tests;
