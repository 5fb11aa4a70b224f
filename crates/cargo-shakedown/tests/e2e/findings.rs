//! `findings`: what is kept is listed with how it fails now, and one becomes a test in plain Rust
//! that compiles and fails as its target does.

use crate::project::Project;

/// Targets that panic with their arguments, in a nested module, on private functions.
const TARGETS: &str = r##"
#[cfg(test)]
mod shapes {
    #[derive(Debug, shakedown::Input)]
    pub enum Expr<T> { Num(T), Neg(Box<Self>), Sum(Vec<Self>), r#type { r#in: String } }

    #[derive(Debug, shakedown::Input)]
    pub struct Config { pub name: String, pub limit: Option<(i8,)>, pub key: [u8; 4], pub blob: Vec<u8> }
}

#[cfg(test)]
#[derive(Debug, shakedown::Input)]
struct Mine(u8);

mod deep {
    #[cfg(test)]
    mod tests {
        use std::collections::HashMap;
        use std::net::IpAddr;
        use std::ops::Range;
        use std::time::Duration;

        use super::super::shapes;

        type Settings = shapes::Config;

        fn private(text: &str) -> Result<(), String> {
            if text.is_empty() { Ok(()) } else { Err(format!("refused {text:?}")) }
        }

        #[shakedown::fuzz]
        fn r#match(text: &str, _strict: bool) -> Result<(), String> {
            private(text)
        }

        #[shakedown::fuzz]
        fn derived(exprs: &mut [shapes::Expr<u8>], config: &Settings, own: shapes::Expr<f64>) {
            panic!("{exprs:?} {config:?} {own:?}")
        }

        #[shakedown::fuzz]
        fn standard(
            bytes: &[u8], owned: Vec<u8>, nan: f64, wait: Duration, map: HashMap<String, char>,
            address: Option<IpAddr>, range: Range<u8>, pairs: Vec<(String, [u16; 2])>, boxed: Box<str>,
        ) {
            panic!("{bytes:?} {owned:?} {nan} {wait:?} {map:?} {address:?} {range:?} {pairs:?} {boxed:?}")
        }
        #[shakedown::fuzz]
        fn lent(
            text: Option<&str>, boxed: &Box<str>, word: &&str, bytes: &[u8; 2], count: &std::num::NonZeroU8,
            shared: &std::sync::Arc<[u8]>, c: &std::ffi::CString, texts: &mut [String], own: &super::super::Mine,
        ) {
            panic!("{text:?} {boxed:?} {word:?} {bytes:?} {count:?} {shared:?} {c:?} {texts:?} {own:?}")
        }

        #[derive(Debug, shakedown::Input)]
        pub enum Op { Open, Close(shakedown::stateful::Earlier) }

        #[shakedown::fuzz]
        fn made(
            #[input(map = |log: u8| 1_u64 << (log % 64))] size: u64,
            #[input(map = |text: String| text + "!")] text: String,
            ops: &[Op],
            #[input(items(items(range = 1..=9)))] digits: Option<Vec<u16>>,
        ) {
            panic!("{size} {text} {ops:?} {digits:?}")
        }
        // HERE
    }
}
"##;

