//! The first steps: what `init` adds, which compiles and runs wherever it is added.

use crate::drop_in::untouched;
use crate::project::{Project, contents};

#[test]
fn a_first_target_is_shown_added_and_searched() {
    let project = Project::inline("pub fn parse(text: &str) -> usize {\n    text.len()\n}\n");
    let manifest = project.read("Cargo.toml");
    let (package, _) = manifest.split_once("[dev-dependencies]").expect("there are some");
    project.write("Cargo.toml", format!("{}\n[workspace]\n", package.trim_end()));
    let before = contents(&project.package());
    let shown = project.shakedown(&["init"]).exits(2).says("+[dev-dependencies]");
    let shown = shown.says("+shakedown = ").says("+#[shakedown::fuzz(seeds = [\"hello\"])]");
    shown.says("nothing is written; --yes writes without a question");
    assert_eq!(contents(&project.package()), before);

    project.shakedown(&["init", "--yes"]).exits(0).says("then: cargo shakedown fuzz first_target");
    project.shakedown(&["fuzz", "first_target", "--execs", "200"]).exits(0).says("1 seed");
    project.cargo_test().exits(0);
    let again = project.shakedown(&["init", "--yes"]).exits(0);
    again.says("package `inline` depends on shakedown already");
    project.shakedown(&["init", "--yes", "--name", "second"]).exits(0);
    assert!(project.read("tests/second.rs").contains("fn second(text: &str)"));
    project.shakedown(&["init", "--name", "second"]).exits(2).says("choose another name by --name");
    project.shakedown(&["init", "--name", "No"]).exits(2).says("is no name of a function");
}

#[test]
fn a_fuzz_folder_gets_one_changed_line_and_further_programs() {
    let project = untouched(&[("kept-one", "fuzz_target!(|data: &[u8]| inline::look(data));")]);
    let before = project.read("fuzz/Cargo.toml");
    let shown = project.shakedown(&["init"]).exits(2).says("+libfuzzer-sys = { package = ");
    assert_eq!(shown.stdout.lines().filter(|line| line.starts_with("+libf")).count(), 1);
    assert_eq!(project.read("fuzz/Cargo.toml"), before);
    project.shakedown(&["init", "--yes"]).exits(0);
    let after = project.read("fuzz/Cargo.toml");
    let is_same = |line: &&str| before.lines().any(|other| other == *line);
    let changed: Vec<&str> = after.lines().filter(|line| !is_same(line)).collect();
    assert!(matches!(changed[..], [line] if line.contains("arbitrary-derive")), "{changed:?}");

    project.shakedown(&["cargo-fuzz", "add", "further-one"]).exits(0);
    let listed = project.shakedown(&["list"]).exits(0).says("further-one").says("kept-one");
    assert!(!listed.stderr.contains("Replacing"), "{}", listed.stderr);
    project.shakedown(&["fuzz", "further-one", "--execs", "50"]).exits(0);
    project.shakedown(&["init"]).exits(0).says("nothing is to be changed");
    let twice = project.shakedown(&["init", "--name", "further-one"]).exits(2);
    twice.says("has a program `further-one` already");
}
