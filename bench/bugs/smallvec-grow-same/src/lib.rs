//! smallvec=0.6.9: double free / use after free: grow(n) with n equal to the capacity of a spilled vector (RUSTSEC-2019-0009).

use arbitrary::{Arbitrary, Unstructured};

pub fn target(data: &[u8]) {
    if let Ok(ops) = Vec::<Op>::arbitrary(&mut Unstructured::new(data)) {
        target_ops(&ops);
    }
}

use smallvec::SmallVec;

/// RUSTSEC RUSTSEC-2019-0009: double free / use after free: grow(n) with n equal to the capacity of a spilled vector
#[derive(Debug, Clone, Copy, PartialEq, Arbitrary)]
pub enum Op {
    Push(u32),
    Pop,
    Insert(u8, u32),
    Remove(u8),
    Truncate(u8),
    Reserve(u8),
    Grow(u8),
    ShrinkToFit,
    Drain,
}

pub fn target_ops(ops: &[Op]) {
    let mut v: SmallVec<[u32; 4]> = SmallVec::new();
    let mut m: Vec<u32> = Vec::new();
    for op in ops {
        match *op {
            Op::Push(x) => {
                v.push(x);
                m.push(x);
            }
            Op::Pop => assert_eq!(v.pop(), m.pop()),
            Op::Insert(i, x) => {
                let i = i as usize % (m.len() + 1);
                v.insert(i, x);
                m.insert(i, x);
            }
            Op::Remove(i) => {
                if !m.is_empty() {
                    let i = i as usize % m.len();
                    assert_eq!(v.remove(i), m.remove(i));
                }
            }
            Op::Truncate(n) => {
                v.truncate(n as usize);
                m.truncate(n as usize);
            }
            Op::Reserve(n) => v.reserve(n as usize),
            Op::Grow(n) => {
                let n = n as usize;
                // grow() asks for n >= len; the other advisory of this version is kept out.
                if n >= m.len() && n > 4 {
                    v.grow(n);
                }
            }
            Op::ShrinkToFit => v.shrink_to_fit(),
            Op::Drain => assert_eq!(v.drain().collect::<Vec<_>>(), std::mem::take(&mut m)),
        }
        assert_eq!(v.len(), m.len());
        assert_eq!(&v[..], &m[..]);
    }
}
