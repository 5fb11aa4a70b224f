//! What cannot be right: names, files and folders that are not as they should be, and targets that
//! misbehave. Each is told, none loses anything.

use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;

use crate::mount::Mount;
use crate::project::{Project, contents, files};

/// One source for most tests; each picks its target.
const TARGETS: &str = r#"
#[cfg(test)]
mod tests {
    #[shakedown::fuzz(seeds = [b"fine", b"boom"])]
    fn seed_fails(data: &[u8]) {
        assert!(!data.starts_with(b"boom"), "it goes boom");
    }

    #[shakedown::fuzz]
    fn bytes(data: &[u8]) {
        assert!(hash(data.iter().copied().min()) != hash(Some(251u8)), "all bytes are odd");
    }

    #[shakedown::fuzz(seeds = [("a", 3)])]
    fn typed(text: &str, number: u32) {
        assert!(hash(number) != hash(1_936_287_828_u32), "a bad number, {} bytes", text.len());
    }

    /// Hides a comparison from the search.
    fn hash(value: impl std::hash::Hash) -> u64 {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
    }

    #[shakedown::fuzz]
    fn rejects_the_simplest(data: &[u8]) {
        if data.is_empty() {
            shakedown::reject();
        }
    }

    #[shakedown::fuzz]
    fn fails_on_all(_data: &[u8]) {
        panic!("never again");
    }

    #[shakedown::fuzz]
    fn floods(_data: &[u8]) {
        for _ in 0..5000 {
            println!("a line of no importance on standard output");
            eprintln!("a line of no importance on standard error");
        }
    }
}
"#;

#[test]
fn a_package_without_targets_is_told_how_to_write_one() {
    let project = Project::inline("#[cfg(test)] use shakedown as _;");
    project.shakedown(&["fuzz"]).exits(2).says("there are no targets").says("#[shakedown::fuzz]");
}

#[test]
fn a_package_without_the_dependency_is_told_how_to_add_it() {
    let project = Project::inline("");
    project.write("Cargo.toml", "[package]\nname = \"plain\"\nedition = \"2024\"\n[workspace]\n");
    project.shakedown(&["list"]).exits(2).says("cargo add --dev shakedown");
}

