//! What every mutation keeps, over random schemas, inputs and donors; and what each mutator of
//! bytes and text makes of small contents.

use std::collections::BTreeSet;

use super::draws::{Draws, MutatorId};
use super::*;
use crate::CHAIN;
use crate::domain::blocks::{self, BLOCKS, ContentMutator, SPLICES, TOKENS};
use crate::domain::bytes::BYTES;
use crate::domain::edit::Content;
use crate::domain::text::TEXT;
use crate::hints::Hints;
use crate::schema::shape;
use crate::schema::{
    Bytes, Field, FieldStyle, Int, Len, NodeId, Record, SeqStyle, Text, TypeKey, Types, Weights,
};
use crate::testing::{cases, random_input, random_schema};

const SEEDS: u64 = cases(4000);

fn field(node: NodeId) -> Field {
    Field { name: "a".into(), node, default: None }
}

/// A schema of one argument for each of `nodes`.
pub(super) fn schema_of(nodes: impl IntoIterator<Item = Node>) -> Schema {
    let mut types = Types::new();
    let fields = nodes.into_iter().map(|node| field(types.add(node))).collect();
    types.finish(fields).unwrap()
}

fn tokens() -> Vec<Vec<u8>> {
    vec![b"GIF8".to_vec(), "é".into(), b"\xff\xfe".to_vec()]
}

/// Everything that `mutator` makes of `content` with the tokens `<é>` (text) and `0xff`, the donor
/// `XY`, and room for four bytes. Checks that its answer is honest and that text stays text.
pub(crate) fn outcomes(mutator: ContentMutator, content: &[u8], text: bool) -> BTreeSet<Vec<u8>> {
    let not_text = (!text).then(|| vec![0xff]);
    let dictionary = Dictionary::new(std::iter::once("<é>".into()).chain(not_text));
    let mut seen = BTreeSet::new();
    for seed in 0..SEEDS {
        let mut buf = vec![0; 4 + content.len() + 24];
        buf[4..4 + content.len()].copy_from_slice(content);
        let mut input = Buffer::new(&mut buf, 4 + content.len());
        input.store_count(0, content.len());
        let mut sources = Sources {
            rng: &mut Rng::new(seed),
            dictionary: &dictionary,
            hints: Hints::default(),
            donor: b"XY",
            scratch: &mut Vec::new(),
            before: &mut Vec::new(),
            draws: &Draws::even(),
            used: &mut MutatorId::OTHER.clone(),
        };
        let range = 4..4 + content.len();
        let changed = mutator(&mut Content::new(&mut input, range, Len::ANY, text), &mut sources);
        let (count, result) = input.bytes().split_at(4);
        assert_eq!(count, (result.len() as u32).to_le_bytes(), "seed {seed}");
        assert_eq!(changed, result != content, "seed {seed}: dishonest about {result:?}");
        assert!(!text || std::str::from_utf8(result).is_ok(), "seed {seed}: {result:?}");
        if changed {
            seen.insert(result.to_vec());
        }
    }
    seen
}

/// Checks that `mutator` makes exactly `expected` of a text.
fn check_text(mutator: ContentMutator, content: &str, expected: &[&str]) {
    let expected: BTreeSet<Vec<u8>> = expected.iter().map(|s| s.as_bytes().to_vec()).collect();
    let outcomes = outcomes(mutator, content.as_bytes(), true);
    assert_eq!(outcomes, expected, "{:?}", outcomes.iter().map(|b| std::str::from_utf8(b)));
}

/// Checks that `mutator` makes exactly `expected` of some bytes.
fn check_bytes(mutator: ContentMutator, content: &[u8], expected: &[&[u8]]) {
    let expected: BTreeSet<Vec<u8>> = expected.iter().map(|bytes| bytes.to_vec()).collect();
    assert_eq!(outcomes(mutator, content, false), expected);
}

