//! simple-slab=0.3.2: out-of-bounds read: remove() off by one (RUSTSEC-2020-0039).

use arbitrary::{Arbitrary, Unstructured};

pub fn target(data: &[u8]) {
    if let Ok(ops) = Vec::<Op>::arbitrary(&mut Unstructured::new(data)) {
        target_ops(&ops);
    }
}

use simple_slab::Slab;

/// remove() reads one element past the end (off by one) and puts it in the hole.
#[derive(Debug, Clone, Copy, PartialEq, Arbitrary)]
pub enum Op {
    Insert(u32),
    Remove(u8),
}

pub fn target_ops(ops: &[Op]) {
    let mut s: Slab<u32> = Slab::with_capacity(4);
    let mut m: Vec<u32> = Vec::new();
    for op in ops {
        match *op {
            Op::Insert(x) => {
                s.insert(x);
                m.push(x);
            }
            Op::Remove(i) => {
                if !m.is_empty() {
                    let i = i as usize % m.len();
                    assert_eq!(s.remove(i), m.swap_remove(i));
                }
            }
        }
        assert_eq!(s.len(), m.len());
        assert!(s.iter().eq(m.iter()), "slab differs from the model");
    }
}
