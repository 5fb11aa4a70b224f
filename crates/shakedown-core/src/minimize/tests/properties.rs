//! What holds for every schema, input and predicate.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::HashSet;

use super::super::delete::delete_chunks;
use super::super::order::{Measured, Order};
use super::super::search::Search;
use super::*;
use crate::rng::Rng;
use crate::schema::shape;
use crate::testing::{cases, random_input, random_schema};

const CASES: u64 = cases(300);

/// An arbitrary but fixed opinion about inputs: one in `rarity` is interesting.
fn likes(input: &[u8], salt: u64, rarity: u64) -> bool {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    (input.iter().fold(salt ^ 0xcbf2_9ce4_8422_2325, mix) >> 32).is_multiple_of(rarity)
}

fn for_random_cases(check: impl Fn(&Schema, &[u8], &dyn Fn(&[u8]) -> bool)) {
    for seed in 0..CASES {
        let mut rng = Rng::new(seed);
        let schema = random_schema(&mut rng);
        let input = random_input(&schema, &mut rng);
        let rarity = 1 + rng.below(9) as u64;
        check(&schema, &input, &|candidate| candidate == input || likes(candidate, seed, rarity));
    }
}

fn verdict(keep: bool) -> Verdict {
    if keep { Verdict::Keep } else { Verdict::Reject }
}

#[test]
fn candidates_have_the_shape_are_new_and_simpler_than_the_best() {
    for_random_cases(|schema, input, wanted| {
        let order = Order::new(schema);
        let mut best = Measured::new(&order, input.to_vec()).unwrap();
        let mut seen = HashSet::from([input.to_vec()]);
        let minimum = minimize(schema, input, &mut |candidate| {
            shape::check(schema, candidate).unwrap();
            assert!(seen.insert(candidate.to_vec()), "asked twice");
            let candidate = Measured::new(&order, candidate.to_vec()).unwrap();
            assert_eq!(order.compare(&candidate, &best), Ordering::Less);
            let keep = wanted(&candidate.bytes);
            if keep {
                best = candidate;
            }
            verdict(keep)
        });
        assert_eq!(minimum, Minimum { input: best.bytes, complete: true });
    });
}

#[test]
fn a_complete_minimum_stays_as_it_is() {
    for_random_cases(|schema, input, wanted| {
        let first = minimize(schema, input, &mut |candidate| verdict(wanted(candidate)));
        let second = minimize(schema, &first.input, &mut |candidate| verdict(wanted(candidate)));
        assert_eq!(first, second);
    });
}

#[test]
fn everything_shrinks_to_the_defaults_if_anything_goes() {
    for_random_cases(|schema, input, _| {
        let minimum = minimize(schema, input, &mut |_| Verdict::Keep);
        assert_eq!(minimum.input, schema.simplest_input());
    });
}

#[test]
fn a_stop_at_any_time_leaves_the_best_so_far() {
    for seed in 0..cases(40) {
        let mut rng = Rng::new(seed);
        let schema = random_schema(&mut rng);
        let input = random_input(&schema, &mut rng);
        for budget in 0.. {
            let (mut asked, mut best) = (0, input.clone());
            let minimum = minimize(&schema, &input, &mut |candidate| {
                assert!(asked <= budget, "asked after a stop");
                asked += 1;
                if asked > budget {
                    return Verdict::Stop;
                }
                let keep = likes(candidate, seed, 4);
                if keep {
                    best = candidate.to_vec();
                }
                verdict(keep)
            });
            assert_eq!(minimum.input, best);
            assert_eq!(minimum.complete, asked <= budget);
            if minimum.complete || budget > 60 {
                break;
            }
        }
    }
}

#[test]
fn the_order_is_total() {
    for seed in 0..CASES {
        let mut rng = Rng::new(seed);
        let schema = random_schema(&mut rng);
        let order = Order::new(&schema);
        let simplest = Measured::new(&order, schema.simplest_input()).unwrap();
        let mut inputs: Vec<Measured> = (0..8)
            .map(|_| Measured::new(&order, random_input(&schema, &mut rng)).unwrap())
            .collect();
        inputs.sort_by(|a, b| order.compare(a, b));
        for (k, a) in inputs.iter().enumerate() {
            assert_ne!(order.compare(&simplest, a), Ordering::Greater);
            for b in &inputs[k..] {
                let expected = order.compare(a, b);
                assert_ne!(expected, Ordering::Greater);
                assert_eq!(expected.reverse(), order.compare(b, a));
                assert_eq!(expected == Ordering::Equal, a.bytes == b.bytes);
            }
        }
    }
}

#[test]
fn an_input_of_another_shape_is_left_alone() {
    let schema = schema(|types| vec![types.add(Node::Bool)]);
    let minimum = minimize(&schema, &[7], &mut |_| unreachable!());
    assert_eq!(minimum, Minimum { input: vec![7], complete: false });
}

/// A thousand arrays of bytes, of a length that the schema fixes.
fn fixed_arrays() -> (Schema, Vec<u8>) {
    let schema = schema(|types| {
        let row = types.add(Node::Bytes(Bytes::of_len(Len { min: 512, max: 512 })));
        vec![types.add(Node::Array { element: row, len: 1000 })]
    });
    let row = counted([b'x'; 512]);
    (schema, row.repeat(1000))
}

#[test]
fn time_is_looked_at_where_nothing_is_asked() {
    let (schema, input) = fixed_arrays();
    let looks = Cell::new(0);
    let is_over = || looks.replace(looks.get() + 1) == 3;
    let mut asked = 0;
    let mut ask = |_: &[u8]| {
        asked += 1;
        Verdict::Reject
    };
    let minimum = super::super::minimize(&schema, &input, &mut ask, &is_over);
    assert_eq!(minimum, Minimum { input, complete: false });
    assert!(looks.get() == 4 && asked <= 4, "{asked} questions");
}

#[test]
fn nothing_is_deleted_where_the_length_is_fixed() {
    let (schema, input) = fixed_arrays();
    let order = Order::new(&schema);
    let measured = Measured::new(&order, input).unwrap();
    let mut ask = |_: &[u8]| unreachable!();
    let looks = Cell::new(0);
    // Once for every part of the input that the pass looks at, far less than for every byte of it.
    let is_over = || looks.replace(looks.get() + 1) > 8;
    let mut search = Search::new(&order, measured, &mut ask, &is_over);
    search.each(delete_chunks).unwrap();
}
