//! What comes from elsewhere: text of the target on the terminal, and files under names that are read.
//! Neither is believed to be what it seems.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::project::Project;

const TARGETS: &str = r#"
#[cfg(test)]
mod tests {
    #[shakedown::fuzz(seeds = [1u8])]
    fn forges(number: u8) {
        if number == 1 {
            panic!("\x1b]0;title\x07\u{9b}2J\u{202e}gnp.exe\rover\nfinding: panic in other: none\n  at x");
        }
    }

    #[shakedown::fuzz(seeds = [vec![65u8; 3000]])]
    fn says_much(data: Vec<u8>) {
        assert!(data.len() < 2500, "all of it: {data:#?}");
    }

    #[shakedown::fuzz(seeds = [0u8])]
    fn quiet(number: u8) {
        std::hint::black_box(number);
    }
}
"#;

/// A campaign of a few executions.
fn fuzz(target: &str) -> [&str; 5] {
    ["fuzz", target, "--execs=5", "--jobs=1", "--seed=1"]
}

#[test]
fn text_of_the_target_neither_acts_on_the_terminal_nor_looks_like_ours() {
    let project = Project::inline(TARGETS);
    let run = project.shakedown(&fuzz("forges")).exits(1);
    let report = &run.stderr[run.stderr.find("\nfinding: ").expect("a finding")..];
    let acts = |char: char| char.is_control() && char != '\n' || char == '\u{202e}';
    assert!(!report.contains(acts), "{}", report.escape_debug());
    assert!(report.contains(r"\u{1b}]0;title\u{7}\u{9b}2J\u{202e}gnp.exe\rover"), "{report}");
    assert!(!report.contains("\nfinding: panic in other"), "{report}");
    let seed = project.path("seed");
    project.write("seed", "shakedown v1\nnumber: 1\n");
    let shown = project.shakedown(&["replay", "forges", &seed.display().to_string()]).exits(1);
    assert!(!shown.stdout.contains(acts), "{}", shown.stdout.escape_debug());
}

#[test]
fn a_long_message_is_cut_in_the_report_and_whole_in_a_replay() {
    let project = Project::inline(TARGETS);
    let run = project.shakedown(&fuzz("says_much")).exits(1);
    assert!(run.stderr.lines().count() < 120, "{} lines", run.stderr.lines().count());
    project.write("long", vec![65; 2600]);
    let replay = project.shakedown(&["replay", "says_much", "long"]).exits(1);
    assert!(replay.stdout.lines().count() > 2600, "{} lines", replay.stdout.lines().count());
}

fn make_pipe(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
    assert!(Command::new("mkfifo").arg(path).status().is_ok_and(|status| status.success()));
}

#[test]
fn no_name_that_is_read_makes_a_campaign_wait() {
    let project = Project::inline(TARGETS);
    let known = project.path("testdata/fuzz/tests.quiet/known");
    make_pipe(&known);
    project.shakedown(&fuzz("quiet")).exits(2).says("known: it is a pipe, socket or device");
    project.cargo(&["test", "--tests", "quiet"]).says("it is not a file");
    std::fs::remove_file(&known).expect("it is there");
    let folder = project.path("corpus/inline/tests.quiet");
    make_pipe(&folder.join(".coverage"));
    make_pipe(&folder.join("0123456789abcdef"));
    let corpus = project.path("corpus").display().to_string();
    project.shakedown(&[&fuzz("quiet")[..], &["--corpus", &corpus]].concat()).exits(0);
}

#[test]
fn a_link_in_place_of_the_lock_changes_nothing_of_the_users() {
    let project = Project::inline(TARGETS);
    project.write("precious", "mine");
    project.write("corpus/inline/tests.quiet/.hidden", "");
    let lock = project.path("corpus/inline/tests.quiet/.lock");
    symlink(project.path("precious"), &lock).expect("a link can be made");
    let corpus = project.path("corpus").display().to_string();
    let run = project.shakedown(&[&fuzz("quiet")[..], &["--corpus", &corpus]].concat());
    run.exits(2).says("it is a link, not a file");
    assert_eq!(project.read("precious"), "mine");
}