#[test]
#[cfg_attr(miri, ignore = "needs all of its cases")]
fn pieces_are_moved_in_every_way_and_no_other() {
    check_text(blocks::remove, "aéb", &["", "a", "ab", "aé", "b", "éb"]);
    check_text(blocks::duplicate, "ab", &["aab", "aba", "abb", "bab", "aabb", "abab"]);
    check_text(blocks::overwrite, "ab", &["aa", "bb", "aab"]);
    check_text(blocks::swap, "aé", &["éa"]);
    check_text(blocks::insert_token, "é", &["<é>é", "é<é>"]);
    check_text(blocks::overwrite_token, "abcdé", &["<é>é", "a<é>", "ab<é>"]);
    check_text(blocks::insert_from_donor, "é", &["XYé", "Xé", "Yé", "éX", "éXY", "éY"]);
    check_text(blocks::overwrite_from_donor, "ab", &["Xb", "XY", "Yb", "aX", "aY"]);
    check_text(blocks::cross_over, "a", &["XY", "Y", "aXY", "aY"]);
    check_bytes(blocks::swap, b"abc", &[b"bac", b"cba", b"acb"]);
    check_bytes(blocks::overwrite, b"ab", &[b"aa", b"bb"]);
    assert!(outcomes(blocks::repeat, b"ab", false).contains(&b"abababab"[..]));
}

#[test]
#[cfg_attr(miri, ignore = "needs all of its cases")]
fn bytes_change_as_asked() {
    let [.., a1, _, _, _, i1, i2, _] = BYTES.map(|(_, mutator)| mutator);
    let [random, constant, fill, flip, xor, swap, shuffle, ..] = BYTES.map(|(_, mutator)| mutator);
    check_bytes(
        flip,
        b"\0",
        &[b"\x01", b"\x02", b"\x04", b"\x08", b"\x10", b"\x20", b"@", b"\x80"],
    );
    assert_eq!(outcomes(xor, b"a", false).len(), 255);
    check_bytes(swap, b"abc", &[b"bac", b"cba", b"acb"]);
    check_bytes(shuffle, b"aab", &[b"aba", b"baa"]);
    assert_eq!(outcomes(a1, b"\0", false).len(), 70);
    assert_eq!(outcomes(i1, b"\0", false).len(), 8);
    let words = outcomes(i2, b"\0\0", false);
    assert!(words.contains(&b"\x01\0"[..]) && words.contains(&b"\0\x01"[..]));
    assert!(outcomes(fill, b"abc", false).contains(&b"aaa"[..]));
    let lens = |outcomes: BTreeSet<Vec<u8>>| outcomes.iter().map(Vec::len).max();
    assert!(lens(outcomes(random, b"a", false)) >= Some(21));
    assert!(
        outcomes(constant, b"", false).iter().all(|bytes| bytes.iter().min() == bytes.iter().max())
    );
}

#[test]
#[cfg_attr(miri, ignore = "needs all of its cases")]
fn arithmetic_wraps_in_both_byte_orders() {
    let words = outcomes(BYTES[8].1, b"\xff\x00", false);
    // 0x00ff + 1 little-endian, 0xff00 + 1 and - 1 big-endian.
    for expected in [&b"\x00\x01"[..], b"\xff\x01", b"\xfe\xff"] {
        assert!(words.contains(expected), "{expected:?}");
    }
    assert_eq!(words.len(), 4 * 35);
}

#[test]
#[cfg_attr(miri, ignore = "needs all of its cases")]
fn characters_change_as_asked() {
    let [insert, run, replace, interesting, step, case, swap, shuffle] =
        TEXT.map(|(_, mutator)| mutator);
    assert!(outcomes(insert, b"", true).len() > 1000);
    assert!(outcomes(run, b"", true).contains("000".as_bytes()));
    assert!(outcomes(replace, "é".as_bytes(), true).contains(&b"Z"[..]));
    assert_eq!(outcomes(interesting, "é".as_bytes(), true).len(), character::INTERESTING.len());
    let steps = outcomes(step, "\u{d7ff}".as_bytes(), true);
    assert!(steps.contains("\u{e000}".as_bytes()), "over the surrogates");
    check_text(case, "aß", &["Aß", "aSS", "ASS"]);
    check_text(swap, "aéb", &["éab", "abé"]);
    check_text(shuffle, "aéb", &["éab", "abé", "éba", "baé", "béa"]);
}

#[test]
fn every_mutator_of_contents_applies_somewhere_and_none_to_what_is_fixed() {
    for (list, text) in [
        (&BYTES[..], false),
        (&TEXT, true),
        (&BLOCKS, false),
        (&BLOCKS, true),
        (&TOKENS, false),
        (&TOKENS, true),
        (&SPLICES, false),
        (&SPLICES, true),
    ] {
        for (name, mutator) in list {
            assert!(!outcomes(*mutator, b"abcdefgh 17", text).is_empty(), "{name}, {text}");
            outcomes(*mutator, b"", text);
            outcomes(*mutator, "é€😀".as_bytes(), text);
        }
    }
}

