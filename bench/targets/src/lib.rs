//! The code under test, the same for every engine. Nothing here is inlined into an engine's own
//! glue, so that all of them run the same instrumented code.
//!
//! Beside [`empty`] there are five real parsers and the like, one for each decade of what a call
//! costs. None but [`json`] gives up early where an input is broken: a change to it leaves the cost
//! about the same, so that engines with other mutations still do similar work.

use std::hint::black_box;

/// Nothing: what remains is the engine's own work.
#[inline(never)]
pub fn empty(data: &[u8]) {
    black_box(data.len());
}

/// Parses a request with up to 32 headers: about 100 ns.
#[inline(never)]
pub fn httparse(data: &[u8]) {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let _ = black_box(request.parse(data));
}

/// Parses a short URL: about 1 µs.
#[inline(never)]
pub fn url(data: &[u8]) {
    let _ = black_box(url::Url::parse(&String::from_utf8_lossy(data)));
}

/// Parses a document of 2 KiB: about 10 µs, broken ones included.
#[inline(never)]
pub fn json(data: &[u8]) {
    let _ = black_box(serde_json::from_slice::<serde_json::Value>(data));
}

/// Makes HTML of a page of text, 6 KiB: about 100 µs.
#[inline(never)]
pub fn markdown(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut html = String::new();
    let options = pulldown_cmark::Options::all();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new_ext(&text, options));
    black_box(html);
}

/// Compares the halves of 1 KiB, byte by byte: about 1 ms.
#[inline(never)]
pub fn diff(data: &[u8]) {
    let (old, new) = data.split_at(data.len() / 2);
    black_box(similar::capture_diff_slices(similar::Algorithm::Myers, old, new));
}
