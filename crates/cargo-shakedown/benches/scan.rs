//! The pass over the counters after every execution. The module is private to the runtime, whose
//! tests own it; it is compiled in here as it stands, because the worker's own figures cannot tell
//! it from the rest of the loop.

#[allow(dead_code, unused_imports, reason = "the tests and constructors are not used here")]
#[path = "../../shakedown/src/coverage/mod.rs"]
mod coverage;

use std::hint::black_box;
use std::sync::atomic::AtomicU64;

use coverage::Counters;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Of so many counters one is hit.
const SPARSITY: usize = 64;

fn scan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scan");
    for count in [256, 1024, 13 * 1024, 64 * 1024, 256 * 1024] {
        let mut memory = vec![0u8; count];
        let seen: Vec<AtomicU64> = (0..count / 8).map(|_| AtomicU64::new(u64::MAX)).collect();
        let start = memory.as_mut_ptr().expose_provenance();
        let mut counters = ours(start, count);
        group.throughput(Throughput::Bytes(count as u64));
        group.bench_function(format!("none_hit/{count}"), |bencher| {
            bencher.iter(|| black_box(counters.take(&seen)));
        });
        group.bench_function(format!("one_in_{SPARSITY}_hit/{count}"), |bencher| {
            bencher.iter(|| {
                hit(start, count);
                black_box(counters.take(&seen))
            });
        });
    }
}

#[expect(unsafe_code, reason = "counters are raw memory")]
fn ours(start: usize, count: usize) -> Counters {
    // SAFETY: the vector of the caller outlives the counters, and its provenance is exposed.
    unsafe { Counters::new(&[(start, start + count)]) }
}

/// What instrumented code does: increments, spread over the program.
#[expect(unsafe_code, reason = "counters are raw memory")]
fn hit(start: usize, count: usize) {
    for at in (0..count).step_by(SPARSITY) {
        // SAFETY: within the vector, whose provenance is exposed.
        unsafe { std::ptr::with_exposed_provenance_mut::<u8>(start + at).write(1) };
    }
}

criterion_group!(benches, scan);
criterion_main!(benches);
