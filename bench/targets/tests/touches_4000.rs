//! A program of 4000 counters.
#![cfg(fuzzing)]

mod touches;

const COUNTERS: usize = 4000;

#[shakedown::fuzz]
fn touches_300_of_4000(data: &[u8]) {
    touches::touch();
    std::hint::black_box(data);
}
