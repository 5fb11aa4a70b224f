//! Every type that an argument may have, in a target, and every attribute: on arguments, on fields, and on
//! what these hold. Values survive being encoded, printed and read again.

#[allow(dead_code, reason = "each test uses its own part of this")]
mod common;

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{CString, OsString};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, NonZeroU8, Saturating, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::{decode, encode, inputs_are_values, schema_of};
use shakedown::Input;
use shakedown_core::literal::{self, print_value};

/// Checks that a value is what is encoded, what is printed, and what a text says.
fn survives<T: Input<'static>>(value: &T) {
    let schema = schema_of::<T>();
    let bytes = encode(value);
    let again: T = decode(bytes.clone().leak());
    assert_eq!(encode(&again), bytes, "{}", std::any::type_name::<T>());
    let file = literal::print(&schema, &bytes, &[]);
    assert_eq!(literal::parse(&schema, &file).expect("it is text").input, bytes, "{file}");
    let text = print_value(&schema, schema.arguments()[0].node, &bytes);
    assert_eq!(encode(&shakedown::from_text::<T>(&text)), bytes, "{text}");
}

/// A target of each type, which the value of its seed does not fail, and a check of that value.
macro_rules! types {
    ($($name:ident: $type:ty = $value:expr;)*) => {$(
        mod $name {
            #[allow(clippy::wildcard_imports, unused_imports, reason = "each needs some of it")]
            use super::*;

            #[allow(
                clippy::needless_pass_by_value, clippy::boxed_local, clippy::redundant_allocation,
                clippy::linkedlist, clippy::rc_buffer, clippy::box_collection,
                reason = "a target takes what it is said to"
            )]
            #[shakedown::fuzz(seeds = [$value])]
            fn target(value: $type) {
                assert_eq!(encode(&value), encode::<$type>(&$value));
            }

            #[test]
            fn survives() {
                super::survives::<$type>(&$value);
            }
        }
    )*};
}

/// An own type with borrowed fields.
#[derive(Debug, Input)]
struct Borrowed<'a> {
    text: &'a str,
    bytes: &'a [u8],
    cow: Cow<'a, str>,
    list: Cow<'a, [u16]>,
}

types! {
    vec: Vec<u16> = vec![1, 2];
    vec_deque: VecDeque<bool> = [true].into();
    linked_list: LinkedList<char> = ['x'].into_iter().collect();
    binary_heap: BinaryHeap<u8> = [1, 2].into();
    btree_map: BTreeMap<String, Vec<u8>> = [("k".to_owned(), vec![1])].into();
    btree_set: BTreeSet<i128> = [i128::MIN, 7].into();
    hash_map: HashMap<u8, Option<u8>> = [(1, None)].into();
    hash_set: HashSet<(u8, char)> = [(1, 'a')].into();
    cow: Cow<'_, str> = Cow::Borrowed("cow");
    cow_bytes: Cow<'_, [u8]> = Cow::Borrowed(&b"cow"[..]);
    cow_list: Cow<'_, [u32]> = Cow::Borrowed(&[1, 2][..]);
    rc: Rc<u8> = Rc::new(1);
    rc_str: Rc<str> = Rc::from("rc");
    rc_slice: Rc<[u16]> = Rc::from([1, 2]);
    arc: Arc<Vec<u8>> = Arc::new(vec![1]);
    arc_str: Arc<str> = Arc::from("arc");
    arc_slice: Arc<[u8]> = Arc::from(*b"arc");
    boxed: Box<Box<u8>> = Box::new(Box::new(1));
    box_slice: Box<[i32]> = Box::from([-1]);
    box_str: Box<str> = Box::from("box");
    non_zero: (NonZeroU8, NonZero<i64>) = (NonZeroU8::MIN, NonZero::<i64>::MIN);
    wrapping: Wrapping<i8> = Wrapping(-1);
    saturating: Saturating<u128> = Saturating(u128::MAX);
    reverse: Reverse<u8> = Reverse(1);
    duration: Duration = Duration::new(1, 999_999_999);
    system_time: SystemTime = UNIX_EPOCH - Duration::from_nanos(3);
    addresses: (IpAddr, Ipv4Addr, Ipv6Addr) =
        (Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST, Ipv6Addr::UNSPECIFIED);
    sockets: (SocketAddr, SocketAddrV4, SocketAddrV6) = (
        ([1, 2, 3, 4], 5).into(),
        SocketAddrV4::new(Ipv4Addr::BROADCAST, 80),
        SocketAddrV6::new(Ipv6Addr::LOCALHOST, 1, 2, 3),
    );
    path: PathBuf = PathBuf::from("a/../b");
    os_string: OsString = OsString::from("os");
    c_string: CString = CString::new("c").unwrap();
    ranges: (Range<u8>, RangeFrom<u8>, RangeInclusive<i8>, RangeTo<u8>) = (Range { start: 3, end: 1 }, 2.., -1..=1, ..4);
    other_ranges: (RangeToInclusive<char>, RangeFull) = (..='x', ..);
    bounds: (Bound<u8>, Bound<u8>) = (Bound::Excluded(1), Bound::Unbounded);
    character: char = '\u{10ffff}';
    wide: (u128, i128) = (u128::MAX, i128::MIN);
    nan: (f32, f64) = (f32::from_bits(0x7fc0_0123), f64::from_bits(0xfff8_0000_dead_beef));
    infinite: [f64; 3] = [f64::INFINITY, -0.0, f64::MIN_POSITIVE];
    array: [[u8; 3]; 2] = [[1, 2, 3], [4, 5, 6]];
    empty_array: [String; 0] = [];
    tuple: (u8, i8, u16, i16, u32, i32, u64, i64, usize, isize, bool, char) =
        (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, true, 'x');
    unit: () = ();
    phantom: PhantomData<Vec<u8>> = PhantomData;
    ordering: Ordering = Ordering::Greater;
    option: Option<Option<String>> = Some(None);
    result: Result<u8, String> = Err("e".to_owned());
    borrowed: Borrowed<'_> = Borrowed {
        text: "t", bytes: b"\xff", cow: "c".into(), list: vec![1].into(),
    };
}