#[test]
fn a_finding_becomes_a_test_that_compiles_and_fails() {
    let project = Project::inline(TARGETS);
    let inputs = [
        ("r#match", "text: \"=\\\"\\u{202e}\"", "called `Result::unwrap()` on an `Err` value"),
        (
            "derived",
            "exprs: [Neg(Neg(Num(7))), Sum([Num(1), type { in: \"x\" }])]\n\
             config: Config { name: \"n\", limit: Some((-3,)), key: b\"\\xff\\0ab\", blob: b\"\\x80\" }\n\
             own: Neg(Num(f64::NAN))\n",
            "[Neg(Neg(Num(7))), Sum([Num(1), type { in: \"x\" }])] Config { name: \"n\", \
             limit: Some((-3,)), key: [255, 0, 97, 98], blob: [128] } Neg(Num(NaN))",
        ),
        (
            "standard",
            "bytes: b\"\\xff\"\nowned: b\"\\xfe\"\nnan: NaN\nwait: Duration { secs: 1, nanos: 5 }\n\
             map: {\"k\": 'v'}\naddress: Some(V4([127, 0, 0, 1]))\nrange: Range { start: 3, end: 1 }\n\
             pairs: [(\"p\", [1, 2])]\nboxed: \"b\"\n",
            "[255] [254] NaN 1.000000005s {\"k\": 'v'} Some(127.0.0.1) 3..1 [(\"p\", [1, 2])] \"b\"",
        ),
        (
            "lent",
            "text: Some(\"t\")\nboxed: \"b\"\nword: \"w\"\nbytes: b\"12\"\ncount: 7\nshared: b\"s\"\n\
             c: b\"c\"\ntexts: [\"x\"]\nown: Mine(9)\n",
            "Some(\"t\") \"b\" \"w\" [49, 50] 7 [115] \"c\" [\"x\"] Mine(9)",
        ),
        (
            "made",
            "size: 5\ntext: \"a\"\nops: [Open, Close(Earlier(3))]\ndigits: Some([9])\n",
            "32 a! [Open, Close(Earlier(3))] Some([9])",
        ),
    ];
    for (target, arguments, _) in inputs {
        let missing = if target == "r#match" { "\n_strict: true\n" } else { "" };
        let file = format!("testdata/fuzz/deep.tests.{target}/of {}", target.replace("r#", ""));
        project.write(file, format!("shakedown v1\n{arguments}{missing}"));
    }
    let mut tests = String::new();
    for (target, ..) in inputs {
        let name = format!("of {}", target.replace("r#", ""));
        let shown = project.shakedown(&["findings", "show", &name, "--as-test"]).exits(0);
        let shown = shown.says("// For module `deep::tests` of lib `inline`");
        tests.push_str(&shown.stdout);
    }
    let source = project.read("src/lib.rs").replace("// HERE", &tests);
    project.write("src/lib.rs", source);
    let run = project.cargo(&["test", "--lib", "--", "_of_"]).exits(101);
    let run = run.says("test result: FAILED. 0 passed; 5 failed");
    inputs.into_iter().fold(run, |run, (_, _, message)| run.says(message));
}

/// Targets of values that have no literal where the test is.
const MADE: &str = r##"
#[cfg(test)]
pub(crate) mod apart {
    use std::collections::{BTreeMap, VecDeque};
    use std::num::NonZeroU16;
    use std::rc::Rc;

    /// As in another crate, which knows nothing of inputs.
    #[derive(Clone, Debug)]
    pub struct Point { pub x: u8, pub y: i32 }

    #[derive(shakedown::Input)]
    #[input(remote = "Point")]
    pub(crate) struct PointInput { x: u8, #[input(range = -9..=9)] y: i32 }

    /// A type in tenths of degrees.
    pub(crate) mod tenths {
        use shakedown::Input;
        use shakedown::input::{Corrupt, NodeId, Reader, Types, Writer};
        pub fn schema(types: &mut Types) -> NodeId { i16::schema(types) }
        pub fn decode(reader: &mut Reader<'_>) -> Result<f64, Corrupt> {
            i16::decode(reader).map(|tenths| f64::from(tenths) / 10.0)
        }
        pub fn encode(degrees: &f64, writer: &mut Writer) { ((degrees * 10.0) as i16).encode(writer); }
    }

    fn doubled(n: u32) -> u64 { u64::from(n) * 2 }

    #[derive(Debug, shakedown::Input)]
    pub struct Made<'a> {
        #[input(map = doubled)] mapped: u64,
        #[input(with = tenths)] degrees: f64,
        #[input(with = PointInput)] point: Point,
        #[input(strategy = proptest::collection::vec(3..9u8, 2..5))] drawn: Vec<u8>,
        #[input(sorted)] sorted: Vec<u8>,
        #[input(skip)] _skipped: u8,
        text: &'a str,
    }

