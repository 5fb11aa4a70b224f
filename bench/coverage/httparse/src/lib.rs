//! A parser of a protocol: heads of HTTP.

pub fn target(data: &[u8]) {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let _ = httparse::Request::new(&mut headers).parse(data);
    let _ = httparse::Response::new(&mut headers).parse(data);
    let _ = httparse::parse_chunk_size(data);
}
