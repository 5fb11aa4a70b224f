//! `#[input(regex = ..)]`, held against the crate `regex`: everything that is drawn, changed, spliced
//! and minimized matches.
#![cfg(feature = "regex")]

#[allow(dead_code, reason = "each test uses its own part of this")]
mod common;

use std::cell::Cell;
use std::sync::LazyLock;

use common::{decode, schema_of, survives};
use regex::Regex;
use shakedown::Input;
use shakedown_core::literal;
use shakedown_core::minimize::{Verdict, minimize};
use shakedown_core::mutate::Mutator;
use shakedown_core::rng::Rng;
use shakedown_core::schema::Schema;

macro_rules! patterns {
    ($($field:ident: $pattern:literal,)*) => {
        #[derive(Input, Debug, PartialEq)]
        struct Patterns {
            $(#[input(regex = $pattern)] $field: String,)*
        }

        impl Patterns {
            fn texts(&self) -> Vec<&str> {
                vec![$(&*self.$field,)*]
            }
        }

        /// The patterns in the same order.
        static REGEXES: LazyLock<Vec<Regex>> = LazyLock::new(|| vec![$(whole($pattern),)*]);
    };
}

/// A pattern of the whole text.
fn whole(pattern: &str) -> Regex {
    Regex::new(&format!("^(?:{pattern})$")).expect("a pattern")
}

patterns! {
    word: "[a-z]+",
    version: r"\d{1,3}(\.\d{1,3}){2}(-[a-z]+(\.\d)?)?",
    address: r"(?i)[a-z0-9._%+-]{1,64}@([a-z0-9-]{1,63}\.){1,3}[a-z]{2,8}",
    anything: "(?s).*",
    line: ".{0,20}",
    unicode: r"\p{Greek}{2,}\w?|漢(字|🦀)*",
    empty: "",
    nested: r"((a|bc?)*,)*[^,;]|((x?){3}y)+",
    anchored: "^(?:get|put)$|^(?:[A-F]{2}:){5}[A-F]{2}$",
    lazy: r#"(?x) " (?: [^"\\] | \\ ["\\nt] )*? " "#,
}

fn mismatches(input: &[u8]) -> Vec<(String, String)> {
    let patterns: Patterns = decode(input);
    let all = patterns.texts().into_iter().zip(&*REGEXES);
    let all = all.filter(|(text, pattern)| !pattern.is_match(text));
    all.map(|(text, pattern)| (text.to_owned(), pattern.to_string())).collect()
}

/// Checks everything that `count` changes make, with tokens and donors; returns the last input.
fn varied(schema: &Schema, seed: u64, count: usize) -> Vec<u8> {
    let tokens = ["admin", "é", ",a", "1.2"].map(|token| token.as_bytes().to_vec());
    let mut mutator = Mutator::new(Rng::new(seed), tokens.to_vec());
    let mut input = schema.simplest_input();
    let mut donor = input.clone();
    for step in 0..count {
        let mut buf = input.clone();
        buf.resize(4096, 0);
        let len = mutator.mutate(schema, &mut buf, input.len(), &donor);
        buf.truncate(len);
        assert_eq!(mismatches(&buf), [], "seed {seed}, step {step}");
        if step % 16 == 0 {
            donor = std::mem::replace(&mut input, buf);
        } else {
            input = buf;
        }
    }
    input
}

#[test]
fn all_that_is_made_and_changed_matches() {
    let schema = schema_of::<Patterns>();
    for seed in 0..6 {
        let last = varied(&schema, seed, 100);
        assert!(last.len() > 100, "it grows: {last:?}");
        survives(&decode::<Patterns>(&last));
    }
}

#[test]
fn all_that_the_minimizer_asks_about_matches() {
    let schema = schema_of::<Patterns>();
    let input = varied(&schema, 8, 60);
    let asked = Cell::new(0);
    let mut ask = |candidate: &[u8]| {
        asked.set(asked.get() + 1);
        assert_eq!(mismatches(candidate), []);
        let patterns: Patterns = decode(candidate);
        let is_kept = patterns.address.contains("@") && patterns.word.len() > 3;
        if is_kept { Verdict::Keep } else { Verdict::Reject }
    };
    let Verdict::Keep = ask(&input) else {
        panic!("another seed: {:?}", decode::<Patterns>(&input))
    };
    let minimum = minimize(&schema, &input, &mut ask, &|| false);
    let patterns: Patterns = decode(&minimum.input);
    assert_eq!((&*patterns.word, &*patterns.address), ("aaaa", "0@0.aa"));
    assert_eq!((&*patterns.anchored, &*patterns.nested, &*patterns.lazy), ("get", "0", "\"\""));
    assert!(asked.get() > 20);
}

#[test]
fn texts_of_files_are_checked() {
    let schema = schema_of::<Patterns>();
    let simplest = literal::print(&schema, &schema.simplest_input(), &[]);
    let changed = simplest.replace("version: \"0.0.0\"", "version: \"0.0\"");
    assert_ne!(simplest, changed);
    let errors = literal::parse(&schema, &changed).unwrap_err();
    let text = format!("{errors:?}");
    assert!(text.contains("the text does not match its `regex`"), "{text}");
}

#[test]
fn borrowed_and_shared_strings_may_have_one() {
    #[derive(Input)]
    struct Names<'a> {
        #[input(regex = "a+")]
        borrowed: &'a str,
        #[input(regex = "b+")]
        shared: std::sync::Arc<str>,
        #[input(regex = "c+", default = "ccc")]
        cow: std::borrow::Cow<'a, str>,
    }
    let input = schema_of::<Names<'_>>().simplest_input();
    let Names { borrowed, shared, cow } = decode(&input);
    assert_eq!((borrowed, &*shared, &*cow), ("a", "b", "ccc"));
}
