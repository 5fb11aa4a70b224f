//! slice-deque=0.1.15: memory corruption: head/tail wrong across the mirrored page (RUSTSEC-2019-0002).

use arbitrary::{Arbitrary, Unstructured};

pub fn target(data: &[u8]) {
    if let Ok(ops) = Vec::<Op>::arbitrary(&mut Unstructured::new(data)) {
        target_ops(&ops);
    }
}

use slice_deque::SliceDeque;
use std::collections::VecDeque;

/// head and tail go wrong when the element size does not divide the page and the deque
/// has been shifted over the mirrored page boundary.
type T = [u8; 3];

#[derive(Debug, Clone, Copy, PartialEq, Arbitrary)]
pub enum Op {
    PushBack(T),
    PushFront(T),
    PopBack,
    PopFront,
    /// n times push at one end and pop at the other
    Rotate(bool, u16),
}

pub fn target_ops(ops: &[Op]) {
    // not dropped: its Drop is out of bounds by one for today's debug checks, which is not the bug looked for
    let mut q: std::mem::ManuallyDrop<SliceDeque<T>> =
        std::mem::ManuallyDrop::new(SliceDeque::new());
    let mut m: VecDeque<T> = VecDeque::new();
    for op in ops.iter().take(100) {
        match *op {
            Op::PushBack(x) => {
                q.push_back(x);
                m.push_back(x);
            }
            Op::PushFront(x) => {
                q.push_front(x);
                m.push_front(x);
            }
            Op::PopBack => assert_eq!(q.pop_back(), m.pop_back()),
            Op::PopFront => assert_eq!(q.pop_front(), m.pop_front()),
            Op::Rotate(front, n) => {
                for _ in 0..n {
                    if front {
                        if let Some(x) = m.pop_front() {
                            m.push_back(x);
                            let y = q.pop_front().unwrap();
                            assert_eq!(x, y);
                            q.push_back(y);
                        }
                    } else if let Some(x) = m.pop_back() {
                        m.push_front(x);
                        let y = q.pop_back().unwrap();
                        assert_eq!(x, y);
                        q.push_front(y);
                    }
                }
            }
        }
        assert_eq!(q.len(), m.len());
        assert!(q.iter().eq(m.iter()), "deque differs from the model");
    }
}