/// What must hold after any mutation, over random schemas. Returns how many changed the input,
/// and how many could have.
fn mutate_at_random(seed: u64, rounds: usize) -> (usize, usize) {
    let mut rng = Rng::new(seed);
    let schema = random_schema(&mut rng);
    let (mut changed, mut possible) = (0, 0);
    let mut mutator = Mutator::new(rng, tokens());
    let mut again = mutator.clone();
    let mut input = random_input(&schema, &mut rng);
    for round in 0..rounds {
        if round % 5 == 0 {
            input = random_input(&schema, &mut rng);
        }
        let donor = match rng.one_in(3) {
            true => Vec::new(),
            false => random_input(&schema, &mut rng),
        };
        let mut buf = input.clone();
        buf.resize(input.len() + [0, 1, 7, 300][rng.below(4)], 0xaa);
        let mut copy = buf.clone();
        let len = mutator.mutate(&schema, &mut buf, input.len(), &donor);
        assert_eq!(shape::check(&schema, &buf[..len]), Ok(()), "seed {seed}, round {round}");
        // Equal calls have equal results, whatever the buffers of the mutator held before.
        let mut fresh = Mutator::new(again.rng, tokens());
        again.rng = mutator.rng;
        assert_eq!(fresh.mutate(&schema, &mut copy, input.len(), &donor), len);
        assert_eq!(copy[..len], buf[..len], "seed {seed}, round {round}");
        possible += usize::from(!input.is_empty());
        changed += usize::from(input != buf[..len]);
        input = buf[..len].to_vec();
    }
    (changed, possible)
}

#[test]
fn mutations_keep_the_shape_and_change_nearly_always() {
    let (mut changed, mut possible) = (0, 0);
    for seed in 0..cases(1000) {
        let result = mutate_at_random(seed, 20);
        changed += result.0;
        possible += result.1;
    }
    assert!(changed * 100 >= possible * 95, "{changed} of {possible}");
}

/// Variations know where the values of an input lie without looking for them again: they are what
/// mutations without that knowledge make.
#[test]
fn variations_are_chains_of_mutations() {
    for seed in 0..cases(1000) {
        let mut rng = Rng::new(seed);
        let schema = random_schema(&mut rng);
        let entry = random_input(&schema, &mut rng);
        let donor = match rng.one_in(3) {
            true => Vec::new(),
            false => random_input(&schema, &mut rng),
        };
        let mut plain = Mutator::new(rng, tokens());
        let mut mutator = plain.clone();
        let max_len = entry.len() + [0, 7, 300][rng.below(3)];
        let mut buf = vec![0xaa; max_len + 100];
        let recipe = Recipe { entry: &entry, donor: &donor, ..Recipe::default() };
        let variations = Variations::new(&mut mutator, &schema, recipe, &mut buf, max_len);
        let mut variations = variations.expect("inputs of the schema");
        let (mut expected, mut len) = (vec![0; max_len], 0);
        let start = variations.position();
        let mut all = Vec::new();
        for made in 0..35 {
            if made % CHAIN == 0 {
                expected[..entry.len()].copy_from_slice(&entry);
                len = entry.len();
            }
            len = plain.mutate(&schema, &mut expected, len, &donor);
            assert_eq!(variations.next(), &expected[..len], "seed {seed}, variation {made}");
            assert_eq!(variations.position().rng, plain.rng);
            variations.check_index();
            all.push(expected[..len].to_vec());
        }
        // They are made again from any start of a chain, whatever was made last.
        variations.go_to(start);
        for (again, made) in all.iter().zip(0..) {
            assert_eq!(variations.next(), again, "seed {seed}, variation {made} again");
        }
    }
}

impl Mutator {
    /// Puts a random input of the schema into `buf` and returns its length; 0 if no input is that
    /// short.
    fn generate(&mut self, schema: &Schema, buf: &mut [u8]) -> usize {
        self.scratch.clear();
        let mut sources = self.sources(&[], &[]);
        generate::append_value(schema, schema.root(), 0, buf.len(), &mut sources);
        buf[..self.scratch.len()].copy_from_slice(&self.scratch);
        self.scratch.len()
    }
}

