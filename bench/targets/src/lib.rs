//! The code under test, the same for every engine. Nothing here is inlined into an engine's own
//! glue, so that all of them run the same instrumented code.

use std::hint::black_box;

/// Nothing: what remains is the engine's own work.
#[inline(never)]
pub fn empty(data: &[u8]) {
    black_box(data.len());
}

/// Parses a request with up to 32 headers.
#[inline(never)]
pub fn httparse(data: &[u8]) {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let _ = black_box(request.parse(data));
}