#[test]
fn nonsense_on_the_command_line_is_refused_before_anything_is_built() {
    let project = Project::inline("this is not even Rust");
    let refused: [(&[&str], &str); 11] = [
        (&["fuzz", "--time", "10"], "write a time as 500ms, 10s, 5m or 2h"),
        (&["fuzz", "--time", "0s"], "must be longer than zero"),
        (&["fuzz", "--timeout", "soon"], "write a time as"),
        (&["fuzz", "--memory-limit", "4 elephants"], "unknown unit `elephants`"),
        (&["fuzz", "--max-len", "1.5K"], "write a size as 4096, 64K or 512MiB"),
        (&["fuzz", "--execs", "0"], "0 is not in 1.."),
        (&["fuzz", "--jobs", "none"], "must be at least 1"),
        (&["fuzz", "--dict", "missing.dict"], "cannot read the dictionary missing.dict"),
        (&["fuzz", "--tme", "1s"], "a similar argument exists: '--time'"),
        (&["fuz"], "a similar subcommand exists: 'fuzz'"),
        (&["replay", "target"], "required arguments were not provided"),
    ];
    for (arguments, message) in refused {
        let run = project.shakedown(arguments).exits(2).says(message);
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
    assert!(files(&project.cache()).is_empty());
}

#[test]
fn names_that_mean_nothing_or_too_much_are_told() {
    let project = Project::inline(TARGETS);
    let run = project.shakedown(&["fuzz", "--json", "bytess"]).exits(2);
    assert_eq!(run.stdout, "");
    run.says("no target matches `bytess`; did you mean `tests::bytes`?");
    project.shakedown(&["fuzz", "zzz"]).exits(2).says("there are `tests::bytes`, `tests::f");
    let both = "`fails` is ambiguous: tests::fails_on_all, tests::seed_fails; give the full name";
    project.shakedown(&["replay", "fails", "Cargo.toml"]).exits(2).says(both);
    project.shakedown(&["fuzz", "-p", "other"]).exits(2).says("no package `other`");
    let missing = ["replay", "bytes", "missing"];
    project.shakedown(&missing).exits(2).says("cannot read missing: No such file");
    let manifest = ["fuzz", "--manifest-path", "missing/Cargo.toml"];
    project.shakedown(&manifest).exits(2).says("manifest path `missing/Cargo.toml` does not exist");
}

/// Files that hold no input of `typed`, and what is said about each.
const MALFORMED: [(&str, &[u8], &str); 6] = [
    ("empty", b"", "empty:1:1: the file is empty"),
    ("foreign", b"\x7fELF\xff\xfe", "foreign:1:5: expected UTF-8"),
    ("truncated", b"shakedown v1\ntext: \"a", "truncated:2:7: unterminated string"),
    ("newer", b"shakedown v9\ntext: \"a\"\n", "newer:1:1: `shakedown v9` is a newer format"),
    (
        "wrong-type",
        b"shakedown v1\ntext: \"a\"\nnumber: \"b\"\n",
        "wrong-type:3:9: expected an int",
    ),
    ("too-big", b"shakedown v1\nnumber: 4294967296\n", "too-big:2:9: "),
];

#[test]
fn seeds_that_cannot_be_read_are_errors_with_their_places() {
    let project = Project::inline(TARGETS);
    let folder = "testdata/fuzz/tests.typed";
    project.write(format!("{folder}/good"), "shakedown v1\ntext: \"b\"\nnumber: 8\n");
    for (name, content, _) in MALFORMED {
        project.write(format!("{folder}/{name}"), content);
    }
    let before = contents(&project.path("testdata"));
    let mut fuzz = project.shakedown(&["fuzz", "typed", "--execs", "10"]).exits(2);
    let mut test = project.cargo_test().exits(101);
    let mut stats = project.shakedown(&["corpus", "stats", "typed"]).exits(0).says("1 files");
    for (_, _, message) in MALFORMED {
        fuzz = fuzz.says(&format!("{folder}/{message}"));
        test = test.says(&format!("{folder}/{message}"));
        stats = stats.says(&format!("{folder}/{message}"));
    }
    assert!(!fuzz.stderr.contains("good"), "{}", fuzz.stderr);
    assert_eq!(contents(&project.path("testdata")), before);
}

#[test]
fn stray_files_beside_seeds_are_passed_over_and_renamed_arguments_are_warnings() {
    let project = Project::inline(TARGETS);
    let folder = "testdata/fuzz/tests.typed";
    for stray in ["README", "README.txt", ".hidden", "folder/inner"] {
        project.write(format!("{folder}/{stray}"), "no input at all");
    }
    let pipe = Command::new("mkfifo").arg(project.path(folder).join("pipe")).status();
    assert!(pipe.is_ok_and(|status| status.success()));
    project.write(format!("{folder}/older"), "shakedown v1\ntext: \"b\"\ncount: 8\n");
    project.write(format!("{folder}/from-go"), "go test fuzz v1\nstring(\"a\")\nuint32(5)\n");
    let before = files(&project.path("testdata"));
    let arguments = ["fuzz", "typed", "--json", "--execs", "10", "--jobs", "1"];
    let run = project.shakedown(&arguments).exits(0);
    assert_eq!(run.of_type("prepared")[0]["seeds"], 3, "that of the attribute, and two files");
    let warnings = run.of_type("warning");
    let message = warnings[0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("/older:3:1: ") && message.contains("count"), "{message}");
    assert_eq!(warnings.len(), 1);
    assert_eq!(run.json()[0]["type"], "start", "warnings come after it");
    project.cargo(&["test", "--tests", "typed"]).exits(0);
    assert_eq!(files(&project.path("testdata")), before);
}

#[test]
fn bad_entries_in_the_cache_are_skipped_kept_counted_and_told_once() {
    let project = Project::inline(TARGETS);
    let arguments =
        ["fuzz", "typed", "--json", "--execs", "1000", "--jobs", "1", "--max-len", "99"];
    project.shakedown(&arguments).exits(0);
    let cache = cache_of(&project, "typed");
    for (name, content, _) in MALFORMED {
        std::fs::write(cache.join(name), content).expect("the cache can be written");
    }
    let long = format!("shakedown v1\ntext: \"{}\"\nnumber: 1\n", "x".repeat(200));
    std::fs::write(cache.join("long"), long).expect("the cache can be written");
    let before = contents(&cache);
    let run = project.shakedown(&arguments).exits(0);
    let warnings = run.of_type("warning");
    let messages: Vec<_> = warnings.iter().filter_map(|line| line["message"].as_str()).collect();
    assert!(messages[0].starts_with("skipped 6 cached files of tests::typed: not inputs"));
    assert!(
        messages[1].starts_with("skipped 1 cached entry of tests::typed: longer than --max-len")
    );
    assert_eq!(messages.len(), 2);
    let after = contents(&cache);
    assert!(before.iter().all(|file| after.contains(file)), "nothing is lost");
    let mut stats = project.shakedown(&["corpus", "stats", "typed"]).exits(0);
    for (_, _, message) in MALFORMED {
        stats = stats.says(message);
    }
}

#[test]
fn a_failing_seed_is_reported_where_it_is_and_the_campaign_goes_on() {
    let project = Project::inline(TARGETS);
    project.write(
        "testdata/fuzz/tests.typed/mine",
        "shakedown v1\ntext: \"\"\nnumber: 1_936_287_828 // always\n",
    );
    let before = contents(&project.path("testdata"));
    let arguments = ["fuzz", "--json", "--execs", "2000", "--jobs", "1", "seed_fails", "typed"];
    let run = project.shakedown(&arguments).exits(1);
    let findings = run.of_type("finding");
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings[0]["file"].is_null(), "a seed of the attribute has none: {}", findings[0]);
    let file = findings[1]["file"].as_str().unwrap_or_default();
    assert!(file.ends_with("testdata/fuzz/tests.typed/mine"), "{file}");
    for target in run.summary()["targets"].as_array().into_iter().flatten() {
        assert_eq!((&target["execs"], &target["findings"]), (&2000.into(), &1.into()));
    }
    assert_eq!(contents(&project.path("testdata")), before);
    let test = project.cargo_test().exits(101).says("seed number 2 of the attribute");
    test.says("testdata/fuzz/tests.typed/mine").says("a bad number");
}

