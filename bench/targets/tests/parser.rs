//! A real parser.

#[shakedown::fuzz(seeds = [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"])]
fn httparse(data: &[u8]) {
    bench_targets::httparse(data);
}
