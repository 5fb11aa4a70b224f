//! The smallest input that satisfies something.

use super::*;
use crate::rng::Rng;
use crate::schema::Weights;

fn noise(len: usize) -> Vec<u8> {
    let mut rng = Rng::new(1);
    (0..len).map(|_| rng.u32() as u8).collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Whether the items of `needle` occur in this order.
fn in_order(haystack: &[u8], needle: &[u8]) -> bool {
    let mut rest = haystack.iter();
    needle.iter().all(|wanted| rest.any(|byte| byte == wanted))
}

fn number(bytes: &[u8]) -> i64 {
    let mut wide = [if bytes.last().is_some_and(|&b| b > 127) { 0xff } else { 0 }; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    i64::from_le_bytes(wide)
}

/// The cases of the minimizer tests of Go's fuzzing engine, where ours also reaches the empty value.
#[test]
fn bytes_as_in_go() {
    let ones = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == 1).count() == 3;
    assert_eq!(bytes(&[0, 0, 1, 1, 0, 7, 1, 0, 0], ones).0, [1, 1, 1]);
    let two = |bytes: &[u8]| bytes.len() >= 2 && bytes != [1, 2];
    assert_eq!(bytes(&[1, 2, 3, 4, 5], two).0, b"00");
    let sets = |bytes: &[u8]| bytes == [0, 1, 2, 3, 4, 5] || bytes == [0, 4, 5];
    assert_eq!(bytes(&[0, 1, 2, 3, 4, 5], sets).0, [0, 4, 5]);
    let high = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte >= 128).count() >= 3;
    assert_eq!(bytes(&[0, 200, 1, 255, 128, 240, 9], high).0, [128, 128, 128]);
    assert_eq!(bytes(&[1, 2], |_| true).0, b"");
}

#[test]
fn strings_as_in_go() {
    let ones = |text: &str| text.matches('1').count() == 3;
    assert_eq!(text("001010001000000000000000000", ones).0, "111");
    assert_eq!(text("zzzzz", |text| text.chars().count() == 5).0, "00000");
    assert_eq!(text("ZZZZZ", |text| text.contains(|c: char| c.is_ascii_alphabetic())).0, "a");
    assert_eq!(text("äöü漢", |text| text.chars().count() >= 2).0, "00");
    assert_eq!(text("漢漢漢", |text| text.contains(|c: char| !c.is_ascii())).0, "\u{80}");
}

#[test]
fn where_only_the_length_counts_text_is_plain() {
    let (minimum, _) = text("漢é🦀", |text| text.len() == 9);
    assert_eq!(minimum, "000000000");
}

#[test]
fn text_with_parts_in_order() {
    let wanted = |text: &str| text.find('x').is_some_and(|at| text[at..].contains('y'));
    assert_eq!(text("hello xylophone, my dear x", wanted).0, "xy");
    let two_words = |text: &str| text.split(' ').filter(|word| !word.is_empty()).count() >= 2;
    assert_eq!(text("The quick brown FOX jumps", two_words).0, "0 0");
}

