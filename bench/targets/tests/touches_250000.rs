//! A program of 250000 counters.
#![cfg(fuzzing)]

mod touches;

const COUNTERS: usize = 250000;

#[shakedown::fuzz]
fn touches_300_of_250000(data: &[u8]) {
    touches::touch();
    std::hint::black_box(data);
}
