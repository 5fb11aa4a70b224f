//! Every subcommand beside `fuzz` at its everyday work, and the help of all.

use std::fs::File;
use std::process::Stdio;

use serde_json::Value;

use crate::project::{Project, Run, Running, contents, files};

const TARGETS: &str = r#"
#[cfg(test)]
mod tests {
    #[shakedown::fuzz(seeds = [("a", 1)])]
    fn typed(text: &str, number: u32) {
        println!("number is {number}");
        if number == 13 {
            shakedown::reject();
        }
        assert!(number <= 1000, "too big, {} bytes", text.len());
    }

    #[shakedown::fuzz]
    fn bytes(data: &[u8]) {
        if data.contains(&b'!') {
            std::process::abort();
        }
    }
}
"#;

const HELP: [&[&str]; 24] = [
    &[],
    &["init"],
    &["fuzz"],
    &["list"],
    &["build"],
    &["replay"],
    &["minimize"],
    &["findings"],
    &["findings", "list"],
    &["findings", "show"],
    &["seed"],
    &["corpus"],
    &["corpus", "stats"],
    &["corpus", "show"],
    &["corpus", "import"],
    &["corpus", "export"],
    &["corpus", "minimize"],
    &["corpus", "migrate"],
    &["corpus", "clean"],
    &["coverage"],
    &["report"],
    &["cargo-fuzz"],
    &["cargo-fuzz", "run"],
    &["cargo-fuzz", "cmin"],
];

#[test]
fn every_subcommand_explains_itself() {
    let project = Project::inline("");
    let help = |words: &[&str]| {
        let run = project.shakedown(&[words, &["--help"]].concat()).exits(0);
        let lines: Vec<_> = run.stdout.lines().map(str::trim_end).collect();
        format!(
            "$ cargo shakedown {}\n{}\n",
            [words, &["--help"]].concat().join(" "),
            lines.join("\n")
        )
    };
    insta::assert_snapshot!(HELP.map(help).join("\n"));
}

#[track_caller]
fn demand(lines: &[Value], fields: &[&str]) {
    for line in lines {
        for field in fields {
            assert!(line.get(field).is_some_and(|value| !value.is_null()), "{field}: {line}");
        }
    }
}

#[test]
fn colors_are_for_those_who_want_them() {
    let project = Project::inline(TARGETS);
    let run = |no_color: &str| {
        let mut command = project.command(env!("CARGO_BIN_EXE_cargo-shakedown"));
        command.args(["fuzz", "bytes", "--execs", "1", "--jobs", "1"]);
        command.env_remove("CARGO_TERM_COLOR");
        command.env("CLICOLOR_FORCE", "1").env("NO_COLOR", no_color);
        Running::new(command).finish().exits(0).stderr
    };
    assert!(run("").contains("\x1b[1m"), "asked for");
    assert!(!run("1").contains('\x1b'), "unless forbidden");
}

#[test]
fn nobody_needs_to_listen() {
    let project = Project::inline(TARGETS);
    project.write("in/1", "oh!");
    project.write("in/2", "calm");
    // The exit status and what was written to standard error, where standard output is this.
    let run = |stdout: Stdio, line: &str| {
        let mut command = project.command(env!("CARGO_BIN_EXE_cargo-shakedown"));
        command.args(line.split(' ')).stdin(Stdio::null()).stdout(stdout);
        let output = command.output().expect("the command can be started");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let closed = || Stdio::from(std::io::pipe().expect("a pipe").1);
    for (line, status) in [
        ("list", 0),
        ("list --json", 0),
        ("corpus stats", 0),
        ("replay bytes in", 1),
        ("fuzz typed bytes --json --execs 20000 --jobs 1", 1),
        ("corpus show typed", 0),
        ("minimize bytes in/1", 0),
    ] {
        let (code, stderr) = run(closed(), line);
        assert_eq!(code, Some(status), "{line}: {stderr}");
        assert!(!stderr.contains("panicked"), "{line}: {stderr}");
    }
    assert_eq!(project.testdata("tests::typed").len(), 1, "what was found is kept");
    let full = File::options().write(true).open("/dev/full").expect("a full disk");
    let (code, stderr) = run(full.into(), "list");
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("error: cannot write to standard output: No space left"), "{stderr}");
}

