//! Limits of what values hold, and of how deep they nest: `items(..)` and `depth`.

#[allow(dead_code, reason = "each test uses its own part of this")]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{decode, schema_of, survives};
use shakedown::Input;
use shakedown_core::literal;
use shakedown_core::mutate::Mutator;
use shakedown_core::rng::Rng;

/// What is held is limited at any depth, in every kind of list.
#[derive(Input, Debug, PartialEq)]
struct Holding<'a> {
    #[input(len = 1.., items(len = 1..=3, items(range = 1..=9)))]
    rows: Vec<Vec<u32>>,
    #[input(items(range = -1..=1))]
    array: [i8; 3],
    #[input(items(range = 1..))]
    option: Option<u16>,
    #[input(items(items(chars = "a-c", len = 1..)))]
    boxed: Box<[Option<&'a str>]>,
    #[input(len = 1.., items(range = b'0'..=b'9'))]
    digits: &'a [u8],
    #[input(items(one_of = ["GET", "PUT"]))]
    methods: BTreeSet<String>,
    #[input(keys(range = 1..=4), values(items(one_of = [7, 9])))]
    map: BTreeMap<u8, Vec<u8>>,
}

#[test]
fn what_is_held_keeps_to_its_limits() {
    let schema = schema_of::<Holding<'_>>();
    let mut mutator = Mutator::new(Rng::new(3), Vec::new());
    let mut input = vec![0; 4096];
    let simplest = schema.simplest_input();
    input[..simplest.len()].copy_from_slice(&simplest);
    let mut len = simplest.len();
    let mut entries = 0;
    for _ in 0..3000 {
        let holding: Holding<'_> = decode(&input[..len]);
        assert!(holding.rows.iter().all(|row| (1..=3).contains(&row.len())));
        assert!(holding.rows.iter().flatten().all(|number| (1..=9).contains(number)));
        assert!(holding.array.iter().all(|number| (-1..=1).contains(number)));
        assert_ne!(holding.option, Some(0));
        let texts = || holding.boxed.iter().flatten();
        assert!(
            texts().all(|text| !text.is_empty() && text.trim_matches(['a', 'b', 'c']).is_empty())
        );
        assert!(holding.digits.iter().all(u8::is_ascii_digit));
        assert!(holding.methods.iter().all(|method| ["GET", "PUT"].contains(&method.as_str())));
        assert!(holding.map.keys().all(|key| (1..=4).contains(key)));
        assert!(holding.map.values().flatten().all(|value| [7, 9].contains(value)));
        entries += holding.map.len() + holding.methods.len() + texts().count();
        len = mutator.mutate(&schema, &mut input, len, &[]);
    }
    assert!(entries > 3000, "{entries}");
}

/// At most three within one another, also where other types stand between.
#[derive(Input, Debug, PartialEq)]
#[input(depth = 3)]
enum Term {
    Number(u8),
    Sum(Box<Term>, Box<Term>),
    Call(Arguments),
}

#[derive(Input, Debug, PartialEq)]
struct Arguments {
    first: Option<Box<Term>>,
    rest: Vec<Term>,
    more: Option<Box<Arguments>>,
}

impl Term {
    fn depth(&self) -> usize {
        1 + match self {
            Self::Number(_) => 0,
            Self::Sum(left, right) => left.depth().max(right.depth()),
            Self::Call(arguments) => arguments.depth(),
        }
    }
}

impl Arguments {
    fn depth(&self) -> usize {
        let terms = self.first.iter().map(|term| term.depth());
        let terms = terms.chain(self.rest.iter().map(Term::depth));
        terms.chain(self.more.iter().map(|more| more.depth())).max().unwrap_or(0)
    }
}

#[test]
fn a_limited_depth_is_reached_and_never_exceeded() {
    let schema = schema_of::<(Term, Arguments)>();
    let mut depths = BTreeSet::new();
    for seed in 0..8 {
        let mut mutator = Mutator::new(Rng::new(seed), Vec::new());
        let mut input = vec![0; 1024];
        let simplest = schema.simplest_input();
        input[..simplest.len()].copy_from_slice(&simplest);
        let mut len = simplest.len();
        for _ in 0..500 {
            len = mutator.mutate(&schema, &mut input, len, &[]);
            let (term, arguments): (Term, Arguments) = decode(&input[..len]);
            depths.extend([term.depth(), arguments.depth()]);
            survives(&(term, arguments));
        }
    }
    assert_eq!(depths, (0..=3).collect());
}

#[test]
fn what_nests_too_deep_in_a_file_is_told_where_it_stands() {
    let schema = schema_of::<Term>();
    let parse = |text: &str| literal::parse(&schema, &format!("shakedown v1\nvalue: {text}\n"));
    let call =
        |term: &str| format!("Call(Arguments {{ first: Some({term}), rest: [], more: None }})");
    assert!(parse(&call(&call("Number(1)"))).is_ok());
    let error = parse(&call(&call(&call("Number(1)")))).unwrap_err();
    assert!(parse(&call(&call("Call(Arguments { first: None, rest: [], more: None })"))).is_ok());
    assert_eq!(error.message, "nested deeper than `depth` allows");
}
