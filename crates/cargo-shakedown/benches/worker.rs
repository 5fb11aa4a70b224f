//! The engine with a real worker process: what an execution costs, a round trip, a minimization,
//! and the death of a worker.

mod common;

use std::hint::black_box;
use std::time::Instant;

use cargo_shakedown::internals::{
    Control, CoverageMap, Done, Memory, Program, Session, Watch, Worker,
};
use common::{Target, build_targets, encoded};
use criterion::{
    BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use shakedown_core::failure::Failure;
use shakedown_core::wire::layout::Layout;
use shakedown_core::wire::{Answer, Call, Keep, Outcome};

/// No limit that a minimization of 1 KiB would reach.
const NO_LIMIT: u64 = 1_000_000;

fn worker(criterion: &mut Criterion) {
    let binaries = build_targets();
    let mut group = criterion.benchmark_group("worker");
    executions(&mut group, &binaries);
    ping(&mut group, &binaries);
    group.sample_size(20);
    minimize(&mut group, &binaries);
    restart(&mut group, &binaries);
}

/// One execution: copy, mutate, announce, call, compare coverage. The calls that carry the
/// executions are part of the time.
fn executions(group: &mut BenchmarkGroup<'_, WallTime>, binaries: &[Program]) {
    let request: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let inputs = [
        ("empty", &[][..], "0_bytes"),
        ("empty", &[0; 32], "32_bytes"),
        ("httparse", request, "27_bytes"),
        ("touches_300_of_4000", &[0; 32], "32_bytes"),
        ("touches_300_of_250000", &[0; 32], "32_bytes"),
    ];
    for (id, content, name) in inputs {
        let target = Target::new(binaries, id, 128);
        println!("{id}: {} counters", target.greeting.counters);
        let mut running = target.start();
        let entry = encoded(content);
        running.fuzz(&entry, 1_000_000);
        group.bench_function(format!("execute/{id}/{name}"), |bencher| {
            bencher.iter_custom(|execs| {
                let started = Instant::now();
                running.fuzz(&entry, execs);
                started.elapsed()
            });
        });
    }
}

/// One call that does nothing, and its answer.
fn ping(group: &mut BenchmarkGroup<'_, WallTime>, binaries: &[Program]) {
    let Target { setup, greeting } = Target::new(binaries, "empty", 128);
    let counters = greeting.counters as usize;
    let layout = Layout { capacity: setup.capacity, counters };
    let control = Control::default();
    let map = CoverageMap::new(counters).expect("a coverage map");
    let mut memory = Memory::new().expect("shared memory");
    memory.format(layout).expect("shared memory");
    let (worker, _) =
        Worker::start(&setup, &memory, map.file(), &control).expect("a worker starts");
    let worker = worker.attach(&setup, layout, &memory, &control);
    let mut worker = worker.expect("it maps its memory");
    let timeout = setup.limits.timeout();
    let watch =
        Watch { memory: &memory, control: &control, timeout, memory_limit: None, patience: None };
    group.bench_function("ping", |bencher| {
        bencher.iter(|| {
            let answer = worker.call(&Call::Ping, &watch);
            assert!(matches!(answer, Ok(Answer::Done)));
        });
    });
}

/// Minimizing 1 KiB: to five bytes, and where nothing smaller fails, so that every candidate is
/// tried in vain.
fn minimize(group: &mut BenchmarkGroup<'_, WallTime>, binaries: &[Program]) {
    let scattered: Vec<u8> = (0..1024).map(|at| (at * 7 % 256) as u8).collect();
    for (id, content) in [("contains", scattered), ("is_1024_zeros", vec![0; 1024])] {
        let mut running = Target::new(binaries, id, 2048).start();
        let input = encoded(&content);
        let keep = Keep::Failure(failure(&mut running.session, &input).key());
        let mut execs = 0;
        group.bench_function(format!("minimize/{id}"), |bencher| {
            bencher.iter(|| {
                let done = running.session.minimize(&input, keep.clone(), NO_LIMIT, NO_LIMIT);
                let Done::Answered((minimized, Some(best))) = done else {
                    panic!("not minimized: {done:?}");
                };
                execs = minimized.execs;
                black_box(best)
            });
        });
        println!("minimize/{id}: {execs} executions");
    }
}

/// How the target fails with this input.
fn failure(session: &mut Session, input: &[u8]) -> Failure {
    match session.execute(input) {
        Done::Answered((executed, _)) => match executed.outcome {
            Outcome::Failed(failure) => failure,
            other => panic!("no failure: {other:?}"),
        },
        Done::Ended(ended) => panic!("the worker ended: {ended:?}"),
    }
}

/// From the call that kills the worker to the first answer of the next one.
fn restart(group: &mut BenchmarkGroup<'_, WallTime>, binaries: &[Program]) {
    let mut session = Target::new(binaries, "aborts", 128).start().session;
    let (deadly, harmless) = (encoded(b"x"), encoded(b"y"));
    group.bench_function("restart", |bencher| {
        bencher.iter(|| {
            assert!(matches!(session.execute(&deadly), Done::Ended(_)));
            assert!(matches!(session.execute(&harmless), Done::Answered(_)));
        });
    });
}

criterion_group!(benches, worker);
criterion_main!(benches);
