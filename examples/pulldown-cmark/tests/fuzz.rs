//! pulldown-cmark 0.9.0 panics on some headings that end in attributes:
//! <https://github.com/pulldown-cmark/pulldown-cmark/issues/571>, fixed in 0.9.2.
//!
//! The seeds are files, in `testdata/fuzz/markdown_parses_without_panic/`.

use pulldown_cmark::{Options, Parser};

#[shakedown::fuzz]
fn markdown_parses_without_panic(markdown: &str) {
    for _event in Parser::new_ext(markdown, Options::ENABLE_HEADING_ATTRIBUTES) {}
}