/// As long as no stack should hold twice.
#[shakedown::fuzz]
fn long_arrays(bytes: Box<[u8; 65_536]>, numbers: &[u16; 65_536]) {
    assert_eq!(bytes.len(), numbers.len());
}

#[test]
fn arrays_may_be_of_any_length() {
    survives(&Box::new([7_u8; 65_536]));
    survives(&Box::new([7_u16; 65_536]));
}

/// Types of other crates, each with the feature of its name.
macro_rules! features {
    ($($feature:literal $name:ident: $type:ty = $value:expr;)*) => {$(
        #[cfg(feature = $feature)]
        types! { $name: $type = $value; }
    )*};
}

features! {
    "bytes" bytes_: bytes::Bytes = bytes::Bytes::from_static(b"b");
    "bytes" bytes_mut: bytes::BytesMut = bytes::BytesMut::from(&b"b"[..]);
    "smallvec" smallvec_: smallvec::SmallVec<[u8; 4]> = smallvec::smallvec![1, 2];
    "arrayvec" arrayvec_: arrayvec::ArrayVec<u16, 3> = [1, 2].into_iter().collect();
    "arrayvec" array_string: arrayvec::ArrayString<8> = arrayvec::ArrayString::from("a").unwrap();
    "indexmap" indexmap_: indexmap::IndexMap<u8, bool> = [(2, true), (1, false)].into();
    "indexmap" indexset: indexmap::IndexSet<u8> = [2, 1].into();
    "uuid" uuid_: uuid::Uuid = uuid::Uuid::from_u128(7);
    "chrono" chrono_: chrono::NaiveDateTime = chrono::NaiveDateTime::default();
    "time" time_: time::Date = time::Date::MIN;
    "jiff" jiff_: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;
    "serde_json" serde_json_: serde_json::Value = serde_json::json!({"a": [1, null, "x", 1.5]});
    "either" either_: either::Either<u8, String> = either::Either::Right("r".to_owned());
    "rust_decimal" decimal: rust_decimal::Decimal = rust_decimal::Decimal::new(-15, 1);
    "num-bigint" bigint: num_bigint::BigInt = num_bigint::BigInt::from(-7_i128 << 100);
    "num-bigint" biguint: num_bigint::BigUint = num_bigint::BigUint::from(7_u8);
    "url" url_: url::Url = url::Url::parse("http://a/?q#f").unwrap();
}

/// Stands in for a crate of vectors, such as `glam`: a plain struct by `with`.
mod vectors {
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(super) struct Vec3 {
        pub(super) x: f32,
        pub(super) y: f32,
        pub(super) z: f32,
    }
}

#[derive(Input)]
#[input(remote = "vectors::Vec3")]
struct Vec3 {
    x: f32,
    y: f32,
    z: f32,
}

const SMALL: std::ops::RangeInclusive<u8> = 1..=9;

fn is_even(n: &u16) -> bool {
    n.is_multiple_of(2)
}

fn doubled(n: u8) -> u16 {
    u16::from(n) * 2
}

fn halved(n: &u16) -> u8 {
    (n / 2) as u8
}

