//! The idioms, as templates: each is the body of a function that answers an
//! `Option`, so that `?` leaves it, and calls `solved` behind what must be guessed.

/// A kind of comparison, or several in a row.
pub struct Idiom {
    pub name: &'static str,
    /// Types that the arguments need.
    pub items: &'static str,
    pub arguments: &'static str,
    pub body: &'static str,
}

const fn idiom(name: &'static str, body: &'static str) -> Idiom {
    Idiom { name, items: "", arguments: "data: &[u8]", body }
}

const fn typed(name: &'static str, arguments: &'static str, body: &'static str) -> Idiom {
    Idiom { name, items: "", arguments, body }
}

/// What the bodies use.
pub const ITEMS: &str = r#"//! Generated.
#![allow(dead_code, unused_imports, clippy::all)]
use std::collections::{BTreeMap, HashMap};
use std::str::from_utf8;
#[cold]
#[inline(never)]
fn solved() -> Option<()> { panic!("solved") }
fn when(is_solved: bool) -> Option<()> { if is_solved { solved() } else { None } }
/// The first bytes, and the rest.
fn take<const N: usize>(data: &[u8]) -> Option<([u8; N], &[u8])> {
    let (first, rest) = data.split_first_chunk()?;
    Some((*first, rest))
}
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ 0xedb8_8320 * (sum & 1))
    })
}
"#;

