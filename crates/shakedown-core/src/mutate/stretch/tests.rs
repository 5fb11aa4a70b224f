//! Which runs are found, and what is made of them.

use super::super::{Mutator, Recipe, Variations};
use super::*;
use crate::rng::Rng;
use crate::schema::{Bytes, Field, Text, Types};

fn schema(node: Node) -> Schema {
    let mut types = Types::new();
    let node = types.add(node);
    types.finish(vec![Field { name: "it".into(), node, default: None }]).unwrap()
}

/// The contents that a visit makes of one, of this length at most.
fn stretched(node: Node, content: &[u8], max_len: usize) -> Vec<Vec<u8>> {
    let schema = schema(node);
    let entry = [&(content.len() as u32).to_le_bytes(), content].concat();
    let (state, inc) = begin(0);
    let mut mutator = Mutator::new(Rng { state, inc }, Vec::new());
    let recipe = Recipe { entry: &entry, ..Recipe::default() };
    let mut buf = vec![0; 4 + max_len];
    let variations = Variations::new(&mut mutator, &schema, recipe, &mut buf, 4 + max_len);
    let mut variations = variations.unwrap();
    (0..16).map(|_| variations.next()[4..].to_vec()).collect()
}

#[test]
fn the_longest_runs_are_found_once_each() {
    let schema = schema(Node::Bytes(Bytes::ANY));
    let found = |content: &[u8]| {
        let entry = [&(content.len() as u32).to_le_bytes(), content].concat();
        let (mut sites, mut out) = (Sites::new(), Vec::new());
        sites.rebuild(&schema, &entry).unwrap();
        runs(&schema, &entry, &sites, &mut out);
        out.iter().map(|run| (run.start, run.unit, run.len)).collect::<Vec<_>>()
    };
    assert_eq!(found(b"[[[["), [(0, 1, 4)]);
    assert_eq!(found(b"x<a><a><a>.."), [(1, 3, 9)]);
    assert_eq!(found(b"ababab((((("), [(0, 2, 6), (6, 1, 5)]);
    assert_eq!(found(b"abcdab"), []);
    assert_eq!(found(b""), []);
}

#[test]
fn a_run_becomes_as_long_as_inputs_may_be_in_steps() {
    let made = stretched(Node::Str(Text::ANY), b"a=[[[ 1", 20_000);
    let of_the_only_run = made.iter().step_by(RUNS as usize);
    for (input, len) in of_the_only_run.zip([1 << 10, 1 << 12, 1 << 14, 20_000]) {
        assert_eq!(input.len(), len);
        let inner = input.strip_prefix(b"a=").and_then(|rest| rest.strip_suffix(b" 1")).unwrap();
        assert!(inner.iter().all(|byte| *byte == b'['));
    }
    assert!(made[1..4].iter().all(|input| input.len() < 5000), "single changes, for want of runs");
}

#[test]
fn text_is_repeated_in_whole_characters() {
    for input in stretched(Node::Str(Text::ANY), "xéééé".as_bytes(), 5000) {
        assert!(std::str::from_utf8(&input).is_ok());
    }
    let made = stretched(Node::Str(Text::ANY), "éééé".as_bytes(), 5000);
    assert_eq!(made[0], "é".repeat(512).as_bytes());
}

#[test]
fn bounds_on_the_length_are_kept() {
    let made = stretched(Node::Bytes(Bytes::of_len(Len { min: 0, max: 9 })), b"aaaa", 5000);
    assert!(made.iter().all(|input| input.len() <= 9), "{made:?}");
    assert_eq!(made[0], b"aaaaaaaaa");
}