#[test]
fn list_shows_arguments_and_counts() {
    let project = Project::inline(TARGETS);
    project.write("testdata/fuzz/tests.typed/seed", "shakedown v1\ntext: \"\"\nnumber: 0\n");
    let run = project.shakedown(&["list"]).exits(0);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "inline/tests::bytes(data: [u8])");
    assert!(lines[1].starts_with("    0 seeds, 0 findings, 0 cached entries, "), "{}", lines[1]);
    assert_eq!(lines[2], "inline/tests::typed(text: str, number: u32)");
    assert!(lines[3].starts_with("    2 seeds, 0 findings, 0 cached entries, "), "{}", lines[3]);
    let stats = ["corpus", "stats", "typed"];
    project
        .shakedown(&stats)
        .exits(0)
        .says("attribute       1 seeds")
        .says("seeds           1 files");
    let run = project.shakedown(&["list", "typed", "--json"]).exits(0);
    let [line] = &run.json()[..] else { panic!("one target") };
    demand(std::slice::from_ref(line), &["package", "target", "arguments", "testdata", "cache"]);
    assert_eq!((&line["type"], &line["seeds"]), (&"target".into(), &2.into()));
}

#[test]
fn a_target_that_does_not_start_is_told_at_its_place_and_the_others_are_listed() {
    let seeds = "seeds = [Box::leak(std::env::var(\"NO_SUCH\").unwrap().into_boxed_str())]";
    let project = Project::inline(&format!(
        "#[cfg(test)]\nmod tests {{\n    #[shakedown::fuzz({seeds})]\n    fn bad(_: &str) {{}}\n    \
         #[shakedown::fuzz]\n    fn good(_: &str) {{}}\n}}\n"
    ));
    for command in [&["list"][..], &["corpus", "stats"]] {
        let run = project.shakedown(command).exits(2);
        let at = |text: &str| run.stdout.find(text).unwrap_or_else(|| panic!("{}", run.stdout));
        assert!(at("tests::bad") < at("error: ") && at("error: ") < at("tests::good"));
        let json = project.shakedown(&[command, &["--json"]].concat()).exits(2).json();
        assert_eq!(json.len(), 2);
        assert!(json[0]["error"].is_string() && json[1]["error"].is_null());
    }
}

#[test]
fn the_folder_of_a_renamed_target_is_told_with_its_new_name() {
    let project = Project::inline(TARGETS);
    project.write("testdata/fuzz/tests.type/seed", "shakedown v1\ntext: \"\"\nnumber: 0\n");
    let warning = "no target uses testdata/fuzz/tests.type, so its 1 file is not run; if the target was \
                   renamed to `tests.typed`, rename the folder";
    project.shakedown(&["list"]).exits(0).says(warning);
    project.shakedown(&["fuzz", "bytes", "--execs=10"]).says(warning);
}

#[test]
fn an_export_has_the_seeds_of_the_attribute_and_a_wrong_import_is_told_once() {
    let project = Project::inline(TARGETS);
    project.shakedown(&["corpus", "export", "typed", "out"]).exits(0).says("1 file written");
    for name in ["a", "b", "c"] {
        project.write(format!("other/{name}"), format!("shakedown v1\nops: [{name}]\n"));
    }
    let run = project.shakedown(&["corpus", "import", "typed", "other"]).exits(2);
    let run = run.says("0 new entries").says("3 skipped");
    let warnings: Vec<_> = run.stderr.lines().filter(|line| line.contains("warning: ")).collect();
    assert_eq!(warnings.len(), 1, "{}", run.stderr);
    let reason = "other/a:2:1: the target has no argument `ops`, only `text`, `number`: ";
    assert!(warnings[0].contains(reason) && warnings[0].ends_with("(and in 2 more files)"));
}

