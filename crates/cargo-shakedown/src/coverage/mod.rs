//! What inputs have reached, by file, line and column, from the counters of instrumented programs.
//!
//! A counter stands for a block of optimised code. Where its first instruction comes from is a
//! *point* of the source. What was hit was executed, and so was every call that it was inlined
//! through; what was not hit says something of its own point only, for the calls around it may have
//! been executed up to there. So nothing that was not executed ever looks as if it were. The other
//! way round there is no such promise: the compiler has no counter for what always comes with
//! something else, so of some lines only a branch that was not taken is known, and of most nothing.

mod blockers;
mod cobertura;
mod dominators;
mod html;
mod json;
mod lcov;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use blockers::{Block, Blocker, Flow, Nearest, blockers, rank};
pub(crate) use cobertura::cobertura;
pub(crate) use html::html;
pub(crate) use json::{json, of_blocker};
pub(crate) use lcov::lcov;
pub(crate) use table::{frontier, table};

/// Where code comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The path of the file, as the compiler has it.
    pub file: Arc<str>,
    /// From 1 on; 0 if it is in no line.
    pub line: u32,
    /// From 1 on; 0 if unknown.
    pub column: u32,
}

/// What one counter counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Where the code comes from, then the calls that it was inlined through, outwards.
    pub chain: Vec<Place>,
    /// The function that the code was written in.
    pub function: String,
    /// Whether it begins a function of the program; the counters up to the next that does are of the
    /// same one.
    pub is_entry: bool,
}

impl Counted {
    /// Whether it is the `main` that the compiler adds to tests, and puts at the beginning of the crate.
    pub(crate) fn is_of_harness(&self) -> bool {
        let is_first = |place: &Place| (place.line, place.column) == (1, 0);
        self.is_entry
            && self.function.ends_with("::main")
            && self.chain.first().is_some_and(is_first)
    }
}

/// A line and a column.
pub(crate) type Position = (u32, u32);

/// A place that has counters, in all functions and programs that were made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Point {
    /// How many.
    pub counters: usize,
    /// How many of them were hit.
    pub hit: usize,
    /// Whether any of the functions that have it was entered.
    pub is_near: bool,
    /// The function that it was written in.
    pub function: String,
}

impl Point {
    /// Whether it was executed.
    pub(crate) fn is_hit(&self) -> bool {
        self.hit > 0
    }

    /// Whether it was not, although something else in its function was.
    pub(crate) fn is_frontier(&self) -> bool {
        !self.is_hit() && self.is_near
    }
}

/// What is known of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Executed, with all of its points.
    Executed,
    /// Executed, but for some of its points.
    Partial,
    /// None of its points was.
    Unexecuted,
}

impl Line {
    /// Whether any of it was executed.
    pub(crate) fn is_executed(self) -> bool {
        self != Self::Unexecuted
    }
}

/// What is known of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct File {
    /// Counters of code that comes from it or was inlined into it, in every instance and program.
    pub counters: usize,
    /// Those that were hit.
    pub counters_hit: usize,
    /// The points, in order.
    pub points: BTreeMap<Position, Point>,
    /// Lines with calls that code was inlined through that was executed.
    called: BTreeSet<u32>,
}

impl File {
    /// The lines of which something is known, in order.
    pub(crate) fn lines(&self) -> BTreeMap<u32, Line> {
        let mut lines: BTreeMap<u32, Line> =
            self.called.iter().map(|line| (*line, Line::Executed)).collect();
        for ((line, _), point) in &self.points {
            let own = if point.is_hit() { Line::Executed } else { Line::Unexecuted };
            let known = lines.entry(*line).or_insert(own);
            if *known != own {
                *known = Line::Partial;
            }
        }
        lines
    }

    /// How much of it was executed.
    pub(crate) fn totals(&self) -> Totals {
        let lines = self.lines();
        Totals {
            counters: self.counters,
            counters_hit: self.counters_hit,
            lines: lines.len(),
            lines_executed: lines.values().filter(|line| line.is_executed()).count(),
            frontier: self.points.values().filter(|point| point.is_frontier()).count(),
        }
    }
}

/// How much was executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Counters.
    pub counters: usize,
    /// Those that were hit.
    pub counters_hit: usize,
    /// Lines of which something is known.
    pub lines: usize,
    /// Those of which anything was executed.
    pub lines_executed: usize,
    /// Points that were not executed, in functions that were entered.
    pub frontier: usize,
}

impl Totals {
    fn plus(self, other: Self) -> Self {
        Self {
            counters: self.counters + other.counters,
            counters_hit: self.counters_hit + other.counters_hit,
            lines: self.lines + other.lines,
            lines_executed: self.lines_executed + other.lines_executed,
            frontier: self.frontier + other.frontier,
        }
    }
}

/// What is known of the source of some programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// The files by name.
    pub files: BTreeMap<String, File>,
    /// Counters whose code comes from no line.
    pub unplaced: usize,
}

impl Coverage {
    /// Adds the counters of a program, in the order in which they lie in it. `name` has the name of a
    /// file by its path, and none for one that is not to be shown.
    pub(crate) fn add(
        &mut self,
        counters: &[Counted],
        is_hit: &[bool],
        name: &mut dyn FnMut(&str) -> Option<String>,
    ) {
        let mut rest = is_hit;
        for function in counters.chunk_by(|_, next| !next.is_entry) {
            let is_hit = rest.split_off(..function.len()).unwrap_or_default();
            let is_entered = is_hit.contains(&true);
            for (counted, is_hit) in function.iter().zip(is_hit) {
                self.count(counted, *is_hit, is_entered, name);
            }
        }
    }

    fn count(
        &mut self,
        counted: &Counted,
        is_hit: bool,
        is_entered: bool,
        name: &mut dyn FnMut(&str) -> Option<String>,
    ) {
        let mut name = |place: &Place| if place.line > 0 { name(&place.file) } else { None };
        let own = counted.chain.first();
        self.unplaced += usize::from(own.is_none_or(|own| own.line == 0));
        if let Some(file) = counted.chain.iter().find_map(&mut name) {
            let file = self.files.entry(file).or_default();
            file.counters += 1;
            file.counters_hit += usize::from(is_hit);
        }
        if let Some((own, file)) = own.and_then(|own| Some((own, name(own)?))) {
            let points = &mut self.files.entry(file).or_default().points;
            let point = points.entry((own.line, own.column)).or_default();
            point.counters += 1;
            point.hit += usize::from(is_hit);
            point.is_near |= is_entered;
            point.function.clone_from(&counted.function);
        }
        for call in counted.chain.iter().skip(1).filter(|_| is_hit) {
            if let Some(file) = name(call) {
                self.files.entry(file).or_default().called.insert(call.line);
            }
        }
    }

    /// How much of all files was executed.
    pub(crate) fn totals(&self) -> Totals {
        self.files.values().map(File::totals).fold(Totals::default(), Totals::plus)
    }
}

#[cfg(test)]
mod tests;
