//! im 15.0.0 gives keys that lie outside of the range that an `OrdSet` was asked for:
//! <https://github.com/bodil/im-rs/issues/143>, fixed in 15.1.0.
//!
//! The target is a sequence of operations, done to the set and to a model of it.

use std::collections::BTreeSet;

use im::OrdSet;
use shakedown::Input;

/// Keys are few, so that operations often meet the same ones.
#[derive(Debug, Input)]
enum Op {
    Insert(#[input(range = 0..1024)] u16),
    Remove(#[input(range = 0..1024)] u16),
    RemoveMin,
    RemoveMax,
    InsertRun {
        #[input(range = 0..1024)]
        start: u16,
        #[input(range = 0..=128)]
        len: u16,
    },
    Range {
        #[input(range = 0..1024)]
        start: u16,
        #[input(range = 1..=64)]
        len: u16,
    },
}

#[shakedown::fuzz(seeds = [
    vec![Op::Insert(3), Op::Insert(5), Op::Range { start: 3, len: 2 }, Op::Remove(5)],
    vec![Op::InsertRun { start: 0, len: 100 }, Op::RemoveMin, Op::RemoveMax],
])]
fn ord_set_agrees_with_btree_set(#[input(len = ..=50)] ops: Vec<Op>) {
    let mut set = OrdSet::new();
    let mut model = BTreeSet::new();
    for op in ops {
        match op {
            Op::Insert(key) => assert_eq!(set.insert(key).is_none(), model.insert(key)),
            Op::Remove(key) => assert_eq!(set.remove(&key).is_some(), model.remove(&key)),
            Op::RemoveMin => assert_eq!(set.remove_min(), model.pop_first()),
            Op::RemoveMax => assert_eq!(set.remove_max(), model.pop_last()),
            Op::InsertRun { start, len } => {
                set.extend(start..start + len);
                model.extend(start..start + len);
            }
            Op::Range { start, len } => {
                let range = start..start + len;
                assert!(
                    set.range(range.clone()).eq(model.range(range.clone())),
                    "the keys of {range:?}"
                );
            }
        }
        assert_eq!(set.len(), model.len());
    }
    assert!(set.iter().eq(&model));
}
