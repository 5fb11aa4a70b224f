//! A visit in which sums that a change has broken are mended, by what the comparisons of the changed
//! input say: see [`super::super::Variations::repair`]. It begins with the changes that hints suggest, as
//! a visit that solves, or with random ones alone.
//!
//! That sums are repaired is the idea of REDQUEEN. It takes the check out of the program and repairs
//! the sum of what was found in the end; here the program stays as it is.

use super::{Edit, Solution, ends, of_place, places};
use crate::domain::form::{Form, Formed};
use crate::domain::int::solve;
use crate::hints::{Hint, Hints, is_all_ones};
use crate::schema::shape::Sites;
use crate::schema::{Node, Schema};

/// The increment of the generator of such a visit.
pub(in crate::mutate) const REPAIRING: u64 = 4;

/// The state from which a visit that repairs sums begins: with what hints suggest, or with random changes
/// alone.
#[must_use]
pub const fn repairing(from: Option<u32>) -> (u64, u64) {
    match from {
        None => (0, REPAIRING),
        // Beyond all changes that hints suggest.
        Some(random) => ((random as u64 + 1) << 32, REPAIRING),
    }
}

/// The first change that puts one side of these hints in the place of the other, as it is: hints of sums,
/// see [`crate::hints::of_sums`]. Only bytes, and integers of their own, hold sums. Where nothing shows
/// which ones, `choice` decides.
pub(in crate::mutate) fn repair(
    schema: &Schema,
    input: &[u8],
    sites: &Sites,
    hints: Hints<'_>,
    choice: u64,
) -> Option<Solution> {
    let mut found = Vec::new();
    for (number, hint) in hints.iter().enumerate() {
        for (index, site) in sites.list().iter().enumerate() {
            let mut add = |edit| found.push(Solution { site: index as u32, edit, is_exact: true });
            match schema.node(site.node) {
                Node::Bytes(_) => {
                    of_sum(&input[site.content()], number as u16, hint, choice, &mut add);
                }
                Node::Int(int) => {
                    let [equal, ..] = solve(*int, int.key(&input[site.range()]), hint);
                    equal.into_iter().for_each(|key| add(Edit::Key(key)));
                }
                _ => {}
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    let index = (choice / 4).checked_rem(found.len() as u64)?;
    found.get(index as usize).copied()
}

/// The first place of what a hint of a sum calls live; of the complement of a sum, any one at the ends.
fn of_sum(content: &[u8], number: u16, hint: Hint<'_>, choice: u64, add: &mut impl FnMut(Edit)) {
    match hint {
        Hint::Memory { live, .. } => {
            for at in places(content, live).take(1) {
                add(Edit::Memory { at, old: live.len() as u32, hint: number });
            }
        }
        Hint::Int { width, live, wanted } if is_all_ones(width, wanted) => {
            // Most sums lie at the very end, and many at the front.
            let last = content.len().saturating_sub(width.into());
            let is_likely = |at: usize| match choice % 4 {
                0 | 1 => at == last,
                2 => at == 0,
                _ => true,
            };
            for (at, _) in ends(content, width).filter(|(at, _)| is_likely(*at)) {
                of_place(content, at, (width, live, wanted), &mut |[_, _, xor], form| {
                    let new = Formed::new(form, width, xor.unwrap_or_default());
                    add(Edit::Formed { at: at as u32, old: width.into(), new });
                });
            }
        }
        Hint::Int { width, live, wanted } => {
            for form in [Form::Little, Form::Big] {
                for at in places(content, Formed::new(form, width, live).as_slice()).take(1) {
                    add(Edit::Formed {
                        at,
                        old: width.into(),
                        new: Formed::new(form, width, wanted),
                    });
                }
            }
        }
    }
}
