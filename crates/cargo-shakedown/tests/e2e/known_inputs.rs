//! After a finding: `cargo test`, nextest and `replay` show it, and it can be removed or accepted.

use crate::project::{Project, files};

#[test]
fn a_finding_fails_the_plain_test_until_it_is_removed() {
    let project = Project::copy("ends");
    let only = ["test", "--quiet", "--lib", "long_texts::fuzz"];
    project.cargo(&only).exits(0);
    let fuzz = ["fuzz", "long_texts", "--execs=5000", "--seed=1", "--jobs=1"];
    project.shakedown(&fuzz).exits(1).says("the text is too long");
    let file = project.testdata("long_texts").pop().expect("a finding");
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();

    project.cargo(&only).exits(101).says(&name).says("the text is too long");
    let path = file.to_str().expect("a readable path");
    let replay = project.shakedown(&["replay", "long_texts", path]).exits(1);
    replay.says("the text is too long").says("src/lib.rs:").says("ends::long_texts");

    if project.cargo(&["nextest", "--version"]).status.success() {
        let nextest = ["nextest", "run", "--no-fail-fast", "--lib"];
        let filter = ["-E", "test(=long_texts::fuzz)"];
        project.cargo(&[&nextest[..], &filter].concat()).exits(100).says(&name);
    } else {
        eprintln!("cargo-nextest is not installed: that part is skipped");
    }
    std::fs::remove_file(file).expect("it can be removed");
    project.cargo(&only).exits(0);
}

#[test]
fn only_fuzzing_makes_a_cache_and_the_next_campaign_starts_from_it() {
    let project = Project::copy("values");
    project.cargo(&["test", "--quiet", "--lib", "maze"]).exits(0);
    assert_eq!(project.entries("maze").len(), 0);

    let fuzz = ["fuzz", "maze", "--json", "--seed=1", "--jobs=1", "--execs=3000"];
    let first = project.shakedown(&fuzz);
    let entries = project.entries("maze").len();
    assert!(entries > 0, "{}", first.stdout);
    assert_eq!(first.number("entries") as usize, entries + 1, "the seed and what was found");
    let second = project.shakedown(&fuzz);
    assert_eq!(second.of_type("prepared")[0]["cached"], entries);

    project.shakedown(&["corpus", "clean", "maze"]).exits(0);
    assert_eq!(project.entries("maze").len(), 0);
}

#[test]
fn a_cached_entry_that_is_also_a_seed_is_dropped() {
    let project = Project::copy("values");
    let fuzz = ["fuzz", "maze", "--json", "--seed=1", "--jobs=1", "--execs=3000"];
    project.shakedown(&fuzz);
    let entries = project.entries("maze");
    let twin = std::fs::read(&entries[0]).expect("it is there");
    project.write("testdata/fuzz/maze/twin", twin);
    let second = project.shakedown(&fuzz);
    assert_eq!(second.of_type("prepared")[0]["cached"], entries.len() - 1);
}

#[test]
fn a_replay_of_every_end_shows_each_failure_and_goes_on() {
    let project = Project::copy("ends");
    let bytes = [0, 1, 2, 3, 4, 5, 8, 12];
    for byte in bytes {
        project.write(format!("inputs/{byte:02}"), format!("shakedown v1\nbyte: {byte}\n"));
    }
    let run = project.shakedown(&["replay", "every_end", "inputs"]).exits(1);
    let said = |byte: u8, text: &str| {
        let name = format!("inputs/{byte:02}: {text}");
        assert!(run.stdout.contains(&name), "{name} is not in\n{}", run.stdout);
    };
    said(0, "ok");
    said(1, "panic: a panic");
    said(2, "error: \"an error\"");
    said(3, "abort: ");
    said(4, "signal: SIGSEGV");
    said(5, "stack-overflow: ");
    said(8, "exit: the target ended the process with exit status 70");
    said(12, "ok");
}

