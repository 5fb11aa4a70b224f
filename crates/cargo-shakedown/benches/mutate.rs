//! One mutation, as the worker makes them: in chains, each of which starts from a copy of the
//! entry.

mod common;
#[path = "common/typed.rs"]
mod typed;

use common::{Target, build_targets, encoded};
use criterion::{Criterion, criterion_group, criterion_main};
use shakedown_core::mutate::{Mutator, Recipe, Variations};
use shakedown_core::rng::Rng;

fn mutate(criterion: &mut Criterion) {
    let binaries = build_targets();
    let schema = |id| Target::new(&binaries, id, 128).greeting.schema;
    let runs = Target::new(&binaries, "runs", 1 << 16).greeting;
    let text = "The quick brown fox jumps over the lazy dog; Zwölf Boxkämpfer jagen Viktor quer üb";
    let text = &text.repeat(2)[..100];
    let typed = |name, (schema, input)| (name, schema, input);
    let inputs = [
        ("bytes/100", schema("empty"), encoded(&[0; 100])),
        ("bytes/10000", schema("empty"), encoded(&[0; 10_000])),
        ("text/100", schema("reads"), encoded(text.as_bytes())),
        ("operations/100", runs.schema.clone(), runs.seeds[0].clone()),
        typed("record/20", typed::record()),
        typed("words/40", typed::words()),
        typed("address/40", typed::address()),
    ];
    let mut group = criterion.benchmark_group("mutate");
    for (name, schema, entry) in inputs {
        for (kind, donor) in [("alone", &[][..]), ("with_donor", &entry)] {
            let mut mutator = Mutator::new(Rng::new(1), Vec::new());
            let mut buffer = vec![0; entry.len() + 4096];
            let recipe = Recipe { entry: &entry, donor, ..Recipe::default() };
            let max_len = buffer.len();
            let variations = Variations::new(&mut mutator, &schema, recipe, &mut buffer, max_len);
            let mut variations = variations.expect("inputs of the schema");
            group.bench_function(format!("{name}/{kind}"), |bencher| {
                bencher.iter(|| variations.next().len());
            });
        }
    }
}

criterion_group!(benches, mutate);
criterion_main!(benches);
