//! A real algorithm: about 1 ms a call.

mod bare;

#[shakedown::fuzz(seeds = [include_bytes!("../seeds/diff")])]
fn diff(data: &[u8]) {
    bench_targets::diff(data);
}

#[test]
#[ignore = "a measurement, for the bench `limit`"]
fn calls() {
    bare::run(bench_targets::diff);
}
