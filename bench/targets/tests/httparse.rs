//! A real parser: about 100 ns a call.

mod bare;

#[shakedown::fuzz(seeds = [include_bytes!("../seeds/httparse")])]
fn httparse(data: &[u8]) {
    bench_targets::httparse(data);
}

#[test]
#[ignore = "a measurement, for the bench `limit`"]
fn calls() {
    bare::run(bench_targets::httparse);
}
