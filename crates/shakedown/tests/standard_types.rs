//! `Input` of the standard types: values survive, encodings have the shape of the type, and every
//! input of the shape is a value.

mod common;

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{CStr, CString, OsStr, OsString};
use std::hash::BuildHasherDefault;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::{decode, encode, inputs_are_values, node_of, survives};
use shakedown::Input;
use shakedown::input::{Corrupt, Reader};
use shakedown_core::schema::{Bytes, Int, Len, Node, NodeId, SeqStyle, Text};

/// A map that need not be ordered, with a hasher that is not the default one.
type Hashed<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

macro_rules! numbers {
    ($($int:ident)*) => {$(
        survives(&$int::MIN);
        survives(&$int::MAX);
        survives(&(42 as $int));
        inputs_are_values::<$int>();
        survives(&NonZero::<$int>::MIN);
        survives(&NonZero::<$int>::MAX);
        inputs_are_values::<NonZero<$int>>();
    )*};
}

#[test]
fn integers() {
    numbers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }
    survives(&Wrapping(7u8));
    survives(&Saturating(-7i64));
    survives(&Reverse(7));
    assert_eq!(node_of::<i16>(), Node::Int(Int::full(true, 2)));
    assert_eq!(node_of::<Wrapping<u128>>(), Node::Int(Int::full(false, 16)));
    assert_eq!(node_of::<NonZero<u8>>(), Node::Int(Int { min: 1, ..Int::full(false, 1) }));
}

#[test]
fn sizes_are_as_wide_on_every_machine() {
    assert_eq!(encode(&1usize).len(), 8);
    let Node::Int(int) = node_of::<usize>() else { panic!("an integer") };
    assert_eq!(int.text(int.max), usize::MAX.to_string());
    let Node::Int(int) = node_of::<isize>() else { panic!("an integer") };
    assert_eq!(int.text(int.min), isize::MIN.to_string());
    assert_eq!(int.text(int.max), isize::MAX.to_string());
}

#[test]
fn the_zero_of_a_signed_non_zero_is_one() {
    assert_eq!(decode::<NonZero<i16>>(&[0, 0]).get(), 1);
    assert_eq!(decode::<NonZero<i16>>(&[0xff, 0xff]).get(), -1);
}

#[test]
fn other_scalars() {
    survives(&1.5f32);
    survives(&f64::NEG_INFINITY);
    survives(&true);
    survives(&'\u{10ffff}');
    survives(&());
    survives(&PhantomData::<str>);
    survives(&Ordering::Less);
    survives(&Ordering::Greater);
    inputs_are_values::<(f32, f64, bool, char, (), PhantomData<u8>, Ordering)>();
    let nan = f64::from_bits(0x7ff8_0000_dead_beef);
    assert_eq!(decode::<f64>(&encode(&nan)).to_bits(), nan.to_bits());
}

