//! Changes that hints suggest, made: one at a time, or several at once.

use super::{Edit, Solution};
use crate::domain::edit::{Buffer, Content};
use crate::domain::hinted::{fit, put};
use crate::domain::{bytes, text};
use crate::hints::{Hint, Hints};
use crate::schema::shape::Sites;
use crate::schema::{Node, Schema};

/// Makes a change of the entry that lies in the buffer; its new length.
pub(in crate::mutate) fn apply(
    schema: &Schema,
    sites: &Sites,
    hints: Hints<'_>,
    all: &[Solution],
    number: usize,
    mut input: Buffer<'_>,
) -> usize {
    match all[number].edit {
        Edit::Together(turn) => {
            for solution in together(all, hints, turn) {
                apply_one(schema, sites, hints, solution, &mut input);
            }
        }
        _ => apply_one(schema, sites, hints, all[number], &mut input),
    }
    input.len()
}

/// The changes that are made at once in a turn. Those that move nothing come first.
pub(super) fn together<'a>(
    all: &'a [Solution],
    hints: Hints<'a>,
    turn: u8,
) -> impl Iterator<Item = Solution> + 'a {
    let place = move |solution: &Solution| match solution.edit {
        _ if !solution.is_exact => None,
        Edit::Memory { at, old, hint } => match hints.get(hint.into()) {
            Hint::Memory { wanted, .. } if wanted.len() == old as usize => {
                Some((solution.site, at))
            }
            _ => None,
        },
        Edit::Formed { at, old, new } if old as usize == new.as_slice().len() => {
            Some((solution.site, at))
        }
        Edit::Key(_) => Some((solution.site, 0)),
        _ => None,
    };
    let of_turn = move |(index, solution): (usize, &Solution)| {
        let place_of = place(solution)?;
        let is_here = |other: &&Solution| place(other) == Some(place_of);
        let rank = all[..index].iter().filter(is_here).count();
        let count = all.iter().filter(is_here).count();
        // Where equal values are to become different ones, neighbours do.
        let wanted = usize::from(turn / 2) + place_of.1 as usize;
        (wanted % count == rank).then_some(*solution)
    };
    let fit = all.iter().find(|solution| matches!(solution.edit, Edit::Fit(_)));
    all.iter().enumerate().filter_map(of_turn).chain(fit.filter(|_| turn % 2 == 1).copied())
}

/// Makes one change.
pub(in crate::mutate) fn apply_one(
    schema: &Schema,
    sites: &Sites,
    hints: Hints<'_>,
    solution: Solution,
    input: &mut Buffer<'_>,
) {
    let site = sites.list()[solution.site as usize];
    if let Edit::Key(key) = solution.edit {
        let value = &mut input.bytes_mut()[site.range()];
        match schema.node(site.node) {
            Node::Int(int) => int.store(key, value),
            _ => value.copy_from_slice(&(key as u32).to_le_bytes()),
        }
        return;
    }
    let node = schema.node(site.node);
    let (bounds, is_limited, is_text) = match node {
        Node::Bytes(bytes) => (bytes.len, bytes.alphabet.is_some(), false),
        Node::Str(text) => (text.len, text.alphabet.is_some() || text.pattern.is_some(), true),
        _ => return,
    };
    let mut content = Content::new(input, site.content(), bounds, is_text);
    let before = is_limited.then(|| content.bytes().to_vec());
    edit_content(&mut content, hints, solution.edit);
    if let Some(before) = before
        && !is_allowed(node, content.bytes())
    {
        content.replace(0..content.len(), &before);
    }
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
        Edit::Key(_) | Edit::Together(_) => {}
    }
}
