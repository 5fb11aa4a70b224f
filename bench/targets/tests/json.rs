//! A real parser: about 10 µs a call.

mod bare;

#[shakedown::fuzz(seeds = [include_bytes!("../seeds/json")])]
fn json(data: &[u8]) {
    bench_targets::json(data);
}

#[test]
#[ignore = "a measurement, for the bench `limit`"]
fn calls() {
    bare::run(bench_targets::json);
}