#[test]
fn text_and_bytes() {
    survives(&"é".to_owned());
    survives(&Box::<str>::from("é"));
    survives(&Rc::<str>::from("é"));
    survives(&Arc::<str>::from("é"));
    survives(&vec![1u8, 2]);
    survives(&Box::<[u8]>::from([1, 2]));
    survives(&VecDeque::from([1u8, 2]));
    survives(&[1u8, 2, 3]);
    survives(&[0u8; 0]);
    inputs_are_values::<(String, Vec<u8>, [u8; 5], VecDeque<u8>, Rc<[u8]>)>();
    for node in [node_of::<Vec<u8>>(), node_of::<&[u8]>(), node_of::<Cow<'_, [u8]>>()] {
        assert_eq!(node, Node::Bytes(Bytes::ANY));
    }
    assert_eq!(node_of::<[u8; 3]>(), Node::Bytes(Bytes::of_len(Len { min: 3, max: 3 })));
    assert_eq!(node_of::<Cow<'_, str>>(), Node::Str(Text::ANY));
}

#[test]
fn borrowed_values_lie_in_the_input() {
    let input = encode(&("key".to_owned(), b"value".to_vec()));
    let within = |address: *const u8| input.as_ptr_range().contains(&address);
    let (key, value) = decode::<(&str, &[u8])>(&input);
    assert_eq!((key, value), ("key", &b"value"[..]));
    assert!(within(key.as_ptr()) && within(value.as_ptr()));
    let (key, value) = decode::<(Cow<'_, str>, Cow<'_, [u8]>)>(&input);
    assert!(matches!(key, Cow::Borrowed("key")));
    assert!(matches!(value, Cow::Borrowed(b"value")));
    assert_eq!(encode(&(key, value)), input);
}

#[test]
fn strings_of_the_system_may_hold_any_bytes() {
    let path = PathBuf::from("/tmp/é");
    survives(&path);
    survives(&path.clone().into_boxed_path());
    survives(&Rc::<Path>::from(path.as_path()));
    survives(&Arc::<Path>::from(path.as_path()));
    survives(&path.clone().into_os_string());
    survives(&path.into_os_string().into_boxed_os_str());
    survives(&c"a\xff".to_owned());
    survives(&Box::<CStr>::from(c"ab"));
    inputs_are_values::<(PathBuf, OsString, CString, Box<CStr>)>();
    assert_eq!(node_of::<&Path>(), Node::Bytes(Bytes::ANY));
    let input = encode(&b"a\xff".to_vec());
    let path: &Path = decode(&input);
    assert_eq!(encode(&path), input);
    assert!(matches!(decode::<Cow<'_, Path>>(&input), Cow::Borrowed(_)));
    assert!(matches!(decode::<Cow<'_, OsStr>>(&input), Cow::Borrowed(_)));
}

#[test]
fn slices_are_borrowed_where_they_are_bytes() {
    let (input, numbers) = (encode(&vec![1u8]), encode(&vec![1u16]));
    assert!(matches!(decode::<Cow<'_, [u8]>>(&input), Cow::Borrowed([1])));
    assert!(matches!(decode::<Cow<'_, [u16]>>(&numbers), Cow::Owned(list) if list == [1]));
    assert_eq!(encode(&Cow::Borrowed(&[1u16][..])), numbers);
}

#[test]
fn arrays_may_be_larger_than_a_stack() {
    const LEN: usize = 1 << 16;
    let bytes = encode(&Box::new([7u8; LEN]));
    assert_eq!(decode::<Box<[u8; LEN]>>(&bytes)[LEN - 1], 7);
    let numbers = encode(&vec![7u64; LEN]);
    assert_eq!(decode::<Box<[u64; LEN]>>(&numbers[4..])[LEN - 1], 7);
    assert_eq!(node_of::<[u64; LEN]>(), Node::Array { element: NodeId(0), len: 1 << 16 });
}

#[test]
fn lists() {
    survives(&vec!["a".to_owned(), String::new()]);
    survives(&LinkedList::from([1u32, 2]));
    survives(&LinkedList::from([1u8, 2]));
    survives(&VecDeque::from([1u32, 2]));
    survives(&Box::<[u16]>::from([1, 2]));
    survives(&Rc::<[u16]>::from([1, 2]));
    survives(&Arc::<[u16]>::from([1, 2]));
    survives(&[vec![1u16], vec![]]);
    survives(&[(); 3]);
    inputs_are_values::<(Vec<String>, [Option<i8>; 3], Box<[Vec<u8>]>)>();
    assert!(matches!(node_of::<Vec<i8>>(), Node::Seq { style: SeqStyle::List, .. }));
    assert!(matches!(node_of::<[i8; 3]>(), Node::Array { len: 3, .. }));
}

#[test]
fn pointers_do_not_show() {
    survives(&Box::new(1u8));
    survives(&Rc::new(1u8));
    survives(&Arc::new(Box::new(1u8)));
    assert_eq!(node_of::<Arc<Box<u8>>>(), node_of::<u8>());
}

#[test]
fn maps_and_sets() {
    survives(&BTreeSet::from([3, 1, 2]));
    survives(&BTreeMap::from([("b".to_owned(), 1), ("a".to_owned(), 2)]));
    survives(&HashSet::<u64>::from_iter([3, 1, 2]));
    survives(&Hashed::<String, u8>::from_iter([("b".to_owned(), 1), ("a".to_owned(), 2)]));
    let heap = BinaryHeap::from([3, 1, 2]);
    assert_eq!(decode::<BinaryHeap<i32>>(&encode(&heap)).into_sorted_vec(), [1, 2, 3]);
    inputs_are_values::<(BTreeSet<u8>, BTreeMap<u8, bool>, BinaryHeap<Vec<u8>>)>();
    inputs_are_values::<(HashSet<u8>, Hashed<u8, bool>)>();
    assert!(matches!(node_of::<HashSet<u8>>(), Node::Seq { style: SeqStyle::Set, .. }));
    assert!(matches!(node_of::<BTreeMap<u8, u8>>(), Node::Seq { style: SeqStyle::Map, .. }));
}

#[test]
fn hashed_collections_are_written_in_one_order() {
    let set = |elements: &mut dyn Iterator<Item = u32>| encode(&elements.collect::<HashSet<_>>());
    assert_eq!(set(&mut (0..100)), set(&mut (0..100).rev()));
    assert_eq!(set(&mut (0..100)), encode(&(0..100).collect::<BTreeSet<u32>>()));
}

#[test]
fn elements_that_come_twice_are_dropped() {
    let twice = encode(&vec![(7i8, 1i8), (7, 2)]);
    assert_eq!(decode::<BTreeMap<i8, i8>>(&twice), BTreeMap::from([(7, 2)]));
    assert_eq!(decode::<HashMap<i8, i8>>(&twice), HashMap::from([(7, 2)]));
}

#[test]
fn enums() {
    survives(&Some(Some(1)));
    survives(&None::<String>);
    survives(&Ok::<u8, String>(1));
    survives(&Err::<u8, String>("e".into()));
    survives(&Bound::Included(1));
    survives(&Bound::Excluded(1));
    survives(&Bound::<u8>::Unbounded);
    inputs_are_values::<(Option<Option<u8>>, Result<u8, String>, Bound<u8>)>();
}

#[test]
fn tuples_up_to_twelve() {
    survives(&(1u8,));
    survives(&(1u8, 'a', "b".to_owned()));
    let twelve = (1u8, 2u8, 3u8, 4u8, 5u8, 6u8, 7u8, 8u8, 9u8, 10u8, 11u8, 12u8);
    survives(&twelve);
    assert_eq!(encode(&twelve), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}

#[test]
#[expect(clippy::reversed_empty_ranges, reason = "an empty range is a value, too")]
fn ranges() {
    survives(&(5..1));
    survives(&(1..=5));
    survives(&(1..));
    survives(&(..1));
    survives(&(..=1));
    survives(&(..));
    inputs_are_values::<(Range<u8>, RangeInclusive<u8>, RangeFrom<u8>)>();
    inputs_are_values::<(RangeTo<u8>, RangeToInclusive<u8>, RangeFull)>();
}

#[test]
fn times_and_addresses() {
    survives(&Duration::MAX);
    survives(&Duration::from_nanos(1));
    survives(&IpAddr::from(Ipv4Addr::LOCALHOST));
    survives(&IpAddr::from(Ipv6Addr::LOCALHOST));
    survives(&SocketAddr::from(([127, 0, 0, 1], 80)));
    survives(&SocketAddr::from(SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 1, 2)));
    inputs_are_values::<(Duration, IpAddr, SocketAddr)>();
    let nanos = Duration::from_nanos;
    for time in [
        UNIX_EPOCH,
        UNIX_EPOCH + nanos(1),
        UNIX_EPOCH - nanos(1),
        UNIX_EPOCH - nanos(10_u64.pow(9)),
    ] {
        survives(&time);
    }
    survives(&decode::<SystemTime>(&encode(&(i64::MIN, 5u32))));
    inputs_are_values::<SystemTime>();
}

#[test]
fn wrong_bytes_are_corrupt_and_take_no_memory() {
    fn corrupt<T: for<'a> Input<'a>>(bytes: &[u8]) {
        let result = T::decode(&mut Reader::new(bytes)).map(drop);
        assert_eq!(result, Err(Corrupt), "{} {bytes:?}", std::any::type_name::<T>());
    }
    corrupt::<u16>(&[1]);
    corrupt::<bool>(&[2]);
    corrupt::<char>(&0xd800u32.to_le_bytes());
    corrupt::<Option<u8>>(&[2, 0]);
    corrupt::<String>(&[1, 0, 0, 0, 0xff]);
    corrupt::<Vec<u64>>(&[0xff, 0xff, 0xff, 0xff, 1]);
    corrupt::<BTreeSet<u64>>(&[0xff, 0xff, 0xff, 0xff, 1]);
    corrupt::<[u8; 2]>(&[3, 0, 0, 0, 1, 2, 3]);
    corrupt::<[u16; 2]>(&[1, 2, 3]);
    corrupt::<Duration>(&encode(&(0u64, 1_000_000_000u32)));
}
