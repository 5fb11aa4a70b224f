//! Passes over single leaves: each hands the value to its domain.

use super::search::{Copies, Search};
use crate::domain::codes::Way;
use crate::domain::trial::{Stopped, Trial};
use crate::domain::{bytes, character, float, int, text};
use crate::schema::Node;

/// Changes runs of bytes or characters to simpler ones.
pub(super) fn simplify_runs(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    simplify_content(Way::Runs, search, copies)
}

/// Spells characters of several bytes out.
pub(super) fn spell_out(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    simplify_content(Way::SpellOut, search, copies)
}

/// Lowers single bytes or characters.
pub(super) fn lower_items(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    simplify_content(Way::Items, search, copies)
}

/// Lowers all bytes or characters of one kind together.
pub(super) fn lower_equal_items(
    search: &mut Search<'_>,
    copies: &mut Copies,
) -> Result<(), Stopped> {
    simplify_content(Way::EqualItems, search, copies)
}

/// Makes single characters simpler.
pub(super) fn lower_char(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let Node::Char = search.node(copies) else { return Ok(()) };
    on_trial(search, copies, character::simplify)
}

/// Makes integers simpler.
pub(super) fn lower_int(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let Node::Int(int) = *search.node(copies) else { return Ok(()) };
    on_trial(search, copies, |trial| int::simplify(int, trial))
}

/// Makes floats simpler.
pub(super) fn lower_float(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let Node::Float { .. } = search.node(copies) else { return Ok(()) };
    on_trial(search, copies, float::simplify)
}

/// Takes a simpler one of a few values.
pub(super) fn choose_simpler(search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    let Node::OneOf { values, .. } = search.node(copies) else { return Ok(()) };
    on_trial(search, copies, |trial| values.simplify(trial))
}

fn simplify_content(way: Way, search: &mut Search<'_>, copies: &mut Copies) -> Result<(), Stopped> {
    match search.node(copies) {
        Node::Bytes(of) => on_trial(search, copies, |trial| bytes::simplify(of, way, trial)),
        Node::Str(text) => on_trial(search, copies, |trial| text::simplify(text, way, trial)),
        Node::Bool
        | Node::Int(_)
        | Node::Float { .. }
        | Node::Char
        | Node::OneOf { .. }
        | Node::Seq { .. }
        | Node::Array { .. }
        | Node::Record(_)
        | Node::Choice { .. } => Ok(()),
    }
}

/// Has a domain make equal values simpler.
fn on_trial(
    search: &mut Search<'_>,
    copies: &mut Copies,
    simplify: impl FnOnce(&mut Trial<'_>) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    let value = search.value(copies).to_vec();
    simplify(&mut Trial::new(value, &mut |value| search.replace(copies, value)))
}
