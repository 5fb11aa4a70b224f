//! fancy-regex=0.6.0: index out of bounds at an unfinished escape (fancy-regex#76).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let _ = fancy_regex::Regex::new(s);
}
