//! Panics in all their forms, and what a process does only once.

use crate::project::{Project, Run};

/// Each target is a kind of panic, or of a first execution that is like no other.
const SOURCE: &str = r#"
#[cfg(test)]
mod tests {
    use std::panic::{catch_unwind, panic_any, resume_unwind, set_hook};
    use std::sync::{LazyLock, Once};
    use std::time::Duration;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the bomb goes off")
        }
    }

    #[shakedown::fuzz(seeds = [0, 1, 2, 3, 4, 5])]
    fn odd_panics(what: u8) {
        match what {
            1 => panic_any(Bomb),
            2 => panic_any(7_i32),
            // SAFETY: it is not, and that is the bug.
            3 => panic_any(unsafe { String::from_utf8_unchecked(b"not \xff text".to_vec()) }),
            4 => {
                let _bomb = Bomb;
                panic!("the bug itself")
            }
            5 => resume_unwind(Box::new(catch_unwind(|| panic!("in a box")).unwrap_err())),
            _ => {}
        }
    }

    #[shakedown::fuzz]
    fn own_hook(what: u8) {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| set_hook(Box::new(|info| eprintln!("oops: {info}"))));
        assert!(what != 35, "thirty-five");
    }

    #[shakedown::fuzz]
    fn catches(what: u8) {
        drop(catch_unwind(|| assert!(what < 77, "task failed")));
    }

    #[shakedown::fuzz(seeds = ["=flag", "=other x", "= y"])]
    fn repeats_its_input(line: &str) {
        let token = line.strip_prefix('=').unwrap_or("");
        assert!(token.is_empty(), "bad token {token}: it is none");
    }

    #[shakedown::fuzz]
    fn is_too_long(line: &str) {
        assert!(line.len() < 3, "too long: {line}");
    }

    #[shakedown::fuzz(timeout = "1s")]
    fn slow_first_use(what: u8) {
        static TABLE: LazyLock<u8> = LazyLock::new(|| {
            std::thread::sleep(Duration::from_millis(1500));
            4
        });
        assert!(what ^ *TABLE != 47, "found");
    }
}
"#;

fn fuzz(target: &str, execs: u32) -> Run {
    let execs = format!("--execs={execs}");
    let project = Project::inline(SOURCE);
    project.shakedown(&["fuzz", target, "--json", "--seed=1", "--jobs=1", &execs])
}

/// Message, kind and line of each finding, all of them reproducible, sorted.
fn told(run: &Run) -> Vec<(String, String, String)> {
    let findings = run.of_type("finding");
    let mut told: Vec<_> = findings
        .iter()
        .map(|finding| {
            assert_eq!(finding["status"], "reproducible", "{finding}");
            let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
            let place = text("place");
            let line = place.split(':').nth(1).unwrap_or_default().to_owned();
            (text("message"), text("kind"), line)
        })
        .collect();
    told.sort();
    told
}

/// The line of the source that has this text.
fn line_of(text: &str) -> String {
    let index = SOURCE.lines().position(|line| line.contains(text)).expect("it is there");
    (index + 1).to_string()
}

#[test]
fn a_panic_is_told_with_its_place_whatever_its_payload_and_of_two_the_first() {
    let bug = line_of("the bug itself");
    let expected = [
        ("a panic whose payload is not a string", "panic", line_of("1 =>")),
        ("a panic whose payload is not a string", "panic", line_of("2 =>")),
        ("in a box", "panic", line_of("in a box")),
        ("not \u{fffd} text", "panic", line_of("3 =>")),
        (&format!("thread panicked at src/lib.rs:{bug}:17: the bug itself"), "abort", bug.clone()),
    ];
    let run = fuzz("odd_panics", 6).exits(1);
    let expected =
        expected.map(|(message, kind, line)| (message.to_owned(), kind.to_owned(), line));
    assert_eq!(told(&run), expected);
    assert_eq!(run.number("damaged"), 0);
}

#[test]
fn a_hook_that_the_target_sets_hides_no_place_and_makes_no_second_finding() {
    let run = fuzz("own_hook", 4000).exits(1);
    let line = line_of("thirty-five");
    assert_eq!(told(&run), [("thirty-five".to_owned(), "panic".to_owned(), line)]);
}

#[test]
fn panics_that_the_target_catches_are_counted_and_one_is_shown() {
    let run = fuzz("catches", 2000).exits(0);
    assert!(run.number("caught") > 0, "{}", run.stdout);
    let project = Project::inline(SOURCE);
    let run = project.shakedown(&["fuzz", "catches", "--seed=1", "--jobs=1", "--execs=2000"]);
    run.exits(0).says(&format!("src/lib.rs:{}:", line_of("task failed"))).says("task failed");
}

#[test]
fn an_input_that_is_repeated_in_the_message_makes_no_other_finding() {
    let project = Project::inline(SOURCE);
    let known = "panic at src/lib.rs: bad token *: it is none because it is a test\n";
    let args = ["fuzz", "repeats_its_input", "--json", "--seed=1", "--jobs=1", "--execs=3000"];
    let run = project.shakedown(&args).exits(1);
    let findings = run.of_type("finding");
    assert_eq!(findings.len(), 1, "{}", run.stdout);
    project.write("testdata/fuzz/tests.repeats_its_input/known", known);
    project.cargo(&["test", "--quiet", "repeats_its_input"]).exits(0);
    project.shakedown(&args).exits(0);
}

#[test]
fn an_input_that_is_repeated_in_the_message_is_made_as_small_as_any_other() {
    let run = fuzz("is_too_long", 3000).exits(1);
    let findings = run.of_type("finding");
    assert_eq!(findings.len(), 1, "{}", run.stdout);
    assert_eq!(findings[0]["len"], 3, "{}", run.stdout);
    let line = findings[0]["accept"]["line"].as_str().expect("a line");
    assert_eq!(line, "panic at src/lib.rs: too long: *");
}

#[test]
fn what_takes_long_once_in_a_process_is_no_timeout() {
    let run = fuzz("slow_first_use", 3000).exits(1);
    let line = line_of("\"found\"");
    assert_eq!(told(&run), [("found".to_owned(), "panic".to_owned(), line)]);
}

#[test]
fn a_crate_without_std_that_renames_the_library_has_targets() {
    let project = Project::inline(
        r#"#![no_std]

#[cfg(test)]
mod tests {
    #[derive(fuzzing::Input)]
    #[input(crate = ::fuzzing)]
    enum Op<'a> {
        Push(&'a str),
        Resize(#[input(len = 3)] &'a [u8], #[input(default = 7)] u8),
    }

    #[fuzzing::fuzz(crate = ::fuzzing, seeds = [([Op::Push("a")], b"b")], dict = ["x"])]
    fn renamed(ops: &[Op<'_>], bytes: &mut [u8]) {
        for op in ops {
            match op {
                Op::Push(text) => assert!(text.len() <= 1 << 30),
                Op::Resize(by, more) => assert!(by.len() == 3 && usize::from(*more) < 256),
            }
        }
        bytes.reverse();
    }
}
"#,
    );
    let manifest = project.read("Cargo.toml");
    let renamed = manifest.replace("shakedown = {", "fuzzing = { package = \"shakedown\",");
    project.write("Cargo.toml", renamed);
    project
        .shakedown(&["fuzz", "--seed=1", "--jobs=1", "--execs=500"])
        .exits(0)
        .says("no findings");
    project.cargo_test().exits(0);
}
