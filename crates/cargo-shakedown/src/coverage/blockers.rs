//! What stops a search: places that were not reached in functions that were, and how much more of the
//! program lies behind each.
//!
//! Something lies behind a place if there is no other way to it from all that was executed. Calls that
//! cannot be seen count as a way, so it is rather less than it is too much.

use std::cmp::Reverse;
use std::sync::Arc;

use super::dominators::dominators;
use super::{Counted, Coverage, Point, Position};

/// Folders of the standard library.
const LIBRARY: [&str; 3] = ["/library/core/", "/library/alloc/", "/library/std/"];

/// How the blocks of a program follow one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// A piece of code that runs from its beginning to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// Its counter, if it has one.
    pub counter: Option<usize>,
    /// The blocks that may come after it, and those that functions begin with that it calls.
    pub next: Vec<u32>,
    /// Whether it may be reached in ways that cannot be seen: through a pointer, or from code without
    /// counters.
    pub is_open: bool,
}

/// An input that comes near a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Nearest {
    /// The length of the encoded input, in bytes.
    pub len: usize,
    /// What it is called.
    pub name: Arc<str>,
    /// The arguments, one a line.
    pub text: Arc<str>,
    /// The number that the engine would name its file by.
    pub number: u64,
}

/// A place that was not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocker {
    /// The file.
    pub file: String,
    /// Line and column.
    pub position: Position,
    /// The function that it was written in, or that is called there.
    pub function: String,
    /// Whether the place is a call of the function, and what was not reached is in that.
    pub is_call: bool,
    /// How many counters that were not hit can only be reached through it, with its own. Those of the
    /// standard library do not count.
    pub behind: usize,
    /// Whether another blocker is in the way to it.
    pub is_hidden: bool,
    /// Counters that were hit just before it.
    pub before: Vec<usize>,
    /// The shortest input that has hit one of them, once somebody has looked for it.
    pub nearest: Option<Nearest>,
}

/// The frontier of a program, what most lies behind first. `coverage` is what is known of the points of
/// its source, `name` has the names of its files.
#[must_use]
pub(crate) fn blockers(
    counters: &[Counted],
    is_hit: &[bool],
    flow: &Flow,
    coverage: &Coverage,
    name: &mut dyn FnMut(&str) -> Option<String>,
) -> Vec<Blocker> {
    let ways = Ways::new(flow, counters, is_hit);
    let block_of = block_of(flow, counters.len());
    let mut is_blocker = vec![false; flow.blocks.len()];
    let mut all: Vec<(Option<u32>, Blocker)> = Vec::new();
    for at in near(counters, is_hit) {
        let block = block_of[at];
        let behind = block.map_or(1, |block| ways.behind[block as usize].max(1));
        let Some(blocker) = blocker(&counters[at], behind, coverage, name) else { continue };
        if let Some(block) = block {
            is_blocker[block as usize] = true;
        }
        all.push((block, blocker));
    }
    all.sort_by_key(|(_, blocker)| order(blocker));
    all.dedup_by(|one, kept| place(&one.1) == place(&kept.1));
    for (block, blocker) in &mut all {
        let Some(block) = *block else { continue };
        blocker.is_hidden = ways.above(block).any(|above| is_blocker[above as usize]);
        let mut way = std::iter::once(block).chain(ways.above(block));
        let before = way.find_map(|block| ways.hit_before(flow, is_hit, block));
        blocker.before = before.unwrap_or_default();
    }
    let mut all: Vec<_> = all.into_iter().map(|(_, blocker)| blocker).collect();
    rank(&mut all);
    all
}

/// The counters that were not hit in functions of which others were.
fn near(counters: &[Counted], is_hit: &[bool]) -> Vec<usize> {
    let mut near = Vec::new();
    let mut start = 0;
    for function in counters.chunk_by(|_, next| !next.is_entry) {
        let range = start..start + function.len();
        start = range.end;
        if is_hit[range.clone()].contains(&true) {
            near.extend(range.filter(|at| !is_hit[*at]));
        }
    }
    near
}