#[test]
fn a_finding_that_is_accepted_fails_nothing_any_more() {
    let project = Project::copy("ends");
    let fuzz = ["fuzz", "long_texts", "--execs=5000", "--seed=1", "--jobs=1"];
    let run = project.shakedown(&fuzz).exits(1);
    let advice = "add its line to the file:\n  testdata/fuzz/long_texts/known: ";
    let (_, line) = run.stderr.split_once(advice).expect("advice");
    let line = line.lines().next().expect("a line").replace("<reason>", "texts are long");
    assert_eq!(line, "panic at src/lib.rs: the text is too long because texts are long");
    let file = project.testdata("long_texts").pop().expect("a finding");

    project.write("testdata/fuzz/long_texts/known", format!("# accepted\n{line}\n"));
    let test = project.cargo(&["test", "--quiet", "--lib", "long_texts::fuzz"]).exits(0);
    let name = file.file_name().expect("a name").to_string_lossy();
    let test =
        test.says(&format!("known: testdata/fuzz/long_texts/{name}: panicked at src/lib.rs:"));
    test.says("(because texts are long)");

    std::fs::remove_file(&file).expect("it can be removed");
    let run = project.shakedown(&[&fuzz[..], &["--fail-fast"]].concat()).exits(0);
    run.says("accepted: long_texts: the text is too long (panic at src/lib.rs:")
        .says(") because texts are long")
        .says("no new findings (1 accepted failure seen)");
    let list = [project.path("testdata/fuzz/long_texts/known")];
    assert_eq!(project.testdata("long_texts"), list, "nothing is written");
    let json = project.shakedown(&[&fuzz[..], &["--json"]].concat()).exits(0);
    let finding = &json.of_type("finding")[0];
    assert_eq!((&finding["accepted"], &finding["is_seed"]), (&true.into(), &false.into()));
    assert_eq!(finding["accepted_reason"], "texts are long");
    assert_eq!(finding["known_reason"], "texts are long", "the old name");
    assert_eq!(
        (json.number("execs"), json.number("findings"), json.number("accepted")),
        (5000, 0, 1)
    );

    project.write("testdata/fuzz/long_texts/known", "panic at src/lib.rs: the text is too long\n");
    let place = "testdata/fuzz/long_texts/known:1: a reason is missing";
    project.shakedown(&fuzz).exits(2).says(place);
    project.cargo(&["test", "--quiet", "--lib", "long_texts::fuzz"]).exits(101).says(place);
}

/// The name of a folder is shorter than this id, and both sides must shorten it alike.
#[test]
fn the_finding_of_a_target_with_a_long_id_fails_the_plain_test() {
    let id = format!("tests::a_target_{}", "x".repeat(219 - "tests::a_target_".len()));
    let name = id.strip_prefix("tests::").expect("a name");
    let project = Project::inline(&format!(
        "#[cfg(test)]\nmod tests {{\n    #[shakedown::fuzz]\n    fn {name}(data: &[u8]) {{\n        \
         assert!(data.len() < 3, \"too long\");\n    }}\n}}\n"
    ));
    let run = project.shakedown(&["fuzz", "--execs=2000", "--seed=1", "--jobs=1"]).exits(1);
    let found = files(&project.path("testdata"));
    let [file] = &found[..] else { panic!("one finding: {found:?}") };
    let file = file.file_name().expect("a name").to_string_lossy();
    let printed = |start: &str| {
        let line = run.stderr.lines().map(str::trim).find(|line| line.starts_with(start));
        project.paste(line.expect("a command"))
    };
    printed("cargo test ").exits(101).says("too long").says(&file);
    printed("cargo shakedown replay ").exits(1).says("panic: too long");

    let run = project.cargo_test().exits(101).says("too long").says(&file);
    let (_, replay) = run.stdout.split_once("to see it alone: ").expect("a command");
    let replay = replay.lines().next().expect("a line");
    project.paste(replay).exits(1).says("panic: too long");
}
