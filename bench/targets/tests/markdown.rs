//! A real parser and printer: about 100 µs a call.

mod bare;

#[shakedown::fuzz(seeds = [include_bytes!("../seeds/markdown")])]
fn markdown(data: &[u8]) {
    bench_targets::markdown(data);
}

#[test]
#[ignore = "a measurement, for the bench `limit`"]
fn calls() {
    bare::run(bench_targets::markdown);
}
