//! The minimizer: many tiny passes over an input and a yes/no question.
//!
//! A pass proposes simpler inputs; `search` asks about those that are new, have the shape of the
//! schema and come before the best one in the `order` of simplicity. The division into passes over
//! a remembered best value follows Hypothesis' shrinker (D. MacIver and A. Donaldson, "Test-Case
//! Reduction via Test-Case Generation", 2020).

mod class;
mod counted;
mod delete;
mod earlier;
mod leaves;
mod order;
mod related;
mod search;
mod structure;

#[cfg(test)]
mod tests;

use crate::domain::trial::Stopped;
use crate::schema::Schema;
use order::{Measured, Order};
use search::{Copies, Search};

/// The answer about one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is as interesting as the original.
    Keep,
    /// It is not.
    Reject,
    /// The budget is over, or the user interrupts: finish with the best so far.
    Stop,
}

/// What [`minimize`] arrived at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minimum {
    /// The simplest interesting input found; the original if there was none.
    pub input: Vec<u8>,
    /// Whether a full round of all passes improved nothing any more, so that minimizing the result
    /// again would change nothing.
    pub complete: bool,
}

/// One step: a change to single values, to values that are equal, or to several parts at once.
enum Pass {
    /// Runs on every value for itself.
    Each(fn(&mut Search<'_>, &mut Copies) -> Result<(), Stopped>),
    /// Runs on every set of two or more equal values, which then change together.
    Equals(fn(&mut Search<'_>, &mut Copies) -> Result<(), Stopped>),
    /// Runs once on the whole input.
    Whole(fn(&mut Search<'_>) -> Result<(), Stopped>),
}

/// Passes whose number of questions is near linear in the size of the input; repeated until none
/// of them improves anything. Those that remove much at once come first.
const PASSES: &[Pass] = &[
    Pass::Whole(structure::reset_arguments),
    Pass::Each(delete::delete_chunks),
    Pass::Each(earlier::delete_referred),
    Pass::Each(structure::hoist),
    Pass::Each(structure::reset_elements),
    Pass::Each(structure::reset),
    Pass::Each(structure::change_variant),
    Pass::Each(leaves::simplify_runs),
    Pass::Each(leaves::spell_out),
    Pass::Each(leaves::lower_items),
    Pass::Each(leaves::lower_char),
    Pass::Each(leaves::lower_int),
    Pass::Each(leaves::lower_float),
    Pass::Each(leaves::choose_simpler),
];

/// Passes that look at pairs, and so only pay once the input is small.
const COSTLY_PASSES: &[Pass] = &[
    Pass::Equals(structure::reset),
    Pass::Equals(delete::delete_chunks),
    Pass::Equals(structure::hoist),
    Pass::Equals(structure::change_variant),
    Pass::Equals(leaves::simplify_runs),
    Pass::Equals(leaves::lower_items),
    Pass::Equals(leaves::lower_char),
    Pass::Equals(leaves::lower_int),
    Pass::Equals(leaves::lower_float),
    Pass::Equals(leaves::choose_simpler),
    Pass::Each(leaves::lower_equal_items),
    Pass::Whole(counted::delete_with_length),
    Pass::Whole(related::lower_together),
    Pass::Each(delete::delete_pairs),
    Pass::Each(earlier::delete_referred_pairs),
];

/// Passes that leave out parts of an input and change nothing of what is left.
const SHORTENING: &[Pass] = &[
    Pass::Each(delete::delete_chunks),
    Pass::Each(earlier::delete_referred),
    Pass::Each(structure::hoist),
];

/// As [`minimize`], but what is left of the input stays as it is: values that differ tell where
/// something that is compared comes from, equal ones do not.
#[must_use]
pub fn shorten(
    schema: &Schema,
    input: &[u8],
    ask: &mut dyn FnMut(&[u8]) -> Verdict,
    is_over: &dyn Fn() -> bool,
) -> Minimum {
    search(schema, input, ask, is_over, |search| {
        while run_all(SHORTENING, search)? {}
        Ok(())
    })
}

/// Finds a simpler input about which `ask` says [`Verdict::Keep`].
///
/// `input` is assumed to be interesting: the caller has checked. Every candidate has the shape of
/// the schema and is strictly simpler than the best so far: it holds fewer values (those at their
/// default not counted), or as many but simpler ones. It may still be longer in bytes than `input`,
/// where a declared default is. The same bytes are not asked about twice (until a million have been
/// rejected, when memory starts afresh). The same answers lead to the same result.
///
/// Candidates that need not be asked about take time, too: of a large input there may be millions.
/// `is_over` is called every few milliseconds of that, and ends the search as [`Verdict::Stop`] does.
#[must_use]
pub fn minimize(
    schema: &Schema,
    input: &[u8],
    ask: &mut dyn FnMut(&[u8]) -> Verdict,
    is_over: &dyn Fn() -> bool,
) -> Minimum {
    search(schema, input, ask, is_over, run_rounds)
}

/// Looks for a simpler input by these passes.
fn search(
    schema: &Schema,
    input: &[u8],
    ask: &mut dyn FnMut(&[u8]) -> Verdict,
    is_over: &dyn Fn() -> bool,
    run: fn(&mut Search<'_>) -> Result<(), Stopped>,
) -> Minimum {
    let order = Order::new(schema);
    let Some(start) = Measured::new(&order, input.to_vec()) else {
        return Minimum { input: input.to_vec(), complete: false };
    };
    let mut search = Search::new(&order, start, ask, is_over);
    let complete = run(&mut search).is_ok();
    Minimum { input: search.into_best(), complete }
}

/// Runs all passes until they improve nothing.
fn run_rounds(search: &mut Search<'_>) -> Result<(), Stopped> {
    loop {
        let before = search.improvements();
        while run_all(PASSES, search)? {}
        run_all(COSTLY_PASSES, search)?;
        if search.improvements() == before {
            return Ok(());
        }
    }
}

/// Runs each pass once; whether any improved the input.
fn run_all(passes: &[Pass], search: &mut Search<'_>) -> Result<bool, Stopped> {
    let before = search.improvements();
    for pass in passes {
        match pass {
            Pass::Each(pass) => search.each(*pass)?,
            Pass::Equals(pass) => search.equals(*pass)?,
            Pass::Whole(pass) => pass(search)?,
        }
    }
    Ok(search.improvements() > before)
}
