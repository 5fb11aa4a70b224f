//! A real parser: about 1 µs a call.

mod bare;

#[shakedown::fuzz(seeds = [include_bytes!("../seeds/url")])]
fn url(data: &[u8]) {
    bench_targets::url(data);
}

#[test]
#[ignore = "a measurement, for the bench `limit`"]
fn calls() {
    bare::run(bench_targets::url);
}
