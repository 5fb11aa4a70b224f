//! A visit that stretches an entry: what repeats in it is repeated far more often. Nesting without a
//! limit, and work that grows faster than the input, show at lengths that no other visit reaches.
//!
//! A visit is of this kind if the increment of its generator is even, which that of no generator is:
//! its state is then the number of the next variation. A step makes all longest runs equally long:
//! the first one modestly, the next one four times as long, and so on. How much work that is can only
//! be told step by step, so each is a visit of its own.
//!
//! To look for what makes the most of some count is the idea of PerfFuzz (C. Lemieux et al.,
//! "PerfFuzz: Automatically Generating Pathological Inputs", ISSTA 2018).

use super::sources::fill;
use crate::domain::edit::{Buffer, Content};
use crate::domain::text;
use crate::schema::shape::Sites;
use crate::schema::{Len, Node, Schema};

/// The increment of the generator of such a visit.
pub(super) const INCREMENT: u64 = 2;

/// The state from which a step begins; the first one is 0.
#[must_use]
pub const fn begin(step: u32) -> (u64, u64) {
    (step as u64 * RUNS, INCREMENT)
}

/// Whether a visit that begins with this generator is one.
#[must_use]
pub const fn is_step((_, increment): (u64, u64)) -> bool {
    increment == INCREMENT
}

/// The longest unit whose repetition is looked for, in bytes.
const MAX_UNIT: usize = 8;

/// How often a unit stands there before it counts as repeated.
const MIN_COPIES: usize = 3;

/// Most runs of an entry that are stretched: the variations of a step. Where there are fewer runs, the
/// others are random changes.
pub const RUNS: u64 = 4;

/// How many steps there are.
pub const STEPS: u32 = 4;

/// The length that a content is stretched to in the first step, in bytes.
pub const FIRST_LEN: usize = 1 << 10;

/// How many times as long it becomes from step to step.
pub const GROWTH: usize = 4;

/// A unit that stands several times in a row in a content of bytes or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    site: u32,
    /// Where the first unit begins in the content.
    start: u32,
    /// Length of the unit.
    unit: u32,
    /// Length of all of them.
    len: u32,
}

/// The longest runs of an entry, the longest first.
pub(super) fn runs(schema: &Schema, entry: &[u8], sites: &Sites, out: &mut Vec<Run>) {
    out.clear();
    for (index, site) in sites.list().iter().enumerate() {
        if bounds(schema.node(site.node)).is_some() {
            let content = &entry[site.content()];
            for unit in 1..=MAX_UNIT {
                let longest = longest_run(content, unit);
                let is_new = |run: &Run| !out.iter().any(|other| other.covers(run));
                out.extend(longest.map(|run| Run { site: index as u32, ..run }).filter(is_new));
            }
        }
    }
    out.sort_by_key(|run| std::cmp::Reverse(run.len));
    out.truncate(RUNS as usize);
}

impl Run {
    /// Whether another run has a multiple of this one's unit in the same place.
    fn covers(&self, other: &Self) -> bool {
        let is_within = |at: u32| (self.start..=self.start + self.len).contains(&at);
        self.site == other.site
            && other.unit.is_multiple_of(self.unit)
            && is_within(other.start)
            && is_within(other.start + other.len)
    }
}

/// The longest run of units of this length; its site is left open.
fn longest_run(content: &[u8], unit: usize) -> Option<Run> {
    let (mut best, mut start) = (0..0, 0);
    for at in unit..=content.len() {
        if content.get(at) != content.get(at - unit) {
            if at - start > best.len() {
                best = start..at;
            }
            start = at + 1 - unit;
        }
    }
    let run = Run { site: 0, start: best.start as u32, unit: unit as u32, len: best.len() as u32 };
    (best.len() >= MIN_COPIES * unit).then_some(run)
}

/// Bounds on the length of a content; nothing for other values.
fn bounds(node: &Node) -> Option<(Len, bool)> {
    match node {
        Node::Bytes(bytes) => Some((bytes.len, false)),
        Node::Str(text) => Some((text.len, true)),
        Node::Bool
        | Node::Int(_)
        | Node::Float { .. }
        | Node::Char
        | Node::Seq { .. }
        | Node::Array { .. }
        | Node::OneOf { .. }
        | Node::Record(_)
        | Node::Choice { .. } => None,
    }
}

/// Makes variation `number` of the entry that lies in the buffer; its new length, or nothing if there
/// is none of that number.
pub(super) fn apply(
    schema: &Schema,
    sites: &Sites,
    runs: &[Run],
    number: u64,
    input: &mut Buffer<'_>,
    scratch: &mut Vec<u8>,
) -> Option<usize> {
    let run = runs.get((number % RUNS) as usize)?;
    let step = u32::try_from(number / RUNS).ok()?;
    let len = FIRST_LEN.checked_mul(GROWTH.checked_pow(step)?)?;
    let site = sites.list()[run.site as usize];
    let (bounds, is_text) = bounds(schema.node(site.node))?;
    let mut content = Content::new(input, site.content(), bounds, is_text);
    let most = content.len() + content.room();
    // The last step is the first that reaches the longest content.
    if step > 0 && len / GROWTH >= most {
        return None;
    }
    let start = content.ceil(run.start as usize);
    let unit = start..start + run.unit as usize;
    let wanted = len.min(most).saturating_sub(content.len());
    let copies = wanted / unit.len();
    if content.ceil(unit.end) == unit.end && copies > 0 {
        fill(scratch, &content.bytes()[unit], copies);
        if content.insert(start, scratch) && !is_within_pattern(schema.node(site.node), &content) {
            content.replace(start..start + scratch.len(), &[]);
        }
    }
    Some(input.len())
}

/// Whether a content, which was allowed, is so if it repeats: only patterns say how often.
fn is_within_pattern(node: &Node, content: &Content) -> bool {
    match node {
        Node::Str(of) if of.pattern.is_some() => text::check(of, content.bytes()).is_ok(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