#[test]
fn a_failing_entry_of_the_cache_becomes_a_minimized_finding() {
    let project = Project::inline(TARGETS);
    let cache = cache_of(&project, "bytes");
    std::fs::create_dir_all(&cache).expect("a folder can be made");
    let entry = cache.join("from-a-friend");
    std::fs::write(&entry, [251; 30]).expect("the cache can be written");
    let arguments = ["fuzz", "bytes", "--json", "--execs", "2", "--jobs", "1"];
    project.shakedown(&arguments).exits(1).says("all bytes are odd");
    let [finding] = &project.testdata("tests::bytes")[..] else { panic!("one finding") };
    assert_eq!(std::fs::read(finding).expect("it is there"), [251]);
    assert!(entry.exists(), "what people put into the cache stays");
    project.shakedown(&arguments).exits(1);
    assert_eq!(project.testdata("tests::bytes").len(), 1, "it is the same finding");
}

#[test]
fn a_finding_goes_to_the_cache_where_testdata_cannot_be_written() {
    let project = Project::inline(TARGETS);
    project.write("testdata", "a file in the way");
    let arguments = ["fuzz", "fails_on_all", "--json", "--execs", "20", "--jobs", "1"];
    let run = project.shakedown(&arguments).exits(2);
    run.says("cannot read the folder ").says("a file is where a folder is needed: move it away");

    std::fs::remove_file(project.path("testdata")).expect("it was just made");
    std::fs::create_dir(project.path("testdata")).expect("a folder can be made");
    let Some(_read_only) = Mount::bind_read_only(&project.path("testdata")) else { return };
    let run = project.shakedown(&arguments).exits(1);
    let file = run.of_type("finding")[0]["file"].as_str().unwrap_or_default().to_owned();
    assert!(file.contains("/tests.fails_on_all/findings/"), "{file}");
    assert!(Path::new(&file).is_file(), "{file}");
    run.says("(check who may access it, or choose another folder); the finding is in ");
}

