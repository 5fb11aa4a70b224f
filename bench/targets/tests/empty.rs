//! The cheapest target there is, in a binary of its own.

#[shakedown::fuzz]
fn empty(data: &[u8]) {
    bench_targets::empty(data);
}
