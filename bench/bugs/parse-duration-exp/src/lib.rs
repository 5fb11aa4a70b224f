//! parse_duration=2.1.1: time and memory blow up by a large exponent (RUSTSEC-2021-0041).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let _ = parse_duration::parse(s);
}
