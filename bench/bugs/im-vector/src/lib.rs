//! im=15.0.0: wrong result / panic: RRB vector (jneem/imbl#33 (rrb::Size::pop, same code)).

use arbitrary::{Arbitrary, Unstructured};

pub fn target(data: &[u8]) {
    if let Ok(ops) = Vec::<Op>::arbitrary(&mut Unstructured::new(data)) {
        target_ops(&ops);
    }
}

use im::Vector;

/// RRB tree concatenation and splitting
#[derive(Debug, Clone, Copy, PartialEq, Arbitrary)]
pub enum Op {
    PushFront(u16),
    PushBack(u16),
    PopFront(u16),
    PopBack(u16),
    InsertAt(u16, u8),
    RemoveAt(u16),
    JoinLeft(u16),
    JoinRight(u16),
    SplitLeft(u16),
    SplitRight(u16),
}

// The upstream fuzz target, with repeat counts in the operations so that trees of several levels are within reach.
pub fn target_ops(ops: &[Op]) {
    let mut v: Vector<u32> = Vector::new();
    let mut m: Vec<u32> = Vec::new();
    let mut c = 0u32;
    for op in ops.iter().take(64) {
        let len = m.len();
        if len > 100_000 {
            break;
        }
        match *op {
            Op::PushFront(n) => {
                let n = n % 5000;
                for _ in 0..n {
                    c += 1;
                    v.push_front(c);
                }
                let mut x: Vec<u32> = (c + 1 - n as u32..=c).rev().collect();
                x.append(&mut m);
                m = x;
            }
            Op::PushBack(n) => {
                for _ in 0..n % 5000 {
                    c += 1;
                    v.push_back(c);
                    m.push(c);
                }
            }
            Op::PopFront(n) => {
                let n = (n as usize).min(len);
                for _ in 0..n {
                    v.pop_front();
                }
                m.drain(..n);
            }
            Op::PopBack(n) => {
                let n = (n as usize).min(len);
                for _ in 0..n {
                    v.pop_back();
                }
                m.truncate(len - n);
            }
            Op::InsertAt(i, n) => {
                for _ in 0..n % 64 {
                    c += 1;
                    let i = i as usize % (m.len() + 1);
                    v.insert(i, c);
                    m.insert(i, c);
                }
            }
            Op::RemoveAt(i) => {
                if len > 0 {
                    let i = i as usize % len;
                    assert_eq!(v.remove(i), m.remove(i));
                }
            }
            Op::JoinLeft(n) => {
                let n = n as u32 % 5000;
                let x: Vec<u32> = (c..c + n).collect();
                c += n;
                let mut y: Vector<u32> = x.iter().copied().collect();
                y.append(v);
                v = y;
                let mut x = x;
                x.append(&mut m);
                m = x;
            }
            Op::JoinRight(n) => {
                let n = n as u32 % 5000;
                let x: Vec<u32> = (c..c + n).collect();
                c += n;
                v.append(x.iter().copied().collect());
                m.extend(x);
            }
            Op::SplitLeft(i) => {
                let i = i as usize % (len + 1);
                v.split_off(i);
                m.truncate(i);
            }
            Op::SplitRight(i) => {
                let i = i as usize % (len + 1);
                v = v.split_off(i);
                m = m.split_off(i);
            }
        }
        assert_eq!(v.len(), m.len(), "length differs from the model");
    }
    assert!(v.iter().eq(m.iter()), "vector differs from the model");
    for i in 0..m.len() {
        assert_eq!(v.get(i), m.get(i), "index differs from the model");
    }
}
