//! pulldown-cmark=0.9.0: unwrap on None parsing heading attributes (pulldown-cmark#571).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let mut o = pulldown_cmark::Options::empty();
    o.insert(pulldown_cmark::Options::ENABLE_HEADING_ATTRIBUTES);
    for _ in pulldown_cmark::Parser::new_ext(s, o) {}
}
