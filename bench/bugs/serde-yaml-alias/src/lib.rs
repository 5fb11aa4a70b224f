//! serde_yaml=0.8.3: stack overflow: an alias inside its own anchor (RUSTSEC-2018-0005).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    if s.matches('[').count() + s.matches('{').count() + s.matches('-').count() > 200 {
        return;
    } // plain nesting is another bug
    let _ = serde_yaml::from_str::<serde_yaml::Value>(s);
}
