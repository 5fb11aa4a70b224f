//! phonenumber=0.3.2+8.13.9: index out of bounds for an empty number before the context (RUSTSEC-2023-0082).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let _ = phonenumber::parse(None, s);
}
