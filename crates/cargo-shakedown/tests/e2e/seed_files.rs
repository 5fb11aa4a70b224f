//! Seeds in files that a pattern of the target names.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::project::{Project, files};

const TARGETS: &str = r#"
#[cfg(test)]
mod seed_files_tests {
    fn hash(text: &str) -> u64 {
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    #[shakedown::fuzz(seed_files = ["data/**/*.txt", "none/*"])]
    fn raw(text: &str) {
        assert_ne!(hash(text), 0x4e31eddf4a24a32a, "never by chance");
    }

    #[shakedown::fuzz(seed_files = "data/typed*")]
    fn typed(name: &str, number: u32) {
        assert!(name.len() < 40 || number != 123_456_789);
    }
}
"#;

#[test]
fn files_that_a_pattern_names_are_seeds_of_campaigns_and_tests() {
    let project = Project::inline(TARGETS);
    project.write("data/a.txt", "a");
    project.write("data/deep/b.txt", "b");
    project.write("data/deep/bad.txt", b"\xff");
    project.write("data/README.txt", "notes");
    project.write("data/typed", "shakedown v1\nname: \"a\"\nnumber: 3\n");
    project.write("data/typed-of-other", "shakedown v1\nother: \"a\"\nmore: 3\n");
    let pipe = Command::new("mkfifo").arg(project.path("data/pipe.txt")).status();
    assert!(pipe.is_ok_and(|status| status.success()));
    symlink("/etc/hostname", project.path("data/link.txt")).expect("a link can be made");
    let before = files(&project.path("data"));

    let fuzz = ["fuzz", "--json", "--execs", "200", "--jobs", "1"];
    let run = project.shakedown(&fuzz).exits(0);
    let seeds: Vec<_> =
        run.of_type("prepared").iter().map(|start| start["seeds"].clone()).collect();
    assert_eq!(seeds, [2, 1]);
    let warnings = run.of_type("warning");
    let told = |words: &[&str]| {
        let mut messages = warnings.iter().filter_map(|warning| warning["message"].as_str());
        assert!(messages.any(|text| words.iter().all(|word| text.contains(word))), "{warnings:?}");
    };
    told(&["`seed_files = \"none/*\"` matches no file"]);
    told(&["no seed: data/link.txt: it is a link, which is not followed (and 1 more)"]);
    told(&["no seed: ", "data/deep/bad.txt:1:1: expected UTF-8"]);
    told(&["no seed: ", "data/typed-of-other:2:1: "]);
    assert_eq!(warnings.len(), 4, "{warnings:?}");

    let test = project.cargo_test().exits(0);
    test.says("warning: seed_files_tests::raw: `seed_files = \"none/*\"` matches no file")
        .says("no seed: data/link.txt: it is a link")
        .says("no seed: data/deep/bad.txt:1:1: expected UTF-8")
        .says("seed_files_tests::typed: no seed: data/typed-of-other:2:1: ");

    project.write("data/deep/c.txt", "never by chance");
    let test = project.cargo_test().exits(101);
    test.says("data/deep/c.txt").says("never by chance");
    let run = project.shakedown(&[&fuzz[..], &["raw"]].concat()).exits(1);
    let findings = run.of_type("finding");
    assert_eq!(findings.len(), 1);
    let file = findings[0]["file"].as_str().unwrap_or_default();
    assert!(file.ends_with("data/deep/c.txt"), "{file}");
    assert!(project.testdata("seed_files_tests::raw").is_empty(), "the file has it already");
    assert_eq!(files(&project.path("data")).len(), before.len() + 1, "nothing else was written");
}
