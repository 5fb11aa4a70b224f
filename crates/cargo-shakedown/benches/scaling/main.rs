//! How a campaign grows: with workers (in virtual time, around the real search), with entries, and
//! with the files that it starts from. Prints the tables of `bench/RESULTS.md`; `--plot FILE`
//! writes the curves too, and `--files N` says how many files the start is measured with.

mod plot;
mod start;
mod world;

use std::path::PathBuf;

use cargo_shakedown::internals::{Remembered, StoredInput};
use plot::{Curve, Panel};
use world::{Measured, World};

const ENTRIES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const WORKERS: [usize; 7] = [1, 4, 16, 64, 256, 1024, 4096];

/// Entries that own features; all others are redundant, as in any large corpus.
const OWNERS: usize = 20_000;

fn main() {
    // `cargo bench` adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let option = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1).cloned()
    };
    let files = option("--files").map_or(100_000, |number| number.parse().expect("a number"));

    memory();
    start::measure(files);
    let curves = curves();
    if let Some(path) = option("--plot").map(PathBuf::from) {
        std::fs::write(&path, plot::svg(&curves)).expect("the plot can be written");
    }
}

/// What an earlier campaign has left of this many entries. The features are those of the first
/// counters, spread over the owners.
pub(crate) fn remembered(entries: usize) -> Remembered {
    let mut remembered = Remembered::default();
    let owners = entries.min(OWNERS);
    for number in 0..entries {
        let owned = (number < owners).then(|| (number..world::OWNED_FEATURES).step_by(owners));
        let owned = owned.into_iter().flatten().map(|feature| feature as u32);
        let entry = StoredInput { name: number as u64, len: 100 };
        remembered.push(entry, &owned.collect::<Vec<_>>());
    }
    remembered
}

/// Resident memory of this process, in bytes.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("a number of pages") * 4096
}

/// Memory of a search per entry, without the bytes of its inputs.
fn memory() {
    let empty = world::search(1, &remembered(1));
    let before = resident();
    let search = world::search(1, &remembered(1_000_000));
    let bytes = resident().saturating_sub(before) as f64 / 1e6;
    println!("memory of 1,000,000 entries, without their bytes: {bytes:.0} bytes each");
    println!("(that of the owners of features, for {} counters, included)\n", world::COUNTERS);
    drop((empty, search));
}

/// Runs all worlds; prints what they measured.
fn curves() -> [Panel; 3] {
    println!("| workers | entries | ns a result | results/s | busy | staleness: median | worst |");
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut busy = Vec::new();
    let mut staleness = Vec::new();
    let mut cost = Vec::new();
    for entries in ENTRIES {
        let measured: Vec<(usize, Measured)> = WORKERS
            .into_iter()
            .map(|workers| (workers, World { workers, entries }.run()))
            .inspect(|(workers, measured)| print(*workers, entries, measured))
            .collect();
        let curve = |value: fn(&Measured) -> f64| Curve {
            name: format!("{entries} entries"),
            points: measured.iter().map(|(workers, m)| (*workers as f64, value(m))).collect(),
        };
        busy.push(curve(|m| 100.0 * m.busy));
        staleness.push(curve(|m| m.worst_staleness.as_secs_f64() * 1e3));
        cost.push(curve(|m| m.ns));
    }
    [
        Panel { title: "workers' busy time, %", from: 0.0, curves: busy },
        Panel { title: "coordinator's ns a result", from: 0.0, curves: cost },
        Panel { title: "worst staleness of coverage, ms", from: 0.0, curves: staleness },
    ]
}

fn print(workers: usize, entries: usize, measured: &Measured) {
    let Measured { ns, busy, staleness, worst_staleness } = measured;
    println!(
        "| {workers} | {entries} | {ns:.0} | {:.0} | {:.1} % | {staleness:.1?} | {worst_staleness:.1?} |",
        1e9 / ns,
        100.0 * busy,
    );
}
