//! bcrypt=0.19.1: UTF-8 boundary slice in a 60-byte hash (RUSTSEC-2026-0199).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    // parsing only: verify() would hash for a second on every valid string
    let _ = s.parse::<bcrypt::HashParts>();
}
