//! branca=0.9.2: expect() on invalid base62 (RUSTSEC-2020-0075).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let _ = branca::decode(s, b"supersecretkeyyoushouldnotcommit", 0);
}
