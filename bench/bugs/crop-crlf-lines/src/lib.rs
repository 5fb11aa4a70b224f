//! crop=0.2.0: wrong result: CRLF split over chunks (nomad/crop CHANGELOG 0.3.0 (commit 3dc764e)).

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

/// lines() keeps the carriage return when a CRLF pair is split over two chunks.
#[derive(Debug, Clone, Copy, PartialEq, Arbitrary)]
pub enum Op {
    Insert(u16, u8, u8),
    Delete(u16, u16),
    Replace(u16, u16, u8, u8),
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
            Op::Replace(a, b, k, n) => {
                let (a, b) = (floor(&m, a as usize), floor(&m, b as usize));
                let (a, b) = (a.min(b), a.max(b));
                let p = piece(k, n);
                r.replace(a..b, &p);
                m.replace_range(a..b, &p);
            }
        }
    }
    assert_eq!(r.byte_len(), m.len(), "length differs from the model");
    assert!(r.to_string() == m, "text differs from the model");
    let mut want = m.lines();
    for l in r.lines() {
        assert_eq!(Some(l.to_string().as_str()), want.next(), "lines differ from the model");
    }
}
