//! The first visit to an entry with hints: each of them is tried where the entry has what it is
//! about, in order, one change of the entry at a time; then follow random single changes.
//!
//! A visit is of this kind if its generator has no increment, which no generator has: its state is
//! then the number of the next variation. So what remains of it is told by the same record.

mod apply;
mod repair;

use apply::together;
pub(super) use apply::{apply, apply_one};
pub use repair::repairing;
pub(super) use repair::{REPAIRING, repair};

use crate::domain::character;
use crate::domain::form::{Form, Formed, inverse};
use crate::domain::int::solve;
use crate::hints::{Hint, Hints};
use crate::schema::shape::{Site, Sites};
use crate::schema::{Node, Schema};

/// Most changes that hints give rise to.
const MAX_SOLUTIONS: usize = 256;

/// Most places of one value in one content that are tried.
const MAX_PLACES: usize = 4;

/// How many places, from the front and from the end, have integers that are thought to have led to what
/// was compared.
const MAX_READ: usize = 9;

/// How many times all hints are tried at once.
const TOGETHER: u8 = 4;

/// The increment of the generator of such a visit.
pub(super) const INCREMENT: u64 = 0;

/// The state from which a visit of this kind begins.
pub const SOLVING: (u64, u64) = (0, INCREMENT);

/// A change of the entry.
#[derive(Clone, Copy, Debug)]
pub(in crate::mutate) struct Solution {
    /// The site of the value.
    site: u32,
    edit: Edit,
    /// Whether what a hint wants takes the place of what it has seen, as they are.
    is_exact: bool,
}

#[derive(Clone, Copy, Debug)]
enum Edit {
    /// A compared integer in some form takes the place of another, `old` bytes at `at`.
    Formed { at: u32, old: u32, new: Formed },
    /// What a hint of memory wants takes this place.
    Memory { at: u32, old: u32, hint: u16 },
    /// The content gets this length.
    Fit(u64),
    /// The integer gets this key, or the character this code.
    Key(u128),
    /// All of those that keep the length of what they change, where several are about one place this
    /// one of them; and a content gets its length in every other turn.
    Together(u8),
}

/// The changes that are tried first, next, and last: what is compared is more often read than computed,
/// and more often for being equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// What a hint wants in the place of what it has seen.
    Exact,
    /// What makes what was computed of an integer the wanted one.
    Computed,
    /// Neighbours of what is wanted.
    Near,
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
    for pass in [Pass::Exact, Pass::Computed, Pass::Near] {
        for (number, hint) in hints.iter().enumerate() {
            let hint = (number as u16, hint);
            for (index, site) in sites.list().iter().enumerate() {
                let (index, is_exact) = (index as u32, pass == Pass::Exact);
                let mut add = |edit| {
                    if out.len() < MAX_SOLUTIONS {
                        out.push(Solution { site: index, edit, is_exact });
                    }
                };
                of_value(schema.node(site.node), entry, *site, hint, pass, &mut add);
            }
        }
    }
    // What is compared by one branch has to be right at once.
    let turns = (0..TOGETHER).filter(|turn| together(out, hints, *turn).nth(1).is_some());
    let turns: Vec<_> = turns
        .map(|turn| Solution { site: 0, edit: Edit::Together(turn), is_exact: false })
        .collect();
    out.splice(0..0, turns);
}

