//! A renderer of Markdown.

pub fn target(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let parser = pulldown_cmark::Parser::new_ext(text, pulldown_cmark::Options::all());
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, parser);
    }
}
