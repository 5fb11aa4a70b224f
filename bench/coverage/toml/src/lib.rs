//! A parser of text: TOML.

pub fn target(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = text.parse::<toml::Table>();
    }
}