#[test]
fn generated_inputs_have_the_shape_and_fit() {
    for seed in 0..cases(1000) {
        let mut rng = Rng::new(seed);
        let schema = random_schema(&mut rng);
        let mut mutator = Mutator::new(rng, tokens());
        for capacity in [10_000, 100, schema.simplest_input().len()] {
            let mut buf = vec![0; capacity];
            let len = mutator.generate(&schema, &mut buf);
            if len > 0 || capacity == 10_000 {
                assert_eq!(shape::check(&schema, &buf[..len]), Ok(()), "seed {seed}");
            }
        }
    }
}

/// The number of distinct results of 1000 single mutations of `input`.
fn distinct(schema: &Schema, input: &[u8]) -> usize {
    let mut mutator = Mutator::new(Rng::new(1), Vec::new());
    let results: BTreeSet<Vec<u8>> = (0..1000)
        .map(|_| {
            let mut buf = input.to_vec();
            buf.resize(1000, 0);
            let len = mutator.mutate(schema, &mut buf, input.len(), &[]);
            buf[..len].to_vec()
        })
        .collect();
    results.len()
}

#[test]
#[cfg_attr(miri, ignore = "needs all of its cases")]
fn a_search_from_nothing_goes_everywhere() {
    let bytes = schema_of([Node::Bytes(Bytes::ANY)]);
    let text = schema_of([Node::Str(Text::ANY)]);
    let both = schema_of([Node::Bytes(Bytes::ANY), Node::Str(Text::ANY)]);
    for (schema, least) in [(bytes, 750), (text, 500), (both, 600)] {
        let found = distinct(&schema, &schema.simplest_input());
        assert!(found >= least, "{found} of {schema:?}");
    }
}

#[test]
#[cfg_attr(miri, ignore = "needs all of its cases")]
fn a_long_string_and_a_bool_get_their_share() {
    let schema = schema_of([Node::Bytes(Bytes::ANY), Node::Bool]);
    let mut input = 1000u32.to_le_bytes().to_vec();
    input.resize(1005, 0);
    let mut mutator = Mutator::new(Rng::new(1), Vec::new());
    let toggled = (0..1000)
        .filter(|_| {
            let mut buf = input.clone();
            buf.resize(2000, 0);
            let len = mutator.mutate(&schema, &mut buf, input.len(), &[]);
            buf[len - 1] == 1
        })
        .count();
    assert!((40..200).contains(&toggled), "{toggled}");
}

/// `enum Op { Push(u16), Set(u16, u32), Pop }` in a `Vec`.
fn ops() -> Schema {
    let mut types = Types::new();
    let short = types.add(Node::Int(Int::full(false, 2)));
    let long = types.add(Node::Int(Int::full(false, 4)));
    let variant = |name: &str, fields: &[NodeId]| Record {
        name: name.into(),
        style: FieldStyle::Tuple,
        fields: fields.iter().map(|node| field(*node)).collect(),
    };
    let variants =
        vec![variant("Push", &[short]), variant("Set", &[short, long]), variant("Pop", &[])];
    let op = types.add(Node::Choice { name: "Op".into(), variants, weights: Weights::EVEN });
    let ops = types.add(Node::Seq { element: op, len: Len::ANY, style: SeqStyle::List });
    types.finish(vec![field(ops)]).unwrap()
}

/// Everything that single mutations make of `input`.
fn neighbours(schema: &Schema, input: &[u8], donor: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut mutator = Mutator::new(Rng::new(1), Vec::new());
    (0..SEEDS)
        .map(|_| {
            let mut buf = input.to_vec();
            buf.resize(100, 0);
            let len = mutator.mutate(schema, &mut buf, input.len(), donor);
            buf[..len].to_vec()
        })
        .collect()
}

