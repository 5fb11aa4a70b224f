//! handlebars=3.5.4: unwrap on None for a mismatched partial block (sunng87/handlebars-rust#427).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let h = handlebars::Handlebars::new();
    let _ = h.render_template(s, &serde_json::json!({"a": 1, "b": [1, 2], "c": {"d": "e"}}));
}
