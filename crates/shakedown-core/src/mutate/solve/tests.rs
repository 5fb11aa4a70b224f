//! Hints over random schemas and inputs, and which of them are solved.

use super::super::{Mutator, Recipe, Variations, stretch};
use super::SOLVING;
use crate::hints::{Comparison, encode};
use crate::rng::Rng;
use crate::schema::shape::check;
use crate::schema::{Bytes, Field, Int, Node, NodeId, Schema, Text, Types};
use crate::testing::{cases, random_input, random_schema};

fn ints(width: u8, wanted: u64, live: u64) -> Comparison {
    Comparison::Ints { width, is_const: true, left: wanted, right: live }
}

fn memory(live: &[u8], wanted: &[u8]) -> Comparison {
    Comparison::Memory { left: live.into(), right: wanted.into() }
}

/// Comparisons of pieces of an input, so that there is something to find, and of anything else.
fn random_comparisons(input: &[u8], rng: &mut Rng) -> Vec<Comparison> {
    let piece = |rng: &mut Rng| {
        let start = rng.below(input.len() + 1);
        let len = rng.below(9).min(input.len() - start);
        input[start..start + len].to_vec()
    };
    let comparison = |rng: &mut Rng| match rng.below(3) {
        0 => {
            let live = piece(rng);
            let wanted: Vec<u8> = live.iter().map(|_| rng.u32() as u8).collect();
            memory(&live, &wanted)
        }
        1 => {
            let mut bytes = [0; 8];
            let live = piece(rng);
            bytes[..live.len().min(8)].copy_from_slice(&live[..live.len().min(8)]);
            let width = [1, 2, 4, 8][rng.below(4)];
            let mask = u64::MAX >> (64 - 8 * u32::from(width));
            ints(width, rng.u64() & mask, u64::from_le_bytes(bytes) & mask)
        }
        _ => ints(8, rng.below(40) as u64, rng.below(40) as u64),
    };
    (0..rng.below(20)).map(|_| comparison(rng)).collect()
}

fn generator((state, inc): (u64, u64)) -> Rng {
    Rng { state, inc }
}

#[test]
fn whatever_the_hints_say_inputs_keep_their_shape_and_can_be_made_again() {
    for seed in 0..cases(1000) {
        let mut rng = Rng::new(seed);
        let schema = random_schema(&mut rng);
        let entry = random_input(&schema, &mut rng);
        let hints = encode(&random_comparisons(&entry, &mut rng));
        let max_len = entry.len() + [0, 7, 300][rng.below(3)];
        for begin in [SOLVING, stretch::begin(0), (rng.u64(), rng.u64() | 1)] {
            let make = |from: (u64, u64), count: usize| {
                let mut mutator = Mutator::new(generator(from), Vec::new());
                let recipe = Recipe { entry: &entry, hints: &hints, ..Recipe::default() };
                let mut buf = vec![0xaa; max_len];
                let variations = Variations::new(&mut mutator, &schema, recipe, &mut buf, max_len);
                let mut variations = variations.expect("an input of the schema");
                let mut made = Vec::new();
                for _ in 0..count {
                    let input = variations.next().to_vec();
                    check(&schema, &input).unwrap_or_else(|error| panic!("{seed}: {error}"));
                    assert!(input.len() <= max_len, "seed {seed}");
                    let Rng { state, inc } = variations.position().rng;
                    made.push((input, (state, inc)));
                }
                made
            };
            let all = make(begin, 60);
            // What is left of a visit goes on from the state of its generator.
            let (first, rest) = all.split_at(crate::CHAIN as usize * 4);
            assert_eq!(make(first.last().unwrap().1, rest.len()), rest, "seed {seed}");
        }
    }
}

/// The inputs that a first visit to the only entry tries.
fn tried(node: Node, entry: &[u8], comparisons: &[Comparison]) -> Vec<Vec<u8>> {
    let mut types = Types::new();
    let node: NodeId = types.add(node);
    let field = Field { name: "it".into(), node, default: None };
    let schema: Schema = types.finish(vec![field]).unwrap();
    let hints = encode(comparisons);
    let mut mutator = Mutator::new(generator(SOLVING), Vec::new());
    let recipe = Recipe { entry, hints: &hints, ..Recipe::default() };
    let mut buf = vec![0; 1000];
    let mut variations = Variations::new(&mut mutator, &schema, recipe, &mut buf, 1000).unwrap();
    (0..64).map(|_| variations.next().to_vec()).collect()
}

fn encoded(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32).to_le_bytes(), content].concat()
}

#[track_caller]
fn assert_tried(node: Node, entry: &[u8], comparison: Comparison, wanted: &[u8]) {
    let tried = tried(node, entry, &[comparison]);
    assert!(tried.iter().any(|input| input == wanted), "{wanted:?} is not among {tried:?}");
}

#[test]
fn what_is_live_becomes_what_is_wanted() {
    let bytes = || Node::Bytes(Bytes::ANY);
    let entry = encoded(b"ab\x01\x02\x03\x04cd");
    assert_tried(
        bytes(),
        &entry,
        ints(4, 0xdead_beef, 0x0403_0201),
        &encoded(b"ab\xef\xbe\xad\xdecd"),
    );
    assert_tried(
        bytes(),
        &entry,
        ints(4, 0xdead_beef, 0x0102_0304),
        &encoded(b"ab\xde\xad\xbe\xefcd"),
    );
    assert_tried(
        bytes(),
        &entry,
        ints(4, 0xdead_beee, 0x0102_0304),
        &encoded(b"ab\xde\xad\xbe\xefcd"),
    );
    assert_tried(bytes(), &entry, memory(b"cd", b"xy"), &encoded(b"ab\x01\x02\x03\x04xy"));
    let text = || Node::Str(Text::ANY);
    assert_tried(text(), &encoded(b"x=17;"), ints(4, 90210, 17), &encoded(b"x=90210;"));
    assert_tried(text(), &encoded(b"x=ff;"), ints(2, 0xbeef, 0xff), &encoded(b"x=beef;"));
    assert_tried(text(), &encoded(b"abcd"), memory(b"abcd", b"GET!"), &encoded(b"GET!"));
    let int = Node::Int(Int::full(false, 4));
    assert_tried(int.clone(), &7u32.to_le_bytes(), ints(4, 99, 7), &99u32.to_le_bytes());
    assert_tried(int, &1000u32.to_le_bytes(), ints(4, 30, 10), &1020u32.to_le_bytes());
}

#[test]
fn a_compared_length_is_fitted() {
    let node = Node::Str(Text::ANY);
    let lens = |entry: &[u8], wanted| {
        let tried = tried(node.clone(), &encoded(entry), &[ints(8, wanted, entry.len() as u64)]);
        tried.iter().any(|input| input.len() == 4 + wanted as usize)
    };
    assert!(lens(b"", 21) && lens(b"abcdef", 2) && lens(b"abc", 200));
}
