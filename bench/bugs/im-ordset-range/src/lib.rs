//! im=15.0.0: wrong result: OrdSet::range past its end (bodil/im-rs#143).

use arbitrary::{Arbitrary, Unstructured};

pub fn target(data: &[u8]) {
    if let Ok(ops) = Vec::<Op>::arbitrary(&mut Unstructured::new(data)) {
        target_ops(&ops);
    }
}

use im::OrdSet;
use std::collections::BTreeSet;

/// range() yields keys outside the range when the end is not in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Arbitrary)]
pub enum Op {
    Insert(u16),
    Remove(u16),
    RemoveMin,
    RemoveMax,
    InsertRun(u16, u16),
    RemoveRun(u16, u16),
    Range(u16, u16),
}

pub fn target_ops(ops: &[Op]) {
    let mut s: OrdSet<u16> = OrdSet::new();
    let mut m: BTreeSet<u16> = BTreeSet::new();
    for op in ops.iter().take(300) {
        match *op {
            Op::Insert(x) => {
                let new = m.insert(x);
                assert_eq!(s.insert(x).is_none(), new);
            }
            Op::Remove(x) => {
                let had = m.remove(&x);
                assert_eq!(s.remove(&x).is_some(), had);
            }
            Op::RemoveMin => assert_eq!(s.remove_min(), m.pop_first()),
            Op::RemoveMax => assert_eq!(s.remove_max(), m.pop_last()),
            Op::InsertRun(a, n) => {
                for x in a..a.saturating_add(n % 4096) {
                    s.insert(x);
                    m.insert(x);
                }
            }
            Op::RemoveRun(a, n) => {
                for x in a..a.saturating_add(n % 2048) {
                    s.remove(&x);
                    m.remove(&x);
                }
            }
            Op::Range(a, b) => {
                if a < b {
                    assert!(
                        s.range(a..b).all(|x| *x >= a && *x <= b),
                        "range yields a key outside"
                    );
                }
            }
        }
        assert_eq!(s.len(), m.len(), "length differs from the model");
    }
    assert!(s.iter().eq(m.iter()), "set differs from the model");
}
