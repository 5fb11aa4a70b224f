//! string-interner=0.7.0: use after free: clone shares raw string pointers (RUSTSEC-2019-0023).

use arbitrary::{Arbitrary, Unstructured};

pub fn target(data: &[u8]) {
    if let Ok(ops) = Vec::<Op>::arbitrary(&mut Unstructured::new(data)) {
        target_ops(&ops);
    }
}

use std::collections::HashMap;
use string_interner::{StringInterner, Sym};

/// A cloned interner keeps pointers into the strings of the original: use after free once that one is dropped.
#[derive(Debug, Clone, PartialEq, Arbitrary)]
pub enum Op {
    Intern(String),
    Get(String),
    /// work on a clone from here on, the original is kept
    Fork,
    /// drop the oldest interner that is still there
    DropOldest,
}

pub fn target_ops(ops: &[Op]) {
    let mut all: Vec<StringInterner<Sym>> = vec![StringInterner::new()];
    let mut m: HashMap<String, Sym> = HashMap::new();
    for op in ops.iter().take(200) {
        match op {
            Op::Intern(s) => {
                let y = all.last_mut().unwrap().get_or_intern(s.clone());
                if let Some(x) = m.get(s) {
                    assert_eq!(*x, y, "interned string lost");
                } else {
                    m.insert(s.clone(), y);
                }
            }
            Op::Get(s) => assert_eq!(
                all.last().unwrap().get(s.as_str()),
                m.get(s).copied(),
                "interned string lost"
            ),
            Op::Fork => {
                let c = all.last().unwrap().clone();
                all.push(c);
            }
            Op::DropOldest => {
                if all.len() > 1 {
                    all.remove(0);
                }
            }
        }
    }
}

pub fn crash_ops() -> Vec<Op> {
    vec![
        Op::Intern("hello, a string".into()),
        Op::Fork,
        Op::DropOldest,
        Op::Get("hello, a string".into()),
    ]
}
