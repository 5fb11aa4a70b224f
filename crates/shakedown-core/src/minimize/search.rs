//! The state of a minimization: the best input so far, and the one place that asks about others.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};

use super::Verdict;
use super::order::{Measured, Order};
use crate::domain::trial::Stopped;
use crate::schema::Node;

/// Rejected candidates remembered by hash; bounds memory to some 16 MiB.
const MAX_REJECTED: usize = 1 << 20;

/// Most values of an input among which equal ones are looked for, a search in quadratic time.
const MAX_SITES_FOR_EQUALS: usize = 1024;

/// Bytes of candidates and values that are worked on between two looks at whether time is over: some
/// milliseconds where every byte is a value.
const LOOK_EVERY: usize = 1 << 18;

/// Equal values of one type, by the indices of their sites: a single one, or several that change
/// together.
pub(super) type Copies = Vec<usize>;

/// The best input so far.
pub(super) struct Search<'a> {
    order: &'a Order<'a>,
    ask: &'a mut dyn FnMut(&[u8]) -> Verdict,
    is_over: &'a dyn Fn() -> bool,
    /// Bytes worked on since the last look at whether time is over.
    unseen: usize,
    best: Measured,
    rejected: HashSet<u64>,
    improvements: u64,
}

impl<'a> Search<'a> {
    /// Starts from an interesting input.
    pub(super) fn new(
        order: &'a Order<'a>,
        best: Measured,
        ask: &'a mut dyn FnMut(&[u8]) -> Verdict,
        is_over: &'a dyn Fn() -> bool,
    ) -> Self {
        Self { order, ask, is_over, unseen: 0, best, rejected: HashSet::new(), improvements: 0 }
    }

    /// Counts work on this many bytes, and looks now and then whether time is over.
    pub(super) fn work(&mut self, bytes: usize) -> Result<(), Stopped> {
        self.unseen += bytes + 1;
        if self.unseen < LOOK_EVERY {
            return Ok(());
        }
        self.unseen = 0;
        if (self.is_over)() { Err(Stopped) } else { Ok(()) }
    }

    /// The order of simplicity.
    pub(super) fn order(&self) -> &'a Order<'a> {
        self.order
    }

    /// The best input so far.
    pub(super) fn best(&self) -> &Measured {
        &self.best
    }

    /// The bytes of the best input so far.
    pub(super) fn into_best(self) -> Vec<u8> {
        self.best.bytes
    }

    /// How often a better input was found.
    pub(super) fn improvements(&self) -> u64 {
        self.improvements
    }

    /// The node of equal values.
    pub(super) fn node(&self, copies: &Copies) -> &'a Node {
        self.order.schema.node(self.best.site(copies[0]).node)
    }

    /// The bytes of equal values.
    pub(super) fn value(&self, copies: &Copies) -> &[u8] {
        self.best.value(copies[0])
    }

    /// Takes the candidate for the best input if it is simpler and still interesting.
    pub(super) fn consider(&mut self, candidate: Vec<u8>) -> Result<bool, Stopped> {
        self.work(candidate.len())?;
        let hash = hash(&candidate);
        if self.rejected.contains(&hash) {
            return Ok(false);
        }
        let Some(candidate) = Measured::new(self.order, candidate) else { return Ok(false) };
        if self.order.compare(&candidate, &self.best) != Ordering::Less {
            return Ok(false);
        }
        match (self.ask)(&candidate.bytes) {
            Verdict::Stop => Err(Stopped),
            Verdict::Keep => {
                self.best = candidate;
                self.improvements += 1;
                Ok(true)
            }
            Verdict::Reject => {
                if self.rejected.len() == MAX_REJECTED {
                    self.rejected.clear();
                }
                self.rejected.insert(hash);
                Ok(false)
            }
        }
    }

    /// Considers the input with `value` in place of each of the copies, and on success moves their
    /// indices to where they then are.
    pub(super) fn replace(&mut self, copies: &mut Copies, value: &[u8]) -> Result<bool, Stopped> {
        self.work(value.len())?;
        if self.value(copies) == value {
            return Ok(false);
        }
        let before = self.sites_within(copies[0]);
        let mut candidate = Vec::with_capacity(self.best.bytes.len());
        let mut at = 0;
        for &index in copies.iter() {
            let range = self.best.site(index).range();
            candidate.extend_from_slice(&self.best.bytes[at..range.start]);
            candidate.extend_from_slice(value);
            at = range.end;
        }
        candidate.extend_from_slice(&self.best.bytes[at..]);
        if !self.consider(candidate)? {
            return Ok(false);
        }
        let after = self.sites_within(copies[0]);
        for (earlier, index) in copies.iter_mut().enumerate() {
            *index = *index + earlier * after - earlier * before;
        }
        Ok(true)
    }

    fn sites_within(&self, index: usize) -> usize {
        self.best.site(index).next as usize - index
    }

    /// Runs a pass on every value, those that hold others first.
    pub(super) fn each(
        &mut self,
        pass: impl Fn(&mut Self, &mut Copies) -> Result<(), Stopped>,
    ) -> Result<(), Stopped> {
        let mut index = 1;
        while index < self.best.sites.list().len() {
            self.work(self.best.value(index).len())?;
            pass(self, &mut vec![index])?;
            index += 1;
        }
        Ok(())
    }

    /// Runs a pass on every set of equal values.
    pub(super) fn equals(
        &mut self,
        pass: impl Fn(&mut Self, &mut Copies) -> Result<(), Stopped>,
    ) -> Result<(), Stopped> {
        let mut index = 1;
        while index < self.best.sites.list().len().min(MAX_SITES_FOR_EQUALS) {
            // The values of one size, and a look at each of the others.
            self.work(self.best.bytes.len() + MAX_SITES_FOR_EQUALS)?;
            let mut copies = self.copies_of(index);
            if copies.len() > 1 && copies[0] == index {
                pass(self, &mut copies)?;
            }
            index += 1;
        }
        Ok(())
    }

    /// All values of the same type and with the same bytes; none for values without bytes.
    fn copies_of(&self, index: usize) -> Copies {
        let (node, value) = (self.best.site(index).node, self.best.value(index));
        let sites = self.best.sites.list().iter().take(MAX_SITES_FOR_EQUALS);
        let equal = sites.enumerate().filter(|(_, site)| {
            self.order.alike(site.node, node) && &self.best.bytes[site.range()] == value
        });
        if value.is_empty() { Copies::new() } else { equal.map(|(index, _)| index).collect() }
    }
}

/// Deterministic, unlike a hasher from `RandomState`.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