/// Those of bytes.
pub const IDIOMS: &[Idiom] = &[
    // Integers.
    idiom("u16_le", "when(u16::from_le_bytes(take(data)?.0) == {{u16}})?;"),
    idiom("u16_be", "when(u16::from_be_bytes(take(data)?.0) == {{u16}})?;"),
    idiom("u32_le", "when(u32::from_le_bytes(take(data)?.0) == {{u32}})?;"),
    idiom("u32_be", "when(u32::from_be_bytes(take(data)?.0) == {{u32}})?;"),
    idiom("u64_le", "when(u64::from_le_bytes(take(data)?.0) == {{u64}})?;"),
    idiom("u64_be", "when(u64::from_be_bytes(take(data)?.0) == {{u64}})?;"),
    idiom("u128_le", "when(u128::from_le_bytes(take(data)?.0) == {{u128}})?;"),
    idiom("u128_be", "when(u128::from_be_bytes(take(data)?.0) == {{u128}})?;"),
    idiom(
        "u128_less",
        "const LOW: u128 = {{u126}};
        when((LOW..LOW + 0x1000).contains(&u128::from_le_bytes(take(data)?.0)))?;",
    ),
    idiom(
        "mask",
        "when(u32::from_le_bytes(take(data)?.0) & 0xffff_ff0f == {{u32}} & 0xffff_ff0f)?;",
    ),
    idiom("shift", "when(u64::from_le_bytes(take(data)?.0) >> 8 == {{u56}})?;"),
    idiom("xor", "when(u32::from_le_bytes(take(data)?.0) ^ {{u32}} == {{u32}})?;"),
    idiom(
        "arithmetic",
        "when(u32::from_le_bytes(take(data)?.0).wrapping_mul(3).wrapping_add(1) == {{u32}})?;",
    ),
    idiom(
        "range",
        "const LOW: u32 = {{u31}};
        when((LOW..=LOW + 20).contains(&u32::from_be_bytes(take(data)?.0)))?;",
    ),
    idiom(
        "ordered",
        "let (a, rest) = take(data)?;
        let (a, b) = (u32::from_le_bytes(a), u32::from_le_bytes(take(rest)?.0));
        when(a == {{u32}} && b == a.wrapping_add({{u16}}))?;",
    ),
    idiom(
        "array_of_u32",
        "let x = take::<16>(data)?.0;
        let x: [u32; 4] = std::array::from_fn(|i| u32::from_le_bytes(take(&x[4 * i..]).unwrap().0));
        when(x == [{{u32}}, {{u32}}, {{u32}}, {{u32}}])?;",
    ),
    // Arrays and slices of bytes.
    idiom("bytes_3", "when(take(data)?.0 == *{{bytes3}})?;"),
    idiom("bytes_4", "when(take(data)?.0 == *{{bytes4}})?;"),
    idiom("bytes_5", "when(take(data)?.0 == *{{bytes5}})?;"),
    idiom("bytes_6", "when(take(data)?.0 == *{{bytes6}})?;"),
    idiom("bytes_7", "when(take(data)?.0 == *{{bytes7}})?;"),
    idiom("bytes_8", "when(take(data)?.0 == *{{bytes8}})?;"),
    idiom("bytes_11", "when(take(data)?.0 == *{{bytes11}})?;"),
    idiom("bytes_16", "when(take(data)?.0 == *{{bytes16}})?;"),
    idiom("bytes_24", "when(take(data)?.0 == *{{bytes24}})?;"),
    idiom("slice_eq", "when(data == {{bytes9}})?;"),
    idiom("slice_eq_20", "when(data == {{bytes20}})?;"),
    idiom("slice_starts_with", "when(data.starts_with({{bytes12}}))?;"),
    idiom("slice_ends_with", "when(data.ends_with({{bytes6}}))?;"),
    idiom("slice_pattern", "when(matches!(data, {{bytes7}}))?;"),
    idiom("windows", "when(data.windows(4).any(|four| four == {{bytes4}}))?;"),
    idiom("position", "when(*data.get(data.iter().position(|x| *x == {{u8}})? + 9)? == {{u8}})?;"),
    // Strings.
    idiom("str_eq", "when(from_utf8(data).ok()? == {{str12}})?;"),
    idiom("str_eq_24", "when(from_utf8(data).ok()? == {{str24}})?;"),
    idiom("string_eq", "when(String::from_utf8_lossy(data).into_owned() == {{str9}})?;"),
    idiom("str_starts_with", "when(from_utf8(data).ok()?.starts_with({{str10}}))?;"),
    idiom("str_ends_with", "when(from_utf8(data).ok()?.ends_with({{str10}}))?;"),
    idiom("strip_prefix", "when(from_utf8(data).ok()?.strip_prefix({{str7}})? == {{str6}})?;"),
    idiom("str_contains", "when(from_utf8(data).ok()?.contains({{str6}}))?;"),
    idiom("str_contains_20", "when(from_utf8(data).ok()?.contains({{str20}}))?;"),
    idiom("str_split", "when(from_utf8(data).ok()?.split({{str4}}).count() > 2)?;"),
    idiom(
        "str_less",
        "let text = from_utf8(data).ok()?;
        const LOW: &str = {{str8}};
        when(text > LOW && text.get(..8)? <= LOW)?;",
    ),
    idiom(
        "str_match",
        "let code = match from_utf8(data).ok()? {
            {{str8}} => 1,
            {{str6}} => 2,
            {{str11}} => 3,
            {{str9}} => 4,
            _ => return None,
        };
        when(code > 2)?;",
    ),
    idiom("to_lowercase", "when(from_utf8(data).ok()?.to_lowercase() == {{str9}})?;"),
    idiom("ignore_case", "when(from_utf8(data).ok()?.eq_ignore_ascii_case({{str9}}))?;"),
    idiom("trim", "when(from_utf8(data).ok()?.trim() == {{str8}} && data.len() > 8)?;"),
    idiom(
        "list_contains",
        "when([{{str7}}, {{str9}}, {{str8}}].contains(&from_utf8(data).ok()?))?;",
    ),
    idiom(
        "binary_search",
        "let mut words = [{{str7}}, {{str8}}, {{str7}}, {{str9}}, {{str7}}];
        words.sort_unstable();
        when(words.binary_search(&from_utf8(data).ok()?).is_ok())?;",
    ),
    idiom(
        "btreemap",
        "let map = BTreeMap::from([({{str7}}, 1), ({{str9}}, 2), ({{str8}}, 3)]);
        when(*map.get(from_utf8(data).ok()?)? > 0)?;",
    ),
    idiom(
        "hashmap_str",
        "let map = HashMap::from([({{str7}}, 1), ({{str9}}, 2), ({{str8}}, 3)]);
        when(*map.get(from_utf8(data).ok()?)? > 0)?;",
    ),
    idiom(
        "hashmap_u32",
        "let map = HashMap::from([({{u32}}u32, 1), ({{u32}}, 2), ({{u32}}, 3)]);
        when(*map.get(&u32::from_le_bytes(take(data)?.0))? > 0)?;",
    ),
    // Numbers in other forms.
    idiom("f64_eq", "when(f64::from_le_bytes(take(data)?.0) == {{float}})?;"),
    idiom(
        "f64_range",
        "const LOW: f64 = {{float}};
        let x = f64::from_le_bytes(take(data)?.0);
        when(x > LOW && x < LOW + 0.5)?;",
    ),
    idiom("f64_bits", "when(f64::from_be_bytes(take(data)?.0).to_bits() == {{float}}.to_bits())?;"),
    idiom("parse_f64", "when(from_utf8(data).ok()?.parse() == Ok({{float}}))?;"),
    idiom("parse_u32", "when(from_utf8(data).ok()?.parse() == Ok({{u31}}u32))?;"),
    idiom("parse_i64", "when(from_utf8(data).ok()?.parse() == Ok(-{{u50}}i64))?;"),
    idiom("parse_hex", "when(u32::from_str_radix(from_utf8(data).ok()?, 16) == Ok({{u32}}))?;"),
    idiom(
        "option",
        "let x = take(data).map(|(four, _)| u32::from_le_bytes(four));
        when(x == Some({{u32}}))?;",
    ),
    idiom(
        "tuple",
        "let (a, rest) = take(data)?;
        when((u32::from_le_bytes(a), u16::from_be_bytes(take(rest)?.0)) == ({{u32}}, {{u16}}))?;",
    ),
    idiom(
        "ip_address",
        "let address: std::net::Ipv4Addr = from_utf8(data).ok()?.parse().ok()?;
        when(address == std::net::Ipv4Addr::from_bits({{u32}}))?;",
    ),
    // Switches.
    idiom(
        "switch_sparse",
        "let code = match u32::from_le_bytes(take(data)?.0) {
            {{u32}} => 1,
            {{u24}} => 2,
            {{u31}} => 3,
            {{u30}} => 4,
            {{u29}} => 5,
            _ => 0,
        };
        when(code > 3)?;",
    ),
    idiom(
        "switch_dense",
        "const FIRST: u32 = {{u31}};
        let code = match u32::from_le_bytes(take(data)?.0).wrapping_sub(FIRST) {
            0 => 7,
            1 => 11,
            2 => 3,
            3 => 19,
            4 => 1,
            5 => 8,
            _ => return None,
        };
        when(code == 19)?;",
    ),
    idiom(
        "switch_char",
        "let mut rest = from_utf8(data).ok()?.chars();
        let three = (rest.next()?, rest.next()?, rest.next()?);
        when(matches!(three, ({{letter}}, {{letter}}, {{letter}})))?;",
    ),
    // In a row.
    idiom(
        "nested_2",
        "let (a, rest) = take(data)?;
        if u32::from_le_bytes(a) == {{u32}} {
            when(from_utf8(rest).ok()?.starts_with({{str8}}))?;
        }",
    ),
    idiom(
        "nested_3",
        "let (a, rest) = take(data)?;
        if u16::from_be_bytes(a) == {{u16}} {
            let (b, rest) = take(rest)?;
            if b == *{{bytes6}} {
                when(u64::from_le_bytes(take(rest)?.0) == {{u64}})?;
            }
        }",
    ),
    idiom(
        "nested_4",
        "let rest = data.strip_prefix({{bytes4}})?;
        let (a, rest) = take(rest)?;
        if u32::from_be_bytes(a) == {{u32}} {
            let rest = from_utf8(rest).ok()?.strip_prefix({{str9}})?;
            when(rest == {{str7}})?;
        }",
    ),
    idiom(
        "shifted",
        "let rest = data.get(usize::from(*data.first()? % 16) + 1..)?;
        when(u32::from_le_bytes(take(rest)?.0) == {{u32}} && rest[4..].starts_with({{bytes6}}))?;",
    ),
    idiom(
        "key_and_value",
        "for line in from_utf8(data).ok()?.lines() {
            let (key, value) = line.split_once(':')?;
            when(key.trim() == {{str7}} && value.trim() == {{str9}})?;
        }",
    ),
    idiom(
        "two_tokens",
        "let text = from_utf8(data).ok()?;
        let first = text.find({{str5}})?;
        when(text[first..].contains({{str6}}))?;",
    ),
    // Behind lengths and sums.
    idiom(
        "length_prefix",
        "let (length, rest) = take(data)?;
        if usize::from(u16::from_be_bytes(length)) == rest.len() && rest.len() > 8 {
            when(u32::from_le_bytes(take(rest)?.0) == {{u32}})?;
        }",
    ),
    idiom(
        "records",
        "let mut rest = data;
        let mut seen = 0;
        while let Some(([tag, length], after)) = take(rest) {
            let body = after.get(..usize::from(length))?;
            rest = &after[body.len()..];
            match tag {
                {{u8}} if body == {{bytes5}} => seen |= 1,
                {{u8}} if body.len() == 12 && body.starts_with({{bytes4}}) => seen |= 2,
                _ => {}
            }
        }
        when(seen == 3 && rest.is_empty())?;",
    ),
    idiom(
        "crc_32",
        "let (rest, sum) = data.split_last_chunk()?;
        if !rest.is_empty() && crc32(rest) == u32::from_le_bytes(*sum) {
            when(u16::from_le_bytes(take(rest)?.0) == {{u16}})?;
        }",
    ),
    idiom(
        "crc_32_in_front",
        "let (sum, rest) = take(data)?;
        if rest.len() >= 4 && crc32(rest) == u32::from_be_bytes(sum) {
            when(u32::from_le_bytes(take(rest)?.0) == {{u32}})?;
        }",
    ),
];

