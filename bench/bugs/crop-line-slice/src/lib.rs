//! crop=0.4.1: panic (or endless loop) in RopeSlice::line_slice at the end (nomad/crop#16).

use arbitrary::{Arbitrary, Unstructured};

pub fn target(data: &[u8]) {
    if let Ok(ops) = Vec::<Op>::arbitrary(&mut Unstructured::new(data)) {
        target_ops(&ops);
    }
}

use crop::Rope;

/// piece(kind, n): a run of n of one of a few texts, so that operations stay plain numbers
fn piece(kind: u8, n: u8) -> String {
    const P: [&str; 8] = ["a", "\n", "\r\n", "\r", "a\u{e9}", "\u{3147}", "hello ", "\u{1f600}"];
    P[kind as usize % 8].repeat(n as usize)
}
fn floor(s: &str, mut i: usize) -> usize {
    if i > s.len() {
        i %= s.len() + 1;
    }
    while !s.is_char_boundary(i) {
        i -= 1;
    }
    i
}

/// line_slice at the very end panics or never returns when the text has no final line break.
#[derive(Debug, Clone, Copy, PartialEq, Arbitrary)]
pub enum Op {
    Insert(u16, u8, u8),
    Delete(u16, u16),
    LineSlice(u8, u8),
    ByteThenLineSlice(u16, u16, u8, u8),
}

pub fn target_ops(ops: &[Op]) {
    let mut r = Rope::new();
    let mut m = String::new();
    for op in ops.iter().take(60) {
        match *op {
            Op::Insert(i, k, n) => {
                let i = floor(&m, i as usize);
                let p = piece(k, n);
                r.insert(i, &p);
                m.insert_str(i, &p);
            }
            Op::Delete(a, b) => {
                let (a, b) = (floor(&m, a as usize), floor(&m, b as usize));
                let (a, b) = (a.min(b), a.max(b));
                r.delete(a..b);
                m.replace_range(a..b, "");
            }
            Op::LineSlice(a, b) => {
                let n = r.line_len() + 1;
                let (a, b) = (a as usize % n, b as usize % n);
                let _ = r.line_slice(a.min(b)..a.max(b)).byte_len();
            }
            Op::ByteThenLineSlice(a, b, c, d) => {
                let (a, b) = (floor(&m, a as usize), floor(&m, b as usize));
                let s = r.byte_slice(a.min(b)..a.max(b));
                let n = s.line_len() + 1;
                let (c, d) = (c as usize % n, d as usize % n);
                let _ = s.line_slice(c.min(d)..c.max(d)).byte_len();
            }
        }
    }
}
