//! Targets with all kinds of arguments and options: that this file compiles under strict lints,
//! and that its targets pass as plain tests, is the test.
#![forbid(unsafe_code, unused_imports)]
#![deny(warnings, missing_docs, unreachable_pub, unused, clippy::all, clippy::pedantic)]
#![allow(
    clippy::boxed_local,
    clippy::many_single_char_names,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    reason = "about the targets, which take arguments in every way there is"
)]

use std::borrow::Cow;
use std::collections::HashMap;

use shakedown::Input;

#[shakedown::fuzz(seeds = [b"GIF89a", b""])]
fn borrowed_bytes(bytes: &[u8]) {
    assert!(matches!(bytes, b"GIF89a" | b""));
}

#[shakedown::fuzz(seeds = ["http://a/", "é"])]
fn borrowed_text(text: &'_ str) {
    assert!(["http://a/", "é"].contains(&text));
}

#[shakedown::fuzz(seeds = [b"ab", vec![1, 2]])]
fn owned_bytes(bytes: Vec<u8>) {
    assert_eq!(bytes.len(), 2);
}

#[shakedown::fuzz(seeds = ["a", String::from("b"), "c".to_owned()])]
fn owned_text(text: String) {
    assert_eq!(text.len(), 1);
}

#[shakedown::fuzz(seeds = [("a", b"a", b"a", "a"), (Cow::Borrowed("b"), b"bc", *b"x", "")])]
fn other_owners(text: Cow<'_, str>, bytes: Cow<'_, [u8]>, array: [u8; 1], boxed: Box<str>) {
    assert_eq!(text.len() + bytes.len() + array.len() + boxed.len(), 4);
}

#[shakedown::fuzz(seeds = [(1, true, 'x', -2.5), (u64::MAX, false, '\0', 0.0)])]
fn scalars(number: u64, flag: bool, letter: char, ratio: f32) {
    assert_eq!(number == 1, flag);
    assert_eq!(letter == 'x', ratio < 0.0);
}

#[shakedown::fuzz(seeds = [
    (&[1, 2], &mut [3], &vec!["a"], &mut "b".to_owned(), "c", b"d"),
    (vec![1, 2], [3], vec!["a"], "b", String::from("c"), b"d"),
])]
fn lent(a: &[u32], b: &mut [u16], c: &Vec<&str>, d: &mut String, e: &mut str, f: &[u8; 1]) {
    b[0] += 1;
    d.push('!');
    e.make_ascii_uppercase();
    assert_eq!((a, b, c, f), (&[1, 2][..], &mut [4][..], &vec!["a"], b"d"));
    assert_eq!((d.as_str(), &*e), ("b!", "C"));
}

/// Private, and in reach of the test.
#[derive(Input, Debug, Clone, PartialEq)]
struct Config<'a> {
    name: &'a str,
    depth: u8,
}

const CONFIG: Config<'static> = Config { name: "a", depth: 1 };

#[shakedown::fuzz(seeds = [(CONFIG, CONFIG, CONFIG), (CONFIG, &CONFIG, &mut CONFIG.clone())])]
fn derived(owned: Config<'_>, lent: &Config<'_>, changed: &mut Config) {
    changed.depth += 1;
    assert_eq!((&owned, lent), (&CONFIG, &CONFIG));
    assert_eq!(changed.depth, 2);
}

#[shakedown::fuzz(seeds = [(7, 8, 9, (1, 2), [3, 4])])]
fn patterns(_: u8, mut a: u8, r#type: u8, (b, c): (u8, u8), [d, e]: [u8; 2]) {
    a += 1;
    assert_eq!((a, r#type, b, c, d, e), (9, 9, 1, 2, 3, 4));
}

#[shakedown::fuzz(seeds = [(5, "abc")])]
fn limited(#[input(range = 1..=9)] number: u8, #[input(len = 1..=3, default = "x")] text: &str) {
    assert!((1..=9).contains(&number));
    assert!((1..=3).contains(&text.len()));
}

#[shakedown::fuzz(seeds = [1, 2])]
fn may_return_errors(number: u8) -> Result<(), std::num::TryFromIntError> {
    i8::try_from(number).map(drop)
}

#[shakedown::fuzz(seeds = [0, 1])]
fn may_reject(divisor: u8) {
    if divisor == 0 {
        shakedown::reject();
    }
    assert_eq!(1 / divisor, 1);
}

#[shakedown::fuzz(
    seeds = [HashMap::new()],
    timeout = "500ms",
    max_len = 64 << 10,
    dict = ["GIF89a", b"\xff\xd8"],
)]
fn options(map: HashMap<String, u32>) {
    assert!(map.is_empty());
}

