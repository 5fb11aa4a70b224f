//! Tables of coverage: edges by target, engine and second.

use std::collections::BTreeSet;

use super::row;
use crate::records::{Record, Start};
use crate::suite::Suite;

/// Prints one table for each start and mark.
pub fn print(suite: &Suite, records: &[Record], marks: &[u64]) {
    for start in [Start::Seeds, Start::Nothing] {
        let of_start: Vec<_> = records.iter().filter(|record| record.trial.from == start).collect();
        for mark in marks.iter().filter(|_| !of_start.is_empty()) {
            println!("Edges after {mark} s from {}:\n", start.name());
            println!("{}", table(suite, &of_start, *mark));
        }
    }
}

/// A row for each target: the median of each engine, with the least and the most, and for all but
/// the first its ratio to the first.
fn table(suite: &Suite, records: &[&Record], mark: u64) -> String {
    let engines: BTreeSet<&str> = records.iter().map(|r| r.trial.engine.as_str()).collect();
    let engines: Vec<&str> = engines.into_iter().collect();
    let mut head = vec!["target".to_owned()];
    head.extend(engines.iter().map(|engine| (*engine).to_owned()));
    head.extend(engines.iter().skip(1).map(|engine| format!("{engine} / {}", engines[0])));
    let mut text = row(&head) + &row(&vec!["---".to_owned(); head.len()]);
    let mut ratios = vec![Vec::new(); engines.len()];
    for (_, target) in suite.targets() {
        let of = |engine: &&str| {
            let is_own = |r: &&&Record| r.trial.engine == **engine && r.trial.target == target.name;
            edges(records.iter().filter(is_own).copied(), mark)
        };
        let all: Vec<Vec<u64>> = engines.iter().map(of).collect();
        if all.iter().all(|edges| !edges.is_empty()) {
            let mut cells = vec![target.name.clone()];
            cells.extend(all.iter().map(|edges| spread(edges)));
            for (index, edges) in all.iter().enumerate().skip(1) {
                let ratio = middle(edges) as f64 / middle(&all[0]).max(1) as f64;
                ratios[index].push(ratio);
                cells.push(format!("{ratio:.2}"));
            }
            text += &row(&cells);
        }
    }
    let mut means = vec!["geometric mean".to_owned()];
    means.extend(engines.iter().map(|_| String::new()));
    means.extend(ratios.iter().skip(1).map(|ratios| format!("{:.3}", geometric_mean(ratios))));
    text + &row(&means)
}

/// Sorted.
fn edges<'a>(records: impl Iterator<Item = &'a Record>, mark: u64) -> Vec<u64> {
    let at_mark = |record: &Record| {
        record.outcome.edges.iter().find(|(second, _)| *second == mark).map(|(_, edges)| *edges)
    };
    let mut edges: Vec<u64> = records.filter_map(at_mark).collect();
    edges.sort_unstable();
    edges
}

fn middle(sorted: &[u64]) -> u64 {
    sorted[(sorted.len() - 1) / 2]
}

fn spread(sorted: &[u64]) -> String {
    match sorted {
        [first, .., last] => format!("{} ({first} to {last})", middle(sorted)),
        _ => middle(sorted).to_string(),
    }
}

fn geometric_mean(values: &[f64]) -> f64 {
    (values.iter().map(|value| value.ln()).sum::<f64>() / values.len() as f64).exp()
}
