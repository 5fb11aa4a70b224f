//! Operations on a data structure, against a model: sets of integers.

use std::collections::BTreeSet;

use arbitrary::{Arbitrary, Unstructured};
use roaring::RoaringBitmap;

#[derive(Debug, Arbitrary)]
enum Op {
    Insert(u32),
    InsertRange(u16, u8),
    Remove(u32),
    RemoveRange(u16, u8),
    Optimize,
    Rank(u32),
    Both(Vec<u16>),
    Xor(Vec<u16>),
}

pub fn target(data: &[u8]) {
    let Ok(ops) = Vec::<Op>::arbitrary(&mut Unstructured::new(data)) else { return };
    let mut set = RoaringBitmap::new();
    let mut model = BTreeSet::new();
    for op in ops.into_iter().take(64) {
        step(&mut set, &mut model, op);
        assert_eq!(set.len(), model.len() as u64);
    }
    assert!(set.iter().eq(model));
}

fn step(set: &mut RoaringBitmap, model: &mut BTreeSet<u32>, op: Op) {
    let wide = |items: &[u16]| items.iter().map(|x| u32::from(*x)).collect::<BTreeSet<_>>();
    let range = |first: u16, length: u8| u32::from(first)..u32::from(first) + u32::from(length);
    match op {
        Op::Insert(x) => assert_eq!(set.insert(x), model.insert(x)),
        Op::Remove(x) => assert_eq!(set.remove(x), model.remove(&x)),
        Op::InsertRange(first, length) => {
            set.insert_range(range(first, length));
            model.extend(range(first, length));
        }
        Op::RemoveRange(first, length) => {
            set.remove_range(range(first, length));
            range(first, length).for_each(|x| drop(model.remove(&x)));
        }
        Op::Optimize => drop(set.optimize()),
        Op::Rank(x) => assert_eq!(set.rank(x), model.range(..=x).count() as u64),
        Op::Both(items) => {
            *set &= wide(&items).into_iter().collect::<RoaringBitmap>();
            *model = &*model & &wide(&items);
        }
        Op::Xor(items) => {
            *set ^= wide(&items).into_iter().collect::<RoaringBitmap>();
            *model = &*model ^ &wide(&items);
        }
    }
}
