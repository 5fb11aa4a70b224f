//! The current httparse: whoever reads a request from the network sees its beginnings first, and
//! none of them may be refused, or said to be complete.
//!
//! The seeds are files, in `testdata/fuzz/beginnings_of_requests_are_partial/`.

use httparse::{EMPTY_HEADER, Request, Result, Status};

#[shakedown::fuzz(max_len = 512, dict = ["Content-Length", "Transfer-Encoding", " HTTP/1.0\r\n"])]
fn beginnings_of_requests_are_partial(bytes: &[u8]) {
    if let Ok(Status::Complete(len)) = parse(bytes) {
        for end in 0..len {
            assert_eq!(parse(&bytes[..end]), Ok(Status::Partial), "the first {end} bytes");
        }
    }
}

fn parse(bytes: &[u8]) -> Result<usize> {
    let mut headers = [EMPTY_HEADER; 16];
    Request::new(&mut headers).parse(bytes)
}
