//! toml=0.5.8: stack overflow: nested arrays (alexcrichton/toml-rs#428).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let _ = s.parse::<toml::Value>();
}
