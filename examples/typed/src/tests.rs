//! Sequences of operations on a [`RangeSet`], against a model.

use std::collections::BTreeSet;
use std::ops::Range;

use shakedown::Input;

use super::RangeSet;

/// The end of the values that occur: few, so that ranges often meet.
const END: u32 = 64;

/// An operation on a set.
#[derive(Debug, Input)]
enum Op {
    Insert {
        #[input(range = 0..END)]
        start: u32,
        /// As far as [`END`], if there is none.
        #[input(default = Some(1))]
        len: Option<u8>,
    },
    Remove {
        #[input(range = 0..END)]
        start: u32,
        #[input(default = Some(1))]
        len: Option<u8>,
    },
    InsertAll(Expr),
    RemoveAll(Expr),
    Clear,
}

/// What another set is made by. It contains itself: the engine makes trees of it.
#[derive(Debug, Input)]
enum Expr {
    Current,
    Range {
        #[input(range = 0..END)]
        start: u32,
        #[input(range = 1..=16)]
        len: u32,
    },
    Gaps(Box<Expr>),
    Union(#[input(len = ..=4)] Vec<Expr>),
}

/// The set, and what it should have in it.
#[derive(Clone, Default)]
struct Pair {
    set: RangeSet,
    model: BTreeSet<u32>,
}

impl Pair {
    fn apply(&mut self, op: &Op) {
        match op {
            Op::Insert { start, len } => self.insert(range(*start, len.map(u32::from))),
            Op::Remove { start, len } => self.remove(range(*start, len.map(u32::from))),
            Op::InsertAll(expr) => self.insert_all(&self.value_of(expr)),
            Op::RemoveAll(expr) => {
                let removed = self.value_of(expr);
                removed.set.as_ranges().iter().for_each(|range| self.set.remove(range.clone()));
                self.model.retain(|value| !removed.model.contains(value));
            }
            Op::Clear => *self = Self::default(),
        }
    }

    fn value_of(&self, expr: &Expr) -> Self {
        let mut value = Self::default();
        match expr {
            Expr::Current => value = self.clone(),
            Expr::Range { start, len } => value.insert(range(*start, Some(*len))),
            Expr::Gaps(of) => {
                let of = self.value_of(of);
                value.set = of.set.gaps(0..END);
                value.model = (0..END).filter(|value| !of.model.contains(value)).collect();
            }
            Expr::Union(parts) => {
                parts.iter().for_each(|part| value.insert_all(&self.value_of(part)));
            }
        }
        value
    }

    fn insert(&mut self, range: Range<u32>) {
        self.model.extend(range.clone());
        self.set.insert(range);
    }

    fn remove(&mut self, range: Range<u32>) {
        self.model.retain(|value| !range.contains(value));
        self.set.remove(range);
    }

    fn insert_all(&mut self, other: &Self) {
        other.set.as_ranges().iter().for_each(|range| self.set.insert(range.clone()));
        self.model.extend(&other.model);
    }

    fn check(&self) {
        let ranges = self.set.as_ranges();
        assert!(ranges.iter().all(|range| !range.is_empty()), "empty: {ranges:?}");
        assert!(ranges.windows(2).all(|two| two[0].end < two[1].start), "not apart: {ranges:?}");
        assert!(ranges.iter().cloned().flatten().eq(self.model.iter().copied()), "{ranges:?}");
        assert_eq!(self.set.len(), self.model.len());
        assert_eq!(self.set.is_empty(), self.model.is_empty());
    }
}

/// From `start` on, as long as `len` says, but not past the end of all values.
fn range(start: u32, len: Option<u32>) -> Range<u32> {
    start..len.map_or(END, |len| END.min(start + len))
}

#[shakedown::fuzz(max_len = 512, seeds = [
    (vec![Op::Insert { start: 10, len: Some(5) }, Op::Remove { start: 12, len: None }], 11),
    (vec![Op::InsertAll(Expr::Gaps(Box::new(Expr::Range { start: 3, len: 2 }))), Op::Clear], 0),
])]
fn agrees_with_btreeset(
    #[input(len = ..=50)] ops: Vec<Op>,
    #[input(range = 0..END, default = 0)] probe: u32,
) {
    let mut pair = Pair::default();
    for op in &ops {
        pair.apply(op);
        pair.check();
        assert_eq!(pair.set.contains(probe), pair.model.contains(&probe), "after {op:?}");
    }
}

#[test]
fn ranges_that_touch_are_one() {
    let mut set = RangeSet::new();
    set.insert(0..5);
    set.insert(9..12);
    set.insert(5..9);
    assert_eq!((set.as_ranges().len(), set.len()), (1, 12));
    set.remove(3..4);
    assert_eq!(set.as_ranges(), [0..3, 4..12]);
    assert_eq!(set.gaps(0..20).as_ranges(), [3..4, 12..20]);
}