    #[derive(Debug, shakedown::Input)]
    pub struct Private { secret: u8 }

    #[derive(Debug, shakedown::Input)]
    pub struct Open {
        pub wrapped: Box<u8>, pub count: NonZeroU16, pub queue: VecDeque<String>,
        pub shared: Option<Rc<Private>>, pub list: Vec<Private>, pub made: BTreeMap<u8, Tree>,
        pub plain: (u8, String),
    }

    #[derive(Debug, shakedown::Input)]
    pub enum Tree { Leaf, Node(Box<Tree>), Made { #[input(map = |n: u8| n / 2)] half: u8 } }
}

#[cfg(test)]
mod made_tests {
    use crate::apart::{self, Made, Open, PointInput, Tree, tenths};

    #[shakedown::fuzz]
    fn fields(made: Made<'_>, all: &[Made], open: &Open, trees: Option<Tree>) {
        panic!("{made:?} {all:?} {open:?} {trees:?}")
    }

    #[shakedown::fuzz]
    fn arguments(
        #[input(with = tenths)] degrees: f64,
        #[input(with = PointInput)] point: &apart::Point,
        #[input(sorted)] sorted: Vec<u8>,
        #[input(unique)] unique: &[char],
        boxes: &[Box<u8>],
        mut nested: Vec<std::num::Wrapping<u8>>,
        #[input(items(items(with = PointInput)))] points: &[Option<apart::Point>],
        #[input(regex = "[a-z]+")] word: &[u8],
        #[input(regex = "[a-z]+")] owned: Vec<u8>,
    ) {
        nested.push(std::num::Wrapping(0));
        panic!("{degrees:?} {point:?} {sorted:?} {unique:?} {boxes:?} {nested:?} {points:?} {word:?} {owned:?}")
    }
    // HERE
}
"##;

#[test]
fn values_without_a_literal_become_a_test_that_compiles() {
    let project = Project::inline(MADE);
    let manifest = project.read("Cargo.toml").replace(
        "/shakedown\" }",
        "/shakedown\", features = [\"proptest\", \"regex\"] }\nproptest = { version = \"1\", default-features = false, \
         features = [\"std\"] }",
    );
    project.write("Cargo.toml", manifest);
    let made = "Made { mapped: 4, degrees: -125, point: Point { x: 1, y: -2 }, drawn: b\"\", \
                sorted: b\"\\x03\\x01\", text: \"a\\\"b\" }";
    let made_is = "Made { mapped: 8, degrees: -12.5, point: Point { x: 1, y: -2 }, drawn: [3, 3], sorted: [1, 3], \
                   _skipped: 0, text: \"a\\\"b\" }";
    let open = "Open { wrapped: 1, count: 2, queue: [\"q\"], shared: Some(Private { secret: 3 }), \
                list: [Private { secret: 4 }], made: {7: Node(Made { half: 6 })}, plain: (5, \"p\") }";
    let open_is = open.replace("half: 6", "half: 3");
    let inputs = [
        (
            "fields",
            format!("made: {made}\nall: [{made}]\nopen: {open}\ntrees: Some(Node(Leaf))\n"),
            format!("{made_is} [{made_is}] {open_is} Some(Node(Leaf))"),
        ),
        (
            "arguments",
            "degrees: 5\npoint: Point { x: 1, y: 2 }\nsorted: b\"\\x02\\x01\"\nunique: ['a', 'b', 'a']\n\
             boxes: [1]\nnested: [2]\npoints: [None, Some(Point { x: 0, y: 9 })]\n\
             word: \"a\"\nowned: \"b\"\n".to_owned(),
            "0.5 Point { x: 1, y: 2 } [1, 2] ['a', 'b'] [1] [2, 0] [None, Some(Point { x: 0, y: 9 })] [97] [98]".to_owned(),
        ),
    ];
    let mut tests = String::new();
    for (target, arguments, _) in &inputs {
        project.write(
            format!("testdata/fuzz/made_tests.{target}/of {target}"),
            format!("shakedown v1\n{arguments}"),
        );
        let shown = project.shakedown(&["findings", "show", &format!("of {target}"), "--as-test"]);
        tests.push_str(&shown.exits(0).stdout);
    }
    project.write("src/lib.rs", project.read("src/lib.rs").replace("// HERE", &tests));
    let run = project.cargo(&["test", "--lib", "--", "_of_"]).exits(101);
    let run = run.says("test result: FAILED. 0 passed; 2 failed");
    inputs.into_iter().fold(run, |run, (_, _, message)| run.says(&message));
    // What has a literal is one.
    assert!(
        tests.contains("plain: (5, \"p\".into())") && tests.contains("&Open { wrapped: "),
        "{tests}"
    );
}

#[test]
fn what_is_kept_is_listed_with_how_it_fails_now() {
    let project = Project::copy("ends");
    project.shakedown(&["findings", "list"]).exits(0).says("no findings");
    let fuzz = ["fuzz", "long_texts", "--execs=5000", "--seed=1", "--jobs=1"];
    let fuzzed = project.shakedown(&fuzz).exits(1).says("  as a test: long_texts(\"");
    let file = project.testdata("long_texts").pop().expect("a finding");
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    let list = project.shakedown(&["findings", "list"]).exits(0).says("ends/long_texts\n");
    list.says(&format!("long_texts/{name}: panic at src/lib.rs:"));

    let known = fuzzed.stderr.split("/known: ").nth(1).expect("it says how to accept it");
    let known = known.lines().next().expect("a line").replace("<reason>", "we like it");
    project.write("testdata/fuzz/long_texts/known", known);
    let json = project.shakedown(&["findings", "list", "--json"]).exits(0).json();
    assert_eq!(json[0]["accepted_reason"], "we like it");
    assert_eq!((&json[0]["kind"], json.len()), (&"panic".into(), 1));

    // Also with a part of its name, its path, and a test in Rust.
    let show = |finding: &str| project.shakedown(&["findings", "show", finding]);
    show(&name[..8]).exits(0).says("as a test: long_texts(\"").says("cargo test -p ends ");
    show(file.to_str().expect("a readable path")).exits(0).says("accepted: panic at");
    show("nothing").exits(2).says("no finding `nothing`");
    let test = project.shakedown(&["findings", "show", &name, "--as-test"]).exits(0);
    test.says(&format!("fn long_texts_{}() {{\n", &name[..8]));

    let mended = project.read("src/lib.rs").replacen("text.chars().count() < 10", "true", 1);
    project.write("src/lib.rs", mended);
    project
        .shakedown(&["findings", "list"])
        .exits(0)
        .says(&format!("{name}: does not fail any more"));
}

/// Goes on for good, or fails slowly.
const HANGING: &str = r#"
#[shakedown::fuzz]
fn hanging(what: &str) {
    let millis = what.parse().unwrap_or(0);
    std::thread::sleep(std::time::Duration::from_millis(millis));
    assert!(millis < 100, "slow");
}
"#;

#[test]
fn a_hang_is_not_waited_for_at_every_listing() {
    let project = Project::inline(HANGING);
    // Its own timeout is ten seconds.
    project.write("testdata/fuzz/hanging/5feceb66ffc86f38", "3600000");
    project.write("testdata/fuzz/hanging/6feceb66ffc86f38", "200");
    let said = "timeout at hanging: an execution took longer than 1s, of the 10s that it may take";
    let run = project.shakedown(&["findings", "list"]).exits(0).says(said);
    run.says("6feceb66ffc86f38: panic at src/lib.rs");
    project.shakedown(&["findings", "show", "5feceb66"]).exits(0).says(said);
    project
        .shakedown(&["findings", "list", "--timeout=1500ms"])
        .exits(0)
        .says("longer than 1s 500ms\n");
    let known = "timeout: an execution took longer than # because we know\n";
    project.write("testdata/fuzz/hanging/known", known);
    project.shakedown(&["findings", "list"]).exits(0).says("accepted: timeout at hanging");
}
