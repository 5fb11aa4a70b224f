//! blurhash=0.1.1: unwrap / UTF-8 boundary on a multi-byte character (RUSTSEC-2023-0083).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    // the length check panics by design in this version: keep it out, so that only the reported bug is left
    let c: Vec<char> = s.chars().collect();
    const A: &str =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
    if s.len() < 6 || !c.iter().all(|c| A.contains(*c) || !c.is_ascii()) {
        return;
    }
    let Some(f) = A.chars().position(|x| x == c[0]) else { return };
    if s.len() != 4 + 2 * (f / 9 + 1) * (f % 9 + 1) {
        return;
    }
    let _ = blurhash::decode(s, 4, 4, 1.0);
}