/// The changes of the value at a site that a hint suggests.
fn of_value(
    node: &Node,
    entry: &[u8],
    site: Site,
    hint: (u16, Hint<'_>),
    pass: Pass,
    add: &mut impl FnMut(Edit),
) {
    match (node, pass) {
        (Node::Bytes(_), Pass::Computed) => of_computed(&entry[site.content()], hint.1, add),
        (Node::Bytes(_) | Node::Str(_), Pass::Exact | Pass::Near) => {
            let is_text = matches!(node, Node::Str(_));
            of_content(&entry[site.content()], is_text, hint, pass == Pass::Near, add);
        }
        (Node::Int(int), Pass::Exact) => {
            let new = solve(*int, int.key(&entry[site.range()]), hint.1);
            new.into_iter().flatten().for_each(|key| add(Edit::Key(key)));
        }
        (Node::Char, Pass::Exact) => {
            let new = character::solve(character::read(&entry[site.range()]), hint.1);
            new.into_iter().flatten().for_each(|code| add(Edit::Key(code.into())));
        }
        _ => {}
    }
}

/// The changes of a content that a hint suggests: what is wanted, or else its neighbours.
fn of_content(
    content: &[u8],
    is_text: bool,
    (number, hint): (u16, Hint<'_>),
    neighbours: bool,
    add: &mut impl FnMut(Edit),
) {
    match hint {
        Hint::Memory { .. } if neighbours => {}
        Hint::Memory { live, .. } => {
            for at in places(content, live) {
                add(Edit::Memory { at, old: live.len() as u32, hint: number });
            }
            add(Edit::Memory { at: 0, old: content.len() as u32, hint: number });
        }
        Hint::Int { width, live, wanted } => {
            // What was compared may be what is left of the length.
            if live <= content.len() as u64 && !neighbours {
                add(Edit::Fit((content.len() as u64 - live).saturating_add(wanted)));
            }
            for form in Form::ALL {
                if !form.suits(width, live, wanted, is_text) || neighbours && !form.has_neighbours()
                {
                    continue;
                }
                let live = Formed::new(form, width, live);
                let old = live.as_slice().len() as u32;
                let near = [wanted.wrapping_add(1), wanted.wrapping_sub(1)];
                let wanted = if neighbours { &near[..] } else { &[wanted][..] };
                for at in places(content, live.as_slice()) {
                    for wanted in wanted {
                        add(Edit::Formed { at, old, new: Formed::new(form, width, *wanted) });
                    }
                }
            }
        }
    }
}

/// What an integer among the bytes would have to be, if what was compared was computed of it.
fn of_computed(content: &[u8], hint: Hint<'_>, add: &mut impl FnMut(Edit)) {
    let Hint::Int { width, live, wanted } = hint else { return };
    let is_read =
        |form| places(content, Formed::new(form, width, live).as_slice()).next().is_some();
    if width == 1 || is_read(Form::Little) || is_read(Form::Big) {
        return;
    }
    for (at, _) in ends(content, width) {
        of_place(content, at, (width, live, wanted), &mut |[factor, sum, xor], form| {
            // Of two that are compared for order, the lesser will do.
            let less = sum.map(|sum| sum.wrapping_sub(1));
            for new in [factor, sum, less, xor].into_iter().flatten() {
                let new = Formed::new(form, width, new);
                add(Edit::Formed { at: at as u32, old: width.into(), new });
            }
        });
    }
}

/// The pieces of a length at the front and at the end of a content, each with its place.
fn ends(content: &[u8], width: u8) -> impl DoubleEndedIterator<Item = (usize, &[u8])> {
    let count = (content.len() + 1).saturating_sub(width.into());
    let is_near = move |at: &usize| *at < MAX_READ || at + MAX_READ >= count;
    let pieces = content.windows(width.into()).enumerate();
    pieces.filter(move |(at, _)| is_near(at))
}

/// What the integer at a place would have to be, in either byte order, see [`inverse`].
fn of_place(
    content: &[u8],
    at: usize,
    (width, live, wanted): (u8, u64, u64),
    take: &mut impl FnMut([Option<u64>; 3], Form),
) {
    let mut wide = [0; 8];
    wide[..width.into()].copy_from_slice(&content[at..at + usize::from(width)]);
    let little = u64::from_le_bytes(wide);
    let big = little.swap_bytes() >> (64 - 8 * u32::from(width));
    take(inverse(width, little, live, wanted), Form::Little);
    take(inverse(width, big, live, wanted), Form::Big);
}

/// The first places of a value in a content.
fn places<'c>(content: &'c [u8], live: &'c [u8]) -> impl Iterator<Item = u32> + 'c {
    let all = content.windows(live.len().max(1)).enumerate();
    let is_there = move |(_, part): &(usize, &[u8])| *part == live;
    all.filter(is_there).map(|(at, _)| at as u32).take(MAX_PLACES)
}

#[cfg(test)]
mod tests;
