//! A set of integers kept as ranges, and a stateful fuzz target for it: a sequence of operations,
//! done to the set and to a `BTreeSet` of its members, must have the same effects on both.
//!
//! The target stands among the unit tests, where it sees what is private.

use std::ops::Range;

/// A set of integers, small where they lie together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeSet {
    /// In order, none empty, none touching another.
    ranges: Vec<Range<u32>>,
}

impl RangeSet {
    /// A set without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The members as ranges, in order; as few as possible.
    #[must_use]
    pub fn as_ranges(&self) -> &[Range<u32>] {
        &self.ranges
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ranges.iter().map(ExactSizeIterator::len).sum()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether `value` is a member.
    #[must_use]
    pub fn contains(&self, value: u32) -> bool {
        let index = self.ranges.partition_point(|range| range.end <= value);
        self.ranges.get(index).is_some_and(|range| range.contains(&value))
    }

    /// Adds all of `added`.
    pub fn insert(&mut self, added: Range<u32>) {
        if added.is_empty() {
            return;
        }
        let first = self.ranges.partition_point(|range| range.end < added.start);
        let end = self.ranges.partition_point(|range| range.start <= added.end);
        let touched = &self.ranges[first..end];
        let merged = touched
            .iter()
            .fold(added, |merged, range| merged.start.min(range.start)..merged.end.max(range.end));
        self.ranges.splice(first..end, [merged]);
    }

    /// Takes all of `removed` out.
    pub fn remove(&mut self, removed: Range<u32>) {
        if removed.is_empty() {
            return;
        }
        let first = self.ranges.partition_point(|range| range.end <= removed.start);
        let end = self.ranges.partition_point(|range| range.start < removed.end);
        let kept: Vec<_> = self.ranges[first..end]
            .iter()
            .flat_map(|range| [range.start..removed.start, removed.end..range.end])
            .filter(|rest| !rest.is_empty())
            .collect();
        self.ranges.splice(first..end, kept);
    }

    /// The values of `within` that are not members.
    #[must_use]
    pub fn gaps(&self, within: Range<u32>) -> Self {
        let mut gaps = Self::new();
        gaps.insert(within);
        self.ranges.iter().for_each(|range| gaps.remove(range.clone()));
        gaps
    }
}

#[cfg(test)]
mod tests;