#[test]
fn bytes_that_relate() {
    let repeats = |bytes: &[u8]| bytes.len() > 4 && bytes[0] == bytes[4] && bytes[0] >= b'c';
    assert_eq!(bytes(b"zabczzz", repeats).0, b"c000c");
    let prefixed = |bytes: &[u8]| {
        bytes
            .split_first()
            .is_some_and(|(&len, rest)| usize::from(len) == rest.len() && in_order(rest, b"x!"))
    };
    let mut input = vec![200];
    input.extend_from_slice(&noise(200));
    (input[70], input[150]) = (b'x', b'!');
    let (found, asked) = bytes(&input, prefixed);
    assert_eq!(found, b"\x02x!");
    assert!(asked < 2000, "{asked}");
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn texts_with_counts() {
    let wanted = |text: &str| {
        text.split_once(':')
            .is_some_and(|(count, rest)| count.parse() == Ok(rest.len()) && rest.contains('x'))
    };
    assert_eq!(text("26:abcdefghijklmnopqrstuvwxyz", wanted).0, "1:x");
    // On the way the count loses digits, and with them all that follows moves.
    let input = format!("<len=1000>{}y{}x</>", "a".repeat(400), "b".repeat(598));
    let wanted = |text: &str| {
        let inner = text.strip_prefix("<len=").and_then(|text| text.strip_suffix("</>"));
        inner.and_then(|text| text.split_once('>')).is_some_and(|(count, rest)| {
            count.parse() == Ok(rest.len()) && in_order(rest.as_bytes(), b"yx")
        })
    };
    assert_eq!(text(&input, wanted).0, "<len=2>yx</>");
    let wanted = |bytes: &[u8]| {
        bytes.split_first_chunk().is_some_and(|(count, rest)| {
            usize::from(u16::from_be_bytes(*count)) == rest.len() && rest.contains(&b'x')
        })
    };
    let input = [&[3, 232][..], &[7; 500], b"x", &[7; 499]].concat();
    assert_eq!(bytes(&input, wanted).0, b"\0\x01x");
}

#[test]
fn balanced_brackets() {
    let balanced = |text: &str| {
        let mut open = Vec::new();
        let close = |open: &mut Vec<char>, c| open.pop() == Some(c);
        text.chars().all(|c| match c {
            '[' | '{' => {
                open.push(c);
                true
            }
            ']' => close(&mut open, '['),
            '}' => close(&mut open, '{'),
            _ => true,
        }) && open.is_empty()
    };
    let input = r#"{"a": [1, 2, {"b": [[3, {"c": null}], 4], "d": {}}], "e": [[[[7]]]]}"#;
    assert_eq!(text(input, |text| balanced(text) && text.contains('7')).0, "7");
    assert_eq!(text(input, |text| balanced(text) && text.contains(r#""b": [["#)).0, "\"b\": [[]]");
}

#[test]
fn scattered_bytes_in_large_inputs() {
    let mut input = noise(100_000);
    for byte in &mut input {
        *byte &= 0x7f;
    }
    (input[777], input[50_001], input[99_998]) = (0xf1, 0xf2, 0xf3);
    let (found, asked) = bytes(&input, |bytes| in_order(bytes, &[0xf1, 0xf2, 0xf3]));
    assert_eq!(found, [0xf1, 0xf2, 0xf3]);
    assert!(asked < 500, "{asked}");

    let mut input = vec![b'-'; 1024];
    for (at, byte) in [(3, b'F'), (200, b'U'), (201, b'Z'), (700, b'Z'), (1000, b'!')] {
        input[at] = byte;
    }
    let (found, asked) = bytes(&input, |bytes| in_order(bytes, b"FUZZ!"));
    assert_eq!(found, b"FUZZ!");
    assert!(asked < 500, "{asked}");
}

#[test]
#[cfg_attr(miri, ignore = "takes minutes")]
fn nothing_to_gain_costs_a_linear_number_of_questions() {
    let input = noise(1000);
    let original = input.clone();
    let (_, asked) = bytes(&input, |bytes| bytes == original);
    assert!(asked < 20 * input.len(), "{asked}");
}

#[test]
fn list_with_a_sum() {
    let schema = schema(|types| {
        let element = int(types, false, 2);
        vec![list(types, element)]
    });
    let sum = |input: &[u8]| input[4..].chunks(2).map(number).sum::<i64>();
    let mut input = vec![5, 0, 0, 0];
    [300u16, 7, 400, 500, 9999].iter().for_each(|n| input.extend_from_slice(&n.to_le_bytes()));
    let (minimum, _) = run(&schema, &input, |input| sum(input) > 1000);
    assert_eq!(minimum.input, [1, 0, 0, 0, 0xe9, 0x03]);
    // No single element is enough: the sum has to be moved together.
    let mut input = vec![6, 0, 0, 0];
    [200u16; 6].iter().for_each(|n| input.extend_from_slice(&n.to_le_bytes()));
    let (minimum, _) = run(&schema, &input, |input| sum(input) > 1000);
    assert_eq!(minimum.input, [1, 0, 0, 0, 0xe9, 0x03]);
}

#[test]
fn integers_that_relate() {
    let schema = schema(|types| (0..3).map(|_| int(types, true, 4)).collect());
    let minimize = |values: [i32; 3], wanted: &dyn Fn([i64; 3]) -> bool| -> [i64; 3] {
        let split = |input: &[u8]| [0, 4, 8].map(|at| number(&input[at..at + 4]));
        let input: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        split(&run(&schema, &input, |input| wanted(split(input))).0.input)
    };
    assert_eq!(minimize([500, 700, 1200], &|[a, b, c]| a + b == c && a > 10), [11, 0, 11]);
    assert_eq!(minimize([1007, 1000, 5], &|[a, b, _]| a == b + 7), [7, 0, 0]);
    assert_eq!(minimize([-9, -12345, 0], &|[a, b, _]| a > b), [0, -1, 0]);
    assert_eq!(minimize([60, 6000, 3], &|[a, b, _]| a * 100 == b && a > 2), [3, 300, 0]);
    assert_eq!(minimize([777, 777, 777], &|[a, b, c]| a == b && b == c && a > 99), [100; 3]);
    assert_eq!(minimize([12345, 0, 0], &|[a, ..]| a % 2 == 1 && a > 100), [101, 0, 0]);
}

#[test]
fn floats_become_short() {
    let schema = schema(|types| vec![types.add(Node::Float { width: 8 })]);
    let minimize = |value: f64, wanted: &dyn Fn(f64) -> bool| {
        let read = |input: &[u8]| f64::from_le_bytes(input.try_into().unwrap());
        read(&run(&schema, &value.to_le_bytes(), |input| wanted(read(input))).0.input)
    };
    assert_eq!(minimize(1234.5678, &|x| x > 100.0), 101.0);
    assert_eq!(minimize(-1e300, &|x| x < -1e6), -1_000_001.0);
    assert_eq!(minimize(0.7312, &|x| x > 0.3 && x < 1.0), 0.5);
    assert_eq!(minimize(f64::INFINITY, &|x| x > 5.0), 6.0);
    assert_eq!(minimize(f64::NAN, &|x| x.is_nan() || x == 0.0), 0.0);
    assert!(minimize(-f64::NAN, &f64::is_nan).is_nan());
    assert_eq!(minimize(f64::NEG_INFINITY, &f64::is_infinite), f64::INFINITY);
}

/// `enum Tree { Branch(Vec<Tree>), Pair(Tree, Tree), Leaf(u16), Big(u16) }`
fn tree() -> Schema {
    schema(|types| {
        let key = TypeKey { name: "Tree", place: ("lib.rs", 1, 1) };
        let tree = types.recursive(key, |types| {
            let tree = types.recursive(key, |_| unreachable!());
            let value = int(types, false, 2);
            let trees = list(types, tree);
            Node::Choice {
                weights: Weights::EVEN,
                name: "Tree".into(),
                variants: vec![
                    variant("Branch", &[trees]),
                    variant("Pair", &[tree, tree]),
                    variant("Leaf", &[value]),
                    variant("Big", &[value]),
                ],
            }
        });
        vec![tree]
    })
}

/// A tree with `Big(42)` at the end of `depth` levels.
fn deep_tree(depth: usize) -> Vec<u8> {
    (0..depth).fold(vec![3, 42, 0], |tree, level| match level % 2 {
        0 => [&[1][..], &[2, 9, 9], &tree].concat(),
        _ => [&[0, 3, 0, 0, 0][..], &tree, &[2, 1, 0], &[1, 2, 5, 0, 0, 0, 0, 0, 0]].concat(),
    })
}

#[test]
fn recursive_values_are_hoisted() {
    let schema = tree();
    // Some leaf, of either variant, is 42.
    let leaf = |input: &[u8]| contains(input, &[2, 42, 0]) || contains(input, &[3, 42, 0]);
    let (minimum, asked) = run(&schema, &deep_tree(40), leaf);
    assert_eq!(minimum.input, [2, 42, 0]);
    assert!(asked < 200, "{asked}");
    let inner = |input: &[u8]| leaf(input) && input[0] == 1;
    let (minimum, _) = run(&schema, &deep_tree(9), inner);
    assert_eq!(minimum.input, [1, 0, 0, 0, 0, 0, 2, 42, 0]);
}

#[test]
fn equal_parts_change_together() {
    let schema = schema(|types| {
        let text = types.add(Node::Str(Text::ANY));
        vec![text, text]
    });
    let input = [counted("some long, long name"), counted("some long, long name")].concat();
    let (minimum, _) = run(&schema, &input, |input| {
        let (a, b) = input.split_at(input.len() / 2);
        a == b && a.len() > 6
    });
    assert_eq!(minimum.input, [counted("000"), counted("000")].concat());
}

#[test]
fn counts_in_fields_follow_their_list() {
    let schema = schema(|types| {
        let count = int(types, false, 8);
        vec![list(types, count), count]
    });
    let mut input = vec![30, 0, 0, 0];
    (0..30u64).for_each(|n| input.extend_from_slice(&n.to_le_bytes()));
    input.extend_from_slice(&30u64.to_le_bytes());
    let (minimum, _) = run(&schema, &input, |input| {
        let (list, count) = input.split_at(input.len() - 8);
        number(count) == number(&list[..4]) && list[4..].chunks(8).any(|n| number(n) == 17)
    });
    assert_eq!(minimum.input, [&[1, 0, 0, 0, 17][..], &[0; 7], &[1], &[0; 7]].concat());
}

#[test]
fn declared_defaults_are_simplest() {
    let mut types = Types::new();
    let url = types.add(Node::Str(Text::ANY));
    let port = int(&mut types, false, 2);
    let flag = types.add(Node::Bool);
    let letter = types.add(Node::Char);
    let with_default = |name, node, default| Field { default: Some(default), ..field(name, node) };
    let schema = types
        .finish(vec![
            with_default("url", url, counted("http://localhost")),
            with_default("port", port, vec![80, 0]),
            field("flag", flag),
            field("letter", letter),
        ])
        .unwrap();
    let input = [counted("ftp"), vec![9, 9, 1], u32::from('漢').to_le_bytes().into()].concat();
    let (minimum, _) = run(&schema, &input, |_| true);
    assert_eq!(minimum.input, schema.simplest_input());
    let (minimum, _) = run(&schema, &input, |input| input[input.len() - 4..] != [0; 4]);
    let expected = [counted("http://localhost"), vec![80, 0, 0, b'0', 0, 0, 0]].concat();
    assert_eq!(minimum.input, expected);
}

#[test]
fn operations_are_left_out_while_others_refer_across_them() {
    let schema = schema(|types| {
        let byte = int(types, false, 1);
        let earlier = types.add(Node::Record(variant(crate::schema::EARLIER, &[byte])));
        let op = types.add(Node::Record(variant("Op", &[byte, earlier])));
        vec![list(types, op)]
    });
    // An 8 and a 9 after it both refer to the same 7.
    let wanted = |input: &[u8]| {
        let ops: Vec<&[u8]> = input[4..].chunks(2).collect();
        let target = |at: usize| (at.checked_sub(1)?).checked_sub(usize::from(ops[at][1]));
        let of = |kind: u8| {
            let ops = ops.iter().enumerate().filter(move |(_, op)| op[0] == kind);
            ops.filter_map(|(at, _)| target(at)).filter(|at| ops_kind(input, *at) == 7)
        };
        of(8).any(|eight| of(9).any(|nine| nine == eight))
    };
    let input = [&[6, 0, 0, 0][..], &[5, 0, 7, 1, 1, 0, 2, 2, 8, 2, 9, 3]].concat();
    let (minimum, _) = run(&schema, &input, wanted);
    assert_eq!(minimum.input[4..], [7, 0, 8, 0, 9, 1]);
}

/// What the operation at a position is.
fn ops_kind(input: &[u8], at: usize) -> u8 {
    input[4 + 2 * at]
}
