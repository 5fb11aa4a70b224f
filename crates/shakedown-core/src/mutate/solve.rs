//! The first visit to an entry with hints: each of them is tried where the entry has what it is
//! about, in order, one change of the entry at a time; then follow random single changes.
//!
//! A visit is of this kind if its generator has no increment, which no generator has: its state is
//! then the number of the next variation. So what remains of it is told by the same record.

use crate::domain::edit::{Buffer, Content};
use crate::domain::form::{Form, Formed, inverse};
use crate::domain::hinted::{fit, put};
use crate::domain::int::solve;
use crate::domain::{bytes, character, text};
use crate::hints::{Hint, Hints};
use crate::schema::shape::Sites;
use crate::schema::{Node, Schema};

/// Most changes that hints give rise to.
const MAX_SOLUTIONS: usize = 256;

/// Most places of one value in one content that are tried.
const MAX_PLACES: usize = 4;

/// The first places of bytes whose integers are thought to have led to what was compared.
const MAX_READ: usize = 16;

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
    /// The integer gets this key, or the character this code.
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
        let number = number as u16;
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
                Node::Char => {
                    let code = character::read(&entry[site.range()]);
                    let new = character::solve(code, hint).into_iter().flatten();
                    new.for_each(|code| add(Edit::Key(code.into())));
                }
                Node::Bool
                | Node::Float { .. }
                | Node::OneOf { .. }
                | Node::Seq { .. }
                | Node::Array { .. }
                | Node::Record(_)
                | Node::Choice { .. } => {}
            }
        }
    }
    // What is compared is less often computed than read.
    for hint in hints.iter() {
        for (index, site) in sites.list().iter().enumerate() {
            if let Node::Bytes(_) = schema.node(site.node) {
                of_computed(&entry[site.content()], hint, &mut |edit| {
                    if out.len() < MAX_SOLUTIONS {
                        out.push(Solution { site: index as u32, edit });
                    }
                });
            }
        }
    }
}

fn of_content(
    content: &[u8],
    is_text: bool,
    number: u16,
    hint: Hint<'_>,
    add: &mut impl FnMut(Edit),
) {
    match hint {
        Hint::Memory { live, .. } => {
            for at in places(content, live) {
                add(Edit::Memory { at, old: live.len() as u32, hint: number });
            }
            add(Edit::Memory { at: 0, old: content.len() as u32, hint: number });
        }
        Hint::Int { width, live, wanted } => {
            if live == content.len() as u64 {
                add(Edit::Fit(wanted));
            }
            for form in Form::ALL {
                if !form.suits(width, live, wanted, is_text) {
                    continue;
                }
                let live = Formed::new(form, width, live);
                let old = live.as_slice().len() as u32;
                let wanted = [wanted, wanted.wrapping_add(1), wanted.wrapping_sub(1)];
                let wanted = if form.has_neighbours() { &wanted[..] } else { &wanted[..1] };
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
    for (at, bytes) in content.windows(width.into()).enumerate().take(MAX_READ) {
        let mut wide = [0; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let little = u64::from_le_bytes(wide);
        let big = little.swap_bytes() >> (64 - 8 * u32::from(width));
        for (form, value) in [(Form::Little, little), (Form::Big, big)] {
            // Of two that are compared for order, the lesser will do.
            let [factor, sum] = inverse(width, value, live, wanted);
            for new in [factor, sum, sum.map(|sum| sum.wrapping_sub(1))].into_iter().flatten() {
                let new = Formed::new(form, width, new);
                add(Edit::Formed { at: at as u32, old: width.into(), new });
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
    if let Edit::Key(key) = solution.edit {
        let value = &mut input.bytes_mut()[site.range()];
        match schema.node(site.node) {
            Node::Int(int) => int.store(key, value),
            _ => value.copy_from_slice(&(key as u32).to_le_bytes()),
        }
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
