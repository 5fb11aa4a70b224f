//! Command lines of cargo-fuzz, with one word changed.

use std::path::Path;

use crate::drop_in::project;
use crate::project::{contents, files};

#[test]
fn a_workflow_of_cargo_fuzz_needs_one_other_word() {
    let look = "fuzz_target!(|data: &[u8]| inline::look(data));";
    let fine = "fuzz_target!(|data: &[u8]| if data.len() > 2 { inline::prepare() });";
    let project = project(&[("flow-look", look), ("flow-fine", fine)]);
    let run = |line: &str| {
        let words = ["cargo-fuzz"].into_iter().chain(line.split(' '));
        project.shakedown(&words.collect::<Vec<_>>())
    };
    let list = run("list").exits(0);
    assert_eq!(list.stdout, "flow-fine\nflow-look\n");
    assert!(!list.stderr.contains("Compiling"), "{}", list.stderr);
    run("build").exits(0).says("2 targets built");
    let fine = run("run flow-fine -- -runs=2000 -max_len=9 -use_value_profile=1 -seed=1").exits(0);
    fine.says("Running cargo shakedown fuzz flow-fine").says("guides the search anyway");
    assert!(!files(&project.path("fuzz/corpus/flow-fine")).is_empty());
    run("run flow-fine -- -runs=0").exits(0).says(": ok");

    project.write("new/old-entry", "boo");
    project.write("other/below/entry", "b");
    let found =
        run("run flow-look new other -- -runs=300000 -seed=1 -artifact_prefix=out/").exits(1);
    found.says("the bomb went off").says("1 seed, 1 cached entry");
    std::fs::create_dir(project.path("fresh")).expect("a new folder");
    run("run flow-fine fresh -- -runs=2000 -seed=1").exits(0);
    assert!(!files(&project.path("fresh")).is_empty());
    assert_eq!(files(&project.path("other")).len(), 1);
    let name = "crash-c53d2f1a9a8499bcb477be56c31caa5c76ae60f5";
    assert_eq!(project.read(Path::new("out").join(name)), "boom");
    run(&format!("run flow-look out/{name}")).exits(1).says("the bomb went off");

    project.write("long", "boom and more");
    run("tmin flow-look long").exits(0).says(&format!("fuzz/artifacts/flow-look/{name}"));
    run("fmt flow-look long").exits(0).says("boom and more");
    run("coverage flow-look new").exits(0).says("\nsrc/lib.rs ");
    run("run missing").exits(2).says("no target matches `missing`");
}

#[test]
fn a_corpus_is_made_as_small_as_what_it_reaches() {
    let source = "fuzz_target!(|data: &[u8]| { if data.first() == Some(&b'a') { inline::prepare(); } \
         assert_ne!(data, b\"fails\"); });";
    let project = project(&[("shrinks", source)]);
    for (name, content) in [
        ("1", "a"),
        ("2", "another"),
        ("3", "x"),
        ("deep/4", "xyz"),
        ("deep/5", "x"),
        ("6", "fails"),
    ] {
        project.write(Path::new("fuzz/corpus/shrinks").join(name), content);
    }
    let minimize = ["corpus", "minimize", "shrinks"];
    let dry = project.shakedown(&[&minimize[..], &["--dry-run"]].concat()).exits(0);
    dry.says("3 files (11 bytes) would be removed").says("3 kept");
    assert_eq!(files(&project.path("fuzz/corpus")).len(), 6);
    project.shakedown(&["cargo-fuzz", "cmin", "shrinks"]).exits(0).says("entry that fails kept");
    let left: Vec<_> =
        contents(&project.path("fuzz/corpus/shrinks")).into_iter().map(|(_, text)| text).collect();
    assert_eq!(left, [&b"a"[..], b"x", b"fails"]);
}

#[test]
fn a_corpus_gets_from_others_what_it_lacks() {
    let source = "fuzz_target!(|data: &[u8]| { if data.first() == Some(&b'a') { inline::prepare(); } \
         if data.last() == Some(&b'z') { std::hint::black_box(data.len()); } assert_ne!(data, \
         b\"fails\"); });";
    let project = project(&[("merges", source)]);
    for (name, content) in [
        ("own/1", "x"),
        ("own/2", "xx"),
        ("more/a-long", "and a long one"),
        ("more/below/a", "ab"),
        ("other/f", "fails"),
        ("other/x", "xxx"),
        ("other/z", "yz"),
        ("other/z-long", &"yz".repeat(9000)),
    ] {
        project.write(name, content);
    }
    let merge = ["cargo-fuzz", "run", "merges", "own", "more", "other", "--", "-merge=1"];
    let run = project.shakedown(&merge).exits(0).says("2 new entries imported into ");
    run.says("3 that reach nothing new").says("1 input that fails left out");
    let has = |text: &[u8]| contents(&project.path("own")).iter().any(|(_, own)| own == text);
    assert!(has(b"x") && has(b"xx") && has(b"ab") && has(b"yz"));
    assert_eq!(files(&project.path("own")).len(), 4);
    // What was merged adds nothing any more.
    project.shakedown(&merge).exits(0).says("0 new entries imported");
}

#[test]
fn arguments_of_the_target_reach_it() {
    let source = "fuzz_target!(|_data: &[u8]| assert!(std::env::args().any(|arg| arg == \
                  \"--fuel=3\"), \"no fuel\"));";
    let project = project(&[("fuelled", source)]);
    project.shakedown(&["fuzz", "fuelled", "--execs", "20"]).exits(1).says("no fuel");
    let _ = std::fs::remove_dir_all(project.path("fuzz/artifacts"));
    project.shakedown(&["fuzz", "fuelled", "--execs", "20", "--", "--fuel=3"]).exits(0);
    let line = ["cargo-fuzz", "run", "fuelled", "--", "--fuel=3", "-runs=20"];
    project.shakedown(&line).exits(0);
}