/// The place of a counter that was not hit: its own, or if that is not to be shown, the call that it was
/// inlined through, which counts only if there is more behind it: it may have been executed up to there.
fn blocker(
    counted: &Counted,
    behind: usize,
    coverage: &Coverage,
    name: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<Blocker> {
    let mut shown = counted.chain.iter().enumerate().filter(|(_, place)| place.line > 0);
    let (depth, place, file) =
        shown.find_map(|(depth, place)| Some((depth, place, name(&place.file)?)))?;
    let position = (place.line, place.column);
    let point = || coverage.files.get(&file)?.points.get(&position);
    let is_shown = match depth {
        0 => point().is_some_and(Point::is_frontier),
        _ => behind > 1,
    };
    let function = counted.function.clone();
    let (is_hidden, before, nearest) = (false, Vec::new(), None);
    let is_call = depth > 0;
    is_shown.then_some(Blocker {
        file,
        position,
        function,
        is_call,
        behind,
        is_hidden,
        before,
        nearest,
    })
}

/// Puts first what most lies behind. A place that several instances or programs have counts by the one
/// with most behind it.
pub(crate) fn rank(all: &mut Vec<Blocker>) {
    all.sort_by_key(order);
    all.dedup_by(|one, kept| place(one) == place(kept));
    all.sort_by_key(|blocker| Reverse(blocker.behind));
}

/// By places, and of one place what most lies behind first.
fn order(blocker: &Blocker) -> (String, Position, Reverse<usize>) {
    (blocker.file.clone(), blocker.position, Reverse(blocker.behind))
}

fn place(blocker: &Blocker) -> (&str, Position) {
    (&blocker.file, blocker.position)
}

/// Whether a counter is of code outside of the standard library, or was inlined into such.
fn is_own(counted: &Counted) -> bool {
    counted.chain.iter().any(|place| !LIBRARY.iter().any(|folder| place.file.contains(folder)))
}

/// The block of each counter, if it has one.
fn block_of(flow: &Flow, counters: usize) -> Vec<Option<u32>> {
    let mut block_of = vec![None; counters];
    for (block, counter) in (0..).zip(flow.blocks.iter().map(|block| block.counter)) {
        if let Some(of) = counter.and_then(|counter| block_of.get_mut(counter)) {
            *of = Some(block);
        }
    }
    block_of
}

/// The ways through a program from all that was executed.
struct Ways {
    /// The last block that all ways to a block go through; the number after the last for what was
    /// executed.
    dominator: Vec<Option<u32>>,
    /// The blocks before each.
    before: Vec<Vec<u32>>,
    /// How many counters were not hit in a block, and in those that are only reached through it.
    behind: Vec<usize>,
}

impl Ways {
    fn new(flow: &Flow, counters: &[Counted], is_hit: &[bool]) -> Self {
        let count = flow.blocks.len();
        let root = count as u32;
        let was_hit = |block: &Block| block.counter.is_some_and(|counter| is_hit[counter]);
        let begins = |(_, block): &(u32, &Block)| block.is_open || was_hit(block);
        let first = (0..).zip(&flow.blocks).filter(begins).map(|(at, _)| at).collect();
        let next: Vec<Vec<u32>> =
            flow.blocks.iter().map(|block| block.next.clone()).chain([first]).collect();
        let mut before = vec![Vec::new(); count];
        for (at, block) in (0..).zip(&flow.blocks) {
            block.next.iter().for_each(|after| before[*after as usize].push(at));
        }
        let dominator = dominators(&next, root);
        let mut ways = Self { dominator, before, behind: vec![0; count] };
        for (at, block) in (0..root).zip(&flow.blocks) {
            let counts = |at: usize| !is_hit[at] && is_own(&counters[at]);
            if block.counter.is_some_and(counts) {
                ways.behind[at as usize] += 1;
                let above: Vec<u32> = ways.above(at).collect();
                above.into_iter().for_each(|block| ways.behind[block as usize] += 1);
            }
        }
        ways
    }

    /// The blocks that all ways to a block go through, from the last one on.
    fn above(&self, block: u32) -> impl Iterator<Item = u32> {
        let root = self.before.len() as u32;
        let up = move |block: &u32| self.dominator[*block as usize].filter(|above| *above != root);
        std::iter::successors(up(&block), up)
    }

    /// Counters that were hit, from which a block is reached without another counter between them, if
    /// there are any.
    fn hit_before(&self, flow: &Flow, is_hit: &[bool], block: u32) -> Option<Vec<usize>> {
        let (mut found, mut seen) = (Vec::new(), std::collections::HashSet::from([block]));
        let mut waiting = std::collections::VecDeque::from([block]);
        while let Some(block) = waiting.pop_front() {
            for before in &self.before[block as usize] {
                match flow.blocks[*before as usize].counter {
                    Some(counter) if is_hit[counter] => found.push(counter),
                    Some(_) => {}
                    None if seen.insert(*before) => waiting.push_back(*before),
                    None => {}
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Some(found).filter(|found| !found.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::*;

    /// A counter of a line, in a function if it does not begin one.
    fn counted(line: u32, is_entry: bool) -> Counted {
        let chain = vec![Place { file: "a.rs".into(), line, column: 5 }];
        Counted { chain, function: format!("f{line}"), is_entry }
    }

    fn block(counter: Option<usize>, next: &[u32]) -> Block {
        Block { counter, next: next.to_vec(), is_open: false }
    }

    /// Lines 1 to 7 in two functions of four and three blocks; what is in none is block 7.
    fn program() -> (Vec<Counted>, Flow) {
        let counters = (1..=7).map(|line| counted(line, line == 1 || line == 5)).collect();
        let blocks = vec![
            block(Some(0), &[7]),
            block(Some(1), &[3, 4]),
            block(Some(2), &[3]),
            block(Some(3), &[]),
            block(Some(4), &[5, 6]),
            block(Some(5), &[]),
            block(Some(6), &[]),
            block(None, &[1, 2]),
        ];
        (counters, Flow { blocks })
    }

    fn ranked(
        is_hit: &[bool],
        flow: &Flow,
        counters: &[Counted],
    ) -> Vec<(u32, usize, bool, Vec<usize>)> {
        let mut coverage = Coverage::default();
        let mut name = |path: &str| (!path.starts_with('/')).then(|| path.to_owned());
        coverage.add(counters, is_hit, &mut name);
        let all = blockers(counters, is_hit, flow, &coverage, &mut name);
        all.into_iter().map(|b| (b.position.0, b.behind, b.is_hidden, b.before)).collect()
    }

    #[test]
    fn what_has_no_other_way_lies_behind() {
        let (counters, flow) = program();
        let mut is_hit = [false; 7];
        is_hit[0] = true;
        // Line 4 is behind neither of lines 2 and 3; the other function is behind line 2.
        let expected = vec![(2, 4, false, vec![0]), (3, 1, false, vec![0]), (4, 1, false, vec![0])];
        assert_eq!(ranked(&is_hit, &flow, &counters), expected);
        is_hit[1] = true;
        let expected = vec![(3, 1, false, vec![0]), (4, 1, false, vec![1])];
        assert_eq!(ranked(&is_hit, &flow, &counters), expected);
    }

    #[test]
    fn what_may_be_called_from_anywhere_is_behind_nothing() {
        let (counters, mut flow) = program();
        flow.blocks[4].is_open = true;
        let mut is_hit = [false; 7];
        is_hit[0] = true;
        assert_eq!(ranked(&is_hit, &flow, &counters)[0], (2, 1, false, vec![0]));
    }

    #[test]
    fn a_blocker_behind_another_is_hidden() {
        let (counters, mut flow) = program();
        flow.blocks[2].next.clear();
        let mut is_hit = [false; 7];
        is_hit[0] = true;
        let of_line_4 = ranked(&is_hit, &flow, &counters).into_iter().find(|one| one.0 == 4);
        assert_eq!(of_line_4, Some((4, 1, true, vec![0])), "its nearest is that of the other");
    }

    #[test]
    fn what_was_inlined_is_at_its_call_if_more_lies_behind() {
        let (mut counters, flow) = program();
        let library = Place { file: "/library/core/src/str.rs".into(), line: 9, column: 1 };
        counters[1].chain.insert(0, library.clone());
        counters[2].chain.insert(0, library.clone());
        counters[3].chain = vec![library];
        let mut is_hit = [false; 7];
        is_hit[0] = true;
        assert_eq!(ranked(&is_hit, &flow, &counters), [(2, 4, false, vec![0])]);
        counters[5].chain.remove(0);
        assert_eq!(ranked(&is_hit, &flow, &counters), [(2, 3, false, vec![0])]);
    }

    #[test]
    fn without_a_flow_the_frontier_is_in_the_order_of_the_source() {
        let (counters, _) = program();
        let mut is_hit = [false; 7];
        is_hit[0] = true;
        let lines: Vec<_> = ranked(&is_hit, &Flow::default(), &counters)
            .into_iter()
            .map(|one| (one.0, one.1))
            .collect();
        assert_eq!(lines, [(2, 1), (3, 1), (4, 1)]);
    }
}