/// Every attribute on a field.
#[derive(Debug, Input, PartialEq)]
struct Fields {
    #[input(range = SMALL)]
    range: u8,
    #[input(len = 1..=3)]
    len: String,
    #[input(one_of = ["GET", "PUT"])]
    one_of: String,
    #[input(chars = "a-z0-9_")]
    chars: String,
    #[input(ascii)]
    ascii: Vec<u8>,
    #[input(sorted, unique)]
    list: Vec<u8>,
    #[input(default = 7)]
    default: u8,
    #[input(skip)]
    skip: u8,
    #[input(with = Vec3)]
    with: vectors::Vec3,
    #[input(map = doubled, unmap = halved)]
    map: u16,
    #[input(filter = is_even)]
    filter: u16,
    kind: Kind,
    nested: Nested,
    #[input(items(with = Vec3))]
    held: Vec<vectors::Vec3>,
    #[input(len = 2.., items(items(with = Vec3)))]
    deep: VecDeque<Option<vectors::Vec3>>,
}

#[derive(Debug, Input, PartialEq)]
enum Kind {
    #[input(weight = 3)]
    Often,
    Rare(#[input(range = 1..)] u8),
}

#[derive(Debug, Input, PartialEq)]
#[input(depth = 3)]
struct Nested(#[input(len = ..=2)] Vec<Nested>);

/// By a newtype, every attribute is one of what a list holds.
#[derive(Debug, Input, PartialEq)]
struct Even(#[input(filter = is_even, map = doubled, unmap = halved)] u16);

impl Fields {
    fn check(&self) {
        assert!(SMALL.contains(&self.range) && (1..=3).contains(&self.len.len()));
        assert!(["GET", "PUT"].contains(&self.one_of.as_str()));
        assert!(self.chars.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_')));
        assert!(self.ascii.is_ascii() && self.list.is_sorted_by(|a, b| a < b));
        assert!(self.skip == 0 && self.map.is_multiple_of(2) && self.deep.len() >= 2);
        assert!(!matches!(self.kind, Kind::Rare(0)));
    }
}

#[shakedown::fuzz]
fn attributes_on_fields(fields: &Fields, all: Vec<Fields>, evens: &[Even]) {
    all.iter().chain([fields]).for_each(Fields::check);
    assert!(evens.iter().all(|even| is_even(&even.0)));
}

const ORIGIN: vectors::Vec3 = vectors::Vec3 { x: 0.0, y: -1.0, z: 2.0 };

#[shakedown::fuzz(seeds = [
    (1, "a", "GET", "x", b"a", vec![1], 2, ORIGIN, 4, 2, [ORIGIN], [Some(ORIGIN), None])
])]
#[expect(clippy::too_many_arguments, reason = "one of each attribute")]
fn attributes_on_arguments(
    #[input(range = SMALL)] range: u8,
    #[input(len = 1..=3)] len: &str,
    #[input(one_of = ["GET", "PUT"])] one_of: String,
    #[input(chars = "a-z0-9_")] chars: &str,
    #[input(ascii)] ascii: &[u8],
    #[input(sorted, unique)] list: Vec<u8>,
    #[input(default = 7)] default: u8,
    #[input(with = Vec3)] with: vectors::Vec3,
    #[input(map = doubled, unmap = halved)] map: u16,
    #[input(filter = is_even)] filter: u16,
    #[input(items(with = Vec3))] held: &[vectors::Vec3],
    #[input(items(items(with = Vec3)))] pair: &[Option<vectors::Vec3>; 2],
) {
    let (len, one_of, chars) = (len.to_owned(), one_of, chars.to_owned());
    let (ascii, kind, nested) = (ascii.to_vec(), Kind::Often, Nested(Vec::new()));
    let (held, deep) = (held.to_vec(), pair.iter().copied().collect());
    let fields = Fields {
        range,
        len,
        one_of,
        chars,
        ascii,
        list,
        default,
        skip: 0,
        with,
        map,
        filter,
        kind,
        nested,
        held,
        deep,
    };
    fields.check();
}

/// What a list, a set or a map holds.
#[derive(Debug, Input, PartialEq)]
struct Held {
    #[input(items(range = SMALL))]
    range: BTreeSet<u8>,
    #[input(items(len = 1..=3))]
    len: Vec<String>,
    #[input(items(one_of = [1, 2, 4]))]
    one_of: Option<u8>,
    #[input(keys(chars = "a-z"), values(items(ascii)))]
    chars: BTreeMap<String, [String; 2]>,
    #[input(items(with = Vec3))]
    with: [vectors::Vec3; 2],
}

impl Held {
    fn check(&self) {
        assert!(self.range.iter().all(|n| SMALL.contains(n)));
        assert!(self.len.iter().all(|text| (1..=3).contains(&text.len())));
        assert!(self.one_of.is_none_or(|n| [1, 2, 4].contains(&n)));
        assert!(self.chars.keys().all(|key| key.bytes().all(|byte| byte.is_ascii_lowercase())));
        assert!(self.chars.values().flatten().all(|text| text.is_ascii()));
    }
}

/// Checks `count` values of a type that random changes make.
fn varied<T: for<'a> Input<'a>>(seed: u64, check: impl Fn(&T)) {
    let schema = schema_of::<T>();
    let rng = shakedown_core::rng::Rng::new(seed);
    let mut mutator = shakedown_core::mutate::Mutator::new(rng, Vec::new());
    let mut input = vec![0; 2048];
    let simplest = schema.simplest_input();
    input[..simplest.len()].copy_from_slice(&simplest);
    let mut len = simplest.len();
    let mut rejected = 0;
    for _ in 0..2000 {
        shakedown_core::schema::shape::check(&schema, &input[..len]).expect("the shape");
        let made =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| decode::<T>(&input[..len])));
        match made {
            Ok(value) => check(&value),
            // By a filter.
            Err(_) => rejected += 1,
        }
        len = mutator.mutate(&schema, &mut input, len, &[]);
    }
    assert!(rejected < 1990, "{rejected}");
}