#[test]
#[cfg_attr(miri, ignore = "needs all of its cases")]
fn sequences_of_enums_change_in_structure() {
    let schema = ops();
    let input = b"\x02\0\0\0\x00\x07\x00\x02"; // [Push(7), Pop]
    let donor = b"\x01\0\0\0\x01\x09\x00\x05\0\0\0"; // [Set(9, 5)]
    let seen = neighbours(&schema, input, donor);
    let expected: [(&str, &[u8]); 9] = [
        ("remove", b"\x01\0\0\0\x02"),
        ("truncate to nothing", b"\0\0\0\0"),
        ("duplicate", b"\x03\0\0\0\x00\x07\x00\x00\x07\x00\x02"),
        ("swap", b"\x02\0\0\0\x02\x00\x07\x00"),
        ("copy over", b"\x02\0\0\0\x02\x02"),
        ("step", b"\x02\0\0\0\x00\x08\x00\x02"),
        ("another variant", b"\x02\0\0\0\x02\x02"),
        ("insert from donor", b"\x03\0\0\0\x00\x07\x00\x01\x09\x00\x05\0\0\0\x02"),
        ("overwrite from donor", b"\x02\0\0\0\x00\x07\x00\x01\x09\x00\x05\0\0\0"),
    ];
    for (what, bytes) in expected {
        assert!(seen.contains(bytes), "{what}");
    }
    // Push(7) becomes Set(7, _): what the variants have in common stays.
    assert!(seen.iter().any(|bytes| bytes.starts_with(b"\x02\0\0\0\x01\x07\x00")));
}

#[test]
fn growth_of_recursive_values_ends_at_the_greatest_depth() {
    let mut types = Types::new();
    let key = TypeKey { name: "List", place: ("tests.rs", 1, 1) };
    let list = types.recursive(key, |types| {
        let inner = types.recursive(key, |_| unreachable!("the key is known"));
        let variant = |fields| Record { name: "V".into(), style: FieldStyle::Tuple, fields };
        let variants = vec![variant(vec![]), variant(vec![field(inner), field(inner)])];
        Node::Choice { name: "Tree".into(), variants, weights: Weights::EVEN }
    });
    let schema = types.finish(vec![field(list)]).unwrap();
    // A comb as deep as an input may be: each node holds a leaf and the rest.
    let mut input = [1, 0].repeat(254);
    input.push(0);
    assert_eq!(shape::check(&schema, &input), Ok(()));
    assert!(shape::check(&schema, &[&[1, 0], &input[..]].concat()).is_err());
    let mut mutator = Mutator::new(Rng::new(1), Vec::new());
    for round in 0..cases(2000) {
        let mut buf = input.clone();
        buf.resize(4000, 0);
        let len = mutator.mutate(&schema, &mut buf, input.len(), &input);
        assert_eq!(shape::check(&schema, &buf[..len]), Ok(()), "round {round}");
    }
}

#[test]
fn what_cannot_change_does_not() {
    let mut mutator = Mutator::new(Rng::new(1), Vec::new());
    let empty = schema_of([]);
    assert_eq!(mutator.mutate(&empty, &mut [0; 9], 0, &[]), 0);
    let fixed = schema_of([
        Node::Int(Int { min: 7, max: 7, ..Int::full(false, 1) }),
        Node::Bytes(Bytes::of_len(Len { min: 0, max: 0 })),
    ]);
    let mut buf = *b"\x07\0\0\0\0.....";
    assert_eq!(mutator.mutate(&fixed, &mut buf, 5, b"\x07\0\0\0\0"), 5);
    assert_eq!(&buf, b"\x07\0\0\0\0.....");
    assert_eq!(mutator.mutate(&fixed, &mut buf, 3, &[]), 3, "not an input");
}

/// What a hundred thousand single changes of an input make of it.
fn changes(schema: &Schema, input: &[u8], tokens: &[&[u8]]) -> BTreeSet<Vec<u8>> {
    let tokens = tokens.iter().map(|token| token.to_vec()).collect();
    let mut mutator = Mutator::new(Rng::new(1), tokens);
    let mut buf = vec![0; input.len() + 16];
    let mut change = |_| {
        buf[..input.len()].copy_from_slice(input);
        let len = mutator.mutate(schema, &mut buf, input.len(), &[]);
        buf[..len].to_vec()
    };
    (0..100_000).map(&mut change).collect()
}

#[test]
fn constants_of_the_program_become_whatever_has_their_size() {
    let token = 1.5_f64.to_le_bytes();
    let short = Node::Int(Int::full(false, 2));
    let mut types = Types::new();
    let element = types.add(short.clone());
    let array = types.add(Node::Array { element, len: 4 });
    let array = types.finish(vec![field(array)]).unwrap();
    assert!(changes(&array, &[0; 8], &[&token]).contains(&token[..]), "an array");
    assert!(changes(&schema_of([short]), &[0; 2], &[&token]).contains(&token[6..]), "a piece");
    assert!(
        changes(&schema_of([Node::Float { width: 8 }]), &[0; 8], &[&token]).contains(&token[..])
    );
}
