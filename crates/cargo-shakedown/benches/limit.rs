//! How near the engine is to its limit: plain calls of the same instrumented function with the same
//! inputs, in a loop, in the same binary. Prints a table of Markdown.
//!
//! `cargo bench -p cargo-shakedown --bench limit -- [ROUNDS] [SECONDS] [TARGET..]`; by default 7
//! rounds of half a second for each of the two and each target, in turn.
//!
//! The inputs are variations of the target's seed, as a worker makes them: they are made here from
//! the same state of the generator, and the state after them must be that of the worker. An
//! execution of the engine is all of it: mutation, decoding, the call, coverage, and its share of a
//! round trip. A plain call is that alone. What is compared is processor time, of the worker
//! process and of the thread that calls, as it suffers less than the clock from other programs.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use cargo_shakedown::internals::Program;
use common::{Running, Target, build_targets};
use shakedown_core::CHAIN;
use shakedown_core::mutate::Mutator;
use shakedown_core::rng::Rng;

/// The targets, the longest input that mutation makes, and how many variations are executed from
/// one state of the generator: at most the longest lease, and so many that it takes a quarter of
/// a second at most.
const TARGETS: [(&str, u64, u64); 5] = [
    ("httparse", 128, 16384),
    ("url", 128, 16384),
    ("json", 4096, 16384),
    ("markdown", 16384, 2048),
    ("diff", 4096, 256),
];

/// What one of the two took for one execution, in nanoseconds.
#[derive(Clone, Copy)]
struct Cost {
    processor: f64,
    clock: f64,
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    arguments.retain(|argument| argument != "--bench");
    let number = |at: usize| arguments.get(at).map(|text| text.parse::<f64>().expect("a number"));
    let rounds = number(0).unwrap_or(7.0) as usize;
    let duration = Duration::from_secs_f64(number(1).unwrap_or(0.5));
    let wanted = arguments.get(2..).unwrap_or_default();

    let binaries = build_targets();
    println!(
        "| target | counters | bytes | plain call | execution | call / execution | by the clock |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (id, max_len, execs) in TARGETS {
        if wanted.is_empty() || wanted.iter().any(|name| name == id) {
            println!("{}", row(&binaries, id, max_len, execs, rounds, duration));
        }
    }
}

/// Measures one target.
fn row(
    binaries: &[Program],
    id: &str,
    max_len: u64,
    execs: u64,
    rounds: usize,
    duration: Duration,
) -> String {
    let target = Target::new(binaries, id, max_len);
    let seed = target.greeting.seeds.first().expect("a seed").clone();
    let (inputs, after) = variations(&target, &seed, execs);
    let mut running = target.start();
    // Until nothing is new, so that no batch ends early; the caches are warm then, too.
    while running.fuzz_from(1, &seed, execs) {}
    assert!(running.rng() == (after.state, after.inc), "the worker has executed other inputs");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("inputs");
    fs::write(&file, inputs.concat()).expect("a file");
    let binary = binaries.iter().find(|binary| binary.targets.iter().any(|target| target.id == id));
    let binary = &binary.expect("it was built").path;
    let measured: Vec<(Cost, Cost)> = (0..rounds)
        .map(|_| (plain(binary, &file, duration), engine(&mut running, &seed, execs, duration)))
        .collect();

    let bytes = inputs.iter().map(|input| input.len() - 4).sum::<usize>() / inputs.len();
    let of = |part: &dyn Fn(&(Cost, Cost)) -> f64| median(measured.iter().map(part).collect());
    format!(
        "| {id} | {} | {bytes} | {} | {} | {:.2} | {:.2} |",
        target.greeting.counters,
        show(of(&|(plain, _)| plain.processor)),
        show(of(&|(_, engine)| engine.processor)),
        of(&|(plain, engine)| plain.processor / engine.processor),
        of(&|(plain, engine)| plain.clock / engine.clock),
    )
}

/// The first variations of `entry`, as a worker makes them, and the generator after them.
fn variations(target: &Target, entry: &[u8], execs: u64) -> (Vec<Vec<u8>>, Rng) {
    let schema = &target.greeting.schema;
    let mut mutator = Mutator::new(Rng::new(1), Vec::new());
    let mut buffer = vec![0; target.setup.max_len.max(entry.len())];
    let mut len = 0;
    let mut next = |made: u64| {
        if made.is_multiple_of(CHAIN) {
            buffer[..entry.len()].copy_from_slice(entry);
            len = entry.len();
        }
        len = mutator.mutate(schema, &mut buffer, len, &[]);
        buffer[..len].to_vec()
    };
    let inputs = (0..execs).map(&mut next).collect();
    (inputs, mutator.rng)
}

/// Plain calls, in a process of the same binary.
fn plain(binary: &Path, inputs: &Path, duration: Duration) -> Cost {
    let output = Command::new(binary)
        .args(["calls", "--exact", "--ignored", "--nocapture"])
        .env("BENCH_INPUTS", inputs)
        .env("BENCH_SECONDS", duration.as_secs_f64().to_string())
        .output()
        .expect("it can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.split_once("bare "));
    let (_, figures) = line.expect("it measures");
    let figures: Vec<f64> =
        figures.split(' ').map(|text| text.parse().expect("a number")).collect();
    let [calls, processor, clock] = figures[..] else { panic!("three figures: {figures:?}") };
    Cost { processor: processor / calls, clock: clock / calls }
}

/// Executions of the engine.
fn engine(running: &mut Running, entry: &[u8], execs: u64, duration: Duration) -> Cost {
    running.fuzz_from(1, entry, execs);
    let mut made = 0;
    let (started, before) = (Instant::now(), processor_time_of_worker());
    while started.elapsed() < duration {
        running.fuzz_from(1, entry, execs);
        made += execs;
    }
    let clock = started.elapsed().as_nanos() as f64;
    let processor = (processor_time_of_worker() - before) as f64;
    Cost { processor: processor / made as f64, clock: clock / made as f64 }
}

/// Of all threads of the only child, in nanoseconds; it waits for a call.
fn processor_time_of_worker() -> u64 {
    let listing =
        |path: &Path| fs::read_dir(path).expect("Linux").map(|entry| entry.expect("it").path());
    let children = listing(Path::new("/proc/self/task"))
        .map(|thread| fs::read_to_string(thread.join("children")).expect("Linux"))
        .collect::<String>();
    let worker = children.trim();
    assert!(!worker.is_empty() && !worker.contains(' '), "one child: {children:?}");
    listing(&Path::new("/proc").join(worker).join("task"))
        .map(|thread| {
            let stat = fs::read_to_string(thread.join("schedstat")).expect("Linux");
            stat.split(' ').next().expect("a field").parse::<u64>().expect("nanoseconds")
        })
        .sum()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn show(nanoseconds: f64) -> String {
    match nanoseconds {
        1e6.. => format!("{:.2} ms", nanoseconds / 1e6),
        1e3.. => format!("{:.2} µs", nanoseconds / 1e3),
        _ => format!("{nanoseconds:.0} ns"),
    }
}