#[test]
fn replay_tells_what_became_of_every_file() {
    let project = Project::inline(TARGETS);
    project.write("in/fine", "shakedown v1\ntext: \"\"\nnumber: 5\n");
    project.write("in/unwanted", "shakedown v1\ntext: \"\"\nnumber: 13\n");
    project.write("failing", "shakedown v1\ntext: \"x\"\nnumber: 1001\n");
    let run = project.shakedown(&["replay", "typed", "in"]).exits(0);
    outcomes(&run, &["in/fine: ok", "in/unwanted: rejected"]);
    let run = project.shakedown(&["replay", "tests::typed", "failing", "in/fine"]).exits(1);
    let failing = "failing: panic: too big, 1 bytes";
    outcomes(&run, &[failing, "  at src/lib.rs:10:9", "in/fine: ok"]);
    let printed: Vec<_> = run.stderr.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(printed, ["number is 1001", "number is 5"], "nothing of the test harness");

    for (name, content) in [("1", "calm"), ("2", "oh!"), ("3", "calm again")] {
        project.write(format!("raw/{name}"), content);
    }
    let run = project.shakedown(&["replay", "bytes", "raw"]).exits(1);
    outcomes(&run, &["raw/1: ok", "raw/2: abort: ", "raw/3: ok"]);

    project.write("malformed", "shakedown v1\nnumber: x\n");
    let run = project.shakedown(&["replay", "typed", "in/fine", "malformed"]).exits(2);
    run.says("malformed:2:9: ");
}

/// Demands lines that begin like this, in this order.
#[track_caller]
fn outcomes(run: &Run, expected: &[&str]) {
    let mut lines = run.stdout.lines();
    for start in expected {
        assert!(lines.any(|line| line.starts_with(start)), "no {start}:\n{}", run.stdout);
    }
}

#[test]
fn minimize_makes_failing_and_deadly_inputs_small() {
    let project = Project::inline(TARGETS);
    project.write("big", "shakedown v1\ntext: \"a long story\"\nnumber: 4000000000\n");
    let run = project.shakedown(&["minimize", "typed", "big"]).exits(0);
    let [finding] = &project.testdata("tests::typed")[..] else { panic!("one finding") };
    assert_eq!(run.stdout.trim_end(), finding.to_string_lossy());
    let text = std::fs::read_to_string(finding).expect("it is text");
    assert!(text.ends_with("\ntext: \"\"\nnumber: 1001\n"), "{text}");
    assert!(text.contains("// panic"), "it says what it shows: {text}");

    project.write("deadly", "so much to say! so little time");
    let deadly = ["minimize", "bytes", "deadly", "--output", "small", "--minimize-time", "20s"];
    project.shakedown(&deadly).exits(0);
    assert_eq!(project.read("small"), "!");
    assert_eq!(project.testdata("tests::bytes").len(), 0, "it is where it was asked for");

    project.write("fine", "fine");
    project.shakedown(&["minimize", "bytes", "fine"]).exits(2).says("fine does not fail");
}

