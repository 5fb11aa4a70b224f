//! roaring=0.11.2: wrong result: run iterator nth/advance (RoaringBitmap/roaring-rs#335, #352).

use arbitrary::{Arbitrary, Unstructured};

pub fn target(data: &[u8]) {
    if let Ok(ops) = Vec::<Op>::arbitrary(&mut Unstructured::new(data)) {
        target_ops(&ops);
    }
}

use roaring::RoaringBitmap;

/// Iterators over run containers: nth and advance lose count at the ends of runs.
#[derive(Debug, Clone, Copy, PartialEq, Arbitrary)]
pub enum Op {
    Insert(u16),
    InsertRange(u16, u8),
    Optimize,
    Next,
    NextBack,
    Nth(u8),
    NthBack(u8),
    AdvanceTo(u16),
    AdvanceBackTo(u16),
}

pub fn target_ops(ops: &[Op]) {
    // build first, then walk
    let mut b = RoaringBitmap::new();
    let mut set = std::collections::BTreeSet::new();
    for op in ops {
        match *op {
            Op::Insert(x) => {
                b.insert(x as u32);
                set.insert(x as u32);
            }
            Op::InsertRange(a, n) => {
                b.insert_range(a as u32..a as u32 + n as u32);
                set.extend(a as u32..a as u32 + n as u32);
            }
            Op::Optimize => {
                b.optimize();
            }
            _ => {}
        }
    }
    let all: Vec<u32> = set.into_iter().collect();
    let mut it = b.iter();
    let mut m = &all[..];
    for op in ops {
        match *op {
            Op::Next => {
                assert_eq!(it.next(), m.first().copied(), "next");
                m = m.get(1..).unwrap_or(&[]);
            }
            Op::NextBack => {
                assert_eq!(it.next_back(), m.last().copied(), "next_back");
                m = &m[..m.len().saturating_sub(1)];
            }
            Op::Nth(n) => {
                let n = n as usize;
                assert_eq!(it.nth(n), m.get(n).copied(), "nth");
                m = m.get(n + 1..).unwrap_or(&[]);
            }
            Op::NthBack(n) => {
                let n = n as usize;
                let k = m.len().checked_sub(n + 1);
                assert_eq!(it.nth_back(n), k.map(|k| m[k]), "nth_back");
                m = &m[..k.unwrap_or(0)];
            }
            Op::AdvanceTo(x) => {
                it.advance_to(x as u32);
                m = &m[m.partition_point(|y| *y < x as u32)..];
            }
            Op::AdvanceBackTo(x) => {
                it.advance_back_to(x as u32);
                m = &m[..m.partition_point(|y| *y <= x as u32)];
            }
            _ => continue,
        }
        assert_eq!(it.size_hint().0, m.len(), "size_hint");
    }
    assert!(it.eq(m.iter().copied()), "rest of the iterator differs");
}