/// Those of typed arguments, which only engines with types can run.
pub const TYPED: &[Idiom] = &[
    typed("typed_u32", "x: u32", "when(x == {{u32}})?;"),
    typed("typed_i64", "x: i64", "when(x == -{{u62}})?;"),
    typed("typed_u128", "x: u128", "when(x == {{u128}})?;"),
    typed("typed_f64", "x: f64", "when(x == {{float}})?;"),
    typed("typed_char", "x: char", "when(u32::from(x) == 0x1_0000 + {{u12}})?;"),
    typed("typed_str", "x: &str", "when(x == {{str11}})?;"),
    typed("typed_bytes", "x: &[u8]", "when(x == {{bytes11}})?;"),
    typed("typed_option", "x: Option<u64>", "when(x == Some({{u64}}))?;"),
    typed("typed_tuple", "x: (u16, String)", "when(x.0 == {{u16}} && x.1 == {{str7}})?;"),
    typed("typed_array", "x: [u16; 3]", "when(x == [{{u16}}, {{u16}}, {{u16}}])?;"),
    typed("typed_vec", "x: Vec<u32>", "when(x.contains(&{{u32}}) && x.last() == Some(&{{u32}}))?;"),
    typed(
        "typed_fields",
        "a: u32, b: &str, c: &[u8], d: bool",
        "when(a == {{u32}} && d && b.starts_with({{str6}}) && c.ends_with({{bytes6}}))?;",
    ),
    typed(
        "typed_difference",
        "a: u32, b: u32",
        "when(a > 0x1000 && b == a.wrapping_add({{u24}}))?;",
    ),
    Idiom {
        name: "typed_operations",
        items: "#[derive(Debug, shakedown::Input)]
            enum Op { Open(u32), Name(String), Skip, Close { code: u16 } }",
        arguments: "ops: &[Op]",
        body: "let mut state = 0;
        for op in ops {
            state = match (state, op) {
                (0, Op::Open({{u32}})) => 1,
                (1, Op::Name(name)) if name == {{str8}} => 2,
                (2, Op::Close { code: {{u16}} }) => return solved(),
                (state, Op::Skip) => state,
                _ => 0,
            };
        }",
    },
];
