//! Plain calls of a target, one after the other: what no engine can be faster than. The bench
//! `limit` starts this in the same binary whose worker it measures.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// Calls the target with the inputs of a file, in turn, and prints the number of calls, their
/// processor time and their time in nanoseconds. The environment has the file, `BENCH_INPUTS`, and
/// for how long, `BENCH_SECONDS`. In the file each input comes after its length, as the engine
/// encodes it; nothing is decoded while time is taken.
pub fn run(target: fn(&[u8])) {
    let variable = |name| std::env::var(name).expect("the bench `limit` sets it");
    let duration = Duration::from_secs_f64(variable("BENCH_SECONDS").parse().expect("seconds"));
    let file = std::fs::read(variable("BENCH_INPUTS")).expect("the inputs");
    let mut inputs = Vec::new();
    let mut rest = &file[..];
    while let Some((len, after)) = rest.split_first_chunk() {
        let (input, after) = after.split_at(u32::from_le_bytes(*len) as usize);
        inputs.push(input);
        rest = after;
    }
    let pass = || inputs.iter().for_each(|input| black_box(target)(input));

    pass();
    let mut calls = 0;
    let (started, on_processor) = (Instant::now(), processor_time());
    while started.elapsed() < duration {
        pass();
        calls += inputs.len();
    }
    let elapsed = started.elapsed();
    let on_processor = processor_time() - on_processor;
    println!("bare {calls} {on_processor} {}", elapsed.as_nanos());
}

/// Of this thread, in nanoseconds.
fn processor_time() -> u64 {
    // The kernel brings the figure up to date when the thread leaves the processor.
    std::thread::sleep(Duration::from_millis(1));
    let stat = std::fs::read_to_string(Path::new("/proc/thread-self/schedstat")).expect("Linux");
    stat.split(' ').next().expect("a field").parse().expect("nanoseconds")
}
