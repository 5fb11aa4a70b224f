//! Targets that fail in known ways, and shapes for the mutator.

/// The bytes that [`contains`] must have.
const WANTED: [u8; 5] = [3, 1, 4, 15, 92];

#[shakedown::fuzz]
fn contains(data: &[u8]) {
    let all = WANTED.iter().all(|byte| data.contains(byte));
    assert!(!all, "all five are there");
}

#[shakedown::fuzz]
fn is_1024_zeros(data: &[u8]) {
    let is = data.len() == 1024 && data.iter().all(|byte| *byte == 0);
    assert!(!is, "nothing smaller fails");
}

#[shakedown::fuzz]
fn aborts(data: &[u8]) {
    if data.starts_with(b"x") {
        std::process::abort();
    }
}

/// An operation on some store.
#[derive(Clone, Debug, shakedown::Input)]
enum Op {
    Push(u32),
    Pop,
    Resize { len: u16, fill: Option<u8> },
    Name(String),
}

fn operations(count: u32) -> Vec<Op> {
    let operation = |number: u32| match number % 4 {
        0 => Op::Push(number),
        1 => Op::Pop,
        2 => Op::Resize { len: number as u16, fill: Some(1) },
        _ => Op::Name(format!("item {number}")),
    };
    (0..count).map(operation).collect()
}

#[shakedown::fuzz(seeds = [operations(100)])]
fn runs(operations: Vec<Op>) {
    std::hint::black_box(operations.len());
}

#[shakedown::fuzz]
fn reads(text: &str) {
    std::hint::black_box(text.len());
}