#[test]
fn whatever_is_made_keeps_to_the_attributes() {
    varied::<Fields>(1, Fields::check);
    varied::<Held>(2, Held::check);
    varied::<Vec<Even>>(3, |evens| assert!(evens.iter().all(|even| is_even(&even.0))));
    inputs_are_values::<Held>();
}

#[test]
fn values_with_attributes_survive() {
    survives(&Fields {
        range: 9,
        len: "abc".into(),
        one_of: "PUT".into(),
        chars: "a_0".into(),
        ascii: b"~".to_vec(),
        list: vec![1, 2],
        default: 1,
        skip: 0,
        with: ORIGIN,
        map: 4,
        filter: 2,
        kind: Kind::Rare(1),
        nested: Nested(vec![Nested(vec![Nested(vec![])])]),
        held: vec![ORIGIN; 2],
        deep: [None, Some(ORIGIN)].into(),
    });
    survives(&Held {
        range: [1, 9].into(),
        len: vec!["a".into()],
        one_of: Some(4),
        chars: [("k".into(), ["a".into(), String::new()])].into(),
        with: [ORIGIN; 2],
    });
    survives(&Even(6));
}

/// Patterns on strings and on bytes, on arguments, on fields and on what these hold.
#[cfg(feature = "regex")]
mod patterns {
    use super::*;

    #[derive(Debug, Input, PartialEq)]
    struct Words {
        #[input(regex = "[a-z]+")]
        text: String,
        #[input(regex = "[0-9]{2}")]
        bytes: Vec<u8>,
        #[input(items(regex = "x+"))]
        held: Vec<String>,
        #[input(items(regex = "y|é"))]
        lists: Vec<Vec<u8>>,
    }

    impl Words {
        fn check(&self) {
            assert!(
                !self.text.is_empty() && self.text.bytes().all(|byte| byte.is_ascii_lowercase())
            );
            assert!(self.bytes.len() == 2 && self.bytes.iter().all(u8::is_ascii_digit));
            assert!(self.held.iter().all(|text| text.starts_with('x')));
            assert!(self.lists.iter().all(|list| list == b"y" || list == "é".as_bytes()));
        }
    }

    #[shakedown::fuzz(seeds = [("a", b"12", [b"34".to_vec()])])]
    fn arguments(
        #[input(regex = "[a-z]+")] text: &str,
        #[input(regex = "[0-9]{2}")] bytes: &[u8],
        #[input(items(regex = "[0-9]{2}"))] lists: &[Vec<u8>],
    ) {
        let lists: Vec<&[u8]> = lists.iter().map(Vec::as_slice).chain([bytes]).collect();
        assert!(lists.iter().all(|list| list.len() == 2) && !text.is_empty());
    }

    #[shakedown::fuzz(seeds = [b"12"])]
    fn alone(#[input(regex = "[0-9]{2}")] bytes: Vec<u8>) {
        assert_eq!(bytes.len(), 2);
    }

    #[test]
    fn bytes_match_too() {
        varied::<Words>(4, Words::check);
        survives(&Words {
            text: "a".into(),
            bytes: b"12".to_vec(),
            held: vec!["xx".into()],
            lists: vec![b"y".to_vec(), "é".into()],
        });
    }
}