#[test]
fn a_corpus_of_libfuzzer_goes_in_and_out() {
    let project = Project::inline(TARGETS);
    let inputs = ["", "GIF89a", "\0\u{1}\u{2}"];
    for (index, input) in inputs.iter().enumerate() {
        project.write(format!("theirs/{index}"), input);
    }
    project.write("theirs/deeper/copy", "GIF89a");
    project.write("theirs/README.md", "of no use");
    let import = ["corpus", "import", "bytes", "theirs"];
    let run = project.shakedown(&import).exits(0);
    assert!(run.stdout.starts_with("3 new entries imported into "), "{}", run.stdout);
    run.says(", 1 already there, 0 skipped");
    project.shakedown(&import).exits(0).says("0 new entries imported");
    assert_eq!(project.entries("tests::bytes").len(), 3);

    let export = ["corpus", "export", "bytes", "ours"];
    project.shakedown(&export).exits(0).says("3 files written to ours, 0 already there");
    let mut exported: Vec<_> =
        contents(&project.path("ours")).into_iter().map(|(_, content)| content).collect();
    exported.sort();
    let mut expected = inputs.map(|input| input.as_bytes().to_vec());
    expected.sort();
    assert_eq!(exported, expected, "as they came");
    project.shakedown(&export).exits(0).says("0 files written to ours, 3 already there");
    let occupied = ["corpus", "export", "bytes", "src"];
    project.shakedown(&occupied).exits(2).says("holds `lib.rs`, which no export wrote");
    assert_eq!(files(&project.path("src")).len(), 1);
    let missing = ["corpus", "import", "bytes", "missing"];
    project.shakedown(&missing).exits(2).says("cannot read missing: No such file");
}

#[test]
fn typed_entries_are_imported_shown_counted_and_cleaned() {
    let project = Project::inline(TARGETS);
    project.write("in/one", "shakedown v1\ntext: \"one\\n\"\nnumber: 0x1\n");
    project.write("in/bad", "no such thing");
    let import = ["corpus", "import", "typed", "in"];
    let run = project.shakedown(&import).exits(0).says("1 new entry imported").says("1 skipped");
    run.says("warning: in/bad:1:1: ");
    project.shakedown(&["corpus", "import", "typed", "in/bad"]).exits(2).says("in/bad:1:1: ");

    let [entry] = &project.entries("tests::typed")[..] else { panic!("one entry") };
    let shown = format!("// {}\ntext: \"one\\n\"\nnumber: 1\n", entry.display());
    assert_eq!(project.shakedown(&["corpus", "show", "typed"]).exits(0).stdout, shown);
    let name = entry.file_name().expect("a name").to_string_lossy();
    let show = ["corpus", "show", "typed", &name[..4]];
    assert_eq!(project.shakedown(&show).exits(0).stdout, shown);
    let show = ["corpus", "show", "typed", "in/one"];
    assert!(project.shakedown(&show).exits(0).stdout.starts_with("// in/one\n"));
    let show = ["corpus", "show", "typed", "0000"];
    project.shakedown(&show).exits(2).says("no entry and no file `0000`");

    project.write("testdata/fuzz/tests.typed/seed", "shakedown v1\ntext: \"\"\nnumber: 0\n");
    let run = project.shakedown(&["corpus", "stats", "typed", "--json"]).exits(0);
    let [line] = &run.json()[..] else { panic!("one target") };
    let count = |what: &str| line[what]["files"].clone();
    assert_eq!([count("seeds"), count("findings"), count("entries")], [1, 0, 1].map(Value::from));

    std::fs::write(entry.with_file_name("bad"), "bad").expect("the cache can be written");
    let told = |text: &str| format!("{text} {}, ", entry.parent().expect("a folder").display());
    let dry = project.shakedown(&["corpus", "clean", "--bad", "--dry-run"]).exits(0);
    dry.says(&told("tests::typed: 2 files (40 bytes) would be removed from"));
    assert_eq!(project.entries("tests::typed").len(), 2);
    let run = project.shakedown(&["corpus", "clean"]).exits(0);
    run.says(&told("tests::typed: 1 file (37 bytes) removed from")).says("1 kept");
    assert_eq!(project.entries("tests::typed"), [entry.with_file_name("bad")]);
    project.shakedown(&["corpus", "clean", "--bad"]).exits(0).says("1 file (3 bytes) removed");
    assert!(project.entries("tests::typed").is_empty());
    assert_eq!(project.testdata("tests::typed").len(), 1, "seeds stay");
}