#[shakedown::fuzz(seeds = ["four\n"], seed_files = "tests/seeds/*.txt")]
fn seeds_in_files(text: &str) {
    assert!(["one\n", "two\n", "four\n"].contains(&text));
}

#[shakedown::fuzz(seed_files = ["tests/**/t*.input"])]
fn typed_seeds_in_files(name: &str, length: usize) {
    assert_eq!((name, length), ("three", 5));
}

/// In a plain test nothing is written, and nothing made.
#[test]
fn values_that_are_not_captured_are_not_made() {
    fn made<T>() -> T {
        panic!("it is not asked for")
    }
    shakedown::capture!(borrowed_text, made::<String>());
    shakedown::capture!(lent, [1, 2], vec![3], &vec!["a"], String::from("b"), "c", b"d");
    shakedown::capture!(crate::derived, CONFIG, &CONFIG, made::<Config<'_>>());
    shakedown::capture!(
        self::other_owners,
        Cow::Borrowed("b"),
        Cow::Borrowed(&b"bc"[..]),
        *b"x",
        Box::from("")
    );
    shakedown::capture!(patterns, 7, 8, 9, (1, 2), [3, 4]);
    assert!(!std::path::Path::new("testdata/fuzz/borrowed_text").exists());
}

#[shakedown::fuzz(dict = "tests/targets.dict")]
fn a_dictionary_from_a_file(_text: &str) {}

#[shakedown::fuzz(seeds = [1])]
fn fuzz(number: u8) {
    assert_eq!(number, 1);
}

#[shakedown::fuzz]
#[cfg(any())]
fn not_compiled(number: NoSuchType) {}

#[shakedown::fuzz(seeds = [1])]
#[ignore = "fails, and is not run"]
fn ignored(number: u8) {
    assert_ne!(number, 1);
}

mod names {
    //! Names that the generated code must not run into.
    #![allow(dead_code, non_camel_case_types)]

    /// Shadows a type of the standard library.
    type Result<T> = ::std::result::Result<T, ()>;
    type Option = u8;
    struct Vec;
    struct Target;
    mod std {}
    mod core {}

    fn types() -> u8 {
        1
    }
    fn reader() -> u8 {
        2
    }
    const WRITER: u8 = 3;

    #[shakedown::fuzz(seeds = [(types(), reader(), WRITER)])]
    fn target(value: u8, writer: u8, #[input(default = types(), range = 0..=WRITER)] node: Option) {
        assert_eq!((value, writer, node), (1, 2, 3));
    }

    #[shakedown::fuzz(seeds = [1])]
    fn returns(number: u8) -> Result<()> {
        (number == 1).then_some(()).ok_or(())
    }
}

#[test]
fn a_target_is_still_a_function() {
    borrowed_text("é");
    assert!(may_return_errors(200).is_err());
}

fn some_texts() -> impl Iterator<Item = (String, u8)> {
    (0..3).map(|number| ("a".repeat(number.into()), number))
}

#[shakedown::fuzz(seeds = some_texts)]
fn from_a_function(text: &str, number: u8) {
    assert_eq!(text.len(), usize::from(number));
}

#[shakedown::fuzz(seeds = [1_u32, 3].map(|number| vec![number; 2]))]
fn from_an_iterator(numbers: &[u32]) {
    assert!(matches!(numbers, [1, 1] | [3, 3] | []));
}

/// What is written for a module is meant in it, whatever the attribute makes of it.
mod relative {
    use shakedown::Input;

    /// Seeds.
    fn seeds() -> [(super::Shared, Own); 1] {
        [(super::Shared(3), Own(4))]
    }

    /// Most that may be.
    const MAX: u8 = 9;

    /// A type of this module.
    #[derive(Input, Debug)]
    struct Own(u8);

    #[shakedown::fuzz(seeds = self::seeds())]
    fn paths(
        shared: super::Shared,
        #[input(map = self::Own::new, unmap = |own: &self::Own| own.0)] own: Own,
    ) {
        assert_eq!((shared.0, own.0 % 10), (3, 4));
    }

    #[shakedown::fuzz(seeds = [(&super::SHARED, [], self::MAX)])]
    fn expressions(
        shared: &super::Shared,
        own: &[self::Own],
        #[input(range = super::MIN..=self::MAX)] number: u8,
    ) {
        assert!(shared.0 == 3 && own.is_empty() && number == 9);
    }

    impl Own {
        /// Makes one.
        fn new(number: u8) -> Self {
            Self(number)
        }
    }
}

/// A type of the module above.
#[derive(Input, Debug)]
struct Shared(u8);

/// One of them.
const SHARED: Shared = Shared(3);

/// Least that may be.
const MIN: u8 = 2;