#[test]
fn a_cache_that_cannot_be_used_is_an_error_that_names_it() {
    let project = Project::inline(TARGETS);
    std::fs::write(project.cache().join("shakedown"), "in the way").expect("it can be written");
    let run = project.shakedown(&["fuzz", "bytes", "--execs", "10"]).exits(2);
    run.says("cannot make the folder ").says("cache/shakedown").says("move it away");
}

#[test]
fn a_full_disk_is_told_once_and_loses_no_finding() {
    let project = Project::inline(TARGETS);
    let disk = project.path("disk");
    std::fs::create_dir(&disk).expect("a folder can be made");
    let Some(_disk) = Mount::tiny(&disk) else { return };
    project.shakedown(&["fuzz", "bytes", "--corpus", "disk", "--execs", "1"]).exits(0);
    std::fs::write(disk.join("filler"), vec![0; 1 << 20]).expect_err("the disk is full");
    let arguments = ["fuzz", "bytes", "--json", "--execs", "20000", "--jobs", "1"];
    let run = project.shakedown(&[&arguments[..], &["--corpus", "disk"]].concat()).exits(2);
    let told = run.of_type("warning");
    assert!(told[0]["message"].as_str().is_some_and(|text| text.contains("free some space")));
    assert!(told.len() <= 2, "at first, if that is before the end, and in the end: {told:?}");
    assert_eq!(run.summary()["exit"], 2);
    assert_eq!(project.testdata("tests::bytes").len(), run.of_type("finding").len());
}

#[test]
fn a_target_without_good_seeds_is_fuzzed_all_the_same() {
    let project = Project::inline(TARGETS);
    let fuzz =
        |target| project.shakedown(&["fuzz", target, "--json", "--execs", "300", "--jobs", "1"]);
    let run = fuzz("rejects_the_simplest").exits(0);
    assert_eq!(run.number("execs"), 300);
    assert!(run.number("rejected") < 300);
    let run = fuzz("fails_on_all").exits(1);
    assert_eq!((run.number("execs"), run.of_type("finding").len()), (300, 1));
}

#[test]
fn a_flood_of_output_is_no_obstacle() {
    let project = Project::inline(TARGETS);
    let run = project.shakedown(&["fuzz", "floods", "--json", "--execs", "100", "--jobs", "2"]);
    let run = run.exits(0);
    assert_eq!(run.number("execs"), 100);
    assert!(!run.stderr.contains("importance"));
    project.write("input", "");
    let run = project.shakedown(&["replay", "floods", "input"]).exits(0).says("input: ok");
    assert_eq!(run.stderr.matches("on standard output").count(), 5000, "replay shows all");
    assert_eq!(run.stderr.matches("on standard error").count(), 5000);
}

#[test]
fn a_second_coordinator_on_the_same_corpus_is_turned_away() {
    let project = Project::inline(TARGETS);
    let target = "rejects_the_simplest";
    let mut first = project.start(&["fuzz", target, "--json", "--jobs", "1"]);
    first.wait_for(|line| line["type"] == "status").expect("it runs");
    let message = format!("another cargo shakedown (process {}) is using the corpus", first.id());
    project.shakedown(&["fuzz", target, "--execs", "10"]).exits(2).says(&message);
    project.shakedown(&["corpus", "clean", target]).exits(2).says(&message);
    project.shakedown(&["corpus", "stats", target]).exits(0);
    let elsewhere = ["fuzz", target, "--execs", "10", "--corpus", "elsewhere"];
    project.shakedown(&elsewhere).exits(0);
    first.signal(Signal::INT);
    let first = first.finish().exits(0);
    assert_eq!(first.summary()["exit"], 0);
}

/// The folder of a target in the cache.
fn cache_of(project: &Project, target: &str) -> PathBuf {
    let list = project.shakedown(&["list", target, "--json"]).exits(0);
    list.json()[0]["cache"].as_str().expect("a path").into()
}
