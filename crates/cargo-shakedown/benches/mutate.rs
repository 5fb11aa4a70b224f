//! One mutation, as the worker makes them: in chains, each of which starts from a copy of the
//! entry.

mod common;

use common::{Target, build_targets, encoded};
use criterion::{Criterion, criterion_group, criterion_main};
use shakedown_core::CHAIN;
use shakedown_core::mutate::Mutator;
use shakedown_core::rng::Rng;

fn mutate(criterion: &mut Criterion) {
    let binaries = build_targets();
    let schema = |id| Target::new(&binaries, id, 128).greeting.schema;
    let runs = Target::new(&binaries, "runs", 1 << 16).greeting;
    let text = "The quick brown fox jumps over the lazy dog; Zwölf Boxkämpfer jagen Viktor quer üb";
    let text = &text.repeat(2)[..100];
    let inputs = [
        ("bytes/100", schema("empty"), encoded(&[0; 100])),
        ("bytes/10000", schema("empty"), encoded(&[0; 10_000])),
        ("text/100", schema("reads"), encoded(text.as_bytes())),
        ("operations/100", runs.schema.clone(), runs.seeds[0].clone()),
    ];
    let mut group = criterion.benchmark_group("mutate");
    for (name, schema, entry) in inputs {
        for (kind, donor) in [("alone", &[][..]), ("with_donor", &entry)] {
            let mut mutator = Mutator::new(Rng::new(1), Vec::new());
            let mut buffer = vec![0; entry.len() + 4096];
            let mut len = 0;
            let mut count = 0u64;
            group.bench_function(format!("{name}/{kind}"), |bencher| {
                bencher.iter(|| {
                    if count.is_multiple_of(CHAIN) {
                        buffer[..entry.len()].copy_from_slice(&entry);
                        len = entry.len();
                    }
                    count += 1;
                    len = mutator.mutate(&schema, &mut buffer, len, donor);
                });
            });
        }
    }
}

criterion_group!(benches, mutate);
criterion_main!(benches);
