//! Hints over random schemas and inputs, and which of them are solved.

use super::super::{Mutator, Recipe, Variations, drawing, stretch};
use super::{SOLVING, repairing};
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
        let again = repairing(Some(rng.u32()));
        let drawn = drawing::begin(rng.u32());
        let plain = (rng.u64(), rng.u64() | 1);
        let begins = [SOLVING, repairing(None), again, stretch::begin(0), drawn, plain];
        for begin in begins {
            let make = |from: (u64, u64), count: usize| {
                let mut mutator = Mutator::new(generator(from), Vec::new());
                let recipe = Recipe { entry: &entry, hints: &hints, ..Recipe::default() };
                let mut buf = vec![0xaa; max_len];
                let variations = Variations::new(&mut mutator, &schema, recipe, &mut buf, max_len);
                let mut variations = variations.expect("an input of the schema");
                let mut made = Vec::new();
                for _ in 0..count {
                    let mut input = variations.next().to_vec();
                    check(&schema, &input).unwrap_or_else(|error| panic!("{seed}: {error}"));
                    if variations.are_repaired() {
                        let sums = random_comparisons(&input, &mut Rng::new(seed));
                        variations.repair(&sums);
                        input = variations.last().to_vec();
                        check(&schema, &input).unwrap_or_else(|error| panic!("{seed}: {error}"));
                    }
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

#[test]
fn characters_and_signs_are_seen_in_bytes_and_text() {
    let text = || Node::Str(Text::ANY);
    let negative = (-5_i64).cast_unsigned();
    assert_tried(text(), &encoded(b"x=17;"), ints(8, negative, 17), &encoded(b"x=-5;"));
    assert_tried(
        text(),
        &encoded("x€".as_bytes()),
        ints(4, 0xdf, 0x20ac),
        &encoded("xß".as_bytes()),
    );
    let address = ints(4, 0x0a00_0001, 0x7f00_0001);
    assert_tried(text(), &encoded(b"127.0.0.1"), address, &encoded(b"10.0.0.1"));
    let bytes = Node::Bytes(Bytes::ANY);
    assert_tried(bytes, &encoded(b"\x07abc"), ints(1, 9, 7), &encoded(b"\x09abc"));
    let code = |char| u32::from(char).to_le_bytes();
    assert_tried(Node::Char, &code('a'), ints(4, 0x1f9d0, 'a'.into()), &code('\u{1f9d0}'));
}

#[test]
fn what_was_computed_of_bytes_is_solved_for_them() {
    let bytes = || Node::Bytes(Bytes::ANY);
    let entry = encoded(b"\0\0\x10\0ab");
    let plus = |big: u32| [&6_u32.to_le_bytes()[..], &big.to_be_bytes(), b"ab"].concat();
    // The first four bytes, plus 1000, are compared with 777,777; and seven times them; and inverted.
    assert_tried(bytes(), &entry, ints(4, 777_777, 5096), &plus(776_777));
    assert_tried(
        bytes(),
        &entry,
        ints(4, (7 * 0x1234_5678) & 0xffff_ffff, 7 * 4096),
        &plus(0x1234_5678),
    );
    assert_tried(bytes(), &entry, ints(4, 0xffff_ffff, 0x0bad_cafe ^ 4096), &plus(!0x0bad_cafe));
}

#[test]
fn what_one_branch_compares_is_made_right_at_once() {
    let all = [ints(4, 0xdead_beef, 0x0403_0201), memory(b"cd", b"xy"), ints(8, 12, 8)];
    let tried = tried(Node::Bytes(Bytes::ANY), &encoded(b"ab\x01\x02\x03\x04cd"), &all);
    let right = |input: &&Vec<u8>| input[4..].starts_with(b"ab\xef\xbe\xad\xdexy");
    assert!(tried.iter().take(4).any(|input| right(&input) && input.len() == 4 + 8));
    assert!(
        tried.iter().take(4).any(|input| right(&input) && input.len() == 4 + 12),
        "and as long"
    );
    // Equal values that are to become different ones.
    let letters = [ints(4, 'x'.into(), 'a'.into()), ints(4, 'y'.into(), 'a'.into())];
    let tried = self::tried(Node::Str(Text::ANY), &encoded(b"aa"), &letters);
    assert!(tried.iter().take(4).any(|input| input.ends_with(b"xy")), "{tried:?}");
}

/// What becomes of bytes in which sums are repaired by these comparisons, in so many variations.
fn repaired(content: &[u8], comparisons: &[Comparison], count: usize) -> Vec<Option<Vec<u8>>> {
    let mut types = Types::new();
    let node = types.add(Node::Bytes(Bytes::ANY));
    let schema = types.finish(vec![Field { name: "it".into(), node, default: None }]).unwrap();
    let mut mutator = Mutator::new(generator(repairing(Some(1))), Vec::new());
    let entry = encoded(content);
    let recipe = Recipe { entry: &entry, ..Recipe::default() };
    let mut buf = vec![0; 1000];
    let mut variations = Variations::new(&mut mutator, &schema, recipe, &mut buf, 1000).unwrap();
    let mut repaired = |_| {
        variations.next();
        let position = variations.position();
        variations.go_to_input(position, &entry);
        variations.repair(comparisons).then(|| variations.last()[4..].to_vec())
    };
    (0..count).map(&mut repaired).collect()
}

#[test]
fn sums_take_the_place_of_what_is_stored() {
    let sum = |is_const, left, right| Comparison::Ints { width: 4, is_const, left, right };
    let stored = 0x1234_5678_u32;
    let content = [b"content", &stored.to_be_bytes()[..]].concat();
    let right = [b"content", &0xabcd_ef01_u32.to_be_bytes()[..]].concat();
    for (left, right_side) in [(stored.into(), 0xabcd_ef01), (0xabcd_ef01, stored.into())] {
        let made = repaired(&content, &[ints(8, 3, 4), sum(false, left, right_side)], 1);
        assert_eq!(made, [Some(right.clone())]);
    }
    // Of the complement of a sum only the difference shows, so it is a guess what is stored.
    let complement = sum(true, 0xffff_ffff, u64::from(stored ^ !0xabcd_ef01));
    let made = repaired(&content, &[complement], 20);
    assert!(made.iter().filter(|one| one.as_ref() == Some(&right)).count() > 2, "{made:?}");
    // Constants, small numbers, and what does not lie there are no sums.
    let others =
        [ints(4, 0xabcd_ef01, stored.into()), sum(false, 7, 9), sum(false, 1 << 30, 0x0bad_cafe)];
    assert_eq!(repaired(&content, &others, 1), [None]);
    let digests = memory(b"\x01\x02\xfe\xff", b"\x03\x04\xfc\xfd");
    let made = repaired(b"..\x03\x04\xfc\xfd", &[memory(b"conten", b"abcdef"), digests], 1);
    assert_eq!(made, [Some(b"..\x01\x02\xfe\xff".to_vec())]);
}
